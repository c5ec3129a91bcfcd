// A week to paint. Without this file the plain fields below it are the whole form; with it they wait behind "Write the times
// instead", and while they are open they count. What is painted lies in one hidden input as [{at, cost}], to the quarter hour.
const QUARTERS = 96;
const CELL = 2; // quarter hours in one square
const COST = { free: 0, must: 2, none: null };
const clockOf = (quarter) => `${String(Math.floor(quarter / 4)).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`;
const quarterOf = (text) => Number(text.slice(0, 2)) * 4 + Number(text.slice(3)) / 15;
const toneOf = (cost) => (cost === null ? "none" : cost === 0 ? "free" : "must");
const fill = (text, given) => text.replace(/%\((\w+)\)s/g, (_, name) => given[name]);

function spoken(quarter) {
  const hour = Math.floor(quarter / 4) % 24;
  return `${hour % 12 || 12}:${clockOf(quarter).slice(3)} ${hour >= 12 ? "pm" : "am"}`;
}

class Week {
  constructor(costs) {
    this.costs = costs;
  }
  static read(text, codes) {
    const costs = codes.map(() => Array(QUARTERS).fill(null));
    for (const { at, cost } of JSON.parse(text || "[]")) {
      const [day, times] = at.split(" ");
      const [from, to] = times.split("-").map(quarterOf);
      costs[codes.indexOf(day)].fill(cost ?? 0, from, to);
    }
    return new Week(costs);
  }
  copy() {
    return new Week(this.costs.map((day) => [...day]));
  }
  same(other) {
    return this.costs.every((day, n) => day.every((cost, q) => cost === other.costs[n][q]));
  }
  spans(day, of = (cost) => cost) {
    const found = [];
    this.costs[day].forEach((cost, q) => {
      const kind = of(cost);
      if (kind === null) return;
      const last = found.at(-1);
      if (last && last.to === q && last.kind === kind) last.to = q + 1;
      else found.push({ from: q, to: q + 1, kind });
    });
    return found;
  }
  text(codes) {
    const all = codes.flatMap((code, n) => this.spans(n).map((s) => ({ at: `${code} ${clockOf(s.from)}-${clockOf(s.to)}`, cost: s.kind })));
    return JSON.stringify(all);
  }
  cell(day, row) {
    const [first, second] = this.costs[day].slice(row * CELL, row * CELL + CELL).map(toneOf);
    return first === second ? first : "part";
  }
  paint(days, rows, tone) {
    for (const day of days) this.costs[day].fill(COST[tone], rows[0] * CELL, (rows[1] + 1) * CELL);
  }
}

// Words for a week: "Free: Monday to Friday 5:00 to 9:15 pm."
function dayWords(days, words) {
  const runs = [];
  for (const day of days) {
    if (runs.length && runs.at(-1).at(-1) === day - 1) runs.at(-1).push(day);
    else runs.push([day]);
  }
  const names = runs.flatMap((run) => run.length > 2
    ? [fill(words.span, { first: words.days[run[0]], last: words.days[run.at(-1)] })] : run.map((day) => words.days[day]));
  return listed(names, words);
}
function listed(names, words) {
  return names.length < 2 ? names.join("") : fill(words.two, { first: names.slice(0, -1).join(", "), last: names.at(-1) });
}
function toneWords(week, tone, words) {
  const byTimes = new Map();
  words.codes.forEach((_, day) => {
    const times = week.spans(day, (cost) => (toneOf(cost) === tone ? tone : null));
    const said = listed(times.map((s) => fill(words.span, { first: spoken(s.from), last: spoken(s.to) })), words);
    if (said) byTimes.set(said, [...(byTimes.get(said) ?? []), day]);
  });
  const parts = [...byTimes].map(([said, days]) => `${dayWords(days, words)} ${said}`);
  return parts.length ? fill(words[tone], { times: parts.join("; ") }) : "";
}
function summary(week, words) {
  const free = week.costs.flat().filter((cost) => cost !== null).length / 4;
  const said = ["free", "must"].map((tone) => toneWords(week, tone, words)).filter(Boolean);
  return said.length ? [...said, fill(words.hours, { n: free.toLocaleString(document.documentElement.lang) })].join(" ") : words.nothing;
}

class Painter {
  constructor(root) {
    this.root = root;
    this.words = JSON.parse(root.dataset.words);
    this.fills = JSON.parse(root.dataset.fills);
    this.input = root.querySelector("input[type=hidden]");
    this.box = root.querySelector("[data-paint-box]");
    this.said = root.querySelector("[data-paint-said]");
    this.plain = root.querySelector("[data-paint-plain]");
    this.week = Week.read(this.input.value, this.words.codes);
    this.done = [];
    this.brush = "free";
    this.at = { day: 0, row: 36 };
    this.build();
    this.listen();
    root.dataset.ready = "";
    this.plain.open = root.dataset.mode === "plain";
    this.turn();
    this.show();
  }

  // ---- drawing ----
  build() {
    const table = document.createElement("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", this.root.closest("fieldset")?.querySelector("legend")?.textContent.trim() || this.words.hour);
    table.className = "paint-grid";
    const head = table.createTHead().insertRow();
    head.append(this.header("columnheader", this.words.hour, "sr-only"), ...this.words.days.map((day, n) => this.header("columnheader", day, "", this.words.short[n])));
    const body = table.createTBody();
    for (let row = 0; row < QUARTERS / CELL; row += 1) this.line(body.insertRow(), row);
    this.table = table;
    this.cells = [...body.rows].map((line) => [...line.querySelectorAll("td")]);
    this.root.querySelector("[data-paint-grid]").append(table);
    const used = this.week.costs.flatMap((day) => day.flatMap((cost, q) => (cost === null ? [] : [Math.floor(q / CELL)])));
    this.range(Math.min(14, ...used), Math.max(43, ...used));
  }
  header(role, text, css = "", short = "") {
    const th = document.createElement("th");
    th.setAttribute("role", role);
    th.scope = role === "rowheader" ? "row" : "col";
    const whole = document.createElement("span");
    whole.textContent = text;
    whole.className = short ? "sr-only" : css;
    th.append(whole);
    if (short) th.append(Object.assign(document.createElement("span"), { textContent: short, ariaHidden: "true" }));
    return th;
  }
  line(tr, row) {
    tr.append(this.header("rowheader", spoken(row * CELL), row % 2 ? "sr-only" : ""));
    this.words.days.forEach((_, day) => {
      const cell = tr.insertCell();
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = -1;
      cell.dataset.day = day;
      cell.dataset.row = row;
    });
  }
  range(first, last) {
    [this.first, this.last] = [first, last];
    this.cells.forEach((line, row) => { line[0].parentElement.hidden = row < first || row > last; });
    this.at.row = Math.min(Math.max(this.at.row, first), last);
    this.root.querySelector('[data-fill="hours"]').parentElement.hidden = first === 0 && last === QUARTERS / CELL - 1;
  }
  show() {
    this.cells.forEach((line, row) => line.forEach((cell, day) => {
      const tone = this.week.cell(day, row);
      if (cell.dataset.tone === tone) return;
      cell.dataset.tone = tone;
      cell.setAttribute("aria-label", `${this.words.days[day]} ${spoken(row * CELL)}, ${this.words.tones[tone]}`);
    }));
    this.input.value = this.week.text(this.words.codes);
    this.said.textContent = summary(this.week, this.words);
    this.root.querySelector('[data-fill="undo"]').disabled = !this.done.length;
    this.here();
  }
  here() {
    this.table.querySelector('td[tabindex="0"]')?.setAttribute("tabindex", "-1");
    this.cells[this.at.row][this.at.day].tabIndex = 0;
    this.root.querySelector('[data-fill="clear"]').textContent = fill(this.words.clear, { day: this.words.days[this.at.day] });
  }

  // ---- changing ----
  change(paint) {
    const before = this.week.copy();
    paint(this.week);
    this.keep(before);
  }
  keep(before) {
    if (!before.same(this.week)) {
      this.done.push(before);
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.show();
  }
  undo() {
    const before = this.done.pop();
    if (!before) return;
    this.week = before;
    this.show();
    this.said.textContent = `${this.words.undone} ${this.said.textContent}`;
  }
  stretch(to) {
    const { from, before, tone } = this.drawing;
    const [days, rows] = [[from.day, to.day], [from.row, to.row]].map((pair) => pair.sort((a, b) => a - b));
    this.week = before.copy();
    this.week.paint(Array.from({ length: days[1] - days[0] + 1 }, (_, n) => days[0] + n), rows, tone);
    this.at = to;
    this.show();
  }
  begin(tone) {
    this.drawing = { from: { ...this.at }, before: this.week.copy(), tone };
  }
  end() {
    if (!this.drawing) return;
    const { before } = this.drawing;
    this.drawing = null;
    this.keep(before);
  }
  toggle(at) {
    return this.week.cell(at.day, at.row) === this.brush ? "none" : this.brush;
  }
  quick(name) {
    const tone = this.brush === "none" ? "free" : this.brush;
    const weekdays = [0, 1, 2, 3, 4];
    const does = {
      evenings: (week) => this.stretchOf(week, weekdays, this.fills.evenings, tone),
      mornings: (week) => this.stretchOf(week, weekdays, this.fills.mornings, tone),
      copy: (week) => { for (const day of weekdays.slice(1)) week.costs[day] = [...week.costs[0]]; },
      clear: (week) => week.costs[this.at.day].fill(null),
    };
    if (does[name]) this.change(does[name]);
    if (name === "undo") this.undo();
    if (name === "hours") this.range(0, QUARTERS / CELL - 1);
  }
  stretchOf(week, days, [from, to], tone) {
    for (const day of days) week.costs[day].fill(COST[tone], quarterOf(from), quarterOf(to));
  }

  // ---- hearing ----
  listen() {
    this.root.addEventListener("click", (event) => {
      const { brush, fill: name } = event.target.closest("button")?.dataset ?? {};
      if (brush) this.take(brush);
      if (name) this.quick(name);
    });
    this.plain.addEventListener("toggle", () => this.turn());
    this.table.addEventListener("keydown", (event) => this.key(event));
    this.table.addEventListener("keyup", (event) => { if (event.key === "Shift") this.end(); });
    this.table.addEventListener("focusout", (event) => { if (!this.table.contains(event.relatedTarget) && !this.pointer) this.end(); });
    this.table.addEventListener("pointerdown", (event) => this.press(event));
    this.table.addEventListener("pointermove", (event) => this.draw(event));
    this.table.addEventListener("pointerup", () => this.lift());
    this.table.addEventListener("pointercancel", () => this.lift(true));
  }
  take(brush) {
    this.brush = brush;
    for (const each of this.root.querySelectorAll("[data-brush]")) each.setAttribute("aria-pressed", each.dataset.brush === brush);
  }
  turn() {
    this.input.disabled = this.plain.open;
    this.box.hidden = this.plain.open;
    for (const each of this.plain.querySelectorAll("input, select, button")) each.disabled = !this.plain.open;
  }
  placed(cell) {
    return { day: Number(cell.dataset.day), row: Number(cell.dataset.row) };
  }
  press(event) {
    const cell = event.target.closest("td");
    if (!cell || event.button !== 0 || this.pointer) return;
    event.preventDefault();
    this.pointer = { id: event.pointerId };
    this.table.setPointerCapture(event.pointerId);
    this.at = this.placed(cell);
    cell.focus({ preventScroll: true });
    this.begin(this.toggle(this.at));
    this.stretch({ ...this.at });
  }
  draw(event) {
    if (event.pointerId !== this.pointer?.id) return;
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest?.("td[role=gridcell]");
    if (cell && this.table.contains(cell)) this.stretch(this.placed(cell));
  }
  lift(cancelled = false) {
    if (!this.pointer) return;
    this.pointer = null;
    if (cancelled && this.drawing) this.week = this.drawing.before.copy();
    this.end();
  }
  key(event) {
    const cell = event.target.closest("td");
    if (!cell) return;
    this.at = this.placed(cell);
    const [days, rows] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-7, 0], End: [7, 0], PageUp: [0, -4], PageDown: [0, 4] }[event.key] ?? [0, 0];
    if (days || rows) this.step(days, rows, event.shiftKey);
    else if (event.key === " " || event.key === "Enter") this.change((week) => week.paint([this.at.day], [this.at.row, this.at.row], this.toggle(this.at)));
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) this.undo();
    else return;
    event.preventDefault();
  }
  step(days, rows, painting) {
    if (painting && !this.drawing) this.begin(this.brush);
    if (!painting) this.end();
    const clamp = (n, low, high) => Math.min(Math.max(n, low), high);
    const to = { day: clamp(this.at.day + days, 0, 6), row: clamp(this.at.row + rows, this.first, this.last) };
    if (painting) this.stretch(to);
    this.at = to;
    this.here();
    this.cells[to.row][to.day].focus();
  }
}

for (const root of document.querySelectorAll("[data-week-paint]")) new Painter(root);

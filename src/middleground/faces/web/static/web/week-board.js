// Moving a group on the board: by pointer, or focused by "m" and the arrow keys. Where it would go is asked of the server, which
// answers with the plain form and what would break; dropping sends that form. Without this file the form has a page of its own.
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const QUARTER = 15;
const WAIT = 120; // milliseconds an aim stands still before the server is asked
const LIFT = 6; // pixels before a press is a drag
const HOLD = 350; // milliseconds a finger holds a group before it goes along
const [EDGE, STEP] = [48, 12]; // pixels: so near the edge of the window the page goes along, so much each frame

const board = document.querySelector("[data-board]");
const panel = document.querySelector("[data-move]");
const clockOf = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const minuteOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const spoken = (minute) => `${Math.floor(minute / 60) % 12 || 12}:${clockOf(minute).slice(3)} ${minute >= 720 ? "pm" : "am"}`;

class Move {
  constructor(block) {
    this.block = block;
    this.minutes = Number(block.dataset.minutes);
    this.day = Number(block.closest("[data-day]").dataset.day);
    this.start = Number(block.dataset.start);
    this.began = `${this.day} ${this.start}`;
    this.ghost = document.createElement("li");
    this.ghost.className = "block ghost";
    this.asked = panel.querySelector("[data-asked]");
    this.answer = Promise.resolve();
    panel.querySelector("h2").textContent = `Move ${block.dataset.name}`;
    panel.hidden = false;
    this.say("");
    block.classList.add("lifted");
    this.ask({});
  }
  get form() {
    return this.asked.querySelector("form");
  }
  say(words, more = "") {
    const said = panel.querySelector("[data-said]");
    const rest = document.createElement("span");
    rest.className = "sr-only";
    rest.textContent = ` ${more}`;
    said.replaceChildren(words, rest);
  }
  aim(day, start) {
    const last = Number(board.dataset.last) - Math.ceil(this.minutes / QUARTER) * QUARTER;
    const to = [clamp(day, 0, 6), clamp(Math.round(start / QUARTER) * QUARTER, Number(board.dataset.first), last)];
    if (to[0] === this.day && to[1] === this.start && this.ghost.isConnected) return;
    [this.day, this.start] = to;
    this.show();
    this.say(`${DAYS[this.day]} ${spoken(this.start)}`);
    this.later();
  }
  show() {
    const lane = board.querySelector(`[data-day="${this.day}"]`);
    const row = (this.start - Number(board.dataset.first)) / QUARTER;
    this.ghost.className = `block ghost at-${Math.floor(row)} span-${Math.ceil(this.minutes / QUARTER)}`;
    this.ghost.textContent = `${this.block.dataset.name} ${spoken(this.start)}`;
    lane.append(this.ghost);
    panel.classList.toggle("aside", this.day > 2);
  }
  later() {
    clearTimeout(this.timer);
    this.timer = null;
    this.answer = new Promise((done) => {
      this.timer = setTimeout(() => this.ask(this.place()).then(done), WAIT);
    });
  }
  place() {
    const place = { weekday: this.day, start_time: clockOf(this.start) };
    for (const name of ["room", "leader", "since", "seen"]) if (this.form) place[name] = this.form.elements[name].value;
    return place;
  }
  async ask(place) {
    this.stop?.abort();
    this.stop = new AbortController();
    try {
      const answer = await fetch(`${this.block.dataset.preview}?${new URLSearchParams(place)}`, { signal: this.stop.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.put(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") this.say("The board can't be reached. Nothing was changed.");
    }
  }
  put(html) {
    const within = this.asked.contains(document.activeElement) ? document.activeElement.name : "";
    this.asked.innerHTML = html;
    if (within) this.form.elements[within]?.focus();
    if (this.form.hasAttribute("data-same")) return;
    const lines = [...this.asked.querySelectorAll(".move-breaks li")].map((each) => each.textContent);
    const blocked = this.form.hasAttribute("data-blocked");
    this.ghost.classList.toggle("blocked", blocked);
    this.ghost.classList.toggle("minded", !blocked && lines.length > 0);
    const verdict = blocked ? "Can't be booked" : lines.length ? `${lines.length} thing${lines.length > 1 ? "s" : ""} would break` : "Nothing breaks";
    this.say(`${DAYS[this.day]} ${spoken(this.start)}: ${verdict}.`, lines.join(" "));
  }
  typed() {
    this.day = Number(this.form.elements.weekday.value);
    this.start = minuteOf(this.form.elements.start_time.value || clockOf(this.start));
    this.show();
    this.later();
  }
  next(name) {
    const choice = this.form?.elements[name];
    if (!choice) return;
    choice.selectedIndex = (choice.selectedIndex + 1) % choice.options.length;
    this.show();
    this.later();
    this.say(choice.selectedOptions[0].textContent);
  }
  async drop() {
    await this.answer;
    if (!this.form || this.form.hasAttribute("data-same")) return leave();
    if (this.form.hasAttribute("data-blocked")) return this.say(`It can't be dropped here. ${panel.querySelector(".move-breaks li").textContent}`);
    this.form.requestSubmit(this.form.querySelector("[data-drop]"));
  }
}

let move = null;
const link = (block) => block.querySelector("h3 a");

function begin(block) {
  leave(false);
  move = new Move(block);
  return move;
}

function leave(focus = true) {
  if (!move) return;
  clearTimeout(move.timer);
  move.stop?.abort();
  move.ghost.remove();
  move.block.classList.remove("lifted");
  document.body.classList.remove("dragging");
  panel.hidden = true;
  if (focus) link(move.block).focus();
  move = null;
}

// ---- keys -----------------------------------------------------------------------------------------------------------------
board?.addEventListener("keydown", (event) => {
  const block = event.target.closest("[data-group]");
  if (!block || event.key !== "m" || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  begin(block);
  panel.querySelector("[data-stage]").focus();
});

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -QUARTER], ArrowDown: [0, QUARTER] };
panel?.querySelector("[data-stage]").addEventListener("keydown", (event) => {
  if (!move || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEPS[event.key];
  if (step) move.aim(move.day + step[0], move.start + step[1] * (event.shiftKey ? 4 : 1));
  else if (event.key === "Enter") move.drop();
  else if (event.key === "r" || event.key === "l") move.next(event.key === "r" ? "room" : "leader");
  else return;
  event.preventDefault();
});
panel?.addEventListener("keydown", (event) => event.key === "Escape" && leave());
panel?.addEventListener("change", () => move?.typed());
panel?.querySelector("[data-leave]").addEventListener("click", () => leave());

// ---- pointer: a mouse drags at once; a finger scrolls the page as anywhere, unless it holds the group for a moment first ---------
let press = null;
const isWide = () => getComputedStyle(board).display === "flex";
const byFinger = () => press && press.type !== "mouse";

board?.addEventListener("pointerdown", (event) => {
  const block = event.target.closest("[data-group]");
  if (!block || event.button || press || !isWide()) return;
  const [x, y] = [event.clientX, event.clientY];
  press = { block, x, y, at: [x, y], inset: y - block.getBoundingClientRect().top, id: event.pointerId, type: event.pointerType };
  if (byFinger()) press.timer = setTimeout(lift, HOLD);
});
board?.addEventListener("dragstart", (event) => event.preventDefault());
board?.addEventListener("contextmenu", (event) => byFinger() && event.preventDefault());
board?.addEventListener("touchmove", (event) => press?.lifted && event.preventDefault(), { passive: false });

function lift() {
  press.lifted = begin(press.block);
  document.body.classList.add("dragging");
  requestAnimationFrame(follow);
}

function letGo() {
  clearTimeout(press?.timer);
  press = null;
  document.body.classList.remove("dragging");
}

addEventListener("pointermove", (event) => {
  if (event.pointerId !== press?.id) return;
  press.at = [event.clientX, event.clientY];
  if (!press.lifted) {
    if (Math.hypot(press.at[0] - press.x, press.at[1] - press.y) < LIFT) return;
    if (byFinger()) return letGo();
    lift();
  }
  carry();
});

function carry() {
  const [x, y] = press.at;
  const days = [...board.querySelectorAll("[data-day]")];
  const over = days.find((each) => x <= each.getBoundingClientRect().right) ?? days.at(-1);
  const quarter = parseFloat(getComputedStyle(days[0]).gridAutoRows);
  const rows = Math.round((y - press.inset - days[0].getBoundingClientRect().top) / quarter);
  if (press.lifted === move) move.aim(Number(over.dataset.day), Number(board.dataset.first) + rows * QUARTER);
}

// Held at the upper or lower edge of the window, the page goes along.
function follow() {
  if (!press?.lifted || press.lifted !== move) return;
  const y = press.at[1];
  const by = y < EDGE ? -STEP : y > innerHeight - EDGE ? STEP : 0;
  if (by) {
    scrollBy({ top: by, behavior: "instant" });
    carry();
  }
  requestAnimationFrame(follow);
}

addEventListener("pointerup", async (event) => {
  if (event.pointerId !== press?.id) return;
  const dropped = press.lifted;
  letGo();
  if (dropped && dropped === move) await dropped.drop();
});
addEventListener("pointercancel", (event) => {
  if (event.pointerId !== press?.id) return;
  if (press.lifted && press.lifted === move) leave(false);
  letGo();
});
// The click that ends a drag must not follow the link under it.
board?.addEventListener("click", (event) => move && event.target.closest("[data-group] a") && event.preventDefault(), true);

// What a page gains when scripts run. Every page works without this file.
const csrfOf = (form) => form.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const words = document.documentElement.dataset;
const keysOff = () => localStorage.getItem("mg-keys") === "off";
const typing = (node) => node.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

// Links and buttons that open a <dialog>: data-dialog="its-id".
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-print]")) window.print();
  for (const open of document.querySelectorAll("details.drop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

for (const node of document.querySelectorAll("[data-scripted]")) node.hidden = false;
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = event.target.closest?.("details.drop[open], details.confirm[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
  if (event.ctrlKey || event.metaKey || event.altKey || keysOff() || typing(event.target)) return;
  const search = [...document.querySelectorAll("input[type=search]")].find((box) => box.checkVisibility?.() ?? true);
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === "?") document.getElementById("shortcuts")?.showModal?.();
});

// Single-key shortcuts can be switched off (WCAG 2.1.4); the choice stays in this browser.
const keys = document.querySelector("[data-keys-toggle]");
if (keys) {
  keys.checked = !keysOff();
  keys.addEventListener("change", () => localStorage.setItem("mg-keys", keys.checked ? "on" : "off"));
}

// Leave at once: replaces this page, so that Back does not return to it.
document.querySelector("[data-quick-exit]")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  location.replace(event.currentTarget.href);
});

// A form is sent once. The server refuses the second copy too (request key); this only saves the wait.
// Forms that answer with a download stay on the page: mark them data-again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || "again" in form.dataset) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  delete form.dataset.changed;
  const button = event.submitter;
  setTimeout(() => button?.setAttribute("aria-busy", "true"));
  if (form.closest("[hx-post], [hx-put]")) delete form.dataset.sent;
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  event.target.querySelectorAll?.("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});

// Drafts: <form data-draft-url="..."> is posted there, a moment after typing stops. Kept on the server, never in the browser.
const timers = new WeakMap();
function statusOf(form) {
  let status = form.querySelector("[data-draft-status]");
  if (!status) {
    status = document.createElement("p");
    status.className = "draft-status";
    status.dataset.draftStatus = "";
    status.setAttribute("role", "status");
    form.append(status);
  }
  return status;
}
async function saveDraft(form) {
  const status = statusOf(form);
  const typed = form.dataset.changed;
  try {
    const answer = await fetch(form.dataset.draftUrl, {
      method: "POST", body: new FormData(form), credentials: "same-origin", keepalive: true,
      headers: { "X-CSRFToken": csrfOf(form), "X-Requested-With": "draft" },
    });
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    if (form.dataset.changed === typed) delete form.dataset.changed;
    const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
    status.textContent = `${words.saved} ${clock}`;
  } catch {
    status.textContent = words.unsaved;
    timers.set(form, setTimeout(saveDraft, 15000, form));
  }
}
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-draft-url], [data-guard]")) return;
  form.dataset.changed = String(performance.now());
  if (!form.dataset.draftUrl) return;
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(saveDraft, 1200, form));
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.querySelectorAll("form[data-draft-url][data-changed]")) {
    clearTimeout(timers.get(form));
    saveDraft(form);
  }
});
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});

// A fragment that did not come: say so where messages are read aloud.
function sayFailed() {
  const notice = document.createElement("div");
  notice.className = "notice tone-danger";
  notice.textContent = words.failed;
  document.getElementById("messages")?.replaceChildren(notice);
}
document.addEventListener("htmx:responseError", sayFailed);
document.addEventListener("htmx:sendError", sayFailed);

// After a refused form, go to the summary of what to put right.
document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-error-summary]")?.focus());

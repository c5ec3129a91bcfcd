// What the companion gains when scripts run: the card without a network, forgetting it on sign-out, a check-in that waits.
const worker = navigator.serviceWorker;
const isClient = document.querySelector("link[rel=manifest]");

if (worker && isClient) worker.register("/me/sw.js", { scope: "/me/" }).catch(() => {});

// Signing out takes the craving card off this phone before the form is sent.
document.querySelector("form[data-forget]")?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.forgot || !("caches" in window)) return;
  event.preventDefault();
  form.dataset.forgot = "yes";
  const names = await caches.keys();
  await Promise.allSettled(names.map((name) => caches.delete(name)));
  const kept = worker ? await worker.getRegistrations() : [];
  await Promise.allSettled(kept.map((each) => each.unregister()));
  form.submit();
}, { capture: true });

// A check-in without a network stays on the page (never in storage) and goes off by itself, with the time it was made.
const waiting = document.querySelector("form[data-keep-trying]");
waiting?.addEventListener("submit", (event) => {
  if (navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting.elements.happened_at.value ||= new Date().toISOString();
  waiting.querySelector("[data-status]").textContent = waiting.dataset.offline;
  addEventListener("online", () => waiting.requestSubmit(), { once: true });
}, { capture: true });

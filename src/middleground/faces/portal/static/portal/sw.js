// Keeps one page of a client's for when there is no network: the craving card, its styles, and a page that says so.
// Nothing else of a client is kept in the browser. A page that sends us away (signed out) empties what was kept.
const KEPT = "craving-card-1";
const CARD = "/me/craving/";
const OFFLINE = "/me/offline/";
const ASSET = /(?:href|src)="(\/static\/[^"]+)"/g;

const forget = () => caches.delete(KEPT);

async function keep(page) {
  const answer = await fetch(page, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const html = await answer.clone().text();
  const kept = await caches.open(KEPT);
  await kept.put(page, answer);
  const assets = [...html.matchAll(ASSET)].map((found) => found[1]);
  await Promise.allSettled(assets.map((asset) => kept.add(asset)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.allSettled([keep(CARD), keep(OFFLINE)]).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(forget());
});

async function visit(request) {
  const path = new URL(request.url).pathname;
  try {
    const answer = await fetch(request);
    if (answer.type === "opaqueredirect") await forget();
    else if (path === CARD && answer.ok) await (await caches.open(KEPT)).put(CARD, answer.clone());
    return answer;
  } catch (gone) {
    const kept = await caches.open(KEPT);
    const page = (path === CARD && (await kept.match(CARD))) || (await kept.match(OFFLINE));
    if (page) return page;
    throw gone;
  }
}

async function asset(request) {
  try {
    return await fetch(request);
  } catch (gone) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw gone;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith("/me/")) event.respondWith(visit(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request));
});

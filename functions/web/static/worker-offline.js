// The worker's pages without a network, and again before it answers (a service worker): the files of one deployment,
// kept as a set, so that an old page never meets a new script. The API is never kept here.

const HERE = self.location.href;
const FILES = HERE.slice(0, HERE.lastIndexOf("/") + 1);
const ROOT = HERE.slice(0, HERE.lastIndexOf("/static/") + 1);
const KEPT = `daycover ${FILES}`;
const PAGES = { me: `${ROOT}me`, s: `${ROOT}s/code` }; // the page is the same whatever the code is
const NAMES = [
  "style.css", "client.js", "page.js", "worker-cover.js", "worker.js", "worker-check-in.js", "worker-claims.js", "worker-designation.js", "worker-documents.js",
  "worker-family.js", "worker-home.js", "worker-payments.js", "worker-policies.js", "worker-referral.js",
  "files.js", "notices.js", "patience.js", "photos.js", "place.js", "shares.js", "wechat.js", "words.js",
];

self.addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (url.startsWith(FILES)) event.respondWith(keptOr(event.request, event.request));
  else if (mode === "navigate" && pageOf(url)) {
    event.respondWith(keptOr(pageOf(url), event.request));
    event.waitUntil(compare(pageOf(url)));
  }
});

const pageOf = (url) => {
  const [path] = url.slice(ROOT.length).split(/[?#]/);
  return path === "me" ? PAGES.me : /^s\/[^/]+\/?$/.test(path) ? PAGES.s : null;
};

async function keepAll() {
  const kept = await caches.open(KEPT);
  await kept.addAll([...NAMES.map((name) => FILES + name), ...Object.values(PAGES)].map((url) => new Request(url, { cache: "no-cache" })));
}

async function forgetOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("daycover ") && name !== KEPT).map((name) => caches.delete(name)));
}

async function keptOr(key, request) {
  const kept = await caches.open(KEPT);
  return (await kept.match(key, { ignoreVary: true })) ?? fetch(request);
}

/** A page that names the files of another deployment: this set has had its day, and the next visit gets the new one. */
async function compare(page) {
  const answer = await fetch(page, { cache: "no-cache" }).catch(() => null); // no network: what is kept serves
  if (!answer?.ok) return;
  if ((await answer.text()).includes(`/static/${FILES.split("/").slice(-2)[0]}/`)) return;
  await self.registration.unregister();
  await caches.delete(KEPT);
}

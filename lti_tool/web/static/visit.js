// How a page speaks with the server: as browsers do, or, where no cookie is kept, with a secret in this document's memory.
//
// With a secret no link may leave the document, as the memory would be gone: links and forms are fetched, the secret in a
// header, and the page that comes takes the place of the one that is shown. Addresses, Back, titles, focus and files
// behave as they always do. A page's scripts import this module and need not know which way it is.

const OURS = /^\/(learn|teach|lti)\//;
const SLOW = 250; // milliseconds until a page that takes its time says so

let secret = ""; // empty while the browser's own cookie says who it is
let trouble = null; // what to show when there is no connection: words from the page that began
let leaving = new AbortController();
let trip = null; // the page that is on its way
let shown = location.pathname + location.search;
let kind = performance.getEntriesByType("navigation")[0]?.type ?? "navigate";
let count = 0;

/** `fetch`, by the one whose page this is. */
export function send(url, options = {}) {
  return secret ? fetch(url, { ...options, headers: { ...options.headers, Authorization: `Bearer ${secret}` } }) : fetch(url, options);
}

/** Ends when this page is left: for listeners on the window and whatever else would outlive it. */
export const left = () => leaving.signal;

/** How somebody came here: navigate, reload or back_forward. */
export const arrival = () => kind;

export function go(url) {
  if (secret) travel(new URL(url, location.href));
  else location.assign(url);
}

export function reload() {
  if (secret) travel(new URL(location.href), { entry: "replaceState", how: "reload" });
  else location.reload();
}

/** From now on this document keeps the secret, and every page comes into it. */
export function begin(found, words) {
  [secret, trouble] = [found, words];
  history.scrollRestoration = "manual";
}

async function travel(url, { method = "GET", body, entry = "pushState", how = "navigate", top = 0 } = {}) {
  trip?.abort();
  const mine = (trip = new AbortController());
  const slow = setTimeout(() => document.body.setAttribute("aria-busy", "true"), SLOW);
  const again = () => travel(url, { method, body, entry, how, top });
  try {
    const answer = await send(url, { method, body, headers: { Accept: "text/html" }, signal: mine.signal });
    if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return await save(answer);
    const text = await answer.text();
    // The first page takes the place of the one that looked for the secret.
    await show(text, new URL(url.hash, answer.url), { entry: count ? entry : "replaceState", how, top });
  } catch {
    if (!mine.signal.aborted) offer(again);
  } finally {
    clearTimeout(slow);
    if (trip === mine) {
      trip = null;
      document.body.removeAttribute("aria-busy");
    }
  }
}

async function show(text, url, { entry, how, top }) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  leaving.abort();
  leaving = new AbortController();
  if (entry) {
    history.replaceState({ top: scrollY }, "");
    history[entry](null, "", url);
  }
  kind = how;
  shown = url.pathname + url.search;
  document.title = fresh.title;
  document.documentElement.lang = fresh.documentElement.lang;
  document.documentElement.dir = fresh.documentElement.dir;
  document.body.replaceChildren(...fresh.body.childNodes);
  arrive(url.hash, top);
  count += 1;
  // A module runs once for each address; with another fragment it is another one, and comes from the cache.
  // Of the head alone, which our layouts write: no nonce is asked for here, so nothing in a body may name a script.
  const sources = [...fresh.head.querySelectorAll("script[type=module][src]")].map(script => script.getAttribute("src"));
  for (const source of sources) await import(`${source}#${count}`).catch(() => {}); // Each page works without, too.
}

/** As on a page that was just loaded, but said aloud, which nothing else would do here. */
function arrive(hash, top) {
  const place = hash && document.getElementById(hash.slice(1)); // Our own ids need no escaping.
  const title = place || document.querySelector("main h1");
  if (title) {
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
  if (place) place.scrollIntoView();
  else scrollTo(0, top);
}

async function save(answer) {
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1] ?? "file";
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function offer(again) {
  document.dispatchEvent(new Event("stayed"));
  document.querySelector("[data-trouble]")?.remove();
  const note = trouble.content.firstElementChild.cloneNode(true);
  note.querySelector("button").addEventListener("click", () => {
    note.remove();
    again();
  });
  document.querySelector("main").prepend(note);
  note.scrollIntoView({ block: "nearest" });
}

const elsewhere = (target, url) => (target && target !== "_self") || url.origin !== location.origin || !OURS.test(url.pathname);

// On the window, so that a page's own listeners come first.
addEventListener("click", event => {
  const link = event.target.closest?.("a[href]");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!secret || !link || !plain || event.defaultPrevented) return;
  const url = new URL(link.href);
  const within = url.hash && url.pathname + url.search === shown;
  if (within || link.download || elsewhere(link.target, url)) return;
  event.preventDefault();
  travel(url);
});

addEventListener("submit", event => {
  const [form, by] = [event.target, event.submitter];
  if (!secret || event.defaultPrevented) return;
  const url = new URL(by?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
  if (elsewhere(by?.getAttribute("formtarget") ?? form.getAttribute("target"), url)) return;
  event.preventDefault();
  const fields = new FormData(form, by);
  if (form.getAttribute("method")?.toLowerCase() !== "post") {
    url.search = new URLSearchParams(fields);
    return travel(url);
  }
  travel(url, { method: "POST", body: form.enctype === "multipart/form-data" ? fields : new URLSearchParams(fields) });
});

// Where somebody is on a page is noted while they are there: once they have gone Back, the entry is another one.
let resting = 0;
addEventListener("scroll", () => {
  clearTimeout(resting);
  if (!secret || trip) return;
  resting = setTimeout(() => {
    if (!trip && location.pathname + location.search === shown) history.replaceState({ top: scrollY }, "");
  }, 100);
});

addEventListener("popstate", event => {
  if (!secret || location.pathname + location.search === shown) return;
  travel(new URL(location.href), { entry: null, how: "back_forward", top: event.state?.top ?? 0 });
});

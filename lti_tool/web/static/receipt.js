// Waits for what happens elsewhere: the LMS that takes a grade, the worker that draws a certificate.
// Every 2 seconds for a minute, then less and less often; not at all while nobody looks.

import { left, reload, send } from "./visit.js";

const region = document.querySelector("[data-poll]");
const gone = left();
const begun = Date.now();
let pause = 2000;
let shown = region?.innerHTML.trim(); // As the server wrote it: this module runs before page.js changes the times.

async function look() {
  if (gone.aborted) return;
  if (document.hidden) return again();
  let told;
  try {
    const answer = await send(region.dataset.poll, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(15000),
    });
    if (answer.status === 401 || answer.status === 403) return; // The session has ended: nothing more will come.
    told = answer.ok ? await answer.json() : {};
  } catch {
    told = {};
  }
  if (typeof told.html === "string") swap(told.html);
  if (!told.settled) again();
  else if (told.html === undefined) renew().catch(again);
}

/** The certificate is there: its part of the page is made anew, and whoever reads or tabs there keeps their place. */
async function renew() {
  const answer = await send(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(15000) });
  if (!answer.ok) return reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = document.querySelector("[data-part]");
  const held = part.contains(document.activeElement) ? document.activeElement : null;
  part.replaceChildren(...fresh.querySelector("[data-part]").childNodes);
  document.title = fresh.title;
  const title = part.querySelector("h1");
  if (held) {
    title.tabIndex = -1;
    const same = [...part.querySelectorAll(held.localName)].find(one => one.outerHTML === held.outerHTML);
    (same ?? title).focus({ preventScroll: true });
  }
  document.querySelector("[data-spoken]").textContent = title.textContent;
  document.dispatchEvent(new Event("swapped"));
}

function swap(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html.trim();
  // The same words again would be read aloud again.
  if (fresh.innerHTML === shown) return;
  shown = fresh.innerHTML;
  region.replaceChildren(fresh.content);
  document.dispatchEvent(new Event("swapped"));
}

function again() {
  if (Date.now() - begun > 60000) pause = Math.min(pause * 1.5, 60000);
  setTimeout(look, pause);
}

if (region) setTimeout(look, 1000);

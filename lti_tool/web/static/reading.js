// Remembers where somebody reads: the block nearest the top of what is seen, once it has rested there for a second.
// A frame may be as tall as its page and scroll with the LMS; intersections are counted against the real window even so.

import { arrival, left, send } from "./visit.js";

const page = document.querySelector("[data-page]");
const place = document.querySelector("form [name=block]");
const token = document.querySelector("[name=csrf_token]").value;
let told = Number(page.dataset.block);
let here = told;
let done = false;
let toldDone = false;
let atEnd = false;
let timer;

// A strip of a block that is nearly gone is not what is read, and the bar on top may cover it.
const STRIP = 100;
const views = new Map();
const blocks = new IntersectionObserver(entries => {
  for (const entry of entries) views.set(Number(entry.target.dataset.b), entry);
  const shown = [...views].filter(([, view]) => view.isIntersecting).sort(([one], [other]) => one - other);
  const read = shown.find(([, view]) => view.intersectionRect.height > STRIP || view.intersectionRatio > 0.95);
  [here] = read ?? shown[0] ?? [here];
  place.value = here; // The form that goes on carries it too.
  rest();
}, { threshold: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] });

// The end must stay in view for a second like everything else: flying past it is not reading.
const end = new IntersectionObserver(([entry]) => {
  atEnd = entry.isIntersecting;
  rest();
});

function rest() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    done ||= atEnd;
    tell();
  }, 1000);
}

function tell(keepalive = false) {
  if (here === told && done === toldDone) return;
  const [block, whole] = [here, done];
  send(page.dataset.position, {
    method: "POST",
    keepalive,
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify({ block, done: whole }),
  }).then(
    answer => { if (answer.ok) [told, toldDone] = [block, whole]; },
    () => {}, // No connection: the next rest, or leaving, tells it.
  );
}

// Back to where the reader stopped, unless the address names a place, or the browser knows better (reload, Back).
if (told > 1 && !location.hash && arrival() === "navigate") document.getElementById(`b-${told}`)?.scrollIntoView();

for (const block of page.querySelectorAll("[data-b]")) blocks.observe(block);
end.observe(document.querySelector("[data-end]"));

// Some systems stop a hidden page without another word.
const gone = left();
document.addEventListener("visibilitychange", () => { if (document.hidden) tell(true); }, { signal: gone });
addEventListener("pagehide", () => tell(true), { signal: gone });
gone.addEventListener("abort", () => {
  clearTimeout(timer);
  blocks.disconnect();
  end.disconnect();
  tell(true);
});

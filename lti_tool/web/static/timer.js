// The time that is left, by the server's clock: the page came with the server's time, and from then on a clock counts
// that nobody can set. It may be hidden; at 10, 5 and 1 minutes it is said once, politely.

import { left } from "./visit.js";

const bar = document.querySelector("[data-timer]");
const [words, hide, spoken] = ["[data-left]", "[data-hide]", "[data-time-spoken]"].map(one => bar.querySelector(one));
const gone = left();
const MARKS = [10, 5, 1]; // minutes
const HIDDEN = "time-hidden";

let base = 0; // the server's time at the zero of this page's own clock
let end = 0;
let said = Infinity; // the lowest mark that was said, or was past when the page came
let over = false;
let hidden = false;

function set(now, until) {
  base = Date.parse(now) - performance.now();
  end = Date.parse(until);
  const minutes = remaining() / 60000;
  said = Math.min(...MARKS.filter(mark => mark >= minutes), Infinity);
  over = false;
}

const remaining = () => end - base - performance.now();

function told(seconds) {
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min left`;
  if (seconds >= 300) return `${Math.floor(seconds / 60)} min left`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} left`;
}

function tick() {
  if (gone.aborted) return clearInterval(ticking);
  const seconds = Math.max(0, Math.ceil(remaining() / 1000));
  words.textContent = told(seconds);
  const mark = MARKS.filter(one => one * 60 >= seconds).pop();
  if (mark < said && seconds) {
    said = mark;
    spoken.textContent = `${mark} ${mark === 1 ? "minute" : "minutes"} left.`;
  }
  if (!seconds && !over) {
    over = true;
    spoken.textContent = "The time is up.";
    document.dispatchEvent(new Event("timeup"));
  }
}

function show() {
  words.hidden = hidden;
  hide.setAttribute("aria-pressed", String(hidden));
}

try {
  hidden = sessionStorage.getItem(HIDDEN) === "1"; // Throws where site data is blocked.
} catch { /* It is shown. */ }

hide.addEventListener("click", () => {
  hidden = !hidden;
  show();
  try {
    sessionStorage.setItem(HIDDEN, hidden ? "1" : "0");
  } catch { /* For this page only. */ }
});

document.addEventListener("standing", event => {
  const { now, until, because } = event.detail;
  if (!until) return;
  if (Date.parse(until) !== end) {
    const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const reason = document.querySelector("[data-because]");
    for (const time of document.querySelectorAll(".timer time, .crumb time")) {
      time.dateTime = until;
      time.textContent = clock.format(new Date(until));
    }
    reason.textContent = because;
    spoken.textContent = `The end has changed: you have until ${clock.format(new Date(until))}.`;
  }
  set(now, until);
}, { signal: gone });

set(bar.dataset.now, bar.dataset.until);
hide.hidden = false;
show();
const ticking = setInterval(tick, 500);
tick();

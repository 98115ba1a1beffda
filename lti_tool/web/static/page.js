// Small comforts of every page: times in the reader's own zone, focus on what went wrong, a button that prints.

import { left } from "./visit.js";

// Hours from 0 to 23 and Western digits, as in everything else we write.
const hours = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function localise() {
  for (const time of document.querySelectorAll("time[datetime*=T]:not([data-own])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.title = time.textContent; // The UTC time stays at hand.
    time.textContent = hours.format(moment);
    time.dataset.own = "";
  }
}

localise();
document.addEventListener("swapped", localise, { signal: left() }); // receipt.js has put new words in.

// A frame on another site may not use `autofocus`; a form that came back with faults is focused here.
document.querySelector("[data-focus]")?.focus();

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false; // Without a script it could do nothing, so it is not shown.
  button.addEventListener("click", () => print());
}

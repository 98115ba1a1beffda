// Goes on by itself: the steps of a launch, the way back to the LMS. What could be pressed stays for whoever has no script.

import { arrival, go } from "./visit.js";

const form = document.querySelector("form[data-submit]");
const link = document.querySelector("a[data-onward]");

// Coming here by Back means that somebody wants to leave: sending them forward again would be a trap.
if (arrival() !== "back_forward") {
  form?.requestSubmit();
  if (link) go(link.href);
}

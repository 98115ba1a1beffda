// Sends a form on by itself: the steps of a launch, the way back to the LMS. Its button stays for whoever has no script.

const form = document.querySelector("form[data-submit]");
const [visit] = performance.getEntriesByType("navigation");

// Coming here by Back means that somebody wants to leave: sending them forward again would be a trap.
if (form && visit?.type !== "back_forward") form.requestSubmit();

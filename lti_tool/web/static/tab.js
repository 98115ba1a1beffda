// Opens this page in a tab of its own. The tab sees none of the frame's cookies, so it is given a code that works once.

import { left, send } from "./visit.js";

const form = document.querySelector("form[data-tab]");

if (form && self !== top) {
  form.hidden = false;
  form.addEventListener("submit", async event => {
    if (form.elements.code.value) return setTimeout(() => (form.elements.code.value = "")); // Sent once, then forgotten.
    event.preventDefault();
    const asked = await send(form.dataset.tab, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": form.dataset.token },
      signal: left(),
    });
    if (!asked.ok) return;
    form.elements.code.value = (await asked.json()).code;
    form.elements.place.value = location.pathname.slice(1).replace(/^(\w+)\/\w+\//, "$1/");
    form.requestSubmit();
  });
}

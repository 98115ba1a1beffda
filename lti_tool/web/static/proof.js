// The page that goes on without a cookie: finds the secret where this browser kept it, and begins the visit with it.

import { find } from "./binding.js";
import { begin, go } from "./visit.js";

const form = document.querySelector("form[data-proof]");
const secret = await find(form.dataset);

if (secret) {
  begin(secret, document.querySelector("template[data-words]"));
  if (form.method === "post") form.requestSubmit();
  else go(form.getAttribute("action"));
} else {
  const title = document.querySelector("h1");
  title.textContent = title.dataset.gone;
  form.replaceWith(document.querySelector("template[data-lost]").content);
}

// The page between login and LMS: finds out what this browser can keep here, and sends the login on.

import { keep, keepsCookies } from "./binding.js";
import { arrival } from "./visit.js";

const form = document.querySelector("form[data-keep]");

// Coming here by Back means that somebody wants to leave: sending them forward again would be a trap.
if (arrival() !== "back_forward") {
  const layer = keepsCookies() ? "" : await keep(form.dataset);
  if (layer) {
    form.elements.lti_tool_layer.value = layer;
    form.elements.lti_tool_secret.value = form.dataset.secret;
  }
  form.requestSubmit();
}

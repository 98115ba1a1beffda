// Tries every way of the browser binding in this very place, and writes down what worked.

import { keepHere, keepsCookies } from "./binding.js";
import { reach } from "./platform-storage.js";

const table = document.querySelector("[data-test]");
const { key, secret, origin, target } = table.dataset;

/** Shows the one of the row's prepared words that applies, and says whether it is the good one. */
function tell(row, result) {
  for (const words of table.querySelectorAll(`[data-row=${row}] [data-says]`)) words.hidden = words.dataset.says !== result;
  return result === "yes";
}

async function storage() {
  if (!target) return "none";
  if (!origin) return "unknown";
  const found = await reach({ origin, target });
  if (!found) return "silent";
  const works = (await found.put(key, secret)) && (await found.get(key)) === secret;
  await found.forget(key);
  return works ? "yes" : "no";
}

const cookie = tell("cookie", keepsCookies() ? "yes" : "no");
const session = tell("session", keepHere(key, secret) ? "yes" : "no");
if (session) sessionStorage.removeItem(key);
const lms = tell("storage", await storage());
const layer = (cookie && "cookie") || (session && "session") || (lms && "storage") || "tab";
for (const words of document.querySelectorAll("[data-layer]")) words.hidden = words.dataset.layer !== layer;

// Where this browser can keep a secret on its way through the LMS, and where it kept it: the layers of the binding.

import { reach } from "./platform-storage.js";

/** Whether the browser keeps our cookies here: one that scripts may see came with this page. */
export function keepsCookies() {
  try {
    return document.cookie.includes("__Host-lti_tried=1");
  } catch {
    return false; // A frame that may have none says so like this.
  }
}

export function keepHere(key, secret) {
  try {
    sessionStorage.setItem(key, secret);
    return sessionStorage.getItem(key) === secret;
  } catch {
    return false; // All site data is blocked.
  }
}

function findHere(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Keeps the secret in the first place that takes it, and says which: session, storage, or nothing at all. */
export async function keep({ key, secret, origin, target }) {
  if (keepHere(key, secret)) return "session";
  const storage = await reach({ origin, target });
  return (await storage?.put(key, secret)) ? "storage" : "";
}

/** The secret from where it was kept; null where it is no more. */
export async function find({ layer, key, origin, target }) {
  if (layer === "session") return findHere(key);
  const storage = await reach({ origin, target });
  return (await storage?.get(key)) ?? null;
}

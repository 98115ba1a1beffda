// The Canvas page around a tool's frame: hears its messages, acts on them, answers, and tells the wires page.

import { answer, read } from "./canvas-answers.js";
import { Store } from "./canvas-storage.js";

const store = new Store();
const frame = document.querySelector("iframe.embed");
const forwarder = document.getElementById("post_message_forwarding");
const alerts = document.getElementById("tool-alerts");
let unloadMessage = "";
let scrollListener = null;

window.addEventListener("beforeunload", (event) => {
  if (unloadMessage) event.preventDefault();
});
window.addEventListener("scroll", () => {
  scrollListener?.source.postMessage(JSON.stringify({ subject: "lti.scroll", scrollY: window.scrollY }), scrollListener.origin);
});

function say(text) {
  const line = document.createElement("p");
  line.textContent = String(text ?? "");
  alerts.replaceChildren(line);
}

// What touches the page. The launch in a whole window and Canvas's own menus have no counterpart here.
const page = (event) => ({
  "lti.frameResize": ({ height }) => {
    if (Number(height) > 0) frame.style.height = `${Number(height)}px`;
  },
  "lti.fetchWindowSize": () => {
    const box = frame.getBoundingClientRect();
    const offset = { top: box.top + window.scrollY, left: box.left + window.scrollX };
    return { height: window.innerHeight, width: window.innerWidth, footer: 0, offset, scrollY: window.scrollY };
  },
  "lti.scrollToTop": () => window.scrollTo(0, 0),
  "lti.enableScrollEvents": () => {
    scrollListener = { source: event.source, origin: event.origin };
  },
  "lti.setUnloadMessage": ({ message }) => {
    unloadMessage = String(message || "Changes may not be saved.");
  },
  "lti.removeUnloadMessage": () => {
    unloadMessage = "";
  },
  "lti.screenReaderAlert": ({ body }) => say(body),
  "lti.showAlert": ({ title, body }) => say(`${title ?? "The tool"}: ${body ?? ""}`),
  "lti.getPageContent": () => ({ content: "" }),
  "lti.getPageSettings": () => ({
    pageSettings: {
      locale: document.documentElement.lang,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      use_high_contrast: false,
      active_brand_config_json_url: "",
      window_width: window.innerWidth,
    },
  }),
});

function note(origin, asked, answered) {
  const body = JSON.stringify({ origin, asked, answered });
  fetch("/wires/message", { method: "POST", headers: { "Content-Type": "application/json" }, body }).catch(() => {});
}

window.addEventListener("message", (event) => {
  const forwarded = event.source === forwarder.contentWindow && event.origin === window.location.origin;
  if (!forwarded && event.source !== frame.contentWindow) return;
  const message = read(forwarded ? event.data.message : event.data);
  if (message === null) return;
  const origin = forwarded ? event.data.origin : event.origin;
  const answered = answer(message, origin, store, page(event));
  event.source?.postMessage(forwarded ? { forward: event.data.forward, answered } : answered, event.origin);
  note(origin, message, answered);
});

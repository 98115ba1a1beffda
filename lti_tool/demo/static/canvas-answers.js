// What Canvas answers to each message of a tool's window: a table of subjects, and the form of answers.
// Every handled message gets `<subject>.response`, with its message_id if it had one. The handlers that touch the page
// come from the outside, so that this file runs without one.

import { getData, putData } from "./canvas-storage.js";

const FRAME = "post_message_forwarding";
const PLAIN = [
  "lti.close",
  "lti.enableScrollEvents",
  "lti.fetchWindowSize",
  "lti.frameResize",
  "lti.hideRightSideWrapper",
  "lti.removeUnloadMessage",
  "lti.resourceImported",
  "lti.screenReaderAlert",
  "lti.scrollToTop",
  "lti.setUnloadMessage",
  "lti.showAlert",
  "lti.showModuleNavigation",
  "lti.capabilities",
];
const LATER = [
  "lti.getPageContent",
  "lti.getPageSettings",
  "requestFullWindowLaunch",
  "toggleCourseNavigationMenu",
  "showNavigationMenu",
  "hideNavigationMenu",
];
const STORAGE = ["lti.get_data", "lti.put_data"];
// The names of before July 2023; hosted Canvas dropped them, other platforms have not.
const OLD = "org.imsglobal.";
const IGNORED = new Set([
  "A2ExternalContentReady",
  "LtiDeepLinkingResponse",
  "externalContentReady",
  "externalContentCancel",
  "mentions.NavigationEvent",
  "mentions.InputChangeEvent",
  "mentions.SelectionEvent",
  "betterchat.is_mini_chat",
  "defaultToolContentReady",
  "assignment.set_ab_guid",
]);
const named = (subject) => ({ subject });
const SUPPORTED = [
  ...PLAIN.map(named),
  ...STORAGE.map((subject) => ({ subject, frame: FRAME })),
  ...LATER.map(named),
];

// A message as an object: one may come as JSON text, and `messageType` serves as subject. Null for anything else.
export function read(data) {
  let found = data;
  if (typeof data === "string") {
    try {
      found = JSON.parse(data);
    } catch {
      return null;
    }
  }
  if (found === null || typeof found !== "object" || Array.isArray(found)) return null;
  const subject = found.subject ?? found.messageType;
  if (typeof subject !== "string" || subject.endsWith(".response") || IGNORED.has(subject)) return null;
  return { ...found, subject };
}

// The answer to a message that `read` gave. `page` maps subjects to handlers, which may give members of the answer.
export function answer(message, origin, store, page = {}) {
  const { subject } = message;
  const head = { subject: `${subject}.response` };
  if (message.message_id) head.message_id = message.message_id;
  const old = subject.startsWith(`${OLD}lti.`) ? subject.slice(OLD.length) : subject;
  if (old === "lti.put_data") return { ...head, ...putData(store, origin, message) };
  if (old === "lti.get_data") return { ...head, ...getData(store, origin, message) };
  if (old === "lti.capabilities") return { ...head, supported_messages: SUPPORTED };
  if (!PLAIN.includes(subject) && !LATER.includes(subject)) return { ...head, error: { code: "unsupported_subject" } };
  try {
    return { ...head, ...page[subject]?.(message) };
  } catch (fault) {
    return { ...head, error: { code: "error", message: String(fault.message ?? fault) } };
  }
}

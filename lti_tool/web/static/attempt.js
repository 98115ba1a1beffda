// Saves each answer as it is given, and loses none.
//
// One save at a time, each with the page's key and a growing number, so that the server knows a repetition, and an old
// save that comes late changes nothing. What is not confirmed stays in this page and, where the browser allows it, on
// this device: it is sent again with pauses, when the page is left, and when the attempt is opened next time.
// Without this script the form does the same job, one press at a time.

import { go as goTo, left, reload, send as request } from "./visit.js";

const form = document.querySelector("form[data-attempt]");
const gone = left();
const token = form.elements.csrf_token.value;
// /learn/<launch>/attempts/<attempt>/<number>: what is kept goes without the launch, as the next one has another.
const [, launch, attempt] = new URL(form.action).pathname.match(/^(.*\/)(attempts\/[^/]+\/)/);
const path = new URL(form.action).pathname.slice(launch.length);
const onQuestion = "sequence" in form.elements;

const MONTH = 30 * 24 * 3600 * 1000;
const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds
const TYPING = 800; // milliseconds

let fromBefore = []; // saves that an earlier page could not finish, oldest first
let newest = null; // what the form says now, until the server has confirmed it
let typing = 0; // a timer: the form says more than `newest`
let pending = 0; // a timer: the next try
let sending = false;
let failures = 0;
let onward = null; // what to do once all is saved
let leaving = false; // the browser is on its way

// --- On this device -------------------------------------------------------------------------------------------------

const PREFIX = "answer:";
let device = null;
try {
  device = window.localStorage; // A frame whose site data is blocked throws here.
} catch { /* Memory must do. */ }

const nameOf = save => `${PREFIX}${save.path}:${save.page}`;

function keep(save) {
  try {
    device?.setItem(nameOf(save), JSON.stringify(save));
  } catch { /* Full, or forbidden meanwhile. */ }
}

function forget(save) {
  try {
    const kept = JSON.parse(device?.getItem(nameOf(save)) ?? "null");
    if (kept && kept.sequence <= save.sequence) device.removeItem(nameOf(save));
  } catch { /* As above. */ }
}

function leftOver() {
  const found = [];
  try {
    for (const name of Object.keys(device ?? {}).filter(one => one.startsWith(PREFIX))) {
      const save = JSON.parse(device.getItem(name));
      if (Date.now() - save.at > MONTH) device.removeItem(name);
      else if (save.path.startsWith(attempt)) found.push(save);
    }
  } catch { /* As above. */ }
  return found.sort((one, other) => one.at - other.at);
}

// --- To the server --------------------------------------------------------------------------------------------------

async function post(save, keepalive = false) {
  const answer = await request(launch + save.path, {
    method: "POST",
    keepalive,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
      "X-CSRF-Token": token,
    },
    body: save.body,
    signal: keepalive ? undefined : AbortSignal.timeout(20000),
  });
  const told = await answer.json(); // A page from a proxy in between is none of ours: it counts as a failure.
  if (answer.ok) return { ...told, saved: new Date(told.saved_at) };
  if (answer.status < 500 && answer.status !== 429 && told.error) return { status: answer.status, error: told.error };
  throw new Error(`status ${answer.status}`);
}

async function send() {
  const save = fromBefore[0] ?? newest;
  if (sending || !save) return;
  clearTimeout(pending);
  sending = true;
  show("saving");
  let told = null;
  try {
    told = await post(save);
    failures = 0;
  } catch {
    failures += 1;
  }
  sending = false;
  if (told === null) later();
  else if (told.error) refused(save, told);
  else confirmed(save, told);
}

function later() {
  show("waiting");
  pending = setTimeout(send, 1000 * PAUSES[Math.min(failures, PAUSES.length) - 1]);
}

function confirmed(save, { saved, answered, unclear }) {
  done(save);
  mark(save, answered);
  if (save.path === path && !newest) explain(unclear);
  if (fromBefore.length || newest) return send();
  show("saved", saved);
  if (onward && !typing) go();
  else if (!onQuestion) reload(); // The look over must show what has just arrived.
}

function refused(save, { status, error }) {
  const own = save === newest;
  // A session that has ended says nothing about the answer: it stays on the device for the next launch.
  const ended = status === 401 || status === 403;
  if (!ended) done(save);
  if (!ended && !own) return send().then(settle); // Too late for an answer from before, such as to a closed attempt.
  if (!ended && status === 400 && onward) return go(); // The page that comes back shows what is wrong, in its place.
  if (own || ended) newest = null;
  if (ended) fromBefore = [];
  onward = null;
  show("refused", `${error.detail} ${error.hint}`.trim());
}

function done(save) {
  forget(save);
  fromBefore = fromBefore.filter(one => one !== save);
  if (newest === save) newest = null;
}

function settle() {
  if (unsaved()) return;
  if (onward) go();
  else for (const [place, name, inside] of first) [place.className, place.innerHTML, place.hidden] = [name, inside, !onQuestion];
}

// --- The form -------------------------------------------------------------------------------------------------------

function take() {
  clearTimeout(typing);
  typing = 0;
  const sequence = Number(form.elements.sequence.value);
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("csrf_token"); // It opens this launch only, and has no business on a device.
  form.elements.sequence.value = sequence + 1;
  newest = { path, page: form.elements.page_key.value, sequence, at: Date.now(), body: `${fields}` };
  keep(newest);
}

function changed() {
  take();
  send();
}

const unsaved = () => Boolean(newest || typing || fromBefore.length);

function go() {
  const act = onward;
  onward = null;
  leaving = true;
  act();
}

/** Saves first, then does what was asked for. Whoever insists on a link may go; the browser asks whether they mean it. */
function after(event, act) {
  if (typing) take();
  if (leaving || !unsaved()) {
    leaving = true;
  } else if (!onward || event.type === "submit") {
    event.preventDefault();
    onward = act;
    send();
  }
}

/** Whether somebody was quicker than this script: the page shows before it runs. */
function isTouched() {
  const fields = [...form.elements].filter(field => field.name.startsWith("a-"));
  return fields.some(field => (["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));
}

/** Puts an answer from this device into the form, and says so if it is another than the one shown. */
function fill(save) {
  const fields = new URLSearchParams(save.body);
  const said = () => `${new URLSearchParams(new FormData(form))}`;
  const before = said();
  for (const field of form.elements) {
    if (!field.name.startsWith("a-")) continue;
    if (["radio", "checkbox"].includes(field.type)) field.checked = fields.getAll(field.name).includes(field.value);
    else field.value = fields.get(field.name) ?? "";
  }
  form.querySelector("[data-restored]").hidden = said() === before;
}

// --- Words (all of them stand in the page, so that they can be translated there) ------------------------------------

const CLASSES = { saving: "", saved: "ok", waiting: "warn", refused: "bad" };
const places = [form.querySelector("[data-status]"), document.querySelector("[data-echo]")].filter(Boolean);
const spoken = form.querySelector("[data-spoken]");
const first = places.map(place => [place, place.className, place.innerHTML]);
const hours = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function show(what, detail) {
  const [line] = places;
  // A quick "Saving…" after each failure would hide that it is the same trouble still.
  if (what === "saving" && failures) return;
  const words = what === "refused" ? detail : line.dataset[what].replace("{time}", detail ? hours.format(detail) : "");
  for (const place of places) {
    place.hidden = false;
    place.className = `state ${CLASSES[what]}`;
    // The bar on top has room for a few words only.
    place.lastElementChild.textContent = place === line || words.length < 20 ? words : "";
  }
  // Emptied in between, so that the same words are said for each answer; but not anew with each try.
  const heard = what === "saving" ? "" : words;
  if (spoken && spoken.textContent !== heard) spoken.textContent = heard;
}

/** The map of all questions, its count and the bar say at once what the server has. */
function mark(save, answered) {
  document.querySelector(`.qmap a[href$="/${save.path}"]`)?.parentElement.classList.toggle("has", answered);
  const count = document.querySelectorAll(".qmap .has").length;
  for (const words of document.querySelectorAll("[data-answered]")) words.textContent = count;
  for (const bar of document.querySelectorAll(".bar")) bar.value = count;
}

function explain(unclear) {
  const note = form.querySelector("[data-unclear]");
  if (!note) return;
  note.querySelector("p").textContent = unclear;
  // Not into the face of somebody in the middle of a word: it is said on leaving the field.
  note.hidden = !unclear || document.activeElement.type === "text";
}

// --- What happens ---------------------------------------------------------------------------------------------------

if (onQuestion) {
  form.addEventListener("input", event => {
    if (event.target.type !== "text") return;
    clearTimeout(typing);
    typing = setTimeout(changed, TYPING);
  });
  form.addEventListener("change", changed);
}

form.addEventListener("submit", event => after(event, () => form.requestSubmit(event.submitter)));

document.addEventListener("click", event => {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (link && plain && !link.target && link.hash === "") after(event, () => goTo(link.href));
}, { signal: gone });

addEventListener("online", () => {
  failures = Math.min(failures, 1);
  send();
}, { signal: gone });

document.addEventListener("visibilitychange", () => {
  if (document.hidden && typing) changed();
}, { signal: gone });

addEventListener("beforeunload", event => {
  if (unsaved() && !leaving) event.preventDefault();
}, { signal: gone });

function lastly() {
  if (typing) take();
  clearTimeout(pending);
  // The same numbers once more: whichever arrives is the one save. Unheard answers stay on the device until next time.
  for (const save of [...fromBefore, newest]) if (save) post(save, true).then(() => done(save), () => {});
}

addEventListener("pagehide", lastly, { signal: gone });
gone.addEventListener("abort", lastly);

function stay() {
  [leaving, onward] = [false, null];
}

addEventListener("pageshow", event => { if (event.persisted) stay(); }, { signal: gone });
document.addEventListener("stayed", stay, { signal: gone }); // The next page could not be had.

fromBefore = leftOver();
const mine = fromBefore.filter(save => save.path === path).pop();
if (onQuestion && mine) fill(mine);
else if (onQuestion && isTouched()) changed();
send();

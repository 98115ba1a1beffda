// Saves each answer as it is given, and loses none.
//
// One save at a time, each with the page's key and a growing number, so that the server knows a repetition, and an old
// save that comes late changes nothing. What is not confirmed stays in this page and, where the browser allows it, on
// this device: it is sent again with pauses, when the page is left, and when the attempt is opened next time.
// Without this script the form does the same job, one press at a time.

import { forget, keep, leftOver } from "./journal.js";
import { canSign, offer, signed } from "./offline.js";
import { watch } from "./standing.js";
import { go as goTo, left, reload, send as request } from "./visit.js";

const form = document.querySelector("form[data-attempt]");
const gone = left();
const token = form.elements.csrf_token.value;
// /learn/<launch>/attempts/<attempt>/<number>: what is kept goes without the launch, as the next one has another.
const [, launch, attempt] = new URL(form.action).pathname.match(/^(.*\/)(attempts\/[^/]+\/)/);
const path = new URL(form.action).pathname.slice(launch.length);
const onQuestion = "sequence" in form.elements;

const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds
const TYPING = 800; // milliseconds
const STUBBORN = 4; // failures one after the other, until a file is offered

let fromBefore = []; // saves that an earlier page could not finish, oldest first
let newest = null; // what the form says now, until the server has confirmed it
let typing = 0; // a timer: the form says more than `newest`
let pending = 0; // a timer: the next try
let sending = false;
let failures = 0;
let onward = null; // what to do once all is saved
let leaving = false; // the browser is on its way
let known = form.dataset.made; // the server's time up to which this page knows of answers from elsewhere
const ahead = Date.parse(known) - performance.now(); // the server's clock, by one that nobody can set
let ready = false; // what earlier pages left on this device is known

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
  if (onQuestion && failures >= STUBBORN && canSign() && form.dataset.seal) form.querySelector("[data-offline]").hidden = false;
  pending = setTimeout(send, 1000 * PAUSES[Math.min(failures, PAUSES.length) - 1]);
}

function confirmed(save, { saved, saved_at: told, answered, unclear, elsewhere }) {
  done(save);
  if (onQuestion) form.querySelector("[data-offline]").hidden = true;
  if (save.path === path && elsewhere && Date.parse(elsewhere) > Date.parse(known)) sayElsewhere("ours", elsewhere);
  if (save.path === path && onQuestion) known = told;
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

/** Another tab or device has answered this question: says which answer is shown, and counts. */
function sayElsewhere(what, at) {
  known = at;
  const note = form.querySelector("[data-elsewhere]");
  note.querySelector("p").textContent = note.dataset[what].replace("{time}", hours.format(new Date(at)));
  note.hidden = false;
}

/** What the server has by now; an answer from elsewhere is shown, unless somebody is in the middle of another. */
function stands(told) {
  document.dispatchEvent(new CustomEvent("standing", { detail: told }));
  if (!told.open && !unsaved()) return reload();
  const answered = new Set(told.answered);
  for (const place of document.querySelectorAll(".qmap li")) place.classList.toggle("has", answered.has([...place.parentElement.children].indexOf(place) + 1));
  count();
  if (unsaved() || !told.saved_at || Date.parse(told.saved_at) <= Date.parse(known)) return;
  const fields = new URLSearchParams(told.fields);
  if (put(fields)) sayElsewhere("shown", told.saved_at);
  else known = told.saved_at;
}

async function saveAsFile() {
  const text = await signed(form.dataset.id, form.dataset.seal, [...fromBefore, newest].filter(Boolean), serverNow());
  offer(text, `answers-${form.dataset.id}.json`);
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

const serverNow = () => ahead + performance.now();

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
    leaving = ready;
    if (ready) return;
    event.preventDefault(); // In a moment, when the device has been looked at.
    onward = act;
  } else if (!onward || event.type === "submit") {
    event.preventDefault();
    onward = act;
    send();
  }
}

/** Whether somebody was quicker than this script: the page shows before it runs. */
function isTouched() {
  const fields = [...form.elements].filter(field => field.name.startsWith("a-"));
  const made = field => field.defaultValue ?? ([...field.options].find(one => one.defaultSelected)?.value ?? ""); // A menu has none of its own.
  return fields.some(field => (["radio", "checkbox"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== made(field)));
}

/** Puts an answer from this device into the form, and says so if it is another than the one shown. */
function fill(save) {
  form.querySelector("[data-restored]").hidden = !put(new URLSearchParams(save.body));
}

/** Puts an answer into the form; whether it is another than before. */
function put(fields) {
  const said = () => `${new URLSearchParams(new FormData(form))}`;
  const before = said();
  for (const field of form.elements) {
    if (!field.name.startsWith("a-")) continue;
    if (["radio", "checkbox"].includes(field.type)) field.checked = fields.getAll(field.name).includes(field.value);
    else field.value = fields.get(field.name) ?? "";
  }
  return said() !== before;
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
  count();
}

function count() {
  const found = document.querySelectorAll(".qmap .has").length;
  for (const words of document.querySelectorAll("[data-answered]")) words.textContent = found;
  for (const bar of document.querySelectorAll(".bar")) bar.value = found;
}

function explain(unclear) {
  const note = form.querySelector("[data-unclear]");
  if (!note) return;
  note.querySelector("p").textContent = unclear;
  // Not into the face of somebody in the middle of a word: it is said on leaving the field.
  note.hidden = !unclear || ["text", "textarea"].includes(document.activeElement.type);
}

// --- What happens ---------------------------------------------------------------------------------------------------

if (onQuestion) {
  form.addEventListener("input", event => {
    if (!["text", "textarea"].includes(event.target.type)) return;
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

// The time is up: nothing more can be answered. What is on its way is still taken, and then all of it is handed in.
document.addEventListener("timeup", () => {
  if (typing) take();
  for (const field of form.elements) if (field.name.startsWith("a-")) field.disabled = true;
  const over = document.querySelector("form[data-time-up]") ?? form;
  onward = () => over.requestSubmit();
  if (ready) unsaved() ? send() : go();
}, { signal: gone });

form.querySelector("[data-file]")?.addEventListener("click", saveAsFile);

async function begin() {
  fromBefore = await leftOver(attempt);
  if (gone.aborted) return;
  ready = true;
  const mine = fromBefore.filter(save => save.path === path).pop();
  if (onQuestion && mine && !newest && !typing) fill(mine);
  else if (onQuestion && isTouched() && !newest && !typing) changed();
  if (onQuestion) watch(form.dataset.state, stands);
  if (onward && !unsaved()) go();
  else if ("over" in form.dataset) {
    onward = () => form.requestSubmit();
    if (!unsaved()) return go();
  }
  send();
}

begin();

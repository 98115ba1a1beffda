// The LMS's storage, asked by messages (1EdTech LTI platform storage 0.1, LTI postMessages 0.1).
//
// The LMS says in the login that it has one (`lti_storage_target`). Only “what can you do?” goes to anybody ("*", as the
// specification demands: nothing is told by it). A secret goes to the origin of the LMS's authorization address alone,
// and only from there is an answer believed.

const PATIENCE = 1000; // milliseconds, as the specification has it
const PREFIXES = ["lti.", "org.imsglobal.lti."]; // today's, and the one of before 2023

function ask(target, origin, message, answers) {
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, "0")).join("");
  return new Promise(resolve => {
    const end = found => {
      removeEventListener("message", hear);
      clearTimeout(timer);
      resolve(found);
    };
    const hear = ({ source, origin: from, data }) => {
      if (origin === "*" ? source !== target : from !== origin) return;
      if (data?.message_id !== id || data.subject !== `${message.subject}.response`) return;
      end(data.error ? null : answers(data));
    };
    const timer = setTimeout(end, PATIENCE, null);
    addEventListener("message", hear);
    target.postMessage({ ...message, message_id: id }, origin);
  });
}

/** What the LMS says it can do, or null where it says nothing: `{frame}` is where its storage answers. */
async function capabilities(host, prefix) {
  const supported = await ask(host, "*", { subject: `${prefix}capabilities` }, data => data.supported_messages);
  if (!Array.isArray(supported)) return null;
  return { prefix, put: supported.find(one => one?.subject === `${prefix}put_data`) };
}

function frameOf(host, name) {
  if (!name || name === "_parent") return host;
  try {
    const found = host.frames[name];
    return typeof found?.postMessage === "function" ? found : host; // A name may mean another property of the window.
  } catch {
    return host; // A page of another site does not tell which frames it lacks.
  }
}

/** The LMS's storage as `{put(key, value), get(key)}`; null where there is none that is worth asking. */
export async function reach({ origin, target }) {
  const host = parent === self ? opener : parent;
  if (!host || !origin || !target) return null;
  const told = (await Promise.all(PREFIXES.map(prefix => capabilities(host, prefix)))).find(Boolean);
  if (told && !told.put) return null;
  const place = frameOf(host, told?.put.frame || target);
  // One that did not say what it can do is tried by both names.
  const prefixes = told ? [told.prefix] : PREFIXES;
  const by = async (message, answers) => {
    for (const prefix of prefixes) {
      const found = await ask(place, origin, { ...message, subject: prefix + message.subject }, answers);
      if (found !== null) return found;
    }
    return null;
  };
  return {
    put: (key, value) => by({ subject: "put_data", key, value }, data => (data.key === key && data.value === value ? true : null)),
    get: key => by({ subject: "get_data", key }, data => (data.key === key && typeof data.value === "string" ? data.value : null)),
    forget: key => by({ subject: "put_data", key, value: null }, () => true),
  };
}

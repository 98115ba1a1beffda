// Canvas's platform storage (1EdTech LTI platform storage 0.1, with Canvas's limits): no window, no page, only rules.
// It belongs to the sender's origin, not to a launch, and lives as long as the page: 500 keys, and 4096 characters of
// keys and values together. A key that is written again counts again.

const KEYS = 500;
const CHARACTERS = 4096;

export class Store {
  #origins = new Map();

  #of(origin) {
    if (!this.#origins.has(origin)) this.#origins.set(origin, { values: new Map(), keys: 0, characters: 0 });
    return this.#origins.get(origin);
  }

  // Puts a value; the words of Canvas's refusal where it does not fit, else "".
  put(origin, key, value) {
    const kept = this.#of(origin);
    if (kept.keys >= KEYS) return "Reached key limit for tool";
    if (kept.characters + key.length + value.length > CHARACTERS) return "Reached byte limit for tool";
    kept.keys += 1;
    kept.characters += key.length + value.length;
    kept.values.set(key, value);
    return "";
  }

  remove(origin, key) {
    const kept = this.#of(origin);
    if (!kept.values.has(key)) return;
    kept.keys -= 1;
    kept.characters -= key.length + kept.values.get(key).length;
    kept.values.delete(key);
  }

  get(origin, key) {
    return this.#of(origin).values.get(key) ?? null;
  }
}

const bad = (text) => ({ error: { code: "bad_request", message: text } });

function missing(message) {
  if (!message.key) return bad("Missing required 'key' field");
  if (!message.message_id) return bad("Missing required 'message_id' field");
  return null;
}

export function putData(store, origin, message) {
  const fault = missing(message);
  if (fault) return fault;
  const key = String(message.key);
  if (!message.value) {
    store.remove(origin, key);
    return { key };
  }
  const full = store.put(origin, key, String(message.value));
  return full ? { error: { code: "storage_exhaustion", message: full } } : { key, value: String(message.value) };
}

export function getData(store, origin, message) {
  return missing(message) ?? { key: String(message.key), value: store.get(origin, String(message.key)) };
}

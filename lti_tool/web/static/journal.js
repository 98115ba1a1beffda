// What the server has not confirmed yet, kept on this device: in IndexedDB where the browser allows it.
//
// A frame whose site data is blocked gets none, and then the page's memory must do: every function here simply does
// nothing. One entry a page load and question; it goes only when the server has confirmed that entry or a later one.

const MONTH = 30 * 24 * 3600 * 1000;
let opening = null;

function store() {
  opening ??= new Promise(found => {
    try {
      const asked = indexedDB.open("answers", 1); // Throws, or fails, where it is blocked.
      asked.onupgradeneeded = () => asked.result.createObjectStore("saves");
      asked.onsuccess = () => found(asked.result);
      asked.onerror = asked.onblocked = () => found(null);
      setTimeout(() => found(null), 2000); // A disk that does not answer keeps nobody waiting.
    } catch {
      found(null);
    }
  });
  return opening;
}

/** Runs `act` on the entries, and gives what its request finds once all of it is on disk. */
async function within(mode, act) {
  const base = await store();
  if (!base) return null;
  return new Promise(done => {
    try {
      const work = base.transaction("saves", mode, { durability: "strict" });
      const asked = act(work.objectStore("saves"));
      work.oncomplete = () => done(asked?.result ?? null);
      work.onerror = work.onabort = () => done(null); // Full, or forbidden meanwhile.
    } catch {
      done(null);
    }
  });
}

const nameOf = save => `${save.path}:${save.page}`;

export const keep = save => within("readwrite", saves => void saves.put(save, nameOf(save)));

export function forget(save) {
  return within("readwrite", saves => {
    const asked = saves.get(nameOf(save));
    asked.onsuccess = () => {
      if (asked.result && asked.result.sequence <= save.sequence) saves.delete(nameOf(save));
    };
  });
}

/** What earlier pages of an attempt could not finish, oldest first; what is older than a month is thrown away. */
export async function leftOver(attempt) {
  const all = (await within("readonly", saves => saves.getAll())) ?? [];
  const old = save => Date.now() - save.at > MONTH;
  for (const save of all.filter(old)) forget(save);
  return all.filter(save => !old(save) && save.path.startsWith(attempt)).sort((one, other) => one.at - other.at);
}

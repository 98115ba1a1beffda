// How the attempt stands meanwhile: a teacher may have given more time, another tab or device may have answered.
// Asked for every half minute while somebody looks, and at once when they come back to the page.

import { left, send } from "./visit.js";

const PAUSE = 30000;

export function watch(address, tell) {
  const gone = left();
  let asking = false;

  async function ask() {
    if (asking || document.hidden || gone.aborted) return;
    asking = true;
    try {
      const answer = await send(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
      if (answer.ok) tell(await answer.json());
    } catch { /* Next time. */ }
    asking = false;
  }

  const timer = setInterval(ask, PAUSE);
  gone.addEventListener("abort", () => clearInterval(timer));
  document.addEventListener("visibilitychange", ask, { signal: gone });
  addEventListener("online", ask, { signal: gone });
}

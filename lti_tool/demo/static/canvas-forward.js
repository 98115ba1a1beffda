// Canvas's frame of platform storage: what a tool says to it goes to the page around, and the answer goes back.
// Its origin is that of the authorization address, which is how a tool knows to whom it speaks.

const waiting = new Map();
let count = 0;

window.addEventListener("message", (event) => {
  if (event.source === window.parent) {
    const one = event.origin === window.location.origin ? waiting.get(event.data?.forward) : undefined;
    if (!one) return;
    waiting.delete(event.data.forward);
    one.source?.postMessage(event.data.answered, one.origin);
    return;
  }
  count += 1;
  waiting.set(count, { source: event.source, origin: event.origin });
  if (waiting.size > 100) waiting.delete(waiting.keys().next().value);
  window.parent.postMessage({ forward: count, origin: event.origin, message: event.data }, window.location.origin);
});

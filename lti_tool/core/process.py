"""Processes that belong together: a worker must not outlive the server that started it, nor end before it is told."""

import os
import signal
import threading
import time
from multiprocessing import resource_tracker

PARENT_VARIABLE = "LTITOOL_PARENT_PID"
"""Set by a server for its workers. Not a setting, so it does not begin with the settings' prefix."""
_POLL_SECONDS = 0.2


def end_with_parent() -> None:
    """Ends this process as soon as the server that started it is gone, even by kill -9; without one, does nothing."""
    named = os.environ.get(PARENT_VARIABLE)
    if named is None:
        return
    parent = int(named)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def keep_interrupts_from_children() -> None:
    """Takes Ctrl-C for this process alone; processes that it starts from now on never see one.

    A terminal sends Ctrl-C to the whole group. A worker that got it beside its server's own word to stop would stop
    twice at once, and hang. So it is blocked here, which children inherit, and arrives as the signal to end.
    Call it in the main thread, before there is another.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return
    # Started later, by the first child, it would lift the block.
    resource_tracker.ensure_running()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

    def watch() -> None:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="interrupt-watch", daemon=True).start()

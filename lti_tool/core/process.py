"""Processes that belong together: a worker must not outlive the server that started it."""

import os
import threading
import time

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

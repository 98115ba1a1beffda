"""Who a piece of work talks to: every connection that its thread opens, seen by Python and not by our own client."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_watched: dict[int, list[object]] = {}
_installed = threading.Event()


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and threading.get_ident() in _watched:
        _watched[threading.get_ident()].append(arguments[1])


@contextmanager
def outgoing() -> Iterator[list[object]]:
    """The addresses that this thread connects to meanwhile; a driver in C, as PostgreSQL's, is not among them."""
    if not _installed.is_set():
        _installed.set()
        sys.addaudithook(_hook)  # Python takes no hook back: it stays, and does nothing while nobody watches.
    mine = _watched[threading.get_ident()] = []
    try:
        yield mine
    finally:
        del _watched[threading.get_ident()]

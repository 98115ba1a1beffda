"""The log: structured lines in UTC, on standard error or in a file. Never a token, cookie, answer or name in it."""

import logging
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def set_up(level: str, form: str, file: Path | None = None) -> None:
    """Starts logging at `level`, as JSON lines or as text for a person, into `file` or on standard error."""
    target = _open(file)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *_ending(form, colours=target.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=True,
    )


def _open(file: Path | None) -> TextIO:
    if file is None:
        return sys.stderr
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.open("a", encoding="utf-8", buffering=1)


def _ending(form: str, *, colours: bool) -> list[Any]:
    if form == "text":
        stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True)
        return [stamp, structlog.dev.ConsoleRenderer(colors=colours)]
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without the local variables, which structlog would add: they hold names and tokens.
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def get(name: str) -> Any:
    """The logger of one room."""
    return structlog.get_logger(room=name)

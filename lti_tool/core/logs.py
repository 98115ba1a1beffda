"""The log: structured lines in UTC, on standard error or in a file. Never a token, cookie, answer or name in it."""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

import structlog
from structlog.tracebacks import ExceptionDictTransformer

from lti_tool.core.folders import NotWritable, make_folder

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _Forgiving:
    """A full disk or a closed pipe costs lines of the log, and never the work that they tell of."""

    def __init__(self, target: TextIO) -> None:
        self._target = target

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._target.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._target.flush()


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
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Forgiving(target))),
        cache_logger_on_first_use=True,
    )


def _open(file: Path | None) -> TextIO:
    if file is None:
        return sys.stderr
    make_folder(file.parent)
    try:
        return file.open("a", encoding="utf-8", buffering=1)
    except OSError as fault:
        raise NotWritable(file, fault) from None


def _ending(form: str, *, colours: bool) -> list[Any]:
    # In both forms without the local variables, which structlog would add: they hold names and tokens.
    if form == "text":
        stamp = structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True)
        plain = structlog.dev.plain_traceback
        return [stamp, structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]


def begin(**ids: object) -> None:
    """A new piece of work: from here on, every line of this thread carries these ids and no earlier ones."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**ids)


def bind(**ids: object) -> None:
    """Every further line of this piece of work carries these ids too."""
    structlog.contextvars.bind_contextvars(**ids)


def get(name: str) -> Any:
    """The logger of one room."""
    return structlog.get_logger(room=name)

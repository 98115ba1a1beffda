"""The states of an attempt over its events: open → graded, by the learner or by the clock; voided; reopened.

Pure: which event may follow which is one table, and a row's state is always the fold of its events.
"""

from collections.abc import Iterable
from enum import StrEnum

from lti_tool.core.errors import Conflict


class State(StrEnum):
    """Where an attempt stands. Everything is scored at once, so what was handed in is graded."""

    OPEN = "open"
    GRADED = "graded"
    VOIDED = "voided"


class EventKind(StrEnum):
    """What may happen to an attempt after it was begun."""

    EXTENDED = "extended"
    SUBMITTED = "submitted"
    EXPIRED = "expired"
    VOIDED = "voided"
    REOPENED = "reopened"
    BROUGHT = "brought"


_TRANSITIONS = {
    (State.OPEN, EventKind.EXTENDED): State.OPEN,
    (State.OPEN, EventKind.SUBMITTED): State.GRADED,
    (State.OPEN, EventKind.EXPIRED): State.GRADED,
    (State.OPEN, EventKind.BROUGHT): State.OPEN,
    (State.OPEN, EventKind.VOIDED): State.VOIDED,
    (State.GRADED, EventKind.VOIDED): State.VOIDED,
    (State.GRADED, EventKind.REOPENED): State.OPEN,
    (State.VOIDED, EventKind.REOPENED): State.OPEN,
}

_WORDS = {State.OPEN: "is still open", State.GRADED: "was handed in", State.VOIDED: "does not count any more"}


def after(state: State, kind: EventKind) -> State:
    """The state that an event leads to; Conflict `assessments.not_now` where it cannot happen."""
    follows = _TRANSITIONS.get((state, kind))
    if follows is None:
        raise Conflict(
            "assessments.not_now",
            "This cannot be done: the attempt %(stands)s.",
            "Look at the attempt as it stands now, and choose again.",
            stands=_WORDS[state],
        )
    return follows


def fold(kinds: Iterable[EventKind]) -> State:
    """The state after these events, from the beginning."""
    state = State.OPEN
    for kind in kinds:
        state = after(state, kind)
    return state

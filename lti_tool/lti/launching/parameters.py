"""What our links ask a platform for beside a launch, as custom variables, and what it says (LTI Core 1.3 Appendix B).

Where a course and a link were copied from; from when until when work is taken, for all or for this person alone. A
platform sends a variable that it does not know back as it was written; `plain_custom` has dropped those.
"""

from collections.abc import Mapping
from urllib.parse import unquote

OFFER_PARAMETER = "offer"
"""The custom parameter that carries an offer's public id in every link that we hand out."""
ASSIGNMENT_PARAMETER = "canvas_assignment_id"
_CONTEXT_HISTORY, _LINK_HISTORY = "context_history", "link_history"
# What LTI 2 called it. Canvas (2026) knows this name alone, Brightspace both.
_ACTIVITY_HISTORY = "activity_history"
DATE_PARAMETERS: Mapping[str, str] = {
    "available_from": "$ResourceLink.available.startDateTime",
    "available_until": "$ResourceLink.available.endDateTime",
    "submit_from": "$ResourceLink.submission.startDateTime",
    "submit_until": "$ResourceLink.submission.endDateTime",
    "own_available_from": "$ResourceLink.available.user.startDateTime",
    "own_available_until": "$ResourceLink.available.user.endDateTime",
    "own_submit_from": "$ResourceLink.submission.user.startDateTime",
    "own_submit_until": "$ResourceLink.submission.user.endDateTime",
    "canvas_unlock_at": "$Canvas.assignment.unlockAt.iso8601",
    "canvas_due_at": "$Canvas.assignment.dueAt.iso8601",
    "canvas_lock_at": "$Canvas.assignment.lockAt.iso8601",
}
"""Parameter → variable. Those that begin with `own_` hold for the person of the launch alone."""
LINK_PARAMETERS: Mapping[str, str] = {
    _CONTEXT_HISTORY: "$Context.id.history",
    _LINK_HISTORY: "$ResourceLink.id.history",
    _ACTIVITY_HISTORY: "$Activity.id.history",
    ASSIGNMENT_PARAMETER: "$Canvas.assignment.id",
    **DATE_PARAMETERS,
}
_MOST_ANCESTORS = 20
_LONGEST_ID = 255
_LONGEST_DATE = 60


def context_history(custom: Mapping[str, str]) -> tuple[str, ...]:
    """The courses that this one was copied from, newest first."""
    return _history(custom.get(_CONTEXT_HISTORY, ""))


def link_history(custom: Mapping[str, str]) -> tuple[str, ...]:
    """The links that this one was copied from, newest first."""
    return _history(custom.get(_LINK_HISTORY, "")) or _history(custom.get(_ACTIVITY_HISTORY, ""))


def stated_dates(custom: Mapping[str, str]) -> dict[str, str]:
    """The dates that a platform has filled in, as it wrote them, by our parameter."""
    said = {name: custom.get(name, "").strip()[:_LONGEST_DATE] for name in DATE_PARAMETERS}
    return {name: text for name, text in said.items() if text}


def _history(text: str) -> tuple[str, ...]:
    """A list of URL-encoded ids with commas between them; what cannot be an id of a platform is left out."""
    found = (unquote(part.strip()) for part in text.split(",")[:_MOST_ANCESTORS])
    return tuple(one for one in found if one and len(one) <= _LONGEST_ID and one.isprintable())

"""Reads what earlier versions stored: published modules and outcomes are never rewritten, so their old shapes stay.

- Until November 2026 a question was of exactly one kind and held its key beside its text.
- The trace of an outcome was a list of finished sentences.
"""

from collections.abc import Mapping
from typing import Any

_OWN = ("id", "title", "stem", "points", "feedback_right", "feedback_wrong", "solution", "outcomes")


def item_as_of_now(stored: Any) -> Any:
    """The JSON of a question in today's shape."""
    if not isinstance(stored, Mapping) or "kind" not in stored:
        return stored
    asked: dict[str, object] = {"kind": stored["kind"]}
    if stored.get("choices"):
        asked |= {name: stored[name] for name in ("choices", "scoring", "fixed") if name in stored}
    elif stored.get("texts"):
        asked |= {"answers": [{"text": text} for text in stored["texts"]]}
        asked |= {"case_matters": stored.get("case_matters", False)}
    else:
        asked |= {"answers": [stored["number"]] if stored.get("number") else [], "unit": stored.get("unit", "")}
    return {name: stored[name] for name in _OWN if name in stored} | {"interactions": [asked]}


def outcome_as_of_now(stored: Any) -> Any:
    """The JSON of a question's mark in today's shape: the last sentence of an old trace bears the points."""
    trace = stored.get("trace") if isinstance(stored, Mapping) else None
    if not trace or not isinstance(trace[0], str):
        return stored
    last = len(trace) - 1
    reasons = [{"text": text, "points": stored["points"] if n == last else "0"} for n, text in enumerate(trace)]
    return {**stored, "trace": reasons}

"""One question (its text, what the learner does, what is said afterwards), and what was answered, with its JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from lti_tool.assessments.model.interaction import Interaction
from lti_tool.assessments.model.variables import Value

Response = Value | Mapping[str, Value]
"""The value of the one interaction of a question; for a question of several, each one's value by the interaction's id.

None stands for no answer, and an interaction that is not answered is not named.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the text something is answered: a whole interaction, or one `spot` of it (a gap, a marked word)."""

    interaction: str
    spot: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A question. All texts are safe HTML but `title`; `outcomes` are the numbers (from 1) of the module's outcomes.

    `stem` is the whole text, for reading. Where something is answered within it, `flow` is the same text in pieces,
    with the places between them. `stimulus` names what is shared with other questions, `tags` are for drawing.
    """

    id: str
    title: str
    stem: str
    interactions: tuple[Interaction, ...]
    points: Fraction = Fraction(1)
    flow: tuple[str | Place, ...] = ()
    stimulus: str = ""
    tags: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    feedback_right: str = ""
    feedback_wrong: str = ""
    solution: str = ""
    outcomes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stimulus:
    """A passage that several questions are about."""

    id: str
    title: str
    html: str


def is_answered(response: Response | None) -> bool:
    """Whether there is an answer; a cleared one is none."""
    return any(response.values()) if isinstance(response, Mapping) else bool(response)


def response_to_json(response: Response | None) -> object:
    """A text, a list of texts, or an object of such; None for no answer."""
    if isinstance(response, Mapping):
        return {name: _value_to_json(value) for name, value in response.items() if value} or None
    return _value_to_json(response) or None


def response_from_json(stored: object) -> Response | None:
    """The response that `response_to_json` wrote; None for what is none."""
    if isinstance(stored, Mapping):
        values = {str(name): _value_from_json(value) for name, value in stored.items()}
        return {name: value for name, value in values.items() if value} or None
    return _value_from_json(stored)


def _value_to_json(value: Value | None) -> object:
    return list(value) if isinstance(value, tuple) else value


def _value_from_json(stored: object) -> Value | None:
    if isinstance(stored, list):
        return tuple(str(part) for part in stored) or None
    return stored if isinstance(stored, str) and stored else None

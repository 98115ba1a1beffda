"""From a submitted form to a response, and from a response to words."""

from collections.abc import Mapping, Sequence

from lti_tool.assessments.interactions.registry import interaction_of
from lti_tool.assessments.model.item import Item, Response


def field_name(item: Item) -> str:
    """The name of the form field that carries the response to a question."""
    return f"a-{item.id}"


def read_response(item: Item, fields: Mapping[str, Sequence[str]]) -> Response | None:
    """The response to a question in form data, None for no answer.

    Raises Invalid for what the question's field cannot have sent: an unknown or second choice, too long a text.
    A number that cannot be read is no fault: it is kept as typed, and `unclear` says what to tell the learner.
    """
    return interaction_of(item).read(item, fields.get(field_name(item), ()))


def is_answered(response: Response | None) -> bool:
    """Whether there is an answer; a cleared one is none."""
    return bool(response)


def unclear(item: Item, response: Response | None) -> str:
    """What to tell the learner where we may not read the response as meant ("16,000"); empty when all is clear."""
    return interaction_of(item).unclear(item, response) if response else ""


def describe(item: Item, response: Response | None) -> str:
    """The response in plain words."""
    return interaction_of(item).describe(item, response) if response else "No answer"


def describe_key(item: Item) -> str:
    """The right answer in plain words. For after the attempt only: whoever shows it earlier gives the answer away."""
    return interaction_of(item).describe_key(item)

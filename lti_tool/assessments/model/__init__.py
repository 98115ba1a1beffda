"""The nouns of an assessment: frozen dataclasses with no behaviour beyond their JSON form."""

from lti_tool.assessments.model.form import Form, Review, Section
from lti_tool.assessments.model.item import Choice, Item, ItemKind, MultipleScoring, NumberKey, Response
from lti_tool.assessments.model.outcome import ItemOutcome, Outcome

__all__ = [
    "Choice",
    "Form",
    "Item",
    "ItemKind",
    "ItemOutcome",
    "MultipleScoring",
    "NumberKey",
    "Outcome",
    "Response",
    "Review",
    "Section",
]

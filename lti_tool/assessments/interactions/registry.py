"""Finds the module of a kind. A new kind is added here, and nowhere else is a kind asked for by name."""

from collections.abc import Mapping

from lti_tool.assessments.interactions.choice import Multiple, Single
from lti_tool.assessments.interactions.kind import Interaction
from lti_tool.assessments.interactions.number import Number
from lti_tool.assessments.interactions.text import Text
from lti_tool.assessments.model.item import Item, ItemKind

_KINDS: Mapping[ItemKind, Interaction] = {
    ItemKind.SINGLE: Single(),
    ItemKind.MULTIPLE: Multiple(),
    ItemKind.TEXT: Text(),
    ItemKind.NUMBER: Number(),
}


def interaction_of(item: Item) -> Interaction:
    """The kind of this question."""
    return _KINDS[item.kind]

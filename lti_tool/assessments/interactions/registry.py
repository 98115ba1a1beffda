"""Finds the module of a kind. A new kind is added here, and nowhere else is a kind asked for by name."""

from collections.abc import Mapping
from typing import Any

from lti_tool.assessments.interactions.choice import Dropdown, Hottext, Multiple, Single
from lti_tool.assessments.interactions.gaps import Gaps
from lti_tool.assessments.interactions.kind import Kind
from lti_tool.assessments.interactions.match import Categorise, Match, Matrix
from lti_tool.assessments.interactions.number import Number
from lti_tool.assessments.interactions.order import Order
from lti_tool.assessments.interactions.text import Text
from lti_tool.assessments.interactions.written import Essay, Upload
from lti_tool.assessments.model.interaction import Interaction, ItemKind

# Any: each kind takes its own class of interaction, which `ItemKind` alone ties to it.
_KINDS: Mapping[ItemKind, Kind[Any]] = {
    ItemKind.SINGLE: Single(),
    ItemKind.TRUE_FALSE: Single(),
    ItemKind.MULTIPLE: Multiple(),
    ItemKind.TEXT: Text(),
    ItemKind.NUMBER: Number(),
    ItemKind.ESSAY: Essay(),
    ItemKind.UPLOAD: Upload(),
    ItemKind.MATCH: Match(),
    ItemKind.MATRIX: Matrix(),
    ItemKind.CATEGORISE: Categorise(),
    ItemKind.ORDER: Order(),
    ItemKind.DROPDOWN: Dropdown(),
    ItemKind.GAPS: Gaps(),
    ItemKind.HOTTEXT: Hottext(),
}


def kind_of(asked: Interaction) -> Kind[Any]:
    """The kind of an interaction."""
    return _KINDS[asked.kind]

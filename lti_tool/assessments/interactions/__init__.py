"""The kinds of interaction: one small module each, behind one registry. Nothing else in the house decides by kind."""

from lti_tool.assessments.interactions.kind import Control, Option, Seen, Widget
from lti_tool.assessments.interactions.reading import (
    Asked,
    describe,
    describe_key,
    feedback,
    read_response,
    seen,
    unclear,
    widgets,
)

__all__ = [
    "Asked",
    "Control",
    "Option",
    "Seen",
    "Widget",
    "describe",
    "describe_key",
    "feedback",
    "read_response",
    "seen",
    "unclear",
    "widgets",
]

"""The kinds of question: one small module each, behind one registry. Nothing else in the house decides by kind."""

from lti_tool.assessments.interactions.reading import describe, describe_key, is_answered, read_response, unclear
from lti_tool.assessments.interactions.registry import interaction_of

__all__ = ["describe", "describe_key", "interaction_of", "is_answered", "read_response", "unclear"]

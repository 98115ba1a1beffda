"""Which questions and which order one attempt gets. The record is the truth; the seed is only its proof."""

from lti_tool.assessments.variants.draw import DrawnForm, draw

__all__ = ["DrawnForm", "draw"]

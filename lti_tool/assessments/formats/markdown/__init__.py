"""Our own Markdown: one file a question, one for the assessment (docs: the module package)."""

from lti_tool.assessments.formats.markdown.assessment import read_assessment
from lti_tool.assessments.formats.markdown.question import read_question, read_stimulus

__all__ = ["read_assessment", "read_question", "read_stimulus"]

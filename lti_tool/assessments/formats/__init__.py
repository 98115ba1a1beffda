"""Readers of question formats. A format knows the model, the model knows no format.

A reader returns what it understood and a list of issues; it never raises on content, so all faults show at once.
"""

from lti_tool.assessments.formats.markdown import read_assessment, read_question, read_stimulus
from lti_tool.assessments.formats.report import Issue

__all__ = ["Issue", "read_assessment", "read_question", "read_stimulus"]

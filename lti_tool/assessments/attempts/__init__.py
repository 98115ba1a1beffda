"""Attempts as they are kept: started once, saved answer by answer in a journal, handed in once."""

from lti_tool.assessments.attempts.attempt import Attempt, Saved, Submission
from lti_tool.assessments.attempts.journal import answers_of, save
from lti_tool.assessments.attempts.store import attempt_with_id, attempts_of, find_attempt, start
from lti_tool.assessments.attempts.submission import submit

__all__ = [
    "Attempt",
    "Saved",
    "Submission",
    "answers_of",
    "attempt_with_id",
    "attempts_of",
    "find_attempt",
    "save",
    "start",
    "submit",
]

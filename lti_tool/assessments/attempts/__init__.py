"""Attempts as they are kept: started once, saved answer by answer in a journal, ended once by learner or clock."""

from lti_tool.assessments.attempts.accommodations import accommodate
from lti_tool.assessments.attempts.attempt import Attempt, Record, Saved, Submission
from lti_tool.assessments.attempts.conduct import Over, claim_over, extend, reopen, reschedule, void
from lti_tool.assessments.attempts.deadline import GRACE, Accommodation, Cause, Deadline, Reason, deadline_of
from lti_tool.assessments.attempts.events import AttemptEvent, events_of, note
from lti_tool.assessments.attempts.journal import Entry, answers_of, count_after_all, journal_of, save, too_late
from lti_tool.assessments.attempts.receipt import receipt_of
from lti_tool.assessments.attempts.states import EventKind, State, fold
from lti_tool.assessments.attempts.store import (
    attempt_with_id,
    attempts_in,
    attempts_of,
    find_attempt,
    find_in,
    hold,
    open_attempts,
    record_of,
    start,
)
from lti_tool.assessments.attempts.submission import submit

__all__ = [
    "GRACE",
    "Accommodation",
    "Attempt",
    "AttemptEvent",
    "Cause",
    "Deadline",
    "Entry",
    "EventKind",
    "Over",
    "Reason",
    "Record",
    "Saved",
    "State",
    "Submission",
    "accommodate",
    "answers_of",
    "attempt_with_id",
    "attempts_in",
    "attempts_of",
    "claim_over",
    "count_after_all",
    "deadline_of",
    "events_of",
    "extend",
    "find_attempt",
    "find_in",
    "fold",
    "hold",
    "journal_of",
    "note",
    "open_attempts",
    "receipt_of",
    "record_of",
    "reopen",
    "reschedule",
    "save",
    "start",
    "submit",
    "too_late",
    "void",
]

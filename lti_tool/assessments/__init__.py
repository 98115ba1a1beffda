"""How learning is judged: questions, forms, scoring, and the attempts that learners make.

The core is pure (`model`, `interactions`, `scoring`, `variants`, `formats`): a form, a recorded draw and the responses
always give the same outcome, exact to the fraction, with a trace that says why. `attempts` keeps what learners did and
promises: an attempt shows what was drawn for it once, no saved answer is ever overwritten, handing in happens once.
"""

from lti_tool.assessments.attempts import (
    Attempt,
    Saved,
    Submission,
    answers_of,
    attempt_with_id,
    attempts_of,
    find_attempt,
    save,
    start,
    submit,
)
from lti_tool.assessments.formats import Issue, read_assessment, read_question
from lti_tool.assessments.interactions import describe, describe_key, is_answered, read_response, unclear
from lti_tool.assessments.model import (
    Choice,
    Form,
    Item,
    ItemKind,
    ItemOutcome,
    MultipleScoring,
    NumberKey,
    Outcome,
    Response,
    Review,
    Section,
)
from lti_tool.assessments.scoring.score import score, score_item
from lti_tool.assessments.variants import DrawnForm, draw

__all__ = [
    "Attempt",
    "Choice",
    "DrawnForm",
    "Form",
    "Issue",
    "Item",
    "ItemKind",
    "ItemOutcome",
    "MultipleScoring",
    "NumberKey",
    "Outcome",
    "Response",
    "Review",
    "Saved",
    "Section",
    "Submission",
    "answers_of",
    "attempt_with_id",
    "attempts_of",
    "describe",
    "describe_key",
    "draw",
    "find_attempt",
    "is_answered",
    "read_assessment",
    "read_question",
    "read_response",
    "save",
    "score",
    "score_item",
    "start",
    "submit",
    "unclear",
]

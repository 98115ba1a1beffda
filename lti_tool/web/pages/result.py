"""The result of an attempt: the score, whether the LMS has the grade, and what was right."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, courses, lti, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.learner import GradeReceipt, grade_receipt
from lti_tool.web.pages.notes import held_note


@dataclass(frozen=True)
class ChoiceResult:
    """A choice after the hand-in."""

    html: str
    chosen: bool
    right: bool
    feedback_html: str


@dataclass(frozen=True)
class ItemResult:
    """A question after the hand-in."""

    number: int
    title: str
    stem_html: str
    right: bool
    points_text: str
    answer_text: str
    understood: str
    choices: tuple[ChoiceResult, ...]
    feedback_html: str
    solution_html: str
    correct_text: str
    why: tuple[str, ...] = ()
    pending: bool = False


@dataclass(frozen=True)
class HandInReceipt:
    """Proof of a hand-in: the moment, how many answers, and the fingerprint of them in groups of four."""

    at: datetime
    answers: int
    code: str


@dataclass(frozen=True)
class LateAnswer:
    """An answer that came after the end: kept, and of no account."""

    title: str
    text: str
    at: datetime


@dataclass(frozen=True)
class CertificateTeaser:
    """The way to the certificate."""

    url: str
    label: str


@dataclass(frozen=True)
class ResultPage:
    """The result of an attempt."""

    percent: Fraction
    passed: bool
    pass_percent: Fraction
    attempt_number: int
    attempts_allowed: int | None
    attempts_left: int | None
    best_percent: Fraction | None
    submitted_at: datetime
    grade: GradeReceipt | None
    certificate: CertificateTeaser | None
    items: tuple[ItemResult, ...]
    retry_url: str | None
    home_url: str
    poll_url: str
    held_note: str
    # Where the clock ended it: why then.
    ended_because: str
    receipt: HandInReceipt | None
    late: tuple[LateAnswer, ...]


def result_page(
    study: workflows.Study, sitting: workflows.Sitting, session: lti.Session, *, now: datetime
) -> ResultPage:
    """The result of a handed-in attempt, with feedback where the module shows it."""
    attempt, launch, standing = sitting.attempt, session.public_id, study.standing
    form = sitting.version.definition.form
    assert attempt.percent is not None and attempt.submitted_at is not None, "the attempt was handed in"
    is_open = study.window.state_at(now) is courses.State.OPEN
    may_retry = standing.attempts_left != 0 and session.role.is_assessed and is_open
    teaser = None
    if study.completion is not None:
        label = "See your certificate" if study.credential else "Get your certificate"
        teaser = CertificateTeaser(paths.certificate(launch), label)
    return ResultPage(
        percent=attempt.percent,
        passed=bool(attempt.passed),
        pass_percent=form.pass_percent,
        attempt_number=attempt.number,
        attempts_allowed=sitting.attempts_allowed,
        attempts_left=standing.attempts_left,
        best_percent=study.best_percent,
        submitted_at=attempt.submitted_at,
        grade=grade_receipt(study.delivery, session),
        certificate=teaser,
        items=item_results(sitting) if form.review is assessments.Review.AFTER else (),
        retry_url=paths.attempts(launch) if may_retry else None,
        home_url=paths.home(launch),
        poll_url=paths.receipt(launch),
        held_note=held_note(study),
        ended_because=sitting.deadline.words if attempt.closed_as is assessments.EventKind.EXPIRED else "",
        receipt=hand_in_receipt(sitting),
        late=late_answers(sitting),
    )


def hand_in_receipt(sitting: workflows.Sitting) -> HandInReceipt | None:
    """The receipt of an attempt; None for one that was handed in before there were any."""
    attempt = sitting.attempt
    if attempt.receipt is None or attempt.submitted_at is None:
        return None
    code = attempt.receipt.upper()
    groups = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    return HandInReceipt(attempt.submitted_at, sitting.answered, groups)


def late_answers(sitting: workflows.Sitting) -> tuple[LateAnswer, ...]:
    """What came after the end, the last word of it for each question."""
    items = sitting.version.definition.form.items
    newest = {entry.item_id: entry.saved for entry in sitting.late}
    return tuple(
        LateAnswer(items[item_id].title, assessments.describe(items[item_id], saved.response), saved.saved_at)
        for item_id, saved in newest.items()
        if saved.response is not None
    )


def item_results(sitting: workflows.Sitting) -> tuple[ItemResult, ...]:
    """Each question of a handed-in attempt, with what was answered and what was right."""
    outcome = sitting.attempt.outcome
    assert outcome is not None, "the attempt was handed in"
    by_id = {item.item_id: item for item in outcome.items}
    return tuple(
        _item_result(number, sitting.item(number), sitting, by_id[item_id])
        for number, item_id in enumerate(sitting.attempt.drawn.item_ids, start=1)
    )


def _item_result(
    number: int, item: assessments.Item, sitting: workflows.Sitting, outcome: assessments.ItemOutcome
) -> ItemResult:
    response = sitting.response(item.id)
    seen = assessments.seen(item, response, sitting.attempt.drawn.choice_orders)
    choices = tuple(ChoiceResult(each.html, each.chosen, each.right, each.feedback) for each in seen)
    said = item.feedback_right if outcome.right else item.feedback_wrong
    return ItemResult(
        number=number,
        title=item.title,
        stem_html=item.stem,
        right=outcome.right,
        points_text=f"{_points(outcome.points)} of {_points(outcome.max_points)}",
        answer_text=assessments.describe(item, response) if response is not None else "",
        understood=outcome.understood,
        choices=choices,
        feedback_html="".join((*assessments.feedback(item, response), said)),
        solution_html=item.solution,
        correct_text=assessments.describe_key(item),
        why=tuple(str(step) for step in outcome.trace),
        pending=outcome.pending,
    )


def _points(points: Fraction) -> str:
    """Points with two decimals at most, rounded half-up, for reading only."""
    hundredths = (2 * points.numerator * 100 + points.denominator) // (2 * points.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")

"""Pages of a learner: the module's home, a page to read."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, courses, gradebook, lti, modules, workflows
from lti_tool.web.pages import notes, paths
from lti_tool.web.pages.timing import Until, limit_words, until
from lti_tool.web.templating import apart


@dataclass(frozen=True)
class Step:
    """One stop on a module's line."""

    title: str
    url: str
    minutes: int
    state: str


@dataclass(frozen=True)
class Facts:
    """What a learner wants to know before beginning."""

    hours: str
    level: str
    credits: str
    minutes_left: int
    attempts_text: str
    time_text: str
    pass_percent: Fraction
    review: str


@dataclass(frozen=True)
class AssessmentCard:
    """The assessment as the home page offers it; state: ready, open, used_up or passed."""

    state: str
    url: str | None
    start_url: str
    attempts_used: int
    attempts_allowed: int | None
    best_percent: Fraction | None
    label: str


@dataclass(frozen=True)
class GradeReceipt:
    """Whether the LMS has the grade; state: none, waiting, delivered, parked or overruled (somebody's own is there).

    `is_confirmed`: the LMS was seen to hold it. `differs`: it shows another grade now, `shown_percent`, if any.
    """

    state: str
    percent: Fraction | None
    platform_name: str
    delivered_at: datetime | None
    next_try_at: datetime | None
    problem: str
    is_confirmed: bool = False
    differs: bool = False
    shown_percent: Fraction | None = None


@dataclass(frozen=True)
class HomePage:
    """The module's home: where the learner stands and the one next step."""

    module_title: str
    learner_name: str
    description_html: str
    outcomes: tuple[str, ...]
    facts: Facts
    steps: tuple[Step, ...]
    continue_url: str
    continue_label: str
    stopped_at: str
    pages_done: int
    pages_total: int
    assessment: AssessmentCard
    certificate_url: str | None
    grade: GradeReceipt | None
    poll_url: str
    practice_note: str
    held_note: str = ""
    window: tuple[str, ...] = ()
    may_begin: bool = True
    privacy_url: str = ""
    until: Until | None = None
    # Attempts that a teacher has taken out of the count.
    voided: tuple[int, ...] = ()


@dataclass(frozen=True)
class ReadingPage:
    """A page to read; `block` is where the reader was."""

    title: str
    number: int
    total: int
    html: str
    minutes: int
    block: int
    position_url: str
    done_url: str
    previous_url: str | None
    next_label: str
    steps: tuple[Step, ...]
    home_url: str


def home_page(study: workflows.Study, session: lti.Session, *, now: datetime) -> HomePage:
    """The home of a module for one learner."""
    definition, launch = study.definition, session.public_id
    done = [page for page in definition.pages if _is_done(study, page.key)]
    card = _assessment_card(study, launch)
    label, url = _next_step(study, launch, len(done))
    last = study.progress.last_page
    return HomePage(
        module_title=definition.title,
        learner_name=study.person.given_name or study.person.shown_name,
        description_html=definition.description,
        outcomes=definition.outcomes,
        facts=_facts(study),
        steps=steps(study, launch),
        continue_url=url,
        continue_label=label,
        stopped_at=next((page.title for page in definition.pages if page.key == last), ""),
        pages_done=len(done),
        pages_total=len(definition.pages),
        assessment=card,
        certificate_url=paths.certificate(launch) if study.completion else None,
        grade=grade_receipt(study.delivery, session),
        poll_url=paths.receipt(launch),
        practice_note=_practice_note(session),
        held_note=notes.held_note(study),
        window=notes.window_words(study.window, session.platform_name, now),
        privacy_url=paths.privacy(launch),
        may_begin=study.window.state_at(now) is courses.State.OPEN,
        until=until(study.deadline, now),
        voided=tuple(one.number for one in study.attempts if one.state is assessments.State.VOIDED),
    )


def _practice_note(session: lti.Session) -> str:
    if session.is_masquerade:
        return (
            "Practice run: you are acting as this learner. Nothing counts: no grade is sent, no certificate made. "
            "The learner’s own work is not shown here and stays as it is."
        )
    return "Practice run: you are a test user, so no certificate is made." if session.is_test_user else ""


def reading_page(study: workflows.Study, session: lti.Session, key: str) -> ReadingPage:
    """One page of the module, with its neighbours."""
    launch = session.public_id
    place, page = workflows.page_of(study.version, key)
    pages = study.definition.pages
    known = study.progress.pages.get(key)
    following = pages[place + 1] if place + 1 < len(pages) else None
    return ReadingPage(
        title=page.title,
        number=place + 1,
        total=len(pages),
        html=page.html,
        minutes=page.minutes,
        block=known.block if known else 0,
        position_url=paths.position(launch, key),
        done_url=paths.page_done(launch, key),
        previous_url=paths.reading(launch, pages[place - 1].key) if place else None,
        next_label=f"Next: {apart(following.title)}" if following else "To the assessment",
        steps=steps(study, launch, current=key),
        home_url=paths.home(launch),
    )


def after_page(version: modules.ModuleVersion, launch: str, key: str) -> str:
    """Where “next” leads from a page."""
    place, _ = workflows.page_of(version, key)
    pages = version.definition.pages
    if place + 1 < len(pages):
        return paths.reading(launch, pages[place + 1].key)
    return f"{paths.home(launch)}#assessment"


def steps(study: workflows.Study, launch: str, current: str | None = None) -> tuple[Step, ...]:
    """The module's line: each page, done, to do, or here."""
    now = current or next((page.key for page in study.definition.pages if not _is_done(study, page.key)), None)

    def state(key: str) -> str:
        if key == now:
            return "now"
        return "done" if _is_done(study, key) else "todo"

    return tuple(
        Step(page.title, paths.reading(launch, page.key), page.minutes, state(page.key))
        for page in study.definition.pages
    )


def grade_receipt(delivery: gradebook.Delivery | None, session: lti.Session) -> GradeReceipt | None:
    """What the LMS has of this learner's grade; None where no grade has ever been wished."""
    if delivery is None:
        return None
    return GradeReceipt(
        state=_receipt_state(delivery),
        percent=delivery.percent,
        platform_name=session.platform_name,
        delivered_at=delivery.delivered_at,
        next_try_at=delivery.next_try_at,
        problem=delivery.problem or "",
        is_confirmed=delivery.confirmed_at is not None,
        differs=delivery.differs,
        shown_percent=delivery.seen_percent,
    )


def _receipt_state(delivery: gradebook.Delivery) -> str:
    """What matters to people: it is there, it comes by itself, somebody has to look, or somebody has seen to it."""
    if delivery.state.is_delivered:
        return "delivered"
    return "waiting" if delivery.state.is_under_way else delivery.state.value


def _is_done(study: workflows.Study, key: str) -> bool:
    page = study.progress.pages.get(key)
    return page is not None and page.done


def _next_step(study: workflows.Study, launch: str, done: int) -> tuple[str, str]:
    pages = study.definition.pages
    if study.completion is not None:
        return "Get your certificate" if study.credential is None else "See your certificate", paths.certificate(launch)
    if done == len(pages):
        return "Go to the assessment", f"{paths.home(launch)}#assessment"
    last = study.progress.last_page
    if last is None:
        return "Start reading", paths.reading(launch, pages[0].key)
    key = last if not _is_done(study, last) else next(p.key for p in pages if not _is_done(study, p.key))
    return "Continue reading", paths.reading(launch, key)


def _facts(study: workflows.Study) -> Facts:
    definition = study.definition
    allowed = study.attempts_allowed
    left = sum(page.minutes for page in definition.pages if not _is_done(study, page.key))
    words = "as many as you like" if allowed is None else f"{allowed}"
    return Facts(
        hours=definition.hours,
        level=definition.level,
        credits=definition.credits,
        minutes_left=left,
        attempts_text=f"{words}, the best one counts" if allowed != 1 else "1",
        time_text=limit_words(definition.form, study.accommodation),
        pass_percent=definition.pass_percent,
        review="Answers and explanations are shown after you hand in."
        if definition.form.review.value == "after"
        else "Only the score is shown after you hand in.",
    )


def _assessment_card(study: workflows.Study, launch: str) -> AssessmentCard:
    sitting, standing = study.open_attempt, study.standing
    used = sum(1 for attempt in study.attempts if attempt.graded)
    state, label = "ready", "Begin the assessment" if not used else "Try again"
    if sitting is not None:
        state, label = "open", "Continue the assessment"
    elif standing.attempts_left == 0:
        state, label = ("passed" if standing.passed else "used_up"), ""
    elif standing.passed:
        state, label = "passed", "Improve your result"
    return AssessmentCard(
        state=state,
        url=paths.question(launch, sitting.public_id, 1) if sitting else None,
        start_url=paths.attempts(launch),
        attempts_used=used,
        attempts_allowed=study.attempts_allowed,
        best_percent=study.best_percent,
        label=label,
    )

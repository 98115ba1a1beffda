"""Pages of a teacher: the picker, the preview, who has come how far."""

from dataclasses import dataclass
from fractions import Fraction

from lti_tool import assessments, lti, modules, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.learner import GradeReceipt, grade_receipt


@dataclass(frozen=True)
class ModuleChoice:
    """A module that may be added to the course."""

    public_id: str
    title: str
    summary: str
    language: str
    minutes: int
    hours: str
    questions: int
    outcomes: tuple[str, ...]
    version: int
    preview_url: str


@dataclass(frozen=True)
class PickerPage:
    """All modules to choose from."""

    modules: tuple[ModuleChoice, ...]
    query: str
    post_url: str
    accept_multiple: bool
    errors: tuple[str, ...]


@dataclass(frozen=True)
class ReturnPage:
    """The signed choice on its way to the LMS."""

    action: str
    jwt: str
    title: str


@dataclass(frozen=True)
class Counts:
    """How many learners are how far: each counted once, in `reading`, `attempted` or `passed`."""

    enrolled: int
    reading: int
    attempted: int
    passed: int


@dataclass(frozen=True)
class LearnerRow:
    """One learner's line in the table."""

    name: str
    state_word: str
    pages_done: int
    pages_total: int
    attempts: int
    best_percent: Fraction | None
    grade: GradeReceipt | None
    delivery_id: int | None
    passed: bool
    certificate_number: str


@dataclass(frozen=True)
class DashboardPage:
    """What needs the teacher, and everybody's line."""

    module_title: str
    preview_url: str
    counts: Counts
    rows: tuple[LearnerRow, ...]
    resend_url: str


@dataclass(frozen=True)
class PreviewQuestion:
    """A question with its key, for teachers only."""

    title: str
    stem_html: str
    choices: tuple[tuple[str, bool], ...]
    correct_text: str
    solution_html: str


@dataclass(frozen=True)
class PreviewPage:
    """A page of the module as learners read it; after the last one, the questions with their keys."""

    module_title: str
    title: str
    html: str
    number: int
    total: int
    previous_url: str | None
    next_url: str | None
    back_url: str
    questions: tuple[PreviewQuestion, ...]


def picker_page(
    cards: list[modules.ModuleCard], session: lti.Session, *, query: str, errors: tuple[str, ...] = ()
) -> PickerPage:
    """The modules to choose from."""
    settings = session.deep_linking
    return PickerPage(
        modules=tuple(_choice(card, session.public_id) for card in cards),
        query=query,
        post_url=paths.pick(session.public_id),
        accept_multiple=settings is not None and settings.accept_multiple,
        errors=errors,
    )


def dashboard_page(overview: workflows.Overview, session: lti.Session) -> DashboardPage:
    """Everybody who has opened the activity."""
    definition, learners = overview.version.definition, overview.learners
    return DashboardPage(
        module_title=definition.title,
        preview_url=paths.preview(session.public_id, 1),
        counts=Counts(
            enrolled=len(learners),
            reading=sum(1 for learner in learners if not (learner.attempts or learner.sitting)),
            attempted=sum(1 for learner in learners if (learner.attempts or learner.sitting) and not learner.passed),
            passed=sum(1 for learner in learners if learner.passed),
        ),
        rows=tuple(_row(learner, len(definition.pages), session) for learner in learners),
        resend_url=paths.resend(session.public_id),
    )


def preview_page(version: modules.ModuleVersion, number: int, session: lti.Session, module: str | None) -> PreviewPage:
    """A page as learners read it, or, past the last one, the assessment with its keys."""
    pages, launch = version.definition.pages, session.public_id
    total = len(pages) + 1
    on_questions = number == total

    def at(place: int) -> str:
        return paths.pick_preview(launch, module, place) if module else paths.preview(launch, place)

    form = version.definition.form
    return PreviewPage(
        module_title=version.definition.title,
        title=form.title if on_questions else pages[number - 1].title,
        html=form.instructions if on_questions else pages[number - 1].html,
        number=number,
        total=total,
        previous_url=at(number - 1) if number > 1 else None,
        next_url=at(number + 1) if number < total else None,
        back_url=paths.pick(launch) if module else paths.dashboard(launch),
        questions=tuple(_question(item) for item in form.items.values()) if on_questions else (),
    )


def _choice(card: modules.ModuleCard, launch: str) -> ModuleChoice:
    return ModuleChoice(
        public_id=card.public_id,
        title=card.title,
        summary=card.summary,
        language=card.language,
        minutes=card.minutes,
        hours=card.hours,
        questions=card.questions,
        outcomes=card.outcomes,
        version=card.version,
        preview_url=paths.pick_preview(launch, card.public_id, 1),
    )


def _row(learner: workflows.LearnerState, pages: int, session: lti.Session) -> LearnerRow:
    return LearnerRow(
        name=learner.person.shown_name,
        state_word=_state_word(learner),
        pages_done=learner.pages_done,
        pages_total=pages,
        attempts=learner.attempts,
        best_percent=learner.percent,
        grade=grade_receipt(learner.delivery, session),
        delivery_id=learner.delivery.id if learner.delivery else None,
        passed=learner.passed,
        certificate_number=learner.credential.number if learner.credential else "",
    )


def _state_word(learner: workflows.LearnerState) -> str:
    if learner.passed:
        return "Passed"
    if learner.sitting:
        return "In the assessment"
    if learner.attempts:
        return "Not passed yet"
    return "Reading" if learner.pages_done else "Opened"


def _question(item: assessments.Item) -> PreviewQuestion:
    return PreviewQuestion(
        title=item.title,
        stem_html=item.stem,
        choices=tuple((choice.html, choice.right) for choice in item.choices),
        correct_text=assessments.describe_key(item),
        solution_html=item.solution,
    )

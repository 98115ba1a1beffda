"""Pages of a teacher: the picker, the preview, who has come how far."""

from dataclasses import dataclass

from lti_tool import assessments, courses, lti, modules, workflows
from lti_tool.gradebook import shown_percent
from lti_tool.web.pages import paths
from lti_tool.web.pages.class_list import ClassList, Counts, GradeCounts, View, class_list, counts, grade_counts
from lti_tool.web.templating import apart


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
    # Whether the link that is being edited shows it now.
    shown_now: bool = False


@dataclass(frozen=True)
class PickerPage:
    """All modules to choose from. `cancel_url` is empty where nothing waits for an answer.

    `current` is the module that the edited link shows; `connects` where a link without a module is being connected.
    """

    modules: tuple[ModuleChoice, ...]
    query: str
    post_url: str
    accept_multiple: bool
    errors: tuple[str, ...]
    current: str = ""
    connects: bool = False
    cancel_url: str = ""
    plain_links: bool = False
    completion: bool = False


@dataclass(frozen=True)
class ReturnPage:
    """The signed choice on its way to the LMS."""

    action: str
    jwt: str
    title: str


@dataclass(frozen=True)
class PlacementNotes:
    """What a teacher should know of the link itself: where it was copied from, its dates, and what it asks.

    `wanted` is the module that the link carries by now, while learners have begun with `shown`.
    """

    copied_from: str = ""
    dates: tuple[str, ...] = ()
    # Where the dates of here are set; empty for who may not.
    dates_url: str = ""
    conflicts: tuple[str, ...] = ()
    shown: str = ""
    wanted: str = ""
    begun: int = 0
    sitting: int = 0
    settle_url: str = ""
    may_settle: bool = False
    completion: str = ""


@dataclass(frozen=True)
class DashboardPage:
    """What needs the teacher, how it is going, and a page of everybody's lines."""

    module_title: str
    preview_url: str
    counts: Counts
    grades: GradeCounts
    people: ClassList
    resend_url: str
    notes: PlacementNotes = PlacementNotes()
    attempts_url: str = ""


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
    cards: list[modules.ModuleCard],
    session: lti.Session,
    *,
    query: str,
    errors: tuple[str, ...] = (),
    before: courses.Offer | None = None,
) -> PickerPage:
    """The modules to choose from."""
    settings, shown = session.deep_linking, before.module_id if before else None
    return PickerPage(
        modules=tuple(_choice(card, session.public_id, shown=card.module_id == shown) for card in cards),
        query=query,
        post_url=paths.pick(session.public_id),
        accept_multiple=settings is not None and settings.accept_multiple and before is None,
        errors=errors,
        current=next((card.title for card in cards if card.module_id == shown), ""),
        connects=settings is None,
        cancel_url=paths.cancel(session.public_id) if settings is not None else "",
        plain_links=settings is not None and settings.is_plain,
        completion=settings is not None and lti.completes_by_grade(settings.return_url),
    )


def dashboard_page(overview: workflows.Overview, session: lti.Session, view: View) -> DashboardPage:
    """Everybody who has opened the activity, and who should have."""
    return DashboardPage(
        module_title=overview.version.definition.title,
        preview_url=paths.preview(session.public_id, 1),
        counts=counts(overview),
        grades=grade_counts(overview),
        people=class_list(overview, view, session),
        resend_url=paths.resend(session.public_id),
        notes=_notes(overview, session),
        attempts_url=paths.conducted(session.public_id),
    )


def _notes(overview: workflows.Overview, session: lti.Session) -> PlacementNotes:
    definition, wanted, platform = overview.version.definition, overview.wanted, session.platform_name or "your LMS"
    by_grade = lti.completes_by_grade(overview.placement.line_item_url or "")
    return PlacementNotes(
        copied_from=_copy_words(overview.origin),
        dates=tuple(_date_words(reason, platform, overview.window.zone) for reason in overview.window.reasons),
        dates_url=paths.dates(session.public_id) if session.role.may_author else "",
        conflicts=overview.window.conflicts,
        shown=definition.title,
        wanted=wanted.definition.title if wanted else "",
        begun=sum(1 for learner in overview.learners if learner.attempts or learner.sitting),
        sitting=sum(1 for learner in overview.learners if learner.sitting),
        settle_url=paths.settle(session.public_id),
        may_settle=session.role.may_author,
        completion=f"{shown_percent(definition.pass_percent)}" if by_grade else "",
    )


def _copy_words(origin: courses.Origin | None) -> str:
    if origin is None:
        return ""
    if origin.kind is courses.Copy.ACTIVITY:
        return f"a copy of “{apart(origin.title)}” in this course"
    where = f"the course “{apart(origin.course)}”" if origin.course else "another course"
    return f"copied from “{apart(origin.title)}” in {where}"


def _date_words(reason: courses.Reason, platform: str, zone: str) -> str:
    when = courses.place_words(reason.at, "" if reason.by_lms else zone)
    return f"{reason.fact[:1].upper()}{reason.fact[1:]}: {when}, set {f'in {platform}' if reason.by_lms else 'here'}"


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


def _choice(card: modules.ModuleCard, launch: str, *, shown: bool) -> ModuleChoice:
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
        shown_now=shown,
    )


def _question(item: assessments.Item) -> PreviewQuestion:
    return PreviewQuestion(
        title=item.title,
        stem_html=item.stem,
        choices=tuple((each.html, each.right) for each in assessments.seen(item, None, {})),
        correct_text=assessments.describe_key(item),
        solution_html=item.solution,
    )

"""A teacher's pages: the picker of deep linking, the preview, who has come how far."""

from flask import Blueprint, Response, g, make_response, redirect, request

from lti_tool import lti, modules, workflows
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.web import security
from lti_tool.web.pages import instructor as pages
from lti_tool.web.pages import paths
from lti_tool.web.pages.class_list import read_view
from lti_tool.web.pages.submission import submission_page
from lti_tool.web.session import visiting
from lti_tool.web.templating import Shell, direction, page
from lti_tool.web.wiring import parts

instructor = Blueprint("instructor", __name__, url_prefix="/teach/<launch>")


@instructor.get("/")
def dashboard(launch: str) -> Response:
    """Everybody who has opened the activity, and whether their grades are in the LMS."""
    _require_sight_of_learners()
    with parts().db.reading() as tx:
        overview = workflows.overview(tx, visiting(), now=parts().now())
    definition = overview.version.definition
    note_shell(definition.title, paths.dashboard(launch), definition.language)
    return page("instructor/dashboard.html", pages.dashboard_page(overview, visiting(), read_view(request.args)))


@instructor.post("/people/refresh")
def refresh_people(launch: str) -> Response:
    """Has the LMS's list of people read, by the worker; the page does not wait for it."""
    _require_sight_of_learners()
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.refresh_roster(tx, visiting(), now=wiring.now())
    wiring.wake()
    return make_response(redirect(f"{paths.dashboard(launch)}#learners", code=303))


@instructor.post("/resend")
def resend(launch: str) -> Response:
    """Sends one grade once more."""
    _require_sight_of_learners()
    wiring, text = parts(), request.form.get("delivery", "")
    if not text.isdecimal() or len(text) > 18:
        raise Invalid("web.delivery", "There is no such grade.", "Reload the page and try again.")
    with wiring.db.transaction() as tx:
        workflows.send_again(tx, visiting(), int(text), now=wiring.now())
    wiring.wake()
    return make_response(redirect(paths.dashboard(launch), code=303))


@instructor.get("/preview/<int:number>")
def preview(launch: str, number: int) -> Response:
    """A page of the module as learners read it."""
    return _preview(number, None)


@instructor.get("/pick")
def pick(launch: str) -> Response:
    """The modules to choose from."""
    query = request.args.get("q", "")[:100]
    return _picker(query, ())


@instructor.get("/pick/<module>/<int:number>")
def pick_preview(launch: str, module: str, number: int) -> Response:
    """A page of a module that may be chosen, for who is choosing: it shows the answers too."""
    _require_choosing()
    return _preview(number, module)


@instructor.post("/pick")
def choose(launch: str) -> Response:
    """The choice goes to the LMS, signed, by a form that sends itself; or the link that was opened is connected."""
    wiring, session = parts(), visiting()
    _require_choosing()
    chosen = request.form.getlist("module")
    try:
        with wiring.db.transaction() as tx:
            if session.deep_linking is None:
                workflows.choose_for_link(tx, session, chosen, now=wiring.now())
                return make_response(redirect(start_of(session), code=303))
            answer = workflows.choose(
                tx, session, chosen, vault=wiring.vault, public_url=wiring.public_url, now=wiring.now()
            )
    except Invalid as fault:
        return make_response(_picker("", (f"{fault.text} {fault.hint_text}",)), 400)
    return _back_to_the_lms(answer, "Adding the module to your course")


@instructor.post("/cancel")
def cancel(launch: str) -> Response:
    """Back to the LMS with nothing chosen."""
    wiring, session = parts(), visiting()
    with wiring.db.transaction() as tx:
        answer = workflows.cancel(tx, session, vault=wiring.vault, now=wiring.now())
    return _back_to_the_lms(answer, "Nothing is added")


@instructor.post("/settle")
def settle(launch: str) -> Response:
    """A teacher's answer about a link that was edited after learners had begun."""
    wiring, session = parts(), visiting()
    word = request.form.get("word", "")
    if word not in ("turn", "stay"):
        raise Invalid("web.word", "This form is incomplete.", "Reload the page and choose once more.")
    with wiring.db.transaction() as tx:
        workflows.settle_offer(tx, session, turn=word == "turn", now=wiring.now())
    return make_response(redirect(start_of(session), code=303))


@instructor.get("/submissions/<enrolment>")
def submission(launch: str, enrolment: str) -> Response:
    """One learner's newest result, to be looked at and not changed."""
    _require_sight_of_learners()
    session = visiting()
    with parts().db.reading() as tx:
        found = workflows.review(tx, session, enrolment)
    sitting = found.sitting
    title, language = (sitting.version.definition.title, sitting.version.definition.language) if sitting else ("", "en")
    note_shell(title, paths.dashboard(launch), language)
    return page("instructor/submission.html", submission_page(found, session))


def start_of(session: lti.Session) -> str:
    """Where a teacher's activity begins."""
    launch = session.public_id
    return paths.dashboard(launch) if session.role.sees_learners else paths.preview(launch, 1)


def _back_to_the_lms(answer: workflows.DeepLinkingAnswer, title: str) -> Response:
    security.allow_form_to(answer.return_url)
    note_shell("", None)
    return page("instructor/return.html", pages.ReturnPage(answer.return_url, answer.jwt, title))


def _require_sight_of_learners() -> None:
    """A designer of courses sees modules, and nobody's results."""
    if not visiting().role.sees_learners:
        raise NotFound("web.not_found", "There is no such page.")


def _require_choosing() -> None:
    """Other modules are for sessions that came to choose one."""
    session = visiting()
    unplaced = session.message.names_a_link and session.placement_id is None and session.role.may_author
    if session.deep_linking is None and not unplaced:
        raise NotFound("lti.no_deep_linking", "Modules are chosen from the course's “Add an activity” page.")


def _picker(query: str, errors: tuple[str, ...]) -> Response:
    session = visiting()
    _require_choosing()
    with parts().db.reading() as tx:
        cards = workflows.catalogue(tx, session, query=query)
        before = workflows.chosen_before(tx, session)
    note_shell("", None)
    shown = pages.picker_page(list(cards), session, query=query, errors=errors, before=before)
    return page("instructor/picker.html", shown)


def _preview(number: int, module: str | None) -> Response:
    with parts().db.reading() as tx:
        version: modules.ModuleVersion = workflows.preview(tx, visiting(), module)
    if not 1 <= number <= len(version.definition.pages) + 1:
        raise NotFound("modules.no_page", "This module has no page with that number.")
    shown = pages.preview_page(version, number, visiting(), module)
    note_shell(version.definition.title, shown.back_url, version.definition.language)
    return page("instructor/preview.html", shown)


def note_shell(title: str, home_url: str | None, language: str = "en") -> None:
    """What surrounds this page of a teacher: the module it is about, in its language, and where “home” leads."""
    session = visiting()
    g.shell = Shell(
        lang="en",
        dir="ltr",
        issuer_name="",
        module_title=title,
        frame=True,
        return_url=session.return_url,
        platform_name=session.platform_name,
        home_url=home_url,
        role="teacher",
        content_lang=language,
        content_dir=direction(language),
        launch=session.public_id if home_url else "",
    )

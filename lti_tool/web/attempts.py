"""A teacher's pages for one assessment: everybody's attempts, one with its journal, and what is decided about it."""

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import assessments, workflows
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.web.instructor import note_shell
from lti_tool.web.pages import attempts as pages
from lti_tool.web.pages import paths
from lti_tool.web.session import visiting
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

attempts = Blueprint("attempts", __name__, url_prefix="/teach/<launch>")


@attempts.get("/attempts")
def conducted(launch: str) -> Response:
    """All attempts, by learner."""
    _require_sight_of_learners()
    wiring, session = parts(), visiting()
    with wiring.db.reading() as tx:
        found = workflows.conducted(tx, session)
    definition = found.version.definition
    note_shell(definition.title, paths.dashboard(launch), definition.language)
    return page("instructor/attempts.html", pages.attempts_page(found, session, now=wiring.now()))


@attempts.get("/attempts/<attempt>")
def inspected(launch: str, attempt: str) -> Response:
    """One attempt: its state and mark, every answer that came, what happened to it, and what can be done."""
    _require_sight_of_learners()
    wiring, session = parts(), visiting()
    with wiring.db.reading() as tx:
        found = workflows.inspect(tx, session, attempt)
    definition = found.sitting.version.definition
    note_shell(definition.title, paths.dashboard(launch), definition.language)
    return page("instructor/attempt.html", pages.attempt_page(found, session, now=wiring.now()))


@attempts.post("/attempts/<attempt>/extend")
def extend(launch: str, attempt: str) -> Response:
    """More time for an attempt that runs."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.extend(tx, visiting(), attempt, minutes=_number("minutes"), now=wiring.now())
    return _back(launch, attempt)


@attempts.post("/attempts/<attempt>/void")
def void(launch: str, attempt: str) -> Response:
    """Away with an attempt."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.void(tx, visiting(), attempt, reason=_reason(), now=wiring.now())
    wiring.wake()
    return _back(launch, attempt)


@attempts.post("/attempts/<attempt>/reopen")
def reopen(launch: str, attempt: str) -> Response:
    """An attempt that was handed in or voided, open again for a while."""
    wiring, minutes = parts(), _number("minutes")
    with wiring.db.transaction() as tx:
        workflows.reopen(tx, visiting(), attempt, minutes=minutes, reason=_reason(), now=wiring.now())
    return _back(launch, attempt)


@attempts.get("/granted/<enrolment>")
def granted(launch: str, enrolment: str) -> Response:
    """What one learner is granted: more time, attempts, days."""
    _require_sight_of_learners()
    session = visiting()
    with parts().db.reading() as tx:
        found = workflows.granted(tx, session, enrolment)
    definition = found.version.definition
    note_shell(definition.title, paths.dashboard(launch), definition.language)
    return page("instructor/granted.html", pages.granted_page(found, session, enrolment))


@attempts.post("/granted/<enrolment>")
def grant(launch: str, enrolment: str) -> Response:
    """From now on the learner has this, in an attempt that runs as well."""
    wiring = parts()
    wanted = assessments.Accommodation(_number("time_percent"), _number("extra_attempts"), _number("extra_days"))
    with wiring.db.transaction() as tx:
        workflows.accommodate(tx, visiting(), enrolment, wanted, now=wiring.now())
    return make_response(redirect(paths.conducted(launch), code=303))


@attempts.post("/brought")
def bring(launch: str) -> Response:
    """A file with the answers of a page that had no connection."""
    wiring, file = parts(), request.files.get("file")
    text = "" if file is None else file.stream.read().decode("utf-8", "replace")
    with wiring.db.transaction() as tx:
        brought = workflows.bring(tx, visiting(), text, now=wiring.now())
    wiring.wake()
    return _back(launch, brought.attempt)


def _back(launch: str, attempt: str) -> Response:
    return make_response(redirect(paths.inspected(launch, attempt), code=303))


def _require_sight_of_learners() -> None:
    """A designer of courses sees modules, and nobody's results."""
    if not visiting().role.sees_learners:
        raise NotFound("web.not_found", "There is no such page.")


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise Invalid("web.number", "A number is missing here.", "Write a whole number, for example 15.")
    return int(text)


def _reason() -> str:
    return request.form.get("reason", "")[:1000]

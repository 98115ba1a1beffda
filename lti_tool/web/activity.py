"""An activity's own settings, on a teacher's pages: from when until when it is open."""

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import courses, workflows
from lti_tool.courses import OwnDates
from lti_tool.web.instructor import note_shell, start_of
from lti_tool.web.pages import dates as pages
from lti_tool.web.pages import paths
from lti_tool.web.session import visiting
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

activity = Blueprint("activity", __name__, url_prefix="/teach/<launch>")
_LONGEST = 64


@activity.get("/dates")
def dates(launch: str) -> Response:
    """The dates of the activity, to be set or cleared by who may edit the course."""
    return _shown(_dated(), saved="saved" in request.args)


@activity.post("/dates")
def set_dates(launch: str) -> Response:
    """Stores the dates, or shows what is wrong with each; `clear` takes them away."""
    wiring, session = parts(), visiting()
    dated = _dated()
    typed = pages.DatesForm(
        *(request.form.get(name, "")[:_LONGEST] for name in (pages.OPENS, pages.CLOSES, pages.ZONE))
    )
    try:
        clears = request.form.get("word") == "clear"
        wanted = OwnDates() if clears else courses.read_dates(typed.opens, typed.closes, typed.zone)
    except courses.DatesRefused as fault:
        return make_response(_shown(dated, typed=typed, faults=fault.faults), 400)
    with wiring.db.transaction() as tx:
        workflows.set_dates(tx, session, wanted, now=wiring.now())
    # Who sees learners finds the dates on the overview again.
    there = f"{paths.dashboard(launch)}#about" if session.role.sees_learners else f"{paths.dates(launch)}?saved=1"
    return make_response(redirect(there, code=303))


def _dated() -> workflows.Dated:
    with parts().db.reading() as tx:
        return workflows.dates_of(tx, visiting())


def _shown(
    dated: workflows.Dated,
    *,
    saved: bool = False,
    typed: pages.DatesForm | None = None,
    faults: Mapping[str, str] | None = None,
) -> Response:
    session, definition = visiting(), dated.version.definition
    back_url = start_of(session)
    note_shell(definition.title, back_url, definition.language)
    shown = pages.dates_page(dated, session, back_url=back_url, saved=saved, typed=typed, faults=faults)
    return page("instructor/dates.html", shown)

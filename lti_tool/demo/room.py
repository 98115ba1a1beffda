"""The LMS behind a request, the person in front of it, and small answers that several pages share."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, render_template, request

from lti_tool.demo.config import Flavour
from lti_tool.demo.people import Person, Role
from lti_tool.demo.state import Lms

KEY = "lms"
PERSON_COOKIE = "lms_person"
ACTING_COOKIE = "lms_acting"


def the_lms() -> Lms:
    """The LMS that this application shows."""
    lms: Lms = current_app.extensions[KEY]
    return lms


def visitor() -> Person | None:
    """Who the browser says it is; None before the first choice."""
    return the_lms().people.get(request.cookies.get(PERSON_COOKIE, ""))


def acting() -> Person | None:
    """The administrator who really sits there and acts as the visitor."""
    really = may_act()
    return really if really != visitor() else None


def may_act() -> Person | None:
    """The administrator in front of the page, whoever they act as; only Canvas lets anybody act as somebody."""
    lms = the_lms()
    person = lms.people.get(request.cookies.get(ACTING_COOKIE, "")) or visitor()
    is_one = lms.config.flavour is Flavour.CANVAS and person is not None and person.role is Role.ADMIN
    return person if is_one else None


def list_of_tools(status: int = 200, *, problem: str = "", url: str = "") -> Response:
    """The administrator's list of tools that registered themselves, with the field for an address."""
    lms, me = the_lms(), visitor()
    admin = next(person for person in lms.people.values() if person.role is Role.ADMIN)
    rows = list(lms.toolbox.tools.values())
    is_admin = me is not None and me.role is Role.ADMIN
    return page("tools.html", status, tools=rows, admin=admin, is_admin=is_admin, problem=problem, url=url)


def own_path(text: str, otherwise: str) -> str:
    """A path on this site out of a form, never another site's."""
    parts = urlsplit(text)
    is_ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and not parts.netloc
    return text if is_ours else otherwise


def page(template: str, status: int = 200, **facts: object) -> Response:
    """A page of the LMS with what every page shows: who you are, and what is switched wrong."""
    lms = the_lms()
    shared = {
        "me": visitor(),
        "acting": acting(),
        "may_act": may_act() is not None,
        "faults": lms.faults,
        "here": request.path,
        "tool_url": lms.config.tool_url,
        "canvas": lms.config.flavour is Flavour.CANVAS,
    }
    answer = make_response(render_template(template, **shared, **facts), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def carry(action: str, fields: Mapping[str, str], title: str) -> Response:
    """A page that posts a form onward at once, or by a button where scripts do not run."""
    return page("onward.html", action=action, fields=fields, title=title)

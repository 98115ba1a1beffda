"""Administrators' pages of platforms: the list, one of them, its settings, deployments, state and connection test.

Whatever an address names is looked up within the operator's own organisation: what is another's is not there.
"""

from flask import Blueprint, Response, jsonify, make_response, redirect, request

from lti_tool import lti, workflows
from lti_tool.core.errors import Invalid, ToolError
from lti_tool.web import administrator
from lti_tool.web.pages import paths
from lti_tool.web.pages.admin import PlatformsPage, card_of, policies
from lti_tool.web.pages.assessment import FieldError
from lti_tool.web.pages.platform import PlatformForm, TestPage, examination_page, platform_page
from lti_tool.web.surroundings import admin_shell
from lti_tool.web.templating import page, part
from lti_tool.web.wiring import parts

admin = Blueprint("admin", __name__, url_prefix="/admin")

_LONGEST = 5000
_MOST = 20
# What a refusal is about, of the form's fields; any other is about the name.
_FIELDS = {
    "lti.registration_origin": "origins",
    "lti.registration_leeway": "clock_leeway",
    "lti.registration_algorithm": "algorithms",
    "lti.registration_no_algorithm": "algorithms",
    "lti.registration_line_items": "line_items",
    "web.policy": "policy",
}


@admin.get("/")
def platforms() -> Response:
    """All platforms of the organisation, what needs attention first."""
    wiring, owner = parts(), administrator.organisation()
    with wiring.db.reading() as tx:
        states = workflows.platforms_of(tx, owner.id, now=wiring.now())
    shown = PlatformsPage(owner.name, tuple(card_of(state) for state in states), paths.CONNECT)
    return page("admin/platforms.html", shown, admin_shell("platforms"))


@admin.get("/platforms/<public_id>")
def platform(public_id: str) -> Response:
    """One platform."""
    return _show(_find(public_id), saved="saved" in request.args)


@admin.post("/platforms/<public_id>")
def change(public_id: str) -> Response:
    """Stores what may be changed of it at any time."""
    wiring, known, typed = parts(), _find(public_id), _typed()
    try:
        terms = lti.read_terms(typed.clock_leeway, typed.algorithms, typed.line_items)
        with wiring.db.transaction() as tx:
            workflows.change_platform(
                tx,
                known,
                name=typed.name,
                origins=typed.origins.split(),
                policy=_policy(typed.policy),
                terms=terms,
                actor=administrator.actor(),
                now=wiring.now(),
            )
    except Invalid as fault:
        wrong = (error_of(fault, _FIELDS.get(fault.code, "name")),)
        return make_response(_show(known, typed=typed, errors=wrong), 400)
    return _back(public_id)


def _typed() -> PlatformForm:
    said = {name: request.form.get(name, "")[:_LONGEST] for name in ("name", "origins", "policy", "clock_leeway")}
    algorithms = tuple(request.form.getlist("algorithms")[:_MOST])
    return PlatformForm(**said, algorithms=algorithms, line_items=request.form.get("line_items", ""))


@admin.post("/platforms/<public_id>/deployments")
def decide(public_id: str) -> Response:
    """Lets a deployment in, or keeps it out."""
    wiring, known = parts(), _find(public_id)
    with wiring.db.transaction() as tx:
        workflows.decide_deployment(
            tx,
            known,
            request.form.get("deployment", ""),
            allow=request.form.get("decision") == "allow",
            actor=administrator.actor(),
            now=wiring.now(),
        )
    return _back(public_id)


@admin.post("/platforms/<public_id>/state")
def close(public_id: str) -> Response:
    """Closes a platform, or opens it again."""
    wiring, known = parts(), _find(public_id)
    closed = request.form.get("state") == "closed"
    with wiring.db.transaction() as tx:
        workflows.close_platform(tx, known, closed=closed, actor=administrator.actor(), now=wiring.now())
    return _back(public_id)


@admin.post("/platforms/<public_id>/test")
def test(public_id: str) -> Response:
    """Has the LMS asked whether both understand each other; nothing is changed there. A worker does it."""
    wiring, known = parts(), _find(public_id)
    with wiring.db.transaction() as tx:
        lti.ask_examination(tx, known.id, now=wiring.now())
    wiring.wake()
    return make_response(redirect(paths.platform_test(public_id), code=303))


@admin.get("/platforms/<public_id>/test")
def tested(public_id: str) -> Response:
    """How the test stands: it runs, or this was found."""
    return page("admin/test.html", _examination(public_id), admin_shell("platforms"))


@admin.get("/platforms/<public_id>/test/state")
def test_state(public_id: str) -> Response:
    """Whether the test is over, for the page that waits."""
    shown = _examination(public_id)
    running = {"html": part("parts/testing.html", is_slow=shown.is_slow)} if shown.is_running else {}
    return make_response(jsonify(settled=not shown.is_running, **running))


def _examination(public_id: str) -> TestPage:
    wiring, known = parts(), _find(public_id)
    with wiring.db.reading() as tx:
        return examination_page(known, lti.examination_of(tx, known.id), now=wiring.now())


def error_of(fault: ToolError, field: str) -> FieldError:
    """What is wrong, beside the field that it is about."""
    return FieldError(field, f"{fault.text} {fault.hint_text}".strip())


def _find(public_id: str) -> lti.Registration:
    with parts().db.reading() as tx:
        return lti.registration_with_id(tx, public_id, organisation_id=administrator.organisation().id)


def _show(
    known: lti.Registration,
    *,
    saved: bool = False,
    typed: PlatformForm | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    wiring = parts()
    with wiring.db.reading() as tx:
        state = workflows.state_of(tx, known, now=wiring.now())
    usual = wiring.settings.lti.clock_leeway
    shown = platform_page(state, usual_leeway=usual, saved=saved, typed=typed, errors=errors)
    return page("admin/platform.html", shown, admin_shell("platforms"))


def _policy(text: str) -> lti.DeploymentPolicy:
    if text not in {value for value, _, _ in policies()}:
        raise Invalid("web.policy", "Choose what becomes of new deployments.")
    return lti.DeploymentPolicy(text)


def _back(public_id: str) -> Response:
    return make_response(redirect(f"{paths.platform(public_id)}?saved", code=303))

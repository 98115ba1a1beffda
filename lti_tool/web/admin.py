"""Administrators' pages of platforms: the list, one of them, its settings, deployments, state and connection test.

Whatever an address names is looked up within the operator's own organisation: what is another's is not there.
"""

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import lti, workflows
from lti_tool.core.errors import Invalid, ToolError
from lti_tool.web import administrator
from lti_tool.web.pages import paths
from lti_tool.web.pages.admin import PlatformsPage, TestPage, card_of, platform_page, policies
from lti_tool.web.pages.assessment import FieldError
from lti_tool.web.surroundings import admin_shell
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

admin = Blueprint("admin", __name__, url_prefix="/admin")

_LONGEST = 5000


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
    wiring, known = parts(), _find(public_id)
    typed = {name: request.form.get(name, "")[:_LONGEST] for name in ("name", "origins", "policy")}
    try:
        with wiring.db.transaction() as tx:
            workflows.change_platform(
                tx,
                known,
                name=typed["name"],
                origins=typed["origins"].split(),
                policy=_policy(typed["policy"]),
                actor=administrator.actor(),
                now=wiring.now(),
            )
    except Invalid as fault:
        field = "origins" if fault.code == "lti.registration_origin" else "name"
        return make_response(_show(known, typed=typed, errors=(error_of(fault, field),)), 400)
    return _back(public_id)


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
    """Asks the LMS whether both understand each other; nothing is changed there."""
    wiring, known = parts(), _find(public_id)
    report = workflows.examine_connection(
        wiring.db,
        wiring.brief_http,
        wiring.vault,
        wiring.clock,
        known,
        public_url=wiring.public_url,
        leeway=wiring.settings.lti.clock_leeway,
    )
    shown = TestPage(
        known.name,
        paths.platform(public_id),
        paths.platform_test(public_id),
        report.healthy,
        report.findings,
    )
    return page("admin/test.html", shown, admin_shell("platforms"))


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
    typed: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response:
    wiring = parts()
    with wiring.db.reading() as tx:
        state = workflows.state_of(tx, known, now=wiring.now())
    shown = platform_page(state, saved=saved, typed=typed, errors=errors)
    return page("admin/platform.html", shown, admin_shell("platforms"))


def _policy(text: str) -> lti.DeploymentPolicy:
    if text not in {value for value, _, _ in policies()}:
        raise Invalid("web.policy", "Choose what becomes of new deployments.")
    return lti.DeploymentPolicy(text)


def _back(public_id: str) -> Response:
    return make_response(redirect(f"{paths.platform(public_id)}?saved", code=303))

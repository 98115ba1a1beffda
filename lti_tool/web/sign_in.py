"""The doors of administrators: setting up an account by its link, signing in, and signing out.

Whoever stands here has no session yet, so what shows that a form is ours is its Origin, which must be there. Nothing
tells a wrong name from a wrong password or code: not the words, and not the time that it takes.
"""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import people, workflows
from lti_tool.core.errors import Invalid
from lti_tool.credentials import qr_svg
from lti_tool.web import administrator, limits, security
from lti_tool.web.pages import paths
from lti_tool.web.pages.admin import SetupPage, SignInPage
from lti_tool.web.pages.assessment import FieldError
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

sign_in = Blueprint("sign_in", __name__)

_NEXT = re.compile(r"/admin/[A-Za-z0-9/_-]{0,200}")
_LONGEST = 1000
_FIELDS = {"people.code": "code"}


@sign_in.get("/admin/sign-in")
def ask() -> Response:
    """Name, password and code."""
    return page("admin/sign_in.html", SignInPage("", _onward(request.args), ()))


@sign_in.post("/admin/sign-in")
def enter() -> Response:
    """Lets an operator in, with a session that is new each time."""
    security.require_own_origin()
    wiring, form = parts(), request.form
    name = form.get("name", "")[:_LONGEST]
    found = workflows.sign_in(
        wiring.db,
        wiring.vault,
        wiring.clock,
        name=name,
        password=form.get("password", "")[:_LONGEST],
        code=form.get("code", "")[:_LONGEST],
        address=limits.client_address() or "here",
    )
    if found.answer is workflows.SignInAnswer.IN:
        return _come_in(found.token, _onward(form))
    waits = found.answer is workflows.SignInAnswer.WAIT
    said = (
        f"There were too many wrong tries. Wait {_span(found.wait)}, then try again."
        if waits
        else "The name, the password or the code is not right. A code holds for half a minute and serves once."
    )
    shown = SignInPage(name[:200], _onward(form), (FieldError("name", said),))
    answer = make_response(page("admin/sign_in.html", shown), 429 if waits else 403)
    if waits:
        answer.headers["Retry-After"] = str(found.wait)
    return answer


@sign_in.get("/setup/<token>")
def show_setup(token: str) -> Response:
    """Who is to be set up, and what to choose. Looking does not use the link up."""
    return page("admin/setup.html", _setup_page(token, ()))


@sign_in.post("/setup/<token>")
def finish_setup(token: str) -> Response:
    """Uses the link up; whoever had it is signed in."""
    security.require_own_origin()
    wiring, form = parts(), request.form
    try:
        with wiring.db.transaction() as tx:
            operator = workflows.set_up(
                tx,
                wiring.vault,
                token,
                password=form.get("password", "")[:_LONGEST],
                code=form.get("code", "")[:_LONGEST],
                now=wiring.now(),
            )
            secret = people.open_sign_in(tx, operator.id, now=wiring.now())
    except Invalid as fault:
        wrong = FieldError(_FIELDS.get(fault.code, "password"), fault.text)
        return make_response(page("admin/setup.html", _setup_page(token, (wrong,))), 400)
    return _come_in(secret, paths.ADMIN)


def _setup_page(token: str, errors: tuple[FieldError, ...]) -> SetupPage:
    wiring = parts()
    with wiring.db.reading() as tx:
        setup = people.find_setup(tx, wiring.vault, token, now=wiring.now())
        owner = people.find_organisation(tx, setup.operator.organisation_id)
    uri = people.provisioning_uri(setup.secret, account=setup.operator.name, issuer=owner.name)
    grouped = " ".join(setup.secret[place : place + 4] for place in range(0, len(setup.secret), 4))
    return SetupPage(setup.operator.name, owner.name, qr_svg(uri), uri, grouped, paths.setup(token), errors)


def _come_in(secret: str, onward: str) -> Response:
    """A session that was open in this browser before ends: the new one takes nothing over from it."""
    wiring, before = parts(), administrator.token()
    if before:
        with wiring.db.transaction() as tx:
            people.end_sign_in(tx, before)
    answer = make_response(redirect(onward, code=303))
    administrator.remember(answer, secret)
    return answer


def _onward(given: Mapping[str, str]) -> str:
    """Where to go afterwards: a page of ours for administrators, whatever the address asks for."""
    wanted = given.get("next", "")
    return wanted if _NEXT.fullmatch(wanted) else paths.ADMIN


def _span(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconds" if seconds != 1 else "one second"
    minutes = -(-seconds // 60)
    return f"{minutes} minutes" if minutes != 1 else "one minute"

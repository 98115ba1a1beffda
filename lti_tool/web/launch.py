"""The LMS's door: OIDC login initiation, the launch, our public keys (LTI Security Framework 1.0 §5.1).

The browser binding decides at login, before the platform's one-time hint is spent: a browser that shows our cookie goes
straight on; any other first gets the cookie and proves on a second step that it kept it; one that did not is offered a
new tab, where the cookie is first-party and works.
"""

from dataclasses import dataclass

from flask import Blueprint, Response, g, make_response, redirect, request

from lti_tool import lti, workflows
from lti_tool.core import logs
from lti_tool.core.errors import Side
from lti_tool.web import security, session
from lti_tool.web.pages import paths
from lti_tool.web.templating import Shell, page
from lti_tool.web.wiring import parts

launch = Blueprint("launch", __name__)
log = logs.get("launch")

STEP = "lti_tool_step"
"""Our own field among the login's: how far the cookie check is (`kept` in the frame, `tab` and `tab-kept` in a tab)."""


@dataclass(frozen=True)
class LaunchCheckPage:
    """A form that carries the login on to its next step by itself."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True)
class NewTabPage:
    """A form that carries the login into a new tab, and why."""

    action: str
    fields: dict[str, str]
    platform_name: str


@launch.route("/lti/login", methods=["GET", "POST"])
def login() -> Response:
    """OIDC third-party login initiation. The one GET that writes: the login row, used up by the launch."""
    values = {name: value for name, value in request.values.items() if name != STEP}
    step = request.values.get(STEP, "")
    wiring = parts()
    asked = lti.read_login(values, public_url=wiring.public_url)
    with wiring.db.reading() as tx:
        registration = lti.registration_for_login(tx, asked)
    _note_platform(registration)
    browser = session.browser_secret(request)
    if browser is None:
        return _without_cookie(asked, step, registration)
    with wiring.db.transaction() as tx:
        target = lti.begin_login(tx, asked, browser=browser, public_url=wiring.public_url, now=wiring.now())
    answer = make_response(redirect(target, code=302))
    session.bind_browser(answer, browser)
    return answer


def _without_cookie(asked: lti.LoginRequest, step: str, registration: lti.Registration) -> Response:
    action = paths.LOGIN
    if step == "kept":
        fields = {**asked.params(), STEP: "tab"}
        log.info("login.cookie_refused", registration=registration.id)
        return page("launch/new_tab.html", NewTabPage(action, fields, registration.name), _shell(registration))
    if step == "tab-kept":
        raise lti.LtiRefused(
            "lti.no_cookies",
            "Your browser keeps no cookies for this tool, not even in a tab of its own, so it cannot tell your visit "
            "from anybody else's.",
            "Allow cookies for this site, or use another browser, and open the activity again.",
            side=Side.YOU,
        )
    fields = {**asked.params(), STEP: "tab-kept" if step == "tab" else "kept"}
    answer = page("launch/check.html", LaunchCheckPage(action, fields), _shell(registration))
    session.bind_browser(answer, session.new_browser_secret())
    return answer


@launch.post("/lti/launch")
def launched() -> Response:
    """The platform's signed message: verified first, then one transaction makes the session of it."""
    wiring = parts()
    state, browser = request.form.get("state", ""), session.browser_secret(request)
    with wiring.db.reading() as tx:
        login = lti.find_login(tx, state)
        # A session is opened and its login used up in one transaction: of one state, there is either or neither.
        resumes = login is None and browser is not None
        known = lti.resume_session(tx, state=state, browser=browser or "", now=wiring.now()) if resumes else None
    if known is not None:
        logs.bind(launch=known.public_id)
        log.info("launch.resumed")
        return _go(known)
    if login is not None:
        _note_platform(login.registration)
    verified = lti.verify_launch(
        login,
        wiring.key_sets,
        id_token=request.form.get("id_token", ""),
        state=state,
        browser=browser or "",
        public_url=wiring.public_url,
        leeway=wiring.settings.lti.clock_leeway,
        now=wiring.now(),
    )
    g.return_url = verified.return_url or verified.registration.origin
    g.evidence = lti.evidence_of_launch(verified)
    with wiring.db.transaction() as tx:
        entered = workflows.enter(tx, verified, browser=browser or "", now=wiring.now())
    if entered is None:
        raise workflows.deployment_waits(verified)
    logs.bind(launch=entered.public_id)
    log.info("launch.entered", registration=entered.registration_id, role=entered.role)
    return _go(entered)


@launch.get("/lti/jwks.json")
def jwks() -> Response:
    """Our public keys, for platforms."""
    with parts().db.reading() as tx:
        answer = make_response(lti.public_jwks(tx))
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _go(entered: lti.Session) -> Response:
    if entered.message is lti.MessageType.DEEP_LINKING:
        target = paths.pick(entered.public_id)
    elif entered.role.is_assessed:
        target = paths.home(entered.public_id)
    elif entered.role.sees_learners:
        target = paths.dashboard(entered.public_id)
    else:
        target = paths.preview(entered.public_id, 1)
    answer = make_response(redirect(target, code=303))
    browser = session.browser_secret(request)
    if browser is not None:
        session.bind_browser(answer, browser)
    return answer


def _note_platform(registration: lti.Registration) -> None:
    g.registration_id = registration.id
    g.frame_ancestor = registration.origin
    g.platform_name = registration.name
    g.return_url = registration.origin
    security.allow_form_to(registration.auth_url)


def _shell(registration: lti.Registration) -> Shell:
    return Shell("en", "ltr", "", "", True, registration.origin, registration.name, None, "public")

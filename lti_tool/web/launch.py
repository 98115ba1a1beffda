"""The LMS's door: OIDC login initiation, the launch, our public keys (LTI Security Framework 1.0 §5.1).

The browser binding decides at login, before the platform's one-time hint is spent. A browser that shows our cookie goes
straight on. Any other first gets a page that tries the cookie, our own storage and the LMS's; what it could keep the
secret in goes on in the frame, and where nothing keeps it a new tab is offered, where the cookie is first-party.
"""

from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, request

from lti_tool import lti, workflows
from lti_tool.core import ids, logs
from lti_tool.core.errors import Side
from lti_tool.web import security, session
from lti_tool.web.pages import paths
from lti_tool.web.pages.launch import LaunchCheckPage, NewTabPage, ProofPage, ResumePage
from lti_tool.web.surroundings import bare_shell, note_platform, shell_at
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

launch = Blueprint("launch", __name__)
log = logs.get("launch")

STEP = "lti_tool_step"
"""Our own field among the login's: how far the check is (`kept` in the frame, `tab` and `tab-kept` in a tab)."""
LAYER, SECRET = "lti_tool_layer", "lti_tool_secret"
"""What the page between found out: where the secret is kept without a cookie, and the secret."""


@launch.route("/lti/login", methods=["GET", "POST"])
def login() -> Response:
    """OIDC third-party login initiation. The one GET that writes: the login row, used up by the launch."""
    values = {name: value for name, value in request.values.items() if not name.startswith("lti_tool_")}
    step = request.values.get(STEP, "")
    asked = lti.read_login(values, public_url=parts().public_url)
    with parts().db.reading() as tx:
        registration = lti.registration_for_login(tx, asked)
    note_platform(registration)
    lti.require_enabled(registration)
    secret = session.cookie_secret(request)
    if secret is not None:
        layer = lti.Layer.TAB if step.startswith("tab") else lti.Layer.COOKIE
        answer = _to_platform(asked, registration, lti.Browser(secret, layer))
        session.bind_browser(answer, secret)
        return answer
    kept = _kept_without_cookie(asked) if step in ("kept", "tab-kept") else None
    if kept is not None:
        return _to_platform(asked, registration, kept)
    return _next_step(asked, step, registration)


def _to_platform(asked: lti.LoginRequest, registration: lti.Registration, browser: lti.Browser) -> Response:
    wiring = parts()
    with wiring.db.transaction() as tx:
        target = lti.begin_login(
            tx, asked, registration, browser=browser, public_url=wiring.public_url, now=wiring.now()
        )
    return make_response(redirect(target, code=302))


def _kept_without_cookie(asked: lti.LoginRequest) -> lti.Browser | None:
    """What the page between could keep the secret in; its form says so, an address never.

    A stranger's page may post this form with a secret of its own: the launch that follows is in the visitor's browser,
    which does not have that secret, and ends there.
    """
    secret, layer = request.form.get(SECRET, ""), request.form.get(LAYER, "")
    if not session.is_secret(secret) or layer not in (lti.Layer.SESSION, lti.Layer.STORAGE):
        return None
    return lti.Browser(secret, lti.Layer(layer), asked.storage_target)


def _next_step(asked: lti.LoginRequest, step: str, registration: lti.Registration) -> Response:
    if step == "kept":
        fields = {**asked.params(), STEP: "tab"}
        log.info("login.nothing_kept", registration=registration.id)
        shown = NewTabPage(paths.LOGIN, fields, registration.name, _test_url(asked))
        return page("launch/new_tab.html", shown, shell_at(registration))
    if step == "tab-kept":
        raise lti.LtiRefused(
            "lti.no_cookies",
            "Your browser keeps no cookies for this tool, not even in a tab of its own, so it cannot tell your visit "
            "from anybody else's.",
            "Allow cookies for this site, or use another browser, and open the activity again.",
            side=Side.YOU,
        )
    secret = session.new_browser_secret()
    fields = {**asked.params(), STEP: "tab-kept" if step == "tab" else "kept"}
    shown_next = LaunchCheckPage(paths.LOGIN, fields, secret, fresh_keeping(secret, asked.storage_target, registration))
    answer = page("launch/check.html", shown_next, shell_at(registration))
    session.bind_browser(answer, session.new_browser_secret())
    session.try_cookie(answer)
    return answer


def fresh_keeping(secret: str, storage_target: str | None, registration: lti.Registration) -> lti.Keeping:
    """Where a page may keep a secret that it has just been given; the layer is what it will find out."""
    return lti.Keeping(lti.storage_key(ids.digest(secret)), lti.Layer.COOKIE, storage_target, registration.origin)


def _test_url(asked: lti.LoginRequest) -> str:
    wanted = ("iss", "client_id", "lti_storage_target")
    return f"{paths.BROWSER_TEST}?{urlencode([one for one in asked.params().items() if one[0] in wanted])}"


@launch.post("/lti/launch")
def launched() -> Response:
    """The platform's signed message, in a browser that shows its cookie or is asked where it keeps its secret."""
    return _answer_message(session.cookie_secret(request) or "", is_proof=False)


@launch.post("/lti/launch/proof")
def proved() -> Response:
    """The same message once more, from our own page, which shows the secret that the login left in this browser."""
    security.require_own_origin()
    return _answer_message(session.header_secret(request) or "", is_proof=True)


def _answer_message(secret: str, *, is_proof: bool) -> Response:
    wiring, state = parts(), request.form.get("state", "")
    with wiring.db.reading() as tx:
        begun = lti.find_login(tx, state)
        # A session is opened and its login used up in one transaction: of one state, there is either or neither.
        used = begun is None and secret != ""
        known = lti.resume_session(tx, state=state, browser=secret, now=wiring.now()) if used else None
    if known is not None:
        return _resume(known)
    if begun is not None:
        note_platform(begun.registration)
    if request.form.get("error") and not request.form.get("id_token"):
        raise lti.declined(request.form["error"], request.form.get("error_description", ""))
    if begun is not None and not is_proof and _has_to_show(begun, secret):
        return _ask_for_proof(begun)
    return make_response(redirect(_start_of(_enter(begun, state, secret)), code=303))


def _has_to_show(begun: lti.Login, secret: str) -> bool:
    """Whether the secret lies where only a script finds it."""
    return begun.layer.by_header and not lti.is_same_browser(begun.browser_hash, secret)


def _ask_for_proof(begun: lti.Login) -> Response:
    fields = {name: request.form.get(name, "") for name in ("id_token", "state")}
    log.info("launch.proof_wanted", registration=begun.registration.id, layer=begun.layer)
    shown = ProofPage(paths.LAUNCH_PROOF, fields, begun.keeping, begun.registration.name, begun.registration.origin)
    return page("launch/proof.html", shown, shell_at(begun.registration))


def _enter(begun: lti.Login | None, state: str, secret: str) -> lti.Session:
    """The session of a fresh launch: verified first, then one transaction makes the session of it."""
    wiring = parts()
    verified = lti.verify_launch(
        begun,
        wiring.key_sets,
        id_token=request.form.get("id_token", ""),
        state=state,
        browser=secret,
        public_url=wiring.public_url,
        leeway=wiring.settings.lti.clock_leeway,
        now=wiring.now(),
    )
    g.return_url = verified.return_url or verified.registration.origin
    g.evidence = lti.evidence_of_launch(verified)
    binding = lti.Browser(secret) if begun is None else lti.Browser(secret, begun.layer, begun.storage_target)
    with wiring.db.transaction() as tx:
        entered = workflows.enter(tx, verified, browser=binding, now=wiring.now())
    if entered is None:
        raise workflows.deployment_waits(verified)
    logs.bind(launch=entered.public_id)
    log.info("launch.entered", registration=entered.registration_id, role=entered.role, layer=entered.layer)
    return entered


@launch.get("/lti/jwks.json")
def jwks() -> Response:
    """Our public keys, for platforms."""
    with parts().db.reading() as tx:
        answer = make_response(lti.public_jwks(tx))
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _resume(known: lti.Session) -> Response:
    """A message that was used before opens nothing; the browser that used it is shown its way to what it opened."""
    logs.bind(launch=known.public_id)
    log.info("launch.resumed")
    g.frame_ancestor, g.platform_name = known.frame_ancestors, known.platform_name
    shell = bare_shell(known.return_url, known.platform_name)
    return make_response(page("launch/resume.html", ResumePage(_start_of(known)), shell), 409)


def _start_of(entered: lti.Session) -> str:
    if entered.message is lti.MessageType.DEEP_LINKING:
        return paths.pick(entered.public_id)
    if entered.message is lti.MessageType.DATA_PRIVACY:
        return paths.privacy(entered.public_id)
    if entered.placement_id is None:
        # A link that carries no module of ours, opened by a teacher: they choose one.
        return paths.pick(entered.public_id)
    if entered.review_of is not None:
        by_staff = entered.role.sees_learners
        return paths.submission(entered.public_id, entered.review_of) if by_staff else paths.newest(entered.public_id)
    if entered.role.is_assessed:
        return paths.home(entered.public_id)
    if entered.role.sees_learners:
        return paths.dashboard(entered.public_id)
    return paths.preview(entered.public_id, 1)

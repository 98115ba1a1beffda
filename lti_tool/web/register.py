"""An LMS connects itself (Dynamic Registration 1.0): the button, the page that waits for a launch, the connection test.

It is framed by an LMS that nobody here knows yet, so any site may frame it. Against clickjacking stands the invitation:
without a good one there is no button, and whoever holds one may do what the button does anyway. What the button sends
is sealed: exactly what was shown, by us, within half an hour. So nothing that the browser could change is registered,
and no second look at the LMS can tell another story than the first.
"""

import base64
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, redirect, request

from lti_tool import lti, people, workflows
from lti_tool.core import logs
from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid, NotAllowed, NotFound, Side, ToolError
from lti_tool.web import security
from lti_tool.web.pages import paths
from lti_tool.web.pages.register import ExaminedPage, connected_page, examined_page, register_page
from lti_tool.web.templating import Shell, page, part
from lti_tool.web.wiring import parts

register = Blueprint("register", __name__)
log = logs.get("register")

_GOOD_FOR = timedelta(minutes=30)
_TEST_FOR = timedelta(days=1)
_PURPOSE = "web.register"


@dataclass(frozen=True)
class Offer:
    """What the button stands for. `updates` is the registration that is brought up to date, else None."""

    platform: lti.PlatformConfiguration
    token: str
    invitation: str
    updates: int | None
    until: float


def guard() -> None:
    """Before each of these views: the LMS around the frame is not known yet, and must see what went wrong, too."""
    g.frame_ancestor = "*"


@register.get("/lti/register")
def offer() -> Response:
    """Who wants to be connected, and what will be asked of it. The invitation is judged before anything is fetched."""
    wiring, now = parts(), parts().now()
    token = request.args.get("invitation", "")
    with wiring.db.reading() as tx:
        invitation = lti.find_invitation(tx, token)
        asked = lti.read_registration_request(request.args)
        if not asked.seems_update or invitation.state is not lti.InvitationState.USED:
            lti.require_open_invitation(invitation, now=now)
        workflows.require_own_host(tx, invitation, asked)
        organisation = people.find_organisation(tx, invitation.organisation_id).name
    platform = lti.fetch_configuration(wiring.brief_http, asked)
    known = _known(platform, asked, invitation) if asked.seems_update else None
    offered = Offer(platform, asked.token, token, known.id if known else None, (now + _GOOD_FOR).timestamp())
    shown = register_page(
        platform,
        invitation,
        known,
        organisation=organisation,
        own_host=wiring.public_url.partition("//")[2],
        action=paths.REGISTER,
        sealed=_seal(offered),
        now=now,
    )
    return _framed("register/offer.html", shown)


def _known(
    platform: lti.PlatformConfiguration, asked: lti.RegistrationRequest, invitation: lti.Invitation
) -> lti.Registration:
    wiring = parts()
    client_id = lti.present_client_id(wiring.brief_http, platform, asked.token)
    with wiring.db.reading() as tx:
        return workflows.registration_to_update(tx, invitation, platform, client_id, now=wiring.now())


@register.post("/lti/register")
def accept() -> Response:
    """Registers with the LMS as the page said, and stores its answer."""
    security.require_own_origin()
    wiring, offered = parts(), _open(request.form.get("offer", ""))
    with wiring.db.transaction() as tx:
        invitation = lti.find_invitation(tx, offered.invitation)
        known = lti.find_registration(tx, offered.updates) if offered.updates is not None else None
        if known is None or invitation.registration_id is None:
            invitation = workflows.begin_registration(tx, invitation, now=wiring.now())
    try:
        granted = lti.register_with(wiring.http, offered.platform, offered.token, public_url=wiring.public_url)
        _store(offered, invitation, known, granted)
    except ToolError:
        # Nothing is stored of what the LMS refused, or answered badly: the invitation may be used again at once.
        with wiring.db.transaction() as tx:
            lti.release_invitation(tx, invitation)
        raise
    log.info("register.done", invitation=invitation.public_id, update=known is not None)
    target = paths.connected(invitation.public_id) + ("?updated" if known else "")
    return make_response(redirect(target, code=303))


def _store(offered: Offer, invitation: lti.Invitation, known: lti.Registration | None, granted: lti.Granted) -> None:
    wiring, now = parts(), parts().now()
    with wiring.db.transaction() as tx:
        if known is None:
            workflows.finish_registration(tx, invitation, offered.platform, granted, vault=wiring.vault, now=now)
        else:
            workflows.finish_update(tx, invitation, known, offered.platform, granted, now=now)


@register.get("/lti/register/<public_id>")
def connected(public_id: str) -> Response:
    """What is left to do in the LMS; the page waits until the first launch has come."""
    with parts().db.reading() as tx:
        invitation, registration = _used(tx, public_id)
        launched_at = lti.first_launch(tx, invitation)
    shown = connected_page(
        registration,
        invitation,
        is_update="updated" in request.args,
        own_url=paths.connected(public_id),
        poll_url=paths.connected_state(public_id),
        test_url=_test_url(invitation),
        launched_at=launched_at,
    )
    return _framed("register/connected.html", shown)


@register.get("/lti/register/<public_id>/state")
def state(public_id: str) -> Response:
    """Whether a launch has come, for the page that waits."""
    with parts().db.reading() as tx:
        invitation, registration = _used(tx, public_id)
        launched_at = lti.first_launch(tx, invitation)
    html = part(
        "parts/first_launch.html",
        launched_at=launched_at,
        platform_name=registration.name,
        test_url=_test_url(invitation),
    )
    return make_response(jsonify(html=html, settled=launched_at is not None))


@register.post("/lti/register/<public_id>/test")
def examined(public_id: str) -> Response:
    """Has a worker test the connection, for whoever has just connected an LMS; after that it is the operator's."""
    security.require_own_origin()
    wiring = parts()
    with wiring.db.transaction() as tx:
        lti.ask_examination(tx, _testable(tx, public_id).id, now=wiring.now())
    wiring.wake()
    return make_response(redirect(paths.connected_test(public_id), code=303))


@register.get("/lti/register/<public_id>/test")
def tested(public_id: str) -> Response:
    """How the test stands: it runs, or this was found."""
    return _framed("register/tested.html", _examination(public_id))


@register.get("/lti/register/<public_id>/test/state")
def test_state(public_id: str) -> Response:
    """Whether the test is over, for the page that waits."""
    shown = _examination(public_id)
    running = {"html": part("parts/testing.html", is_slow=shown.is_slow)} if shown.is_running else {}
    return make_response(jsonify(settled=not shown.is_running, **running))


def _examination(public_id: str) -> ExaminedPage:
    wiring = parts()
    with wiring.db.reading() as tx:
        registration = _testable(tx, public_id)
        found = lti.examination_of(tx, registration.id)
    if found is None:
        raise NotFound("lti.no_examination", "Nobody has tested this connection yet.")
    return examined_page(
        registration,
        found,
        test_url=paths.connected_test(public_id),
        own_url=paths.connected(public_id),
        now=wiring.now(),
    )


def _testable(tx: Tx, public_id: str) -> lti.Registration:
    """The platform that was connected by this invitation, within the last day."""
    invitation, registration = _used(tx, public_id)
    if not may_test(invitation, parts().now()):
        raise NotAllowed(
            "lti.connection_test_over",
            "This page is for the day on which an LMS is connected.",
            "The people who run this tool can test the connection at any time: “lti-tool platform test”.",
            side=Side.YOU,
        )
    return registration


def may_test(invitation: lti.Invitation, now: datetime) -> bool:
    """Whether the one who connected an LMS may still have it asked things: for a day."""
    return invitation.used_at is not None and now < invitation.used_at + _TEST_FOR


def _test_url(invitation: lti.Invitation) -> str:
    return paths.connected_test(invitation.public_id) if may_test(invitation, parts().now()) else ""


@register.get("/lti/canvas.json")
def canvas() -> Response:
    """The configuration of a Canvas developer key: the same for everybody, and no secret."""
    answer = make_response(jsonify(lti.canvas_key(parts().public_url)))
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


def _used(tx: Tx, public_id: str) -> tuple[lti.Invitation, lti.Registration]:
    invitation = lti.find_used_invitation(tx, public_id)
    assert invitation.registration_id is not None, "a used invitation has connected somebody"
    return invitation, lti.find_registration(tx, invitation.registration_id)


def _framed(template: str, shown: object) -> Response:
    shell = Shell("en", "ltr", parts().settings.organisation.name, "", True, None, "", None, "public")
    answer = page(template, shown, shell)
    # The LMS may have opened a window instead of a frame; to close it, it must still be able to hear from it.
    answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer


def _seal(offered: Offer) -> str:
    plain = json.dumps(asdict(offered), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(parts().vault.seal(plain, _PURPOSE)).decode()


def _open(sealed: str) -> Offer:
    """The offer behind a button of ours; LtiRefused for one that is not ours or too old."""
    try:
        said: dict[str, Any] = json.loads(parts().vault.open(base64.urlsafe_b64decode(sealed), _PURPOSE))
        platform = said.pop("platform")
        for name in ("scopes", "variables"):
            platform[name] = tuple(platform[name])
        platform["placements"] = {kind: tuple(places) for kind, places in platform["placements"].items()}
        offered = Offer(platform=lti.PlatformConfiguration(**platform), **said)
    except (Invalid, ValueError, KeyError, TypeError):  # The last two: sealed by another release.
        raise _stale() from None
    if datetime.fromtimestamp(offered.until, UTC) < parts().now():
        raise _stale()
    return offered


def _stale() -> lti.LtiRefused:
    return lti.LtiRefused(
        "lti.registration_form",
        "This page was open for too long, or is not ours, so nothing was done.",
        "Begin once more in your LMS: the invitation still holds.",
        side=Side.YOU,
    )

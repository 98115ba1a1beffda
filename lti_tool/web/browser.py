"""What a browser can do in this place: the self-test of the binding's layers, and the way into a tab of its own."""

import re

from flask import Blueprint, Response, g, make_response, redirect, request

from lti_tool import lti
from lti_tool.core import logs
from lti_tool.web import security, session
from lti_tool.web.launch import fresh_keeping
from lti_tool.web.pages import paths
from lti_tool.web.pages.launch import BrowserPage
from lti_tool.web.surroundings import bare_shell, note_platform, shell_at
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

browser = Blueprint("browser", __name__)
log = logs.get("launch")

_PLACE = re.compile(r"(?:learn|teach)/(?P<rest>[A-Za-z0-9/_-]{0,200})")


@browser.get("/lti/browser")
def self_test() -> Response:
    """Says which layer of the browser binding works here. It tells nothing about anybody and changes nothing.

    With `iss` and `client_id`, as a login has them, the LMS's platform storage is tried too, and only that LMS may
    frame the page; without, anybody may, as the page has nothing that could be pressed.
    """
    issuer, client = request.args.get("iss", ""), request.args.get("client_id") or None
    with parts().db.reading() as tx:
        registration = lti.registration_for(tx, issuer=issuer, client_id=client) if issuer else None
    secret, target = session.new_browser_secret(), request.args.get("lti_storage_target") or None
    if registration is None:
        g.frame_ancestor = "*"
        keeping = lti.Keeping(f"lti_tool_test_{secret[:8]}", lti.Layer.COOKIE, target, "")
        answer = page("launch/browser.html", BrowserPage(secret, keeping, "", None), bare_shell())
    else:
        note_platform(registration)
        keeping = fresh_keeping(secret, target, registration)
        shown = BrowserPage(secret, keeping, registration.name, registration.origin)
        answer = page("launch/browser.html", shown, shell_at(registration))
    session.try_cookie(answer)
    return answer


@browser.post("/lti/tab")
def tab() -> Response:
    """Opens in this tab what a frame has handed over by a one-time code."""
    security.require_own_origin()
    secret = session.cookie_secret(request) or session.new_browser_secret()
    wiring = parts()
    with wiring.db.transaction() as tx:
        opened = lti.take_over(
            tx, request.form.get("code", "")[:100], browser=lti.Browser(secret, lti.Layer.TAB), now=wiring.now()
        )
    logs.bind(launch=opened.public_id)
    log.info("launch.handed_over", layer=opened.layer)
    answer = make_response(redirect(_same_place(opened), code=303))
    session.bind_browser(answer, secret)
    return answer


def _same_place(opened: lti.Session) -> str:
    """Where the frame was, under the address of the session beside it; home where the frame does not say."""
    if opened.message is lti.MessageType.DEEP_LINKING:
        return paths.pick(opened.public_id)
    place = _PLACE.fullmatch(request.form.get("place", ""))
    if place is None:
        return paths.home(opened.public_id)
    kind = request.form["place"].partition("/")[0]
    return f"/{kind}/{opened.public_id}/{place['rest']}"

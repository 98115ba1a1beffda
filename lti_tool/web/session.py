"""Who is asking: the browser's secret and the launch in the address, together (DESIGN: the browser binding).

The secret names the browser, not the session, so that two launches in two frames of one browser never disturb each
other. It comes in a cookie, `__Host-` and `Partitioned`, so that it works in an LMS's frame; where none is kept, a page
shows it in a header. The launch id in the address is no secret: it opens nothing without the one that it was bound to.
Flask-Login carries the visitor, loaded from the request each time; its own
remembering cookie is never used, as it lacks what a frame needs.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import Flask, Request, Response, g, request
from flask_login import LoginManager, UserMixin, current_user

from lti_tool import lti
from lti_tool.core import ids
from lti_tool.core.errors import NotAllowed, Side
from lti_tool.web import administrator
from lti_tool.web.access import ACCESS, Audience
from lti_tool.web.wiring import parts

COOKIE = "__Host-lti_browser"
TRIED = "__Host-lti_tried"
_COOKIE_SECONDS = 400 * 24 * 3600


@dataclass(frozen=True)
class Visitor(UserMixin):  # type: ignore[misc]
    """A person inside a launched session."""

    session: lti.Session

    def get_id(self) -> str:
        return self.session.public_id


def is_secret(value: str) -> bool:
    """Whether this has the form of a browser's secret."""
    return 40 <= len(value) <= 64 and value.isascii()


def cookie_secret(req: Request) -> str | None:
    """The secret that comes with the browser's cookie, if there is one."""
    value = req.cookies.get(COOKIE, "")
    return value if is_secret(value) else None


def header_secret(req: Request) -> str | None:
    """The secret that a page has in its memory, as it shows it; no other site's page can send this header."""
    kind, _, value = req.headers.get("Authorization", "").partition(" ")
    return value if kind == "Bearer" and is_secret(value) else None


def browser_secret(req: Request) -> str | None:
    """The secret by which this browser is known, if it shows one. A header is meant; a cookie only happens to come."""
    return header_secret(req) or cookie_secret(req)


def new_browser_secret() -> str:
    """A secret for a browser that has none."""
    return ids.token()


def bind_browser(response: Response, secret: str) -> None:
    """Gives the browser its secret, in the one kind of cookie that a frame on another site keeps."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=_COOKIE_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )


def try_cookie(response: Response) -> None:
    """Gives the page a cookie that its script can see, to learn at once whether this browser keeps any here."""
    response.set_cookie(
        TRIED, "1", max_age=60, path="/", secure=True, httponly=False, samesite="None", partitioned=True
    )


def csrf_token() -> str:
    """The token that every form of this session carries: bound to the browser and to the launch."""
    if _is_for_administrators(request):
        return administrator.csrf_token()
    secret = browser_secret(request) or ""
    launch = (request.view_args or {}).get("launch", "")
    return hmac.new(secret.encode(), f"csrf:{launch}".encode(), hashlib.sha256).hexdigest()


def set_up_login(app: Flask) -> None:
    """Lets Flask-Login load whoever an address is for: two kinds of people, who have nothing in common."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(_load)


def _load(req: Request) -> Visitor | administrator.Administrator | None:
    """Under /admin/ an operator, by the operators' own cookie; everywhere else a visitor, by launch and browser.

    The address decides, never what the request shows: an operator's cookie opens no launch, and no launch /admin/.
    """
    return administrator.load(req) if _is_for_administrators(req) else _load_visitor(req)


def _is_for_administrators(req: Request) -> bool:
    return ACCESS.get(req.blueprint or "") is Audience.ADMIN


def _load_visitor(req: Request) -> Visitor | None:
    launch = (req.view_args or {}).get("launch")
    secret = browser_secret(req)
    if launch is None or secret is None or not ids.is_public_id(launch):
        return None
    wiring = parts()
    with wiring.db.reading() as tx:
        session = lti.read_session(tx, launch, browser=secret, now=wiring.now())
    return None if session is None else Visitor(session)


def visiting() -> lti.Session:
    """The session of this request; NotAllowed when there is none (any more)."""
    visitor = current_user
    if not visitor.is_authenticated:
        raise NotAllowed(
            "web.no_session",
            "This page was opened some time ago, or in another browser.",
            "Go back to your course and open the activity again. Everything you saved is there.",
            side=Side.YOU,
        )
    session: lti.Session = visitor.session
    g.visit = session.public_id
    g.frame_ancestor = session.frame_ancestors
    g.platform_name = session.platform_name
    g.return_url = session.return_url or session.platform_origin
    return session

"""Who is at work under /admin/: an operator who has signed in, in a tab of their own and never in a frame.

This has nothing in common with a learner's session: another cookie (first-party, and sent by no other site), other
rows, half an hour of rest at most, and no way from one to the other. `session.set_up_login` has Flask-Login load the
one that the address is for.
"""

import hashlib
import hmac
from dataclasses import dataclass

from flask import Request, Response, g, make_response, redirect, request
from flask_login import UserMixin, current_user

from lti_tool import people
from lti_tool.core.errors import NotAllowed, Side
from lti_tool.web.pages import paths
from lti_tool.web.wiring import parts

COOKIE = "__Host-lti_admin"


@dataclass(frozen=True)
class Administrator(UserMixin):  # type: ignore[misc]
    """An operator who has signed in."""

    signed_in: people.SignedIn

    def get_id(self) -> str:
        return self.signed_in.operator.public_id


def load(req: Request) -> Administrator | None:
    """The operator whose session's secret comes with the cookie, if it is live."""
    token = req.cookies.get(COOKIE, "")
    if not token:
        return None
    wiring = parts()
    with wiring.db.reading() as tx:
        signed_in = people.read_sign_in(tx, token, now=wiring.now())
    return None if signed_in is None else Administrator(signed_in)


def admitted() -> people.Operator:
    """The operator of this request; NotAllowed where nobody is signed in (any more)."""
    user = current_user
    if not user.is_authenticated or not isinstance(user._get_current_object(), Administrator):
        raise NotAllowed(
            "web.signed_out",
            "You have been signed out meanwhile, so nothing was changed.",
            "Open /admin/ again and sign in.",
            side=Side.YOU,
        )
    operator: people.Operator = user.signed_in.operator
    return operator


def guard() -> Response | None:
    """Before every page of administrators: somebody who is signed in; else the way to sign in."""
    if not current_user.is_authenticated and request.method == "GET":
        return make_response(redirect(f"{paths.SIGN_IN}?next={request.path}", code=303))
    operator, wiring = admitted(), parts()
    if people.needs_touch(current_user.signed_in, now=wiring.now()):
        with wiring.db.transaction() as tx:
            people.touch_sign_in(tx, token(), now=wiring.now())
    with wiring.db.reading() as tx:
        g.organisation = people.find_organisation(tx, operator.organisation_id)
    return None


def organisation() -> people.Organisation:
    """The organisation whose platforms and people this operator sees."""
    found: people.Organisation = g.organisation
    return found


def actor() -> str:
    """How the audit names this operator."""
    return f"operator:{admitted().id}"


def token() -> str:
    """The secret of the session, as the browser shows it; empty where it shows none."""
    return request.cookies.get(COOKIE, "")


def remember(response: Response, secret: str) -> None:
    """Gives the browser the secret of its new session: until it is closed, for our own pages alone."""
    response.set_cookie(COOKIE, secret, path="/", secure=True, httponly=True, samesite="Strict")


def forget(response: Response) -> None:
    """Takes the secret back from the browser."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")


def csrf_token() -> str:
    """The token that every form of this session carries."""
    return hmac.new(token().encode(), b"csrf:admin", hashlib.sha256).hexdigest()

"""What every answer carries (a strict CSP, who may frame us) and every unsafe request must show (token, Origin)."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from lti_tool.core import ids
from lti_tool.core.errors import NotAllowed, Side
from lti_tool.web.access import ACCESS, Audience
from lti_tool.web.session import csrf_token
from lti_tool.web.wiring import parts

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SIGNED_IN = frozenset({Audience.LEARNER, Audience.INSTRUCTOR, Audience.ADMIN})
_OPERATORS = (Audience.ADMIN, Audience.DOOR)


def set_up(app: Flask) -> None:
    """Adds the headers to every answer and the checks to every request."""
    app.before_request(check_unsafe)
    app.after_request(add_headers)


def nonce() -> str:
    """This request's CSP nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = ids.token()
    value: str = g.csp_nonce
    return value


def check_unsafe() -> None:
    """Before every request: an unsafe one inside a session comes from our own pages and carries their token.

    The LMS's door is exempt, as its posts come from another site by design: there the signed launch and the bound
    login row take this part.
    """
    if request.method not in UNSAFE or ACCESS.get(request.blueprint or "") == Audience.LMS:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != parts().public_url:
        raise _foreign("web.origin", origin=origin)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise _foreign("web.origin", site=request.headers["Sec-Fetch-Site"])
    if ACCESS.get(request.blueprint or "") in _SIGNED_IN and not ids.same(_shown_token(), csrf_token()):
        raise _foreign("web.csrf")


def require_own_origin() -> None:
    """For the few unsafe addresses among the LMS's that only our own pages may use: an Origin, and it is ours."""
    origin = request.headers.get("Origin")
    if origin != parts().public_url or request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise _foreign("web.origin", origin=origin)


def _shown_token() -> str:
    return request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")


def _foreign(code: str, **facts: object) -> NotAllowed:
    return NotAllowed(
        code,
        "This form was not sent from a page of this tool, so nothing was changed.",
        "Open the page again and repeat what you did."
        if ACCESS.get(request.blueprint or "") in _OPERATORS
        else "Go back to your course, open the activity again, and repeat what you did.",
        side=Side.YOU,
        log=facts,
    )


def add_headers(response: Response) -> Response:
    """After every request."""
    response.headers.setdefault("Content-Security-Policy", _policy())
    response.headers["X-Content-Type-Options"] = "nosniff"
    # same-origin: no other site ever learns an address of ours, and our own forms still show where they come from.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
    if parts().public_url.startswith("https:"):
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not _may_be_kept(response):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _may_be_kept(response: Response) -> bool:
    """Whether caches may keep an answer: nothing personal, and no refusal (a 404 of today may be a page tomorrow)."""
    return response.status_code < 400 and ACCESS.get(request.blueprint or "") in (Audience.PUBLIC, None)


def _policy() -> str:
    """The page's content security policy. `form-action` is wider only where a form must reach the LMS."""
    ancestors = g.get("frame_ancestor") or "'none'"
    forms = " ".join(["'self'", *g.get("form_targets", ())])
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "media-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action {forms}",
            f"frame-ancestors {ancestors}",
            "base-uri 'none'",
        )
    )


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts_of = urlsplit(url)
    return f"{parts_of.scheme}://{parts_of.netloc}"


def allow_forms_to(sources: str) -> None:
    """Lets this page's form reach all hosts of an LMS: browsers hold `form-action` against each redirect on its way."""
    g.form_targets = (*g.get("form_targets", ()), *sources.split())


def allow_form_to(url: str) -> None:
    """Lets this page post a form to another site: the LMS that the person came from."""
    g.form_targets = (*g.get("form_targets", ()), origin_of(url))

"""Dynamic Registration 1.0 as Canvas does it: a configuration for whoever shows the token, a key that is off at first.

A tool that registers comes to a Canvas that a school runs itself: it signs by its own name, as one captured in 2026
does, where the keys that were entered by hand are of the common issuer. Kept from the captures and the documentation:
placements as addresses, `privacy_level` alone decides about names, 200 for a new registration, errors as
`errorMessage` or a list of texts. The words for a body that does not fit were not read: ours are made up.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import jwt
from flask import Blueprint, Response, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import (
    ACCOUNT_ID,
    NOTICE_KINDS,
    NOTICE_SCOPE,
    PROGRESS_SCOPE,
    guid_of,
    number_of,
    token_url,
)
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import NAME, site
from lti_tool.demo.messages import GRADE_SCOPES, ROSTER_SCOPE, kid
from lti_tool.demo.people import Role
from lti_tool.demo.registered import Tool
from lti_tool.demo.room import list_of_tools, page, visitor

blueprint = Blueprint("registering", __name__)

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_CANVAS = "https://canvas.instructure.com/lti/"
_LIFETIME = timedelta(hours=1)
OFFERED = (*GRADE_SCOPES, ROSTER_SCOPE, NOTICE_SCOPE, PROGRESS_SCOPE)
_CLAIMS = ("sub", "picture", "email", "name", "given_name", "family_name", "locale")
_PLACEMENTS = {
    "LtiResourceLinkRequest": ("assignment_selection", "course_navigation", "link_selection"),
    "LtiDeepLinkingRequest": ("assignment_selection", "link_selection"),
}
# What `custom.py` fills in, and what is known of dates; the real list has 174.
_VARIABLES = (
    *("ResourceLink.id", "ResourceLink.title", "Context.title", "Context.id", "Context.id.history"),
    *("Activity.id.history", "Message.locale", "Canvas.course.id", "Canvas.course.name", "Person.name.full"),
    *("Person.name.given", "Person.name.family", "Person.email.primary", "Person.sourcedId", "User.id"),
    *("Canvas.user.id", "Canvas.user.loginId", "Canvas.masqueradingUser.id", "Canvas.assignment.id"),
    *("Canvas.assignment.title", "Canvas.assignment.pointsPossible", "Canvas.assignment.allowedAttempts"),
    *("Canvas.assignment.unlockAt.iso8601", "Canvas.assignment.dueAt.iso8601", "Canvas.assignment.lockAt.iso8601"),
    *("com.instructure.PostMessageToken",),
)
_MEMBERS = ("user_id", "initiated_at", "root_account_global_id", "root_account_domain", "exp", "uuid")
_REQUIRED = ("application_type", "grant_types", "initiate_login_uri", "redirect_uris", "response_types")
_ALSO = ("client_name", "jwks_uri", "token_endpoint_auth_method", "scope", CONFIGURATION)
_OWN = ("domain", "target_link_uri", "messages", "claims")


class Refused(Exception):
    """No registration: the status and the body that says why."""

    def __init__(self, status: int, body: dict[str, object]) -> None:
        super().__init__(str(body))
        self.status, self.body = status, body


@blueprint.get("/api/lti/security/openid-configuration")
def configuration() -> Response:
    """What the LMS says of itself, to whoever shows a registration token."""
    lms = the_canvas()
    try:
        _need_token(lms)
    except Refused as refused:
        return _refuse(lms, refused)
    url, domain = lms.config.lms_url, lms.config.netloc
    spelled = {kind: [f"{_CANVAS}{name}" for name in names] for kind, names in _PLACEMENTS.items()}
    return jsonify(
        {
            "issuer": url,
            "authorization_endpoint": f"{url}/api/lti/authorize_redirect",
            "registration_endpoint": f"{url}/api/lti/registrations",
            "jwks_uri": f"{url}/api/lti/security/jwks",
            "token_endpoint": token_url(lms.config),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", *OFFERED],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": list(_CLAIMS),
            "subject_types_supported": ["public"],
            "authorization_server": domain,
            "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                "product_family_code": "canvas",
                "version": "OpenSource",
                "messages_supported": [{"type": kind, "placements": names} for kind, names in spelled.items()],
                "notice_types_supported": list(NOTICE_KINDS),
                "variables": list(_VARIABLES),
                f"{_CANVAS}account_name": NAME,
                f"{_CANVAS}account_lti_guid": guid_of(kid(lms)),
                f"{_CANVAS}account_domain": domain,
            },
        }
    )


@blueprint.post("/api/lti/registrations")
def take() -> Response:
    """Makes a key of a tool's registration; it is off until an administrator turns it on."""
    lms = the_canvas()
    try:
        _need_token(lms)
        tool = lms.toolbox.keep(read_tool(request.get_json(silent=True)))
    except Refused as refused:
        return _refuse(lms, refused)
    # The number that it was given makes its client id: 14 digits, as those of a small Canvas.
    tool = lms.toolbox.keep(replace(tool, client_id=f"1{int(tool.id):013d}"))
    _note(lms, f"client id {tool.client_id}; the key is off", "ok")
    return jsonify(as_json(tool, lms.config.lms_url))


def _need_token(lms: CanvasLms) -> Mapping[str, object]:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    bad = Refused(401, {"errorMessage": "JWT did not include expected contents"})
    try:
        claims: dict[str, object] = jwt.decode(
            token, lms.secret, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False}
        )
    except jwt.PyJWTError:
        raise bad from None
    exp = claims.get("exp")
    if any(name not in claims for name in _MEMBERS) or not isinstance(exp, int) or exp <= lms.now().timestamp():
        raise bad
    return claims


def read_tool(body: object) -> Tool:
    """The tool of a registration; raises Refused with all that does not fit."""
    said = body if isinstance(body, dict) else {}
    own = said.get(CONFIGURATION)
    inside = own if isinstance(own, dict) else {}
    faults = [f"{name} is a required field" for name in (*_REQUIRED, *_ALSO) if not said.get(name)]
    faults += [f"{CONFIGURATION}.{name} is a required field" for name in _OWN if name not in inside]
    if {"client_credentials", "implicit"} - set(map(str, said.get("grant_types") or ())):
        faults.append("grant_types must be client_credentials and implicit")
    if faults:
        raise Refused(422, {"errors": faults})
    choosing = [one for one in inside["messages"] if one.get("type") == "LtiDeepLinkingRequest"]
    shares = inside.get(f"{_CANVAS}privacy_level") == "public"
    return Tool(
        id="",
        client_id="",
        name=str(said["client_name"]),
        domain=str(inside["domain"]),
        description=str(inside.get("description") or ""),
        target_link_uri=str(inside["target_link_uri"]),
        initiate_login_uri=str(said["initiate_login_uri"]),
        redirect_uris=tuple(map(str, said["redirect_uris"])),
        jwks_uri=str(said["jwks_uri"]),
        logo_uri=str(said.get("logo_uri") or ""),
        scopes=tuple(scope for scope in str(said["scope"]).split() if scope in OFFERED),
        claims=_CLAIMS if shares else (),
        custom=tuple((name, str(value)) for name, value in inside.get("custom_parameters", {}).items()),
        deep_linking=str(choosing[0].get("target_link_uri") or inside["target_link_uri"]) if choosing else "",
    )


def as_json(tool: Tool, lms_url: str) -> dict[str, object]:
    """A registration as Canvas answers with it: no messages, whatever was asked for."""
    return {
        "client_id": tool.client_id,
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": tool.initiate_login_uri,
        "redirect_uris": list(tool.redirect_uris),
        "response_types": ["id_token"],
        "client_name": tool.name,
        "jwks_uri": tool.jwks_uri,
        "logo_uri": tool.logo_uri,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(tool.scopes),
        CONFIGURATION: {
            "domain": tool.domain,
            "messages": [],
            "claims": list(tool.claims),
            "target_link_uri": tool.target_link_uri,
            "custom_parameters": dict(tool.custom),
            "description": tool.description,
            f"{_CANVAS}registration_config_url": f"{lms_url}/api/lti/registrations/{tool.id}/view",
        },
        "deployment_id": f"{number_of(tool)}:{ACCOUNT_ID}",
    }


def _refuse(lms: CanvasLms, refused: Refused) -> Response:
    _note(lms, f"refused with {refused.status}: {refused.body}"[:100], "bad")
    answer = jsonify(refused.body)
    answer.status_code = refused.status
    return answer


def _note(lms: CanvasLms, note: str, mark: str) -> None:
    body = request.get_json(silent=True) if request.method == "POST" else None
    parts = (wires.fields("The tool", body),) if isinstance(body, dict) else ()
    address = f"{request.method} {lms.config.lms_url}{request.path}"
    lms.wires.add(wires.Message(lms.now(), "Registration", wires.Way.SERVER, address, parts, note, mark))


# --- the administrator's pages ---


@blueprint.get("/tools")
def tools() -> Response:
    """Developer keys: what is there, on or off, and the field for an address."""
    return list_of_tools()


@blueprint.post("/tools/add")
def add() -> Response:
    """Opens the tool's own page in a frame."""
    _need_admin()
    lms, url = the_canvas(), request.form.get("url", "").strip()
    if site(url) != site(lms.config.tool_url):
        text = f"This LMS runs on your computer and knows one tool: the address must begin with {lms.config.tool_url}."
        return list_of_tools(400, problem=text, url=url)
    return page("tool_register.html", address=_registration_address(lms, url))


def _registration_address(lms: CanvasLms, url: str) -> str:
    """The tool's address with what it needs to register; Canvas puts its token into the configuration's address too."""
    claims = {
        "uuid": str(uuid.uuid4()),
        "initiated_at": lms.now().isoformat(),
        "user_id": 1,
        "root_account_global_id": 10000000000001,
        "root_account_domain": lms.config.netloc,
        "registration_url": url,
        "exp": int((lms.now() + _LIFETIME).timestamp()),
    }
    token = jwt.encode(claims, lms.secret, algorithm="HS256")
    document = f"{lms.config.lms_url}/api/lti/security/openid-configuration?{urlencode({'registration_token': token})}"
    query = urlencode({"openid_configuration": document, "registration_token": token})
    part = wires.fields("In the token", claims)
    lms.wires.start(wires.Message(lms.now(), "Registration is begun", wires.Way.TO_TOOL, f"GET {url}", (part,)))
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


@blueprint.post("/tools/<tool_id>")
def change(tool_id: str) -> Answer:
    """Turns a key on, or deletes it."""
    _need_admin()
    box = the_canvas().toolbox
    tool, how = box.tools.get(tool_id) or abort(404), request.form.get("how", "")
    if how == "activate":
        box.keep(replace(tool, is_active=True, in_chooser=True))
    elif how == "delete":
        box.forget(tool_id)
    return redirect("/tools", 303)


def _need_admin() -> None:
    me = visitor()
    if me is None or me.role is not Role.ADMIN:
        abort(403)

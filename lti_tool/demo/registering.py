"""Dynamic Registration 1.0, the platform's side, as Moodle 4.5 does it: configuration, registration, and its pages.

A registration token is a JWT of the LMS for itself: it serves once, for one hour, for a new tool (`reg`, `sub` is the
client id to be) or for an update (`reg-update`, `sub` is the tool's number). Refusals are plain text marked as HTML.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import jwt
from flask import Blueprint, Response, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as Answer

from lti_tool.demo import messages, wires
from lti_tool.demo.config import site
from lti_tool.demo.messages import GRADE_SCOPES, ROSTER_SCOPE
from lti_tool.demo.people import Role
from lti_tool.demo.registered import Tool, new_client_id
from lti_tool.demo.room import list_of_tools, page, the_lms, visitor
from lti_tool.demo.state import Lms

blueprint = Blueprint("registering", __name__)

CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
LIFETIME = 3600
OFFERED = (*GRADE_SCOPES, ROSTER_SCOPE)
_CLAIMS = ("sub", "iss", "name", "family_name", "given_name", "email")
_REQUIRED = (
    "application_type",
    "response_types",
    "grant_types",
    "initiate_login_uri",
    "redirect_uris",
    "client_name",
    "jwks_uri",
    "token_endpoint_auth_method",
    CONFIGURATION,
)
_VARIABLES = (
    *("Context.id", "Context.title", "Context.label", "Context.id.history", "CourseSection.title"),
    *("ResourceLink.id", "ResourceLink.title", "ResourceLink.description", "User.id", "User.username"),
    *("Person.name.full", "Person.name.given", "Person.name.family", "Person.email.primary", "Membership.role"),
)


class Refused(Exception):
    """No registration, for a reason in Moodle's own word."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@blueprint.get("/mod/lti/openid-configuration.php")
def configuration() -> Response:
    """What the LMS says of itself, to everybody."""
    url = the_lms().config.lms_url
    return jsonify(
        {
            "issuer": url,
            "token_endpoint": f"{url}/mod/lti/token.php",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "jwks_uri": f"{url}/mod/lti/certs.php",
            "authorization_endpoint": f"{url}/mod/lti/auth.php",
            "registration_endpoint": f"{url}/mod/lti/openid-registration.php",
            "scopes_supported": [*OFFERED, "openid"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": list(_CLAIMS),
            "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                "product_family_code": "moodle",
                "version": "4.5.5+ (Build: 20250613)",
                "messages_supported": [
                    {"type": "LtiResourceLinkRequest"},
                    {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
                ],
                "variables": list(_VARIABLES),
            },
        }
    )


@blueprint.route("/mod/lti/openid-registration.php", methods=["GET", "POST"])
def take() -> Response:
    """Adds a tool or brings one up to date; GET shows the registration that an update token is for."""
    lms = the_lms()
    try:
        claims = _token_claims(lms)
        known = lms.toolbox.tools.get(str(claims["sub"])) if claims["scope"] == "reg-update" else None
        if request.method == "GET":
            return jsonify(as_json(known)) if known else _refuse(lms, Refused(404, "not found"))
        wanted = read_tool(request.get_json(silent=True), known, str(claims["sub"]))
        if not lms.toolbox.use_up(_bearer()):
            raise Refused(401, "token_already_used")
    except Refused as refused:
        return _refuse(lms, refused)
    tool = lms.toolbox.keep(wanted)
    note = "changed; hidden until it is put into the chooser again" if known else "added; pending"
    _note(lms, f"client id {tool.client_id}, {note}", "ok")
    return jsonify(as_json(tool))


def _bearer() -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ").strip()


def _token_claims(lms: Lms) -> Mapping[str, object]:
    token = _bearer()
    if not token:
        raise Refused(401, "missing_registration_token")
    options: jwt.types.Options = {"verify_exp": False, "verify_iat": False, "require": ["sub", "scope", "exp"]}
    try:
        claims: dict[str, object] = jwt.decode(token, lms.key.public_key(), algorithms=["RS256"], options=options)
    except jwt.PyJWTError:
        raise Refused(404, "<!DOCTYPE html>\n<html><head><title>Error</title></head></html>") from None
    if is_over(lms, claims):
        raise Refused(401, "token_expired")
    return claims


def is_over(lms: Lms, claims: Mapping[str, object]) -> bool:
    """Whether a token's hour has passed."""
    return float(str(claims["exp"])) <= lms.now().timestamp()


def read_tool(body: object, known: Tool | None, client_id: str) -> Tool:
    """The tool of a registration, checked as Moodle checks it; updates keep number and client id. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused(400, "missing required attribute application_type")
    for name in _REQUIRED:
        if not body.get(name):
            raise Refused(400, f"missing required attribute {name}")
    own = body[CONFIGURATION]
    domain, target = str(own.get("domain") or ""), str(own.get("target_link_uri") or "")
    if not domain:
        raise Refused(400, "missing_domain")
    if urlsplit(target).netloc != domain:
        raise Refused(400, "domain_targetlinkuri_mismatch")
    choosing = [one for one in own.get("messages", ()) if one.get("type") == "LtiDeepLinkingRequest"]
    return Tool(
        id=known.id if known else "",
        client_id=known.client_id if known else client_id,
        name=str(body["client_name"]),
        domain=domain,
        description=str(own.get("description") or ""),
        target_link_uri=target,
        initiate_login_uri=str(body["initiate_login_uri"]),
        redirect_uris=tuple(map(str, body["redirect_uris"])),
        jwks_uri=str(body["jwks_uri"]),
        logo_uri=str(body.get("logo_uri") or ""),
        scopes=tuple(scope for scope in str(body.get("scope", "")).split() if scope in OFFERED),
        claims=tuple(claim for claim in _CLAIMS if claim in own.get("claims", ())),
        custom=tuple((name, str(value)) for name, value in own.get("custom_parameters", {}).items()),
        deep_linking=str(choosing[0].get("target_link_uri") or target) if choosing else "",
        is_active=known.is_active if known else False,
        # An update hides the tool again, too.
        in_chooser=False,
    )


def as_json(tool: Tool) -> dict[str, object]:
    """A registration as Moodle answers with it; values are cut at `=`."""
    own: dict[str, object] = {
        "version": "1.3.0",
        "deployment_id": tool.id,
        "target_link_uri": tool.target_link_uri,
        "domain": tool.domain,
        "description": tool.description,
    }
    if tool.deep_linking:
        own["messages"] = [{"type": "LtiDeepLinkingRequest", "target_link_uri": tool.deep_linking}]
    if tool.custom:
        own["custom_parameters"] = {name: value.partition("=")[0] for name, value in tool.custom}
    own["claims"] = list(tool.claims)
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_uri,
        "initiate_login_uri": tool.initiate_login_uri,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool.logo_uri,
        "scope": " ".join(tool.scopes),
        CONFIGURATION: own,
    }


def _refuse(lms: Lms, refused: Refused) -> Response:
    _note(lms, f"refused with {refused.status}: {refused.reason[:60]}", "bad")
    return Response(refused.reason, refused.status, content_type="text/html; charset=utf-8")


def _note(lms: Lms, note: str, mark: str) -> None:
    body = request.get_json(silent=True) if request.method == "POST" else None
    parts = (wires.fields("The tool", body),) if isinstance(body, dict) else ()
    address = f"{request.method} {lms.config.lms_url}/mod/lti/openid-registration.php"
    lms.wires.add(wires.Message(lms.now(), "Registration", wires.Way.SERVER, address, parts, note, mark))


# --- the administrator's pages ---


@blueprint.get("/tools")
def tools() -> Response:
    """Manage tools: what is there, pending or active, and the field for an address."""
    return list_of_tools()


@blueprint.post("/tools/add")
def add() -> Response:
    """Opens the tool's own page in a frame; for a host that is known, asks first whether to update or to add."""
    _need_admin()
    lms, url, how = the_lms(), request.form.get("url", "").strip(), request.form.get("how", "")
    if site(url) != site(lms.config.tool_url):
        text = f"This LMS runs on your computer and knows one tool: the address must begin with {lms.config.tool_url}."
        return list_of_tools(400, problem=text, url=url)
    known = [tool for tool in lms.toolbox.tools.values() if tool.domain == urlsplit(url).netloc]
    if known and how not in ("update", "add"):
        return page("tool_known.html", tools=known, url=url)
    wanted = request.form.get("tool") or (known[0].id if known else "")
    meant = next((tool for tool in known if tool.id == wanted), None) if how == "update" else None
    return page("tool_register.html", address=_registration_address(lms, url, meant))


def _registration_address(lms: Lms, url: str, known: Tool | None) -> str:
    """The tool's address with what it needs to register; the address's own query is kept."""
    now = int(lms.now().timestamp())
    subject, scope = (known.id, "reg-update") if known else (new_client_id(), "reg")
    token = messages.sign(lms, {"sub": subject, "scope": scope, "iat": now, "exp": now + LIFETIME})
    query = urlencode(
        {
            "openid_configuration": f"{lms.config.lms_url}/mod/lti/openid-configuration.php",
            "registration_token": token,
        }
    )
    part = wires.fields("Beside the address", {"scope": scope, "sub": subject})
    lms.wires.start(wires.Message(lms.now(), "Registration is begun", wires.Way.TO_TOOL, f"GET {url}", (part,)))
    return f"{url}{'&' if '?' in url else '?'}{query}"


@blueprint.post("/tools/<tool_id>")
def change(tool_id: str) -> Answer:
    """Activates a pending tool, shows it in the activity chooser, or deletes it."""
    _need_admin()
    box = the_lms().toolbox
    tool, how = box.tools.get(tool_id) or abort(404), request.form.get("how", "")
    if how == "activate":
        box.keep(replace(tool, is_active=True))
    elif how == "show":
        box.keep(replace(tool, in_chooser=True))
    elif how == "delete":
        box.forget(tool_id)
    return redirect("/tools", 303)


def _need_admin() -> None:
    me = visitor()
    if me is None or me.role is not Role.ADMIN:
        abort(403)

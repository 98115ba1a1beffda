"""Dynamic Registration 1.0, the tool's side (§3): a platform opens our page, we read it up and register with it.

Nothing is fetched before an invitation was shown (`invitations`). The registration token is the platform's and opaque:
whether it is for an update is read off it as a hint only; what the platform then answers decides.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.core.errors import Side, ToolError, Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.lti.origins import is_secure
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.platform_configuration import PlatformConfiguration, read_configuration
from lti_tool.lti.registering.tool_metadata import TITLE, TOOL, registration_request, scopes_for
from lti_tool.lti.vocabulary import NOTICE_SCOPE, SCOPES

_LONGEST_ADDRESS, _LONGEST_TOKEN, _LONGEST_ID, _LONGEST_REASON = 2000, 8000, 255, 200
_BEARER = re.compile(r"[A-Za-z0-9._~+/=-]+")


@dataclass(frozen=True)
class RegistrationRequest:
    """What an LMS brings along when it opens our registration page; `token` is empty where it gave none."""

    configuration_url: str
    token: str

    @property
    def seems_update(self) -> bool:
        """Whether the token looks like one for a tool that is registered already (Moodle 4.5, Canvas)."""
        claims = _claims_of(self.token)
        return claims.get("scope") == "reg-update" or bool(claims.get("existing_registration"))


@dataclass(frozen=True)
class Granted:
    """What a platform made of our request. `missing` are the scopes that we asked for and did not get."""

    client_id: str
    deployment_id: str | None
    scopes: tuple[str, ...]
    missing: tuple[str, ...]
    management_url: str | None


def read_registration_request(values: Mapping[str, str]) -> RegistrationRequest:
    """The parameters of the initiation (§3.3); raises LtiRefused for what is missing, overlong or not fit to fetch."""
    address, token = values.get("openid_configuration", ""), values.get("registration_token", "")
    if not address:
        raise refused("lti.register_parameter", name="openid_configuration")
    if len(address) > _LONGEST_ADDRESS or not is_secure(address):
        raise refused("lti.registration_url", url=address[:200])
    if token and (len(token) > _LONGEST_TOKEN or not _BEARER.fullmatch(token)):
        raise refused("lti.parameter", name="registration_token")
    return RegistrationRequest(address, token)


def fetch_configuration(http: HttpClient, request: RegistrationRequest) -> PlatformConfiguration:
    """Asks the platform who it is, with its token (Canvas tells nobody else); raises LtiRefused or Upstream."""
    answer = http.get(request.configuration_url, headers={"Accept": "application/json", **_bearer(request.token)})
    # A redirect is an answer like any other that is not 200: where it leads was judged by nobody.
    if answer.status != 200:
        # Without the query: Canvas puts the token there.
        place = request.configuration_url.partition("?")[0]
        raise refused("lti.configuration_status", status=answer.status, log={"url": place})
    return read_configuration(answer.json(), address=request.configuration_url)


def register_with(http: HttpClient, platform: PlatformConfiguration, token: str, *, public_url: str) -> Granted:
    """Registers this tool, or brings its registration up to date where the token is for that.

    Raises LtiRefused `lti.registration_refused` when the platform says no, and Upstream `lti.registration_unknown` when
    nobody knows what it did.
    """
    asked = scopes_for(platform)
    try:
        answer = http.post(
            platform.registration_url,
            json=registration_request(platform, public_url),
            headers={"Accept": "application/json", **_bearer(token)},
        )
    except ToolError as fault:
        if fault.code == "core.http_refused":  # Nothing was sent.
            raise
        raise _unknown(fault.log) from fault
    if not answer.ok:
        raise _not_taken(answer)
    try:
        document = answer.json()
    except ToolError as fault:
        raise _unknown(fault.log) from fault
    return read_answer(document, asked=asked)


def present_client_id(http: HttpClient, platform: PlatformConfiguration, token: str) -> str | None:
    """Under which client id an update token's registration is known; None where the platform does not tell (Canvas)."""
    answer = http.get(platform.registration_url, headers={"Accept": "application/json", **_bearer(token)})
    if not answer.ok:
        return None
    return read_answer(answer.json(), asked=()).client_id


def read_answer(document: object, *, asked: tuple[str, ...]) -> Granted:
    """The platform's answer (§3.6). It stands for what was granted only where it says so: `scope` may be absent."""
    if not isinstance(document, dict):
        raise refused("lti.registration_answer", field="an object", log={"type": type(document).__name__})
    client_id = _id(document, "client_id")
    if client_id is None:
        raise refused("lti.registration_answer", field="client_id")
    own = document.get(TOOL)
    deployment = _id(document, "deployment_id")
    if deployment is None and isinstance(own, dict):
        deployment = _id(own, "deployment_id")
    scope = document.get("scope")
    granted = (
        tuple(word for word in scope.split() if word in (*SCOPES, NOTICE_SCOPE)) if isinstance(scope, str) else asked
    )
    managed = document.get("registration_client_uri")
    return Granted(
        client_id=client_id,
        deployment_id=deployment,
        scopes=granted,
        missing=tuple(word for word in asked if word not in granted),
        management_url=managed if isinstance(managed, str) and is_secure(managed) and len(managed) <= 2000 else None,
    )


def _id(values: Mapping[str, object], name: str) -> str | None:
    """An id, as text or as a whole number; None when it is absent, refused when it is anything else."""
    value = values.get(name)
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or len(text) > _LONGEST_ID or not text.isprintable():
        raise refused("lti.registration_answer", field=name, log={"type": type(value).__name__})
    return text


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _claims_of(token: str) -> Mapping[str, object]:
    """What a token of the platform says, unproved; nothing when it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _not_taken(answer: HttpAnswer) -> ToolError:
    """A refusal with the platform's own reason: a line of text (Moodle) or JSON (Canvas); an HTML page says none."""
    html = "<html" in answer.text[:500].lower() or "<!doctype" in answer.text[:100].lower()
    told = "" if html else "".join(char for char in answer.text[:_LONGEST_REASON] if char.isprintable()).strip()
    return refused("lti.registration_refused", status=answer.status, reason=told or "no reason given")


def _unknown(facts: Mapping[str, object]) -> Upstream:
    return Upstream(
        "lti.registration_unknown",
        "The LMS was asked to add this tool, and its answer did not arrive or cannot be read. Nothing was stored here.",
        "Look into the LMS's list of tools: if “%(title)s” stands there, delete it, as its client ID never reached us. "
        "Then open the address of the invitation again; it still holds.",
        side=Side.LMS,
        log=facts,
        title=TITLE,
    )

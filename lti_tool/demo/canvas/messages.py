"""What Canvas says in a launch: login request, claims of the id_token, key set.

LTI Core 1.3 and Deep Linking 2.0 in the shapes that Canvas sends: an hour of life from the login request on, `azp`
beside `aud`, opaque ids, mixed roles sorted, HTML as description, variables without a value literally as written.
"""

import hashlib
import html
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key

from lti_tool.demo import messages as moodle
from lti_tool.demo.canvas.custom import custom
from lti_tool.demo.canvas.facts import (
    NOTICE_SCOPE,
    PROGRESS_SCOPE,
    STORAGE_FRAME,
    Installation,
    context_id,
    guid_of,
    lineitem_url,
    lineitems_url,
    roster_url,
)
from lti_tool.demo.canvas.keys import narrowed
from lti_tool.demo.canvas.people import CanvasPerson
from lti_tool.demo.config import COURSE_ID, COURSE_LABEL, COURSE_TITLE, NAME
from lti_tool.demo.messages import AGS, CORE, DEEP, GRADE_SCOPES, NRPS

if TYPE_CHECKING:
    from lti_tool.demo.canvas.state import CanvasLms, Started
    from lti_tool.demo.shelf import Link

LIFETIME = 3600
_ENDPOINT = f"{AGS}claim/endpoint"
_ROSTER = f"{NRPS}claim/namesroleservice"
PLACEMENT = "https://www.instructure.com/placement"
_HINT_LIFETIME = timedelta(minutes=5)
_KIDS = ("2018-05-18T22:33:20Z", "2018-06-18T22:33:20Z", "2018-07-18T22:33:20Z")
COURSE_TYPE = "http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"


def login_form(
    lms: "CanvasLms",
    person: CanvasPerson,
    link: "Link | None",
    placement: str,
    tool: Installation,
    acting: str = "",
    editing: str = "",
) -> dict[str, str]:
    """The login request; the launch itself is built now and waits for five minutes."""
    hint = {
        "verifier": lms.begin(person, link, placement, tool, acting, editing),
        "canvas_domain": lms.config.netloc,
        "context_type": "Course",
        "context_id": 10_000_000_000_000 + int(COURSE_ID),
        "canvas_locale": "en",
        "include_storage_target": True,
        "exp": lms.now() + _HINT_LIFETIME,
    }
    return {
        "iss": tool.issuer,
        "login_hint": person.legacy_id,
        "client_id": tool.client_id,
        "lti_deployment_id": tool.deployment_id,
        "target_link_uri": _target(lms, link),
        "lti_message_hint": jwt.encode(hint, lms.secret, algorithm="HS256"),
        "canvas_environment": "prod",
        "canvas_region": "not_configured",
        "lti_storage_target": STORAGE_FRAME,
    }


def _target(lms: "CanvasLms", link: "Link | None") -> str:
    return (link.url if link else "") or lms.config.launch_url


# --- keys ---


def sign(lms: "CanvasLms", claims: Mapping[str, object], header: Mapping[str, str] | None = None) -> str:
    """A JWT by the middle one of three keys; `header` replaces single fields."""
    return jwt.encode(dict(claims), lms.key, algorithm="RS256", headers={"kid": _KIDS[1], **(header or {})})


def jwks(lms: "CanvasLms") -> dict[str, list[dict[str, str]]]:
    """Last, present and next key, with neither `alg` nor `use`; a kid is a time, with colons."""
    last, following = _neighbours()
    keys = (last, lms.key.public_key(), following)
    return {"keys": [_row(key, kid) for key, kid in zip(keys, _KIDS, strict=True)]}


@cache
def _neighbours() -> tuple[RSAPublicKey, RSAPublicKey]:
    """Two keys that sign nothing."""
    last, following = (generate_private_key(public_exponent=65537, key_size=2048).public_key() for _ in range(2))
    return last, following


def _row(key: RSAPublicKey, kid: str) -> dict[str, str]:
    numbers = jwt.algorithms.RSAAlgorithm.to_jwk(key, as_dict=True)
    return {"kty": "RSA", "e": str(numbers["e"]), "n": str(numbers["n"]), "kid": kid}


# --- claims ---


def claims(
    lms: "CanvasLms", person: CanvasPerson, link: "Link | None", nonce: str, begun: "Started"
) -> dict[str, object]:
    """The claims of a launch, in Canvas's order."""
    chooses = begun.placement == "assignment_selection"
    found: dict[str, object] = {
        f"{CORE}message_type": "LtiDeepLinkingRequest" if chooses else "LtiResourceLinkRequest",
        f"{CORE}version": "1.3.0",
    }
    if chooses:
        found[f"{DEEP}deep_linking_settings"] = _settings(lms, person, begun)
    else:
        found[f"{CORE}resource_link"] = _resource_link(lms, link)
        found[_ENDPOINT] = _endpoint(lms, link)
    whole = {
        **found,
        **_envelope(person, begun, nonce),
        f"{CORE}target_link_uri": _target(lms, link),
        **_portrait(person),
        f"{CORE}lis": _lis(person),
        f"{CORE}context": {**_context(link), "label": COURSE_LABEL, "type": [COURSE_TYPE]},
        f"{CORE}tool_platform": _platform(lms),
        f"{CORE}launch_presentation": _presentation(lms, chooses),
        f"{CORE}platformnotificationservice": _notices(lms, begun.tool),
        "locale": "en",
        f"{CORE}roles": list(person.launch_roles),
        f"{CORE}custom": custom(
            lms, person, link, begun.acting, lms.links.get(begun.editing), lms.key_custom(begun.tool)
        ),
        **({_ENDPOINT: _endpoint(lms, link)} if chooses else {}),
        _ROSTER: {"context_memberships_url": roster_url(lms.config), "service_versions": ["2.0"]},
        f"{CORE}lti11_legacy_user_id": person.legacy_id,
        f"{CORE}lti1p1": _lti1p1(lms, person, link),
        f"{CORE}eulaservice": _eula(lms, begun.tool),
        PLACEMENT: begun.placement or None,
    }
    return narrowed(whole, lms.toolbox.by_client(begun.tool.client_id))


def _context(link: "Link | None") -> dict[str, str]:
    course = link.course if link else COURSE_ID
    return {"id": context_id(course), "title": moodle.course_title(course)}


def _envelope(person: CanvasPerson, begun: "Started", nonce: str) -> dict[str, object]:
    """For whom, from whom, and for how long: an hour from the login request on."""
    issued = int(begun.at.timestamp())
    return {
        "aud": begun.tool.client_id,
        "azp": begun.tool.client_id,
        f"{CORE}deployment_id": begun.tool.deployment_id,
        "exp": issued + LIFETIME,
        "iat": issued,
        "iss": begun.tool.issuer,
        "nonce": nonce,
        "sub": person.sub,
    }


def _lis(person: CanvasPerson) -> dict[str, str]:
    return {
        "person_sourcedid": person.sourced_id or "$Person.sourcedId",
        "course_offering_sourcedid": "$CourseSection.sourcedId",
    }


def _resource_link(lms: "CanvasLms", link: "Link | None") -> dict[str, str]:
    found = {"id": lms.resource_link_id(link)}
    if link:
        found["description"] = f"<p>{html.escape(link.text)}</p>"
    return {**found, "title": link.title if link else COURSE_TITLE}


def _portrait(person: CanvasPerson) -> dict[str, object]:
    mail = {"email": person.email} if person.email else {}
    names = {"name": person.name, "given_name": person.given, "family_name": person.family}
    return {"picture": person.picture, **mail, **names}


def _platform(lms: "CanvasLms") -> dict[str, str]:
    return {"guid": guid_of(moodle.kid(lms)), "name": NAME, "version": "cloud", "product_family_code": "canvas"}


def _presentation(lms: "CanvasLms", chooses: bool) -> dict[str, object]:
    url = lms.config.lms_url
    if not chooses:
        return {"document_target": "iframe", "return_url": f"{url}/courses/{COURSE_ID}/assignments", "locale": "en"}
    return {
        "document_target": "iframe",
        "return_url": f"{url}/deep_linking_cancel?include_host=true&placement=assignment_selection",
        "locale": "en",
        "height": 400,
        "width": 800,
    }


def _notices(lms: "CanvasLms", tool: Installation) -> dict[str, object]:
    return {
        "service_versions": ["1.0"],
        "platform_notification_service_url": f"{lms.config.lms_url}/api/lti/notice-handlers/{tool.number}",
        "scope": [NOTICE_SCOPE],
        "notice_types_supported": ["LtiHelloWorldNotice", "LtiAssetProcessorSubmissionNotice", "LtiContextCopyNotice"],
    }


def _eula(lms: "CanvasLms", tool: Installation) -> dict[str, object]:
    scopes = [f"https://purl.imsglobal.org/spec/lti/scope/eula/{name}" for name in ("user", "deployment")]
    return {"url": f"{lms.config.lms_url}/api/lti/asset_processor_eulas/{tool.number}", "scope": scopes}


def _lti1p1(lms: "CanvasLms", person: CanvasPerson, link: "Link | None") -> dict[str, str]:
    if link is None:
        return {"user_id": person.legacy_id}
    old = hashlib.sha1(lms.resource_link_id(link).encode(), usedforsecurity=False).hexdigest()
    return {"resource_link_id": old, "user_id": person.legacy_id}


def _endpoint(lms: "CanvasLms", link: "Link | None") -> dict[str, object]:
    item = {"lineitem": lineitem_url(lms.config, link.item_id)} if link and link.item_id else {}
    return {**item, "scope": [*GRADE_SCOPES, PROGRESS_SCOPE], "lineitems": lineitems_url(lms.config)}


def _settings(lms: "CanvasLms", person: CanvasPerson, begun: "Started") -> dict[str, object]:
    """Deep linking from the form of an assignment: one link; the state is in the address, not in `data`."""
    data = {"nonce": lms.open_dialogue(person), "modal": True, "placement": begun.placement}
    edit = f"&edit={begun.editing}" if begun.editing else ""
    query = jwt.encode(data, lms.secret, algorithm="HS256")
    return {
        "deep_link_return_url": f"{lms.config.lms_url}/courses/{COURSE_ID}/deep_linking_response?data={query}{edit}",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_media_types": "application/vnd.ims.lti.v1.ltilink",
        "auto_create": False,
        "accept_multiple": False,
    }

"""What the LMS says in a launch: the login initiation, the claims of the id_token, the forms that carry them.

LTI Core 1.3 and Deep Linking 2.0 in the shapes that Moodle 4.5 sends: 60 seconds of life, `aud` a string, no `azp`,
`http://` roles, numbers as ids, custom parameters twice where their names have capitals.
"""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

import jwt

from lti_tool.demo.config import CLIENT_ID, COURSE_ID, COURSE_LABEL, COURSE_TITLE, DEPLOYMENT_ID, NAME
from lti_tool.demo.people import Person

if TYPE_CHECKING:
    from lti_tool.demo.shelf import Link
    from lti_tool.demo.state import Lms

CORE = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
GRADE_SCOPES = tuple(f"{AGS}scope/{name}" for name in ("lineitem", "lineitem.readonly", "result.readonly", "score"))
ROSTER_SCOPE = f"{NRPS}scope/contextmembership.readonly"
LIFETIME = 60
_ENDPOINT = f"{AGS}claim/endpoint"
_ROSTER = f"{NRPS}claim/namesroleservice"

# Custom parameters of these names are Moodle's own: they land in the services' claims and overwrite what stands there.
_MISLED = {"lineitem_url": (_ENDPOINT, "lineitem"), "lineitems_url": (_ENDPOINT, "lineitems")}


def login_form(
    lms: "Lms", person: Person, link: "Link | None", *, editing: str = "", for_user: str = ""
) -> dict[str, str]:
    """The login initiation; starts a launch that can be finished once. Without a link it is a deep linking launch."""
    launch_id = lms.start_launch(person, link, editing=editing, for_user=for_user)
    item = lms.items.get(link.item_id) if link and for_user else None
    hint = {"cmid": link.cmid, "launchid": launch_id} if link else {"launchid": launch_id}
    return {
        "iss": lms.config.lms_url,
        "target_link_uri": (item.review_url if item else "") or (link.url if link else "") or lms.config.launch_url,
        "login_hint": person.id,
        "lti_message_hint": json.dumps(hint, separators=(",", ":")),
        "client_id": CLIENT_ID,
        "lti_deployment_id": DEPLOYMENT_ID,
    }


def sign(lms: "Lms", claims: Mapping[str, object], header: Mapping[str, str] | None = None) -> str:
    """A JWT by the LMS's key; `header` replaces single fields."""
    return jwt.encode(dict(claims), lms.key, algorithm="RS256", headers={"kid": kid(lms), **(header or {})})


def kid(lms: "Lms") -> str:
    """The id of the signing key, made from the key itself."""
    return hashlib.sha256(str(lms.key.public_key().public_numbers().n).encode()).hexdigest()[:20]


def jwks(lms: "Lms") -> dict[str, list[dict[str, str]]]:
    """The public half of the key, as `certs.php` gives it."""
    numbers = lms.key.public_key().public_numbers()
    row = {
        "kty": "RSA",
        "alg": "RS256",
        "kid": kid(lms),
        "e": _base64(numbers.e),
        "n": _base64(numbers.n),
        "use": "sig",
    }
    return {"keys": [row]}


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(raw).decode().rstrip("=")


def claims(lms: "Lms", person: Person, link: "Link | None", nonce: str) -> dict[str, object]:
    """The claims of a launch as Moodle puts them together, in its order."""
    url, now = lms.config.lms_url, int(lms.now().timestamp())
    found: dict[str, object] = {
        "nonce": nonce,
        "iat": now,
        "exp": now + LIFETIME,
        "iss": url,
        "aud": CLIENT_ID,
        f"{CORE}deployment_id": DEPLOYMENT_ID,
        f"{CORE}target_link_uri": (link.url if link else "") or lms.config.launch_url,
        "sub": person.id,
        f"{CORE}lis": {"person_sourcedid": person.sourced_id, "course_section_sourcedid": "AU-PRIV101"},
        f"{CORE}roles": list(person.launch_roles),
        f"{CORE}context": _context(link),
        f"{CORE}message_type": "LtiResourceLinkRequest" if link else "LtiDeepLinkingRequest",
    }
    if link:
        found[f"{CORE}resource_link"] = {"title": link.title, "description": link.text, "id": link.id}
    if link and link.item_id:
        found["https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"] = {
            "lis_result_sourcedid": _sourced_id(link, person),
            "lis_outcome_service_url": f"{url}/mod/lti/service.php",
        }
    found |= {
        **_portrait(person),
        f"{CORE}launch_presentation": _presentation(lms, link),
        f"{CORE}tool_platform": _platform(url),
        f"{CORE}version": "1.3.0",
        f"{CORE}custom": _custom(lms, person, link),
        _ENDPOINT: _endpoint(lms, link),
    }
    if link or lms.links:
        found[_ROSTER] = {"context_memberships_url": memberships_url(lms), "service_versions": ["1.0", "2.0"]}
    if link is None:
        found[f"{DEEP}deep_linking_settings"] = _deep_linking_settings(lms, person)
    return _mislead(found)


def changes(lms: "Lms", person: Person, link: "Link | None", *, editing: str, for_user: str) -> dict[str, object]:
    """The claims that are otherwise where an activity is edited again or a submission is looked at."""
    if editing and link is None:
        edited = lms.links[editing]
        settings = _deep_linking_settings(lms, person)
        address = f"{settings['deep_link_return_url']}&edit={editing}"
        return {
            f"{CORE}custom": _custom(lms, person, edited),
            f"{DEEP}deep_linking_settings": {**settings, "accept_multiple": False, "deep_link_return_url": address},
        }
    if for_user and link is not None:
        item = lms.items.get(link.item_id)
        return {
            f"{CORE}message_type": "LtiSubmissionReviewRequest",
            f"{CORE}for_user": {"user_id": for_user},
            f"{CORE}target_link_uri": (item.review_url if item else "") or link.url or lms.config.launch_url,
        }
    return {}


def _context(link: "Link | None") -> dict[str, object]:
    course = link.course if link else COURSE_ID
    return {"id": course, "label": COURSE_LABEL, "title": course_title(course), "type": ["CourseSection"]}


def course_title(course: str) -> str:
    """The name of the one course, or of a copy of it."""
    return COURSE_TITLE if course == COURSE_ID else f"{COURSE_TITLE}, copy {int(course) - int(COURSE_ID)}"


def _portrait(person: Person) -> dict[str, object]:
    return {
        "given_name": person.given,
        "family_name": person.family,
        "name": person.name,
        f"{CORE}ext": {"user_username": person.username, "lms": "moodle-2"},
        "email": person.email,
    }


def _platform(url: str) -> dict[str, str]:
    return {
        "product_family_code": "moodle",
        "version": "2024100705.01",
        "guid": hashlib.md5(url.encode(), usedforsecurity=False).hexdigest(),
        "name": NAME,
        "description": "A make-believe Moodle on this computer",
    }


def _presentation(lms: "Lms", link: "Link | None") -> dict[str, str]:
    if link is None:
        return {"locale": "en"}
    query = f"course={COURSE_ID}&launch_container=3&instanceid={link.id}&sesskey={lms.session_key}"
    return {
        "locale": "en",
        "document_target": "iframe",
        "return_url": f"{lms.config.lms_url}/mod/lti/return.php?{query}",
    }


def _sourced_id(link: "Link", person: Person) -> str:
    data = {"instanceid": link.id, "userid": person.id, "typeid": DEPLOYMENT_ID, "launchid": int(link.id) * 1000}
    digest = hashlib.sha256(json.dumps(data).encode()).hexdigest()
    return json.dumps({"data": data, "hash": digest}, separators=(",", ":"))


def _endpoint(lms: "Lms", link: "Link | None") -> dict[str, object]:
    endpoint: dict[str, object] = {"scope": list(GRADE_SCOPES), "lineitems": lineitems_url(lms)}
    if link and link.item_id:
        endpoint["lineitem"] = lineitem_url(lms, link.item_id)
    return endpoint


def _deep_linking_settings(lms: "Lms", person: Person) -> dict[str, object]:
    key = lms.open_dialogue(person)
    return {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": (
            f"{lms.config.lms_url}/mod/lti/contentitem_return.php?course={COURSE_ID}&id={DEPLOYMENT_ID}&sesskey={key}"
        ),
        "title": "Modules with a certificate",
        "text": "",
    }


def lineitems_url(lms: "Lms") -> str:
    return f"{lms.config.lms_url}/mod/lti/services.php/{COURSE_ID}/lineitems?type_id={DEPLOYMENT_ID}"


def lineitem_url(lms: "Lms", item_id: int, tail: str = "") -> str:
    path = f"/mod/lti/services.php/{COURSE_ID}/lineitems/{item_id}/lineitem{tail}"
    return f"{lms.config.lms_url}{path}?type_id={DEPLOYMENT_ID}"


def memberships_url(lms: "Lms") -> str:
    return f"{lms.config.lms_url}/mod/lti/services.php/CourseSection/{COURSE_ID}/bindings/{DEPLOYMENT_ID}/memberships"


# --- custom parameters ---


def _custom(lms: "Lms", person: Person, link: "Link | None") -> dict[str, object]:
    custom: dict[str, object] = {}
    for name, value in link.custom if link else ():
        filled = substituted(lms, person, link, value)
        custom[re.sub(r"[^a-z0-9]", "_", name.lower())] = filled
        custom[name] = filled
    if link:
        custom["context_memberships_url"] = memberships_url(lms)
    return custom


def substituted(lms: "Lms", person: Person, link: "Link | None", value: str) -> str:
    """A whole value that is a known variable is replaced; unknown ones arrive as written; a backslash protects."""
    if value.startswith("\\$"):
        return value[1:]
    known = {
        "$Context.id": link.course if link else COURSE_ID,
        "$Context.title": course_title(link.course) if link else COURSE_TITLE,
        "$Context.label": COURSE_LABEL,
        "$Context.id.history": link.history if link else "",
        "$CourseSection.title": COURSE_TITLE,
        "$CourseSection.label": COURSE_LABEL,
        "$ResourceLink.id": link.id if link else "",
        "$ResourceLink.title": link.title if link else "",
        "$ResourceLink.description": link.text if link else "",
        "$User.id": person.id,
        "$User.username": person.username,
        "$Person.name.full": person.name,
        "$Person.name.given": person.given,
        "$Person.name.family": person.family,
        "$Person.email.primary": person.email,
        "$Person.sourcedId": person.sourced_id,
        "$Membership.role": person.launch_roles[0].partition("#")[2],
        "$LineItems.url": lineitems_url(lms),
        "$LineItem.url": lineitem_url(lms, link.item_id) if link and link.item_id else "",
        "$ToolProxyBinding.memberships.url": memberships_url(lms),
    }
    return {**known, **dict(link.dates if link else ())}.get(value, value)


def _mislead(found: dict[str, object]) -> dict[str, object]:
    custom = found[f"{CORE}custom"]
    assert isinstance(custom, dict)
    for name, (claim, field) in _MISLED.items():
        if name in custom:
            service = found[claim]
            assert isinstance(service, dict)
            service[field] = custom.pop(name)
    return found

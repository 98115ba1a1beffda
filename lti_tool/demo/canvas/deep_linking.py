"""Deep Linking 2.0 §4 as Canvas takes it from the form of an assignment (`assignment_selection`): one link, no more.

`aud` is the issuer of the launch, `nonce` is required, type and version are not looked at; errors are JSON in the
dialogue. A teacher would save the form that the answer fills in; here the assignment is made at once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import jwt
import requests
from flask import Blueprint, Response, request

from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import Installation
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.services import Answer, send
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.canvas.tokens import find_faults
from lti_tool.demo.config import COURSE_ID, site
from lti_tool.demo.messages import CORE, DEEP
from lti_tool.demo.room import page
from lti_tool.demo.shelf import Link
from lti_tool.demo.tool_keys import UnknownKey

blueprint = Blueprint("deep_linking", __name__)
_POINTS = 10.0
"""What the teacher typed into the form, for a link that brings no line item."""


class BadAnswer(Exception):
    """An answer of the tool that Canvas refuses, under the name of what is wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field

    @property
    def json(self) -> dict[str, object]:
        return {"errors": {self.field: [{"type": str(self)}]}}


@dataclass(frozen=True, slots=True)
class Choice:
    """One link that can be saved."""

    title: str
    text: str
    url: str
    icon: str
    custom: Mapping[str, str]
    maximum: float
    resource_id: str
    tag: str


@blueprint.post(f"/courses/{COURSE_ID}/deep_linking_response")
def take() -> Response:
    """Takes the tool's answer out of the frame and says in it what became of it."""
    lms, text = the_canvas(), request.form.get("JWT", "")
    try:
        nonce = read_data(lms, request.args.get("data", ""))
        claims = read_answer(lms, text)
        chosen = choices(claims, lms)
        if not lms.close_dialogue(nonce):
            raise BadAnswer("base", "This choice was taken already, or the dialogue was opened before the last start.")
    except BadAnswer as bad:
        _note(lms, text, f"nothing saved: {bad}", "bad")
        return send(Answer(400, bad.json))
    edited = lms.links.get(request.args.get("edit", ""))
    links = [_edit(lms, edited, choice) if edited else _save(lms, choice, _tool(lms, claims)) for choice in chosen]
    said = [str(claims.get(f"{DEEP}{name}") or "") for name in ("errormsg", "msg")]
    note = " · ".join(filter(None, (f"{len(links)} saved" if links else "nothing was chosen", *said)))
    _note(lms, text, note, "ok" if links else "warn")
    return page("chosen.html", links=links, problem="")


def read_data(lms: CanvasLms, text: str) -> str:
    """The nonce of the dialogue in the address's query. Raises BadAnswer for one that is missing or was changed."""
    try:
        return str(jwt.decode(text, lms.secret, algorithms=["HS256"])["nonce"])
    except (jwt.PyJWTError, KeyError) as fault:
        raise BadAnswer("data", "JWT verification failure") from fault


def read_answer(lms: CanvasLms, text: str) -> dict[str, object]:
    """The claims of a response that is genuine, in time and meant for Canvas. Raises BadAnswer."""
    try:
        claims = lms.tool_keys.verify(text)
    except jwt.DecodeError as fault:
        genuine = isinstance(fault, jwt.InvalidSignatureError)
        raise BadAnswer("jwt", "JWT verification failure" if genuine else "JWT format is invalid") from fault
    except jwt.InvalidAlgorithmError as fault:
        raise BadAnswer("jwt", "JWT has unexpected alg") from fault
    except (UnknownKey, jwt.PyJWTError) as fault:
        raise BadAnswer("jwt", "JWT verification failure") from fault
    except requests.RequestException as fault:
        raise BadAnswer("jwt", "Fetching JWK from public_jwk_url failed") from fault
    own = [one for one in lms.installed() if one.client_id == claims.get("iss")]
    if not own:
        raise BadAnswer("jwt", "Client not found")
    members = ("iss", "aud", "exp", "iat", "nonce")
    faults = find_faults(claims, own[0].issuer, now=lms.now().timestamp(), members=members)
    if faults:
        raise BadAnswer("base", " | ".join(faults).replace("nonce", "jti"))
    return claims


def choices(claims: Mapping[str, object], lms: CanvasLms) -> list[Choice]:
    """What can be saved: the first link; one whose line item has no maximum is refused alone."""
    items = claims.get(f"{DEEP}content_items")
    rows = [row for row in (items if isinstance(items, list) else ()) if isinstance(row, dict)]
    found = [_choice(row, lms) for row in rows if row.get("type") == "ltiResourceLink"]
    return [choice for choice in found if choice][:1]


def _choice(item: Mapping[str, object], lms: CanvasLms) -> Choice | None:
    column = item.get("lineItem")
    facts: Mapping[str, object] = column if isinstance(column, dict) else {}
    maximum = facts.get("scoreMaximum")
    if facts and (not isinstance(maximum, int | float) or isinstance(maximum, bool)):
        return None
    url = str(item.get("url") or "")
    if url and site(url) != site(lms.config.tool_url):
        raise BadAnswer("base", "The tool handed back a link to another site.")
    icon, custom = item.get("icon"), item.get("custom")
    return Choice(
        title=str(facts.get("label") or item.get("title") or "Assignment without a title"),
        text=" ".join(re.sub(r"<[^>]*>", "", str(item.get("text") or "")).split()),
        url=url,
        icon=str(icon.get("url") or "") if isinstance(icon, dict) else "",
        custom={name: str(value) for name, value in custom.items()} if isinstance(custom, dict) else {},
        maximum=float(maximum) if isinstance(maximum, int | float) else _POINTS,
        resource_id=str(facts.get("resourceId") or ""),
        tag=str(facts.get("tag") or ""),
    )


def _tool(lms: CanvasLms, claims: Mapping[str, object]) -> Installation:
    """The installation that answered: by its deployment, else the first of the client."""
    own = [one for one in lms.installed() if one.client_id == claims.get("iss")]
    return next((one for one in own if one.deployment_id == claims.get(f"{CORE}deployment_id")), own[0])


def _edit(lms: CanvasLms, link: Link, choice: Choice) -> Link:
    """Fills in the form of an assignment that is there already."""
    item = lms.items.get(link.item_id)
    if item is not None:
        lms.replace_item(replace(item, resource_id=choice.resource_id, tag=choice.tag))
    custom = tuple(choice.custom.items())
    return lms.put_link(
        replace(link, title=choice.title, text=choice.text, url=choice.url, icon=choice.icon, custom=custom)
    )


def _save(lms: CanvasLms, choice: Choice, tool: Installation) -> Link:
    link = lms.add_link(
        choice.title,
        text=choice.text,
        url=choice.url,
        icon=choice.icon,
        custom=choice.custom,
        maximum=choice.maximum,
        resource_id=choice.resource_id,
        tag=choice.tag,
    )
    lms.put_in(link, tool)
    return link


def _note(lms: CanvasLms, text: str, note: str, mark: str) -> None:
    address = f"POST {lms.config.lms_url}/courses/{COURSE_ID}/deep_linking_response"
    parts = wires.token("JWT", text)
    lms.wires.add(wires.Message(lms.now(), "Deep linking response", wires.Way.TO_LMS, address, parts, note, mark))

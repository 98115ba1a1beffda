"""Deep Linking 2.0 §4: the tool's answer, checked with its keys, becomes activities with columns in the gradebook.

As Moodle does it: `scoreMaximum` must be a whole number from 1 to 100 or nothing is saved; resource id, tag, custom
parameters and submission review are kept, dates and sizes are not; tags vanish from a title; messages are not shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import jwt
import requests
from flask import Blueprint, Response, request

from lti_tool.demo import wires
from lti_tool.demo.config import CLIENT_ID, DEPLOYMENT_ID, site
from lti_tool.demo.messages import CORE, DEEP
from lti_tool.demo.room import page, the_lms
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms
from lti_tool.demo.tool_keys import UnknownKey

blueprint = Blueprint("deep_linking", __name__)
BAD_GRADE = "Invalid grade value. This must be an integer between 1 and 100"


class BadChoice(Exception):
    """An answer of the tool that the LMS does not save; the text is for the teacher."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One content item that can be saved."""

    title: str
    text: str
    url: str
    icon: str
    custom: Mapping[str, str]
    maximum: int | None
    resource_id: str
    tag: str
    review_url: str
    review_custom: Mapping[str, str]


@blueprint.post("/mod/lti/contentitem_return.php")
def take() -> Response:
    """Takes the tool's answer out of the frame and says in it what became of it."""
    lms, text = the_lms(), request.form.get("JWT", "")
    key = request.args.get("sesskey", "")
    try:
        answer = read_answer(lms, text)
        chosen = choices(answer, lms)
        if not lms.close_dialogue(key):
            raise BadChoice("This choice was taken already, or the dialogue was opened before the last start.")
        edited = lms.links.get(request.args.get("edit", ""))
        links = (edit(lms, edited, chosen[0]),) if edited and chosen else save(lms, chosen)
        _tie(lms, links, str(answer["iss"]))
    except BadChoice as bad:
        _note(lms, text, f"nothing saved: {bad}", "bad")
        return page("chosen.html", 400, links=(), problem=str(bad))
    _note(lms, text, f"{len(links)} saved" if links else "nothing was chosen", "ok" if links else "warn")
    return page("chosen.html", links=links, problem="")


def read_answer(lms: Lms, text: str) -> dict[str, object]:
    """The claims of a deep linking response that is genuine, in time and meant for us. Raises BadChoice."""
    try:
        claims = lms.tool_keys.verify(text)
    except (jwt.PyJWTError, UnknownKey) as fault:
        raise BadChoice("The tool's signature is not genuine.") from fault
    except requests.RequestException as fault:
        raise BadChoice("The tool did not hand out its public keys, so its signature could not be checked.") from fault
    now, exp, iat = lms.now().timestamp(), claims.get("exp"), claims.get("iat")
    if not isinstance(exp, int | float) or not isinstance(iat, int | float) or exp <= now or iat > now:
        raise BadChoice("The tool's answer is too old, or its clock and ours differ.")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    tool = lms.toolbox.by_client(str(claims.get("iss", "")))
    if (claims.get("iss") != CLIENT_ID and tool is None) or lms.config.lms_url not in audiences:
        raise BadChoice("The tool's answer was meant for another LMS.")
    if claims.get(f"{CORE}message_type") != "LtiDeepLinkingResponse":
        raise BadChoice("The tool answered with another kind of message.")
    if claims.get(f"{CORE}version") != "1.3.0" or claims.get(f"{CORE}deployment_id") != (
        tool.id if tool else DEPLOYMENT_ID
    ):
        raise BadChoice("The tool's answer was meant for another installation.")
    return claims


def choices(claims: Mapping[str, object], lms: Lms) -> list[Choice]:
    """What the tool handed back, of the kinds that were asked for. Raises BadChoice for what Moodle's form refuses."""
    items = claims.get(f"{DEEP}content_items", [])
    if not isinstance(items, list):
        raise BadChoice("The tool's list of choices is no list.")
    return [_choice(item, lms) for item in items if isinstance(item, dict) and item.get("type") == "ltiResourceLink"]


def _choice(item: Mapping[str, object], lms: Lms) -> Choice:
    column, review, icon = _fields(item, "lineItem"), {}, _fields(item, "icon")
    maximum = column.get("scoreMaximum")
    if column:
        whole = isinstance(maximum, int | float) and not isinstance(maximum, bool) and float(maximum).is_integer()
        if not whole or not 1 <= float(str(maximum)) <= 100:
            raise BadChoice(BAD_GRADE)
        review = dict(_fields(column, "submissionReview"))
    url = str(item.get("url") or "")
    if url and site(url) != site(lms.config.tool_url):
        raise BadChoice("The tool handed back a link to another site.")
    return Choice(
        title=re.sub(r"<[^>]*>", "", str(item.get("title") or "")).strip() or "Activity without a title",
        text=" ".join(re.sub(r"<[^>]*>", "", str(item.get("text") or "")).split()),
        url=url,
        icon=str(icon.get("url") or ""),
        custom=_strings(item, "custom"),
        maximum=int(float(str(maximum))) if column else None,
        resource_id=str(column.get("resourceId") or ""),
        tag=str(column.get("tag") or ""),
        review_url=str(review.get("url") or ""),
        review_custom=_strings(review, "custom"),
    )


def _fields(item: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def _strings(item: Mapping[str, object], name: str) -> dict[str, str]:
    return {key: str(value) for key, value in _fields(item, name).items() if value is not None}


def save(lms: Lms, chosen: list[Choice]) -> tuple[Link, ...]:
    """Puts every choice into the course."""
    return tuple(
        lms.add_link(
            choice.title,
            text=choice.text,
            url=choice.url,
            icon=choice.icon,
            custom=choice.custom,
            maximum=choice.maximum,
            resource_id=choice.resource_id,
            tag=choice.tag,
            review_url=choice.review_url,
            review_custom=choice.review_custom,
        )
        for choice in chosen
    )


def edit(lms: Lms, link: Link, choice: Choice) -> Link:
    """Fills in the form of an activity that is there already: link and column stay what they are."""
    item = lms.items.get(link.item_id)
    if item is not None:
        lms.replace_item(replace(item, resource_id=choice.resource_id, tag=choice.tag, review_url=choice.review_url))
    custom = tuple(choice.custom.items())
    return lms.put_link(
        replace(link, title=choice.title, text=choice.text, url=choice.url, icon=choice.icon, custom=custom)
    )


def _tie(lms: Lms, links: tuple[Link, ...], client_id: str) -> None:
    """Activities of a tool that registered itself belong to it."""
    tool = lms.toolbox.by_client(client_id)
    for link in links if tool else ():
        assert tool is not None
        lms.toolbox.tie(link, tool)


def _note(lms: Lms, text: str, note: str, mark: str) -> None:
    address = f"POST {lms.config.lms_url}/mod/lti/contentitem_return.php"
    parts = wires.token("JWT", text)
    lms.wires.add(wires.Message(lms.now(), "Deep linking response", wires.Way.TO_LMS, address, parts, note, mark))

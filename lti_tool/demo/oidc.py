"""The launch: login initiation, authorization endpoint, key set (1EdTech Security Framework 1.0 §5.1, as Moodle 4.5).

A launch id serves once, and only the person who started it. As a browser sends no Lax cookie with a frame that another
site navigates, a request without the person's cookie is posted to itself once more, which is what Moodle does.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, abort, jsonify, request

from lti_tool.demo import messages, wires
from lti_tool.demo.config import CLIENT_ID, COURSE_ID
from lti_tool.demo.people import Person
from lti_tool.demo.registered import Tool, launch_changes, login_changes
from lti_tool.demo.room import carry, page, the_lms, visitor
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms, Pending

blueprint = Blueprint("oidc", __name__)


class Rejected(Exception):
    """An authentication request that is answered with an error, in OAuth's words."""

    def __init__(self, error: str, description: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@blueprint.get("/course/activity/<link_id>/launch")
def launch(link_id: str) -> Response:
    """What the frame of an activity loads."""
    link = the_lms().links.get(link_id) or abort(404)
    return _initiate(link, the_lms().toolbox.of_link(link))


@blueprint.get("/course/add/launch")
def choose() -> Response:
    """What the frame of the deep linking dialogue loads."""
    person = visitor()
    if person is None or not person.may_edit:
        abort(403)
    asked = request.args.get("tool", "")
    tool = next((one for one in the_lms().toolbox.on_offer() if one.id == asked), None) if asked else None
    editing = request.args.get("link", "")
    edited = (lms_link(editing) if editing else None) or None
    return _initiate(None, the_lms().toolbox.of_link(edited) if edited else tool, editing=editing)


@blueprint.get("/course/activity/<link_id>/review/<person>/launch")
def review(link_id: str, person: str) -> Response:
    """What the frame of a submission review loads, from the gradebook."""
    me, link = visitor(), lms_link(link_id)
    if me is None or not (me.may_edit or me.id == person) or person not in the_lms().people:
        abort(403)
    return _initiate(link, the_lms().toolbox.of_link(link), for_user=person)


def lms_link(link_id: str) -> Link:
    return the_lms().links.get(link_id) or abort(404)


def _initiate(link: Link | None, tool: Tool | None, *, editing: str = "", for_user: str = "") -> Response:
    lms, person = the_lms(), visitor()
    if person is None:
        return page("stop.html", 403, title="Who are you?", text="Choose somebody on the course page first.")
    form = {**lms.login_form(person, link, editing=editing, for_user=for_user), **login_changes(tool)}
    address = f"{lms.config.tool_url}/lti/login"
    part = wires.fields("The form", form)
    lms.wires.start(wires.Message(lms.now(), "Login initiation", wires.Way.TO_TOOL, f"POST {address}", (part,)))
    return carry(address, form, "Opening the tool")


@blueprint.route("/mod/lti/auth.php", methods=["GET", "POST"])
def authorize() -> Response:
    """Answers an authentication request with an id_token, or with an error, posted to the tool."""
    lms, person, ask = the_lms(), visitor(), request.values.to_dict()
    if person is None and "repost" not in request.form:
        return carry(f"{lms.config.lms_url}/mod/lti/auth.php", {**ask, "repost": "true"}, "One moment")
    if not is_registered(lms, ask):
        _note_request(lms, ask, "refused: not a registered client and address", "bad")
        text = "A tool asked for a launch under a name or address that is not registered here. Nothing was sent to it."
        return page("stop.html", 400, title="The LMS does not know this tool", text=text)
    try:
        pending = _check(lms, person, ask)
    except Rejected as rejected:
        _note_request(lms, ask, f"refused: {rejected.error} {rejected.description}".strip(), "bad")
        answer = {"error": rejected.error, "error_description": rejected.description, "state": ask.get("state", "")}
        return carry(lms.config.launch_url, {name: text for name, text in answer.items() if text}, "Back to the tool")
    _note_request(lms, ask, "accepted", "ok")
    assert person is not None
    return _answer(lms, person, pending, ask)


def _check(lms: Lms, person: Person | None, ask: Mapping[str, str]) -> Pending:
    """The launch that is asked for. Raises Rejected; a launch id is used up by a request that gets this far."""
    if not all(ask.get(name) for name in ("scope", "response_type", "login_hint", "nonce", "lti_message_hint")):
        raise Rejected("invalid_request", "A parameter is missing")
    if ask["scope"] != "openid":
        raise Rejected("invalid_scope")
    if ask["response_type"] != "id_token":
        raise Rejected("unsupported_response_type")
    if ask.get("response_mode") != "form_post":
        raise Rejected("invalid_request", "Invalid response_mode")
    if ask.get("prompt", "none") != "none":
        raise Rejected("invalid_request", "Invalid prompt")
    pending = lms.finish_launch(_launch_id(ask["lti_message_hint"]))
    if pending is None:
        raise Rejected("invalid_request", "This launch was used already or never started; open the activity again")
    if person is None or not is_theirs(pending, person, ask["login_hint"]):
        raise Rejected("access_denied", "Somebody else is logged in now")
    link = lms.links.get(pending.link_id)
    if pending.link_id and link is None:
        raise Rejected("invalid_request", "The activity was removed")
    tool = lms.toolbox.of_link(link)
    if link is not None and ask["client_id"] != (tool.client_id if tool else CLIENT_ID):
        raise Rejected("unauthorized_client", "The activity belongs to another tool")
    return pending


def is_registered(lms: Lms, ask: Mapping[str, str]) -> bool:
    """Whether the tool and its address are known here, to the letter; nothing may be sent elsewhere."""
    tool = lms.toolbox.by_client(ask.get("client_id", ""))
    if tool is not None:
        return tool.is_active and ask.get("redirect_uri") in tool.redirect_uris
    return ask.get("client_id") == CLIENT_ID and ask.get("redirect_uri") == lms.config.launch_url


def is_theirs(pending: Pending, person: Person, login_hint: str) -> bool:
    """Whether a launch was started by the person who is here now, and is asked for by nobody else."""
    return login_hint == person.id == pending.person_id


def _launch_id(hint: str) -> str:
    try:
        fields = json.loads(hint)
    except ValueError:
        return ""
    return str(fields.get("launchid", "")) if isinstance(fields, dict) else ""


def _answer(lms: Lms, person: Person, pending: Pending, ask: Mapping[str, str]) -> Response:
    tool, link = lms.toolbox.by_client(ask["client_id"]), lms.links.get(pending.link_id)
    again = messages.changes(lms, person, link, editing=pending.editing, for_user=pending.for_user)
    changes = {**launch_changes(lms, tool, person, link), **again}
    form = lms.launch_form(person, link, state=ask.get("state", ""), nonce=ask["nonce"], **changes)
    parts = (*wires.token("id_token", form["id_token"]), wires.fields("Beside it", {"state": form["state"]}))
    title = f"Launch, as {person.role}" if link else "Deep linking request"
    title = "Submission review" if pending.for_user else title
    note = "signed; good for one minute"
    lms.wires.add(wires.Message(lms.now(), title, wires.Way.TO_TOOL, f"POST {lms.config.launch_url}", parts, note))
    return carry(lms.config.launch_url, form, "Opening the tool")


def _note_request(lms: Lms, ask: Mapping[str, str], note: str, mark: str) -> None:
    message = wires.Message(
        lms.now(),
        "Authentication request",
        wires.Way.TO_LMS,
        f"{request.method} {lms.config.lms_url}/mod/lti/auth.php",
        (wires.fields("Parameters", ask),),
        note,
    )
    lms.wires.add(replace(message, mark=mark))


@blueprint.get("/mod/lti/certs.php")
def certs() -> Response:
    """The LMS's public keys."""
    return jsonify(messages.jwks(the_lms()))


@blueprint.get("/mod/lti/return.php")
def back() -> Response:
    """Where a tool sends people back to, with a word about what happened (LTI Core 1.3 §4.1.5)."""
    known = the_lms().links.get(request.args.get("instanceid", ""))
    said = {name: request.args.get(f"lti_{name}", "") for name in ("msg", "errormsg")}
    return page("return.html", link=known, said=said, course=COURSE_ID)

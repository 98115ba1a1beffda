"""The launch as Canvas makes it (1EdTech Security Framework 1.0 §5.1): login request, authorization, key set.

`authorize_redirect` is common to all schools and sends the browser on to the school's own domain, where the session
is; a launch was built at the login request and can be fetched once, within five minutes. Of the parameters' values only
`scope` is compared. As browsers send no Lax cookie with a redirect that another site began, the way on is a form here.
"""

from collections.abc import Mapping

import jwt
from flask import Blueprint, Response, abort, jsonify, request

from lti_tool.demo import wires
from lti_tool.demo.canvas import messages
from lti_tool.demo.canvas.facts import INSTALLED, Installation
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.state import CanvasLms, Started, form
from lti_tool.demo.people import Person
from lti_tool.demo.room import acting, carry, page, visitor
from lti_tool.demo.shelf import Link

blueprint = Blueprint("oidc", __name__)
_REQUIRED = (
    "client_id",
    "login_hint",
    "lti_message_hint",
    "nonce",
    "prompt",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
)
Fault = tuple[str, str]


@blueprint.get("/course/activity/<link_id>/launch")
def launch(link_id: str) -> Response:
    """What the frame of an assignment loads."""
    return _initiate(the_canvas().links.get(link_id) or abort(404), "")


@blueprint.get("/course/add/launch")
def choose() -> Response:
    """What the frame of the deep linking dialogue loads; `tool` is the number of an installation."""
    person = visitor()
    if person is None or not person.may_edit:
        abort(403)
    return _initiate(None, "assignment_selection", editing=request.args.get("link", ""))


@blueprint.get("/course/navigation/launch")
def navigate() -> Response:
    """A launch from the course's menu, without a link."""
    return _initiate(None, "course_navigation")


def _initiate(link: Link | None, placement: str, editing: str = "") -> Response:
    lms, person = the_canvas(), visitor()
    if person is None:
        return page("stop.html", 403, title="Who are you?", text="Choose somebody on the course page first.")
    edited = lms.links.get(editing)
    tool, really = lms.tool_of(link or edited) if link or edited else _tool(), acting()
    who = really.id if really else ""
    login = lms.login_form(person, link, placement=placement, tool=tool, acting=who, editing=editing)
    address, part = f"{lms.config.tool_url}/lti/login", wires.fields("The form", login)
    lms.wires.start(wires.Message(lms.now(), "Login initiation", wires.Way.TO_TOOL, f"POST {address}", (part,)))
    return carry(address, login, "Opening the tool")


def _tool() -> Installation:
    try:
        return the_canvas().installation(request.args.get("tool") or INSTALLED[0].number)
    except KeyError:
        abort(404)


@blueprint.route("/api/lti/authorize_redirect", methods=["GET", "POST"])
def authorize() -> Response:
    """Common to all schools: sends the browser on to the domain that the hint names."""
    lms, ask = the_canvas(), request.values.to_dict()
    if not all(ask.get(name) for name in ("lti_message_hint", "redirect_uri")):
        return _stop(lms, ask, "Invalid lti_message_hint" if ask.get("redirect_uri") else "Invalid redirect_uri")
    return carry(f"{lms.config.lms_url}/api/lti/authorize", ask, "One moment")


@blueprint.post("/api/lti/authorize")
def answer() -> Response:
    """The school's own domain: an id_token, or an error, posted to the tool."""
    lms, person, ask = the_canvas(), visitor(), request.form.to_dict()
    verifier = read_hint(lms, ask.get("lti_message_hint", ""))
    if verifier is None:
        return _stop(lms, ask, "Invalid lti_message_hint")
    if not is_registered(lms, ask):
        return _stop(lms, ask, "Invalid redirect_uri")
    started = lms.fetch(verifier)
    fault = find_fault(lms, started, person, ask)
    if fault is not None:
        _note_request(lms, ask, f"refused: {fault[0]}", "bad")
        said = {"error": fault[0], "error_description": fault[1], "state": ask.get("state", "")}
        return carry(lms.config.launch_url, said, "Back to the tool")
    assert started is not None and person is not None
    _note_request(lms, ask, "accepted", "ok")
    return _launch(lms, person, started, ask)


def read_hint(lms: CanvasLms, hint: str) -> str | None:
    """The verifier in a hint of ours that is not over; None for any other."""
    try:
        found = jwt.decode(hint, lms.secret, algorithms=["HS256"], options={"verify_exp": False})
    except jwt.PyJWTError:
        return None
    if int(found["exp"]) <= lms.now().timestamp():
        return None
    return str(found.get("verifier", ""))


def is_registered(lms: CanvasLms, ask: Mapping[str, str]) -> bool:
    """Whether the address is the key's; a query counts only where the registered one has one. Ours has none."""
    return ask.get("redirect_uri", "").partition("?")[0] == lms.config.launch_url


def find_fault(lms: CanvasLms, started: Started | None, person: Person | None, ask: Mapping[str, str]) -> Fault | None:
    """The error of a request, or None; where several checks fail, the last one speaks."""
    faults: list[Fault] = []
    missing = [name for name in _REQUIRED if not ask.get(name)]
    if missing:
        faults.append(("invalid_request_object", f"The following parameters are missing: {','.join(missing)}"))
    if ask.get("scope") != "openid":
        faults.append(("invalid_request_object", "The 'scope' must be 'openid'"))
    if person is None or lms.canvas_person(person).legacy_id != ask.get("login_hint"):
        faults.append(("login_required", "Must have an active user session"))
    clients = {one.client_id for one in lms.installed()}
    if ask.get("client_id") not in clients or (started and started.tool.client_id != ask.get("client_id")):
        faults.append(("unauthorized_client", "Client not authorized in requested context"))
    if (
        started is None
        or (person is not None and started.person_id != person.id)
        or (started.link_id and started.link_id not in lms.links)
    ):
        faults.append(("launch_no_longer_valid", "The launch has either expired or already been consumed"))
    return faults[-1] if faults else None


def _launch(lms: CanvasLms, person: Person, started: Started, ask: Mapping[str, str]) -> Response:
    link = lms.links.get(started.link_id)
    fields = form(lms.sign(person, link, ask["nonce"], started), ask.get("state", ""))
    beside = {name: text for name, text in fields.items() if name != "id_token"}
    parts = (*wires.token("id_token", fields["id_token"]), wires.fields("Beside it", beside))
    chooses = started.placement == "assignment_selection"
    title = "Deep linking request" if chooses else f"Launch, as {person.role}"
    message = wires.Message(lms.now(), title, wires.Way.TO_TOOL, f"POST {lms.config.launch_url}", parts)
    lms.wires.add(message)
    return carry(lms.config.launch_url, fields, "Opening the tool")


def _stop(lms: CanvasLms, ask: Mapping[str, str], text: str) -> Response:
    """An error page of Canvas's own; nothing is sent to anybody."""
    _note_request(lms, ask, f"refused: {text}", "bad")
    return page("stop.html", 400, title="This launch does not work", text=text)


def _note_request(lms: CanvasLms, ask: Mapping[str, str], note: str, mark: str) -> None:
    address = f"{request.method} {lms.config.lms_url}/api/lti/authorize_redirect"
    part = wires.fields("Parameters", ask)
    lms.wires.add(wires.Message(lms.now(), "Authentication request", wires.Way.TO_LMS, address, (part,), note, mark))


@blueprint.get("/api/lti/security/jwks")
def jwks() -> Response:
    """The public keys."""
    return jsonify(messages.jwks(the_canvas()))


@blueprint.get("/courses/<course>/assignments")
@blueprint.get("/deep_linking_cancel", defaults={"course": ""})
def back(course: str) -> Response:
    """Where a tool sends people back to, with a word about what happened (LTI Core 1.3 §4.1.5)."""
    said = {name: request.args.get(f"lti_{name}", "") for name in ("msg", "errormsg")}
    return page("return.html", link=None, said=said, course=course)

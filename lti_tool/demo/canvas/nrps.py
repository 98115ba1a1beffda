"""Names and Role Provisioning Services 2.0 as Canvas answers them: membership roles, always Active, 50 a page."""

from flask import Response

from lti_tool.demo.canvas.custom import of_person
from lti_tool.demo.canvas.facts import CONTEXT_ID, KEY_CUSTOM, roster_url
from lti_tool.demo.canvas.grading import ServiceError
from lti_tool.demo.canvas.people import CanvasPerson
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.canvas.services import Answer, Ask, blueprint, cut, hindrance, note, read_ask, refusal, send
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import COURSE_ID, COURSE_LABEL, COURSE_TITLE
from lti_tool.demo.messages import CORE, ROSTER_SCOPE
from lti_tool.demo.nrps import MEMBERS


@blueprint.get("/api/lti/courses/<course>/names_and_roles")
def memberships(course: str) -> Response:
    """The roster of a course."""
    lms = the_canvas()
    response = hindrance(lms)
    if response is None:
        try:
            response = send(_roster(lms, read_ask(lms), course))
        except ServiceError as fault:
            response = refusal(fault)
    note(lms, "Roster", response)
    return response


def _roster(lms: CanvasLms, ask: Ask, course: str) -> Answer:
    ask.need(ROSTER_SCOPE)
    if course != COURSE_ID:
        raise ServiceError(404, "Context not found")
    with_message = _need_rlid(lms, ask, ask.query["rlid"]) if "rlid" in ask.query else False
    people = [person for person in lms.canvas_people.values() if person.roster_roles]
    if "role" in ask.query:
        people = [person for person in people if ask.query["role"] in person.roster_roles]
    members: list[object] = [_member(person, with_message=with_message) for person in people]
    shown, link = cut(members, ask, roster_url(lms.config))
    body = {
        "id": roster_url(lms.config),
        "context": {"id": CONTEXT_ID, "label": COURSE_LABEL, "title": COURSE_TITLE},
        "members": shown,
    }
    return Answer(200, body, MEMBERS, link)


def _need_rlid(lms: CanvasLms, ask: Ask, rlid: str) -> bool:
    """Whether messages are wanted: yes, for a link of the client or for the whole course. Raises ServiceError(400)."""
    if rlid == CONTEXT_ID:
        return True
    link = lms.find_link(rlid)
    if link is None:
        raise ServiceError(400, "Invalid 'rlid' parameter")
    if lms.tool_of(link).client_id != ask.client_id:
        raise ServiceError(400, "Tool does not have access to rlid or rlid does not exist")
    return True


def _member(person: CanvasPerson, *, with_message: bool) -> dict[str, object]:
    found: dict[str, object] = {
        "status": "Active",
        "name": person.name,
        "picture": person.picture,
        "given_name": person.given,
        "family_name": person.family,
        "email": person.email,
        "lis_person_sourcedid": person.sourced_id,
        "user_id": person.sub,
        "lti11_legacy_user_id": person.legacy_id,
        "roles": list(person.roster_roles),
    }
    if not person.email:
        del found["email"]
    if not person.sourced_id:
        del found["lis_person_sourcedid"]
    return found | ({"message": [_message(person)]} if with_message else {})


def _message(person: CanvasPerson) -> dict[str, object]:
    """What a launch would say; few variables are filled in here, and the link's own parameters are not among them."""
    known = of_person(person)
    return {
        f"{CORE}message_type": "LtiResourceLinkRequest",
        "locale": "en",
        f"{CORE}custom": {name: known.get(value, value) for name, value in KEY_CUSTOM},
        f"{CORE}lti11_legacy_user_id": person.legacy_id,
        f"{CORE}lti1p1": {"user_id": person.legacy_id},
    }

"""Names and Role Provisioning Services 2.0 as Moodle 4.5 answers them.

Short role names, names HTML-escaped and given name first, a non-editing teacher as Learner, people who are not enrolled
left out; `limit` pages with a sound `Link`.
"""

import json
from urllib.parse import urlencode

from flask import Response

from lti_tool.demo.config import COURSE_ID, COURSE_LABEL, COURSE_TITLE, DEPLOYMENT_ID
from lti_tool.demo.gradebook import Refused
from lti_tool.demo.messages import CORE, ROSTER_SCOPE, memberships_url
from lti_tool.demo.people import Person
from lti_tool.demo.room import the_lms
from lti_tool.demo.services import Answer, Ask, blueprint, dump, fault_answer, note, read_ask, refusal, send
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms

MEMBERS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_ROLES = ("Learner", "Instructor")


@blueprint.get("/mod/lti/services.php/CourseSection/<course>/bindings/<int:tool>/memberships")
def memberships(course: str, tool: int) -> Response:
    """The roster of a course."""
    lms = the_lms()
    ask = read_ask(lms, f"CourseSection/{course}/bindings/{tool}/memberships")
    response = fault_answer(lms)
    if response is None:
        try:
            response = send(_roster(lms, ask, course))
        except Refused as refused:
            response = send(refusal(ask, refused))
    note(lms, "Roster", ask, response)
    return response


def _roster(lms: Lms, ask: Ask, course: str) -> Answer:
    ask.need_format((MEMBERS,))
    ask.need(ROSTER_SCOPE)
    if course != COURSE_ID:
        raise Refused(404, f"Not Found: Course {course} doesn't exist")
    link_id = ask.query.get("rlid", "")
    link = lms.links.get(link_id)
    if link_id and link is None:
        raise Refused(404, f"Not Found: LTI link {link_id} doesn't exist")
    role = ask.query.get("role", "").rpartition("#")[2]
    people = sorted((person for person in lms.people.values() if person.is_enrolled), key=lambda one: one.family)
    people = [person for person in people if role not in _ROLES or person.roster_role == role]
    limit, start = (_natural(ask.query.get(name)) for name in ("limit", "from"))
    shown = people[start : start + limit] if limit else people
    body = {
        "id": memberships_url(lms),
        "context": {"id": COURSE_ID, "label": COURSE_LABEL, "title": COURSE_TITLE},
        "members": [_member(lms, person, link) for person in shown],
    }
    more = limit and start + limit < len(people)
    return Answer(200, dump(body), MEMBERS, link=_next(lms, ask, limit, start) if more else "")


def _next(lms: Lms, ask: Ask, limit: int, start: int) -> str:
    kept = {name: ask.query[name] for name in ("role", "rlid") if name in ask.query}
    query = urlencode({"limit": limit, "from": start + limit, **kept})
    return f'<{memberships_url(lms)}?{query}>; rel="next"'


def _member(lms: Lms, person: Person, link: Link | None) -> dict[str, object]:
    found: dict[str, object] = {"status": "Active", "roles": [person.roster_role]}
    if link:
        found["message"] = [_message(lms, person, link)]
    return found | {
        "user_id": person.id,
        "lis_person_sourcedid": person.sourced_id,
        "name": _escaped(person.roster_name),
        "given_name": _escaped(person.given),
        "family_name": _escaped(person.family),
        "email": person.email,
        "ext_user_username": person.username,
    }


def _message(lms: Lms, person: Person, link: Link) -> dict[str, object]:
    sourced = json.dumps({"data": {"instanceid": link.id, "userid": person.id, "typeid": DEPLOYMENT_ID}})
    outcome = {"lis_result_sourcedid": sourced, "lis_outcome_service_url": f"{lms.config.lms_url}/mod/lti/service.php"}
    return {
        f"{CORE}message_type": "LtiResourceLinkRequest",
        "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome": outcome,
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _natural(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0

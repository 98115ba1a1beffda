"""The pages where things happen: three doors, the course, an activity in its frame, choosing one by deep linking."""

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as Answer

from lti_tool.demo.config import COURSE_ID, COURSE_TITLE
from lti_tool.demo.messages import course_title
from lti_tool.demo.people import Role
from lti_tool.demo.room import ACTING_COOKIE, PERSON_COOKIE, may_act, own_path, page, the_lms, visitor
from lti_tool.demo.shelf import Link

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home() -> Response:
    """Three doors."""
    lms = the_lms()
    doors = {"teacher": lms.person("ingrid"), "learner": lms.person("tuyet")}
    return page("home.html", doors=doors, links=list(lms.links.values()), trail=lms.wires.trail)


@blueprint.post("/be")
def be() -> Answer:
    """Becomes somebody. There is no password: nobody here is real."""
    person = the_lms().people.get(request.form.get("person", "")) or abort(404)
    answer = redirect(own_path(request.form.get("next", ""), "/course"), 303)
    answer.set_cookie(PERSON_COOKIE, person.id, httponly=True, samesite="Lax")
    answer.delete_cookie(ACTING_COOKIE)
    return answer


@blueprint.post("/act-as")
def act_as() -> Answer:
    """Canvas's “Act as User”: an administrator goes on as somebody else, and tools can ask who it really is."""
    really = may_act() or abort(403)
    person = the_lms().people.get(request.form.get("person", "")) or abort(404)
    answer = redirect(own_path(request.form.get("next", ""), "/course"), 303)
    answer.set_cookie(PERSON_COOKIE, person.id, httponly=True, samesite="Lax")
    answer.set_cookie(ACTING_COOKIE, really.id, httponly=True, samesite="Lax")
    return answer


@blueprint.get("/course")
def course() -> Response:
    """The activities, and who you are."""
    lms, me = the_lms(), visitor()
    courses = {link.id: course_title(link.course) for link in lms.links.values() if link.course != COURSE_ID}
    added = [link for name in request.args.getlist("added") if (link := lms.links.get(name))]
    grades = {link.id: lms.grades.get((link.item_id, me.id)) for link in lms.links.values()} if me else {}
    return page(
        "course.html",
        title=COURSE_TITLE,
        links=list(lms.links.values()),
        items=lms.items,
        courses=courses,
        grades=grades,
        added=added,
        groups=people_by_role(),
    )


def people_by_role() -> list[tuple[str, list[object]]]:
    """Everybody, under a heading for each role."""
    everybody = the_lms().people.values()
    found: list[tuple[str, list[object]]] = [
        (str(role).capitalize(), [one for one in everybody if one.role is role]) for role in Role
    ]
    return [group for group in found if group[1]]


@blueprint.get("/course/activity/<link_id>")
def activity(link_id: str) -> Response:
    """The tool in a frame, with the rights that Moodle gives to it."""
    link = _link(link_id)
    rights = ("microphone", "camera", "geolocation", "midi", "encrypted-media", "autoplay")
    allow = "; ".join(f"{right} {the_lms().config.tool_url}" for right in rights)
    narrow = request.args.get("width") == "phone"
    return page("activity.html", link=link, allow=allow, narrow=narrow, groups=people_by_role())


@blueprint.post("/course/activity/<link_id>/remove")
def remove(link_id: str) -> Answer:
    """Takes an activity out of the course, with its grades."""
    _need_teacher()
    the_lms().drop_link(_link(link_id).id)
    return redirect("/course", 303)


@blueprint.get("/course/add")
def add() -> Response:
    """The deep linking dialogue."""
    _need_teacher()
    tool = request.args.get("tool", "")
    more = the_lms().toolbox.on_offer()
    return page(
        "add.html", tool=tool if tool.isdecimal() else "", installed=the_lms().installed(), more=more, edited=None
    )


def _link(link_id: str) -> Link:
    return the_lms().links.get(link_id) or abort(404)


def _need_teacher() -> None:
    me = visitor()
    if me is None or not me.may_edit:
        abort(403)

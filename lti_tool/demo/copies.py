"""What teachers do with activities that are there: copy the course, duplicate one, choose again, look at a submission.

As Moodle 4.5 does it: a copy has new links and new columns, with the custom parameters and resource ids of the
old ones; only a copied course has a history (`$Context.id.history`). All courses share one address for their services
here.
"""

from dataclasses import replace

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as Answer

from lti_tool.demo.canvas.notices import tell_copies
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import COURSE_ID
from lti_tool.demo.people import Person
from lti_tool.demo.room import page, the_lms, visitor
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms

blueprint = Blueprint("copies", __name__)


def copy_course(lms: Lms) -> tuple[Link, ...]:
    """A new course with a copy of each activity of the newest one."""
    newest = max((int(link.course) for link in lms.links.values()), default=int(COURSE_ID))
    before = [link for link in lms.links.values() if link.course == str(newest)]
    return tuple(_copy(lms, link, str(newest + 1), _history(link)) for link in before)


def duplicate(lms: Lms, link: Link) -> Link:
    """The same activity once more in its course; nothing tells that it is a copy."""
    return _copy(lms, link, link.course, link.history)


def _history(link: Link) -> str:
    return f"{link.course},{link.history}".rstrip(",")


def _copy(lms: Lms, link: Link, course: str, history: str) -> Link:
    item = lms.items.get(link.item_id)
    made = lms.add_link(
        link.title,
        text=link.text,
        url=link.url,
        custom=dict(link.custom),
        icon=link.icon,
        maximum=item.maximum if item else None,
        resource_id=item.resource_id if item else "",
        tag=item.tag if item else "",
        review_url=item.review_url if item else "",
    )
    tool = lms.toolbox.of_link(link)
    if tool is not None:
        lms.toolbox.tie(made, tool)
    if isinstance(lms, CanvasLms):
        lms.put_in(made, lms.tool_of(link))
    before = f"{link.id},{link.copied_from}".rstrip(",")
    return lms.put_link(replace(made, course=course, history=history, copied_from=before, dates=link.dates))


@blueprint.post("/course/copy")
def copy() -> Answer:
    """Copies the course, for its next run."""
    _teacher()
    lms = the_lms()
    made = copy_course(lms)
    if isinstance(lms, CanvasLms):
        tell_copies(lms, made)
    return redirect("/course", 303)


@blueprint.post("/course/activity/<link_id>/duplicate")
def twin(link_id: str) -> Answer:
    """Duplicates an activity."""
    _teacher()
    duplicate(the_lms(), _link(link_id))
    return redirect("/course", 303)


@blueprint.get("/course/activity/<link_id>/edit")
def edit(link_id: str) -> Response:
    """The deep linking dialogue once more, for an activity that is there."""
    _teacher()
    return page("add.html", tool="", installed=(), more=(), edited=_link(link_id))


@blueprint.get("/course/activity/<link_id>/review/<person>")
def review(link_id: str, person: str) -> Response:
    """A submission in its frame, as the gradebook opens it; Canvas has a grader of its own instead."""
    if isinstance(the_lms(), CanvasLms):
        abort(404)
    me, link = visitor(), _link(link_id)
    learner = the_lms().people.get(person) or abort(404)
    if me is None or not (me.may_edit or me.id == person):
        abort(403)
    return page("submission.html", link=link, learner=learner)


def _link(link_id: str) -> Link:
    return the_lms().links.get(link_id) or abort(404)


def _teacher() -> Person:
    me = visitor()
    if me is None or not me.may_edit:
        abort(403)
    return me

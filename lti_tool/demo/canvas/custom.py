"""Custom parameters as Canvas fills them in: a whole value that is a known variable is replaced, all else stays."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lti_tool.demo import messages as moodle
from lti_tool.demo.canvas.facts import KEY_CUSTOM, context_id
from lti_tool.demo.canvas.people import CanvasPerson
from lti_tool.demo.config import COURSE_ID, COURSE_TITLE

if TYPE_CHECKING:
    from lti_tool.demo.canvas.state import CanvasLms
    from lti_tool.demo.shelf import Link


def custom(
    lms: "CanvasLms",
    person: CanvasPerson,
    link: "Link | None",
    acting: str = "",
    edited: "Link | None" = None,
    fields: Iterable[tuple[str, str]] = KEY_CUSTOM,
) -> dict[str, str]:
    """The key's fields and the link's, the link's winning; a whole value that is a known variable is replaced.

    Where an assignment is edited, its variables are known, but its link's own parameters are not sent.
    """
    about = link or edited
    known = {
        **of_person(person),
        "$Canvas.course.id": COURSE_ID,
        "$Canvas.course.name": COURSE_TITLE,
        "$Context.id": context_id(link.course if link else COURSE_ID),
        "$Context.id.history": ",".join(context_id(one) for one in link.history.split(",") if one) if link else "",
        "$Context.title": COURSE_TITLE,
        "$ResourceLink.id": lms.resource_link_id(link),
        "$com.instructure.PostMessageToken": moodle.kid(lms),
    }
    if acting:
        known["$Canvas.masqueradingUser.id"] = acting
    item = lms.items.get(about.item_id) if about else None
    if about and item:
        known |= {
            **dict(about.dates),
            "$Activity.id.history": ",".join(lms.link_uuid(one) for one in about.copied_from.split(",") if one),
            "$ResourceLink.title": about.title,
            "$Canvas.assignment.id": str(item.id),
            "$Canvas.assignment.title": item.label,
            "$Canvas.assignment.pointsPossible": str(item.maximum),
            "$Canvas.assignment.allowedAttempts": str(lms.attempts_allowed or -1),
            "$Canvas.assignment.submission.studentAttempts": str(lms.attempts_of(item.id, person.id)),
        }
    wanted = {**dict(fields), **dict(link.custom if link else ())}
    return {name: known.get(value, value) for name, value in wanted.items()}


def of_person(person: CanvasPerson) -> dict[str, str]:
    """The variables that Canvas fills in for a person wherever it fills in any."""
    known = {
        "$Person.name.full": person.name,
        "$Person.name.given": person.given,
        "$Person.name.family": person.family,
        "$Person.email.primary": person.email,
        "$Person.sourcedId": person.sourced_id,
        "$User.id": person.id,
        "$User.username": person.username,
        "$Canvas.user.id": person.id,
        "$Canvas.user.loginId": person.username,
        "$Message.locale": "en",
    }
    return {name: value for name, value in known.items() if value}

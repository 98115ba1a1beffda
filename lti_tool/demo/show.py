"""The pages that show what happened and why: gradebook, people, wires, and the switches that make things fail."""

import math
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from lti_tool.demo.config import Flavour
from lti_tool.demo.faults import ClockFault, Services, Throttle
from lti_tool.demo.gradebook import Grade, LineItem, ScorePost, plain_number
from lti_tool.demo.people import Person
from lti_tool.demo.room import own_path, page, the_lms, visitor

blueprint = Blueprint("show", __name__)
_TRIES = ("first", "second", "third", "fourth", "fifth", "sixth")


@dataclass(frozen=True, slots=True)
class Cell:
    """A learner's place in a column: the grade, the last message about it, and how that went."""

    person: Person
    grade: Grade | None
    post: ScorePost | None
    tries: int
    attempts: int = 0

    @property
    def mark(self) -> str:
        if self.post is None:
            return ""
        return "ok" if self.post.was_accepted else ("warn" if self.post.status >= 500 else "bad")

    @property
    def words(self) -> str:
        """What became of the last score message."""
        if self.post is None:
            return "No score message yet"
        if self.post.status == 503:
            return "On its way: we answered 503, as you asked"
        if not self.post.was_accepted:
            return f"Refused with {self.post.status}: {self.post.outcome}"
        erased = self.grade is None or self.grade.value is None
        if erased:
            return f"Taken, and it emptied the cell: {self.post.grading_progress or 'no points'}"
        return f"Accepted at the {_TRIES[self.tries - 1]} try" if self.tries <= len(_TRIES) else "Accepted at last"


@blueprint.get("/gradebook")
def gradebook() -> Response:
    """Who has which grade, when it arrived, from which message."""
    lms = the_lms()
    columns = [(item, _cells(item)) for item in lms.items.values()]
    return page("gradebook.html", columns=columns)


@blueprint.post("/gradebook/grade")
def enter_grade() -> Answer:
    """A teacher's own grade; an empty field takes it back."""
    _need_teacher()
    lms = the_lms()
    number = request.form.get("column", "")
    item = lms.items.get(int(number)) if number.isdecimal() else None
    person = lms.people.get(request.form.get("person", ""))
    if item is None or person is None or not person.is_gradable:
        abort(404)
    text = request.form.get("grade", "").strip()
    if text:
        lms.enter_grade(item.id, person.id, _points(text, item))
    else:
        lms.free_grade(item.id, person.id)
    return redirect(f"/gradebook#column-{item.id}", 303)


def _need_teacher() -> None:
    me = visitor()
    if me is None or not me.may_edit:
        abort(403)


def _points(text: str, item: LineItem) -> float:
    """Points as they were typed: none below zero, and in Moodle none above the maximum."""
    try:
        value = float(text)
    except ValueError:
        abort(400)
    if not math.isfinite(value):
        abort(400)
    most = math.inf if the_lms().config.flavour is Flavour.CANVAS else item.maximum
    return round(min(max(value, 0), most), 5)


def _cells(item: LineItem) -> list[Cell]:
    lms = the_lms()
    return [_cell(item, person) for person in lms.people.values() if person.is_gradable]


def _cell(item: LineItem, person: Person) -> Cell:
    lms = the_lms()
    posts = [post for post in lms.posts if (post.item_id, post.user_id) == (item.id, person.id)]
    tries = 0
    for post in reversed(posts):
        if tries and post.was_accepted:
            break
        tries += 1
    return Cell(
        person,
        lms.grades.get((item.id, person.id)),
        posts[-1] if posts else None,
        tries,
        lms.attempts_of(item.id, person.id),
    )


@blueprint.get("/people")
def people() -> Response:
    """Everybody, and what the tool is told about them."""
    return page("people.html", people=list(the_lms().people.values()))


@blueprint.get("/wires")
def wires() -> Response:
    """Every message of the last launch, claim by claim."""
    return page("wires.html", trail=the_lms().wires.trail)


@blueprint.get("/faults")
def faults() -> Response:
    """The switches."""
    return page("faults.html", services=Services, clocks=ClockFault, seconds=the_lms().slow_seconds)


@blueprint.post("/faults")
def switch() -> Answer:
    """Moves the switches."""
    now = the_lms().faults
    if "mend" in request.form:
        now.mend()
    else:
        now.services = Services(_one_of(Services, request.form.get("services", "")))
        now.clock = ClockFault(_one_of(ClockFault, request.form.get("clock", "")))
        now.slow = "slow" in request.form
        now.throttle = Throttle(_one_of(Throttle, request.form.get("throttle", "")))
        now.concluded, now.one_attempt = "concluded" in request.form, "one_attempt" in request.form
    return redirect(own_path(request.form.get("next", ""), "/faults"), 303)


def _one_of(kind: type[Services] | type[ClockFault] | type[Throttle], text: str) -> str:
    values = [member.value for member in kind]
    return text if text in values else values[0]


@blueprint.app_template_filter("when")
def when(moment: datetime) -> Markup:
    """A moment in this computer's time, with the month in words."""
    local = moment.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(moment.isoformat(), f"{local.day} {local:%b, %H:%M:%S}")


@blueprint.app_template_filter("figure")
def figure(value: float) -> str:
    """A grade without needless zeros."""
    return str(plain_number(value))

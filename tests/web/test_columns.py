"""A link that the LMS has coupled with no grade column: grades wait, one column is found or made, and they flow."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lti_tool import courses, demo, gradebook, lti, people
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.gradebook.tables import grade_columns, grade_deliveries
from lti_tool.workflows.columns import column_for, find_column_due, note_lost_columns
from tests.stage import Stage, raised
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, TEACHER, pass_the_module

ANOTHER = "7"


@pytest.fixture(params=list(demo.Flavour), ids=[flavour.value for flavour in demo.Flavour])
def stage(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=request.param) as up:
        yield up


def bare_link(stage: Stage, offer: str = "") -> demo.Link:
    """An activity of ours that has no column in the gradebook."""
    coupled = stage.add_activity()
    stage.lms.drop_link(coupled.id)
    custom = {**dict(coupled.custom), **({"offer": offer} if offer else {})}
    link = stage.lms.add_link(coupled.title, url=coupled.url, custom=custom, maximum=None)
    if isinstance(stage.lms, demo.CanvasLms):
        stage.lms.put_in(link, stage.lms.tool_of(link))
    return link


def offer_of(link: demo.Link) -> str:
    return dict(link.custom)["offer"]


def finishes(stage: Stage, link: demo.Link, person: str = LEARNER) -> None:
    """Somebody has handed in: the wish for their grade, as the workflow makes it."""
    page = launch(Walker(), stage.lms_url, person, link.id)
    hand_in_for(stage, page.launch)


def hand_in_for(stage: Stage, launch_id: str) -> None:
    now = stage.tool.now()
    with stage.tool.db.transaction() as tx:
        session = lti.find_session(tx, launch_id)
        assert session is not None and session.placement_id is not None
        placement = courses.find_placement(tx, session.placement_id)
        column = column_for(tx, placement, registration_id=session.registration_id, now=now)
        if column is None:
            return
        gradebook.want_delivered(
            tx,
            registration_id=session.registration_id,
            lms_deployment_id="1",
            line_item_url=column,
            person_id=session.person_id,
            lms_user_id=people.find_person(tx, session.person_id).lms_user_id,
            percent=Fraction(86),
            finished=True,
            hand_in=gradebook.HandIn(f"{launch_id}", now),
            now=now,
        )


def columns_of(stage: Stage) -> list[tuple[str, float, str]]:
    return [(item.label, item.maximum, item.resource_id) for item in stage.lms.items.values()]


def grades_of(stage: Stage) -> dict[tuple[int, str], float | None]:
    return {cell: grade.value for cell, grade in stage.lms.grades.items()}


def time_passes(stage: Stage, **by: float) -> None:
    """For what waits to be tried again; the clock itself cannot be turned while two programs share it."""
    earlier = stage.tool.now() - timedelta(days=1)
    with stage.tool.db.transaction() as tx:
        for table in (grade_columns, grade_deliveries):
            tx.execute(update(table).where(table.c.due_at.is_not(None)).values(due_at=earlier, leased_until=None))


def test_the_first_grade_makes_the_column_and_all_flow_into_it(stage: Stage) -> None:
    link = bare_link(stage)
    learner = Walker()
    result = pass_the_module(stage, learner, link.id)
    assert columns_of(stage) == [] and "on its way" in result.text.lower()
    finishes(stage, link, ANOTHER)
    stage.work()
    assert columns_of(stage) == [(link.title, 100, offer_of(link))]
    (item,) = stage.lms.items.values()
    assert sorted(grades_of(stage)) == [(item.id, LEARNER), (item.id, ANOTHER)]
    finishes(stage, link, "8")
    stage.work()
    assert len(columns_of(stage)) == 1 and len(grades_of(stage)) == 3


class Losing(HttpClient):
    """A way out on which answers get lost: what was sent arrives, and nothing comes back."""

    lost = 0

    def post(self, url: str, **sent: object) -> HttpAnswer:  # type: ignore[override]
        answer = super().post(url, **sent)  # type: ignore[arg-type]
        if sent.get("json") is not None and answer.ok and self.lost > 0:
            self.lost -= 1
            raise Upstream("core.http_no_answer", "No answer.")
        return answer


def other_worker(stage: Stage, way: type[HttpClient] = HttpClient) -> tuple[Database, lti.Services, HttpClient]:
    """What another process has: a database connection, a way out, and locks of its own."""
    db, http = Database(stage.tool.settings.database.url), way(["127.0.0.0/8"])
    return db, lti.Services(db, http, stage.tool.vault, stage.tool.clock), http


def test_a_lost_answer_doubles_no_column(stage: Stage) -> None:
    link = bare_link(stage)
    finishes(stage, link)
    db, services, http = other_worker(stage, Losing)
    assert isinstance(http, Losing)
    http.lost = 1
    find_column_due(db, services, clock=stage.tool.now)
    assert len(stage.lms.items) == 1
    time_passes(stage)
    stage.work()
    assert len(stage.lms.items) == 1 and len(stage.lms.grades) == 1
    db.dispose()


@pytest.mark.both_engines
def test_many_workers_and_learners_at_once_make_one_column_a_link(stage: Stage) -> None:
    """Each worker with connections and locks of its own, as processes have them; two links of one offer."""
    first = bare_link(stage)
    links = (first, bare_link(stage, offer_of(first)))
    pages = [launch(Walker(), stage.lms_url, person, link.id) for link in links for person in (LEARNER, ANOTHER)]
    workers = [other_worker(stage) for _ in range(4)]
    start = threading.Barrier(len(pages) + len(workers))

    def hands_in(launch_id: str) -> None:
        start.wait()
        hand_in_for(stage, launch_id)

    def works(db: Database, services: lti.Services) -> None:
        start.wait()
        for _ in range(20):
            find_column_due(db, services, clock=stage.tool.now)

    threads = [threading.Thread(target=hands_in, args=(page.launch,)) for page in pages]
    threads += [threading.Thread(target=works, args=worker[:2]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stage.work()
    assert columns_of(stage) == [(first.title, 100, offer_of(first))] * 2
    ids = sorted(stage.lms.items)
    assert sorted(grades_of(stage)) == [(one, person) for one in ids for person in (LEARNER, ANOTHER)]
    for db, _, _ in workers:
        db.dispose()


def test_a_copied_course_uses_the_column_that_came_along(stage: Stage) -> None:
    """And a duplicated activity gets one of its own: what serves another link is not taken."""
    link = bare_link(stage)
    copied = stage.lms.add_item("Copied", 100, resource_id=offer_of(link))
    if isinstance(stage.lms, demo.CanvasLms):
        stage.lms.note_made(copied, stage.registration.client_id, "")
    finishes(stage, link)
    stage.work()
    assert [item.label for item in stage.lms.items.values()] == ["Copied"]
    twin = bare_link(stage, offer_of(link))
    finishes(stage, twin)
    stage.work()
    assert [item.label for item in stage.lms.items.values()] == ["Copied", link.title]
    assert len(stage.lms.grades) == 2


def test_a_deleted_column_is_parked_found_again_or_made_when_somebody_asks(stage: Stage) -> None:
    link = bare_link(stage)
    finishes(stage, link)
    stage.work()
    (first,) = stage.lms.items
    stage.lms.drop_item(first)
    finishes(stage, link, ANOTHER)
    for _ in range(3):  # Three refusals, then it is parked.
        time_passes(stage)
        stage.work()
    look_for_the_lost(stage)
    assert stage.lms.items == {}, "somebody may have wanted it gone"
    teacher = Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "was deleted in the LMS" in page.text
    teacher.submit(page, page.form("/resend"))
    stage.work()
    (second,) = stage.lms.items
    assert sorted(grades_of(stage)) == [(second, LEARNER), (second, ANOTHER)], "all grades are in the new one"

    stage.lms.drop_item(second)
    restored = stage.lms.add_item("Restored", 100, resource_id=offer_of(link))
    if isinstance(stage.lms, demo.CanvasLms):
        stage.lms.note_made(restored, stage.registration.client_id, "")
    finishes(stage, link, "8")
    for _ in range(3):
        time_passes(stage)
        stage.work()
    look_for_the_lost(stage)
    everybody = [(restored.id, person) for person in (LEARNER, ANOTHER, "8")]
    assert sorted(grades_of(stage)) == everybody, "found again, with all grades"


def look_for_the_lost(stage: Stage) -> None:
    note_lost_columns(stage.tool.db, stage.tool.now())
    stage.work()


def test_grades_follow_a_column_that_the_lms_couples_later(stage: Stage) -> None:
    link = bare_link(stage)
    finishes(stage, link)
    own = stage.lms.add_item("The LMS's own", 10, link_id=link.id)
    stage.lms.put_link(replace(stage.lms.links[link.id], item_id=own.id))
    launch(Walker(), stage.lms_url, ANOTHER, link.id)
    stage.work()
    assert list(stage.lms.items) == [own.id]
    assert grades_of(stage) == {(own.id, LEARNER): pytest.approx(8.6)}


@pytest.mark.parametrize("policy", [lti.LineItemPolicy.COUPLED, lti.LineItemPolicy.NONE])
def test_what_an_operator_has_settled_holds(stage: Stage, policy: lti.LineItemPolicy) -> None:
    from lti_tool.lti.tables import registrations

    link = bare_link(stage)
    with stage.tool.db.transaction() as tx:
        tx.execute(update(registrations).values(line_items=policy.value))
    finishes(stage, link)
    stage.work()
    assert columns_of(stage) == []
    with stage.tool.db.reading() as tx:
        assert tx.execute(select(grade_deliveries.c.id)).all() == []
    page = launch(Walker(), stage.lms_url, TEACHER, link.id)
    assert "Nothing to send" in page.text


def test_a_refusal_is_parked_with_its_reason_and_tried_when_somebody_asks(stage: Stage) -> None:
    """A course that is over takes no columns: the teacher reads it, and nothing is lost."""
    link = bare_link(stage)
    finishes(stage, link)
    refused = Refusing(["127.0.0.0/8"])
    services = lti.Services(stage.tool.db, refused, stage.tool.vault, stage.tool.clock)
    for _ in range(3):
        time_passes(stage)
        find_column_due(stage.tool.db, services, clock=stage.tool.now)
    teacher = Walker()
    page = launch(teacher, stage.lms_url, TEACHER, link.id)
    assert "does not let this tool work with the grade columns" in page.text and "refused" in page.text
    teacher.submit(page, page.form("/resend"))
    stage.work()
    assert len(stage.lms.items) == 1 and len(stage.lms.grades) == 1


class Refusing(HttpClient):
    """A way out to an LMS whose administrator has taken the permission back."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int | None = None) -> HttpAnswer:
        return HttpAnswer(403, "Forbidden", {}, b"{}")

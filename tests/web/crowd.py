"""A course with many people, written straight into the tables: a thousand launches would take minutes."""

from datetime import datetime, timedelta

from sqlalchemy import select

from lti_tool import courses, modules
from lti_tool.assessments.tables import attempts
from lti_tool.core import ids
from lti_tool.core.db import Tx
from lti_tool.courses.tables import enrolments, members, rosters
from lti_tool.gradebook.tables import grade_deliveries
from lti_tool.people.tables import people
from tests.stage import Stage

NAMES = (
    "محمد الأحمد بن عبد الله",
    "Łucja Żółkiewska-Ødegård",
    "王秀英",
    "Nguyễn Thị Ánh Tuyết",
    "ليلى الخطيب",
    "Suharto",
)


def fill(stage: Stage, placement_id: int, *, come: int, absent: int) -> None:
    """So many learners who have handed in, with grades in all states, and so many who are on the list alone."""
    now = stage.tool.now()
    with stage.tool.db.transaction() as tx:
        placement = courses.find_placement(tx, placement_id)
        version = modules.newest_version(tx, placement.offer.module_id)
        persons = _people(tx, stage, come, now)
        rows = _rows(persons, placement_id, now)
        tx.execute(enrolments.insert(), rows) if rows else None
        known = tx.execute(select(enrolments.c.id).where(enrolments.c.person_id.in_(persons))).scalars().all()
        tried = [_attempt(one, version.id, place, now) for place, one in enumerate(known)]
        tx.execute(attempts.insert(), tried) if tried else None
        url = placement.line_item_url or ""
        graded = [_delivery(stage, person, url, place, now) for place, person in enumerate(persons)]
        tx.execute(grade_deliveries.insert(), graded) if graded else None
        roster_id = tx.execute(select(rosters.c.id)).scalar_one()
        tx.execute(rosters.update().values(read_at=now, due_at=None, asked_at=now))
        listed = [
            {"lms_user_id": f"come-{place}", "left_at": now if place % 40 == 3 else None} for place in range(come)
        ]
        listed += [{"lms_user_id": f"absent-{place}", "left_at": None} for place in range(absent)]
        tx.execute(members.insert(), [{**one, **_member(roster_id, place)} for place, one in enumerate(listed)])


def forget_everybody(stage: Stage) -> None:
    """The course is empty again, but for those who really came."""
    with stage.tool.db.transaction() as tx:
        crowd = select(people.c.id).where(people.c.identity_scope == "crowd")
        theirs = select(enrolments.c.id).where(enrolments.c.person_id.in_(crowd))
        tx.execute(attempts.delete().where(attempts.c.enrolment_id.in_(theirs)))
        tx.execute(grade_deliveries.delete())
        tx.execute(enrolments.delete().where(enrolments.c.person_id.in_(crowd)))
        tx.execute(people.delete().where(people.c.identity_scope == "crowd"))
        tx.execute(members.delete())


def _people(tx: Tx, stage: Stage, count: int, now: datetime) -> list[int]:
    rows = [
        {
            "public_id": ids.public_id(),
            "registration_id": stage.registration.id,
            "identity_scope": "crowd",
            "lms_user_id": f"come-{place}",
            "name": None if place % 10 == 9 else f"{NAMES[place % len(NAMES)]} {place}",
            "created_at": now,
            "updated_at": now,
        }
        for place in range(count)
    ]
    if not rows:
        return []
    tx.execute(people.insert(), rows)
    return list(tx.execute(select(people.c.id).where(people.c.identity_scope == "crowd")).scalars())


def _rows(persons: list[int], placement_id: int, now: datetime) -> list[dict[str, object]]:
    one = {"placement_id": placement_id, "role": "learner", "dates": {}, "created_at": now}
    return [{**one, "public_id": ids.public_id(), "person_id": person} for person in persons]


def _attempt(enrolment: int, version: int, place: int, now: datetime) -> dict[str, object]:
    passed = place % 3 != 0
    return {
        "public_id": ids.public_id(),
        "enrolment_id": enrolment,
        "module_version_id": version,
        "number": 1,
        "state": "graded",
        "seed": 1,
        "drawn": {},
        "started_at": now,
        "submitted_at": now,
        "percent": "86" if passed else "40",
        "passed": passed,
    }


def _delivery(stage: Stage, person: int, url: str, place: int, now: datetime) -> dict[str, object]:
    done = place % 4 != 1
    return {
        "registration_id": stage.registration.id,
        "line_item_url": url,
        "person_id": person,
        "lms_user_id": str(person),
        "lms_deployment_id": "1",
        "percent": "86",
        "finished": 1,
        "revision": 1,
        "delivered_revision": int(done),
        "wanted_at": now,
        "delivered_at": now if done else None,
        "due_at": None if done else now + timedelta(days=1),
        "parked_at": now if place % 8 == 1 else None,
        "last_error": "The LMS does not know this learner in the course." if place % 8 == 1 else None,
        "may_hold": [],
        "differs": False,
    }


def _member(roster_id: int, place: int) -> dict[str, object]:
    name = None if place % 17 == 16 else f"{NAMES[place % len(NAMES)]} {place}"
    return {"roster_id": roster_id, "role": "learner", "name": name}

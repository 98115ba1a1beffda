"""Links of courses: found by what they carry, brought up to date, never crossing tenants or runs."""

from dataclasses import replace
from datetime import datetime

import pytest

from lti_tool import courses, demo, lti, workflows
from lti_tool.core.db import Database
from lti_tool.core.errors import NotFound
from lti_tool.core.secrets import Vault

pytestmark = pytest.mark.both_engines


class Course:
    """A connected platform with an offer of the sample module."""

    def __init__(self, db: Database, vault: Vault, now: datetime) -> None:
        self.db, self.now = db, now
        self.registration = self._connect(vault, "Aldermoor University", "client-1")
        self.other = self._connect(vault, "Another school", "client-2")
        with db.transaction() as tx:
            self.deployment = lti.admit_deployment(tx, self.registration.id, "3", now=now)
            package = workflows.read_package(demo.sample_modules()[0])
            owner = self.registration.organisation_id
            self.version = workflows.publish_package(tx, package, organisation_id=owner, actor="test", now=now)
        self.offer = self.make_offer()

    def _connect(self, vault: Vault, organisation: str, client: str) -> lti.Registration:
        with self.db.transaction() as tx:
            return workflows.connect(
                tx,
                vault=vault,
                organisation=organisation,
                issuer="https://lms.example.edu",
                client_id=client,
                name="Moodle",
                auth_url="https://lms.example.edu/auth",
                token_url="https://lms.example.edu/token",
                jwks_url="https://lms.example.edu/jwks",
                actor="test",
                now=self.now,
            )

    def make_offer(self) -> courses.Offer:
        with self.db.transaction() as tx:
            return courses.make_offer(
                tx,
                organisation_id=self.registration.organisation_id,
                module_id=self.version.module_id,
                made_by="test",
                settings={},
                now=self.now,
            )

    def link(self, **changes: object) -> courses.Link:
        plain = courses.Link(
            deployment_id=self.deployment.id,
            lms_context_id="2",
            context_label="PRIV101",
            context_title="Privacy at work",
            lms_resource_link_id="1",
            title="Data protection essentials",
            line_item_url="https://lms.example.edu/item/2",
            offer=self.offer.public_id,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    def place(self, *, organisation: int | None = None, **changes: object) -> courses.Placement:
        with self.db.transaction() as tx:
            owner = organisation or self.registration.organisation_id
            return courses.place(tx, self.link(**changes), organisation_id=owner, now=self.now)


@pytest.fixture
def course(db: Database, vault: Vault, now: datetime) -> Course:
    return Course(db, vault, now)


def test_a_link_is_placed_once(course: Course) -> None:
    assert course.place().id == course.place().id


def test_a_renamed_activity_and_a_new_line_item_are_taken_over(course: Course) -> None:
    first = course.place()
    again = course.place(title="Privacy, spring", line_item_url="https://lms.example.edu/item/9")
    assert (again.id, again.title, again.line_item_url) == (
        first.id,
        "Privacy, spring",
        "https://lms.example.edu/item/9",
    )


def test_a_launch_without_a_line_item_does_not_forget_the_known_one(course: Course) -> None:
    course.place()
    assert course.place(line_item_url=None).line_item_url == "https://lms.example.edu/item/2"


def test_a_copied_course_shares_the_offer_and_nothing_else(course: Course) -> None:
    original, copy = course.place(), course.place(lms_context_id="9", lms_resource_link_id="77")
    assert original.id != copy.id
    assert original.offer.id == copy.offer.id


def test_a_teacher_who_chooses_again_changes_the_offer_behind_the_link(course: Course) -> None:
    first, chosen = course.place(), course.make_offer()
    again = course.place(offer=chosen.public_id)
    assert (again.id, again.offer.id) == (first.id, chosen.id)


def test_a_known_link_keeps_its_offer_when_the_lms_sends_none(course: Course) -> None:
    first = course.place()
    assert course.place(offer=None).offer.id == first.offer.id


def test_a_link_that_carries_no_offer_says_how_to_choose_one(course: Course) -> None:
    with pytest.raises(NotFound, match="no_module"):
        course.place(lms_resource_link_id="5", offer=None)


@pytest.mark.parametrize("offer", ["0" * 26, "nonsense"])
def test_an_unknown_offer_places_nothing(course: Course, offer: str) -> None:
    with pytest.raises(NotFound, match="no_offer"):
        course.place(lms_resource_link_id="5", offer=offer)


def test_an_offer_of_another_organisation_is_unknown(course: Course) -> None:
    with pytest.raises(NotFound, match="no_offer"):
        course.place(organisation=course.other.organisation_id, lms_resource_link_id="6")


def test_the_services_of_a_course_are_kept_as_its_last_launch_named_them(course: Course) -> None:
    lms = "https://lms.example.edu"
    course.place(line_items_url=f"{lms}/items", memberships_url=f"{lms}/people")
    again = course.place(line_items_url=f"{lms}/moved/items")
    assert (again.line_items_url, again.memberships_url) == (f"{lms}/moved/items", f"{lms}/people")
    course.place(lms_resource_link_id="2", line_item_url=None, memberships_url=f"{lms}/people/2")
    with course.db.reading() as tx:
        found = courses.newest_services(tx, course.registration.id)
        none = courses.newest_services(tx, course.other.id)
    assert found == courses.ServiceAddresses(f"{lms}/item/2", f"{lms}/moved/items", f"{lms}/people/2")
    assert none == courses.ServiceAddresses(None, None, None)

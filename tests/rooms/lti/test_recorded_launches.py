"""The launches recorded from a Moodle 4.5, signed anew with a test key and fresh times, are accepted and read right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from tests.rooms.lti.lms import BROWSER, CLAIM, PUBLIC_URL, Lms

pytestmark = pytest.mark.shared

SCOPES = frozenset(
    f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}"
    for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")
)
LINE_ITEM = "http://localhost:8100/mod/lti/services.php/2/lineitems/2/lineitem?type_id=3"


@pytest.fixture
def recording(shared_dir: Path) -> Callable[[str], dict[str, Any]]:
    def read(name: str) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((shared_dir / "platforms" / "moodle-4.5" / f"{name}.json").read_text())
        return said

    return read


@pytest.fixture
def moodle(
    register: Callable[..., lti.Registration], db: Database, clock: FixedClock, key_sets: lti.KeySets, key_set: object
) -> Callable[[str], Lms]:
    """The recorded Moodle, under the client id that a launch is for."""

    def made(client_id: str) -> Lms:
        return Lms(db, clock, key_sets, register(client_id=client_id), kid="lms-key-1")

    return made


@pytest.fixture
def relaunch(moodle: Callable[[str], Lms]) -> Callable[..., lti.Launch]:
    """Plays a recording: its login, and its token with a new nonce, new times and the test's signature."""

    def played(recorded: dict[str, Any], **changes: object) -> lti.Launch:
        form = recorded["login_initiation"]["form"]
        lms = moodle(form["client_id"])
        begun = lms.begin(target=urlsplit(form["target_link_uri"]).path, deployment=form["lti_deployment_id"])
        made = int(lms.clock.now().timestamp())
        times = {"nonce": begun.nonce, "iat": made, "exp": made + 60}
        return lms.verify(lms.sign({**recorded["id_token"]["payload"], **times, **changes}), begun)

    return played


Recording = Callable[[str], dict[str, Any]]
Relaunch = Callable[..., lti.Launch]


def test_a_student(recording: Recording, relaunch: Relaunch) -> None:
    launch = relaunch(recording("launch-student"))
    assert (launch.subject, launch.name, launch.given_name, launch.family_name) == ("6", "小明 王", "小明", "王")
    assert (launch.email, launch.locale) == ("student02@example.test", "en")
    assert launch.role is lti.Role.LEARNER
    assert launch.role.is_assessed
    assert not launch.is_test_user
    assert (launch.context_id, launch.context_label) == ("2", "BIO101")
    assert launch.context_title == "Biologie générale 101 — Zellen & Évolution"
    assert (launch.resource_link_id, launch.resource_link_title) == ("1", "Quiz «Zellen» & Mitose 細胞 🧫")
    assert launch.line_item_url == LINE_ITEM
    assert launch.line_items_url == "http://localhost:8100/mod/lti/services.php/2/lineitems?type_id=3"
    assert launch.ags_scopes == SCOPES
    assert launch.memberships_url is not None
    assert launch.platform_name == "loop"
    assert launch.return_url is not None
    assert launch.return_url.startswith("http://localhost:8100/mod/lti/return.php?")
    assert launch.target_link_uri == f"{PUBLIC_URL}/launch"


def test_custom_parameters_as_moodle_sends_them(recording: Recording, relaunch: Relaunch) -> None:
    custom = relaunch(recording("launch-student")).custom
    assert custom["activity"] == "act-1"
    assert (custom["camelCase"], custom["key with space"], custom["unicode_val"]) == ("Yes", "v", "naïve 日本語")
    assert "camelcase" not in custom
    assert "key_with_space" not in custom
    assert "resource_avail" not in custom


def test_a_teacher_and_a_non_editing_teacher_are_both_instructors(recording: Recording, relaunch: Relaunch) -> None:
    teacher = relaunch(recording("launch-teacher"))
    assert teacher.role is lti.Role.INSTRUCTOR
    # Moodle says the same of both in a launch; only its roster tells them apart.
    assert relaunch(recording("launch-nonediting-teacher")).role is lti.Role.INSTRUCTOR


def test_an_administrator_without_enrolment_comes_as_moodle_names_them(
    recording: Recording, relaunch: Relaunch
) -> None:
    assert relaunch(recording("launch-admin-not-enrolled")).role is lti.Role.INSTRUCTOR


def test_a_student_of_an_activity_without_a_grade(recording: Recording, relaunch: Relaunch) -> None:
    launch = relaunch(recording("launch-student-no-line-item"))
    assert launch.line_item_url is None
    assert launch.line_items_url is not None


@pytest.mark.parametrize("name", ["launch-student-minimal-registration", "launch-student-name-and-email-not-shared"])
def test_a_student_whose_name_is_not_shared(recording: Recording, relaunch: Relaunch, name: str) -> None:
    launch = relaunch(recording(name))
    assert (launch.subject, launch.name, launch.email) == ("6", None, None)


def test_a_copied_activity_has_a_link_of_its_own(recording: Recording, relaunch: Relaunch) -> None:
    first, copy = relaunch(recording("launch-student")), relaunch(recording("launch-student-duplicated-activity"))
    assert first.resource_link_id != copy.resource_link_id
    assert first.line_item_url != copy.line_item_url
    assert first.custom["activity"] == copy.custom["activity"]


def test_deep_linking(recording: Recording, relaunch: Relaunch) -> None:
    launch = relaunch(recording("launch-deep-linking"))
    assert launch.message is lti.MessageType.DEEP_LINKING
    assert launch.role.may_author
    assert launch.name == "Thérèse Lehrerin"
    assert launch.resource_link_id == ""
    settings = launch.deep_linking
    assert settings is not None
    assert (
        settings.return_url == "http://localhost:8100/mod/lti/contentitem_return.php?course=2&id=3&sesskey=8spGTLjN5Z"
    )
    assert (settings.accept_types, settings.accept_multiple) == (("ltiResourceLink",), True)
    assert (settings.accept_line_item, settings.data) == (None, None)


def test_names_of_every_kind_arrive_unchanged_or_in_nfc(recording: Recording, relaunch: Relaunch) -> None:
    student = recording("launch-student")
    people = recording("launch-other-names")
    assert len(people) == 5
    for person in people.values():
        launch = relaunch(student, **person)
        assert launch.subject == person["sub"]
        if "Combining" in person["name"]:
            assert launch.name == "émile Combining"
        else:
            assert (launch.name, launch.given_name) == (person["name"], person["given_name"])


def test_a_submission_review_names_the_learner_whose_work_is_meant(recording: Recording, relaunch: Relaunch) -> None:
    launch = relaunch(recording("launch-submission-review"))
    assert (launch.message, launch.subject, launch.for_user) == (lti.MessageType.SUBMISSION_REVIEW, "3", "6")
    assert launch.resource_link_id == "1" and launch.role is lti.Role.INSTRUCTOR


def test_moodle_s_own_signature_is_genuine_but_not_our_login_s(
    recording: Recording, moodle: Callable[[str], Lms], httpserver: Any
) -> None:
    """The raw token, as recorded, with Moodle's real key set: all but its nonce is in order."""
    recorded = recording("launch-student")
    httpserver.clear_all_handlers()
    httpserver.expect_request("/mod/lti/certs.php").respond_with_json(recording("jwks")["json"])
    lms = moodle(recorded["login_initiation"]["form"]["client_id"])
    lms.clock.advance(recorded["id_token"]["payload"]["iat"] - lms.clock.now().timestamp())
    begun = lms.begin(target="/launch")
    with pytest.raises(lti.LtiRefused, match=r"lti\.nonce"):
        lms.verify(recorded["id_token"]["raw"], begun, browser=BROWSER)
    assert f"{CLAIM}/roles" in recorded["id_token"]["payload"]

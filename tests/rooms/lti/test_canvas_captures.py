"""Canvas launches as captured, signed anew with a test key and fresh times, are accepted and read right."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_tool import lti, people
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.lti.launching.roles import is_test_user, role_of
from tests.recordings import Recorded
from tests.rooms.lti.lms import BROWSER, CLAIM, Lms
from tests.rooms.lti.said import unread

pytestmark = pytest.mark.shared

CANVAS = "https://canvas.example.edu"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
Play = Callable[..., lti.Launch]


@pytest.fixture
def capture(recorded: Recorded) -> Callable[[str], Any]:
    return lambda name: recorded("canvas", name)


@pytest.fixture
def play(
    register: Callable[..., lti.Registration],
    capture: Callable[[str], Any],
    db: Database,
    clock: FixedClock,
    key_sets: lti.KeySets,
    key_set: object,
) -> Play:
    """Plays a captured payload: the captured login, then the token with a new nonce, new times and our signature.

    Canvas builds the token at the login request and hands it out up to five minutes later: `age` seconds.
    """
    form = capture("login-initiation")["seen_2025"]["form"]

    def played(payload: dict[str, Any], *, age: int = 200, **changes: object) -> lti.Launch:
        registration = register(
            issuer=payload["iss"], client_id=payload["aud"], auth_url=f"{CANVAS}/api/lti/authorize_redirect"
        )
        lms = Lms(db, clock, key_sets, registration)
        target = payload[f"{CLAIM}/target_link_uri"]
        tool = f"{urlsplit(target).scheme}://{urlsplit(target).netloc}"
        asked = {
            **form,
            "iss": registration.issuer,
            "client_id": registration.client_id,
            "lti_deployment_id": payload[f"{CLAIM}/deployment_id"],
            "target_link_uri": target,
        }
        request = lti.read_login(asked, public_url=tool)
        assert request.storage_target == "post_message_forwarding"
        with db.transaction() as tx:
            url = lti.begin_login(
                tx,
                request,
                lti.registration_for_login(tx, request),
                browser=lti.Browser(BROWSER),
                public_url=tool,
                now=clock.now(),
            )
        sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (sent["login_hint"], sent["lti_message_hint"]) == (form["login_hint"], form["lti_message_hint"])
        made = int(clock.now().timestamp())
        clock.advance(age)
        fresh = {"nonce": sent["nonce"], "iat": made, "exp": made + 3600}
        token = lms.sign({**payload, **fresh, **changes})
        with db.reading() as tx:
            login = lti.find_login(tx, sent["state"])
        more = {"state": sent["state"], "browser": BROWSER, "public_url": tool, "leeway": 60, "now": clock.now()}
        return lti.verify_launch(login, key_sets, id_token=token, **more)

    return played


Capture = Callable[[str], Any]


PAYLOADS = (
    ("id-token-resource-link-learner", "payload"),
    ("id-token-resource-link-instructor", "payload"),
    ("id-token-student-view", "payload"),
    ("id-token-deep-linking", "payload"),
    ("id-token-other", "admin_not_enrolled"),
    ("id-token-other", "student_no_services"),
    ("id-token-other", "course_level_2019"),
)


@pytest.mark.parametrize(("name", "entry"), PAYLOADS)
def test_every_value_of_a_launch_is_read_as_it_was_said(capture: Capture, play: Play, name: str, entry: str) -> None:
    """None passes unread but those that we know of and have no need for."""
    captured = capture(name)[entry]
    payload, header = (
        (captured, capture(name)["header"]) if entry == "payload" else (captured["payload"], captured["header"])
    )
    launch = play(payload)
    faults = unread(payload, launch)
    if entry == "course_level_2019":
        # A return address with plain http, which is no place to send people to.
        assert faults.pop(0).startswith(f"{CLAIM}/launch_presentation.return_url: None was read of 'http://")
    assert faults == []
    assert (header["typ"], header["alg"]) == ("JWT", "RS256")


def test_a_student_opens_an_assignment(capture: Capture, play: Play) -> None:
    launch = play(capture("id-token-resource-link-learner")["payload"])
    assert launch.message is lti.MessageType.RESOURCE_LINK
    assert launch.subject == "848b3a11-c7b6-4c05-9fb3-782a0c34ee43"
    assert (launch.name, launch.email, launch.locale) == ("StudentFirst StudentLast", "canvasstudent@example.edu", "en")
    assert (launch.role, launch.is_test_user) == (lti.Role.LEARNER, False)
    assert launch.lms_deployment_id == "7:d3a2504bba5184799a38f141e8df2335cfa8206d"
    assert (launch.context_label, launch.context_title) == ("LTI13", "LTI 1.3 Test Course")
    assert launch.resource_link_id == "8aa641d1-b4d4-4fea-8a9b-e9fedfb62b1e"
    assert launch.resource_link_title == "Test LTI 1.3 Assignment Name"
    assert launch.line_item_url == f"{CANVAS}/api/lti/courses/3/line_items/1"
    assert SCORE in launch.ags_scopes
    assert launch.memberships_url == f"{CANVAS}/api/lti/courses/3/names_and_roles"
    assert launch.return_url == f"{CANVAS}/courses/3/assignments"
    assert launch.custom == {"custom1": "value1", "custom2": "value2"}


def test_a_teacher_opens_the_same_assignment(capture: Capture, play: Play) -> None:
    student = play(capture("id-token-resource-link-learner")["payload"])
    teacher = play(capture("id-token-resource-link-instructor")["payload"])
    assert teacher.role is lti.Role.INSTRUCTOR
    assert (teacher.resource_link_id, teacher.context_id) == (student.resource_link_id, student.context_id)
    assert teacher.subject != student.subject


def test_student_view_is_a_learner_marked_as_a_trial(capture: Capture, play: Play) -> None:
    launch = play(capture("id-token-student-view")["payload"])
    assert (launch.role, launch.is_test_user) == (lti.Role.LEARNER, True)
    assert (launch.name, launch.email) == ("Test Student", None)


@pytest.mark.parametrize(
    ("seen", "role"),
    [
        ("student", lti.Role.LEARNER),
        ("teacher", lti.Role.INSTRUCTOR),
        ("administrator, not enrolled, site admin", lti.Role.ADMINISTRATOR),
        ("teaching assistant who is also a student elsewhere", lti.Role.TEACHING_ASSISTANT),
        ("student here who teaches elsewhere", lti.Role.LEARNER),
        ("designer", lti.Role.DESIGNER),
        ("teacher who is administrator and student elsewhere (hosted, about 2019-2020)", lti.Role.INSTRUCTOR),
        ("administrator who teaches elsewhere, account launch", lti.Role.ADMINISTRATOR),
    ],
)
def test_mixed_roles_count_by_this_course_alone(capture: Capture, play: Play, seen: str, role: lti.Role) -> None:
    roles = capture("roles")["seen"][seen]
    launch = play(capture("id-token-resource-link-learner")["payload"], **{f"{CLAIM}/roles": roles})
    assert (launch.role, launch.is_test_user) == (role, False)


def test_roles_constructed_from_canvas_s_source(capture: Capture) -> None:
    roles = capture("roles")
    meant = {
        **{"TeacherEnrollment": lti.Role.INSTRUCTOR, "TaEnrollment": lti.Role.TEACHING_ASSISTANT},
        **{"StudentEnrollment": lti.Role.LEARNER, "StudentViewEnrollment": lti.Role.LEARNER},
        **{"DesignerEnrollment": lti.Role.DESIGNER, "ObserverEnrollment": lti.Role.MENTOR},
        **{"group member": lti.Role.LEARNER, "group leader": lti.Role.LEARNER},
    }
    assert {name: role_of(listed) for name, listed in roles["membership"].items()} == meant
    assert [name for name, listed in roles["membership"].items() if is_test_user(listed)] == ["StudentViewEnrollment"]
    assert {name: (role_of(listed), is_test_user(listed)) for name, listed in roles["constructed"].items()} == {
        "student view": (lti.Role.LEARNER, True),
        "observer only": (lti.Role.MENTOR, False),
        "no user (public course)": (lti.Role.LEARNER, False),
    }


def test_a_role_of_the_whole_school_is_none_of_the_course(capture: Capture) -> None:
    """Whoever teaches elsewhere is a learner here; only an administrator stands out where the course says nothing."""
    school = capture("roles")["root_account"]
    assert {name for name, listed in school.items() if role_of(listed) is lti.Role.ADMINISTRATOR} == {
        "administrator of any of its accounts",
        "site admin",
    }
    learner = capture("roles")["membership"]["StudentEnrollment"]
    for name, listed in school.items():
        assert role_of([*listed, *learner]) is lti.Role.LEARNER, name
        assert is_test_user(listed) == (name == "Student View user")


def test_an_administrator_without_enrolment(capture: Capture, play: Play) -> None:
    launch = play(capture("id-token-other")["admin_not_enrolled"]["payload"])
    assert launch.role is lti.Role.ADMINISTRATOR
    assert (launch.name, launch.family_name) == ("canvasadmin@example.edu", None)


def test_a_student_of_a_key_without_services(capture: Capture, play: Play) -> None:
    launch = play(capture("id-token-other")["student_no_services"]["payload"])
    assert (launch.line_item_url, launch.line_items_url, launch.memberships_url) == (None, None, None)
    assert launch.ags_scopes == frozenset()


def test_an_old_canvas_with_nulls_errors_and_numbers_in_its_claims(capture: Capture, play: Play) -> None:
    launch = play(capture("id-token-other")["course_level_2019"]["payload"])
    assert launch.role is lti.Role.ADMINISTRATOR
    assert launch.resource_link_id == launch.context_id == "4dde05e8ca1973bcca9bffc13e1548820eee93a3"
    assert launch.resource_link_title == ""
    assert launch.line_item_url is None
    assert launch.custom["email"] == "admin@example.edu"


def test_an_account_level_launch_has_a_context_without_a_label(capture: Capture, play: Play) -> None:
    context = capture("id-token-other")["account_level_context"][f"{CLAIM}/context"]
    payload = capture("id-token-other")["admin_not_enrolled"]["payload"]
    launch = play(payload, **{f"{CLAIM}/context": context, f"{CLAIM}/resource_link": {"id": context["id"]}})
    assert (launch.context_label, launch.context_title) == ("", "Fake Academy")


def test_deep_linking_keeps_the_query_of_its_return_address(capture: Capture, play: Play) -> None:
    payload = capture("id-token-deep-linking")["payload"]
    launch = play(payload)
    asked = payload["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"]
    assert launch.message is lti.MessageType.DEEP_LINKING
    assert launch.role.may_author
    assert launch.resource_link_id == ""
    assert launch.deep_linking is not None
    assert launch.deep_linking.return_url == asked["deep_link_return_url"]
    assert launch.deep_linking.return_url.startswith(f"{CANVAS}/courses/6/deep_linking_response?data=eyJ")
    assert launch.deep_linking.accept_types == ("ltiResourceLink",)
    assert (launch.deep_linking.accept_multiple, launch.deep_linking.data) == (False, None)
    assert launch.deep_linking.accept_line_item is None


def test_a_module_can_be_chosen_from_each_placement_that_takes_links(capture: Capture, play: Play) -> None:
    captured = capture("id-token-deep-linking")
    name = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
    address = {"deep_link_return_url": captured["payload"][name]["deep_link_return_url"]}
    accepted = capture("deep-linking-response")["accepted_by_placement"]
    for placement, settings in captured["settings_by_placement"].items():
        asked = {name: {**settings, **address}}
        assert (settings["accept_types"], settings["accept_multiple"]) == (
            accepted[placement]["accept_types"],
            accepted[placement]["accept_multiple"],
        )
        if not {"ltiResourceLink", "link", "html"} & set(settings["accept_types"]):
            with pytest.raises(lti.LtiRefused, match=r"lti\.message"):  # We have nothing else to offer.
                play(captured["payload"], age=0, **asked)
            continue
        launch = play(captured["payload"], age=0, **asked)
        assert launch.deep_linking is not None
        assert launch.deep_linking.accept_types == tuple(settings["accept_types"]), placement
        assert launch.deep_linking.accept_multiple == settings["accept_multiple"], placement


def test_a_token_that_waited_longer_than_canvas_lets_it_is_refused(capture: Capture, play: Play) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.login_used_or_expired"):
        play(capture("id-token-resource-link-learner")["payload"], age=301)


def test_two_schools_of_one_issuer_are_two_people(
    capture: Capture, play: Play, db: Database, clock: FixedClock
) -> None:
    """Hosted Canvas has one issuer for all schools: client id and deployment tell them apart, not `sub`."""
    payload = capture("id-token-resource-link-learner")["payload"]
    hosted = {**payload, "iss": "https://canvas.instructure.com"}
    known: set[tuple[int, int]] = set()
    for client_id in ("10000000000002", "170000000000055"):
        launch = play({**hosted, "aud": client_id, "azp": client_id})
        with db.transaction() as tx:
            person = people.recognise(
                tx,
                registration_id=launch.registration.id,
                identity_scope=launch.lms_deployment_id,
                lms_user_id=launch.subject,
                portrait=people.Portrait(launch.name, None, None, None, None),
                now=clock.now(),
            )
        known.add((person.id, launch.registration.id))
    assert len(known) == 2

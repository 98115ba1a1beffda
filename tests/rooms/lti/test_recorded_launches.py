"""The launches recorded from a Moodle 4.5, signed anew with a test key and fresh times, are accepted and read right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.lti.keys.tool_keys import SigningKey
from lti_tool.lti.quirks import plain_custom
from tests.recordings import Recorded
from tests.rooms.lti.lms import BROWSER, CLAIM, PUBLIC_URL, Lms, private_key
from tests.rooms.lti.said import custom_faults, unread

pytestmark = pytest.mark.shared

SCOPES = frozenset(
    f"https://purl.imsglobal.org/spec/lti-ags/scope/{name}"
    for name in ("lineitem", "lineitem.readonly", "result.readonly", "score")
)
LINE_ITEM = "http://localhost:8100/mod/lti/services.php/2/lineitems/2/lineitem?type_id=3"


@pytest.fixture
def recording(recorded: Recorded) -> Callable[[str], Any]:
    return lambda name: recorded("moodle-4.5", name)


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


Recording = Callable[[str], Any]
Relaunch = Callable[..., lti.Launch]
LAUNCHES = (
    "launch-student",
    "launch-teacher",
    "launch-deep-linking",
    "launch-nonediting-teacher",
    "launch-admin-not-enrolled",
    "launch-submission-review",
    "launch-student-no-line-item",
    "launch-student-duplicated-activity",
    "launch-student-minimal-registration",
    "launch-student-name-and-email-not-shared",
)


@pytest.mark.parametrize("name", LAUNCHES)
def test_every_value_of_a_launch_is_read_as_it_was_said(recording: Recording, relaunch: Relaunch, name: str) -> None:
    """Its login, its form, its claims: none passes unread but those that we know of and have no need for."""
    recorded = recording(name)
    launch = relaunch(recorded)
    payload, form = recorded["id_token"]["payload"], recorded["login_initiation"]["form"]
    assert unread(payload, launch) == []
    assert recorded["id_token"]["header"] == {"typ": "JWT", "alg": "RS256", "kid": "b2b136c46096ff9b35b4"}
    assert set(form) == {
        *("iss", "target_link_uri", "login_hint", "lti_message_hint", "client_id", "lti_deployment_id"),
    }
    assert (form["iss"], form["client_id"]) == (launch.registration.issuer, launch.registration.client_id)
    assert (form["lti_deployment_id"], form["login_hint"]) == (launch.lms_deployment_id, launch.subject)
    answered = recorded["auth_response"]
    assert (answered["method"], sorted(answered["fields"])) == ("POST", ["id_token", "state"])


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


@pytest.mark.parametrize("name", ["launch-student", "launch-teacher", "launch-deep-linking"])
def test_moodle_s_own_signature_is_genuine_but_not_our_login_s(
    recording: Recording, moodle: Callable[[str], Lms], httpserver: Any, name: str
) -> None:
    """The raw token, as recorded, with Moodle's real key set: all but its nonce is in order."""
    recorded = recording(name)
    assert dict(recording("jwks")["headers"])["Content-Type"].startswith("application/json")
    httpserver.clear_all_handlers()
    httpserver.expect_request("/mod/lti/certs.php").respond_with_json(recording("jwks")["json"])
    lms = moodle(recorded["login_initiation"]["form"]["client_id"])
    lms.clock.advance(recorded["id_token"]["payload"]["iat"] - lms.clock.now().timestamp())
    begun = lms.begin(target=urlsplit(recorded["login_initiation"]["form"]["target_link_uri"]).path)
    with pytest.raises(lti.LtiRefused, match=r"lti\.nonce"):
        lms.verify(recorded["id_token"]["raw"], begun, browser=BROWSER)
    assert f"{CLAIM}/roles" in recorded["id_token"]["payload"]


def test_our_request_for_a_launch_is_the_recorded_one(recording: Recording, moodle: Callable[[str], Lms]) -> None:
    """Each parameter that Moodle was sent, but for the two that are new each time."""
    recorded = recording("auth-request")
    sent, posted = recorded["what the tool sent (GET, query)"], recorded["what Moodle posted to redirect_uri"]
    asked, headers = sent["params"], dict(recorded["headers of the login initiation POST"])
    lms = moodle(asked["client_id"])
    form = {
        "iss": lms.registration.issuer,
        "target_link_uri": f"{PUBLIC_URL}/lti/launch",
        "login_hint": asked["login_hint"],
        "lti_message_hint": asked["lti_message_hint"],
        "client_id": asked["client_id"],
        "lti_deployment_id": "3",
    }
    with lms.db.transaction() as tx:
        request = lti.read_login(form, public_url=PUBLIC_URL)
        known = lti.registration_for_login(tx, request)
        now, browser = lms.clock.now(), lti.Browser(BROWSER)
        url = lti.begin_login(tx, request, known, browser=browser, public_url=PUBLIC_URL, now=now)
    ours = dict(parse_qsl(urlsplit(url).query))
    assert ours.pop("instance") == "7", "the query of the platform's own address stays"
    assert url.startswith(sent["url"])
    fresh = {name: ours[name] for name in ("state", "nonce")}
    assert ours == {**asked, **fresh, "redirect_uri": f"{PUBLIC_URL}/lti/launch"}
    assert len(set(fresh.values())) == 2 and all(len(value) >= 22 for value in fresh.values())
    assert set(posted["fields"]) == {"id_token", "state"} and posted["fields"]["state"] == asked["state"]
    assert headers["Content-Type"] == dict(posted["headers"])["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("person", ["student", "teacher", "deep linking"])
def test_each_variable_that_moodle_fills_in_is_taken_and_no_other(recording: Recording, person: str) -> None:
    """69 variables: what was left as it was written, or came as null, counts as not said."""
    recorded = recording("custom-variables")
    said = {f"v_{name[1:].lower().replace('.', '_')}": row[person] for name, row in recorded["variables"].items()}
    assert recorded["registered as"].startswith("custom parameter 'v_'") and len(said) == 69
    taken = plain_custom(said)
    assert custom_faults(said, taken) == []
    if person == "deep linking":
        return
    for kind in ("substituted with a value", "substituted with an empty value"):
        for name in recorded[kind]:
            row = recorded["variables"][name]
            if row[person] is not None and not str(row[person]).startswith("$"):
                assert f"v_{name[1:].lower().replace('.', '_')}" in taken, name
    for name in recorded["left as they are"]:
        assert f"v_{name[1:].lower().replace('.', '_')}" not in taken, name


def test_each_other_parameter_is_taken_once_and_whole(recording: Recording) -> None:
    """Moodle sends a name with capitals or spaces twice; a text that only looks like a variable is lost, and told."""
    recorded = recording("custom-variables")
    for name, row in recorded["other parameters"].items():
        taken = plain_custom(row["in the launch"])
        if name == "escaped":
            assert taken == {}, "a literal `$User.id` cannot be told from a variable that was not filled in"
        else:
            assert taken == {name: row["registered"]}
    assert plain_custom(recorded["of the deep linked item"]) == {
        "activity": "act-1",
        "my_line_item": LINE_ITEM,
        "camelCase": "Yes",
        "semi": "a;b=c",
    }


def choice(settings: lti.DeepLinkingSettings, *links: lti.ContentLink, lms: Lms, **more: str) -> dict[str, Any]:
    """Our answer to deep linking, as the platform reads it."""
    key = private_key(which=2)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    signing = SigningKey("tool-key", pem)
    now = lms.clock.now()
    token = lti.deep_linking_response(lms.registration, "3", settings, links, key=signing, now=now, nonce="n", **more)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "kid": "tool-key", "typ": "JWT"}
    said: dict[str, Any] = jwt.decode(
        token, key.public_key(), algorithms=["RS256"], audience=lms.registration.issuer, options={"verify_exp": False,
        "verify_iat": False}
    )  # fmt: skip
    return said


def linked(item: dict[str, Any]) -> lti.ContentLink:
    """What we would have to hand over for an item as it was recorded."""
    column = item.get("lineItem", {})
    ends = {
        name: lti.Period(*(datetime.fromisoformat(at) if (at := item.get(name, {}).get(end)) else None for end in ENDS))
        for name in ("available", "submission")
    }
    size = item.get("iframe")
    return lti.ContentLink(
        url=item.get("url", f"{PUBLIC_URL}/launch"),
        title=item["title"],
        text=item.get("text", ""),
        custom=item.get("custom", {}),
        score_maximum=column.get("scoreMaximum"),
        label=column.get("label", ""),
        resource_id=column.get("resourceId", ""),
        icon_url=item["icon"]["url"] if "icon" in item else None,
        review_url=column.get("submissionReview", {}).get("url", ""),
        available=ends["available"],
        submission=ends["submission"],
        frame=(size["width"], size["height"]) if size else None,
    )


ENDS = ("startDateTime", "endDateTime")
# What was recorded and we do not send: sizes of pictures, a window of its own, a tag, words for the review.
UNSENT = {"window", "icon.width", "icon.height", "thumbnail.width", "thumbnail.height", "lineItem.tag"} | {
    "lineItem.gradesReleased", "lineItem.submissionReview.label", "lineItem.submissionReview.custom"
}  # fmt: skip


def flat(item: dict[str, Any], place: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in item.items():
        if isinstance(value, dict) and name != "custom":
            found |= flat(value, f"{place}{name}.")
        else:
            at = isinstance(value, str) and name in ENDS
            found[f"{place}{name}"] = datetime.fromisoformat(value) if at else value
    return found


@pytest.mark.parametrize("case", ["one", "two", "nolineitem", "noturl", "decimal", "big", "empty", "error"])
def test_our_choice_says_what_the_recorded_ones_said(
    recording: Recording, moodle: Callable[[str], Lms], case: str
) -> None:
    recorded = recording("deep-linking-response")[case]
    wanted, lms = recorded["response"]["payload"], moodle("oEDQgSmjL3mo4BF")
    claim = "https://purl.imsglobal.org/spec/lti-dl/claim"
    settings = lti.DeepLinkingSettings(
        recorded["response"]["return_url"], ("ltiResourceLink",), True, None, None, "", ""
    )
    if case in ("decimal", "big"):
        # Moodle's form refuses to save it: it is never sent.
        assert "must be an integer between 1 and 100" in recorded["outcome in Moodle"]
        with pytest.raises(ValueError, match="a whole number from 1 to 100"):
            [linked(item) for item in wanted[f"{claim}/content_items"]]
        return
    links = [linked(item) for item in wanted[f"{claim}/content_items"]]
    told = {name: wanted[f"{claim}/{name}"] for name in ("msg", "errormsg") if f"{claim}/{name}" in wanted}
    ours = choice(settings, *links, lms=lms, **told)
    fresh = {name: ours[name] for name in ("iat", "exp", "nonce")}
    assert set(ours) == set(wanted)
    items = {f"{claim}/content_items": ours[f"{claim}/content_items"]}
    assert ours == {**wanted, **fresh, **items} and fresh["exp"] - fresh["iat"] == wanted["exp"] - wanted["iat"] == 300
    for mine, theirs in zip(ours[f"{claim}/content_items"], wanted[f"{claim}/content_items"], strict=True):
        same = {name: value for name, value in flat(theirs).items() if name.partition(".")[0] != "window"}
        same = {name: value for name, value in same.items() if name not in UNSENT}
        statuses = "lineItem.submissionReview.reviewableStatus"
        if statuses in same:
            assert set(flat(mine)[statuses]) < set(same[statuses])
            same[statuses] = flat(mine)[statuses]
        # Ours always has an address: without one Moodle launches the tool's own, and another LMS nothing.
        assert flat(mine) == {"url": f"{PUBLIC_URL}/launch", **same}

"""The launches of 1EdTech's certification for tools (LTI Advantage certification v1p3 §6), over HTTP.

Twelve bad ones must be refused; nine kinds of valid ones, each as a teacher and as a student, must open the activity.
"""

from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from lti_tool.demo import Link
from tests.stage import Stage, raised
from tests.web.journey import LEARNER, TEACHER
from tests.web.test_launch_safety import CLAIM, Begun, refused_with
from tests.web.test_replays import rows

MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership"


@pytest.fixture(scope="module")
def open_stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for the whole list: each launch is a login of its own and leaves the others alone."""
    folder = tmp_path_factory.mktemp("certification")
    copy = folder / "tool.db"
    copy.write_bytes(sqlite_template.read_bytes())
    with raised(f"sqlite:///{copy}", folder) as up:
        yield up


@pytest.fixture(scope="module")
def activity(open_stage: Stage) -> Link:
    return open_stage.add_activity()


def unsigned_text(begun: Begun) -> str:
    """Something that an LMS might send by mistake: no JWT, and no LTI message."""
    return f"lti_message_type=basic-lti-launch-request&user_id={begun.person.id}"


def without_mandatory_claims(begun: Begun) -> str:
    names = ("version", "message_type", "deployment_id", "target_link_uri", "resource_link", "roles")
    return begun.token(sub=None, **{f"{CLAIM}/{name}": None for name in names})


def without_key_id(begun: Begun) -> str:
    said = jwt.decode(begun.token(), options={"verify_signature": False})
    return jwt.encode(said, begun.stage.lms.key, algorithm="RS256")


def with_key_id(begun: Begun, kid: str) -> str:
    return begun.stage.lms.id_token(begun.person, begun.link, begun.nonce, header={"kid": kid})


BAD = {
    "no key id in the header": (without_key_id, "lti.no_key_id"),
    "a wrong key id": (lambda begun: with_key_id(begun, "imstester_66067"), "lti.unknown_key"),
    "a wrong LTI version": (lambda begun: begun.token(**{f"{CLAIM}/version": "11.3"}), "lti.version"),
    "no LTI version": (lambda begun: begun.token(**{f"{CLAIM}/version": None}), "lti.missing_claim"),
    "no LTI message at all": (unsigned_text, "lti.token_form"),
    "none of the mandatory claims": (without_mandatory_claims, "lti.missing_claim"),
    "times that cannot be": (lambda begun: begun.token(iat=11111, exp=22222), "lti."),
    "no message type": (lambda begun: begun.token(**{f"{CLAIM}/message_type": None}), "lti.missing_claim"),
    "no roles claim": (lambda begun: begun.token(**{f"{CLAIM}/roles": None}), "lti.missing_claim"),
    "no deployment": (lambda begun: begun.token(**{f"{CLAIM}/deployment_id": None}), "lti.missing_claim"),
    "no resource link": (lambda begun: begun.token(**{f"{CLAIM}/resource_link": {}}), "lti.missing_claim"),
    "nobody": (lambda begun: begun.token(sub=None), "lti.missing_claim"),
}

NOBODY = {"name": None, "given_name": None, "family_name": None, "email": None}

VALID: dict[str, dict[str, object]] = {
    "as it should be": {},
    "several roles": {f"{CLAIM}/roles": ["%s", "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Observer"]},
    "a short role": {f"{CLAIM}/roles": ["%s"]},
    "an unknown role": {f"{CLAIM}/roles": [f"{MEMBER}#Helper"]},
    "no role in the list": {f"{CLAIM}/roles": []},
    "an e-mail address alone": {**NOBODY, "email": "somebody@example.test"},
    "names alone": {"email": None},
    "nothing personal": NOBODY,
    "an e-mail address without a course": {**NOBODY, "email": "somebody@example.test", f"{CLAIM}/context": None},
}


def as_role(claims: dict[str, object], kind: str, role: str) -> dict[str, object]:
    """The claims with this role where the list leaves it open, short or in full."""
    name = role if kind == "a short role" else f"{MEMBER}#{role}"
    roles = claims.get(f"{CLAIM}/roles")
    return {**claims, f"{CLAIM}/roles": [str(each).replace("%s", name) for each in roles]} if roles else claims


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_launch_is_refused(open_stage: Stage, activity: Link, kind: str) -> None:
    make, code = BAD[kind]
    begun = Begun(open_stage, activity)
    before = rows(open_stage)
    refused_with(begun.post(make(begun)), code)
    assert rows(open_stage) == before  # No session, and the login is not used up.
    assert begun.post().status == 200


@pytest.mark.parametrize(
    ("person", "role"), [(TEACHER, "Instructor"), (LEARNER, "Learner")], ids=["teacher", "student"]
)
@pytest.mark.parametrize("kind", VALID)
def test_a_valid_launch_opens_the_activity(
    open_stage: Stage, activity: Link, kind: str, person: str, role: str
) -> None:
    begun = Begun(open_stage, activity, person)
    page = begun.post(begun.token(**as_role(VALID[kind], kind, role)))
    assert page.status == 200, page.text
    says_teacher = role == "Instructor" and kind not in ("an unknown role", "no role in the list")
    assert page.path.startswith("/teach/" if says_teacher else "/learn/")

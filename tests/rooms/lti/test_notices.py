"""Notices that a platform sends by itself: judged as strictly as a launch, each taken once, whatever stands in them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool import lti
from lti_tool.core.db import Database
from lti_tool.lti.launching.notice import NOTICE_RULES
from tests.rooms.lti.lms import CLAIM, DROP, Lms, part, private_key, refusal
from tests.rooms.lti.test_type_confusion import MANY, VALUES

NOTICE, CONTEXT, ORIGINS = f"{CLAIM}/notice", f"{CLAIM}/context", f"{CLAIM}/origin_contexts"


def told(lms: Lms, **changes: object) -> dict[str, Any]:
    """The claims of a good notice; changes as in a launch's claims."""
    made = int(lms.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": lms.registration.issuer,
        "aud": lms.registration.client_id,
        "azp": lms.registration.client_id,
        "iat": made,
        "exp": made + 3600,
        "nonce": "2d220edf",
        f"{CLAIM}/version": "1.3.0",
        f"{CLAIM}/deployment_id": "3",
        NOTICE: {"id": "7a70e604", "timestamp": "2026-11-24T08:59:25Z", "type": "LtiContextCopyNotice"},
        CONTEXT: {"id": "9", "title": "Privacy at work, spring"},
        ORIGINS: ["2"],
    }
    for name, value in changes.items():
        claims[f"{CLAIM}/{name[1:]}" if name.startswith("_") else name] = value
    return {name: value for name, value in claims.items() if value is not DROP}


def judge(lms: Lms, text: object, *, leeway: int = 60) -> lti.Notice:
    envelope = lti.open_envelope(text, now=lms.clock.now())
    return lti.verify_notice(envelope, lms.registration, lms.key_sets, leeway=leeway, now=lms.clock.now())


def test_a_genuine_notice_says_which_course_was_copied(lms: Lms) -> None:
    notice = judge(lms, lms.sign(told(lms)))
    assert (notice.context_id, notice.origins, notice.lms_deployment_id) == ("9", ("2",), "3")
    assert notice.is_copy and notice.at == datetime(2026, 11, 24, 8, 59, 25, tzinfo=UTC)


BROKEN: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "algorithm": ({}, {"alg": "RS512"}, "lti.algorithm"),
    "condition": ({}, {"crit": ["b64"]}, "lti.algorithm"),
    "key id": ({}, {"kid": None}, "lti.no_key_id"),
    "issuer": ({"iss": "https://elsewhere.example"}, {}, "lti.issuer"),
    "audience": ({"aud": "another"}, {}, "lti.audience"),
    "authorized party": ({"azp": "another"}, {}, "lti.authorized_party"),
    "key": ({}, {"kid": "withdrawn"}, "lti.unknown_key"),
    "times": ({"exp": DROP}, {}, "lti.no_time"),
    "lifetime": ({"exp": 32503680000}, {}, "lti.lifetime"),
    "version": ({"_version": "1.1"}, {}, "lti.version"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_notice_that_breaks_one_rule_is_refused_by_it(lms: Lms, rule: str) -> None:
    changes, header, code = BROKEN[rule]
    assert refusal(lambda: judge(lms, lms.sign(told(lms, **changes), **header))) == code


def test_every_rule_has_its_story() -> None:
    """Signature and clock have theirs below; a missing key or time is noticed by the rules that need them."""
    assert {rule.name for rule in NOTICE_RULES} == {*BROKEN, "signature", "clock"} - {"key", "times"}


def test_a_notice_that_somebody_else_signed_or_altered_is_refused(lms: Lms) -> None:
    good = lms.sign(told(lms))
    head, _, signature = good.split(".")
    altered = f"{head}.{part(told(lms, _origin_contexts=['4']))}.{signature}"
    assert refusal(lambda: judge(lms, altered)) == "lti.signature"
    lms.key = private_key(which=1)
    assert refusal(lambda: judge(lms, lms.sign(told(lms)))) == "lti.signature"


@pytest.mark.parametrize(
    ("made", "holds", "code"),
    [(-7200, 3600, "lti.token_expired"), (120, 3600, "lti.clock"), (-3661, 3600, "lti.token_expired")],
)
def test_a_notice_out_of_its_time_is_refused(lms: Lms, made: int, holds: int, code: str) -> None:
    iat = int(lms.clock.now().timestamp()) + made
    assert refusal(lambda: judge(lms, lms.sign(told(lms, iat=iat, exp=iat + holds)))) == code


def test_a_notice_may_have_waited_for_as_long_as_it_holds(lms: Lms) -> None:
    text = lms.sign(told(lms))
    lms.clock.advance(3600)
    assert judge(lms, text).is_copy


def test_a_launch_is_no_notice_and_a_notice_no_launch(lms: Lms) -> None:
    """Whoever may post their own launch elsewhere learns nothing new by it."""
    begun = lms.begin()
    assert refusal(lambda: judge(lms, lms.sign(lms.claims(begun)))) == "lti.missing_claim"
    assert refusal(lambda: lms.verify(lms.sign(told(lms, nonce=begun.nonce, sub="6")), begun)) == "lti.missing_claim"


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": DROP},
        {"_notice": {"id": "1", "type": "LtiContextCopyNotice"}},
        {"_notice": {"id": "1", "timestamp": "yesterday", "type": "LtiContextCopyNotice"}},
        {"_context": DROP},
        {"_origin_contexts": ["x" * 256]},
        {"_origin_contexts": ["\x07"]},
        {"_origin_contexts": [str(number) for number in range(21)]},
        {"_origin_contexts": "2"},
        {"_deployment_id": DROP},
    ],
)
def test_what_a_copy_must_say_it_says_in_its_form(lms: Lms, changes: dict[str, object]) -> None:
    assert refusal(lambda: judge(lms, lms.sign(told(lms, **changes)))) in ("lti.claim", "lti.missing_claim")


def test_a_course_is_not_its_own_source(lms: Lms) -> None:
    assert judge(lms, lms.sign(told(lms, _origin_contexts=["9", "2", "2"]))).origins == ("2",)
    assert judge(lms, lms.sign(told(lms, _origin_contexts=DROP))).origins == ()


def test_of_a_kind_that_is_not_known_nothing_more_is_read(lms: Lms) -> None:
    other = {"id": "1", "timestamp": "2026-11-24T08:59:25Z", "type": "LtiOfTheFutureNotice"}
    assert not judge(lms, lms.sign(told(lms, _notice=other, _context=7, _origin_contexts=7))).is_copy


@pytest.mark.parametrize("text", [None, 7, [], {}, "", "a.b", "a.b.c", "x" * 100_001, part([]) + "." + part([]) + ".x"])
def test_what_is_no_token_is_refused(lms: Lms, text: object) -> None:
    assert refusal(lambda: judge(lms, text)) == "lti.token_form"


WHERE = st.sampled_from(
    ["iss", "aud", "azp", "iat", "exp", "nbf", "nonce", "jti", NOTICE, CONTEXT, ORIGINS, f"{CLAIM}/deployment_id"]
)


@MANY
@given(where=WHERE, inside=st.sampled_from(["", "id", "type", "timestamp", "title"]), value=VALUES)
def test_whatever_stands_where_something_else_belongs(lms: Lms, where: str, inside: str, value: object) -> None:
    claims = told(lms)
    claims[where] = {**claims[where], inside: value} if inside and isinstance(claims.get(where), dict) else value
    try:
        assert judge(lms, lms.sign(claims)).registration == lms.registration
    except lti.LtiRefused as fault:
        assert fault.code.startswith("lti.") and fault.text


@pytest.mark.both_engines
def test_a_notice_is_taken_once_and_its_nonce_serves_no_other(lms: Lms, db: Database) -> None:
    first, other = lms.sign(told(lms)), lms.sign(told(lms, _origin_contexts=["4"]))
    now = lms.clock.now()

    def take(text: str, at: datetime = now) -> bool:
        envelope, notice = lti.open_envelope(text, now=now), judge(lms, text)
        with db.transaction() as tx:
            return lti.take_once(tx, envelope, notice, now=at)

    assert (take(first), take(first)) == (True, False)
    assert refusal(lambda: take(other)) == "lti.nonce"
    assert take(first, now + timedelta(hours=3)), "forgotten, as it would be refused for its age by then"


@pytest.mark.shared
def test_canvas_s_notices_are_read_value_by_value(lms: Lms, shared_dir: Path) -> None:
    """As documented, but for whom they are, and signed by a key that we have."""
    seen = json.loads((shared_dir / "platforms" / "canvas" / "context-copy-notice.json").read_text("utf-8"))
    header = {name: seen["delivery"]["jwt_header"][name] for name in ("typ", "alg")}
    ours = {"iss": lms.registration.issuer, "aud": lms.registration.client_id, "azp": lms.registration.client_id}
    copy = seen["notice_context_copy"]
    lms.clock.advance(copy["iat"] - lms.clock.now().timestamp())
    read = judge(lms, lms.sign({**copy, **ours}, **header))
    assert read == lti.Notice(
        registration=lms.registration,
        lms_deployment_id=copy[f"{CLAIM}/deployment_id"],
        id=copy[NOTICE]["id"],
        kind=copy[NOTICE]["type"],
        at=datetime.fromisoformat(copy[NOTICE]["timestamp"]),
        once=copy["nonce"],
        context_id=copy[CONTEXT]["id"],
        origins=tuple(copy[ORIGINS]),
    )
    hello = seen["notice_hello_world"]
    heard = judge(lms, lms.sign({**hello, **ours}, **header))
    assert (heard.id, heard.kind, heard.is_copy) == (hello[NOTICE]["id"], "LtiHelloWorldNotice", False)

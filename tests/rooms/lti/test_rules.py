"""The table of rules, walked: each rule alone refuses a launch that is good but for it, by its own code, and no other.

Nothing here touches a database or a network: a case goes in, a verdict comes out. That the tool itself, which goes
through PyLTI1p3, judges each case alike is shown at the end.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_tool import lti
from lti_tool.core import ids
from lti_tool.lti.launching import exchange, rules
from lti_tool.lti.launching.rules import Asked, Case
from lti_tool.lti.refusals import LtiRefused, refused
from lti_tool.lti.sessions.binding import Layer
from lti_tool.lti.vocabulary import DL_CLAIM
from tests.rooms.lti.lms import BROWSER, CLAIM, DROP, LEARNER, PUBLIC_URL, part, private_key
from tests.rooms.lti.signing import signed

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MADE = int(NOW.timestamp())
LMS = "https://lms.example"
REGISTRATION = lti.Registration(
    id=1,
    public_id="0123456789abcdefghjkmnpqrs",
    organisation_id=1,
    issuer=LMS,
    client_id="client-7",
    name="An LMS",
    auth_url=f"{LMS}/auth",
    token_url=f"{LMS}/token",
    jwks_url=f"{LMS}/keys",
    audience=None,
    deployments=lti.DeploymentPolicy.AUTO,
)
LOGIN = lti.Login(
    nonce_hash=ids.digest("the nonce"),
    target_link_uri=f"{PUBLIC_URL}/lti/launch",
    lms_deployment_id="3",
    browser_hash=ids.digest(BROWSER),
    layer=Layer.COOKIE,
    storage_target=None,
    begun_at=NOW - timedelta(seconds=2),
    expires_at=NOW + timedelta(minutes=5),
    registration=REGISTRATION,
)
CLAIMS: dict[str, Any] = {
    "iss": LMS,
    "aud": "client-7",
    "sub": "6",
    "iat": MADE,
    "exp": MADE + 60,
    "nonce": "the nonce",
    f"{CLAIM}/version": "1.3.0",
    f"{CLAIM}/message_type": "LtiResourceLinkRequest",
    f"{CLAIM}/deployment_id": "3",
    f"{CLAIM}/target_link_uri": f"{PUBLIC_URL}/lti/launch",
    f"{CLAIM}/resource_link": {"id": "17"},
    f"{CLAIM}/roles": [LEARNER],
}
SETTINGS = {"deep_link_return_url": f"{LMS}/return", "accept_types": ["ltiResourceLink"]}
LINKING = {
    f"{CLAIM}/message_type": "LtiDeepLinkingRequest",
    f"{CLAIM}/resource_link": DROP,
    f"{DL_CLAIM}/deep_linking_settings": SETTINGS,
}

REVIEW = {f"{CLAIM}/message_type": "LtiSubmissionReviewRequest", f"{CLAIM}/for_user": {"user_id": "7"}}
NAMELESS = {f"{CLAIM}/message_type": "LtiSubmissionReviewRequest"}
PRIVACY = {f"{CLAIM}/message_type": "DataPrivacyLaunchRequest", f"{CLAIM}/resource_link": DROP}


def key_of(kid: str, _algorithm: str) -> Any:
    if kid != "key-1":
        raise refused("lti.unknown_key")
    return private_key().public_key()


@dataclass(frozen=True)
class Breach:
    """What is changed of a good launch, and how it is refused then."""

    code: str
    change: Callable[[Case], Case]


def good(**changes: object) -> Case:
    """A launch that keeps every rule, but for these claims."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not DROP}
    return Case(LOGIN, signed(claims, kid="key-1"), "the state", BROWSER, PUBLIC_URL, 60, NOW, key_of)


def claim(code: str, name: str, value: object, **more: object) -> Breach:
    full = name if name in ("iss", "aud", "azp", "sub", "iat", "exp", "nbf", "nonce", "name") else f"{CLAIM}/{name}"
    return Breach(code, lambda _case: good(**more, **{full: value}))


def header(code: str, **changes: object) -> Breach:
    return Breach(code, lambda _case: replace(_case, id_token=signed(CLAIMS, **{"kid": "key-1", **changes})))


def post(code: str, **changes: object) -> Breach:
    return Breach(code, lambda case: replace(case, **changes))


def settings(code: str, **changes: object) -> Breach:
    said = {name: value for name, value in {**SETTINGS, **changes}.items() if value is not DROP}
    return Breach(code, lambda _case: good(**{**LINKING, f"{DL_CLAIM}/deep_linking_settings": said}))


def altered(case: Case) -> Case:
    head, _, signature = case.id_token.split(".")
    return replace(case, id_token=f"{head}.{part({**CLAIMS, 'sub': '7'})}.{signature}")


LATE = {"iat": MADE - 130, "exp": MADE - 70}
BROKEN: dict[str, list[Breach]] = {
    "fields": [post("lti.missing_parameter", id_token=""), post("lti.missing_parameter", state="")],
    "login": [
        post("lti.login_used_or_expired", login=None),
        post("lti.login_used_or_expired", login=replace(LOGIN, expires_at=NOW)),
    ],
    "browser": [post("lti.other_browser", browser="somebody else's"), post("lti.other_browser", browser="")],
    "token": [post("lti.token_form", id_token="a.b"), post("lti.token_form", id_token=f"a.b.{'c' * 100_000}")],
    "objects": [
        post("lti.token_form", id_token=f"{part({'alg': 'RS256'})}.{part([1])}.AAAA"),
        post("lti.token_form", id_token="a.b.c"),
    ],
    "algorithm": [header("lti.algorithm", alg="RS512"), header("lti.algorithm", alg="none")],
    "condition": [header("lti.algorithm", crit=["exp"])],
    "key id": [header("lti.no_key_id", kid=None), header("lti.no_key_id", kid="")],
    "issuer": [claim("lti.issuer", "iss", "https://other.example"), claim("lti.missing_claim", "iss", DROP)],
    "audience": [
        claim("lti.audience", "aud", "client-8"),
        claim("lti.audience", "aud", ["client-7", "client-8"]),
        claim("lti.missing_claim", "aud", DROP),
    ],
    "authorized party": [claim("lti.authorized_party", "azp", "client-8")],
    "key": [header("lti.unknown_key", kid="key-2")],
    "signature": [Breach("lti.signature", altered)],
    "times": [claim("lti.no_time", "iat", DROP), claim("lti.no_time", "exp", DROP)],
    "lifetime": [claim("lti.lifetime", "exp", MADE + 3601), claim("lti.lifetime", "exp", MADE)],
    "clock": [
        claim("lti.clock", "iat", MADE + 61, exp=MADE + 100),
        claim("lti.clock", "nbf", MADE + 61),
        claim("lti.clock", "iat", LATE["iat"], exp=LATE["exp"]),
    ],
    "freshness": [
        Breach(
            "lti.token_expired",
            lambda _case: replace(good(**LATE), login=replace(LOGIN, begun_at=NOW - timedelta(seconds=132))),
        )
    ],
    "nonce": [claim("lti.nonce", "nonce", "another"), claim("lti.missing_claim", "nonce", DROP)],
    "deployment": [
        claim("lti.deployment", "deployment_id", "4"),
        claim("lti.missing_claim", "deployment_id", DROP),
        claim("lti.claim", "deployment_id", "3" * 256),
    ],
    "version": [claim("lti.version", "version", "1.1"), claim("lti.missing_claim", "version", DROP)],
    "message type": [
        claim("lti.message_type", "message_type", "LtiAssetProcessorSettingsRequest"),
        claim("lti.message_type", "message_type", "LtiLtiDataPrivacyLaunchRequest"),
        claim("lti.missing_claim", "message_type", DROP),
    ],
    "roles": [claim("lti.missing_claim", "roles", DROP), claim("lti.claim", "roles", LEARNER)],
    "subject": [claim("lti.missing_claim", "sub", DROP), claim("lti.claim", "sub", "6" * 256)],
    "resource link": [
        claim("lti.missing_claim", "resource_link", DROP),
        claim("lti.missing_claim", "resource_link", {"title": "x"}),
    ],
    "whose work": [
        claim("lti.missing_claim", "message_type", "LtiSubmissionReviewRequest"),
        claim("lti.missing_claim", "for_user", {"name": "x"}, **NAMELESS),
    ],
    "own target": [
        claim("lti.foreign_target", "target_link_uri", "https://evil.example/lti/launch"),
        claim("lti.missing_claim", "target_link_uri", DROP),
    ],
    "target": [claim("lti.target", "target_link_uri", f"{PUBLIC_URL}/admin")],
    "deep linking": [
        settings("lti.missing_claim", deep_link_return_url=DROP),
        settings("lti.missing_claim", accept_types=DROP),
        claim("lti.missing_claim", "message_type", "LtiDeepLinkingRequest"),
    ],
    "kind of item": [settings("lti.message", accept_types=["file", "image"])],
    "return address": [
        settings("lti.return_url", deep_link_return_url="https://evil.example/return"),
        settings("lti.return_url", deep_link_return_url="javascript:alert(1)"),
    ],
    "every claim": [claim("lti.claim", "name", ["x"]), claim("lti.claim", "context", "2")],
}
ASKED = {"iss": LMS, "login_hint": "6", "target_link_uri": f"{PUBLIC_URL}/lti/launch"}
BROKEN_LOGINS: dict[str, list[tuple[str, str]]] = {
    "parameters": [("iss", ""), ("login_hint", ""), ("target_link_uri", "")],
    "length": [("iss", "x" * 501), ("lti_message_hint", "x" * 8001), ("lti_deployment_id", "3" * 256)],
    "characters": [("login_hint", "a\x00b"), ("lti_message_hint", "\ud800")],
    "target": [("target_link_uri", "https://evil.example/lti/launch")],
}
each_rule = pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.name)


@pytest.mark.parametrize(
    "claims", [{}, LINKING, REVIEW, PRIVACY], ids=["an activity", "a choice", "a review", "privacy"]
)
def test_a_launch_that_keeps_every_rule_is_one(claims: dict[str, object]) -> None:
    verdict = rules.judge(good(**claims))
    assert verdict.launch is not None
    assert (verdict.launch.subject, verdict.broken, verdict.refusal) == ("6", None, None)


def test_every_rule_has_a_case_that_breaks_it_alone_and_a_name_of_its_own() -> None:
    assert list(BROKEN) == [rule.name for rule in rules.RULES]
    assert list(BROKEN_LOGINS) == [rule.name for rule in rules.LOGIN_RULES]
    for rule in rules.RULES:
        assert any(breach.code == rule.code for breach in BROKEN[rule.name]), rule.name


@each_rule
def test_a_launch_that_breaks_one_rule_is_refused_by_it(rule: rules.Rule[Case]) -> None:
    for breach in BROKEN[rule.name]:
        verdict = rules.judge(breach.change(good()))
        assert verdict.launch is None
        assert verdict.broken is not None and verdict.refusal is not None
        assert (verdict.broken.name, verdict.refusal.code) == (rule.name, breach.code)


@pytest.mark.parametrize("rule", rules.LOGIN_RULES, ids=lambda rule: rule.name)
def test_a_login_that_breaks_one_rule_is_refused_by_it(rule: rules.Rule[Asked]) -> None:
    rules.hold_login(Asked(ASKED, PUBLIC_URL))
    for name, value in BROKEN_LOGINS[rule.name]:
        with pytest.raises(LtiRefused) as caught:
            rules.hold_login(Asked({**ASKED, name: value}, PUBLIC_URL))
        assert caught.value.code == rule.code, name


@each_rule
def test_the_library_walks_the_same_way(rule: rules.Rule[Case]) -> None:
    """PyLTI1p3's steps, and what it checks of its own, change no verdict."""
    for breach in BROKEN[rule.name]:
        with pytest.raises(LtiRefused) as caught:
            exchange.verify_case(breach.change(good()))
        assert caught.value.code == breach.code


def test_the_rules_know_neither_web_nor_database_nor_network() -> None:
    for name in ("", ".asking", ".case", ".message", ".token"):
        module = sys.modules[f"lti_tool.lti.launching.rules{name}"]
        known = {getattr(value, "__module__", "") or "" for value in vars(module).values()}
        for stranger in ("flask", "werkzeug", "sqlalchemy", "requests", "lti_tool.core.db", "lti_tool.core.clock"):
            assert not any(place == stranger or place.startswith(f"{stranger}.") for place in known), (name, stranger)

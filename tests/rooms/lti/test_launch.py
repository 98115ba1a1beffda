"""A launch is accepted when every rule holds, and refused for each that does not (certification §6, and our list)."""

import base64
import hashlib
import hmac
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from pytest_httpserver import HTTPServer

from lti_tool import lti
from tests.rooms.lti.lms import BROWSER, DROP, LIS, PUBLIC_URL, Lms, jwk, part, private_key, refusal


@pytest.mark.both_engines
def test_a_good_launch_says_who_comes_where(lms: Lms) -> None:
    launch = lms.launch()
    assert (launch.subject, launch.name, launch.role) == ("6", "Nguyễn Thị Ánh", lti.Role.LEARNER)
    assert (launch.context_id, launch.resource_link_id, launch.lms_deployment_id) == ("2", "17", "3")
    assert launch.message is lti.MessageType.RESOURCE_LINK
    assert launch.registration == lms.registration
    assert launch.platform_name == "Moodle of the test"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"_roles": [f"{LIS}/membership#Learner", f"{LIS}/membership#Mentor"]}, id="several roles"),
        pytest.param({"_roles": ["Learner"]}, id="a short role"),
        pytest.param({"_roles": [f"{LIS}/membership#Unheard"]}, id="an unknown role"),
        pytest.param({"_roles": []}, id="no role"),
        pytest.param({"name": DROP, "email": "a@example.test"}, id="e-mail only"),
        pytest.param({"given_name": "Ánh", "family_name": "Nguyễn"}, id="names only"),
        pytest.param({"name": DROP}, id="nothing personal"),
        pytest.param({"email": "a@example.test", "_context": DROP}, id="e-mail without a course"),
        pytest.param({"_resource_link": {"id": "new"}}, id="a new link"),
        pytest.param({"_custom": []}, id="PHP's empty object"),
        pytest.param({"name": None, "_launch_presentation": None}, id="null for nothing"),
        pytest.param({"azp": "oEDQgSmjL3mo4BF"}, id="azp is us"),
        pytest.param({"aud": ["oEDQgSmjL3mo4BF"]}, id="a list of us alone"),
        pytest.param({"https://example.org/unheard": {"of": [1, None]}}, id="an unknown claim"),
    ],
)
def test_a_launch_that_the_certification_calls_valid_is_accepted(lms: Lms, changes: dict[str, object]) -> None:
    assert lms.launch(**changes).subject == "6"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"_version": "1.2.0"}, "lti.version", id="wrong LTI version"),
        pytest.param({"_version": DROP}, "lti.missing_claim", id="no LTI version"),
        pytest.param({"_message_type": DROP}, "lti.missing_claim", id="no message type"),
        pytest.param({"_message_type": "LtiUnheardOf"}, "lti.message_type", id="unknown message type"),
        pytest.param({"_roles": DROP}, "lti.missing_claim", id="no roles claim"),
        pytest.param({"_deployment_id": DROP}, "lti.missing_claim", id="no deployment"),
        pytest.param({"_resource_link": DROP}, "lti.missing_claim", id="no resource link"),
        pytest.param({"_resource_link": {"title": "x"}}, "lti.missing_claim", id="no resource link id"),
        pytest.param({"sub": DROP}, "lti.missing_claim", id="no sub"),
        pytest.param({"sub": ""}, "lti.missing_claim", id="empty sub"),
        pytest.param({"_target_link_uri": DROP}, "lti.missing_claim", id="no target"),
        pytest.param({"nonce": DROP}, "lti.missing_claim", id="no nonce"),
        pytest.param({"iss": DROP}, "lti.missing_claim", id="no issuer"),
        pytest.param({"aud": DROP}, "lti.missing_claim", id="no audience"),
        pytest.param({"sub": "6" * 256}, "lti.claim", id="overlong sub"),
        pytest.param({"sub": "6\x00"}, "lti.claim", id="sub with a control character"),
        pytest.param({"_resource_link": "17"}, "lti.claim", id="link is a text"),
        pytest.param({"_roles": LIS}, "lti.claim", id="roles is a text"),
    ],
)
def test_a_launch_that_lacks_something_is_refused(lms: Lms, changes: dict[str, object], code: str) -> None:
    assert refusal(lambda: lms.launch(**changes)) == code


def test_a_launch_for_another_issuer_s_login_is_refused(lms: Lms) -> None:
    assert refusal(lambda: lms.launch(iss="https://other.example")) == "lti.issuer"


@pytest.mark.parametrize(
    "audience",
    ["someone-else", ["someone-else"], ["oEDQgSmjL3mo4BF", "someone-else"], []],
    ids=["another", "a list without us", "an untrusted one beside us", "an empty list"],
)
def test_a_launch_meant_for_another_tool_is_refused(lms: Lms, audience: object) -> None:
    assert refusal(lambda: lms.launch(aud=audience)) == "lti.audience"


def test_a_launch_issued_to_another_party_is_refused(lms: Lms) -> None:
    assert refusal(lambda: lms.launch(azp="someone-else")) == "lti.authorized_party"


def test_a_launch_of_another_deployment_than_the_login_s_is_refused(lms: Lms) -> None:
    assert refusal(lambda: lms.launch(_deployment_id="4")) == "lti.deployment"


def test_a_login_that_names_no_deployment_takes_the_launch_s(lms: Lms) -> None:
    begun = lms.begin(deployment=None)
    assert lms.verify(lms.sign(lms.claims(begun, _deployment_id="4")), begun).lms_deployment_id == "4"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/lti/launch",
        "http://127.0.0.1:9802/lti/launch",
        "http://127.0.0.1:9801@evil.example/lti/launch",
        "http://127.0.0.1:9801\\@evil.example/lti/launch",
        "javascript:alert(1)",
        "//evil.example/lti/launch",
        "/lti/launch",
    ],
)
def test_a_launch_that_leads_to_a_foreign_address_is_refused(lms: Lms, target: str) -> None:
    assert refusal(lambda: lms.launch(_target_link_uri=target)) == "lti.foreign_target"


def test_a_launch_that_leads_elsewhere_than_its_login_is_refused(lms: Lms) -> None:
    assert refusal(lambda: lms.launch(_target_link_uri=f"{PUBLIC_URL}/admin")) == "lti.target"


# --- Times ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["iat", "exp"])
def test_a_launch_without_a_time_is_refused(lms: Lms, claim: str) -> None:
    assert refusal(lambda: lms.launch(**{claim: DROP})) == "lti.no_time"


@pytest.mark.parametrize("value", ["soon", True, -1, 1e300, [1]])
@pytest.mark.parametrize("claim", ["iat", "exp", "nbf"])
def test_a_time_that_is_no_time_is_refused(lms: Lms, claim: str, value: object) -> None:
    assert refusal(lambda: lms.launch(**{claim: value})) == "lti.claim"


def test_a_launch_from_the_future_names_the_difference_of_the_clocks(lms: Lms) -> None:
    made = int(lms.clock.now().timestamp()) + 120
    with pytest.raises(lti.LtiRefused) as caught:
        lms.launch(iat=made, exp=made + 60)
    assert caught.value.code == "lti.clock"
    assert "about 120 seconds" in caught.value.text


def test_a_launch_not_yet_in_force_is_refused(lms: Lms) -> None:
    made = int(lms.clock.now().timestamp())
    assert refusal(lambda: lms.launch(nbf=made + 61)) == "lti.clock"


def test_an_old_launch_is_refused_though_it_claims_to_hold(lms: Lms) -> None:
    made = int(lms.clock.now().timestamp()) - 601
    assert refusal(lambda: lms.launch(iat=made, exp=made + 3000)) == "lti.clock"


def test_a_launch_that_ran_out_on_the_way_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    token = lms.sign(lms.claims(begun))
    lms.clock.advance(121)
    assert refusal(lambda: lms.verify(token, begun)) == "lti.token_expired"


@pytest.mark.parametrize("life", [3601, 30 * 365 * 86400, 0, -60])
def test_a_launch_that_claims_to_hold_too_long_or_not_at_all_is_refused(lms: Lms, life: int) -> None:
    made = int(lms.clock.now().timestamp())
    assert refusal(lambda: lms.launch(iat=made, exp=made + life)) == "lti.lifetime"


@pytest.mark.parametrize("seconds", [-100, -59, 59])
def test_a_clock_that_differs_by_less_than_the_leeway_is_forgiven(lms: Lms, seconds: int) -> None:
    made = int(lms.clock.now().timestamp()) + seconds
    assert lms.launch(iat=made, exp=made + 60).subject == "6"


# --- Signature and key ---------------------------------------------------------------------------------------------


def test_a_token_without_a_signature_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    head = part({"alg": "none", "kid": lms.kid})
    for token in (f"{head}.{part(lms.claims(begun))}.", f"{head}.{part(lms.claims(begun))}.AAAA"):
        assert refusal(lambda token=token: lms.verify(token, begun)) in ("lti.token_form", "lti.algorithm")


def test_a_token_signed_with_the_public_key_as_a_password_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    public = lms.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = part({"alg": "HS256", "kid": lms.kid}) + "." + part(lms.claims(begun))
    code = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), hashlib.sha256)).rstrip(b"=").decode()
    assert refusal(lambda: lms.verify(f"{signed}.{code}", begun)) == "lti.algorithm"


def test_another_algorithm_is_refused_though_key_and_signature_are_right(lms: Lms) -> None:
    begun = lms.begin()
    token = jwt.encode(lms.claims(begun), lms.key, algorithm="RS512", headers={"kid": lms.kid})
    assert refusal(lambda: lms.verify(token, begun)) == "lti.algorithm"


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}])
def test_a_header_with_a_condition_that_we_do_not_know_is_refused(lms: Lms, header: dict[str, object]) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun), **header), begun)) == "lti.algorithm"


def test_an_algorithm_that_is_a_list_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun), alg=["RS256"]), begun)) == "lti.claim"


def test_a_token_that_names_no_key_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun), kid=None), begun)) == "lti.no_key_id"


def test_a_token_that_names_an_unknown_key_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun), kid="other"), begun)) == "lti.unknown_key"


def test_a_token_of_a_stranger_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    stranger = Lms(lms.db, lms.clock, lms.key_sets, lms.registration, key=private_key(which=1))
    assert refusal(lambda: lms.verify(stranger.sign(stranger.claims(begun)), begun)) == "lti.signature"


def test_a_token_that_was_altered_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    head, _, signature = lms.sign(lms.claims(begun)).split(".")
    altered = f"{head}.{part(lms.claims(begun, sub='7'))}.{signature}"
    assert refusal(lambda: lms.verify(altered, begun)) == "lti.signature"


def test_a_key_that_a_token_brings_along_or_points_to_counts_for_nothing(lms: Lms, httpserver: HTTPServer) -> None:
    begun = lms.begin()
    stranger = Lms(lms.db, lms.clock, lms.key_sets, lms.registration, key=private_key(which=1))
    evil = httpserver.url_for("/evil")
    header = {"jwk": jwk(stranger.key, "lms-key-1"), "jku": evil, "x5u": evil}
    token = stranger.sign(stranger.claims(begun), **header)
    assert refusal(lambda: lms.verify(token, begun)) == "lti.signature"
    assert [request.path for request, _ in httpserver.log] == ["/mod/lti/certs.php"]


@pytest.mark.parametrize(
    "token",
    ["x", "a.b", "a.b.c", "a.b.c.d", "é.b.c", "W10.W10.AAAA", "e30.W10.AAAA", "bnVsbA.bnVsbA.AAAA", "A" * 200_000],
)
def test_what_is_no_token_is_refused(lms: Lms, token: str) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(token, begun)) in ("lti.token_form", "lti.algorithm")


def test_a_body_that_is_a_list_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    assert refusal(lambda: lms.verify(lms.sign([1, 2]), begun)) == "lti.token_form"


@pytest.mark.parametrize("missing", ["id_token", "state"])
def test_a_post_that_lacks_a_field_is_refused(lms: Lms, missing: str) -> None:
    begun = lms.begin()
    fields = {"id_token": lms.sign(lms.claims(begun)), "state": begun.state, missing: ""}
    more = {"public_url": PUBLIC_URL, "leeway": 60, "now": lms.clock.now(), "browser": BROWSER}
    with lms.db.reading() as tx:
        login = lti.find_login(tx, begun.state)
    code = refusal(lambda: lti.verify_launch(login, lms.key_sets, **fields, **more))
    assert code == "lti.missing_parameter"


# --- State, nonce, browser -----------------------------------------------------------------------------------------


def test_a_nonce_of_another_login_is_refused(lms: Lms) -> None:
    mine, other = lms.begin(), lms.begin()
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(other)), mine)) == "lti.nonce"


def test_a_launch_posted_by_another_browser_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    token = lms.sign(lms.claims(begun))
    code = refusal(lambda: lms.verify(token, begun, browser="the-secret-of-somebody-else-s-browser-xyz00"))
    assert code == "lti.other_browser"
    assert lms.verify(token, begun).subject == "6"


def test_a_state_that_nobody_began_is_refused(lms: Lms) -> None:
    begun = lms.begin()
    token = lms.sign(lms.claims(begun))
    for state in ("", "x", "A" * 43, begun.state + "A", "\ud800" * 30, "A" * 10_000):
        stray = type(begun)(state, begun.nonce, {})
        expected = "lti.login_used_or_expired" if state else "lti.missing_parameter"
        assert refusal(lambda stray=stray: lms.verify(token, stray)) == expected


def test_a_login_ends_after_five_minutes(lms: Lms) -> None:
    begun = lms.begin()
    lms.clock.advance(300)
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun)), begun)) == "lti.login_used_or_expired"


@pytest.mark.both_engines
def test_the_same_token_twice_opens_one_session(lms: Lms, enter: Callable[..., lti.Session]) -> None:
    begun = lms.begin()
    token = lms.sign(lms.claims(begun))
    first, second = lms.verify(token, begun), lms.verify(token, begun)
    with lms.db.transaction() as tx:
        enter(tx, first, BROWSER)
    with pytest.raises(lti.LtiRefused, match=r"lti\.login_used_or_expired"), lms.db.transaction() as tx:
        enter(tx, second, BROWSER)
    assert refusal(lambda: lms.verify(token, begun)) == "lti.login_used_or_expired"


def test_verifying_writes_nothing(lms: Lms) -> None:
    begun = lms.begin()
    for _ in range(3):
        lms.verify(lms.sign(lms.claims(begun)), begun)
    with pytest.raises(lti.LtiRefused):
        lms.verify(lms.sign(lms.claims(begun), kid="other"), begun)
    assert lms.verify(lms.sign(lms.claims(begun)), begun).state == begun.state

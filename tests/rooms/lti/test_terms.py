"""What holds for one platform alone: how it may sign, how far its clock may be off, where its grades go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.db import Database
from lti_tool.lti import Algorithm, LineItemPolicy, Terms
from tests.rooms.lti.lms import Lms, jwk, private_key, refusal

EVERY = tuple(Algorithm)
OTHERS = [one for one in Algorithm if one is not Algorithm.RS256]
Register = Callable[..., lti.Registration]


def publishes(server: HTTPServer, *keys: object) -> None:
    server.expect_request("/mod/lti/certs.php").respond_with_json({"keys": list(keys)})


def of_any_use() -> dict[str, str]:
    """The platform's key, published without a word about algorithms, as Open edX and others do."""
    return {name: value for name, value in jwk(private_key(), "lms-key-1").items() if name != "alg"}


@pytest.fixture
def signing(lms: Lms, register: Register, httpserver: HTTPServer) -> Callable[..., lti.Launch]:
    """A launch signed by the platform's own key in some way, where the operator allows these."""

    def launched(algorithm: str, allowed: tuple[Algorithm, ...] | None = None, key: object = None) -> lti.Launch:
        httpserver.clear()
        publishes(httpserver, key or of_any_use())
        terms = None if allowed is None else Terms(algorithms=allowed)
        mine = replace(lms, registration=register(terms=terms))
        begun = mine.begin()
        secret = b"s" * 64 if algorithm.startswith("HS") else None if algorithm == "none" else mine.key
        token = jwt.encode(mine.claims(begun), secret, algorithm=algorithm, headers={"kid": mine.kid})
        return mine.verify(token, begun)

    return launched


@pytest.mark.parametrize("algorithm", OTHERS)
def test_until_an_operator_says_so_a_platform_signs_with_rs256(
    algorithm: Algorithm, signing: Callable[..., lti.Launch]
) -> None:
    assert signing("RS256").subject == "6"
    assert refusal(lambda: signing(algorithm)) == "lti.algorithm"


@pytest.mark.parametrize("algorithm", OTHERS)
def test_what_is_allowed_is_verified_and_nothing_else_is(
    algorithm: Algorithm, signing: Callable[..., lti.Launch]
) -> None:
    assert signing(algorithm, (algorithm,)).subject == "6"
    assert refusal(lambda: signing("RS256", (algorithm,))) == "lti.algorithm"


@pytest.mark.parametrize(
    ("algorithm", "code"), [("HS256", "lti.algorithm"), ("HS512", "lti.algorithm"), ("none", "lti.token_form")]
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_what_needs_no_private_key_is_never_allowed(
    algorithm: str, code: str, signing: Callable[..., lti.Launch]
) -> None:
    assert refusal(lambda: signing(algorithm, EVERY)) == code
    assert refusal(lambda: lti.read_terms("", [algorithm], "create")) == "lti.registration_algorithm"


def test_a_key_that_is_published_for_one_algorithm_verifies_that_one(signing: Callable[..., lti.Launch]) -> None:
    for_one = jwk(private_key(), "lms-key-1", alg="RS512")
    assert signing("RS512", EVERY, for_one).subject == "6"


@pytest.mark.parametrize("published", ["RS256", "RS384", "RS512", "ES256", "HS256", "", None, ["RS256"]])
def test_a_key_that_is_for_another_algorithm_is_unknown(
    published: object, signing: Callable[..., lti.Launch], httpserver: HTTPServer
) -> None:
    assert refusal(lambda: signing("PS256", EVERY, {**of_any_use(), "alg": published})) == "lti.unknown_key"


@pytest.mark.parametrize(("leeway", "inside", "outside"), [(None, 60, 61), (0, 0, 1), (120, 120, 121), (300, 300, 301)])
@pytest.mark.parametrize("side", [1, -1])
def test_each_platform_s_clock_may_be_off_as_far_as_was_settled(
    leeway: int | None, inside: int, outside: int, side: int, lms: Lms, register: Register
) -> None:
    mine = replace(lms, registration=register(terms=Terms(clock_leeway=leeway)))
    begun, now = mine.begin(), int(lms.clock.now().timestamp())

    def at(seconds: int) -> lti.Launch:
        made = now + side * seconds
        return mine.verify(mine.sign(mine.claims(begun, iat=made, exp=made + (1 if side < 0 else 60))), begun)

    # The token's second of life is past as well as its beginning: both are judged by the same leeway.
    assert at(inside).subject == "6"
    assert refusal(lambda: at(outside + 1)) == "lti.clock"


def test_another_platform_s_leeway_is_its_own(lms: Lms, register: Register) -> None:
    register(client_id="other", terms=Terms(clock_leeway=300))
    begun = lms.begin()
    made = int((lms.clock.now() + timedelta(seconds=90)).timestamp())
    assert refusal(lambda: lms.verify(lms.sign(lms.claims(begun, iat=made, exp=made + 60)), begun)) == "lti.clock"


@pytest.mark.parametrize("typed", ["301", "-1", "1.5", "ten", "٣", "1e2", "0x1f", "9999999999", "60 s"])
def test_an_odd_leeway_is_refused(typed: str) -> None:
    assert refusal(lambda: lti.read_terms(typed, ["RS256"], "create")) == "lti.registration_leeway"


@pytest.mark.parametrize("seconds", [-1, 301])
def test_no_leeway_is_longer_than_five_minutes(seconds: int) -> None:
    assert refusal(lambda: Terms(clock_leeway=seconds)) == "lti.registration_leeway"


def test_odd_algorithms_and_columns_are_refused() -> None:
    for name in ("ES256", "EdDSA", "rs256", "", "RS256 "):
        assert refusal(lambda name=name: lti.read_terms("", [name], "create")) == "lti.registration_algorithm"
    assert refusal(lambda: lti.read_terms("", [], "create")) == "lti.registration_no_algorithm"
    assert refusal(lambda: lti.read_terms("", ["RS256"], "all")) == "lti.registration_line_items"
    assert lti.read_terms(" 5 ", ["PS256", "RS256", "PS256"], "none") == Terms(
        5, (Algorithm.RS256, Algorithm.PS256), LineItemPolicy.NONE
    )


@pytest.mark.both_engines
def test_terms_stay_until_somebody_changes_them(db: Database, register: Register) -> None:
    assert register().terms == Terms()
    settled = Terms(0, (Algorithm.RS256, Algorithm.PS256), LineItemPolicy.COUPLED)
    assert register(terms=settled).terms == settled
    again = register(name="Renamed")
    assert (again.name, again.terms) == ("Renamed", settled)
    with db.reading() as tx:
        assert lti.find_registration(tx, again.id) == again

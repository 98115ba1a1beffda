"""Rules of the post and its token (LTI Security 1.0 §5.1.3): from which browser, signed by whom, for whom, and when."""

import re

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.core import ids
from lti_tool.lti.launching.rules.case import Case
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.terms import Algorithm
from lti_tool.lti.sessions.binding import is_same_browser

_LONGEST_TOKEN = 100_000
_JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LONGEST_LIFE = 3600.0
_OLDEST = 600.0


# --- The post and its login -----------------------------------------------------------------------------------------


def has_fields(case: Case) -> None:
    for name, value in (("id_token", case.id_token), ("state", case.state)):
        if not value:
            raise refused("lti.missing_parameter", name=name)


def answers_an_open_login(case: Case) -> None:
    if not case.began.is_open(case.now):
        raise refused("lti.login_used_or_expired")


def comes_from_the_browser_that_began(case: Case) -> None:
    if not is_same_browser(case.began.browser_hash, case.browser):
        raise refused("lti.other_browser")


# --- The token and who signed it ------------------------------------------------------------------------------------


def is_a_token(case: Case) -> None:
    if len(case.id_token) > _LONGEST_TOKEN or not _JWT.fullmatch(case.id_token):
        raise refused("lti.token_form", log={"length": len(case.id_token)})


def is_made_of_objects(case: Case) -> None:
    for name, part in (("header", case.header), ("body", case.body)):
        if not isinstance(part, dict):
            raise refused("lti.token_form", log={name: type(part).__name__})


def has_our_algorithm(case: Case) -> None:
    """One of those that the operator allows this platform: what the header says is asked for, never obeyed."""
    algorithm = case.head.optional_id("alg", 255)
    if algorithm not in set(case.registration.algorithms):
        raise refused("lti.algorithm", log={"alg": algorithm})


def has_no_condition(case: Case) -> None:
    """An extension that must be understood (`crit`) is none that we know."""
    if case.head.has("crit"):
        raise refused("lti.algorithm", log={"alg": "crit"})


def names_its_key(case: Case) -> None:
    if case.head.optional_id("kid", 255) is None:
        raise refused("lti.no_key_id")


def is_from_the_login_s_platform(case: Case) -> None:
    issuer = case.claims.required_id("iss", 500)
    if issuer != case.registration.issuer:
        raise refused("lti.issuer", log={"registered": case.registration.issuer, "given": issuer})


def is_for_us_alone(case: Case) -> None:
    audience = case.claims.one_or_more("aud")
    if set(audience) != {case.registration.client_id}:
        raise refused("lti.audience", log={"registered": case.registration.client_id, "given": audience})


def was_issued_to_us(case: Case) -> None:
    """`azp`, where it is given, is us."""
    party = case.claims.optional_id("azp", 255)
    if party is not None and party != case.registration.client_id:
        raise refused("lti.authorized_party", log={"registered": case.registration.client_id, "given": party})


def key_of(case: Case) -> tuple[RSAPublicKey, Algorithm]:
    """The key that signed, and by which algorithm: an allowed one, and the key's own where it is published for one."""
    algorithm = Algorithm(case.head.required_id("alg"))
    return case.key_of(case.head.required_id("kid"), algorithm), algorithm


def has_a_known_key(case: Case) -> None:
    key_of(case)


def is_signed(case: Case) -> None:
    key, algorithm = key_of(case)
    try:
        jwt.PyJWS(algorithms=[algorithm]).decode(case.id_token, key, algorithms=[algorithm])
    except jwt.InvalidTokenError as fault:
        raise refused("lti.signature", log={"reason": str(fault)[:500]}) from fault


# --- Times and nonce ------------------------------------------------------------------------------------------------


def has_times(case: Case) -> tuple[float, float]:
    """When the token was made and when it ends, in seconds since 1970."""
    made, ends = case.claims.seconds("iat"), case.claims.seconds("exp")
    if made is None or ends is None:
        raise refused("lti.no_time", log={"iat": made, "exp": ends})
    return made, ends


def holds_for_a_sensible_time(case: Case) -> None:
    made, ends = has_times(case)
    if not 0 < ends - made <= _LONGEST_LIFE:
        raise refused("lti.lifetime", log={"seconds": ends - made})


def is_in_force(case: Case) -> None:
    """By our clock, give or take the leeway.

    The token carries our nonce, so it was made after the login began: an earlier time tells of a slow clock.
    """
    made, _ends = has_times(case)
    ahead = max(made, case.claims.seconds("nbf") or 0.0) - case.now.timestamp()
    behind = case.began.begun_at.timestamp() - made if _is_old(case) else 0.0
    for seconds in (ahead, behind):
        if seconds > case.tolerance:
            raise refused("lti.clock", seconds=round(seconds))


def is_fresh(case: Case) -> None:
    if _is_old(case):
        raise refused("lti.token_expired", log={"age": case.now.timestamp() - has_times(case)[0]})


def _is_old(case: Case) -> bool:
    made, ends = has_times(case)
    return case.now.timestamp() - ends > case.tolerance or case.now.timestamp() - made > _OLDEST


def answers_this_login(case: Case) -> None:
    if not ids.same(ids.digest(case.claims.required_id("nonce")), case.began.nonce_hash):
        raise refused("lti.nonce")

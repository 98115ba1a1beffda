"""The envelope of an `id_token`, as pure rules (LTI Security 1.0 §5.1.3): which key, from whom, for whom, and when."""

from datetime import datetime

from lti_tool.lti.claims import Claims
from lti_tool.lti.refusals import LtiRefused, refused
from lti_tool.lti.registrations import Registration

ALGORITHM = "RS256"
_LONGEST_LIFE = 3600.0
_OLDEST = 600.0


def read_header(header: Claims) -> str:
    """The id of the key that signed; the algorithm is fixed, whatever token or key set may say."""
    check_algorithm(header)
    kid = header.optional_id("kid", 255)
    if kid is None:
        raise refused("lti.no_key_id")
    return kid


def check_algorithm(header: Claims) -> None:
    """RS256 and nothing else; an extension that must be understood (`crit`) is none that we know."""
    algorithm = header.optional_id("alg", 255)
    if algorithm != ALGORITHM or header.has("crit"):
        raise refused("lti.algorithm", log={"alg": algorithm})


def check_parties(claims: Claims, registration: Registration) -> None:
    """From the platform that the login named, for us and for nobody else."""
    issuer = claims.required_id("iss", 500)
    if issuer != registration.issuer:
        raise refused("lti.issuer", log={"registered": registration.issuer, "given": issuer})
    audience = claims.one_or_more("aud")
    if set(audience) != {registration.client_id}:
        raise refused("lti.audience", log={"registered": registration.client_id, "given": audience})
    check_authorized_party(claims, registration)


def check_authorized_party(claims: Claims, registration: Registration) -> None:
    """`azp`, where it is given, is us (OpenID Connect Core §3.1.3.7)."""
    party = claims.optional_id("azp", 255)
    if party is not None and party != registration.client_id:
        raise refused("lti.authorized_party", log={"registered": registration.client_id, "given": party})


def check_times(claims: Claims, *, begun_at: datetime, leeway: int, now: datetime) -> None:
    """Made lately and still in force, by our clock give or take `leeway` seconds; the login began at `begun_at`."""
    made, ends = claims.seconds("iat"), claims.seconds("exp")
    if made is None or ends is None:
        raise refused("lti.no_time", log={"iat": made, "exp": ends})
    if not 0 < ends - made <= _LONGEST_LIFE:
        raise refused("lti.lifetime", log={"seconds": ends - made})
    moment = now.timestamp()
    starts = max(made, claims.seconds("nbf") or 0.0)
    if starts - moment > leeway:
        raise _clock(starts - moment)
    if moment - ends > leeway or moment - made > _OLDEST:
        # The token carries our nonce, so it was made after the login began: an earlier time tells of a slow clock.
        behind = begun_at.timestamp() - made
        raise _clock(behind) if behind > leeway else refused("lti.token_expired", log={"age": moment - made})


def _clock(seconds: float) -> LtiRefused:
    return refused("lti.clock", seconds=round(seconds))

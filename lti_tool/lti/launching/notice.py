"""A notice that a platform sends by itself, judged as strictly as a launch (Platform Notification Service 1.0 §5).

No browser carries it and no login came before, so it is bound to nothing but its signature: by a registered platform's
key, for us alone, in force, never used. The rules of a token are those of a launch, in `launching.rules`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.lti.advantage.notices import CONTEXT_COPY
from lti_tool.lti.keys.key_sets import KeySets
from lti_tool.lti.launching.claims import Claims
from lti_tool.lti.launching.rules import Case, Rule, Step, message, take_apart, token
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import Algorithm
from lti_tool.lti.vocabulary import CLAIM

_NOTICE = f"{CLAIM}/notice"
_MOST_ORIGINS = 20
_ID = 255


@dataclass(frozen=True)
class Envelope:
    """A notice that nobody has believed yet: its text, and from whom and for whom it claims to be."""

    text: str
    header: object
    body: object
    issuer: str
    client_id: str


@dataclass(frozen=True)
class Notice:
    """A genuine notice. `once` names this very message. Of a kind that we do not know, what it tells is not read."""

    registration: Registration
    lms_deployment_id: str
    id: str
    kind: str
    at: datetime
    once: str
    context_id: str = ""
    # The courses whose content it got; empty where the platform does not know.
    origins: tuple[str, ...] = ()

    @property
    def is_copy(self) -> bool:
        """Whether it tells of a course that got the content of another."""
        return self.kind == CONTEXT_COPY


@dataclass(frozen=True)
class NoticeCase(Case):
    """What a notice is judged by: a launch's case with no login behind it, so that the platform is told apart."""

    platform: Registration | None = None

    @property
    def registration(self) -> Registration:
        assert self.platform is not None, "a notice is judged for the platform it claims to be from"
        return self.platform

    @property
    def notice(self) -> Claims:
        """The claim that makes it a notice: a launch has none, so it is never taken for one."""
        return self.claims.part(_NOTICE, required=True)


def open_envelope(text: object, *, now: datetime) -> Envelope:
    """Takes a notice apart, to see whose it claims to be; raises LtiRefused for what is none. Believes nothing."""
    if not isinstance(text, str):
        raise refused("lti.token_form", log={"type": type(text).__name__})
    case = Case(None, text, "", "", "", 0, now, _no_key)
    token.is_a_token(case)
    case = take_apart(case)
    token.is_made_of_objects(case)
    audience = set(case.claims.one_or_more("aud"))
    if len(audience) != 1:
        raise refused("lti.audience", log={"given": sorted(audience)[:20]})
    return Envelope(text, case.header, case.body, case.claims.required_id("iss", 500), audience.pop())


def _no_key(kid: str, algorithm: Algorithm) -> RSAPublicKey:
    raise AssertionError("an envelope is opened without any key")


def verify_notice(
    envelope: Envelope, registration: Registration, key_sets: KeySets, *, leeway: int, now: datetime
) -> Notice:
    """The notice in an envelope, verified; raises LtiRefused with the first rule that it breaks, or Upstream.

    To be called outside a transaction, as it may fetch the platform's keys; writes nothing: `take_once` uses it up.
    """

    def key_of(kid: str, algorithm: Algorithm) -> RSAPublicKey:
        return key_sets.key(registration, kid, algorithm)

    case = NoticeCase(
        None, envelope.text, "", "", "", leeway, now, key_of, envelope.header, envelope.body, platform=registration
    )
    for rule in NOTICE_RULES:
        rule.check(case)
    return read_notice(case)


def is_in_force(case: NoticeCase) -> None:
    """By our clock, give or take the leeway. It may be as old as it says it holds: it may have waited for us."""
    made, ends = token.has_times(case)
    ahead = max(made, case.claims.seconds("nbf") or 0.0) - case.now.timestamp()
    if ahead > case.tolerance:
        raise refused("lti.clock", seconds=round(ahead))
    if case.now.timestamp() - ends > case.tolerance:
        raise refused("lti.token_expired", log={"age": case.now.timestamp() - made})


def read_notice(case: NoticeCase) -> Notice:
    """What a genuine notice says; raises LtiRefused for a claim that is missing or cannot be read."""
    kind, once = case.notice.required_id("type"), case.claims.optional_id("jti", _ID)
    context_id, origins = _copied(case) if kind == CONTEXT_COPY else ("", ())
    return Notice(
        registration=case.registration,
        lms_deployment_id=case.claims.required_id(f"{CLAIM}/deployment_id"),
        id=case.notice.required_id("id"),
        kind=kind,
        at=_moment(case.notice.required_id("timestamp")),
        once=once or case.claims.required_id("nonce"),
        context_id=context_id,
        origins=origins,
    )


def _copied(case: NoticeCase) -> tuple[str, tuple[str, ...]]:
    """The course that got content, and those it came from."""
    context_id = case.claims.part(f"{CLAIM}/context", required=True).required_id("id", _ID)
    told = case.claims.texts(f"{CLAIM}/origin_contexts")
    if len(told) > _MOST_ORIGINS or not all(0 < len(one) <= _ID and one.isprintable() for one in told):
        raise refused("lti.claim", claim="origin_contexts", log={"count": len(told)})
    return context_id, tuple(dict.fromkeys(one for one in told if one != context_id))


def _moment(text: str) -> datetime:
    """A moment as ISO 8601 has it; without a zone it is UTC."""
    try:
        read = datetime.fromisoformat(text)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise refused("lti.claim", claim="notice.timestamp", log={"timestamp": text[:60]}) from None


_TOKEN, _OIDC, _JWK = "Security 1.0 §5.1.3", "OIDC Core §3.1.3.7", "Security 1.0 §6.3"
NOTICE_RULES: tuple[Rule[NoticeCase], ...] = (
    Rule(Step.HEADER, "algorithm", "lti.algorithm", _OIDC, token.has_our_algorithm),
    Rule(Step.HEADER, "condition", "lti.algorithm", "RFC 7515 §4.1.11", token.has_no_condition),
    Rule(Step.HEADER, "key id", "lti.no_key_id", _JWK, token.names_its_key),
    Rule(Step.REGISTRATION, "issuer", "lti.issuer", _TOKEN, token.is_from_the_login_s_platform),
    Rule(Step.REGISTRATION, "audience", "lti.audience", _TOKEN, token.is_for_us_alone),
    Rule(Step.REGISTRATION, "authorized party", "lti.authorized_party", _OIDC, token.was_issued_to_us),
    Rule(Step.SIGNATURE, "signature", "lti.signature", _TOKEN, token.is_signed),
    Rule(Step.TIMES, "lifetime", "lti.lifetime", "docs/spec-choices.md", token.holds_for_a_sensible_time),
    Rule(Step.TIMES, "clock", "lti.clock", _TOKEN, is_in_force),
    Rule(Step.MESSAGE, "version", "lti.version", "Core 1.3 §5.3.2", message.is_of_our_version),
)
"""The rules of a notice, in the order they are judged; before the signature nothing is believed.

That its key is published, and that it says its times, is seen by the rules that need them.
"""

"""The rules of a login and a launch, each with its name, its refusal and its source, in the order they are judged.

Pure: no database, no web, no clock, no network. A frozen `Asked` or `Case` in, a refusal or a `Launch` out; `judge`
walks all of a launch, given the platform's keys. `exchange` walks the same table in PyLTI1p3's steps. Before the
signature nothing is believed. Any rule refuses a claim that it needs and does not find by `lti.missing_claim`, and one
of an odd type by `lti.claim`.
"""

from dataclasses import dataclass

from lti_tool.lti.launching.launch import Launch
from lti_tool.lti.launching.rules import asking, message, token
from lti_tool.lti.launching.rules.asking import PARAMETERS
from lti_tool.lti.launching.rules.case import Asked, Case, Rule, Step, take_apart
from lti_tool.lti.launching.rules.message import read
from lti_tool.lti.launching.rules.token import key_of
from lti_tool.lti.refusals import LtiRefused

_LOGIN, _OURS = "Security 1.0 §5.1.1.1", "docs/spec-choices.md"
_TOKEN, _OIDC, _JWS, _JWK = "Security 1.0 §5.1.3", "OIDC Core §3.1.3.7", "RFC 7515 §4.1", "Security 1.0 §6.3"
_CORE, _LINKING = "Core 1.3 §5.3", "Deep Linking 2.0 §4.4.1"
_REVIEW = "Submission Review Service 1.0 §3.3"

LOGIN_RULES: tuple[Rule[Asked], ...] = (
    Rule(Step.LOGIN, "parameters", "lti.missing_parameter", _LOGIN, asking.has_parameters),
    Rule(Step.LOGIN, "length", "lti.overlong_parameter", _OURS, asking.has_short_parameters),
    Rule(Step.LOGIN, "characters", "lti.parameter", _OURS, asking.has_sendable_parameters),
    Rule(Step.LOGIN, "target", "lti.foreign_target", _OURS, asking.leads_to_us),
)
RULES: tuple[Rule[Case], ...] = (
    Rule(Step.POST, "fields", "lti.missing_parameter", _TOKEN, token.has_fields),
    Rule(Step.POST, "login", "lti.login_used_or_expired", "Security 1.0 §7.3.1", token.answers_an_open_login),
    Rule(Step.STATE, "browser", "lti.other_browser", "OIDC Core §3.1.2.1", token.comes_from_the_browser_that_began),
    Rule(Step.TOKEN, "token", "lti.token_form", _TOKEN, token.is_a_token),
    Rule(Step.HEADER, "objects", "lti.token_form", _TOKEN, token.is_made_of_objects),
    Rule(Step.HEADER, "algorithm", "lti.algorithm", _OIDC, token.has_our_algorithm),
    Rule(Step.HEADER, "condition", "lti.algorithm", f"{_JWS}.11", token.has_no_condition),
    Rule(Step.HEADER, "key id", "lti.no_key_id", _JWK, token.names_its_key),
    Rule(Step.REGISTRATION, "issuer", "lti.issuer", _TOKEN, token.is_from_the_login_s_platform),
    Rule(Step.REGISTRATION, "audience", "lti.audience", _TOKEN, token.is_for_us_alone),
    Rule(Step.REGISTRATION, "authorized party", "lti.authorized_party", _OIDC, token.was_issued_to_us),
    Rule(Step.SIGNATURE, "key", "lti.unknown_key", _JWK, token.has_a_known_key),
    Rule(Step.SIGNATURE, "signature", "lti.signature", _TOKEN, token.is_signed),
    Rule(Step.TIMES, "times", "lti.no_time", _TOKEN, token.has_times),
    Rule(Step.TIMES, "lifetime", "lti.lifetime", _OURS, token.holds_for_a_sensible_time),
    Rule(Step.TIMES, "clock", "lti.clock", _TOKEN, token.is_in_force),
    Rule(Step.TIMES, "freshness", "lti.token_expired", _TOKEN, token.is_fresh),
    Rule(Step.NONCE, "nonce", "lti.nonce", _TOKEN, token.answers_this_login),
    Rule(Step.DEPLOYMENT, "deployment", "lti.deployment", f"{_CORE}.3", message.is_of_the_login_s_deployment),
    Rule(Step.MESSAGE, "version", "lti.version", f"{_CORE}.2", message.is_of_our_version),
    Rule(Step.MESSAGE, "message type", "lti.message_type", f"{_CORE}.1", message.is_a_message_that_we_take),
    Rule(Step.MESSAGE, "roles", "lti.missing_claim", f"{_CORE}.7", message.has_roles),
    Rule(Step.MESSAGE, "subject", "lti.missing_claim", f"{_CORE}.6", message.names_somebody),
    Rule(Step.MESSAGE, "resource link", "lti.missing_claim", f"{_CORE}.5", message.names_its_link),
    Rule(Step.MESSAGE, "whose work", "lti.missing_claim", _REVIEW, message.names_whose_work_is_meant),
    Rule(Step.MESSAGE, "own target", "lti.foreign_target", f"{_CORE}.4", message.leads_to_us),
    Rule(Step.MESSAGE, "target", "lti.target", f"{_CORE}.4", message.leads_where_the_login_led),
    Rule(Step.MESSAGE, "deep linking", "lti.missing_claim", _LINKING, message.tells_how_to_link),
    Rule(Step.MESSAGE, "kind of item", "lti.message", _LINKING, message.takes_what_we_have),
    Rule(Step.MESSAGE, "return address", "lti.return_url", _OURS, message.returns_to_its_platform),
    Rule(Step.READING, "every claim", "lti.claim", _OURS, message.read),
)


@dataclass(frozen=True)
class Verdict:
    """The launch, or the first rule that it breaks and how it is refused."""

    launch: Launch | None = None
    broken: Rule[Case] | None = None
    refusal: LtiRefused | None = None


def judge(case: Case) -> Verdict:
    """Judges a launch by all rules; raises only what `key_of` does when nobody can say which keys there are."""
    case = take_apart(case)
    for rule in RULES:
        try:
            rule.check(case)
        except LtiRefused as refusal:
            return Verdict(broken=rule, refusal=refusal)
    return Verdict(launch=read(case))


def hold(case: Case, step: Step) -> None:
    """Raises LtiRefused for the first rule of this step that the launch breaks."""
    for rule in RULES:
        if rule.step is step:
            rule.check(case)


def hold_login(asked: Asked) -> None:
    """Raises LtiRefused for the first rule that a login initiation breaks."""
    for rule in LOGIN_RULES:
        rule.check(asked)


__all__ = [
    "LOGIN_RULES",
    "PARAMETERS",
    "RULES",
    "Asked",
    "Case",
    "Rule",
    "Step",
    "Verdict",
    "hold",
    "hold_login",
    "judge",
    "key_of",
    "read",
    "take_apart",
]

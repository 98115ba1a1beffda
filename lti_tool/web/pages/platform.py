"""What an administrator's pages say of one platform: how it stands, what was settled with it, whether it works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool import lti, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.admin import PlatformCard, card_of, policies
from lti_tool.web.pages.assessment import FieldError

_SIDES = {"tool": "this tool", "lms": "the LMS", "you": "the person or the browser", "nobody": "nobody"}
_ALGORITHMS = {
    lti.Algorithm.RS256: "what every LMS uses, unless it says otherwise",
    lti.Algorithm.RS384: "the same with a longer checksum",
    lti.Algorithm.RS512: "the same with the longest checksum",
    lti.Algorithm.PS256: "the newer form of signature",
}
_LINE_ITEMS = {
    lti.LineItemPolicy.CREATE: (
        "Into the activity’s column, or into one of our own where it has none",
        "Where the LMS has made no column for the activity, this tool looks for its own in the course’s gradebook, or "
        "makes one. Teachers have nothing to do.",
    ),
    lti.LineItemPolicy.COUPLED: (
        "Only into the column that the LMS has made for the activity",
        "An activity without one gets no grade in the LMS. For schools whose gradebook nobody else may change.",
    ),
    lti.LineItemPolicy.NONE: (
        "Nowhere",
        "No new grade leaves this tool; one that waits already is still sent. Results and certificates are as always.",
    ),
}
_SLOW = 30


@dataclass(frozen=True)
class PlatformForm:
    """The settings of a platform as a form has them, be they good or not."""

    name: str
    origins: str
    policy: str
    clock_leeway: str
    algorithms: tuple[str, ...]
    line_items: str


@dataclass(frozen=True)
class RefusedLaunch:
    """A launch that was refused, with what to do about it."""

    at: datetime
    support_code: str
    code: str
    check: str
    says: str
    side: str
    fix: str


@dataclass(frozen=True)
class PlatformPage:
    """One platform: what is known, what may be changed, what went wrong."""

    card: PlatformCard
    registration: lti.Registration
    identity: str
    deployments: tuple[lti.Deployment, ...]
    refused: tuple[RefusedLaunch, ...]
    policies: tuple[tuple[str, str, str], ...]
    algorithms: tuple[tuple[str, str, str], ...]
    line_items: tuple[tuple[str, str, str], ...]
    form: PlatformForm
    # In seconds, as the settings have it.
    usual_leeway: int
    tested: lti.Examination | None
    saved: bool
    errors: tuple[FieldError, ...]

    @property
    def is_closed(self) -> bool:
        return self.registration.disabled_at is not None


@dataclass(frozen=True)
class TestPage:
    """A connection test that waits, runs, has found something, or broke off. `is_slow` where no worker takes it."""

    platform_name: str
    platform_url: str
    test_url: str
    poll_url: str
    tested: lti.Examination | None
    is_slow: bool

    @property
    def is_running(self) -> bool:
        return self.tested is not None and self.tested.is_running

    @property
    def report(self) -> lti.ConnectionReport | None:
        return None if self.tested is None else self.tested.report


def platform_page(
    state: workflows.PlatformState,
    *,
    usual_leeway: int,
    saved: bool = False,
    typed: PlatformForm | None = None,
    errors: Sequence[FieldError] = (),
) -> PlatformPage:
    """The page of one platform; `typed` is what a form said that could not be stored."""
    known = state.registration
    by_deployment = known.identity_scope is lti.IdentityScope.DEPLOYMENT
    return PlatformPage(
        card=card_of(state),
        registration=known,
        identity="deployment and user id" if by_deployment else "user id alone, in all deployments",
        deployments=tuple(state.deployments),
        refused=tuple(_refused(one, known) for one in state.refusals),
        policies=policies(),
        algorithms=tuple((one.value, one.value, why) for one, why in _ALGORITHMS.items()),
        line_items=tuple((one.value, what, why) for one, (what, why) in _LINE_ITEMS.items()),
        form=typed or form_of(known),
        usual_leeway=usual_leeway,
        tested=state.tested,
        saved=saved,
        errors=tuple(errors),
    )


def form_of(known: lti.Registration) -> PlatformForm:
    """The form as it stands when nobody has typed anything."""
    return PlatformForm(
        name=known.name,
        origins="\n".join(known.origins),
        policy=known.deployments.value,
        clock_leeway="" if known.clock_leeway is None else str(known.clock_leeway),
        algorithms=tuple(one.value for one in known.algorithms),
        line_items=known.line_items.value,
    )


def examination_page(known: lti.Registration, tested: lti.Examination | None, *, now: datetime) -> TestPage:
    """The page of a platform's connection test."""
    own = paths.platform_test(known.public_id)
    home = paths.platform(known.public_id)
    return TestPage(known.name, home, own, f"{own}/state", tested, is_slow(tested, now=now))


def is_slow(tested: lti.Examination | None, *, now: datetime) -> bool:
    """Whether a test has taken so long that the page should say why that may be."""
    return tested is not None and tested.is_running and (now - tested.asked_at).total_seconds() > _SLOW


def _refused(refusal: lti.Refusal, registration: lti.Registration) -> RefusedLaunch:
    found = lti.diagnose(refusal, registration)
    side = _SIDES.get(refusal.side.value, "")
    return RefusedLaunch(refusal.at, refusal.support_code, refusal.code, found.check, found.says, side, found.fix)

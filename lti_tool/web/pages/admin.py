"""What an administrator's pages say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool import lti, people, workflows
from lti_tool.lti import Layer
from lti_tool.web.pages import paths
from lti_tool.web.pages.assessment import FieldError

_LAYERS = {
    Layer.COOKIE: "cookie",
    Layer.SESSION: "our own storage in the frame",
    Layer.STORAGE: "the LMS’s storage",
    Layer.TAB: "a tab of its own",
}
POLICIES = (
    (lti.DeploymentPolicy.AUTO, "Let new ones in", "Whatever this LMS installs works at once."),
    (lti.DeploymentPolicy.ASK, "Ask me", "Each waits here until you let it in."),
    (lti.DeploymentPolicy.DENY, "Keep new ones out", "Only those that are let in already."),
)


@dataclass(frozen=True)
class SignInPage:
    """Name, password and code."""

    name: str
    onward: str
    errors: tuple[FieldError, ...]


@dataclass(frozen=True)
class SetupPage:
    """The first visit of an operator: a password, and an app for the second factor."""

    name: str
    organisation: str
    qr: str
    uri: str
    secret: str
    action: str
    errors: tuple[FieldError, ...]


@dataclass(frozen=True)
class PlatformCard:
    """One platform in the list. `state` is open, waiting, quiet or closed."""

    name: str
    issuer: str
    url: str
    state: str
    waiting: int
    refused: int
    last_launch_at: datetime | None
    layers: str


@dataclass(frozen=True)
class PlatformsPage:
    """All platforms of the organisation."""

    organisation: str
    platforms: tuple[PlatformCard, ...]
    connect_url: str

    @property
    def needy(self) -> tuple[PlatformCard, ...]:
        """Those that wait for a decision, or whose launches are refused."""
        return tuple(card for card in self.platforms if card.state != "closed" and (card.waiting or card.refused))


@dataclass(frozen=True)
class ConnectPage:
    """Both ways to connect an LMS: by an address that is pasted there, or by hand."""

    organisation: str
    values: dict[str, str]
    policies: tuple[tuple[str, str, str], ...]
    own: tuple[tuple[str, str], ...]
    errors: tuple[FieldError, ...]


@dataclass(frozen=True)
class InvitedPage:
    """An invitation, told this once."""

    address: str
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class KeyRow:
    """One key of ours."""

    kid: str
    shared: bool
    stage: str
    created_at: datetime
    until: datetime | None


@dataclass(frozen=True)
class KeysPage:
    """The keys by which LMSs know this tool."""

    organisation: str
    keys: tuple[KeyRow, ...]
    overlap_days: int
    jwks_url: str


@dataclass(frozen=True)
class PeoplePage:
    """People found, or those who are kept out."""

    query: str
    found: tuple[people.Found, ...]


def card_of(state: workflows.PlatformState) -> PlatformCard:
    """One platform at a glance."""
    known = state.registration
    if known.disabled_at is not None:
        word = "closed"
    elif state.waiting:
        word = "waiting"
    else:
        word = "open" if state.traffic.last_launch_at else "quiet"
    layers = ", ".join(f"{_LAYERS[layer]} ({count})" for layer, count in state.traffic.layers.items())
    url = paths.platform(known.public_id)
    last = state.traffic.last_launch_at
    return PlatformCard(known.name, known.issuer, url, word, state.waiting, len(state.refusals), last, layers)


def policies() -> tuple[tuple[str, str, str], ...]:
    """What may become of deployments that are seen for the first time."""
    return tuple((policy.value, what, why) for policy, what, why in POLICIES)


def connect_page(
    organisation: str, public_url: str, values: dict[str, str], errors: tuple[FieldError, ...] = ()
) -> ConnectPage:
    """The page with both ways to connect."""
    own = (
        ("Tool URL", f"{public_url}/lti/launch"),
        ("Login URL", f"{public_url}/lti/login"),
        ("Redirect URI", f"{public_url}/lti/launch"),
        ("Public keyset URL", f"{public_url}/lti/jwks.json"),
    )
    return ConnectPage(organisation, values, policies(), own, errors)


def keys_page(
    keys: Sequence[lti.ToolKey], organisation: people.Organisation, *, overlap_days: int, public_url: str
) -> KeysPage:
    """The organisation's keys, and those that all share, the newest first."""
    mine = [key for key in keys if key.organisation_id in (None, organisation.id)]
    rows = tuple(_key(key, timedelta(days=overlap_days)) for key in reversed(mine))
    return KeysPage(organisation.name, rows, overlap_days, f"{public_url}/lti/jwks.json")


def _key(key: lti.ToolKey, overlap: timedelta) -> KeyRow:
    ends = None if key.retiring_at is None else key.retiring_at + overlap
    return KeyRow(key.kid, key.organisation_id is None, key.stage.value, key.created_at, key.retired_at or ends)

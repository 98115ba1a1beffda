"""Where the demo LMS and the tool live, and what an administrator would copy from one into the other.

The demo trusts whoever is at the keyboard, so it may be reachable from this computer only: any other host is refused.
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

CLIENT_ID = "AldermoorDemo01"
DEPLOYMENT_ID = "3"
"""Moodle calls it the tool's type id; service addresses carry it as `type_id`."""
COURSE_ID = "2"
COURSE_TITLE = "Privacy at work"
COURSE_LABEL = "PRIV101"
NAME = "Demo LMS"


class Flavour(StrEnum):
    """Whose ways the LMS has."""

    MOODLE = "moodle"
    CANVAS = "canvas"


class NotLoopback(ValueError):
    """An address that would put the demo within reach of other computers."""


@dataclass(frozen=True, slots=True)
class LmsConfig:
    """Both addresses without a closing slash, and the folder that keeps the course between starts."""

    lms_url: str
    tool_url: str
    data_dir: Path
    flavour: Flavour = Flavour.MOODLE

    def __post_init__(self) -> None:
        for url in (self.lms_url, self.tool_url):
            host = urlsplit(url).hostname or ""
            if not is_loopback(host):
                raise NotLoopback(f"{url}: the demo runs on this computer only (localhost, *.localhost or 127.0.0.1)")
        if site(self.lms_url) == site(self.tool_url):
            raise ValueError("The LMS and the tool need different origins, as in real life.")

    @property
    def netloc(self) -> str:
        """The only `Host` this LMS answers to."""
        return urlsplit(self.lms_url).netloc

    @property
    def launch_url(self) -> str:
        """The tool's redirect URI, and where a link leads that names no address of its own."""
        return f"{self.tool_url}/lti/launch"


def is_loopback(host: str) -> bool:
    """Whether a host name can only mean this computer."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def site(url: str) -> str:
    """The origin of an address, as browsers write it in `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Facts(TypedDict):
    """What a tool stores of a platform, by the names that the tool's workflow takes."""

    issuer: str
    client_id: str
    name: str
    auth_url: str
    token_url: str
    jwks_url: str
    lms_deployment_ids: tuple[str, ...]


def registration(config: LmsConfig) -> Facts:
    """What the tool must know of this LMS, ready to be passed on as keyword arguments."""
    return {
        "issuer": config.lms_url,
        "client_id": CLIENT_ID,
        "name": NAME,
        "auth_url": f"{config.lms_url}/mod/lti/auth.php",
        "token_url": f"{config.lms_url}/mod/lti/token.php",
        "jwks_url": f"{config.lms_url}/mod/lti/certs.php",
        "lms_deployment_ids": (DEPLOYMENT_ID,),
    }


def sample_modules() -> list[Path]:
    """The folders of module packages that come with the demo."""
    return sorted(found.parent for found in (Path(__file__).parent / "modules").glob("*/module.md"))

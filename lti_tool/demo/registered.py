"""Tools that registered themselves (Dynamic Registration 1.0), as Moodle 4.5 keeps them: pending first, then active.

The tool that the demo was started with is not among them: an administrator entered that by hand.
"""

import json
import secrets
import string
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lti_tool.demo import messages
from lti_tool.demo.config import DEPLOYMENT_ID
from lti_tool.demo.messages import CORE, GRADE_SCOPES, ROSTER_SCOPE
from lti_tool.demo.people import Person
from lti_tool.demo.shelf import Link, replace_file

if TYPE_CHECKING:
    from lti_tool.demo.state import Lms

_FIRST = int(DEPLOYMENT_ID) + 1
_PORTRAIT = ("name", "given_name", "family_name", "email")
_LETTERS = string.ascii_letters + string.digits
_ENDPOINT = f"{messages.AGS}claim/endpoint"
_ROSTER = f"{messages.NRPS}claim/namesroleservice"


@dataclass(frozen=True, slots=True)
class Tool:
    """A registration. `id` is Moodle's number of the tool's type, and its deployment id."""

    id: str
    client_id: str
    name: str
    domain: str
    description: str
    target_link_uri: str
    initiate_login_uri: str
    redirect_uris: tuple[str, ...]
    jwks_uri: str
    logo_uri: str
    scopes: tuple[str, ...]
    claims: tuple[str, ...]
    custom: tuple[tuple[str, str], ...]
    deep_linking: str = ""
    is_active: bool = False
    in_chooser: bool = False


class Toolbox:
    """The registered tools and which activity belongs to which; kept in a file of its own."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        self.tools = {row["id"]: _read(row) for row in found.get("tools", ())}
        self._links: dict[str, str] = found.get("links", {})
        self._next: int = found.get("next", _FIRST)
        self._used: set[str] = set()

    def by_client(self, client_id: str) -> Tool | None:
        return next((tool for tool in self.tools.values() if tool.client_id == client_id), None)

    def of_link(self, link: Link | None) -> Tool | None:
        """The registered tool behind an activity; None for the one that was entered by hand."""
        return self.tools.get(self._links.get(link.id, "")) if link else None

    def on_offer(self) -> list[Tool]:
        """What teachers find when they add an activity."""
        return [tool for tool in self.tools.values() if tool.is_active and tool.in_chooser]

    def keep(self, tool: Tool) -> Tool:
        """Adds a tool (an empty `id` becomes the next number) or puts it in its own place."""
        with self._lock:
            if not tool.id:
                tool, self._next = replace(tool, id=str(self._next)), self._next + 1
            self.tools = {**self.tools, tool.id: tool}
            self._write()
        return tool

    def forget(self, tool_id: str) -> None:
        with self._lock:
            self.tools = {name: tool for name, tool in self.tools.items() if name != tool_id}
            self._write()

    def tie(self, link: Link, tool: Tool) -> None:
        """An activity belongs to a tool from now on."""
        with self._lock:
            self._links = {**self._links, link.id: tool.id}
            self._write()

    def use_up(self, token: str) -> bool:
        """Whether a registration token is used for the first time."""
        with self._lock:
            fresh = token not in self._used
            self._used.add(token)
        return fresh

    def _write(self) -> None:
        rows = {"tools": [asdict(tool) for tool in self.tools.values()], "links": self._links, "next": self._next}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, json.dumps(rows, ensure_ascii=False, indent=1))


def new_client_id() -> str:
    """Fifteen letters and digits, as Moodle draws them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(15))


def login_changes(tool: Tool | None) -> dict[str, str]:
    """What a login initiation says otherwise for a registered tool."""
    return {} if tool is None else {"client_id": tool.client_id, "lti_deployment_id": tool.id}


def launch_changes(lms: "Lms", tool: Tool | None, person: Person, link: Link | None) -> dict[str, Any]:
    """The claims that differ for a registered tool: it is told only what it asked for; None leaves a claim out."""
    if tool is None:
        return {}
    usual = messages.claims(lms, person, link, "")
    changes: dict[str, Any] = {"aud": tool.client_id, f"{CORE}deployment_id": tool.id}
    changes |= {name: None for name in _PORTRAIT if name not in tool.claims}
    asked = [scope for scope in GRADE_SCOPES if scope in tool.scopes]
    endpoint = _of_tool(usual.get(_ENDPOINT), tool)
    changes[_ENDPOINT] = {**endpoint, "scope": asked} if asked else None
    roster = _of_tool(usual.get(_ROSTER), tool)
    changes[_ROSTER] = roster if roster and ROSTER_SCOPE in tool.scopes else None
    own = {name: messages.substituted(lms, person, link, value) for name, value in tool.custom}
    changes[f"{CORE}custom"] = {**own, **_of_tool(usual[f"{CORE}custom"], tool)}
    return changes


def _of_tool(claim: object, tool: Tool) -> dict[str, object]:
    """A claim with the addresses that carry the tool's number."""
    found = claim if isinstance(claim, Mapping) else {}
    return {name: _renumbered(value, tool) if isinstance(value, str) else value for name, value in found.items()}


def _renumbered(address: str, tool: Tool) -> str:
    """An address of a service, with the number of another tool."""
    for before, after in (("type_id=", ""), ("/bindings/", "/")):
        address = address.replace(f"{before}{DEPLOYMENT_ID}{after}", f"{before}{tool.id}{after}")
    return address


def _read(row: dict[str, Any]) -> Tool:
    lists = {name: tuple(row[name]) for name in ("redirect_uris", "scopes", "claims")}
    custom = tuple((name, value) for name, value in row["custom"])
    return Tool(**{**row, **lists, "custom": custom})

"""What an operator may set: a TOML file, overridden by the environment (`LTI_TOOL_<SECTION>__<KEY>`).

Every fault is named with its file (or variable) and key, all of them at once, and an unknown key is a fault: a typing
error must not silently leave a default in force. `configs/example.toml` explains each setting.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from lti_tool.core.errors import Invalid

ENVIRONMENT_PREFIX = "LTI_TOOL_"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _origin(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1") or (parts.hostname or "").endswith(".localhost")
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError("must be an address such as https://learn.example.edu")
    if parts.scheme == "http" and not local:
        raise ValueError("must begin with https:// (plain http works on this computer only)")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must end after the host name: the tool stands at the root of its own host name")
    return value.rstrip("/")


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        pass
    try:
        meant = ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"“{value}” is no network; write one such as 10.0.0.0/8") from None
    raise ValueError(f"“{value}” is an address inside a network; write {meant} for the whole network")


def _database_url(value: str) -> str:
    """One of the two databases there are. What was written is not repeated: it may hold a password."""
    forms = "sqlite:///FOLDER/FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
    if value.startswith("postgres://"):
        raise ValueError("must begin with postgresql+psycopg:// instead of postgres://")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):  # A port that is no number is a ValueError.
        raise ValueError(f"must be {forms}") from None
    if url.drivername in ("sqlite", "sqlite+pysqlite"):
        if url.database in (None, "", ":memory:"):
            raise ValueError("must name a file, as in sqlite:///var/lti-tool.db: without one nothing would be kept")
        return value
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ValueError(f"must be {forms}; there is no other database that it can use")
    if not url.database:
        raise ValueError("must name the database, as in postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return value


def _redis_url(value: str) -> str:
    if value and not re.fullmatch(r"(redis|rediss|unix)://\S+", value):
        raise ValueError("must be redis://HOST:PORT/NUMBER (or rediss://), or be left out")
    return value


def _country(value: str) -> str:
    if value and not re.fullmatch("[A-Z]{2}", value):
        raise ValueError("must be two capital letters, such as NO")
    return value


class Server(_Section):
    """Where the tool listens and under which address the world knows it."""

    public_url: Annotated[str, AfterValidator(_origin)] = "http://tool.localhost:8001"
    host: str = "127.0.0.1"
    port: int = Field(default=8001, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    threads: int = Field(default=4, ge=1, le=64)
    trusted_proxies: int = Field(default=0, ge=0, le=10)


class DatabaseSection(_Section):
    """Which database; a relative SQLite path is relative to the working directory."""

    url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///var/lti-tool.db"


class Security(_Section):
    """The master key that seals private keys at rest."""

    master_key_file: Path = Path("var/master.key")
    master_key: str | None = Field(default=None, repr=False)


class Http(_Section):
    """Whom the tool may contact."""

    allow_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = ()


class Lti(_Section):
    """How strictly launches are judged, and how long a key of ours that signs no more is still published."""

    clock_leeway: int = Field(default=60, ge=0, le=300)
    key_overlap_days: int = Field(default=14, ge=1, le=365)


class Limits(_Section):
    """How often one client address may ask in a minute, and where several processes count together."""

    verification: int = Field(default=60, ge=1, le=1_000_000)
    launches: int = Field(default=3000, ge=1, le=1_000_000)
    refusals: int = Field(default=60, ge=1, le=1_000_000)
    sign_ins: int = Field(default=20, ge=1, le=1_000_000)
    redis: Annotated[str, AfterValidator(_redis_url)] = Field(default="", repr=False)


class Certificates(_Section):
    """How certificates are drawn."""

    fonts_dir: Path | None = None


class Organisation(_Section):
    """Who awards: what a certificate and the verification page say of the issuer."""

    name: str = "Our organisation"
    country: Annotated[str, AfterValidator(_country)] = ""
    website: str = ""


class Log(_Section):
    """How much is logged, in which form, and where: a file to append to, else standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"
    file: Path | None = None


class Settings(_Section):
    """All settings, section by section."""

    server: Server = Server()
    database: DatabaseSection = DatabaseSection()
    security: Security = Security()
    http: Http = Http()
    lti: Lti = Lti()
    limits: Limits = Limits()
    certificates: Certificates = Certificates()
    organisation: Organisation = Organisation()
    log: Log = Log()


class SettingsError(Invalid):
    """The settings have faults; `faults` lists each with its place."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(
            "core.settings",
            "Something is wrong with the settings:\n%(faults)s",
            "Nothing was changed. Correct this and start again; configs/example.toml explains every setting.",
            faults="\n".join(f"  - {fault}" for fault in faults),
        )


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings; raises SettingsError with every fault at once.

    `path` defaults to `LTI_TOOL_CONFIG`, else `lti-tool.toml` in the working directory if there is one.
    """
    env = dict(os.environ if environment is None else environment)
    chosen = path or (Path(env["LTI_TOOL_CONFIG"]) if "LTI_TOOL_CONFIG" in env else Path("lti-tool.toml"))
    must_exist = path is not None or "LTI_TOOL_CONFIG" in env
    values = _read_file(chosen, must_exist=must_exist)
    origins, faults = _overlay(values, env)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as fault:
        raise SettingsError([*faults, *_tell(fault, chosen, origins)]) from None
    if faults:
        raise SettingsError(faults)
    return settings


def _read_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise SettingsError([f"{path}: there is no such file"]) from None
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as fault:
        raise SettingsError([f"{path}: cannot be read as TOML: {fault}"]) from None


def _overlay(values: dict[str, Any], env: Mapping[str, str]) -> tuple[dict[tuple[str, ...], str], list[str]]:
    """Lays the environment over the file's values; returns where each overridden key came from, and faults."""
    origins: dict[tuple[str, ...], str] = {}
    faults: list[str] = []
    for name, text in sorted(env.items()):
        if not name.startswith(ENVIRONMENT_PREFIX) or name == "LTI_TOOL_CONFIG":
            continue
        section, split, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not split or not isinstance(values.setdefault(section, {}), dict):
            faults.append(f"{name}: unknown; variables are named {ENVIRONMENT_PREFIX}<SECTION>__<KEY>")
            continue
        values[section][key] = _parse(section, key, text)
        origins[(section, key)] = name
    return origins, faults


def _parse(section: str, key: str, text: str) -> object:
    """A variable's text; the one setting that is a list is written with commas."""
    if (section, key) == ("http", "allow_networks"):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _tell(fault: ValidationError, path: Path, origins: Mapping[tuple[str, ...], str]) -> list[str]:
    lines = []
    for error in fault.errors():
        place = tuple(str(part) for part in error["loc"])
        source = origins.get(place[:2], str(path))
        name = ".".join(part for part in place if not part.isdigit())
        lines.append(f"{source}: {name}: {_problem(error['type'], error['msg'], error.get('ctx', {}))}")
    return lines


_PROBLEMS = {
    "extra_forbidden": "unknown setting",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "string_type": "must be a text in quotes",
    "path_type": "must be a path in quotes",
    "tuple_type": 'must be a list in brackets, such as ["10.0.0.0/8"]',
    "model_type": "must be a section, written in brackets on a line of its own",
}


def _problem(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """What is wrong, in our words; pydantic's own are for programmers."""
    words = _PROBLEMS.get(kind)
    return words.format(**context) if words else message.removeprefix("Value error, ")

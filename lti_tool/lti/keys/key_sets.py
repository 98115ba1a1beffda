"""Platforms' public keys (LTI Security 1.0 §6.3): fetched when needed, kept ten minutes, fetched anew for a new id.

D2L changes its keys about hourly, so a cache by time alone is not enough; and whoever can post a token could make us
ask the platform again and again, so that is limited over all processes. A platform that is down keeps its known keys
for a day. A withdrawn key is refused after ten minutes at most.
"""

import base64
import binascii
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from sqlalchemy import bindparam, select, update

from lti_tool.core import logs
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database, insert
from lti_tool.core.errors import Side, ToolError, Upstream
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.lti.refusals import refused
from lti_tool.lti.registering.registrations import Registration
from lti_tool.lti.registering.terms import Algorithm
from lti_tool.lti.tables import platform_key_sets

log = logs.get("lti")

_FRESH = timedelta(minutes=10)
_STALE = timedelta(hours=24)
_WINDOW = timedelta(minutes=1)
_TRIES_PER_WINDOW = 2
_MOST_KEYS = 50
_WAIT_FOR_ANOTHER = 10  # tenths of a second

Jwks = Mapping[str, Mapping[str, str]]
"""Key id → modulus and exponent of a key that is fit to verify with, and its algorithm where it is for one alone."""


@dataclass(frozen=True)
class _KeySet:
    """A registration's keys as last fetched; `fetched_at` None before the first answer."""

    jwks_url: str
    keys: Jwks
    fetched_at: datetime | None

    def age(self, now: datetime) -> timedelta:
        return timedelta.max if self.fetched_at is None else now - self.fetched_at


_EMPTY = _KeySet("", {}, None)
_columns = platform_key_sets.c
_row = select(_columns.jwks_url, _columns["keys"], _columns.fetched_at).where(
    _columns.registration_id == bindparam("registration_id")
)
_window = select(_columns.window_at, _columns.window_tries).where(
    _columns.registration_id == bindparam("registration_id")
)
_note_try = update(platform_key_sets).where(_columns.registration_id == bindparam("registration"))


class KeySets:
    """All platforms' key sets: in memory, then in the database, then from the platform. Shared between threads."""

    def __init__(self, db: Database, http: HttpClient, clock: Clock) -> None:
        self._db, self._http, self._clock = db, http, clock
        self._known: dict[int, _KeySet] = {}
        self._locks: dict[int, threading.Lock] = {}
        self._guard = threading.Lock()

    def key(self, registration: Registration, kid: str, algorithm: Algorithm) -> RSAPublicKey:
        """The platform's key with this id, fit for this algorithm.

        Raises LtiRefused when there is none, Upstream when nobody can say. Never to be called inside a transaction.
        """
        asked = (registration, kid, algorithm)
        found = self._usable(self._known.get(registration.id, _EMPTY), *asked)
        if found is not None:
            return found
        with self._lock(registration.id):
            key_set = self._load(registration)
            found = self._usable(key_set, *asked)
            if found is None:
                key_set = self._refresh(registration, key_set)
                found = self._usable(key_set, *asked, longest=_STALE)
        if found is not None:
            return found
        if key_set.age(self._clock.now()) > _FRESH:
            raise _unreachable(registration)
        raise refused("lti.unknown_key", log={"registration": registration.id, "kid": kid})

    def _usable(
        self,
        key_set: _KeySet,
        registration: Registration,
        kid: str,
        algorithm: Algorithm,
        *,
        longest: timedelta = _FRESH,
    ) -> RSAPublicKey | None:
        key = key_set.keys.get(kid)
        if key is None or key_set.jwks_url != registration.jwks_url or not is_meant_for(key, algorithm):
            return None
        return _public_key(key["n"], key["e"]) if is_in_force(key_set.age(self._clock.now()), longest) else None

    def _lock(self, registration_id: int) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(registration_id, threading.Lock())

    def _load(self, registration: Registration) -> _KeySet:
        with self._db.reading() as tx:
            row = tx.execute(_row, {"registration_id": registration.id}).one_or_none()
        key_set = _EMPTY if row is None or row[0] != registration.jwks_url else _KeySet(*row)
        self._known[registration.id] = key_set
        return key_set

    def _refresh(self, registration: Registration, key_set: _KeySet) -> _KeySet:
        """The key set anew from the platform; the old one where it does not answer or was asked often enough."""
        now = self._clock.now()
        if not self.may_ask(registration, now):
            return key_set if key_set.keys else self._wait_for_another(registration)
        try:
            keys = read_key_set(self._http.get(registration.jwks_url, headers={"Accept": "application/json"}))
        except ToolError as fault:
            log.warning("lti.key_set_unreachable", registration=registration.id, fault=str(fault))
            return key_set
        fresh = _KeySet(registration.jwks_url, keys, now)
        values = {"jwks_url": fresh.jwks_url, "keys": fresh.keys, "fetched_at": now}
        with self._db.transaction() as tx:
            tx.execute(_note_try.values(values), {"registration": registration.id})
        self._known[registration.id] = fresh
        return fresh

    def may_ask(self, registration: Registration, now: datetime) -> bool:
        """Takes one of the few tries that all processes together have in any minute."""
        with self._db.transaction() as tx:
            first = insert(tx, platform_key_sets).values(
                registration_id=registration.id, jwks_url="", keys={}, window_at=now, window_tries=0
            )
            tx.execute(first.on_conflict_do_nothing(index_elements=["registration_id"]))
            last, tries = tx.execute(_window.with_for_update(), {"registration_id": registration.id}).one()
            tries = tries_left_behind(last, tries, now)
            if tries >= _TRIES_PER_WINDOW:
                return False
            values = {"window_at": now, "window_tries": tries + 1}
            tx.execute(_note_try.values(values), {"registration": registration.id})
            return True

    def _wait_for_another(self, registration: Registration) -> _KeySet:
        """Another process is asking for the first time at this moment: its answer serves us too."""
        for _ in range(_WAIT_FOR_ANOTHER):
            key_set = self._load(registration)
            if key_set.keys:
                return key_set
            threading.Event().wait(0.1)
        return _EMPTY


def tries_left_behind(last: datetime, tries: int, now: datetime) -> int:
    """How many tries still count: all of them, until a minute has passed since the last.

    Were it a minute since the first, one try before its end and two after it would make three within seconds.
    """
    return 0 if now - last >= _WINDOW else tries


def is_meant_for(key: Mapping[str, str], algorithm: Algorithm) -> bool:
    """Whether a key may verify what was signed so: one that is published for an algorithm is for that alone
    (RFC 7517 §4.4)."""
    return key.get("alg", algorithm) == algorithm


def is_in_force(age: timedelta, longest: timedelta) -> bool:
    """Whether keys of this age may still be believed."""
    return age <= longest


def read_key_set(answer: HttpAnswer) -> Jwks:
    """The keys of a JWK set that are fit to verify a launch; others are passed over, as there are many kinds."""
    said = answer.json() if answer.ok else None
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise Upstream(
            "lti.key_set_form",
            "The LMS's list of keys cannot be read.",
            "Ask the LMS's administrator whether the address of its key set is right.",
            side=Side.LMS,
            log={"status": answer.status},
        )
    fit = [jwk for jwk in listed[:_MOST_KEYS] if is_fit(jwk)]
    return {jwk["kid"]: {name: jwk[name] for name in ("n", "e", "alg") if name in jwk} for jwk in fit}


def is_fit(jwk: Any) -> bool:
    """Whether a published key may verify launches: RSA for signing, by an algorithm of ours, of 2048 bits or more."""
    if not isinstance(jwk, dict) or not all(isinstance(jwk.get(name), str) for name in ("kid", "n", "e")):
        return False
    is_ours = "alg" not in jwk or (isinstance(jwk["alg"], str) and jwk["alg"] in set(Algorithm))
    fits_use = jwk.get("kty") == "RSA" and jwk.get("use", "sig") == "sig" and is_ours
    return fits_use and 2048 <= _number(jwk["n"]).bit_length() <= 8192 and _number(jwk["e"]) in (3, 17, 65537)


def _number(text: str) -> int:
    """A base64url number; 0 when it is none."""
    if len(text) > 2000:
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return 0


@lru_cache(maxsize=256)
def _public_key(n: str, e: str) -> RSAPublicKey:
    """The key of a modulus and an exponent. Kept, as making one takes as long as verifying with it."""
    return RSAPublicNumbers(_number(e), _number(n)).public_key()


def _unreachable(registration: Registration) -> Upstream:
    return Upstream(
        "lti.key_set_unreachable",
        "The LMS's keys cannot be fetched, so its launch cannot be checked.",
        "Open the activity again in a minute. If it stays, ask the LMS's administrator.",
        side=Side.LMS,
        log={"registration": registration.id, "jwks_url": registration.jwks_url},
    )

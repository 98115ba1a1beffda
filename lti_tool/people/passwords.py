"""Passwords of operators: what is accepted, how strong it is in words, and how it is kept (argon2id, RFC 9106).

Length counts, not signs of every kind (NIST SP 800-63B §3.1.1): a few words are easier to keep in mind and harder to
guess. Refused is what everybody tries first.
"""

import unicodedata
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lti_tool.core import ids
from lti_tool.core.errors import Invalid, Side

SHORTEST, LONGEST = 12, 200
_VARIED = 5
_GOOD, _STRONG = 16, 20
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "0123456789" * 2)
# The commonest of at least twelve characters, without what comes at their ends: "Password1234!" is "password", too.
_WORDS = """
    administrator adminadminadmin changeme changemechangeme correcthorsebatterystaple football iloveyou letmein
    letmeinletmein mypassword passwordpassword password passw0rd p@ssword p@ssw0rd princess qwertyuiop qwertyqwerty
    secret secretpassword sunshine superman trustno1 unbelievable welcome welcomewelcome thisismypassword
    ilovemyfamily basketball administrador contraseña motdepasse passwort hallohallo canvas moodle moodlemoodle
    university microcredential
"""
_COMMON = frozenset(_WORDS.split())
_ENDS = "0123456789!?.,-_#*$ "


class Strength(StrEnum):
    """How hard a password is to guess, in a word."""

    FAIR = "fair"
    GOOD = "good"
    STRONG = "strong"


def plain_password(given: str) -> str:
    """A password as it is compared: one form for letters that keyboards make in several ways."""
    return unicodedata.normalize("NFKC", given)


def require_good(password: str, *, name: str) -> Strength:
    """How strong an acceptable password is; Invalid, with the reason, for any other."""
    if len(password) < SHORTEST:
        raise _refused("people.password_short", f"Use at least {SHORTEST} characters. Four or five words do well.")
    if len(password) > LONGEST:
        raise _refused("people.password_long", f"Use at most {LONGEST} characters.")
    if is_common(password, name=name):
        raise _refused(
            "people.password_common",
            "This password is among the first that are tried. Take a few words that do not belong together.",
        )
    return strength(password)


def is_common(password: str, *, name: str = "") -> bool:
    """Whether a password is one that is tried first: often used, too uniform, a run of keys, or one's own name."""
    folded = password.casefold()
    core = folded.strip(_ENDS)
    own = name.casefold().partition("@")[0]
    if len(set(folded)) < _VARIED or not core or core in _COMMON or (len(own) > 2 and core == own):
        return True
    return any(core in run or core in run[::-1] for run in _RUNS) or (len(core) < len(folded) // 2 and core in own)


def strength(password: str) -> Strength:
    """By length, and by how many different characters there are."""
    if len(password) >= _STRONG and len(set(password)) >= 10:
        return Strength.STRONG
    return Strength.GOOD if len(password) >= _GOOD and len(set(password)) >= 8 else Strength.FAIR


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password. Where none is stored it takes as long to say no."""
    try:
        _hasher().verify(stored or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # RFC 9106 §4, the second recommended choice: 64 MiB, three passes.
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash(ids.token())


def _refused(code: str, detail: str) -> Invalid:
    return Invalid(code, detail, side=Side.YOU)

"""The only source of chance: public ids, secrets, seeds, and the number printed on a certificate.

Crockford base32 (no I, L, O, U) is used wherever a person may have to read or type an id.
"""

import base64
import hashlib
import hmac
import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOWER = ALPHABET.lower()
_LOOKALIKES = str.maketrans("OIL", "011")


def public_id() -> str:
    """26 lower-case Crockford characters, 130 bits: unguessable, and fit for a URL."""
    bits = secrets.randbits(130)
    return "".join(_LOWER[bits >> place & 31] for place in range(0, 130, 5))


def is_public_id(text: str) -> bool:
    """Whether `text` has the form of a public id (says nothing about whether it exists)."""
    return re.fullmatch(r"[0-9a-hjkmnp-tv-z]{26}", text) is not None


def token() -> str:
    """A secret of 256 bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def base32_secret() -> str:
    """A secret of 160 bits as 32 characters of base32, which a person can type: for the codes of RFC 6238."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def digest(text: str) -> str:
    """SHA-256 of `text` in hex: what is stored of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_digest(text: str) -> bool:
    """Whether `text` has the form of a digest in hex (says nothing about whether it is of anything)."""
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None


def same(left: str, right: str) -> bool:
    """Compares two secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def seed() -> int:
    """63 random bits: the proof that goes with a recorded draw."""
    return secrets.randbits(63)


def short_code() -> str:
    """Eight characters that name one event in the log, for a person to read out to support."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def read_short_code(text: str) -> str | None:
    """A short code in its own form, read kindly (case, spaces, O for 0, I for 1); None if it cannot be one."""
    plain = re.sub(r"[\s\-–]", "", text).upper().translate(_LOOKALIKES)
    if len(plain) != 8 or any(char not in ALPHABET for char in plain):
        return None
    return f"{plain[:4]}-{plain[4:]}"


def jitter(spread: float) -> float:
    """A random number between 0 and `spread`, so that retries do not march in step."""
    return secrets.SystemRandom().random() * spread


def _check_character(body: str) -> str:
    """Weighted sum modulo 31 over the body: with a prime modulus any one wrong or swapped character is noticed."""
    total = sum((place + 2) * ALPHABET.index(char) for place, char in enumerate(body))
    return ALPHABET[total % 31]


def paper_number() -> str:
    """The number printed on a certificate, as `7Q4M-2KXP-9TBD`: 11 random characters and a check character."""
    body = "".join(secrets.choice(ALPHABET[:31]) for _ in range(11))
    number = body + _check_character(body)
    return "-".join(number[place : place + 4] for place in (0, 4, 8))


def check_paper_number(text: str) -> str | None:
    """The number in its printed form, read kindly (case, spaces, O for 0, I for 1); None if it cannot be one."""
    plain = re.sub(r"[\s\-–]", "", text).upper().translate(_LOOKALIKES)
    if len(plain) != 12 or any(char not in ALPHABET for char in plain):
        return None
    if _check_character(plain[:11]) != plain[11]:
        return None
    return "-".join(plain[place : place + 4] for place in (0, 4, 8))

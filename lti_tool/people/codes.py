"""The second factor: codes of six digits that an app makes anew each half minute (TOTP, RFC 6238)."""

import re
from datetime import datetime

import pyotp

from lti_tool.core import ids

_PERIOD = 30
_TOLERANCE = 1
_CODE = re.compile(r"[0-9]{6}")


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """The address that an app reads off a QR code."""
    return pyotp.TOTP(secret, interval=_PERIOD).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """The half minute whose code this is, the present one or its neighbours; None where it is none of them."""
    plain = re.sub(r"\s", "", code)
    if not _CODE.fullmatch(plain):
        return None
    totp, present = pyotp.TOTP(secret, interval=_PERIOD), int(now.timestamp()) // _PERIOD
    steps = range(present - _TOLERANCE, present + _TOLERANCE + 1)
    found = [step for step in steps if ids.same(totp.generate_otp(step), plain)]
    return found[-1] if found else None

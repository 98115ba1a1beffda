"""Reads numbers as people type them, exactly, and says so when it cannot be sure.

- The last of two different separators is the decimal one: 1,234.5 and 1.234,5 are the same number.
- One separator that comes several times, or blanks and apostrophes, group thousands: 1.234.567, 1 234, 1'234.
- A single point is always a decimal point. A single comma is a decimal comma, but with one to three digits before it
  and exactly three after it ("16,000") it may as well group thousands: both readings are given.
- Digits of any script, any minus sign, the unit after the number, and powers of ten (1e3, 1.5×10^3) are read.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

_MAX_EXPONENT = 30
_SIGNS = {ord(char): "-" for char in "−–‒﹣－"}
_SEPARATORS = {ord("٫"): ".", ord("٬"): "'", ord("’"): "'", ord("，"): ",", ord("．"): "."}
_PARTS = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<body>\d[\d.,' ]*|[.,]\d+)(?:\s*(?:[eE]|[×x*·]\s*10\s*\^?)\s*(?P<power>[+-]?\d{1,3}))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")
_DOUBTFUL = re.compile(r"[1-9]\d{0,2},\d{3}")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was read. `value` is None when it is no number; `other` is a second meaning that it may have."""

    value: Fraction | None
    other: Fraction | None = None


_NO_NUMBER = Reading(None)


def read_number(text: str, *, unit: str = "") -> Reading:
    """The number that a text means, with its second meaning if a single comma leaves it in doubt."""
    found = _PARTS.fullmatch(_plain(text, unit))
    if found is None:
        return _NO_NUMBER
    power = int(found["power"] or 0)
    body = found["body"].strip()
    digits = _decimal_form(body)
    if digits is None or abs(power) > _MAX_EXPONENT:
        return _NO_NUMBER
    factor = Fraction(10) ** power * (-1 if found["sign"] == "-" else 1)
    doubtful = _DOUBTFUL.fullmatch(body) and found["power"] is None
    other = Fraction(body.replace(",", "")) * factor if doubtful else None
    return Reading(Fraction(digits) * factor, other)


def as_text(value: Fraction) -> str:
    """A number that was read, written with a decimal point and no more digits than it has."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    whole, rest = divmod(size, 1)
    decimals = ""
    while rest:  # Ends: what is read has a power of ten below it.
        digit, rest = divmod(rest * 10, 1)
        decimals += str(digit)
    return f"{sign}{whole}" + (f".{decimals}" if decimals else "")


def _plain(text: str, unit: str) -> str:
    """The text in plain digits and signs, without the unit and with single blanks."""
    text = unicodedata.normalize("NFC", text).translate(_SIGNS).translate(_SEPARATORS)
    text = "".join(_digit(char) for char in text if unicodedata.category(char) != "Cf")
    text = " ".join(text.split())
    wanted = " ".join(unit.split())
    if wanted and text.casefold().endswith(wanted.casefold()):
        text = text[: -len(wanted)].rstrip()
    return text


def _digit(char: str) -> str:
    value = unicodedata.decimal(char, None)
    return char if value is None else str(value)


def _decimal_form(body: str) -> str | None:
    """Digits with at most one decimal point, or None when the separators make no number."""
    points, commas = body.count("."), body.count(",")
    if points and commas:
        decimal = max(".,", key=body.rfind)
    elif points + commas == 1:
        decimal = "." if points else ","
    else:
        decimal = ""
    whole, _, rest = body.partition(decimal) if decimal else (body, "", "")
    if body.count(decimal or "\0") > 1 or (rest and not rest.isdigit()):
        return None
    if whole and not whole.isdigit():
        if _GROUPED.fullmatch(whole) is None:
            return None
        whole = re.sub(r"\D", "", whole)
    return f"{whole or '0'}.{rest or '0'}"

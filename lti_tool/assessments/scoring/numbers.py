"""Reads numbers as people type them, exactly, and says so when it cannot be sure.

- The last of two different separators is the decimal one: 1,234.5 and 1.234,5 are the same number.
- One separator that comes several times, or blanks and apostrophes, group thousands: 1.234.567, 1 234, 1'234.
- A single point is always a decimal point. A single comma is a decimal comma, but with one to three digits before it
  and exactly three after it ("16,000") it may as well group thousands: both readings are given. An author may decide
  it: with decimal points "16,000" is sixteen thousand; with decimal commas it is sixteen, and "16.000" is in doubt.
- Digits of any script, any minus sign, the unit after the number, and powers of ten (1e3, 1.5×10^3) are read.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from lti_tool.assessments.model.interaction import Decimals

_MAX_EXPONENT = 30
_SIGNS = {ord(char): "-" for char in "−–‒﹣－"}
_SEPARATORS = {ord("٫"): ".", ord("٬"): "'", ord("’"): "'", ord("，"): ",", ord("．"): "."}
_PARTS = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<body>\d[\d.,' ]*|[.,]\d+)(?:\s*(?:[eE]|[×x*·]\s*10\s*\^?)\s*(?P<power>[+-]?\d{1,3}))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*")
_COMMA_IN_DOUBT, _POINT_IN_DOUBT = re.compile(r"[1-9]\d{0,2},\d{3}"), re.compile(r"[1-9]\d{0,2}\.\d{3}")
_IN_DOUBT = {
    Decimals.OPEN: _COMMA_IN_DOUBT,
    Decimals.POINT: _COMMA_IN_DOUBT,
    Decimals.COMMA: _POINT_IN_DOUBT,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a text was read. `value` is None when it is no number; `other` is a second meaning that it may have."""

    value: Fraction | None
    other: Fraction | None = None


_NO_NUMBER = Reading(None)


def read_number(text: str, *, decimals: Decimals = Decimals.OPEN) -> Reading:
    """The number that a text means, with its second meaning if a single separator leaves it in doubt."""
    found = _PARTS.fullmatch(_plain(text))
    if found is None:
        return _NO_NUMBER
    power = int(found["power"] or 0)
    body = found["body"].strip()
    digits = _decimal_form(body)
    if digits is None or abs(power) > _MAX_EXPONENT:
        return _NO_NUMBER
    factor = Fraction(10) ** power * (-1 if found["sign"] == "-" else 1) if power or found["sign"] else 1
    value = Fraction(digits) * factor
    if found["power"] is None and _IN_DOUBT[decimals].fullmatch(body):
        grouped = Fraction(body.replace(",", "").replace(".", "")) * factor
        if decimals is Decimals.POINT:
            return Reading(grouped)
        return Reading(value, grouped) if decimals is Decimals.OPEN else Reading(grouped, value)
    return Reading(value)


def without_unit(text: str, unit: str) -> str | None:
    """The text without the unit at its end, capitals aside; None where it does not end with it."""
    text, wanted = _plain(text), " ".join(unit.split())
    if not wanted or not text.casefold().endswith(wanted.casefold()):
        return None
    return text[: -len(wanted)].rstrip()


def rounded(value: Fraction, figures: int) -> Fraction:
    """A number rounded half up (away from zero) to so many significant digits."""
    if not value:
        return value
    size, step = abs(value), Fraction(1)
    while size >= 10 * step:
        step *= 10
    while size < step:
        step /= 10
    step /= Fraction(10) ** (figures - 1)
    whole = Fraction((2 * size / step + 1) // 2)
    return whole * step if value > 0 else -whole * step


def as_text(value: Fraction) -> str:
    """A number that was read, written with a decimal point and no more digits than it has."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    whole, rest = divmod(size, 1)
    decimals = ""
    while rest:  # Ends: what is read has a power of ten below it.
        digit, rest = divmod(rest * 10, 1)
        decimals += str(digit)
    return f"{sign}{whole}" + (f".{decimals}" if decimals else "")


def _plain(text: str) -> str:
    """The text in plain digits and signs, with single blanks."""
    if text.isascii():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text).translate(_SIGNS).translate(_SEPARATORS)
    return " ".join("".join(_digit(char) for char in text if unicodedata.category(char) != "Cf").split())


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

"""When two short texts are the same: what a keyboard, a phone or a text processor changes by itself does not count.

Patterns run in RE2, whose time grows with the length of the text only (docs/decisions/0012): no pattern of an author
and no answer of a learner can hold up the server.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import re2

from lti_tool.assessments.model.interaction import TextInteraction, TextMatch

MAX_PATTERN_MEMORY = 1 << 20

# Typographic apostrophes and hyphens, which phones put in unasked.
_TYPOGRAPHY = {ord(char): "'" for char in "‘’ʼ′`´"} | {ord(char): "-" for char in "‐‑‒–—−"}
# Invisible marks of direction and breaking. Joiners (U+200C, U+200D) stay: they are spelling in Persian and Hindi.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PLAINER = _INVISIBLE | _TYPOGRAPHY


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text fits an answer: with so many typing errors."""

    typos: int = 0


_EXACTLY = Fit()


@lru_cache(maxsize=8192)
def normalised(text: str, *, case_matters: bool, accents_matter: bool = True) -> str:
    """The text in NFC, trimmed, blanks collapsed, typography made plain; case and accents folded unless they matter."""
    text = unicodedata.normalize("NFC", text).translate(_PLAINER)
    text = " ".join(text.split())
    if not case_matters:
        text = unicodedata.normalize("NFC", text.casefold())
    if not accents_matter:
        parts = unicodedata.normalize("NFD", text)
        text = unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) != "Mn"))
    return text


def fit(response: str, answer: str, asked: TextInteraction, *, typos: int) -> Fit | None:
    """How a response fits an answer with exactly `typos` typing errors; None when it does not."""
    if asked.match is TextMatch.PATTERN:
        text = normalised(response, case_matters=True, accents_matter=asked.accents_matter)
        return _EXACTLY if not typos and pattern(answer, asked.case_matters).fullmatch(text) else None
    case, accents = asked.case_matters, asked.accents_matter
    one = normalised(response, case_matters=case, accents_matter=accents)
    other = normalised(answer, case_matters=case, accents_matter=accents)
    if asked.match is TextMatch.WILDCARDS:
        return _EXACTLY if not typos and fits_wildcards(one, other) else None
    if not typos:
        return _EXACTLY if one == other else None
    return Fit(typos) if distance(one, other, most=typos) == typos else None


@lru_cache(maxsize=1024)
def pattern(text: str, case_matters: bool) -> "re2._Regexp":
    """The compiled pattern; ValueError with RE2's reason when it is none."""
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = case_matters, False, MAX_PATTERN_MEMORY
    try:
        return re2.compile(text, options)
    except re2.error as broken:
        reason = broken.args[0] if broken.args else b""
        raise ValueError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None


def fits_wildcards(text: str, mask: str) -> bool:
    r"""Whether a text is the mask, in which * stands for anything, also for nothing, and \* for an asterisk."""
    pieces = [piece.replace("\0", "*") for piece in mask.replace(r"\*", "\0").split("*")]
    first, *rest = pieces
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        # The leftmost place is always as good as any: what it leaves for the rest is longest.
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def distance(one: str, other: str, *, most: int) -> int:
    """How many typing errors lie between two texts, at most `most` + 1: a letter more, less, other, or two swapped.

    (Optimal string alignment. Only the cells within `most` of the diagonal are looked at.)
    """
    beyond = most + 1
    if abs(len(one) - len(other)) > most:
        return beyond
    before: dict[int, int] = {}
    row = {at: at for at in range(min(len(other), most) + 1)}
    for i, letter in enumerate(one, start=1):
        now: dict[int, int] = {}
        for j in range(max(0, i - most), min(len(other), i + most) + 1):
            if j == 0:
                now[j] = i
                continue
            cost = row.get(j - 1, beyond) + (letter != other[j - 1])
            cost = min(cost, row.get(j, beyond) + 1, now.get(j - 1, beyond) + 1)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, before.get(j - 2, beyond) + 1)
            now[j] = cost
        before, row = row, now
    return min(row.get(len(other), beyond), beyond)

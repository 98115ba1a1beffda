"""When two short texts are the same: what a keyboard, a phone or a text processor changes by itself does not count."""

import unicodedata

# Typographic apostrophes and hyphens, which phones put in unasked.
_TYPOGRAPHY = {ord(char): "'" for char in "‘’ʼ′`´"} | {ord(char): "-" for char in "‐‑‒–—−"}
# Invisible marks of direction and breaking. Joiners (U+200C, U+200D) stay: they are spelling in Persian and Hindi.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def normalised(text: str, *, case_matters: bool) -> str:
    """The text in NFC, trimmed, blanks collapsed, typography made plain; case folded unless it matters."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE).translate(_TYPOGRAPHY)
    text = " ".join(text.split())
    return text if case_matters else unicodedata.normalize("NFC", text.casefold())


def same_text(response: str, answer: str, *, case_matters: bool) -> bool:
    """Whether a response is this answer."""
    return normalised(response, case_matters=case_matters) == normalised(answer, case_matters=case_matters)

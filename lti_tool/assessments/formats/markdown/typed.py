"""Reads questions that are answered by writing: short text, number, long text, files."""

import re
from decimal import Decimal
from fractions import Fraction

from lti_tool.assessments.formats.markdown.front_matter import Fields
from lti_tool.assessments.formats.markdown.parts import MAX_ANSWER, Source, share_before
from lti_tool.assessments.model.interaction import (
    Decimals,
    EssayInteraction,
    NumberInteraction,
    NumberKey,
    TextAnswer,
    TextInteraction,
    TextMatch,
    Unit,
    UploadInteraction,
)
from lti_tool.assessments.scoring.texts import normalised, pattern

_SIZE = r"\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?"
_NUMBER = re.compile(rf"(?P<value>[+-]?{_SIZE})(?:\s*(?:±|\+/-|\+-)\s*(?P<tolerance>{_SIZE})\s*(?P<percent>%)?)?")
_FIGURES = re.compile(rf"(?P<value>[+-]?{_SIZE})\s*\((?P<figures>[1-9]\d?) digits?\)")
_RANGE = re.compile(rf"(?P<low>[+-]?{_SIZE}) to (?P<high>[+-]?{_SIZE})")
_UNIT = re.compile(r"(?P<name>[^=]{1,40}?) ?= ?(?P<over>\d{1,9}(?:\.\d{1,9})?)(?: ?/ ?(?P<under>[1-9]\d{0,8}))?")
_COUNT = r"[1-9]\d{0,4}"
_WORDS = rf"(?P<least>{_COUNT}) to (?P<most>{_COUNT})|at most (?P<only_most>{_COUNT})|at least (?P<only_least>{_COUNT})"
_ENDING = re.compile(r"[a-z0-9]{1,8}")


def text(source: Source) -> TextInteraction:
    """Accepted words, as they stand, with wildcards, or as patterns."""
    fields = source.fields
    case_matters = fields.truth("case")
    match = _match(fields)
    found: dict[str, TextAnswer] = {}
    for raw in source.body.answers:
        share, rest = share_before(raw.text)
        feedback = source.phrase("\n".join(raw.feedback)) if raw.feedback else ""
        for words in _alternatives(rest, match):
            if _is_fit(source, words, match, line=raw.line):
                key = words if match is TextMatch.PATTERN else normalised(words, case_matters=case_matters)
                found.setdefault(key, TextAnswer(words, share, feedback))
    _need_answer(source, "= the answer")
    answers = tuple(found.values())
    _need_whole(source, [answer.share for answer in answers])
    return TextInteraction(answers, match, case_matters, _accents(fields), _typos(source, answers, match))


def text_alternatives(source: Source, written: str, *, line: int, name: str) -> TextInteraction:
    """The accepted words of a place in a text, divided by |."""
    found = _alternatives(written, TextMatch.EXACT)
    fit = [words for words in found if _is_fit(source, words, TextMatch.EXACT, line=line)]
    return TextInteraction(tuple(TextAnswer(words) for words in dict.fromkeys(fit)), id=name)


def number(source: Source) -> NumberInteraction:
    """A right number with its tolerance; more of them with shares."""
    _need_answer(source, "= 72 ± 0")
    keys: list[NumberKey] = []
    for raw in source.body.answers:
        share, rest = share_before(raw.text)
        if keys and share == 1:
            fix = "Keep one, with a tolerance if need be: = 72 ± 1; or give it a share: = [50%] 71"
            source.fault("a second right number", fix, line=raw.line)
        feedback = source.phrase("\n".join(raw.feedback)) if raw.feedback else ""
        key = number_key(source, rest, line=raw.line, share=share, feedback=feedback)
        keys += [key] if key else []
    if source.body.answers and keys:
        _need_whole(source, [key.share for key in keys])
    fields = source.fields
    unit = fields.text("unit", example="hours", longest=40)
    found = fields.matching("decimals", "point|comma", example="comma")
    return NumberInteraction(tuple(keys), unit, _units(fields, unit), Decimals(found[0]) if found else Decimals.OPEN)


def number_key(
    source: Source, written: str, *, line: int, share: Fraction = Fraction(1), feedback: str = ""
) -> NumberKey | None:
    """A number with its tolerance, such as 72 ± 1, 50 ± 5 %, 3.142 (4 digits) or 5 to 7; None with a fault noted."""
    plain = written.replace("−", "-")
    if found := _FIGURES.fullmatch(plain):
        return NumberKey(Decimal(found["value"]), figures=int(found["figures"]), share=share, feedback=feedback)
    if found := _RANGE.fullmatch(plain):
        low, high = Decimal(found["low"]), Decimal(found["high"])
        if low > high:
            source.fault("the range ends before it begins", "Write the smaller number first: = 5 to 7", line=line)
        return NumberKey((low + high) / 2, abs(high - low) / 2, share=share, feedback=feedback)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        fix = "Write it with a decimal point and without a unit, such as = 72 ± 0, = 3.14 ± 0.01 or = 50 ± 5 %."
        source.fault(f"“= {written[:40]}” is not a number", fix, line=line)
        return None
    value, tolerance, relative = Decimal(found["value"]), Decimal(found["tolerance"] or 0), found["percent"] is not None
    if relative and not value:
        source.fault("a percentage of 0 is 0", "Write the tolerance as a number: = 0 ± 0.1", line=line)
    return NumberKey(value, tolerance, relative, share=share, feedback=feedback)


def essay(source: Source) -> EssayInteraction:
    """Long text; `words` advises how long."""
    found = source.fields.matching("words", _WORDS, example="100 to 300 (or at most 300)")
    least = most = None
    if found:
        least, most = found["least"] or found["only_least"], found["most"] or found["only_most"]
    if least and most and int(least) > int(most):
        source.fields.fault("at least more words than at most", "Write the smaller number first.", key="words")
    _warn_of_marking(source)
    return EssayInteraction(source.html(source.body.rubric), int(least) if least else None, int(most) if most else None)


def upload(source: Source) -> UploadInteraction:
    """Files, of the kinds named in `accept`."""
    entries = source.fields.entries("accept", example="accept: [pdf, docx]", required=True)
    accept = [entry.content.lower().lstrip(".") for entry in entries if isinstance(entry.content, str)]
    if not all(_ENDING.fullmatch(ending) for ending in accept):
        source.fields.fault("an ending that is none", "Write endings only: accept: [pdf, docx]", key="accept")
    files = source.fields.matching("files", r"[1-9]|10", example="2")
    _warn_of_marking(source)
    size = source.fields.matching("megabytes", r"[1-9]\d?|100", example="10")
    return UploadInteraction(
        tuple(dict.fromkeys(accept)),
        int(files[0]) if files else 1,
        int(size[0]) if size else 10,
        source.html(source.body.rubric),
    )


def _warn_of_marking(source: Source) -> None:
    """No page takes files or marks by hand yet: an author must know before a learner does."""
    fix = "Use it where these points need not be earned, or ask by another kind."
    source.fields.fault("nobody can mark this by hand in the tool yet", fix, key="kind", fatal=False)


def _match(fields: Fields) -> TextMatch:
    found = fields.matching("match", "|".join(TextMatch), example="wildcards (or pattern)")
    return TextMatch(found[0]) if found else TextMatch.EXACT


def _accents(fields: Fields) -> bool:
    found = fields.matching("accents", "matter|ignored", example="ignored")
    return found is None or found[0] == "matter"


def _typos(source: Source, answers: tuple[TextAnswer, ...], match: TextMatch) -> int:
    found = source.fields.matching("typos", "[0-2]", example="1")
    typos = int(found[0]) if found else 0
    if typos and match is not TextMatch.EXACT:
        source.fields.fault("typos go with plain answers only", "Remove typos, or match.", key="typos")
    short = next((answer.text for answer in answers if typos and len(answer.text) < 4 * typos), None)
    if short is not None:
        problem = f"with typos: {typos} many other words would pass for “{short}”"
        source.fields.fault(problem, f"Take it for answers of {4 * typos} letters or more.", key="typos")
    return typos


def _alternatives(written: str, match: TextMatch) -> list[str]:
    if match is TextMatch.PATTERN:
        return [written.strip()]  # | divides a pattern itself.
    return [" ".join(part.replace(r"\|", "|").split()) for part in re.split(r"(?<!\\)\|", written)]


def _is_fit(source: Source, words: str, match: TextMatch, *, line: int) -> bool:
    if not words:
        source.fault("an empty answer", "Write the answer after =, or remove the | beside it.", line=line)
        return False
    if len(words) > MAX_ANSWER:
        source.fault(f"an answer longer than {MAX_ANSWER} characters", "Ask for less.", line=line)
        return False
    if match is TextMatch.WILDCARDS and not words.replace("*", "").strip():
        source.fault("* alone accepts everything", "Write some of the word, such as photo*.", line=line)
        return False
    if match is TextMatch.PATTERN:
        try:
            for case_matters in (True, False):
                pattern(words, case_matters)
        except ValueError as broken:
            fix = "Use a pattern of RE2; it has no look-around and no back-references."
            source.fault(f"the pattern cannot be read: {broken}", fix, line=line)
            return False
    return True


def _units(fields: Fields, unit: str) -> tuple[Unit, ...]:
    units = []
    for entry in fields.entries("units", example='units: ["minutes = 1/60"]'):
        found = _UNIT.fullmatch(entry.content) if isinstance(entry.content, str) else None
        if found is None or not Fraction(found["over"]):
            fix = 'Say how much of the unit one of it is: units: ["minutes = 1/60"]'
            fields.fault("a unit that cannot be read", fix, line=entry.line)
        else:
            units.append(Unit(found["name"].strip(), Fraction(found["over"]) / int(found["under"] or 1)))
    if units and not unit:
        fields.fault("units without a unit", "Name the unit of the answer too: unit: hours", key="units")
    return tuple(units)


def _need_answer(source: Source, example: str) -> None:
    if not source.body.answers:
        source.fault("there is no right answer", f"Add a line: {example}")


def _need_whole(source: Source, shares: list[Fraction]) -> None:
    if shares and not any(share == 1 for share in shares):
        fix = "Let one answer stand without a share."
        source.fault("no answer earns all the points", fix, line=source.body.answers[0].line)
    if any(not 0 <= share <= 1 for share in shares):
        fix = "Write a share from 0 % to 100 %."
        source.fault("a share that no answer can have", fix, line=source.body.answers[0].line)

"""The printable form of a credential: one page A4 landscape, built as PDF/A-3a and PDF/UA-1 by typst.

The same record gives the same bytes: the time stamp is the moment of issue, fonts are the hash-checked ones, nothing
is read from the system. Data goes in as JSON and is never part of the template's code. A warning of the compiler is
an error.
"""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import typst

from lti_tool.core.errors import Conflict, ToolError
from lti_tool.core.paths import templates_dir
from lti_tool.credentials.faces import Faces, check_name
from lti_tool.credentials.facts import CredentialFacts
from lti_tool.credentials.ornament import frame_svg, seal_svg, star_svg
from lti_tool.credentials.qr import qr_svg
from lti_tool.credentials.textlayer import mend
from lti_tool.credentials.typesetting import fit_name, typeset

_PAGE_MM = (297.0, 210.0)
_NAME_WIDTH_MM = 215.0
_STANDARDS = ["a-3a", "ua-1"]
_thread = threading.local()


@dataclass(frozen=True)
class CertificateFacts:
    """All that stands on the paper. `signed_json` is attached to the PDF, so that the file alone can be checked."""

    credential: CredentialFacts
    number: str
    address: str
    issued_at: datetime
    signed_json: bytes


class CannotSet(Conflict):
    """A text of the certificate cannot be set with the faces at hand; `detail` says which, why, and what to do."""


class DrawingFailed(ToolError):
    """typst refused or warned: a fault of the template, not of the holder."""


def draw(faces: Faces, facts: CertificateFacts) -> bytes:
    """The PDF. Raises CannotSet where a face is missing, DrawingFailed when typst is not wholly content."""
    pdf = _compile(faces, facts, format="pdf", pdf_standards=_STANDARDS)
    return mend(pdf, _foreign(faces, facts.credential))


def draw_picture(faces: Faces, facts: CertificateFacts, *, ppi: float = 100) -> bytes:
    """The same page as a PNG."""
    return _compile(faces, facts, format="png", ppi=ppi)


def cannot_set(faces: Faces, facts: CredentialFacts) -> str | None:
    """Why the certificate of these facts cannot be drawn here; None if it can."""
    if faces.lacks_own():
        return (
            "The fonts of the certificate are not installed here. The administrator can run `make fonts`; "
            "the certificate is then drawn by itself."
        )
    for label, text in _printed(facts):
        verdict = check_name(faces, text)
        if not verdict.ok:
            return f"The {label} “{text}” cannot be printed yet. {verdict.reason}"
    return None


def _compile(faces: Faces, facts: CertificateFacts, **form: Any) -> bytes:
    reason = cannot_set(faces, facts.credential)
    if reason is not None:
        raise CannotSet("credentials.cannot_set", "%(reason)s", reason=reason)
    inputs = {"data": json.dumps(_data(faces, facts), ensure_ascii=False), "signed": facts.signed_json.decode()}
    try:
        made, warnings = _compiler(faces).compile_with_warnings(sys_inputs=inputs, timestamp=facts.issued_at, **form)
    except typst.TypstError as fault:
        raise _failed(fault.message) from fault
    _refuse_warnings(warnings)
    if not isinstance(made, bytes):
        raise _failed("more than one page")
    return made


def _refuse_warnings(warnings: list[typst.TypstWarning]) -> None:
    """A warning may mean a face that was not found: then the page is not what it should be, though it compiled."""
    if warnings:
        raise _failed("; ".join(warning.message for warning in warnings))


def _failed(message: str) -> DrawingFailed:
    return DrawingFailed(
        "credentials.drawing",
        "The certificate could not be drawn.",
        "The credential itself is issued and can be checked; the drawing is tried again by itself.",
        log={"typst": message},
    )


def _compiler(faces: Faces) -> typst.Compiler:
    """This thread's compiler: one cannot be shared (`Already borrowed`), and a fresh one costs 80 ms a page."""
    fonts = faces.typst_fonts()
    if getattr(_thread, "fonts", None) is not fonts:
        folder = templates_dir() / "certificate"
        _thread.compiler = typst.Compiler(
            str(folder / "classic.typ"), root=str(folder), font_paths=fonts, ignore_system_fonts=True
        )
        _thread.fonts = fonts
    compiler: typst.Compiler = _thread.compiler
    return compiler


def _printed(facts: CredentialFacts) -> Iterator[tuple[str, str]]:
    """The texts on the paper that were written by people, each with what to call it."""
    yield "name", facts.holder_name
    yield "title", facts.title
    yield "organisation's name", facts.organisation_name
    for label, text in (("level", facts.level), ("assessment", facts.assessment)):
        if text:
            yield label, one_line(text)
    for outcome in facts.outcomes:
        yield "learning outcome", one_line(outcome)


def _foreign(faces: Faces, facts: CredentialFacts) -> frozenset[str]:
    """The runs that are not in Noto Serif: those whose text layer may need mending."""
    runs = (run for _, text in _printed(facts) for run in faces.runs(text))
    return frozenset(run.text for run in runs if run.script is not None and run.script.face.family != "Noto Serif")


def one_line(text: str) -> str:
    """A text without line breaks and doubled spaces."""
    return " ".join(text.split())


def _data(faces: Faces, facts: CertificateFacts) -> dict[str, object]:
    """What the template reads."""
    said = facts.credential
    words = _words(said.language)
    fitted = fit_name(faces, said.holder_name, width_mm=_NAME_WIDTH_MM)
    organisation = typeset(faces, said.organisation_name)
    origin, path = facts.address[: -len(_path(facts.address))], _path(facts.address)
    return {
        "lang": words["lang"],
        "document_title": f"{said.title} – {said.holder_name}",
        "author": said.organisation_name,
        "name": [typeset(faces, line) for line in fitted.lines],
        "name_size": fitted.size,
        "title": typeset(faces, said.title),
        "organisation": organisation,
        # Letters that join cannot be set one by one around a ring.
        "ring": said.organisation_name if all(span["own"] for span in organisation["spans"]) else "",
        "facts": [typeset(faces, text) for text in _figures(said, words)],
        "outcomes": [typeset(faces, one_line(text)) for text in said.outcomes],
        "dates": _dates(said, words),
        "number": facts.number,
        "address": facts.address,
        "origin": origin,
        "path": path,
        "origin_size": min(8.5, 260 / len(origin)),
        "qr": qr_svg(facts.address),
        "words": words,
        "pictures": {
            "frame": frame_svg(*_PAGE_MM),
            "seal": seal_svg(facts.number),
            "star": star_svg(),
        },
    }


def _path(address: str) -> str:
    return urlsplit(address).path


def _figures(said: CredentialFacts, words: dict[str, Any]) -> list[str]:
    figures = []
    if said.hours is not None:
        figures.append(words["hours"].format(_number(said.hours)) if said.hours != 1 else words["hour"])
    if said.credits is not None:
        kind = "credits" if said.credits != 1 else "credit"
        figures.append(words[kind].format(_number(said.credits), said.credit_system))
    if said.level:
        figures.append(one_line(said.level))
    if said.result_percent:
        mark = words["pass_mark"].format(said.pass_mark) if said.pass_mark else ""
        figures.append(words["result"].format(said.result_percent) + mark)
    return figures


def _dates(said: CredentialFacts, words: dict[str, Any]) -> list[list[str]]:
    pairs = [[words["awarded"], _day(said.awarded_on, words)]]
    if said.valid_until:
        pairs.append([words["until"], _day(said.valid_until, words)])
    return pairs


def _day(day: date, words: dict[str, Any]) -> str:
    """A date with its month in words: no reader takes it for another."""
    text: str = words["date"].format(day=day.day, month=words["months"][day.month - 1], year=day.year)
    return text


def _number(value: float) -> str:
    return f"{value:g}"


def _words(language: str) -> dict[str, Any]:
    """The certificate's own words in a language that we have, else in English."""
    known = _all_words()
    return known.get(language.lower()) or known.get(language.lower().split("-")[0]) or known["en"]


@cache
def _all_words() -> dict[str, dict[str, Any]]:
    text = (templates_dir() / "certificate" / "words.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = json.loads(text)
    return {language: {**words, "lang": language} for language, words in loaded.items()}

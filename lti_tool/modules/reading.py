"""A package while it is read: what is understood so far, and what is wrong, with the lines of the files."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field

from lti_tool.assessments import Issue
from lti_tool.modules.checking import Fault
from lti_tool.modules.faults import fault, warning
from lti_tool.modules.markdown import Rendered, read_markdown
from lti_tool.modules.pictures import MediaFile


@dataclass
class Reading:
    """A package while it is read: what is understood so far, and what is wrong."""

    media: dict[str, MediaFile] = field(default_factory=dict)
    used_media: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)
    language: str = "en"

    def picture(self, name: str) -> MediaFile | None:
        """The picture that a text names, noted as used."""
        self.used_media.add(name)
        return self.media.get(name)

    def render(self, path: str, text: str, *, first_line: int = 1, page: bool = False) -> Rendered:
        """The text as HTML; its faults are noted with the lines of the file."""
        made = read_markdown(text, media=self.picture, language=self.language, page=page)
        for found in made.faults:
            self._note(path, found, first_line + found.line - 1)
        return made

    def fragments(self, path: str, source: str) -> Callable[[str], str]:
        """A renderer for pieces of the file `source`; each piece is looked up there to know its line."""

        def render(text: str) -> str:
            made = read_markdown(text, media=self.picture, language=self.language, page=False)
            for found in made.faults:
                self._note(path, found, _line_in(source, text, found.line, found.near))
            return made.html

        return render

    def _note(self, path: str, found: Fault, line: int) -> None:
        make = fault if found.fatal else warning
        issue = make(path, found.problem, found.fix + self._nearest(found.near), line)
        # A piece that is rendered twice has its faults once.
        if issue not in self.issues:
            self.issues.append(issue)

    def _nearest(self, name: str) -> str:
        close = difflib.get_close_matches(name, self.media, 1) if name.startswith("media/") else []
        return f" Did you mean {close[0]}?" if close and name not in self.media else ""


def line_of(source: str, needle: str) -> int:
    """The first line that holds `needle`; 1 when none does."""
    place = source.find(needle)
    return source.count("\n", 0, place) + 1 if place >= 0 else 1


def _line_in(source: str, fragment: str, line: int, near: str) -> int:
    """The line of the file for a fault on `line` of a piece of it.

    A piece may have lost its markers on the way (`> ` before feedback); then what stands near the fault is looked for.
    """
    whole = fragment.strip("\n")
    if whole and (place := source.find(whole)) >= 0:
        skipped = len(fragment) - len(fragment.lstrip("\n"))
        return source.count("\n", 0, place) + line - skipped
    return line_of(source, near) if near else 1

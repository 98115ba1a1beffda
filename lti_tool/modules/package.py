"""The module package: a folder or zip of Markdown with YAML front matter (docs: the module package, exactly).

Everything is read before anything is refused, so an author sees all faults at once, each with file, line and fix.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lti_tool.assessments import Issue
from lti_tool.core.errors import Invalid, Side
from lti_tool.modules.authoring import read_definition
from lti_tool.modules.definition import ModuleDefinition
from lti_tool.modules.files import SourceFiles, UnsafeFiles, read_files
from lti_tool.modules.pictures import MediaFile

READER = 1
"""Counted up when the same files come to mean something else, as by a mended rendering: they are a new version then."""


@dataclass(frozen=True)
class Package:
    """A module ready to publish. `media` by file name; `digest` names the content; `warnings` stop nothing."""

    definition: ModuleDefinition
    media: Mapping[str, MediaFile]
    digest: str
    warnings: tuple[Issue, ...]


class PackageFaults(Invalid):
    """A package that cannot be published; `faults` lists every reason."""

    def __init__(self, name: str, faults: Sequence[Issue]) -> None:
        self.faults = tuple(sorted(faults, key=lambda issue: (issue.path, issue.line)))
        super().__init__(
            "modules.package",
            "The module “%(name)s” was not published, and nothing was changed. Faults found: %(count)d.",
            "Mend what is listed, then try again.",
            side=Side.YOU,
            name=name,
            count=len(self.faults),
        )

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(str(issue) for issue in self.faults)])


def read_package(source: Path) -> Package:
    """The package in a folder or zip; PackageFaults with all that is wrong."""
    try:
        found = read_files(source)
    except UnsafeFiles as unsafe:
        raise PackageFaults(source.name, unsafe.issues) from None
    definition, reading = read_definition(found)
    faults = [issue for issue in reading.issues if issue.fatal]
    if faults or definition is None:
        raise PackageFaults(found.slug, faults)
    warnings = tuple(issue for issue in reading.issues if not issue.fatal)
    return Package(definition, reading.media, _digest(found), warnings)


def _digest(found: SourceFiles) -> str:
    """The same for a folder and a zip of it: over the slug and every file's name and content."""
    whole = hashlib.sha256(f"{READER}\n{found.slug}\n".encode())
    for name in sorted(found.files):
        whole.update(f"{hashlib.sha256(found.files[name]).hexdigest()} {name}\n".encode())
    return whole.hexdigest()

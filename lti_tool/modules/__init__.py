"""What is taught: modules as packages of Markdown, read whole or refused whole, and published as immutable versions.

The room promises that a published version never changes, that its HTML is safe to put into a page as it is, and that a
package which is refused says every fault at once, with file, line and fix. Answers are in the definition: whoever shows
an item to a learner must show its public half only.
"""

from lti_tool.modules.definition import ModuleDefinition, Page, Skill
from lti_tool.modules.markdown import render
from lti_tool.modules.package import Package, PackageFaults, read_package
from lti_tool.modules.pictures import MEDIA_POLICY, MediaFile
from lti_tool.modules.progress import PageProgress, Progress, note_position, progress_of
from lti_tool.modules.versions import (
    Media,
    Module,
    ModuleCard,
    ModuleVersion,
    find_module,
    find_version,
    list_modules,
    media,
    newest_version,
    publish,
)

__all__ = [
    "MEDIA_POLICY",
    "Media",
    "MediaFile",
    "Module",
    "ModuleCard",
    "ModuleDefinition",
    "ModuleVersion",
    "Package",
    "PackageFaults",
    "Page",
    "PageProgress",
    "Progress",
    "Skill",
    "find_module",
    "find_version",
    "list_modules",
    "media",
    "newest_version",
    "note_position",
    "progress_of",
    "publish",
    "read_package",
    "render",
]

"""Folders and files that the tool makes for itself, and how it says that it cannot."""

from pathlib import Path

from lti_tool.core.errors import Invalid


class NotWritable(Invalid):
    """Something cannot be made, read or written there; the operator can mend it."""

    def __init__(self, path: Path, fault: OSError) -> None:
        super().__init__(
            "core.not_writable",
            "“%(path)s” cannot be made, read or written: %(reason)s.",
            "Nothing was changed. Let the user that runs this write there, or name another place.",
            path=str(path),
            reason=(fault.strerror or type(fault).__name__).lower(),
        )


def make_folder(path: Path) -> None:
    """Makes a folder where there is none yet; NotWritable when that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise NotWritable(path, fault) from None

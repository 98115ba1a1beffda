"""Where the house's own files lie: in the wheel beside the code, in a checkout beside the package."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def templates_dir() -> Path:
    """The folder of all page and certificate templates."""
    return _folder("templates")


def configs_dir() -> Path:
    """The folder of everything an operator edits."""
    return _folder("configs")

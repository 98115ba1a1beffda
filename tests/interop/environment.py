"""An environment of Python packages beside the project's own: made once, of locked versions, and kept in `.cache`."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.needs import need

CACHE = ROOT / ".cache" / "interop"
_LONGEST = 200


def python_with(requirements: Path) -> Path:
    """The Python of an environment with exactly these packages; skips where they cannot be fetched (in CI it fails)."""
    locked = requirements.read_bytes() + sys.version.encode()
    home = CACHE / f"{requirements.stem}-{hashlib.sha256(locked).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Two runs of the tests do not build it at once.
        python = home / "bin" / "python"
        if not ((home / "complete").exists() and python.exists()):
            _build(home, requirements)
    return python


def _build(home: Path, requirements: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    need(uv.exists(), "uv, which `make test` brings")
    for old in CACHE.glob(f"{requirements.stem}-*"):
        shutil.rmtree(old)
    _run(uv, "venv", "--python", sys.executable, home)
    _run(
        uv, "pip", "install", "--python", home / "bin" / "python", "--only-binary", ":all:", "--require-hashes",
        "--compile-bytecode", "-r", requirements,
    )  # fmt: skip
    (home / "complete").touch()


def _run(*command: str | Path) -> None:
    wanted = [*map(str, command), "--quiet"]
    try:
        done = subprocess.run(wanted, capture_output=True, text=True, timeout=_LONGEST)
        fault = (done.stderr or "no reason given") if done.returncode else ""
    except subprocess.TimeoutExpired:
        fault = f"no answer in {_LONGEST} seconds"
    need(not fault, f"packages from the Python package index, which cannot be had now: {fault.partition(chr(10))[0]}")

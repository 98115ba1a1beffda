"""Brings the faces that names in every script need: `python -m lti_tool.credentials.fonts` (`make fonts`).

As root on Debian the packages are installed; otherwise they are fetched and unpacked beside the checkout (or among the
user's own data). Where neither can be done, one line says what is missing; credentials are issued all the same, and
their certificates wait.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lti_tool.credentials.faces import Faces, checkout_fonts, user_fonts
from lti_tool.credentials.scripts import PACKAGES

_WAIT_SECONDS = 900


def main() -> int:
    """Status 0 when all faces are there, else 1."""
    if not Faces.find().missing():
        return 0
    _bring()
    missing = Faces.find().missing()
    if not missing:
        _say("Fonts for names in every script are ready.")
        return 0
    families = sorted({spec.family for spec in missing})
    _say(
        f"Certificates whose names need one of {len(families)} missing fonts ({', '.join(families[:3])} …) will wait: "
        f"install the packages {' and '.join(PACKAGES)} (Debian 12), or unpack them into {_own_folder()}."
    )
    return 1


def _bring() -> None:
    if not shutil.which("apt-get"):
        return
    if os.geteuid() == 0:
        _say(f"Installing {' and '.join(PACKAGES)} …")
        install = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *PACKAGES]
        if _run(["apt-get", "-qq", "update"]) and _run(install):
            return
    if shutil.which("dpkg-deb"):
        _say(f"Fetching {' and '.join(PACKAGES)} into {_own_folder()} …")
        _unpack(_own_folder())


def _unpack(folder: Path) -> None:
    """Fetches the packages as any user may, and unpacks them without installing anything."""
    with tempfile.TemporaryDirectory() as fetched:
        if not _run(["apt-get", "-qq", "download", *PACKAGES], Path(fetched)):
            return
        folder.mkdir(parents=True, exist_ok=True)
        for package in sorted(Path(fetched).glob("*.deb")):
            _run(["dpkg-deb", "-x", str(package), str(folder)])


def _own_folder() -> Path:
    return checkout_fonts() or user_fonts()


def _run(command: list[str], folder: Path | None = None) -> bool:
    """Whether the command went well; what it had to say otherwise is shown, as it names the cause."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_WAIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        _say(f"{command[0]}: {fault}")
        return False
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        _say(f"{' '.join(command[:3])}: {last[0]}")
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

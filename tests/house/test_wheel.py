"""The wheel, installed in a clean environment outside the checkout, is the whole tool: command, pages, demo.

Only the wheel itself is installed there. The libraries that it depends on are lent from the tests' environment, by a
path file, since fetching them again would prove nothing about the wheel. That they are all declared is seen from its
metadata.
"""

import importlib.metadata
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
UV = Path(sysconfig.get_path("scripts")) / "uv"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.xdist_group("wheel")]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what the environment has: hatchling and nothing fetched."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment that has the wheel."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, folder], check=True, timeout=60)
    python = folder / "bin" / "python"
    subprocess.run(
        [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], check=True, timeout=60
    )
    place = next(folder.glob("lib/python*/site-packages"))
    # After the wheel's own package on the path; and the checkout's path file is not followed, as a path file names it.
    (place / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


def clean_environment(folder: Path) -> dict[str, str]:
    """An environment in which nothing leads back to the checkout."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "PYTHONNOUSERSITE": "1"}


def test_the_wheel_carries_pages_settings_and_typing_mark(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"lti_tool/py.typed", "lti_tool/configs/example.toml", "lti_tool/web/static/app.css"} <= names
    for folder in ("templates", "configs"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and not path.name.startswith("."):
                assert f"lti_tool/{path.relative_to(ROOT).as_posix()}" in names
    assert not [name for name in names if name.startswith("tests/") or name.endswith(".db")]


def test_every_library_that_is_imported_is_declared(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        metadata = next(name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        lines = packed.read(metadata).decode().splitlines()
    declared = {Requirement(line.partition(": ")[2]).name.lower() for line in lines if line.startswith("Requires-Dist")}
    owners = importlib.metadata.packages_distributions()
    from tests.house.source import imports, modules

    missing = set()
    for module in modules(ROOT):
        for item in imports(module):
            root = item.source.partition(".")[0]
            if root in sys.stdlib_module_names or root == "lti_tool":
                continue
            names = {owner.lower() for owner in owners.get(root, [root])}
            # Flask brings these, and is made of them.
            if not names & (declared | {"werkzeug", "jinja2", "markupsafe"}):
                missing.add(f"{module.name}: {root}")
    assert missing == set()


def test_the_command_reads_well(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed / "lti-tool", "--help"],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for command in ("demo", "serve", "worker", "migrate", "platform", "module", "credential"):
        assert f"\n  {command} " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_the_demo_starts_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    port = free_ports()
    server = subprocess.Popen(
        [installed / "lti-tool", "demo", "--no-browser", "--port", str(port), "--data", str(tmp_path / "data")],
        cwd=tmp_path,
        env=clean_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said = list(until_ready(server))
        assert said[-1].startswith("ready http://lms.localhost:"), "".join(said)
        package = subprocess.run(
            [installed / "python", "-c", "import lti_tool; print(lti_tool.__file__)"],
            cwd=tmp_path,
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
        ).stdout
        assert package.startswith(str(installed.parent)), "the demo ran from the wheel, not from the checkout"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(5)
        assert server.stdout is not None
        server.stdout.close()


def until_ready(server: subprocess.Popen[str]) -> Iterator[str]:
    """The lines of a starting server, up to the one that says it is ready (or up to its end)."""
    assert server.stdout is not None
    watchdog = time.monotonic() + 90
    for line in server.stdout:
        yield line
        if line.startswith("ready ") or time.monotonic() > watchdog:
            return


def free_ports() -> int:
    """A port that is free, as is the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port

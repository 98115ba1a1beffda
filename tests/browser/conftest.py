"""A demo as a person starts it, and browsers to walk through it; one demo for each file of tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests import demo_process
from tests.browser import chrome, looking
from tests.needs import need

Opener = Callable[..., chrome.Browser]


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, for one file: an event loop that stayed would disturb other tests of the same worker."""
    need(chrome.CHROMIUM.exists(), "Chromium: install the package chromium")
    need(looking.AXE.exists(), "axe-core for the accessibility checks: install npm and run npm ci")
    with sync_playwright() as running:
        yield running


@dataclass(frozen=True)
class Sites:
    """A running demo: where its two sites are, and the settings that commands for an operator need."""

    lms_url: str
    tool_url: str
    settings: Path


@pytest.fixture(scope="module")
def demo(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """LMS and tool on two sites of this machine, `lms.localhost` and `tool.localhost`; no browser, no demo."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    with demo_process.demo(folder, hosts="lms.localhost,tool.localhost") as running:
        yield Sites(running.lms_url, running.tool_url, folder / "lti-tool.toml")


@pytest.fixture(scope="module")
def canvas(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The same with an LMS of the Canvas kind, which has platform storage."""
    folder = tmp_path_factory.mktemp("canvas") / "data"
    with demo_process.demo(folder, hosts="lms.localhost,tool.localhost", flavour="canvas") as running:
        yield Sites(running.lms_url, running.tool_url, folder / "lti-tool.toml")


@pytest.fixture
def open_browser(playwright: Playwright, tmp_path: Path) -> Iterator[Opener]:
    """Starts browsers with fresh profiles; whatever a page of theirs complained about fails the test at its end."""
    with ExitStack() as opened:
        numbers = iter(range(100))

        def open_one(**wanted: object) -> chrome.Browser:
            profile = tmp_path / f"profile-{next(numbers)}"
            return opened.enter_context(chrome.browser(playwright, profile, **wanted))  # type: ignore[arg-type]

        yield open_one


@pytest.fixture
def browser(open_browser: Opener) -> chrome.Browser:
    """A browser with a fresh profile, 1280 px wide."""
    return open_browser()


@pytest.fixture
def album(request: pytest.FixtureRequest) -> looking.Album:
    """Where the pictures of this test go."""
    return looking.Album(looking.album_folder(f"{request.path.stem} {request.node.name}"))

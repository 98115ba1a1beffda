"""Debian's Chromium with its own defaults for cookies and storage, and whatever goes wrong in a page written down.

Playwright's own flags are left out: one of them (ThirdPartyStoragePartitioning off) changes just what is tested here.
Frames share their page's process, as on many phones: where each site has its own, a question of Playwright's to a frame
that moves to another process may never be answered (3 of 36 runs on a busy machine, 0 of 36 so). What a frame keeps and
sees does not hang on it: cookies and storage are partitioned, and origins kept apart, just the same.
A profile is a folder, so that what a person may set is written into its Preferences before the start.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, Request, Response, WebError, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

CHROMIUM = Path(shutil.which("chromium") or "/usr/bin/chromium")
PATIENCE = 20_000
"""Milliseconds that a page may take before a test gives up; two busy cores can be slow."""

START = 30_000
"""Milliseconds that a browser may take to come up."""

_FLAGS = (
    "--remote-debugging-pipe",
    "--headless",
    "--no-first-run",
    "--disable-gpu",
    # A key pressed while a page changes is handled, not held back for good: nobody here would press it again.
    "--allow-pre-commit-input",
    # It stays on this machine.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Frames in their page's process.
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,OriginKeyedProcessesByDefault",
)

# A violation of the content security policy becomes a line on the console, wherever it happens.
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", told =>
  console.error(`CSP: ${told.effectiveDirective} kept out ${told.blockedURI} (${told.sourceFile}:${told.lineNumber})`));
"""


@dataclass
class Watch:
    """Writes down what a page or a frame should never show: errors, warnings, refused policies, failed requests."""

    faults: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Begins to watch every page of a browser, those it will open too."""
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def expect(self, *words: str) -> None:
        """From now on a line with all these words is no fault."""
        self._expected.append("\0".join(words))

    def take(self) -> list[str]:
        """The faults so far; they count as seen."""
        seen, self.faults = self.faults, []
        return seen

    def _note(self, line: str) -> None:
        if not any(all(word in line for word in words.split("\0")) for words in self._expected):
            self.faults.append(line)

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning", "assert"):
            self._note(f"console {said.type}: {said.text} [{said.location.get('url', '')}]")

    def _error(self, error: WebError) -> None:
        self._note(f"script: {error.error} {error.error.stack}")

    def _failed(self, request: Request) -> None:
        # A page that is left while something still loads, and a download, end so too.
        if request.failure != "net::ERR_ABORTED":
            self._note(f"request: {request.method} {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"answer: {response.status} {response.request.method} {response.url}")


@dataclass(frozen=True)
class Browser:
    """One person's browser."""

    context: BrowserContext
    watch: Watch

    def page(self) -> Page:
        """A new tab."""
        return self.context.new_page()


@contextmanager
def browser(
    playwright: Playwright,
    profile: Path,
    *,
    width: int = 1280,
    preferences: dict[str, object] | None = None,
    dark: bool = False,
    mapped: str = "",
) -> Iterator[Browser]:
    """Starts a browser on a fresh profile, twice if need be; on leaving, any fault that a page showed fails the test.

    `mapped` is a rule for where a host is found, as in `MAP tool.localhost:8001 127.0.0.1:9000`.
    """

    def start(folder: Path) -> BrowserContext:
        settings = folder / "Default" / "Preferences"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(preferences or {}), encoding="utf-8")
        return playwright.chromium.launch_persistent_context(
            folder,
            executable_path=CHROMIUM,
            ignore_default_args=True,
            args=[*_FLAGS, f"--user-data-dir={folder}", *_flags(mapped)],
            viewport={"width": width, "height": 720 if width > 500 else 667},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            timeout=START,
        )

    try:
        context = start(profile)
    except PlaywrightTimeout:  # Rarely one hangs before its first word: nothing of ours has been asked yet.
        profile = profile.with_name(f"{profile.name}-again")
        context = start(profile)
    watch = Watch()
    watch.over(context)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    try:
        yield Browser(context, watch)
    finally:
        context.close()
        shutil.rmtree(profile, ignore_errors=True)
    assert not watch.faults, "\n".join(watch.faults)


def _flags(mapped: str) -> Iterator[str]:
    if os.geteuid() == 0:
        yield "--no-sandbox"
    if mapped:
        yield f"--host-resolver-rules={mapped}"


def ordinary() -> dict[str, object]:
    """Preferences of somebody who lets sites embedded in other sites keep what they like."""
    return {"profile": {"cookie_controls_mode": 0}}


def blocked_in_frame() -> dict[str, object]:
    """Preferences of somebody who blocks all site data of the tool inside the LMS's frame, and only there."""
    return {
        "profile": {
            "content_settings": {"exceptions": {"cookies": {"[*.]tool.localhost,[*.]lms.localhost": {"setting": 2}}}}
        }
    }


def blocked_everywhere() -> dict[str, object]:
    """Preferences of somebody who blocks all site data of the tool wherever it is shown."""
    return {"profile": {"content_settings": {"exceptions": {"cookies": {"[*.]tool.localhost,*": {"setting": 2}}}}}}

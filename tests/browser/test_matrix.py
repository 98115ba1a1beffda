"""The whole journey in every browser: what it lets a frame keep × how the LMS behaves (knowledge: browser facts).

Only where nothing can be kept at all, and the LMS keeps nothing either, does the tool leave its frame for a tab.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import chrome, no_cookies, steps
from tests.browser.chrome import Browser
from tests.browser.conftest import Opener, Sites

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

MODES = {
    # What the browser is like: its preferences, and whether cookies are taken out of the tool's answers on the way.
    "ordinary": (chrome.ordinary(), False),
    "third-party blocked": ({}, False),
    "sessionStorage only": (chrome.ordinary(), True),
    "all site data blocked": (chrome.blocked_in_frame(), False),
}
# One credential for each person and module: so everybody comes once to each LMS.
PEOPLE = dict(zip(MODES, (steps.TUYET, steps.LUCJA, steps.MOHAMMED, steps.SHRIKRISHNA), strict=True))
LAYERS = {
    ("ordinary", "moodle"): "cookie",
    ("ordinary", "canvas"): "cookie",
    ("third-party blocked", "moodle"): "cookie",
    ("third-party blocked", "canvas"): "cookie",
    ("sessionStorage only", "moodle"): "session",
    ("sessionStorage only", "canvas"): "session",
    ("all site data blocked", "moodle"): "tab",
    ("all site data blocked", "canvas"): "storage",
}


@contextmanager
def a_browser(open_browser: Opener, sites: Sites, mode: str) -> Iterator[Browser]:
    preferences, cookieless = MODES[mode]
    with no_cookies.before(sites.tool_url) if cookieless else nullcontext("") as mapped:
        yield open_browser(preferences=preferences, mapped=mapped)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flavour", ["moodle", "canvas"])
def test_the_whole_journey(request: pytest.FixtureRequest, open_browser: Opener, mode: str, flavour: str) -> None:
    sites: Sites = request.getfixturevalue("demo" if flavour == "moodle" else "canvas")
    layer = LAYERS[mode, flavour]
    with a_browser(open_browser, sites, mode) as browser:
        page = browser.page()
        activity = teach(page, sites, in_tab=layer == "tab")
        steps.be(page, sites.lms_url, PEOPLE[mode])
        if layer == "tab":
            frame = steps.launch_in_tab(page, sites.lms_url, activity).main_frame
        else:
            frame = steps.launch(page, sites.lms_url, activity)
        tabs = len(browser.context.pages)
        assert binding_of(sites, frame) == layer
        read(frame)
        assess(frame)
        certify(frame)
        look_again(frame)
        assert len(browser.context.pages) == tabs, "it left its frame"


def teach(page: Page, sites: Sites, *, in_tab: bool) -> str:
    """A teacher adds the module by deep linking, in the frame or in the tab that is offered."""
    steps.enter(page, sites.lms_url, "Enter as teacher")
    if not in_tab:
        steps.add_module(page)
        return added(page)
    page.get_by_role("link", name="Add an activity").first.click()
    with page.context.expect_page() as opened:
        page.frame_locator(f"#{steps.PICKER_FRAME}").get_by_role("button", name="Open in a new tab").click()
    tab = opened.value
    tab.get_by_role("radio", name=steps.TITLE).or_(tab.get_by_role("checkbox", name=steps.TITLE)).check()
    tab.get_by_role("button", name="Add to the course").click()
    tab.wait_for_url(re.compile(r"added=|/contentitem_return"))
    page.goto(f"{sites.lms_url}/course")
    tab.close()
    link = page.get_by_role("link", name=re.compile(f"^Open {steps.TITLE}")).last.get_attribute("href")
    assert link is not None
    return link.rpartition("/")[2]


def added(page: Page) -> str:
    found = re.search(r"added=(\w+)", page.url)
    assert found, page.url
    return found.group(1)


def binding_of(sites: Sites, frame: Frame) -> object:
    """How the browser of this launch is known, as an operator is told."""
    command = [sys.executable, "-m", "lti_tool", "timeline", steps.launch_id(frame), "--config", str(sites.settings)]
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(told.stdout)["events"][0]["browser known by"]


def read(frame: Frame) -> None:
    """Two pages of the module, with a way back; the place in the middle is kept."""
    expect(steps.heading(frame)).to_contain_text("Welcome")
    frame.locator(".record a.btn").first.click()
    expect(steps.heading(frame)).to_have_text("What counts as personal data")
    # Pictures show as soon as they are looked at.
    frame.evaluate("() => { for (const one of document.images) one.loading = 'eager' }")
    frame.wait_for_function("() => [...document.images].every(one => one.complete && one.naturalWidth > 0)")
    frame.get_by_role("button", name=re.compile("Next|Continue|Done|Go on", re.I)).click()
    expect(steps.heading(frame)).not_to_have_text("What counts as personal data")
    frame.locator("header a.org").click()
    expect(steps.heading(frame)).to_contain_text("Welcome")


def assess(frame: Frame) -> None:
    """All questions, with a reload in the middle; handed in, and the grade arrives in the LMS."""
    steps.begin(frame)
    first = steps.question(frame)
    steps.answer(frame, first)
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    steps.reload(frame)
    expect(frame.locator(f"[name='a-{first.id}']").first).to_be_visible()
    assert steps.given(frame, first) == sorted(steps.right_answer(first))
    steps.answer_all(frame)
    steps.hand_in(frame)
    expect(steps.heading(frame)).to_contain_text("You passed")
    expect(frame.locator(".receipt").first).to_contain_text("has your")


def certify(frame: Frame) -> None:
    """The certificate, its file, and its verification page in a tab that knows nobody."""
    steps.make_certificate(frame)
    with frame.page.expect_download() as downloaded:
        frame.locator("a[href$='.pdf']").first.click()
    assert Path(downloaded.value.path()).read_bytes().startswith(b"%PDF-")
    assert downloaded.value.suggested_filename.startswith("certificate-")
    with frame.page.context.expect_page() as opened:
        frame.get_by_role("link", name="See what employers see").click()
    expect(opened.value.locator("main")).to_contain_text("This certificate is genuine")
    opened.value.close()


def look_again(frame: Frame) -> None:
    """Back and forward lead where they always do."""
    at = frame.url
    frame.locator("header a.org").click()
    expect(steps.heading(frame)).to_contain_text("Welcome")
    frame.page.evaluate("() => history.back()")
    frame.wait_for_url(at)
    expect(steps.heading(frame)).to_contain_text("Congratulations")
    frame.page.evaluate("() => history.forward()")
    frame.wait_for_url(re.compile(r"/learn/[0-9a-z]{26}/$"))
    expect(steps.heading(frame)).to_contain_text("Welcome")

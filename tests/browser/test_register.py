"""An administrator connects the LMS by an address, in the browser: one button, a page that waits, a frame to close."""

import json
import re
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chrome, looking, steps
from tests.browser.conftest import Opener, Sites

pytestmark = pytest.mark.browser
ADMIN, FRAME = "2", "#registration"


def invited(demo: Sites, name: str) -> str:
    """The address that an operator makes."""
    command = [sys.executable, "-m", "lti_tool", "platform", "invite", "--config", str(demo.settings), "--json"]
    made = subprocess.run([*command, "--name", name], capture_output=True, text=True, check=True, timeout=60)
    return str(json.loads(made.stdout)["address"])


def paste(page: Page, demo: Sites, address: str) -> None:
    """The administrator of the LMS pastes an address."""
    page.goto(f"{demo.lms_url}/tools")
    be = page.get_by_role("button", name="Be Amara Okonkwo")
    if be.count():
        be.click()
    page.get_by_label("Tool URL…").fill(address)
    page.get_by_role("button", name="Add LTI Advantage").click()


def test_connected_by_an_address(demo: Sites, browser: chrome.Browser, album: looking.Album) -> None:
    page = browser.page()
    paste(page, demo, invited(demo, "Aldermoor Moodle"))
    tool = page.frame_locator(FRAME)
    expect(tool.locator("h1")).to_have_text("Connect Aldermoor Moodle to this tool")
    album.look(page, "offer")
    tool.get_by_role("button", name="Connect Aldermoor Moodle").click()
    expect(tool.locator("h1")).to_have_text("Aldermoor Moodle is connected. Now let people in")
    expect(tool.get_by_role("status")).to_contain_text("Waiting until somebody opens it in Aldermoor Moodle")
    album.look(page, "connected")

    # The page that waits, in a tab of its own; there is nothing to close there.
    with page.context.expect_page() as opened:
        tool.get_by_role("link", name="Keep this page in a tab").click()
    waiting = opened.value
    expect(waiting.get_by_role("status")).to_contain_text("Waiting")
    expect(waiting.locator("[data-close]:visible")).to_have_count(0)

    # The frame is put away by the LMS, as the specification has it.
    page.bring_to_front()
    tool.get_by_role("button", name="Close").click()
    expect(page.locator("h1")).to_have_text("Manage tools")
    expect(page.locator(".activities")).to_contain_text("Pending: nobody can open it yet")
    album.look(page, "tools")
    page.get_by_role("button", name="Activate").click()
    page.get_by_role("button", name="Show in activity chooser").click()
    number = re.findall(r"deployment (\d+)", page.locator(".activities").inner_text())[-1]

    # A teacher adds a module of it, a learner opens it; the page that waited says so by itself.
    steps.be(page, demo.lms_url, steps.INGRID)
    page.goto(f"{demo.lms_url}/course/add?tool={number}")
    steps.pick(page)
    waiting.bring_to_front()
    expect(waiting.get_by_role("status")).to_contain_text("It works: Aldermoor Moodle has opened this tool")
    album.look(waiting, "first launch")
    waiting.get_by_role("button", name="Test grades and people, too").click()
    expect(waiting.locator("h1")).to_have_text("Aldermoor Moodle is well connected")
    album.look(waiting, "tested")
    waiting.set_viewport_size({"width": 375, "height": 667})
    album.look(waiting, "tested on a phone")


def test_brought_up_to_date_by_the_same_address(demo: Sites, browser: chrome.Browser, album: looking.Album) -> None:
    """Pasted again, the LMS asks what is meant; after an update it has hidden the tool, and our page says so."""
    page, address = browser.page(), invited(demo, "A Moodle to update")
    paste(page, demo, address)
    again = page.get_by_role("button", name="Add as a new tool")
    if again.count():
        again.click()
    tool = page.frame_locator(FRAME)
    tool.get_by_role("button", name="Connect A Moodle to update").click()
    expect(tool.locator("h1")).to_contain_text("A Moodle to update is connected")
    tool.get_by_role("button", name="Close").click()
    expect(page.locator("h1")).to_have_text("Manage tools")
    rows = page.locator(".activities li").count()
    paste(page, demo, address)
    album.look(page, "which one")
    page.get_by_role("button", name="Update").last.click()
    tool.get_by_role("button").first.click()
    expect(tool.locator("h1")).to_contain_text("brought up to date")
    album.look(page, "brought up to date")
    tool.get_by_role("button", name="Close").click()
    expect(page.locator(".activities li")).to_have_count(rows)


def test_on_a_phone_without_a_script_of_ours(demo: Sites, open_browser: Opener, album: looking.Album) -> None:
    """375 px wide, and the page that waits is whole when its scripts never come: a reload tells the same."""
    phone = open_browser(width=375)
    phone.watch.expect("ERR_FAILED")
    page = phone.page()
    page.route(re.compile(rf"{re.escape(demo.tool_url)}/static/.*\.js$"), lambda route: route.abort())
    paste(page, demo, invited(demo, "A second Moodle"))
    again = page.get_by_role("button", name="Add as a new tool")
    if again.count():
        album.look(page, "known")
        again.click()
    tool = page.frame_locator(FRAME)
    tool.get_by_role("button", name="Connect A second Moodle").click()
    expect(tool.locator("h1")).to_contain_text("A second Moodle is connected")
    expect(tool.get_by_role("status")).to_contain_text("Waiting")
    album.look(page, "connected")


def test_an_address_that_was_used_says_so_in_the_frame(
    demo: Sites, browser: chrome.Browser, album: looking.Album
) -> None:
    browser.watch.expect("403")
    page = browser.page()
    paste(page, demo, f"{demo.tool_url}/lti/register?invitation=none")
    again = page.get_by_role("button", name="Add as a new tool")
    if again.count():
        again.click()
    tool = page.frame_locator(FRAME)
    expect(tool.locator("h1")).to_have_text("This door is closed")
    expect(tool.locator("main")).to_contain_text("needs an invitation")
    album.look(page, "closed")

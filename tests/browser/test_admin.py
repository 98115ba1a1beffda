"""The administrator's desk in a real browser: from the set-up link to connecting an LMS, with an eye on every page."""

import json
import re
import subprocess
import sys

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

PASSWORD = "seven brass lanterns drift"


def command(demo: Sites, *words: str) -> dict[str, str]:
    """What an operator's command says, in the demo's own folder."""
    tool = [sys.executable, "-m", "lti_tool", *words, "--config", str(demo.settings), "--json"]
    done = subprocess.run(tool, capture_output=True, text=True, timeout=60, check=True, cwd=demo.settings.parent)
    said: dict[str, str] = json.loads(done.stdout)
    return said


def set_up(page: Page, demo: Sites, name: str, album: Album) -> str:
    """From the link to the desk, with what a person sees and types; the secret of the second factor."""
    page.goto(command(demo, "user", "add", name)["address"])
    expect(page.locator("h1")).to_have_text("Set up your account")
    album.look(page, "set up")
    field = page.get_by_label("Password", exact=True)
    field.fill("brief")
    expect(page.get_by_text("Too short yet.")).to_be_visible()
    field.fill(PASSWORD)
    expect(page.get_by_text("Strong.")).to_be_visible()
    page.get_by_role("button", name="Show the password").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_text("I cannot scan it").click()
    secret = re.sub(r"\s", "", page.locator("details code").inner_text())
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Set up my account").click()
    expect(page.get_by_role("alert")).to_be_focused()
    album.look(page, "set up, wrong code")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Platforms")
    return secret


@pytest.mark.parametrize("width", [1280, 375])
def test_from_the_link_to_an_invitation(demo: Sites, open_browser: Opener, album: Album, width: int) -> None:
    browser = open_browser(width=width)
    browser.watch.expect("400")  # Forms that come back with what is wrong,
    browser.watch.expect("403")  # and a code that is none.
    page, name = browser.page(), f"amara-{width}@example.edu"
    secret = set_up(page, demo, name, album)
    album.look(page, "platforms")
    page.get_by_role("link", name="Demo LMS").first.click()
    expect(page.locator("h1")).to_contain_text("LMS")
    album.look(page, "one platform")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_role("button", name="Test again")).to_be_visible()
    album.look(page, "connection test")
    page.goto(f"{demo.tool_url}/admin/connect")
    album.look(page, "connect")
    page.get_by_role("button", name="Connect it").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the platform ID")
    album.look(page, "connect, nothing typed")
    page.get_by_role("button", name="Make the address").click()
    expect(page.locator("code.address")).to_contain_text("/lti/register?invitation=")
    album.look(page, "invited")
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("button", name="Make a new key").click()
    expect(page.get_by_text("Published until").first).to_be_visible()
    album.look(page, "keys")
    page.get_by_role("link", name="People").click()
    page.get_by_label("Name, e-mail address").fill("nobody at all")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody by this name")).to_be_visible()
    album.look(page, "people")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    album.look(page, "sign in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    assert secret not in page.content()


def test_dark_and_forced_colours(demo: Sites, open_browser: Opener, album: Album) -> None:
    browser = open_browser(width=1280)
    browser.watch.expect("400")
    page = browser.page()
    page.emulate_media(color_scheme="dark")
    set_up(page, demo, "dark@example.edu", album)
    for address in ("", "connect", "keys", "people"):
        page.goto(f"{demo.tool_url}/admin/{address}")
        album.look(page, f"dark {address or 'platforms'}")
    page.get_by_role("link", name="Platforms").click()
    page.get_by_role("link", name="Demo LMS").first.click()
    album.look(page, "dark one platform")
    page.emulate_media(color_scheme="light", forced_colors="active")
    album.look(page, "forced colours one platform")

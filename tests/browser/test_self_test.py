"""The self-test says which way of the browser binding works in this place, in every browser and under each LMS."""

from contextlib import nullcontext
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from lti_tool import demo as lms
from tests.browser import chrome, no_cookies
from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

MODES = {
    "ordinary": (chrome.ordinary(), False),
    "default": ({}, False),
    "session": (chrome.ordinary(), True),
    "blocked": (chrome.blocked_in_frame(), False),
}
# What is said: the layer, then whether cookie, own storage and the LMS's storage work.
KNOWN = {
    ("ordinary", "demo"): ("cookie", "yes", "yes", "none"),
    ("default", "demo"): ("cookie", "yes", "any", "none"),
    ("session", "demo"): ("session", "no", "yes", "none"),
    ("blocked", "demo"): ("tab", "no", "no", "none"),
    ("ordinary", "canvas"): ("cookie", "yes", "yes", "yes"),
    ("default", "canvas"): ("cookie", "yes", "any", "yes"),
    ("session", "canvas"): ("session", "no", "yes", "yes"),
    ("blocked", "canvas"): ("storage", "no", "no", "yes"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flavour", ["demo", "canvas"])
def test_it_says_which_way_works_here(
    request: pytest.FixtureRequest, open_browser: Opener, album: Album, mode: str, flavour: str
) -> None:
    sites: Sites = request.getfixturevalue(flavour)
    preferences, cookieless = MODES[mode]
    with no_cookies.before(sites.tool_url) if cookieless else nullcontext("") as mapped:
        browser = open_browser(preferences=preferences, mapped=mapped)
        page = browser.page()
        known = lms.registration(
            lms.LmsConfig(sites.lms_url, sites.tool_url, sites.settings.parent, lms.Flavour(FLAVOURS[flavour]))
        )
        asked = {"iss": str(known["issuer"]), "client_id": str(known["client_id"])}
        if flavour == "canvas":
            asked["lti_storage_target"] = "post_message_forwarding"
        stand(page, sites, f"{sites.tool_url}/lti/browser?{urlencode(asked)}", flavour)
        says(page, *KNOWN[mode, flavour])
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 800})
            album.look(page, f"{mode} {flavour} {width}")
        # Whose LMS it is, nobody said: its storage is not tried, and all else is the same.
        stand(page, sites, f"{sites.tool_url}/lti/browser", flavour)
        layer, *others = KNOWN[mode, flavour]
        says(page, "tab" if layer == "storage" else layer, *others[:2], "none")


FLAVOURS = {"demo": "moodle", "canvas": "canvas"}


def stand(page: Page, sites: Sites, address: str, flavour: str) -> None:
    """Shows the self-test in the frame of a page of the LMS, as the tool would be."""
    if page.url == "about:blank":
        page.goto(f"{sites.lms_url}/course")
        page.get_by_label("You are").select_option("6")
        page.get_by_role("button", name="Be this person").click()
    page.goto(f"{sites.lms_url}/course")
    page.evaluate(
        """([src, forwards]) => {
        const main = document.querySelector("main");
        const add = (name, src, height) => main.append(
          Object.assign(document.createElement("iframe"), { name, id: name, title: name, src, height, width: "100%" }));
        main.replaceChildren(main.querySelector("h1"));
        add("contentframe", src, 700);
        document.querySelector("iframe").className = "embed";
        if (!forwards) return;
        add("post_message_forwarding", "/post_message_forwarding", 1);
        main.append(Object.assign(document.createElement("div"), { id: "tool-alerts" }));
        document.head.append(
          Object.assign(document.createElement("script"), { type: "module", src: "/static/canvas-messages.js" }));
        }""",
        [address, flavour == "canvas"],
    )


def says(page: Page, layer: str, cookie: str, session: str, storage: str) -> None:
    shown = page.frame_locator("#contentframe")
    expect(shown.locator(f"[data-layer={layer}]")).to_be_visible()
    assert shown.locator("[data-layer]:visible").count() == 1
    for row, result in (("cookie", cookie), ("session", session), ("storage", storage)):
        if result != "any":
            expect(shown.locator(f"[data-row={row}] [data-says={result}]")).to_be_visible()
        assert shown.locator(f"[data-row={row}] [data-says]:visible").count() == 1

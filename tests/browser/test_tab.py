"""From the frame into a tab of its own: the same place, both go on, and the way is open once, for whoever pressed."""

import re

import pytest
from playwright.sync_api import Frame, Page, Request, expect

from tests.browser import chrome, steps
from tests.browser.conftest import Opener, Sites
from tests.browser.unseen import add_activity

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

BUTTON = "Open in a tab of its own"


def in_a_tab(frame: Frame) -> Page:
    with frame.page.context.expect_page() as opened:
        frame.get_by_role("button", name=BUTTON).click()
    tab = opened.value
    tab.wait_for_url(re.compile(r"/learn/\w{26}/"))
    return tab


@pytest.mark.parametrize(
    ("lms", "preferences"),
    [("demo", {}), ("canvas", chrome.blocked_in_frame())],
    ids=["moodle by cookie", "canvas without site data"],
)
def test_the_same_place_opens_in_a_tab_and_both_go_on(
    request: pytest.FixtureRequest, open_browser: Opener, lms: str, preferences: dict[str, object]
) -> None:
    sites: Sites = request.getfixturevalue(lms)
    activity = add_activity(sites.lms_url)
    browser = open_browser(preferences=preferences)
    codes: list[str] = []

    def note(asked: Request) -> None:
        if asked.url.endswith("/lti/tab"):
            codes.append(asked.post_data or "")

    browser.context.on("request", note)
    page = browser.page()
    steps.be(page, sites.lms_url, steps.TUYET)
    frame = steps.launch(page, sites.lms_url, activity)
    steps.begin(frame)
    item = steps.question(frame)
    steps.answer(frame, item)
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    tab = in_a_tab(frame)
    inside = tab.main_frame
    assert steps.launch_id(inside) != steps.launch_id(frame)
    assert inside.url.rpartition(steps.launch_id(inside))[2] == frame.url.rpartition(steps.launch_id(frame))[2]
    assert steps.given(inside, item) == sorted(steps.right_answer(item))
    # No secret in the address; in the tab nothing offers a tab; Reload works as everywhere.
    assert "?" not in tab.url and "#" not in tab.url
    expect(tab.get_by_role("button", name=BUTTON)).to_be_hidden()
    steps.onward(inside)
    second = steps.question(inside)
    steps.answer(inside, second)
    expect(steps.status(inside)).to_have_text(steps.SAVED)
    tab.reload()
    assert steps.given(inside, second) == sorted(steps.right_answer(second))
    # The frame goes on, and finds what was done in the tab.
    page.bring_to_front()
    steps.onward(frame)
    expect(frame.locator("[name^='a-']").first).to_be_attached()
    assert steps.given(frame, second) == sorted(steps.right_answer(second))
    # Pressed again, another code opens another tab.
    again = in_a_tab(frame)
    assert steps.launch_id(again.main_frame) not in (steps.launch_id(frame), steps.launch_id(inside))
    assert len(codes) == len(set(codes)) == 2
    assert not any(steps.launch_id(frame) in code for code in codes)

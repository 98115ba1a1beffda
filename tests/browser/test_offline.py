"""The connection fails while somebody answers: it is said, nothing is lost, and nothing happens twice."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Dialog, Error, Page, Route, expect

from tests.browser import steps
from tests.browser.chrome import Browser, blocked_in_frame
from tests.browser.conftest import Opener, Sites
from tests.browser.unseen import add_activity

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAITING = re.compile("^Not saved yet. Keep this page open")
SAVES = re.compile(r"/attempts/\w+/\d+$")


@pytest.fixture(scope="module")
def course(demo: Sites) -> Sites:
    add_activity(demo.lms_url)
    return demo


def cut(page: Page) -> None:
    """Saves get lost on the way, and only they."""

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(SAVES, lose)


def mend(page: Page) -> None:
    page.unroute(SAVES)


_KEPT = """() => new Promise(told => {
  const asked = indexedDB.open("answers");
  asked.onsuccess = () => {
    const all = asked.result.transaction("saves").objectStore("saves").getAll();
    all.onsuccess = () => {
      asked.result.close();
      const fields = all.result.flatMap(one => [...new URLSearchParams(one.body).keys()]);
      told(fields.filter(name => name.startsWith("a-")).length);
    };
  };
})"""


def kept_on_the_device(page: Page, choices: int) -> None:
    """Waits until all that was chosen is on the device's disk, which takes a moment after the click."""
    for _ in range(100):
        if page.evaluate(_KEPT) == choices:
            return
        page.wait_for_timeout(50)
    raise AssertionError("The device keeps something else than what was chosen.")


def test_an_answer_given_without_a_connection_is_saved_when_it_is_back(course: Sites, browser: Browser) -> None:
    page = browser.page()
    steps.be(page, course.lms_url, steps.TUYET)
    frame = steps.launch(page, course.lms_url)
    steps.begin(frame)
    browser.watch.expect("ERR_INTERNET_DISCONNECTED")
    browser.context.set_offline(True)
    item = steps.question(frame)
    steps.answer(frame, item)
    expect(steps.status(frame)).to_have_text(WAITING)
    expect(steps.status(frame)).to_have_class(re.compile("warn"))
    # Whoever presses on now stays, and is not shown a browser's own error page.
    frame.locator("button[name='go'][value='next']").click()
    page.wait_for_timeout(300)
    expect(steps.status(frame)).to_have_text(WAITING)
    browser.context.set_offline(False)
    frame.wait_for_url(re.compile("/2$"))
    frame.get_by_role("button", name="Previous question").click()
    frame.wait_for_url(re.compile("/1$"))
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    assert steps.given(frame, item) == sorted(steps.right_answer(item))


def test_leaving_with_an_unsaved_answer_is_asked_about(course: Sites, browser: Browser) -> None:
    """In the frame this browser lets us keep nothing on the device: the question is all that can be done."""
    page = browser.page()
    steps.be(page, course.lms_url, steps.LUCJA)
    frame = steps.launch(page, course.lms_url)
    steps.begin(frame)
    browser.watch.expect("ERR_CONNECTION_RESET")
    cut(page)
    item = steps.question(frame)
    steps.answer(frame, item)
    expect(steps.status(frame)).to_have_text(WAITING)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    frame.evaluate("() => { setTimeout(() => location.reload()) }")
    page.wait_for_timeout(700)
    assert asked == ["beforeunload"]
    assert steps.given(frame, item) == sorted(steps.right_answer(item))
    mend(page)
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    steps.reload(frame)
    assert steps.given(frame, item) == sorted(steps.right_answer(item))
    assert asked == ["beforeunload"]


def test_an_answer_that_never_arrived_is_there_at_the_next_launch(course: Sites, open_browser: Opener) -> None:
    """In a tab of its own the device may keep it, and does when the tab dies without a last word."""
    browser = open_browser(preferences=blocked_in_frame())
    page = browser.page()
    steps.be(page, course.lms_url, steps.MOHAMMED)
    tab = steps.launch_in_tab(page, course.lms_url)
    steps.begin(tab.main_frame)
    browser.watch.expect("ERR_CONNECTION_RESET")
    cut(tab)
    item = steps.question(tab.main_frame)
    steps.answer(tab.main_frame, item)
    expect(steps.status(tab.main_frame)).to_have_text(WAITING)
    kept_on_the_device(tab, len(steps.right_answer(item)))
    with suppress(Error):
        tab.goto("chrome://crash")
    tab.close()
    again = steps.launch_in_tab(page, course.lms_url)
    steps.begin(again.main_frame)
    expect(again.locator("[data-restored]")).to_contain_text("still on this device")
    expect(again.locator("[data-restored]")).to_be_visible()
    assert steps.given(again.main_frame, item) == sorted(steps.right_answer(item))
    expect(steps.status(again.main_frame)).to_have_text(steps.SAVED)
    again.reload()
    expect(again.locator("[data-restored]")).to_be_hidden()
    assert steps.given(again.main_frame, item) == sorted(steps.right_answer(item))


def test_a_double_click_hands_in_once(course: Sites, browser: Browser) -> None:
    page = browser.page()
    steps.be(page, course.lms_url, steps.SHRIKRISHNA)
    frame = steps.launch(page, course.lms_url)
    frame.get_by_role("button", name="Begin the assessment").dblclick()
    frame.wait_for_url(SAVES)
    expect(frame.locator("main .crumb")).to_have_text("Attempt 1 of 3")
    frame.get_by_role("link", name="Look over and hand in").click()
    frame.wait_for_url(re.compile("/review$"))
    frame.get_by_role("button", name="Hand in as it is").dblclick()
    frame.wait_for_url(re.compile("/result$"))
    expect(frame.locator("main .crumb")).to_contain_text("Attempt 1 of 3")
    expect(frame.locator("aside")).to_contain_text("2 attempts are left")
    page.goto(f"{course.lms_url}/gradebook")
    expect(page.get_by_role("row").filter(has_text="श्रीकृष्ण")).to_contain_text("FullyGraded")

"""320 px, in the dark, with a very long name: every page stays within its window, and axe finds nothing on any."""

import re

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import steps
from tests.browser.chrome import Browser
from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album
from tests.browser.unseen import add_activity
from tests.workflows.conftest import wrong_answer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def narrow(open_browser: Opener) -> Browser:
    return open_browser(width=320, dark=True)


def test_a_teachers_pages(demo: Sites, narrow: Browser, album: Album) -> None:
    activity = add_activity(demo.lms_url)
    learner = narrow.page()
    steps.be(learner, demo.lms_url, steps.HUBERT)
    steps.launch(learner, demo.lms_url, activity)
    page = narrow.page()
    steps.be(page, demo.lms_url, steps.INGRID)
    page.goto(f"{demo.lms_url}/course/add")
    picker = page.frame_locator(f"#{steps.PICKER_FRAME}")
    expect(picker.locator("h1")).to_contain_text("Which module")
    picker.locator("summary").first.click()
    album.look(page, "picker")
    frame = steps.launch(page, demo.lms_url, activity)
    expect(frame.locator("tbody")).to_contain_text("Wolfeschlegel")
    album.look(page, "dashboard")
    for path, name in (("/course", "course"), ("/people", "people"), ("/gradebook", "gradebook"), ("/wires", "wires")):
        page.goto(f"{demo.lms_url}{path}")
        for folded in page.locator("summary").all():
            folded.click()
        album.look(page, name)


def test_a_learners_pages(demo: Sites, narrow: Browser, album: Album) -> None:
    activity = add_activity(demo.lms_url)
    page = narrow.page()
    steps.be(page, demo.lms_url, steps.HUBERT)
    frame = steps.launch(page, demo.lms_url, activity)
    album.look(page, "home")
    frame.locator(".record a.btn").first.click()
    for number in range(1, 8):
        expect(frame.locator(".strip")).to_contain_text(f"Page {number} of 7")
        album.look(page, f"page {number}")
        frame.locator("form[action$='/done'] button").click()
    expect(frame.locator("main")).to_contain_text("You have read everything")
    steps.begin(frame)
    fail(page, frame, album)
    frame.get_by_role("button", name="Try again").click()
    frame.wait_for_url(re.compile(r"/attempts/\w+/1$"))
    steps.answer_all(frame)
    steps.hand_in(frame)
    expect(steps.heading(frame)).to_contain_text("You passed")
    album.look(page, "passed")
    frame.locator("a[href$='/certificate']").first.click()
    expect(frame.locator("main .cert")).to_contain_text("Wolfeschlegel")
    album.look(page, "name")
    frame.get_by_role("button", name="This is my name").click()
    expect(steps.heading(frame)).to_contain_text("Congratulations")
    album.look(page, "certificate")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="See what employers see").click()
    expect(opened.value.locator("h1")).to_have_text("This certificate is genuine")
    for folded in opened.value.locator("summary").all():
        folded.click()
    album.look(opened.value, "genuine")


def test_nothing_moves_under_the_finger(demo: Sites, narrow: Browser) -> None:
    """Leaving a field saves it; were the button to move then, between press and release, the click would be lost."""
    activity = add_activity(demo.lms_url)
    page = narrow.page()
    steps.be(page, demo.lms_url, steps.LUCJA)
    frame = steps.launch(page, demo.lms_url, activity)
    steps.begin(frame)
    where = "() => document.querySelector('[name=go][value=next]').getBoundingClientRect().top + scrollY"
    before = frame.evaluate(where)
    steps.answer(frame, steps.question(frame))
    expect(frame.locator("[data-echo]")).to_have_text(steps.SAVED)
    assert frame.evaluate(where) == before
    while steps.question(frame).interactions[0].kind != "number":
        steps.onward(frame)
    before = frame.evaluate(where)
    steps.answer(frame, steps.question(frame), ["very many"])
    frame.locator("[name=go][value=next]").focus()
    expect(frame.locator("[data-unclear]")).to_contain_text("cannot be read as a number")
    assert frame.evaluate(where) == before


def fail(page: Page, frame: Frame, album: Album) -> None:
    """A first attempt that is wrong throughout, with a field that is not understood and a question left out."""
    for number in range(1, 11):
        item = steps.question(frame)
        if number == 10:
            frame.get_by_role("link", name="Look over and hand in").click()
            frame.wait_for_url(re.compile("/review$"))
            break
        if item.interactions[0].kind == "number":
            steps.answer(frame, item, ["very many"])
            frame.locator("button[value='next']").click()
            expect(frame.get_by_role("alert")).to_be_focused()
            album.look(page, "not understood")
        steps.answer(frame, item, wrong_answer(item))
        if number == 2:
            album.look(page, "question")
        steps.onward(frame)
    expect(frame.locator("main")).to_contain_text("no answer yet. An empty answer earns no points")
    album.look(page, "look over")
    steps.hand_in(frame)
    expect(steps.heading(frame)).to_contain_text("Not yet")
    album.look(page, "not passed")


def test_what_strangers_and_lost_people_see(demo: Sites, narrow: Browser, album: Album) -> None:
    page = narrow.page()
    page.goto(f"{demo.tool_url}/verify")
    album.look(page, "check")
    narrow.watch.expect("40")
    page.get_by_label("Link or certificate id").fill("not an address of ours " * 8)
    page.get_by_role("button", name="Check it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    album.look(page, "no address")
    lost = {f"/c/{'0' * 26}": "unknown", f"/learn/{'0' * 26}/": "no session", "/nothing": "no page"}
    for path, name in lost.items():
        page.goto(f"{demo.tool_url}{path}")
        expect(page.locator("h1")).to_be_visible()
        album.look(page, name)

"""Pages that come into one document, as the secret in its memory would be lost otherwise: they behave as pages do."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, Route, expect

from tests.browser import keys, steps
from tests.browser.chrome import Browser, blocked_in_frame
from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album
from tests.browser.unseen import add_activity
from tests.workflows.conftest import choices_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

NOTE = "[data-trouble]"
FIRST = "What counts as personal data"


@pytest.fixture(scope="module")
def course(canvas: Sites) -> Sites:
    assert add_activity(canvas.lms_url)
    return canvas


@pytest.fixture
def browser(open_browser: Opener) -> Browser:
    """One that keeps nothing in frames: the LMS keeps the secret on the way, then the page's memory does."""
    return open_browser(preferences=blocked_in_frame())


@pytest.fixture
def activity(course: Sites) -> str:
    return add_activity(course.lms_url)


def enter(browser: Browser, course: Sites, activity: str, person: str = steps.TUYET) -> tuple[Page, Frame]:
    page = browser.page()
    steps.be(page, course.lms_url, person)
    frame = steps.launch(page, course.lms_url, activity)
    mark(frame)
    return page, frame


def mark(frame: Frame) -> None:
    frame.evaluate("() => { window.sameDocument = true }")


def is_same_document(frame: Frame) -> bool:
    return bool(frame.evaluate("() => window.sameDocument === true"))


def focused(frame: Frame) -> str:
    return str(frame.evaluate("() => document.activeElement.innerText"))


def read_first_page(frame: Frame) -> None:
    frame.locator(".record a.btn").first.click()
    expect(steps.heading(frame)).to_have_text(FIRST)


def test_each_page_has_its_title_its_focus_and_its_address(
    course: Sites, browser: Browser, activity: str, album: Album
) -> None:
    page, frame = enter(browser, course, activity)
    home, title = frame.url, frame.title()
    read_first_page(frame)
    assert is_same_document(frame)
    assert frame.title() != title and FIRST in frame.title()
    assert focused(frame) == FIRST
    assert "/pages/" in frame.url
    album.look(page, "a page in place")
    page.evaluate("() => history.back()")
    expect(steps.heading(frame)).to_contain_text("Welcome")
    assert (frame.url, frame.title()) == (home, title)
    assert focused(frame) == steps.heading(frame).inner_text()
    page.evaluate("() => history.forward()")
    expect(steps.heading(frame)).to_have_text(FIRST)
    assert is_same_document(frame)


def test_back_and_forward_come_back_to_where_somebody_was(course: Sites, browser: Browser, activity: str) -> None:
    page, frame = enter(browser, course, activity)
    read_first_page(frame)
    frame.evaluate("() => scrollTo(0, 400)")
    page.wait_for_timeout(200)
    top = frame.evaluate("() => scrollY")
    assert top > 100
    # Pressed from where somebody is; a mouse would first have to scroll.
    frame.evaluate("() => document.querySelector('header a.org').click()")
    expect(steps.heading(frame)).to_contain_text("Welcome")
    assert frame.evaluate("() => scrollY") == 0
    frame.evaluate("() => scrollTo(0, 150)")
    page.wait_for_timeout(300)
    before = frame.evaluate("() => scrollY")
    page.evaluate("() => history.back()")
    expect(steps.heading(frame)).to_have_text(FIRST)
    frame.wait_for_function("top => Math.abs(scrollY - top) < 5", arg=top)
    page.evaluate("() => history.forward()")
    expect(steps.heading(frame)).to_contain_text("Welcome")
    frame.wait_for_function("top => Math.abs(scrollY - top) < 5", arg=before)


def test_without_a_connection_one_stays_and_is_told(
    course: Sites, browser: Browser, activity: str, album: Album
) -> None:
    page, frame = enter(browser, course, activity)
    steps.begin(frame)
    item = steps.question(frame)
    steps.answer(frame, item)
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    before = frame.url
    browser.watch.expect("ERR_INTERNET_DISCONNECTED")
    browser.context.set_offline(True)
    frame.get_by_role("link", name="Look over and hand in").click()
    note = frame.locator(NOTE)
    expect(note).to_contain_text("There is no connection just now.")
    expect(note).to_contain_text("Nothing you saved is lost, and you are still where you were.")
    assert note.get_attribute("role") == "alert"
    assert frame.url == before and is_same_document(frame)
    assert steps.given(frame, item) == sorted(steps.right_answer(item))
    album.look(page, "no connection")
    # Once more without success: one note, not two.
    note.get_by_role("button", name="Try again").click()
    expect(note).to_have_count(1)
    expect(note).to_be_visible()
    browser.context.set_offline(False)
    note.get_by_role("button", name="Try again").click()
    frame.wait_for_url(re.compile("/review$"))
    expect(frame.locator(NOTE)).to_have_count(0)
    page.evaluate("() => history.back()")
    frame.wait_for_url(before)
    expect(frame.locator("[name^='a-']").first).to_be_attached()
    assert steps.given(frame, item) == sorted(steps.right_answer(item))


def test_a_page_that_takes_its_time_says_so(course: Sites, browser: Browser, activity: str) -> None:
    page, frame = enter(browser, course, activity)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile("/pages/"), hold)
    frame.locator(".record a.btn").first.click()
    expect(frame.locator("body[aria-busy=true]")).to_be_attached()
    expect(steps.heading(frame)).to_contain_text("Welcome")
    for route in held:
        route.continue_()
    page.unroute(re.compile("/pages/"))
    expect(steps.heading(frame)).to_have_text(FIRST)
    expect(frame.locator("body[aria-busy]")).to_have_count(0)


def test_what_was_read_is_kept(course: Sites, browser: Browser, activity: str) -> None:
    page, frame = enter(browser, course, activity)
    frame.locator(".record a.btn").first.click()
    expect(steps.heading(frame)).to_have_text(FIRST)
    with page.expect_response(re.compile("/position$")) as told:
        frame.evaluate("() => scrollTo(0, 900)")
    assert told.value.status < 300
    steps.reload(frame)
    expect(steps.heading(frame)).to_have_text(FIRST)
    assert frame.evaluate("() => Number(document.querySelector('[data-page]').dataset.block)") > 1


def test_the_receipt_arrives_and_files_are_saved(course: Sites, browser: Browser, activity: str) -> None:
    page, frame = enter(browser, course, activity, steps.MOHAMMED)
    steps.begin(frame)
    steps.answer_all(frame)
    steps.hand_in(frame)
    expect(steps.heading(frame)).to_contain_text("You passed")
    expect(frame.locator(".receipt")).to_contain_text("has your")
    steps.make_certificate(frame)
    with page.expect_download() as loaded:
        frame.locator("a[href$='.pdf']").first.click()
    assert loaded.value.suggested_filename.endswith(".pdf")
    assert Path(loaded.value.path()).read_bytes().startswith(b"%PDF")
    assert is_same_document(frame)


def test_a_whole_attempt_by_keyboard(course: Sites, browser: Browser, activity: str) -> None:
    page, frame = enter(browser, course, activity, steps.HUBERT)
    frame.get_by_role("button", name="Begin the assessment").focus()
    page.keyboard.press("Enter")
    frame.wait_for_url(re.compile(r"/attempts/[0-9a-z]{26}/1$"))
    number = 1
    while "/review" not in frame.url:
        expect(frame.locator("[name^='a-']").first).to_be_attached()
        by_keyboard(page, frame)
        expect(steps.status(frame)).to_have_text(steps.SAVED)
        before = frame.url
        keys.walk(page, until=lambda at: (at.name, at.value) == ("go", "next"))
        page.keyboard.press("Enter")
        frame.wait_for_url(lambda url, before=before: url != before)
        number += 1
        assert number < 30
    keys.walk(page, until=lambda at: at.text.startswith("Hand in"))
    page.keyboard.press("Enter")
    frame.wait_for_url(re.compile("/result$"))
    assert is_same_document(frame)


def test_whoever_is_quicker_than_the_script_is_heard(course: Sites, browser: Browser, activity: str) -> None:
    """On a slow line the question is there before its script: what was answered by then is saved when it comes."""
    page, frame = enter(browser, course, activity, steps.TUYET)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.context.route("**/attempt.js", hold)
    steps.begin(frame)
    steps.answer(frame, steps.question(frame))
    assert "Saved" not in steps.status(frame).inner_text()
    page.wait_for_timeout(200)
    assert held, "the script was not asked for"
    for route in held:
        route.continue_()
    expect(steps.status(frame)).to_have_text(steps.SAVED)


def by_keyboard(page: Page, frame: Frame) -> None:
    """Reaches the question's field by Tab from where the new page put the focus, and answers somehow."""
    at = keys.walk(page, until=lambda stop: stop.name.startswith("a-"))
    if choices_of(steps.question(frame)):
        page.keyboard.press("Space")
    else:
        page.keyboard.type("1")
    assert at.tag in ("input", "textarea")


def test_a_session_that_is_over_says_so(course: Sites, browser: Browser, activity: str, album: Album) -> None:
    page, frame = enter(browser, course, activity, steps.LUCJA)
    path = course.settings.parent
    (database,) = [one for one in path.rglob("*.db") if "lms" not in one.name]
    blocked(database, "2026-01-01 00:00:00.000000")
    try:
        browser.watch.expect("403")
        frame.locator(".record a.btn").first.click()
        expect(frame.locator("main .receipt")).to_contain_text("Code for those who help you")
        assert is_same_document(frame)
        assert focused(frame) == steps.heading(frame).inner_text()
        album.look(page, "the session is over")
    finally:
        blocked(database, None)


def blocked(database: Path, moment: str | None) -> None:
    """Blocks everybody, as an operator would somebody; or lets everybody in again."""
    with sqlite3.connect(database, timeout=20) as db:
        db.execute("UPDATE people SET blocked_at = ?", (moment,))
    db.close()


_SMUGGLE = """() => {
  const fetched = window.fetch;
  const source = "data:text/javascript,document.documentElement.dataset.evil='1'";
  const foreign = `<script type="module" src="${source}"></script>`;
  window.fetch = async (...asked) => {
    const answer = await fetched(...asked);
    const text = async () => (await answer.text()).replace("</main>", `${foreign}</main>`);
    return { headers: answer.headers, url: answer.url, ok: answer.ok, text };
  };
}"""


def test_a_script_that_is_none_of_ours_does_not_come_with_a_page(
    course: Sites, browser: Browser, activity: str
) -> None:
    """A page that is loaded runs what bears its nonce; one that comes in place runs no more than that either."""
    _page, frame = enter(browser, course, activity)
    frame.evaluate(_SMUGGLE)
    read_first_page(frame)
    assert frame.locator("script[src^='data:']").count() == 1
    # Focus is given before the scripts come: they have had their turn when the next page is there.
    frame.locator("a.org").click()
    expect(steps.heading(frame)).not_to_have_text(FIRST)
    frame.wait_for_timeout(300)
    assert is_same_document(frame)
    assert frame.evaluate("() => document.documentElement.dataset.evil ?? null") is None

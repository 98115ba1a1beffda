"""The browser binding, layer by layer, in a real browser: the partitioned cookie in the frame, else a new tab."""

import re
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Frame, Page, Request, expect

from tests.browser import steps
from tests.browser.chrome import Browser, blocked_everywhere, blocked_in_frame
from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album
from tests.browser.unseen import add_activity

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COOKIE = "__Host-lti_browser"


@pytest.fixture(scope="module")
def course(demo: Sites) -> Sites:
    """A course with two activities, made by a teacher without a screen."""
    assert [add_activity(demo.lms_url), add_activity(demo.lms_url)] == ["1", "2"]
    return demo


# A form on a page of the LMS, as its launch has it.
_POST = """([address, fields]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action: address });
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  document.body.append(form);
  form.submit();
}"""


def again(page: Page, course: Sites, message: dict[str, str]) -> Frame:
    """Sends a signed message once more from the LMS's site, in a frame like the first one's."""
    page.goto(f"{course.lms_url}/course")
    page.evaluate(
        """() => new Promise(done => {
        const frame = Object.assign(document.createElement("iframe"), { name: "again", src: "/course", title: "x" });
        frame.onload = () => { frame.onload = null; done() };
        document.querySelector("main").append(frame) })"""
    )
    frame = page.frame(name="again")
    assert frame is not None
    frame.evaluate(_POST, [f"{course.tool_url}/lti/launch", message])
    return frame


def messages(page: Page) -> list[dict[str, str]]:
    """The signed messages that a page will send to the tool from now on."""
    seen: list[dict[str, str]] = []

    def note(request: Request) -> None:
        if request.url.endswith("/lti/launch"):
            seen.append(dict(parse_qsl(request.post_data or "")))

    page.on("request", note)
    return seen


def as_learner(browser: Browser, course: Sites, person: str = steps.TUYET) -> Page:
    page = browser.page()
    steps.be(page, course.lms_url, person)
    return page


def test_with_the_browsers_defaults_the_launch_stays_in_the_frame(course: Sites, browser: Browser) -> None:
    page = as_learner(browser, course)
    frame = steps.launch(page, course.lms_url)
    expect(steps.heading(frame)).to_contain_text("Welcome")
    assert len(browser.context.pages) == len({page, browser.context.pages[0]})
    (cookie,) = [one for one in browser.context.cookies() if one["name"] == COOKIE]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
    assert cookie.get("partitionKey"), "the cookie is not kept apart for the LMS's site"
    # What an ordinary site could keep here is nothing: this browser blocks it, which is why the layer exists.
    refused = "() => { try { return Boolean(localStorage) } catch (fault) { return fault.name } }"
    assert frame.evaluate(refused) in ("SecurityError", True)


def test_the_page_between_asks_for_nothing_once_the_browser_is_known(course: Sites, browser: Browser) -> None:
    page = as_learner(browser, course)
    steps.launch(page, course.lms_url)
    logins: list[int] = []
    page.on("response", lambda answer: logins.append(answer.status) if answer.url.endswith("/lti/login") else None)
    steps.launch(page, course.lms_url)
    assert logins == [302]


def test_without_site_data_in_the_frame_a_new_tab_goes_on(course: Sites, open_browser: Opener, album: Album) -> None:
    browser = open_browser(preferences=blocked_in_frame())
    page = as_learner(browser, course, steps.LUCJA)
    page.goto(f"{course.lms_url}/course/activity/1")
    expect(steps.inside(page).locator("h1")).to_have_text("Continue in a new tab")
    album.look(page, "offer of a new tab")
    with browser.context.expect_page() as opened:
        steps.inside(page).get_by_role("button", name="Open in a new tab").click()
    tab = opened.value
    tab.wait_for_url(re.compile(r"/learn/"))
    expect(steps.heading(tab.main_frame)).to_contain_text("Welcome, ")
    album.look(tab, "home in the tab")
    steps.begin(tab.main_frame)
    steps.answer_all(tab.main_frame)
    steps.hand_in(tab.main_frame)
    expect(steps.heading(tab.main_frame)).to_contain_text("You passed")
    expect(tab.locator(".receipt")).to_contain_text("Demo LMS has your")
    album.look(tab, "result in the tab")


def test_without_any_site_data_a_page_says_what_is_needed(course: Sites, open_browser: Opener, album: Album) -> None:
    browser = open_browser(preferences=blocked_everywhere())
    page = as_learner(browser, course, steps.LUCJA)
    page.goto(f"{course.lms_url}/course/activity/1")
    browser.watch.expect("400", "/lti/login")
    with browser.context.expect_page() as opened:
        steps.inside(page).get_by_role("button", name="Open in a new tab").click()
    expect(opened.value.locator("main")).to_contain_text("Your browser keeps no cookies for this tool")
    album.look(opened.value, "no cookies at all")


def test_reload_and_back_on_the_launch_resume(course: Sites, browser: Browser) -> None:
    page = as_learner(browser, course)
    posted = messages(page)
    frame = steps.launch(page, course.lms_url)
    first = steps.launch_id(frame)
    # Reload: what is shown stays the same launch.
    steps.reload(frame)
    assert steps.launch_id(frame) == first
    # Onward and Back.
    frame.locator(".record a.btn").first.click()
    frame.wait_for_url(re.compile("/pages/"))
    page.evaluate("() => history.back()")
    frame.wait_for_url(re.compile(rf"/learn/{first}/$"))
    # The same signed message once more, as a browser sends it when its page is loaded again: the same session.
    (message,) = posted
    browser.watch.expect("409", "/lti/launch")
    resumed = again(page, course, message)
    resumed.wait_for_url(re.compile(rf"/learn/{first}/$"))
    expect(steps.heading(resumed)).to_contain_text("Welcome")


def test_the_same_message_in_another_browser_is_refused(course: Sites, browser: Browser, open_browser: Opener) -> None:
    page = as_learner(browser, course)
    posted = messages(page)
    steps.launch(page, course.lms_url)
    (message,) = posted
    other = open_browser()
    # The other browser is known to the tool too, by a launch of its own.
    theirs = as_learner(other, course, steps.LUCJA)
    steps.launch(theirs, course.lms_url)
    other.watch.expect("answer: 4", "/lti/launch")
    other.watch.expect("status of 4", "/lti/launch")
    refused = again(theirs, course, message)
    refused.wait_for_url(re.compile("/lti/launch$"))
    expect(refused.locator("main .receipt")).to_contain_text("Code for those who help you")


def test_two_activities_side_by_side_do_not_disturb_each_other(course: Sites, browser: Browser) -> None:
    one, two = as_learner(browser, course), as_learner(browser, course)
    first, second = steps.launch(one, course.lms_url, "1"), steps.launch(two, course.lms_url, "2")
    assert steps.launch_id(first) != steps.launch_id(second)
    steps.begin(second)
    one.bring_to_front()
    steps.begin(first)
    steps.answer(first, steps.question(first))
    expect(steps.status(first)).to_have_text(steps.SAVED)
    steps.onward(first)
    two.bring_to_front()
    steps.reload(second)
    assert second.url.endswith("/1") and steps.given(second, steps.question(second)) == []
    one.bring_to_front()
    steps.reload(first)
    assert first.url.endswith("/2")


def test_two_people_in_one_browser_keep_their_own_answers(course: Sites, browser: Browser) -> None:
    """A shared computer: the first tab is still the first person's, whoever signs in beside it."""
    hers = browser.page()
    steps.be(hers, course.lms_url, steps.SHRIKRISHNA)
    first = steps.launch(hers, course.lms_url)
    steps.begin(first)
    steps.answer(first, steps.question(first))
    expect(steps.status(first)).to_have_text(steps.SAVED)
    his = browser.page()
    steps.be(his, course.lms_url, steps.HUBERT)
    second = steps.launch(his, course.lms_url)
    expect(steps.heading(second)).to_contain_text("Hubert")
    steps.begin(second)
    assert steps.given(second, steps.question(second)) == []
    hers.bring_to_front()
    steps.reload(first)
    assert steps.given(first, steps.question(first)) != []

"""The learner's whole way without a mouse: Tab, Space, Enter and arrows; at every stop the focus can be seen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, expect

from lti_tool.assessments import Item
from tests.browser import steps
from tests.browser.chrome import Browser
from tests.browser.conftest import Sites
from tests.browser.keys import Stop, focus, walk
from tests.browser.unseen import add_activity
from tests.workflows.conftest import choices_of, right_answer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_the_whole_way_by_keyboard(demo: Sites, browser: Browser) -> None:
    add_activity(demo.lms_url)
    page = browser.page()
    page.goto(f"{demo.lms_url}/")
    press(page, named("Enter as learner"))
    page.wait_for_url("**/course")
    press(page, named(f"Open {steps.TITLE}"))
    frame = steps.tool_frame(page)
    skip_link_leads_to_the_main_part(page, frame)
    press(page, named("Start reading"))
    read(page, frame)
    press(page, named("Begin the assessment"))
    frame.wait_for_url(re.compile(r"/attempts/\w+/1$"))
    only_the_focus_is_outlined(frame)
    while "/review" not in frame.url:
        before = frame.url
        answer(page, frame, steps.question(frame))
        expect(steps.status(frame)).to_have_text(steps.SAVED)
        press(page, lambda at: at.name == "go" and at.value == "next")
        frame.wait_for_url(lambda url, before=before: url != before)
    press(page, named("Hand in"))
    expect(steps.heading(frame)).to_contain_text("You passed with 100")
    press(page, lambda at: at.href.endswith("/certificate"))
    expect(steps.heading(frame)).to_have_text("Is this your name, exactly?")
    press(page, named("This is my name"))
    expect(steps.heading(frame)).to_contain_text("Congratulations")
    the_certificate_comes_without_taking_the_focus(page, frame)
    with page.expect_download() as download:
        press(page, named("Download PDF"))
    assert download.value.failure() is None
    no_trap(page)


def only_the_focus_is_outlined(frame: Frame) -> None:
    """Whatever else is marked, such as the question that is shown, is marked in another way."""
    outlined = "() => [...document.querySelectorAll('a, button, input')].filter(one => one !== document.activeElement)"
    assert frame.evaluate(f"{outlined}.filter(one => getComputedStyle(one).outlineStyle !== 'none').length") == 0


def the_certificate_comes_without_taking_the_focus(page: Page, frame: Frame) -> None:
    """The page as it was a moment before, with somebody on a link of it: the new part is said, the focus stays."""
    walk(page, until=named("See what employers see"))
    frame.evaluate(
        """() => { document.querySelector("h1").textContent = "Your certificate is being made";
        document.querySelector("main h1 + p").dataset.poll = location.pathname + "/state";
        document.querySelector("[data-spoken]").textContent = "";
        const script = document.createElement("script"); // Under another address: a module runs once.
        [script.type, script.nonce, window.same] = ["module", document.querySelector("script[nonce]").nonce, true];
        script.src = document.querySelector("[src$='/page.js']").src.replace("page.js", "receipt.js#again");
        document.head.append(script) }"""
    )
    expect(frame.locator("[data-spoken]")).to_contain_text("Congratulations")
    expect(steps.heading(frame)).to_contain_text("Congratulations")
    assert frame.evaluate("() => window.same"), "the certificate came by a reload"
    at = focus(page)
    assert at is not None and at.text.startswith("See what employers see"), at


def named(words: str) -> Callable[[Stop], bool]:
    """A stop that says these words first."""
    return lambda at: (at.label or at.text).startswith(words)


def press(page: Page, wanted: Callable[[Stop], bool]) -> None:
    """Walks to a link or button and presses Enter."""
    walk(page, until=wanted)
    page.keyboard.press("Enter")


def skip_link_leads_to_the_main_part(page: Page, frame: Frame) -> None:
    """The first stop in the frame leads past the header; the next stop after it is in the main part."""
    walk(page, until=lambda at: at.site == "tool.localhost")
    at = focus(page)
    assert at is not None and at.href == "#main", at
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert frame.evaluate("() => document.activeElement.closest('main') !== null")


def read(page: Page, frame: Frame) -> None:
    """Page after page, to the home again."""
    frame.wait_for_url(re.compile("/pages/"))
    while "/pages/" in frame.url:
        before = frame.url
        press(page, lambda at: at.tag == "button")
        frame.wait_for_url(lambda url, before=before: url != before)
    expect(frame.locator("main")).to_contain_text("You have read everything")


def answer(page: Page, frame: Frame, item: Item) -> None:
    """Answers rightly with keys: arrows within choices of one, Space on each of several, letters in a field."""
    wanted, name = right_answer(item), f"a-{item.id}"
    if not choices_of(item):
        walk(page, until=lambda at: at.name == name)
        page.keyboard.type(wanted[0], delay=5)
        return
    fields = frame.locator(f"[name='{name}']")
    order: list[str] = fields.evaluate_all("all => all.map(one => one.value)")
    if item.interactions[0].kind == "multiple":
        for value in sorted(wanted, key=order.index):
            walk(page, until=lambda at, value=value: at.name == name and at.value == value)
            page.keyboard.press("Space")
    else:
        at = walk(page, until=lambda at: at.name == name)
        steps_down = order.index(wanted[0]) - order.index(at.value)
        for _ in range(steps_down):
            page.keyboard.press("ArrowDown")
        if not steps_down:
            page.keyboard.press("Space")
    assert steps.given(frame, item) == sorted(wanted)


def no_trap(page: Page) -> None:
    """Tab leads out of the frame below, Shift+Tab above."""
    walk(page, until=lambda at: at.site == "lms.localhost")
    walk(page, until=lambda at: at.site == "tool.localhost", key="Shift+Tab")
    walk(page, until=lambda at: at.site == "lms.localhost", key="Shift+Tab")
    at = focus(page)
    assert at is not None and "Phone width" in at.text, at


def test_after_a_fault_the_focus_is_on_what_went_wrong(demo: Sites, browser: Browser) -> None:
    activity = add_activity(demo.lms_url)
    page = browser.page()
    steps.be(page, demo.lms_url, steps.LUCJA)
    frame = steps.launch(page, demo.lms_url, activity)
    steps.begin(frame)
    while steps.question(frame).interactions[0].kind != "number":
        steps.onward(frame)
    field = f"a-{steps.question(frame).id}"
    walk(page, until=lambda at: at.name == field)
    page.keyboard.type("quite a few")
    page.keyboard.press("Enter")
    frame.wait_for_function("() => document.title.startsWith('Error: ')")
    summary = frame.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("There is a problem")
    press(page, lambda at: at.href == f"#{field}")
    expect(frame.locator(f"#{field}")).to_be_focused()
    expect(frame.locator(f"#{field}")).to_have_value("quite a few")

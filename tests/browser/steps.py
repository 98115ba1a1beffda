"""The steps of the journey, as hands and eyes do them in a browser: what to press, and what must then be seen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

from lti_tool import demo as lms
from lti_tool import workflows
from lti_tool.assessments import Item
from tests.workflows.conftest import choices_of, right_answer

TITLE = "Data protection essentials"
INGRID, TUYET, LUCJA, MOHAMMED, SHRIKRISHNA, HUBERT = "3", "6", "7", "9", "10", "12"
TOOL_FRAME, PICKER_FRAME = "contentframe", "contentitem-page-iframe"
_FIRST_PAGE = re.compile(r"/(learn|teach)/[0-9a-z]{26}/[^.]*$")
SAVED = re.compile(r"Saved \d\d?[:.]\d\d")


@lru_cache
def questions() -> dict[str, Item]:
    """The sample module's questions by id, with their keys: what a test may know and a page may not say."""
    form = workflows.read_package(lms.sample_modules()[0]).definition.form
    return {item.id: item for item in form.items.values()}


def enter(page: Page, lms_url: str, door: str) -> None:
    """Through one of the three doors of the first page."""
    page.goto(f"{lms_url}/")
    page.get_by_role("button", name=door).click()
    expect(page).to_have_url(f"{lms_url}/course")


def be(page: Page, lms_url: str, person: str) -> None:
    """Becomes somebody in the course."""
    page.goto(f"{lms_url}/course")
    page.get_by_label("You are").select_option(person)
    page.get_by_role("button", name="Be this person").click()
    expect(page.locator("#who")).to_have_value(person)


@contextmanager
def arriving(page: Page) -> Iterator[None]:
    """Waits until the first page of a session is shown; to be put around what launches.

    A frame goes from site to site meanwhile, and with it from process to process: a question that Playwright asks
    inside it just then may never be answered (seen with Chromium 156: everything idle, both waiting for each other).
    So nothing is asked: the answer is waited for, and then the news that the frame shows it.
    """
    with page.expect_response(lambda answer: answer.ok and bool(_FIRST_PAGE.search(answer.url))) as arrived:
        yield
    answer = arrived.value
    # A page in place comes by fetch, and no frame goes anywhere.
    if answer.request.is_navigation_request():
        for _ in range(200):
            if answer.url in {frame.url.partition("#")[0] for frame in page.frames}:
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"The page came, and no frame shows it: {answer.url}")


def add_module(page: Page) -> None:
    """A teacher, on the course page, adds the sample module by deep linking."""
    with arriving(page):
        page.get_by_role("link", name="Add an activity").first.click()
    pick(page)


def pick(page: Page) -> None:
    """Presses the button of the picker; the page around the frame then says that the activity is there."""
    picker = page.frame_locator(f"#{PICKER_FRAME}")
    picker.get_by_role("radio", name=TITLE).or_(picker.get_by_role("checkbox", name=TITLE)).check()
    picker.get_by_role("button", name="Add to the course").click()
    expect(page.get_by_role("status")).to_contain_text(f"{TITLE} is in the course now, with a column")


def launch(page: Page, lms_url: str, activity: str = "1") -> Frame:
    """Opens an activity; the tool's frame, once its first page is there."""
    with arriving(page):
        page.goto(f"{lms_url}/course/activity/{activity}")
    return tool_frame(page)


def launch_in_tab(page: Page, lms_url: str, activity: str = "1") -> Page:
    """Opens an activity where the frame may keep nothing: the tool's own tab, once its first page is there."""
    page.bring_to_front()
    page.goto(f"{lms_url}/course/activity/{activity}")
    with page.context.expect_page() as opened:
        inside(page).get_by_role("button", name="Open in a new tab").click()
    opened.value.wait_for_url(re.compile(r"/(learn|teach)/"))
    return opened.value


def tool_frame(page: Page) -> Frame:
    """The frame of the tool, once a page of a session is in it."""
    expect(inside(page).locator("main h1")).not_to_have_text(re.compile("Opening"))
    frame = page.frame(name=TOOL_FRAME)
    assert frame is not None
    frame.wait_for_url(re.compile(r"/(learn|teach)/"))
    return frame


def inside(page: Page) -> FrameLocator:
    return page.frame_locator(f"#{TOOL_FRAME}")


def launch_id(frame: Frame) -> str:
    """The launch in the address."""
    found = re.search(r"/(?:learn|teach)/([0-9a-z]{26})/", frame.url)
    assert found, frame.url
    return found.group(1)


def heading(frame: Frame) -> Locator:
    return frame.locator("main h1")


def begin(frame: Frame) -> None:
    """Starts the assessment, or goes on with it, from the module's home."""
    frame.locator(".record form[action$='/attempts'] button, .record a[href*='/attempts/']").first.click()
    frame.wait_for_url(re.compile(r"/attempts/[0-9a-z]{26}/\d+$"))


def question(frame: Frame) -> Item:
    """The question that is shown."""
    name = frame.locator("[name^='a-']").first.get_attribute("name")
    assert name is not None
    return questions()[name.removeprefix("a-")]


def answer(frame: Frame, item: Item, values: list[str] | None = None) -> None:
    """Answers by click, or by typing; right, unless told otherwise."""
    wanted = right_answer(item) if values is None else values
    fields = frame.locator(f"[name='a-{item.id}']")
    if not choices_of(item):
        fields.fill(wanted[0])
        return
    for value in wanted:
        frame.locator(f"[name='a-{item.id}'][value='{value}']").check()


def given(frame: Frame, item: Item) -> list[str]:
    """The answer that the page shows."""
    if not choices_of(item):
        return [frame.locator(f"[name='a-{item.id}']").input_value()]
    checked: list[str] = frame.locator(f"[name='a-{item.id}']:checked").evaluate_all("all => all.map(one => one.value)")
    return sorted(checked)


def status(frame: Frame) -> Locator:
    """The line that says whether the answer is saved."""
    return frame.locator("[data-status]")


def reload(frame: Frame) -> None:
    """Loads the frame's page once more, as its own menu does."""
    frame.evaluate("() => { window.before = true; location.reload() }")
    frame.wait_for_function("() => !window.before && document.readyState === 'complete'")


def onward(frame: Frame) -> None:
    """Saves and goes on."""
    before = frame.url
    frame.locator("button[name='go'][value='next']").click()
    frame.wait_for_url(lambda url: url != before)


def answer_all(frame: Frame) -> None:
    """Answers every question from where the learner is; ends on the look over."""
    while "/review" not in frame.url:
        answer(frame, question(frame))
        onward(frame)


def hand_in(frame: Frame) -> None:
    """Hands in what is there."""
    frame.get_by_role("button", name=re.compile("^Hand in")).click()
    frame.wait_for_url(re.compile(r"/result$"))


def make_certificate(frame: Frame) -> None:
    """From the result to the certificate: the name is confirmed, and the page waits until it is drawn."""
    frame.locator("a[href$='/certificate']").first.click()
    frame.get_by_role("button", name="This is my name").click()
    expect(heading(frame)).to_contain_text("Congratulations")

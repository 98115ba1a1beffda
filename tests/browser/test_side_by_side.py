"""Two people in two frames of one page: each frame stays with its own person, whatever the browser keeps."""

import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import chrome, no_cookies, steps
from tests.browser.conftest import Opener, Sites
from tests.browser.unseen import add_activity
from tests.workflows.conftest import wrong_answer

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]

CASES = [
    # The LMS, what the browser keeps, whether cookies are taken out on the way.
    ("demo", {}, False),
    ("demo", chrome.ordinary(), True),
    ("canvas", {}, False),
    ("canvas", chrome.ordinary(), True),
    ("canvas", chrome.blocked_in_frame(), False),
]
IDS = ["moodle-cookie", "moodle-session", "canvas-cookie", "canvas-session", "canvas-storage"]

_FRAME = """([name, src]) => document.querySelector("main").append(
  Object.assign(document.createElement("iframe"), { name, src, title: name, width: 900, height: 700 }))"""


@pytest.mark.parametrize(("lms", "preferences", "cookieless"), CASES, ids=IDS)
def test_two_people_in_two_frames_are_never_mixed(
    request: pytest.FixtureRequest,
    open_browser: Opener,
    lms: str,
    preferences: dict[str, object],
    cookieless: bool,
) -> None:
    sites: Sites = request.getfixturevalue(lms)
    activity = add_activity(sites.lms_url)
    with no_cookies.before(sites.tool_url) if cookieless else nullcontext("") as mapped:
        browser = open_browser(preferences=preferences, mapped=mapped)
        page = browser.page()
        steps.be(page, sites.lms_url, steps.TUYET)
        # The first person's launch stands in the LMS's own page, which keeps what the tools put into its storage.
        hers = steps.launch(page, sites.lms_url, activity)
        become(page, sites, steps.LUCJA)
        page.evaluate(_FRAME, ["second", f"{sites.lms_url}/course/activity/{activity}/launch"])
        his = second(page)
        expect(steps.heading(hers)).to_contain_text("Tuyết")
        expect(steps.heading(his)).to_contain_text("Łucja")
        assert steps.launch_id(hers) != steps.launch_id(his)
        steps.begin(hers)
        steps.begin(his)
        given = []
        for number in range(2):
            for frame, right in ((hers, number == 0), (his, number == 1)):
                item = steps.question(frame)
                steps.answer(frame, item, None if right else wrong_answer(item))
                expect(steps.status(frame)).to_have_text(steps.SAVED)
                given.append((frame, number, item, steps.given(frame, item)))
                if number == 0:
                    steps.onward(frame)
        for frame in (hers, his, hers):
            steps.reload(frame)
            shown(frame)
            mine = [(item, said) for whose, number, item, said in given if whose is frame and number == 1]
            assert [steps.given(frame, item) for item, _ in mine] == [said for _, said in mine]
        # Under the other's address nothing is shown, in either frame.
        for frame, number, item, said in given:
            if number == 0:
                frame.get_by_role("button", name="Previous question").click()
                frame.wait_for_url(re.compile("/1$"))
                shown(frame)
                assert steps.given(frame, item) == said


def become(page: Page, sites: Sites, person: str) -> None:
    """Signs in as somebody else at the LMS, in another tab, while the first page stays."""
    other = page.context.new_page()
    steps.be(other, sites.lms_url, person)
    other.close()
    page.bring_to_front()


def second(page: Page) -> Frame:
    element = page.locator("iframe[name=second]").element_handle()
    frame = None if element is None else element.content_frame()
    assert frame is not None
    frame.wait_for_url(re.compile(r"/learn/"))
    expect(frame.locator("main h1")).to_contain_text("Welcome")
    return frame


def shown(frame: Frame) -> None:
    """The question is there, also where a script had to fetch it first."""
    expect(frame.locator("[name^='a-']").first).to_be_attached()

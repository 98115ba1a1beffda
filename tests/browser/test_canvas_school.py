"""A Canvas of a school's own, in the browser: connected by an address, tried in Student View, graded by a teacher."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import chrome, looking, steps
from tests.browser.conftest import Opener, Sites
from tests.browser.test_register import FRAME, invited

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
ADMIN, STUDENT_VIEW = "2", "22"


def test_connected_by_an_address_and_tried_in_student_view(
    canvas: Sites, browser: chrome.Browser, album: looking.Album
) -> None:
    page = browser.page()
    page.goto(f"{canvas.lms_url}/tools")
    page.get_by_role("button", name="Be Amara Okonkwo").click()
    page.get_by_label("Registration URL").fill(invited(canvas, "Aldermoor Canvas"))
    page.get_by_role("button", name="Continue").click()
    tool = page.frame_locator(FRAME)
    tool.get_by_role("button", name="Connect Aldermoor Canvas").click()
    expect(tool.locator("h1")).to_have_text("Aldermoor Canvas is connected. Now let people in")
    album.look(page, "connected")
    tool.get_by_role("button", name="Close").click()
    expect(page.locator("h1")).to_have_text("Developer keys")
    expect(page.locator(".activities")).to_contain_text("Off: nobody can open it yet")
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".activities")).to_contain_text("On")
    album.look(page, "developer keys")
    number = re.findall(r"deployment (\d+)", page.locator(".activities").inner_text())[-1]

    # A teacher picks by it; in Student View it is a trial: no certificate, and it says so.
    steps.be(page, canvas.lms_url, steps.INGRID)
    with steps.arriving(page):
        page.goto(f"{canvas.lms_url}/course/add?tool={number}")
    steps.pick(page)
    found = re.search(r"added=(\w+)", page.url)
    assert found, page.url
    steps.be(page, canvas.lms_url, STUDENT_VIEW)
    frame = steps.launch(page, canvas.lms_url, found.group(1))
    expect(frame.locator("main")).to_contain_text("Practice run: you are a test user, so no certificate is made.")
    album.look(page, "student view")
    steps.begin(frame)
    steps.answer_all(frame)
    steps.hand_in(frame)
    expect(frame.locator("a[href$='/certificate']")).to_have_count(0)
    album.look(page, "student view result")


@pytest.mark.parametrize("flavour", ["demo", "canvas"])
def test_a_teacher_s_own_grade_in_the_gradebook(
    request: pytest.FixtureRequest, open_browser: Opener, album: looking.Album, flavour: str
) -> None:
    """Typed on a phone; it says whose it is, and what the tool sends next does not take it away."""
    sites: Sites = request.getfixturevalue(flavour)
    page = open_browser(width=375).page()
    steps.enter(page, sites.lms_url, "Enter as teacher")
    steps.add_module(page)
    page.goto(f"{sites.lms_url}/gradebook")
    row = page.get_by_role("row").filter(has_text="Nguyễn Thị Ánh Tuyết").last
    row.locator("summary").click()
    row.get_by_role("spinbutton").fill("85")
    album.look(page, "typing a grade")
    row.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="entered by the teacher")
    expect(row).to_contain_text("85")
    album.look(page, "a grade of the teacher's own")

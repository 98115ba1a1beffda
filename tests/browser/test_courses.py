"""A course that goes on: chosen again, duplicated, copied for the next run, a submission looked at."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import chrome, looking, steps
from tests.browser.conftest import Sites

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BIG = {"timeout": 20_000}


def press(page: Page, demo: Sites, name: str) -> None:
    page.goto(f"{demo.lms_url}/course")
    page.get_by_role("button", name=name).first.click()


def test_a_course_is_edited_copied_and_looked_at(demo: Sites, browser: chrome.Browser, album: looking.Album) -> None:
    page = browser.page()
    steps.enter(page, demo.lms_url, "Enter as teacher")
    steps.add_module(page)

    # Chosen again: the picker knows what the link shows, and keeping it changes nothing.
    page.goto(f"{demo.lms_url}/course/activity/1/edit")
    picker = page.frame_locator(f"#{steps.PICKER_FRAME}")
    expect(picker.get_by_text("This activity shows “Data protection essentials” now.")).to_be_visible(**BIG)
    album.look(page, "chosen again")
    picker.get_by_role("button", name="Keep or change").click()
    expect(page.get_by_role("status")).to_contain_text(steps.TITLE)

    # A duplicate in the course, then the next run of it.
    press(page, demo, f"Duplicate {steps.TITLE}")
    expect(page.locator(".activities li")).to_have_count(2)
    press(page, demo, "Copy the course")
    expect(page.locator(".activities li")).to_have_count(4)
    steps.launch(page, demo.lms_url, "1")
    steps.launch(page, demo.lms_url, "3")
    tool = steps.inside(page)
    expect(tool.get_by_text("Nobody has opened this module yet")).to_be_visible()
    expect(tool.get_by_text(re.compile("copied from “.?Data protection essentials.?”"))).to_be_visible()
    album.look(page, "copied")

    # Nothing was handed in yet; that is what the gradebook's submission says, in the tool's own words.
    steps.be(page, demo.lms_url, steps.TUYET)
    steps.launch(page, demo.lms_url, "1")
    steps.be(page, demo.lms_url, steps.INGRID)
    page.goto(f"{demo.lms_url}/gradebook")
    page.get_by_role("link", name=re.compile("Submission of Nguyễn")).first.click()
    work = steps.inside(page)
    expect(work.get_by_text("Nothing was handed in yet.")).to_be_visible(**BIG)
    album.look(page, "submission")

    # Handed in, it is that learner's work and nobody else's, opened from that learner's row.
    steps.be(page, demo.lms_url, steps.TUYET)
    frame = steps.launch(page, demo.lms_url, "1")
    steps.begin(frame)
    steps.answer_all(frame)
    steps.hand_in(frame)
    steps.be(page, demo.lms_url, steps.INGRID)
    page.goto(f"{demo.lms_url}/gradebook")
    page.get_by_role("link", name=re.compile("Submission of Nguyễn")).first.click()
    expect(work.locator("main")).to_contain_text("Nguyễn Thị Ánh Tuyết", **BIG)
    expect(work.locator("main")).to_contain_text(re.compile(r"100\s?%"))
    album.look(page, "work handed in")

"""An attempt with an end: the time that is left, more of it while one sits, another tab, and the end itself."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser import steps
from tests.browser.chrome import Browser
from tests.browser.conftest import Sites
from tests.browser.keys import walk
from tests.browser.looking import Album
from tests.browser.unseen import add_activity

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

# Somebody set the clock of this computer an hour ahead.
AN_HOUR_AHEAD = "(now => { Date.now = () => now() + 3600000 })(Date.now.bind(Date))"


def end(demo: Sites, minutes: float) -> None:
    """The activity, and whatever attempt is open, ends in so many minutes."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    (file,) = demo.settings.parent.rglob("tool.db")
    base = sqlite3.connect(file, timeout=20)
    base.execute("UPDATE offers SET settings = json_object('available_until', ?)", (at.isoformat(),))
    plain = "%Y-%m-%d %H:%M:%S.%f"
    base.execute(
        "UPDATE attempts SET deadline_at = ?, due_at = ? WHERE state = 'open'",
        (f"{at:{plain}}", f"{at + timedelta(seconds=30):{plain}}"),
    )
    base.commit()
    base.close()


def both(album: Album, page: Page, name: str) -> None:
    """A page as wide as a desk and as narrow as a phone."""
    album.look(page, name)
    page.set_viewport_size({"width": 375, "height": 667})
    album.look(page, f"{name} narrow")
    page.set_viewport_size({"width": 1280, "height": 720})


def look_again(frame: Frame) -> None:
    """Somebody comes back to the page."""
    frame.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")


def test_the_end_of_an_attempt(demo: Sites, browser: Browser, album: Album) -> None:
    activity = add_activity(demo.lms_url)
    end(demo, 10.2)
    page = browser.page()
    page.add_init_script(AN_HOUR_AHEAD)
    steps.be(page, demo.lms_url, steps.TUYET)
    frame = steps.launch(page, demo.lms_url, activity)
    both(album, page, "home")
    steps.begin(frame)
    left = frame.locator("[data-left]")
    expect(left).to_have_text("10 min left")
    expect(frame.locator(".crumb")).to_contain_text("because of the end of the activity")
    both(album, page, "timed")
    expect(frame.locator("[data-time-spoken]")).to_have_text("10 minutes left.", timeout=20_000)
    hidden_and_shown_by_keyboard(page, frame)
    more_time_comes_while_one_sits(demo, frame)
    another_tab(demo, browser, page, frame, activity, album)
    the_end(demo, page, frame, album)
    the_teacher_looks(demo, page, activity, album)


def hidden_and_shown_by_keyboard(page: Page, frame: Frame) -> None:
    hide = frame.get_by_role("button", name="Hide the time left")
    walk(page, until=lambda at: at.text.startswith("Hide the time"))
    page.keyboard.press("Enter")
    expect(frame.locator("[data-left]")).to_be_hidden()
    expect(hide).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(frame.locator("[data-left]")).to_be_visible()


def more_time_comes_while_one_sits(demo: Sites, frame: Frame) -> None:
    end(demo, 30.5)
    look_again(frame)
    expect(frame.locator("[data-left]")).to_have_text("30 min left")
    expect(frame.locator("[data-time-spoken]")).to_contain_text("The end has changed")


def another_tab(demo: Sites, browser: Browser, page: Page, frame: Frame, activity: str, album: Album) -> None:
    """The same person at another device answers the same question: it is shown here, and said."""
    other = browser.page()
    beside = steps.launch(other, demo.lms_url, activity)
    steps.begin(beside)
    item = steps.question(beside)
    steps.answer(beside, item)
    expect(steps.status(beside)).to_have_text(steps.SAVED)
    page.bring_to_front()
    look_again(frame)
    said = frame.locator("[data-elsewhere]")
    expect(said).to_contain_text("in another tab or on another device")
    assert steps.given(frame, item) == sorted(steps.right_answer(item))
    both(album, page, "elsewhere")
    steps.answer(frame, item, [value for value in _choices(frame) if value not in steps.right_answer(item)][:1])
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    other.close()


def _choices(frame: Frame) -> list[str]:
    found: list[str] = frame.locator("[name^='a-']").evaluate_all("all => all.map(one => one.value)")
    return found


def the_end(demo: Sites, page: Page, frame: Frame, album: Album) -> None:
    end(demo, 0.12)
    look_again(frame)
    frame.wait_for_url(re.compile("/result$"), timeout=30_000)
    expect(frame.locator("main")).to_contain_text("was handed in by itself")
    frame.get_by_text("Fingerprint").click()
    both(album, page, "result")


def the_teacher_looks(demo: Sites, page: Page, activity: str, album: Album) -> None:
    steps.be(page, demo.lms_url, steps.INGRID)
    frame = steps.launch(page, demo.lms_url, activity)
    frame.get_by_role("link", name="All attempts").click()
    expect(steps.heading(frame)).to_contain_text("Attempts at")
    both(album, page, "attempts")
    frame.get_by_role("link", name=re.compile("^Attempt 1")).click()
    expect(steps.heading(frame)).to_contain_text("Attempt 1 of")
    frame.get_by_text("Open it again").first.click()
    both(album, page, "attempt")
    frame.get_by_role("link", name="Change").click()
    expect(steps.heading(frame)).to_contain_text("is granted")
    both(album, page, "granted")


def test_answers_that_never_arrived_are_handed_in_by_a_teacher_from_a_file(
    demo: Sites, browser: Browser, tmp_path: Path
) -> None:
    activity = add_activity(demo.lms_url)
    end(demo, 30)
    page = browser.page()
    steps.be(page, demo.lms_url, steps.LUCJA)
    frame = steps.launch(page, demo.lms_url, activity)
    steps.begin(frame)
    browser.watch.expect("ERR_CONNECTION_RESET")
    page.route(re.compile(r"/attempts/\w+/\d+$"), lambda route: route.abort("connectionreset"))
    steps.answer(frame, steps.question(frame))
    with page.expect_download() as download:
        frame.get_by_role("button", name="Save my answers as a file").click(timeout=30_000)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.on("dialog", lambda dialog: dialog.accept())
    end(demo, -1)
    steps.be(page, demo.lms_url, steps.INGRID)
    board = steps.launch(page, demo.lms_url, activity)
    board.get_by_role("link", name="All attempts").click()
    board.locator("input[type=file]").set_input_files(file)
    board.get_by_role("button", name="Take these answers").click()
    expect(steps.heading(board)).to_contain_text("Attempt 1 of")
    expect(board.locator("main")).to_contain_text("1 answer brought in a file")
    expect(board.locator("main")).to_contain_text("10 % of the points")

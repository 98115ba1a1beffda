"""The three doors in a real browser, from deep link to verification page, with an eye on every page of the way."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import BrowserContext, Frame, Page, expect

from tests.browser import steps
from tests.browser.chrome import Browser
from tests.browser.conftest import Opener, Sites
from tests.browser.looking import Album

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

NAMES = {steps.TUYET: "Nguyễn Thị Ánh Tuyết", steps.MOHAMMED: "محمد الأحمد بن عبد الله"}


@pytest.mark.parametrize(("width", "learner"), [(1280, steps.TUYET), (375, steps.MOHAMMED)], ids=["1280", "375"])
def test_from_deep_link_to_verification(
    demo: Sites, open_browser: Opener, album: Album, width: int, learner: str, tmp_path: Path
) -> None:
    browser = open_browser(width=width)
    page = browser.page()
    activity = teach(page, demo, album)
    frame = learn(page, demo, album, learner, activity)
    page = frame.page
    address = certify(page, frame, album, NAMES[learner], tmp_path)
    grade_arrived(page, demo, album, activity, learner)
    check(browser, demo, album, address, NAMES[learner])
    look_back(page, demo, album, activity)


def teach(page: Page, demo: Sites, album: Album) -> str:
    """The teacher's door: a module is picked in the dialogue and stands in the course; the activity's number."""
    page.goto(f"{demo.lms_url}/")
    album.look(page, "three doors")
    steps.enter(page, demo.lms_url, "Enter as teacher")
    album.look(page, "course of the teacher")
    page.get_by_role("link", name="Add an activity").click()
    picker = page.frame_locator(f"#{steps.PICKER_FRAME}")
    expect(picker.locator("h1")).to_contain_text("Which module")
    album.look(page, "picker")
    picker.get_by_role("link", name="Look at it as a learner").click()
    expect(picker.locator("h1")).to_have_text("What counts as personal data")
    album.look(page, "preview in the picker")
    picker.get_by_role("link", name="Back to").click()
    steps.pick(page)
    album.look(page, "course with the activity")
    found = re.search(r"added=(\w+)", page.url)
    assert found, page.url
    return found.group(1)


def learn(page: Page, demo: Sites, album: Album, learner: str, activity: str) -> Frame:
    """The learner's door: reading with a pause, the assessment with a reload, the hand-in; ends on the result."""
    steps.enter(page, demo.lms_url, "Enter as learner")
    steps.be(page, demo.lms_url, learner)
    page.get_by_role("link", name=re.compile(f"^Open {steps.TITLE}")).and_(
        page.locator(f"[href$='/activity/{activity}']")
    ).click()
    frame = steps.tool_frame(page)
    expect(steps.heading(frame)).to_contain_text("Welcome, ")
    album.look(page, "home")
    page = read(page, demo, album, activity)
    return assess(page, album)


def read(page: Page, demo: Sites, album: Album, activity: str) -> Page:
    """Reads one page, leaves in the middle of the next, comes back to the same place, and reads to the end."""
    frame = steps.tool_frame(page)
    frame.locator(".record a.btn").first.click()
    expect(steps.heading(frame)).to_have_text("What counts as personal data")
    album.look(page, "a page to read")
    frame.get_by_role("button", name=re.compile("Next|Continue|Done|Go on", re.I)).click()
    expect(steps.heading(frame)).not_to_have_text("What counts as personal data")
    stopped_at = steps.heading(frame).inner_text()
    block = stop_in_the_middle(frame)
    context = page.context
    page.close()
    page = context.new_page()
    frame = steps.launch(page, demo.lms_url, activity)
    expect(frame.locator("main")).to_contain_text(f"You stopped at “{stopped_at}”")
    frame.locator(".record a.btn").first.click()
    expect(steps.heading(frame)).to_have_text(stopped_at)
    expect(frame.locator("[data-page]")).to_have_attribute("data-block", str(block))
    go_on = frame.get_by_role("link", name="Go on where you stopped")
    if go_on.count():
        go_on.click()
    expect(frame.locator(f"#b-{block}")).to_be_in_viewport()
    while re.search(r"/pages/", frame.url):
        before = frame.url
        frame.locator("form[action$='/done'] button").click()
        frame.wait_for_url(lambda url, before=before: url != before)
    expect(frame.locator("main")).to_contain_text("You have read everything")
    album.look(page, "home when all is read")
    return page


def stop_in_the_middle(frame: Frame) -> int:
    """Scrolls to a block in the middle as a reader does, and waits until the tool knows; the block's number."""
    blocks = frame.locator("[data-page] [data-b]")
    middle = blocks.nth(blocks.count() // 2)
    with frame.page.expect_response(lambda answer: answer.url.endswith("/position") and answer.ok) as told:
        middle.evaluate("one => one.scrollIntoView()")
    noted: dict[str, object] = json.loads(told.value.request.post_data or "{}")
    block = noted["block"]
    assert isinstance(block, int) and block > 0
    return block


def assess(page: Page, album: Album) -> Frame:
    """The assessment: saved as you go, kept over a reload, looked over, handed in; the receipt comes by itself."""
    frame = steps.tool_frame(page)
    steps.begin(frame)
    seen: set[str] = set()
    while "/review" not in frame.url:
        item = steps.question(frame)
        steps.answer(frame, item)
        expect(steps.status(frame)).to_have_text(steps.SAVED)
        # What is read aloud, the map and the count say it at once, without a reload.
        expect(frame.locator("[data-spoken]")).to_have_text(steps.SAVED)
        expect(frame.locator(".qmap [aria-current]")).to_contain_text(", answered")
        expect(frame.locator("#answered")).to_have_text(f"{frame.url.rsplit('/', 1)[1]} of 10 answered")
        kind = item.interactions[0].kind
        if kind not in seen:
            seen.add(kind)
            album.look(page, f"question, {kind}")
            answered = steps.given(frame, item)
            steps.reload(frame)
            expect(steps.status(frame)).to_have_text(steps.SAVED)
            assert steps.given(frame, item) == answered
        steps.onward(frame)
    assert seen == {"single", "multiple", "text", "number"}
    expect(frame.locator("main")).to_contain_text("All 10 questions are answered")
    album.look(page, "look over")
    steps.hand_in(frame)
    expect(steps.heading(frame)).to_have_text("You passed with 100\u202f%")
    frame.evaluate("() => { window.same = true }")
    expect(frame.locator(".receipt")).to_contain_text("Demo LMS has your 100\u202f%")
    assert frame.evaluate("() => window.same"), "the receipt came by a reload"
    frame.locator("details summary").first.click()
    album.look(page, "result")
    return frame


def certify(page: Page, frame: Frame, album: Album, name: str, folder: Path) -> str:
    """Confirms the name, waits for the certificate, downloads it; the address in its QR code."""
    frame.locator("a[href$='/certificate']").first.click()
    expect(frame.locator("main .cert")).to_contain_text(name)
    album.look(page, "name")
    frame.get_by_role("button", name="This is my name").click()
    expect(steps.heading(frame)).to_contain_text("Congratulations")
    expect(frame.locator("main .cert")).to_contain_text(name)
    album.look(page, "certificate")
    written_its_own_way(frame, name)
    with page.expect_download() as download:
        frame.get_by_role("link", name="Download PDF").click()
    pdf = folder / "certificate.pdf"
    download.value.save_as(pdf)
    assert pdf.read_bytes()[:5] == b"%PDF-"
    picture = folder / "qr.png"
    frame.locator(".qr").screenshot(path=picture)
    (code,) = zxingcpp.read_barcodes(Image.open(picture))
    return code.text


def written_its_own_way(frame: Frame, name: str) -> None:
    """The page runs from left to right, and each name in it as its script does, whatever stands beside it."""
    assert frame.evaluate("() => [document.documentElement.lang, document.documentElement.dir]") == ["en", "ltr"]
    names = frame.locator("bdi").filter(has_text=name)
    assert names.count() > 0
    expected = "rtl" if "\u0600" <= name[0] <= "\u06ff" else "ltr"
    ways: list[str] = names.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert set(ways) == {expected}
    loose = """name => { const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
      while (walker.nextNode()) { const text = walker.currentNode;
        if (text.data.trim() === name && !text.parentElement.closest("bdi")) found.push(text.parentElement.outerHTML) }
      return found }"""
    assert frame.evaluate(loose, name) == []


def grade_arrived(page: Page, demo: Sites, album: Album, activity: str, learner: str) -> None:
    """The LMS's own pages say that the grade came, and how."""
    page.goto(f"{demo.lms_url}/course")
    expect(page.locator(".receipt").first).to_contain_text("100 of 100")
    page.goto(f"{demo.lms_url}/gradebook")
    row = page.get_by_role("row").filter(has_text=NAMES[learner]).filter(has_text="FullyGraded")
    expect(row.first).to_contain_text("100")
    album.look(page, "gradebook")
    for path, name in (("/wires", "wires"), ("/people", "people"), ("/faults", "faults")):
        page.goto(f"{demo.lms_url}{path}")
        album.look(page, name)


def check(browser: Browser, demo: Sites, album: Album, address: str, name: str) -> None:
    """The employer's door, in a browser that knows nothing: genuine, then revoked; no cookie at any time."""
    page, context = stranger(browser)
    page.goto(f"{demo.tool_url}/verify")
    album.look(page, "check")
    page.get_by_label("Link or certificate id").fill(address)
    page.get_by_role("button", name="Check it").click()
    expect(page).to_have_url(address)
    expect(steps.heading(page.main_frame)).to_have_text("This certificate is genuine")
    expect(page.locator(".verdict .name")).to_have_text(name)
    album.look(page, "genuine")
    written_its_own_way(page.main_frame, name)
    revoke(demo, address)
    page.reload()
    expect(steps.heading(page.main_frame)).to_contain_text("revoked")
    album.look(page, "revoked")
    browser.watch.expect("404")
    page.goto(f"{demo.tool_url}/c/{'0' * 26}")
    expect(page.locator("main .verdict")).to_have_class(re.compile("bad"))
    album.look(page, "unknown")
    assert context.cookies() == []
    context.close()


def stranger(browser: Browser) -> tuple[Page, BrowserContext]:
    """Somebody else's browser: no cookie, no history."""
    of = browser.context.browser
    assert of is not None
    context = of.new_context(viewport=browser.context.pages[0].viewport_size)
    browser.watch.over(context)
    return context.new_page(), context


def revoke(demo: Sites, address: str) -> None:
    """As an operator does it, on the command line."""
    command = [sys.executable, "-m", "lti_tool", "credential", "revoke", address, "--reason", "misconduct"]
    done = subprocess.run([*command, "--config", str(demo.settings)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def look_back(page: Page, demo: Sites, album: Album, activity: str) -> None:
    """The teacher looks who came how far."""
    steps.enter(page, demo.lms_url, "Enter as teacher")
    frame = steps.launch(page, demo.lms_url, activity)
    expect(steps.heading(frame)).to_have_text("What needs your attention")
    expect(frame.locator("tbody tr")).to_contain_text("Passed")
    album.look(page, "dashboard")
    frame.get_by_role("link", name="As a learner").click()
    expect(steps.heading(frame)).to_have_text("What counts as personal data")
    album.look(page, "preview")

"""Makes the pictures of README.md anew: `python -m tests.browser.pictures` walks through a demo and keeps six pages."""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Frame, Page, Playwright, expect, sync_playwright

from tests import demo_process
from tests.browser import chrome, steps
from tests.browser.looking import ROOT
from tests.browser.unseen import add_activity

PICTURES = ROOT / "docs" / "pictures"
WIDTH = 1120
PORT = 8000  # As `make demo` has it: the addresses in the pictures are those that a reader will see.


def main() -> int:
    """Writes all pictures; the exit status."""
    if demo_process.served(PORT) or demo_process.served(PORT + 1):
        print(f"Ports {PORT} and {PORT + 1} must be free: stop the demo that runs there.")
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        with demo_process.demo(folder / "data", port=PORT, hosts="lms.localhost,tool.localhost") as running:
            walk(playwright, running.lms_url, folder)
    return 0


def walk(playwright: Playwright, lms_url: str, folder: Path) -> None:
    """From the picker to the verification page."""
    add_activity(lms_url)
    with chrome.browser(playwright, folder / "profile", width=WIDTH) as browser:
        page = browser.page()
        steps.be(page, lms_url, steps.INGRID)
        page.goto(f"{lms_url}/course/add")
        expect(page.frame_locator(f"#{steps.PICKER_FRAME}").locator("h1")).to_contain_text("Which module")
        keep(page, "picker")
        steps.be(page, lms_url, steps.TUYET)
        frame = steps.launch(page, lms_url)
        keep_home_and_question(page, frame, lms_url)
        frame = steps.tool_frame(page)
        steps.answer_all(frame)
        steps.hand_in(frame)
        expect(frame.locator(".receipt")).to_contain_text("Demo LMS has your")
        keep(page, "result")
        steps.make_certificate(frame)
        address = frame.get_by_role("link", name="See what employers see").get_attribute("href") or ""
        with page.expect_download() as download:
            frame.get_by_role("link", name="Download PDF").click()
        download.value.save_as(folder / "certificate.pdf")
        page.goto(address)
        keep(page, "verification")
    draw(folder / "certificate.pdf")


def keep_home_and_question(page: Page, frame: Frame, lms_url: str) -> None:
    """The home with two pages read, and a question just answered."""
    frame.locator(".record a.btn").first.click()
    for title in ("What counts as personal data", "Seven principles, one habit"):
        expect(steps.heading(frame)).to_have_text(title)
        frame.locator("form[action$='/done'] button").click()
    expect(steps.heading(frame)).not_to_have_text("Seven principles, one habit")
    frame = steps.launch(page, lms_url)
    keep(page, "home")
    frame.get_by_role("button", name="Begin the assessment").click()
    while steps.question(frame).id != "first-thing":
        steps.answer(frame, steps.question(frame))
        steps.onward(frame)
    steps.answer(frame, steps.question(frame))
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    page.mouse.move(5, 5)
    keep(page, "question")


def keep(page: Page, name: str) -> None:
    """The upper part of a page, its frame as tall as what is in it; a picture with few colours."""
    path = PICTURES / f"{name}.png"
    page.set_viewport_size({"width": WIDTH, "height": 2600})
    page.evaluate("() => { for (const frame of document.querySelectorAll('iframe')) frame.style.blockSize = '2000px' }")
    for frame in page.frames:
        frame.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0) }")
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": WIDTH, "height": 860})
    shrink(path)


def draw(pdf: Path) -> None:
    """The certificate on paper, as wide as the other pictures."""
    target = PICTURES / "certificate"
    subprocess.run(
        ["pdftoppm", "-png", "-singlefile", "-scale-to-x", str(WIDTH), "-scale-to-y", "-1", pdf, target], check=True
    )
    shrink(target.with_suffix(".png"))


def shrink(path: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())

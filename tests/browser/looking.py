"""What must hold on every page of the way: axe finds nothing, nothing sticks out sideways; and a picture for people."""

import os
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from playwright.sync_api import Frame, Page

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

# Each frame is examined by itself: axe cannot reach over from one site to another.
_EXAMINE = """async rules => {
  const runOnly = { type: "tag", values: rules };
  const found = await axe.run(document, { iframes: false, resultTypes: ["violations"], runOnly });
  const told = (rule, node) => `${rule}: ${node.html.slice(0, 160)} | ${node.failureSummary}`;
  return found.violations.flatMap(one => one.nodes.map(node => told(one.id, node)));
}"""

_SIDEWAYS = """() => {
  const page = document.documentElement, room = page.clientWidth; // Without the scroll bar.
  if (page.scrollWidth <= room) return [];
  const out = [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > room + 1);
  const culprits = out.slice(-3).map(one => one.outerHTML.slice(0, 120));
  return [`${page.scrollWidth} px wide on ${room}: ${culprits.join(" … ")}`];
}"""


@lru_cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def examine(frame: Frame) -> list[str]:
    """What axe finds on one page or frame, looked at from its top: half under a bar, anything is too small."""
    frame.evaluate("() => scrollTo(0, 0)")
    if not frame.evaluate("() => Boolean(window.axe)"):
        frame.evaluate(_axe())
    found: list[str] = frame.evaluate(_EXAMINE, list(RULES))
    return found


def sideways(frame: Frame) -> list[str]:
    """What makes a page wider than its window."""
    found: list[str] = frame.evaluate(_SIDEWAYS)
    return found


def frames_of(page: Page) -> list[Frame]:
    """The page and the frames in it that show something."""
    return [frame for frame in page.frames if frame.url.startswith("http")]


@dataclass
class Album:
    """Looks at page after page, and keeps a picture of each."""

    folder: Path
    pages: int = 0

    def look(self, page: Page, name: str) -> None:
        """A page with all its frames: nothing wrong must be found."""
        self.pages += 1
        try:
            for frame in frames_of(page):
                found = examine(frame) + sideways(frame)
                assert not found, "\n".join([f"{name}, {frame.url}:", *found])
        finally:
            # A picture of the whole page resizes it for a moment; a frame of another site comes back from that late.
            framed = len(page.frames) > 1
            page.evaluate("() => document.querySelector('iframe')?.scrollIntoView()")
            page.screenshot(path=self.folder / f"{self.pages:02} {name}.png", full_page=not framed)


def album_folder(name: str) -> Path:
    """Where the pictures of a test lie: in `.cache/pictures`, or where BROWSER_PICTURES says."""
    folder = Path(os.environ.get("BROWSER_PICTURES", ROOT / ".cache" / "pictures")) / re.sub(
        r"[^\w-]+", "-", name
    ).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    return folder

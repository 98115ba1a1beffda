"""A person without a mouse: Tab from stop to stop, and at each stop the focus must be seen (WCAG 2.4.7, 2.4.11)."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

# The thing that has the focus, and what is wrong with how it shows. A choice shows it on the label around its field.
_FOCUS = """() => {
  const at = document.activeElement;
  if (at?.tagName === "IFRAME") return at.name;
  if (!at || at === document.body || at === document.documentElement) return null;
  const shows = one => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.outlineStyle === "auto";
  };
  const frame = at.closest("label") ?? at;
  const box = frame.getBoundingClientRect();
  const inView = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const spots = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) =>
    document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  const open = spots.some(spot => spot && (frame.contains(spot) || spot.contains(at)));
  const what = at.outerHTML.slice(0, 140).replace(/\\s+/g, " ");
  return {
    tag: at.tagName.toLowerCase(), name: at.getAttribute("name") ?? "", value: at.value ?? "",
    href: at.getAttribute("href") ?? "", text: (at.innerText ?? "").trim().replace(/\\s+/g, " "),
    label: at.getAttribute("aria-label") ?? "",
    fault: !shows(at) && !shows(frame) ? `the focus shows nothing: ${what}`
      : !inView ? `the focus is out of view: ${what}`
      : !open ? `the focus is covered: ${what}` : "",
  };
}"""


@dataclass(frozen=True)
class Stop:
    """Where the focus is."""

    tag: str
    name: str
    value: str
    href: str
    text: str
    label: str
    fault: str
    site: str


def focus(page: Page) -> Stop | None:
    """The stop that has the focus, in the innermost frame; None where it is on no element."""
    frame = page.main_frame
    while isinstance(found := frame.evaluate(_FOCUS), str):
        frame = next(child for child in frame.child_frames if child.name == found)
    return None if found is None else Stop(**found, site=urlsplit(frame.url).hostname or "")


def hidden_focus(page: Page) -> str:
    """What is wrong with how the focus shows; empty when it can be seen."""
    at = focus(page)
    return "nothing has the focus" if at is None else at.fault


def walk(page: Page, *, until: Callable[[Stop], bool], key: str = "Tab", most: int = 80) -> Stop:
    """Presses Tab until the wanted stop has the focus; every stop on the way must show it."""
    seen: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        at = focus(page)
        if at is None:
            seen.append("(none)")
            continue
        assert not at.fault, at.fault
        if until(at):
            return at
        seen.append(f"{at.text or at.label or at.tag} {at.name}")
    raise AssertionError(f"not reached in {most} steps of {key}: {seen}")

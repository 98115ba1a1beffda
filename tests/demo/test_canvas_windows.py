"""The Canvas flavour's page in a real browser: a tool in its frame speaks to it, and it answers, acts and notes it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, Route, sync_playwright

from lti_tool.demo import CanvasLms, Flavour, LmsConfig, serve
from tests.browser import chrome
from tests.needs import need
from tests.stage import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_TOOL_PAGE = """<!doctype html><title>A tool</title><h1>A tool</h1><script>
window.ask = (target, origin, message) => new Promise((resolve) => {
  const wait = (event) => {
    if (!String(event.data.subject).endsWith(".response")) return;
    window.removeEventListener("message", wait);
    resolve({ origin: event.origin, answer: event.data });
  };
  window.addEventListener("message", wait);
  target.postMessage(message, origin);
});
</script>"""


@dataclass(frozen=True)
class Opened:
    """An activity with a tool in its frame."""

    lms: CanvasLms
    page: Page
    tool: Frame

    def ask(self, message: dict[str, object], frame: str = "") -> Any:
        """What the tool's window is answered, by the page itself or by the named frame beside the tool's."""
        target = f"parent.frames[{frame!r}]" if frame else "parent"
        script = f"(said) => window.ask({target}, said.origin, said.message)"
        return self.tool.evaluate(script, {"origin": self.lms.config.lms_url, "message": message})


@pytest.fixture
def opened(tmp_path: Path, fresh_course: str) -> Iterator[Opened]:
    need(chrome.CHROMIUM.exists(), "Chromium: install the package chromium")
    (tmp_path / "lms.json").write_text(fresh_course, encoding="utf-8")
    port = free_port()
    tool_url = f"http://tool.localhost:{port + 1}"
    running = serve(LmsConfig(f"http://lms.localhost:{port}", tool_url, tmp_path, Flavour.CANVAS), port=port)
    lms = running.lms
    assert isinstance(lms, CanvasLms)
    link = lms.add_link("Data protection essentials")
    try:
        with sync_playwright() as playwright, chrome.browser(playwright, tmp_path / "profile") as browser:
            browser.context.route(f"{tool_url}/**", _play_tool)
            page = browser.page()
            page.goto(f"{lms.config.lms_url}/course")
            page.select_option("#who", lms.person("tuyet").id)
            page.get_by_role("button", name="Be this person").click()
            page.goto(f"{lms.config.lms_url}/course/activity/{link.id}")
            page.frame_locator("#contentframe").get_by_role("heading", name="A tool").wait_for()
            tool = page.frame("contentframe")
            assert tool is not None
            yield Opened(lms, page, tool)
    finally:
        running.stop()


def _play_tool(route: Route) -> None:
    route.fulfill(body=_TOOL_PAGE, content_type="text/html")


def test_a_tool_speaks_with_canvas(opened: Opened) -> None:
    frame = "post_message_forwarding"
    capabilities = opened.ask({"subject": "lti.capabilities", "message_id": "c"})
    assert capabilities["origin"] == opened.lms.config.lms_url
    assert {"subject": "lti.put_data", "frame": frame} in capabilities["answer"]["supported_messages"]

    put = {"subject": "lti.put_data", "message_id": "p", "key": "state", "value": "v"}
    assert opened.ask(put, frame)["answer"]["value"] == "v"
    get = {"subject": "lti.get_data", "message_id": "g", "key": "state"}
    for where in (frame, ""):
        assert opened.ask(get, where) == {
            "origin": opened.lms.config.lms_url,
            "answer": {"subject": "lti.get_data.response", "message_id": "g", "key": "state", "value": "v"},
        }
    old = opened.ask({**get, "subject": "org.imsglobal.lti.get_data"}, frame)["answer"]
    assert (old["subject"], old["value"]) == ("org.imsglobal.lti.get_data.response", "v")

    assert "error" not in opened.ask({"subject": "lti.frameResize", "height": 333})["answer"]
    assert opened.page.locator("#contentframe").evaluate("(one) => one.getBoundingClientRect().height") == 333
    size = opened.ask({"subject": "lti.fetchWindowSize"})["answer"]
    assert size["width"] == 1280 and set(size["offset"]) == {"top", "left"}
    assert opened.ask({"subject": "lti.foo"})["answer"]["error"] == {"code": "unsupported_subject"}
    opened.ask({"subject": "lti.showAlert", "title": "Tool", "body": "Saved <b>"})
    assert opened.page.locator("#tool-alerts").inner_text() == "Tool: Saved <b>"

    opened.page.goto(f"{opened.lms.config.lms_url}/wires")
    noted = [message.title for message in opened.lms.wires.trail]
    assert "Window message lti.frameResize" in noted and "Window message lti.put_data" in noted


def test_a_tool_cannot_pass_for_the_forwarding_frame(opened: Opened) -> None:
    """Only that frame may say for whom it speaks; storage is the sender's own."""
    inner = {"subject": "lti.get_data", "message_id": "g", "key": "state"}
    forged = {"forward": 1, "origin": "http://other.localhost", "message": inner}
    script = """([origin, message]) => new Promise((resolve) => {
      window.addEventListener("message", () => resolve("answered"));
      parent.postMessage(message, origin);
      setTimeout(() => resolve("silence"), 300);
    })"""
    assert opened.tool.evaluate(script, [opened.lms.config.lms_url, forged]) == "silence"

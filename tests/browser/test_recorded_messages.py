"""Window messages as Canvas answers them, played to our own script in a browser: what it asks, what it makes of it."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests.browser import chrome
from tests.conftest import ROOT
from tests.recordings import Recorded

pytestmark = [pytest.mark.browser, pytest.mark.shared]
CANVAS, TOOL = "https://canvas.example.edu", "https://tool.example.com"
PREFIX = "lti."
# Canvas's page and the frame beside the tool's. Each answers what the recording has an answer to, with the id of the
# question; `window.asked` is what it was asked, and where.
ANSWERING = """
const RECORDED = %s;
const place = %s;
addEventListener("message", ({ source, origin, data }) => {
  top.asked.push({ place, origin, data });
  const { message_id: id, ...asked } = data;
  const found = RECORDED.find(one => one.place === place && JSON.stringify(one.asked) === JSON.stringify(asked));
  if (found) source.postMessage({ ...found.answer, message_id: id }, origin);
});
"""
SCRIPT = (ROOT / "lti_tool" / "web" / "static" / "platform-storage.js").read_text(encoding="utf-8")


def without_id(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "message_id"}


def playing(page: Page, answers: list[dict[str, Any]]) -> None:
    """Canvas's page with the tool in a frame, both on hosts of their own; nothing leaves this machine."""

    def answering(place: str) -> str:
        return f"<script>window.asked ??= [];{ANSWERING % (json.dumps(answers), json.dumps(place))}</script>"

    frames = (
        f'<iframe name="post_message_forwarding" src="/forwarding"></iframe><iframe name="tool" src="{TOOL}/"></iframe>'
    )
    bodies = {
        f"{CANVAS}/": ("text/html", f"<!doctype html><title>Canvas</title>{answering('window')}{frames}"),
        f"{CANVAS}/forwarding": ("text/html", f"<!doctype html><title>Forwarding</title>{answering('frame')}"),
        f"{TOOL}/": ("text/html", "<!doctype html><title>Tool</title>"),
        f"{TOOL}/platform-storage.js": ("text/javascript", SCRIPT),
    }

    def serve(route: Route) -> None:
        kind, body = bodies.get(route.request.url, ("text/plain", ""))
        route.fulfill(content_type=f"{kind}; charset=utf-8", body=body)

    page.route("**/*", serve)
    page.goto(f"{CANVAS}/")


def in_tool(page: Page, act: str) -> Any:
    """What a script of ours says in the tool's frame, with Canvas's storage in its hand."""
    frame = page.frame(name="tool")
    assert frame is not None
    facts = json.dumps({"origin": CANVAS, "target": "post_message_forwarding"})
    return frame.evaluate(
        f"async () => {{ const {{ reach }} = await import('/platform-storage.js');"
        f" const storage = await reach({facts}); return {act} }}"
    )


def test_our_script_asks_what_canvas_answers_and_believes_its_answers(
    browser: chrome.Browser, recorded: Recorded
) -> None:
    """Capabilities, keeping, reading, an unknown key, removing; each question is the recorded one but for its id."""
    said = recorded("canvas", "postmessages")
    can, put, get = (said["subjects"][f"{PREFIX}{name}"] for name in ("capabilities", "put_data", "get_data"))
    assert said["target"]["storage_frame"].startswith('window.parent.frames["post_message_forwarding"]')
    unknown = {**get["request"], "key": "unknown"}
    answers = [
        {"place": "window", "asked": can["request"], "answer": can["response"]},
        *(
            {"place": "frame", "asked": without_id(asked), "answer": without_id(answer)}
            for asked, answer in (
                (put["request"], put["response"]),
                (get["request"], get["response"]),
                (put["remove"]["request"], put["remove"]["response"]),
                (unknown, {**get["response_unknown_key"], "key": "unknown"}),
            )
        ),
    ]
    page = browser.page()
    playing(page, answers)
    told = in_tool(
        page,
        "[await storage.put('hello', 'world'), await storage.get('hello'), await storage.get('unknown'),"
        " await storage.forget('hello')]",
    )
    assert told == [True, "world", None, True]
    asked: list[dict[str, Any]] = page.evaluate("window.asked")
    assert {one["origin"] for one in asked} == {TOOL}
    # The old names went out in 2023: they are tried beside, and get no answer.
    plain = [without_id(one["data"]) for one in asked if one["data"]["subject"].startswith(PREFIX)]
    wanted = (can["request"], put["request"], get["request"], unknown, put["remove"]["request"])
    assert plain == [without_id(one) for one in wanted]
    assert all(len(one["data"]["message_id"]) == 32 for one in asked)


def test_what_canvas_refuses_is_not_kept(browser: chrome.Browser, recorded: Recorded) -> None:
    """No room, no key, another origin, a subject that it does not know: our script sees that nothing is kept there."""
    said = recorded("canvas", "postmessages")
    can, put = (said["subjects"][f"{PREFIX}{name}"] for name in ("capabilities", "put_data"))
    page = browser.page()
    errors = [*put["errors"], *said["errors"].values()]
    keys = [f"key-{number}" for number in range(len(errors))]
    asked = [{**without_id(put["request"]), "key": key} for key in keys]
    subject = put["response"]["subject"]
    answers = [{"place": "window", "asked": can["request"], "answer": can["response"]}]
    for question, error in zip(asked, errors, strict=True):
        answers.append({"place": "frame", "asked": question, "answer": {**without_id(error), "subject": subject}})
    playing(page, answers)
    told = in_tool(page, f"await Promise.all({json.dumps(keys)}.map(key => storage.put(key, 'world')))")
    assert told == [None] * len(errors) and len(errors) == 8


def test_we_say_nothing_else_to_the_lms(recorded: Recorded) -> None:
    """Of Canvas's subjects our scripts know these alone, so no other answer can come."""
    known = recorded("canvas", "postmessages")
    ours = "\n".join(path.read_text("utf-8") for path in (ROOT / "lti_tool" / "web" / "static").glob("*.js"))
    said = {name for name in known["subjects"] if f'"{name}"' in ours or f'"{name.removeprefix(PREFIX)}"' in ours}
    said |= {name for name in known["subjects"] if f"${{prefix}}{name.removeprefix(PREFIX)}`" in ours}
    assert said == {"lti.capabilities", "lti.put_data", "lti.get_data", "org.imsglobal.lti.close"}
    assert not any(f'"{name}"' in ours for name in known["ignored"])

"""Hostile pages around, beside and in place of those that our pages speak with: none of their messages counts."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import evil, no_cookies, steps
from tests.browser.chrome import Browser, blocked_everywhere, blocked_in_frame
from tests.browser.conftest import Opener, Sites
from tests.browser.unseen import add_activity

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STATIC = Path(__file__).resolve().parents[2] / "lti_tool" / "web" / "static"
FORWARDER = "post_message_forwarding"
GONE = "Please open the activity again"


@pytest.fixture(scope="module")
def course(canvas: Sites) -> tuple[Sites, str]:
    return canvas, add_activity(canvas.lms_url)


@pytest.fixture
def stranger() -> Iterator[evil.Site]:
    with evil.site() as site:
        yield site


# An LMS's page in bad company: a hostile frame beside the tool's; a script of the LMS's own that sends the tool stale
# answers; and, see below, one that lets the hostile frame know each message's id and answers slowly.
_COMPANY = """<!doctype html><html lang="en"><title>The LMS</title><main><h1>The course</h1>
<iframe name="evil" src="{evil}/sibling" title="evil"></iframe>
<iframe id="post_message_forwarding" name="post_message_forwarding" src="{storage}" title="storage"></iframe>
<div id="tool-alerts"></div>
<iframe id="contentframe" name="contentframe" class="embed" width="900" height="600" title="tool"></iframe></main>
<script>
const prey = document.getElementById("contentframe");
addEventListener("message", event => {{
  if (event.data === "evil is ready" && !prey.src) prey.src = "/course/activity/{activity}/launch";
}});
setInterval(() => {{
  for (const prefix of ["lti.", "org.imsglobal.lti."]) for (const kind of ["put_data", "get_data"])
    for (const message_id of ["", "0123456789abcdef0123456789abcdef", undefined])
      prey.contentWindow.postMessage(
        {{ subject: `${{prefix}}${{kind}}.response`, message_id, key: "x", value: {secret} }}, "*");
}}, 20);
</script>
<script type="module" src="/static/canvas-messages.js"></script></html>"""

_CHATTY = """
if (location.origin === %(lms)s && self.name !== "contentframe") addEventListener("message", event => {
  if (event.origin !== %(tool)s || event.again) return;
  event.stopImmediatePropagation();
  const { message_id, subject, key } = event.data;
  top.frames.evil.postMessage({ leak: { message_id, subject, key } }, "*");
  setTimeout(() => {
    const { data, origin, source } = event;
    dispatchEvent(Object.assign(new MessageEvent("message", { data, origin, source }), { again: true }));
  }, 300);
});
"""


Enter = Callable[..., tuple[Browser, Page]]


@pytest.fixture
def in_bad_company(course: tuple[Sites, str], open_browser: Opener, stranger: evil.Site) -> Iterator[Enter]:
    """Opens an activity on the LMS's page in bad company, in a browser that keeps nothing in frames."""
    sites, activity = course
    words = {"lms": json.dumps(sites.lms_url), "tool": json.dumps(sites.tool_url)}
    pages: dict[str, str] = {}

    def enter(*swaps: tuple[str, str], storage: str = f"/{FORWARDER}") -> tuple[Browser, Page]:
        facts = {"evil": stranger.url, "storage": storage, "activity": activity, "secret": json.dumps(evil.SECRET)}
        pages["/company"] = _COMPANY.format(**facts)
        browser = open_browser(preferences=blocked_in_frame(), mapped=rule)
        stranger.watch(browser.context, sites.tool_url)
        weaken(browser, swaps)
        page = browser.page()
        steps.be(page, sites.lms_url, steps.TUYET)
        browser.context.add_init_script(_CHATTY % words)
        # The browser itself says that a message was not handed to a page of another origin than it was meant for.
        browser.watch.expect("/favicon.ico")
        browser.watch.expect("Failed to execute 'postMessage'", "does not match the recipient window's origin")
        page.goto(f"{sites.lms_url}/company")
        return browser, page

    with no_cookies.before(sites.lms_url, without="content-security-policy", pages=pages) as rule:
        yield enter


def weaken(browser: Browser, swaps: tuple[tuple[str, str], ...]) -> None:
    """Serves the script that speaks with the LMS without some of its checks."""
    source = (STATIC / "platform-storage.js").read_text(encoding="utf-8")
    for check, nothing in swaps:
        assert source.count(check) == 1, check
        source = source.replace(check, nothing)
    if swaps:
        pattern = re.compile(r"/platform-storage\.js")
        browser.context.route(pattern, lambda route: route.fulfill(body=source, content_type="text/javascript"))


NO_ORIGIN = ('if (origin === "*" ? source !== target : from !== origin) return;', "")
NO_ID = ("data?.message_id !== id || ", "")
ANYBODY = (
    "target.postMessage({ ...message, message_id: id }, origin);",
    'target.postMessage({ ...message, message_id: id }, "*");',
)


def test_of_a_hostile_frame_beside_ours_nothing_is_believed(
    course: tuple[Sites, str], in_bad_company: Enter, stranger: evil.Site
) -> None:
    _, page = in_bad_company()
    frame = steps.tool_frame(page)
    expect(steps.heading(frame)).to_contain_text("Welcome")
    steps.begin(frame)
    steps.answer(frame, steps.question(frame))
    expect(steps.status(frame)).to_have_text(steps.SAVED)
    lms_url = course[0].lms_url
    # It was an attack: forgeries by the hundred came, with ids that were right, from wrong and right origins.
    assert stranger.came[stranger.url] >= 100 and stranger.came[lms_url] >= 100 and stranger.sent(page) > 1000
    assert stranger.believed_of_evil() == []
    # The witness sees what is believed: question, putting and getting, each answered by the LMS.
    subjects = [json.loads(said)["subject"] for origin, said in stranger.believed if origin == lms_url]
    assert {subject.removeprefix("lti.") for subject in subjects} >= {
        "capabilities.response",
        "put_data.response",
        "get_data.response",
    }
    assert stranger.used() == []
    (secret,) = stranger.secrets
    assert all(secret not in said for said in stranger.heard(page))


@pytest.mark.parametrize("swap", [NO_ORIGIN, NO_ID], ids=["origin", "message id"])
def test_without_the_check_a_forgery_is_believed(
    in_bad_company: Enter, stranger: evil.Site, swap: tuple[str, str]
) -> None:
    """The negative control of the story above: each of the two checks alone is needed."""
    browser, page = in_bad_company(swap)
    for _ in range(50):
        if stranger.believed_of_evil():
            break
        page.wait_for_timeout(100)
    assert stranger.believed_of_evil()
    browser.watch.take()


def test_a_hostile_page_in_place_of_the_storage_hears_nothing(in_bad_company: Enter, stranger: evil.Site) -> None:
    _, page = in_bad_company(storage=f"{stranger.url}/storage")
    expect(steps.inside(page).locator("h1")).to_have_text("Continue in a new tab")
    assert stranger.believed_of_evil() == [] and stranger.used() == []
    assert stranger.came[stranger.url] >= 100
    assert [said for said in stranger.heard(page) if "data" in said] == []


def test_without_a_target_origin_the_secret_is_heard(in_bad_company: Enter, stranger: evil.Site) -> None:
    """The negative control of the story above."""
    browser, page = in_bad_company(ANYBODY, storage=f"{stranger.url}/storage")
    expect(steps.inside(page).locator("h1")).to_have_text("Continue in a new tab")
    assert [said for said in stranger.heard(page) if "put_data" in said]
    browser.watch.take()


def login_of(page: Page, course: tuple[Sites, str]) -> dict[str, str]:
    """The login request that the LMS would have sent to the tool; it never arrives."""
    sites, activity = course
    caught: list[str] = []

    def catch(route: Route) -> None:
        caught.append(route.request.post_data or "")
        route.fulfill(body="<!doctype html><title>caught</title><h1>Caught</h1>", content_type="text/html")

    page.route("**/lti/login", catch)
    page.goto(f"{sites.lms_url}/course/activity/{activity}")
    expect(steps.inside(page).locator("h1")).to_have_text("Caught")
    page.unroute("**/lti/login")
    return dict(parse_qsl(caught[0]))


def test_no_hostile_page_may_frame_ours_but_the_test_that_knows_nobody(
    course: tuple[Sites, str], open_browser: Opener, stranger: evil.Site
) -> None:
    browser = open_browser(preferences=blocked_everywhere())
    tool_url = course[0].tool_url
    stranger.watch(browser.context, tool_url)
    page = browser.page()
    steps.be(page, course[0].lms_url, steps.TUYET)
    form = login_of(page, course)
    known = {name: form[name] for name in ("iss", "client_id", "lti_storage_target")}
    browser.watch.expect("violates the following Content Security Policy directive", "frame-ancestors")
    browser.watch.expect("net::ERR_BLOCKED_BY_RESPONSE")
    page.goto(f"{stranger.url}/parent")
    for number, address in enumerate(
        (
            f"{tool_url}/lti/login?{urlencode(form)}",
            f"{tool_url}/lti/browser?{urlencode(known)}",
            f"{course[0].lms_url}/course/activity/{course[1]}",
        )
    ):
        into(page, address, f"prey{number}")
        page.wait_for_timeout(700)
        framed = page.frame(name=f"prey{number}")
        assert framed is None or not framed.url.startswith("http") or "chrome-error" in framed.url, framed.url
    assert stranger.heard(page) == []
    # Whoever is nobody's guest is told what this browser keeps; no platform is asked for anything.
    into(page, f"{tool_url}/lti/browser?lti_storage_target=_parent", "open")
    shown = page.frame_locator("iframe[name=open]")
    expect(shown.locator("[data-layer=tab]")).to_be_visible()
    expect(shown.locator("[data-row=storage] [data-says=unknown]")).to_be_visible()
    page.wait_for_timeout(500)
    assert stranger.heard(page) == [] and stranger.believed == []
    assert stranger.came[stranger.url] >= 100


def into(page: Page, address: str, name: str) -> None:
    page.evaluate(
        """([src, name]) => document.body.append(
        Object.assign(document.createElement("iframe"), { src, name, title: name, width: 900, height: 500 }))""",
        [address, name],
    )


_SEND = """([action, fields, target]) => {
  const form = Object.assign(document.createElement("form"), { method: "post", action, target });
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  const button = Object.assign(document.createElement("button"), { textContent: "Win a prize" });
  button.addEventListener("click", () => { if (target) window.prey = window.open("", target) });
  form.append(button);
  document.body.append(form);
}"""


@pytest.mark.parametrize("layer", ["session", "storage"])
def test_a_stranger_s_secret_opens_nothing_in_a_visitor_s_browser(
    course: tuple[Sites, str], open_browser: Opener, stranger: evil.Site, layer: str
) -> None:
    """Login fixation: were it taken, the visitor would work in a session that the stranger can open too."""
    browser = open_browser()
    sites = course[0]
    stranger.watch(browser.context, sites.tool_url)
    page = browser.page()
    steps.be(page, sites.lms_url, steps.TUYET)
    form = login_of(page, course)
    claimed = {"lti_tool_step": "kept", "lti_tool_layer": layer, "lti_tool_secret": evil.SECRET}
    page.goto(f"{stranger.url}/opener")
    page.evaluate(_SEND, [f"{sites.tool_url}/lti/login", {**form, **claimed}, "prey"])
    with browser.context.expect_page() as opened:
        page.get_by_role("button", name="Win a prize").click()
    tab = opened.value
    expect(tab.locator("h1")).to_have_text(GONE)
    page.wait_for_timeout(1500)
    assert tab.url == f"{sites.tool_url}/lti/launch"
    # Only the stranger's own form ever carried it, and no proof was sent.
    assert set(stranger.used()) == {f"{sites.tool_url}/lti/login"}
    assert not any(url.endswith("/lti/launch/proof") for url, _ in stranger.asked)
    assert stranger.believed == []
    assert stranger.heard(page) == []


def test_a_hostile_page_that_opens_ours_is_asked_for_nothing(
    course: tuple[Sites, str], open_browser: Opener, stranger: evil.Site
) -> None:
    browser = open_browser(preferences=blocked_everywhere())
    sites = course[0]
    stranger.watch(browser.context, sites.tool_url)
    page = browser.page()
    steps.be(page, sites.lms_url, steps.TUYET)
    form = login_of(page, course)
    page.goto(f"{stranger.url}/opener")
    page.evaluate(_SEND, [f"{sites.tool_url}/lti/login", {**form, "lti_storage_target": "_parent"}, "prey"])
    with browser.context.expect_page() as opened:
        page.get_by_role("button", name="Win a prize").click()
    expect(opened.value.locator("h1")).to_have_text("Continue in a new tab")
    assert stranger.believed == [] and stranger.used() == []
    assert stranger.heard(page) == []

"""That our own eyes see: each kind of fault, planted on a sound page, is noticed."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.chrome import Browser, browser
from tests.browser.conftest import Sites
from tests.browser.keys import hidden_focus, walk
from tests.browser.looking import examine, sideways

pytestmark = pytest.mark.browser

PLANTED = {
    "console error: planted": "() => console.error('planted')",
    "script: planted": "() => { setTimeout(() => { throw new Error('planted') }) }",
    "CSP: img-src": "() => { new Image().src = 'http://lms.localhost:1/x.png' }",
    "CSP: script-src": "() => { document.body.append(Object.assign(document.createElement('script'), { src: '/x' })) }",
    "CSP: style-src": "() => { document.body.setAttribute('style', 'color: red') }",
    "answer: 404": "() => { fetch('/no/such/page') }",
    "request: GET": "() => { fetch('/verify?lost').catch(() => 0) }",
}


@pytest.fixture(scope="module")
def eyes(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all: what it writes down is taken by each test."""
    with browser(playwright, tmp_path_factory.mktemp("eyes") / "profile") as opened:
        yield opened


@pytest.fixture
def page(demo: Sites, eyes: Browser) -> Iterator[Page]:
    """The page where a stranger checks certificates: one of the tool's, with its strict policy."""
    opened = eyes.page()
    opened.route("**/verify?lost", lambda route: route.abort("connectionreset"))
    opened.goto(f"{demo.tool_url}/verify")
    yield opened
    opened.close()


def test_what_a_page_complains_about_is_written_down(page: Page, eyes: Browser) -> None:
    assert eyes.watch.take() == []
    for expected, act in PLANTED.items():
        page.evaluate(act)
        page.wait_for_timeout(150)
        seen = eyes.watch.take()
        assert any(expected in line for line in seen), (expected, seen)


@pytest.mark.parametrize(
    ("plant", "sees", "word"),
    [
        ("document.querySelector('h1').append(new Image())", examine, "image-alt"),
        ("document.documentElement.removeAttribute('lang')", examine, "html-has-lang"),
        ("document.querySelector('h1').style.color = '#bbb'", examine, "color-contrast"),
        ("document.querySelector('main').outerHTML = '<div><h1>x</h1></div>'", examine, "region"),
        ("document.querySelector('h1').style.minWidth = '2000px'", sideways, "px wide"),
    ],
)
def test_a_fault_of_the_page_is_found(page: Page, plant: str, sees: Callable[..., list[str]], word: str) -> None:
    assert sees(page.main_frame) == []
    page.evaluate(f"() => {{ {plant} }}")
    assert any(word in line for line in sees(page.main_frame))


def test_a_focus_that_nobody_sees_is_found(page: Page) -> None:
    walk(page, until=lambda at: at.name == "q")
    sheet = "const s = new CSSStyleSheet(); s.replaceSync('* { outline: 0 !important; box-shadow: none !important }')"
    page.evaluate(f"() => {{ {sheet}; document.adoptedStyleSheets = [s] }}")
    assert "shows nothing" in hidden_focus(page)


def test_a_covered_focus_is_found(page: Page) -> None:
    walk(page, until=lambda at: at.name == "q")
    page.evaluate(
        """() => { const cover = document.createElement("div"); document.body.append(cover);
        Object.assign(cover.style, { position: "fixed", inset: "0", background: "white", zIndex: 99 }) }"""
    )
    assert "covered" in hidden_focus(page)

"""A browser without a screen: cookies per host, redirects, forms, and the Origin that a real one would send.

It knows just enough to walk through a launch as Chromium does with third-party cookies allowed; what depends on a real
engine is tested in `tests/browser`.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urljoin, urlsplit

import requests

_VOID_TYPES = {"submit", "button", "image", "reset"}


@dataclass
class Form:
    """A form with what it would send."""

    action: str
    method: str
    goes_on: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.fields}


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "data-onward" in given:
            self.forms.append(Form(given.get("href", ""), "get", True))
        elif tag == "form":
            by_itself = given.get("id") == "onward" or "data-submit" in given or "data-keep" in given
            self._open = Form(given.get("action", ""), given.get("method", "get").lower(), by_itself)
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "button", "textarea"):
            self._field(tag, given, self._open)

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if not name:
            return
        if tag == "button" or kind in _VOID_TYPES:
            form.buttons.append((name, value))
        elif kind not in ("radio", "checkbox") or "checked" in given:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


@dataclass(frozen=True)
class Page:
    """What came back in the end, after all redirects."""

    url: str
    status: int
    text: str
    headers: requests.structures.CaseInsensitiveDict[str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, having: str) -> Form:
        """The first form whose action or field names contain the text."""
        for form in self.forms:
            if having in form.action or any(having in name for name in form.names):
                return form
        raise AssertionError(f"no form with {having!r} at {self.url} ({self.status}):\n{self.text[:2000]}")

    @property
    def launch(self) -> str:
        """The launch in the address."""
        found = re.match(r"/(?:learn|teach)/([0-9a-z]{26})/", self.path)
        assert found, f"no launch in {self.url} ({self.status}): {self.text[:1500]}"
        return found.group(1)


class Walker:
    """A person with a browser."""

    def __init__(self, *, keeps_cookies: bool = True) -> None:
        self.keeps_cookies = keeps_cookies
        self.jar: dict[str, dict[str, str]] = {}
        self._http = requests.Session()
        self._http.trust_env = False

    def get(self, url: str, **headers: str) -> Page:
        return self._go("GET", url, None, headers)

    def post(self, url: str, fields: object, *, origin: str | None = None, **headers: str) -> Page:
        """A form posted from a page of `origin` (default: the address's own)."""
        source = origin or _origin(url)
        return self._go("POST", url, fields, {"Origin": source, **headers})

    def submit(self, page: Page, form: Form, changes: dict[str, str | list[str]] | None = None) -> Page:
        """Sends a form of a page with some fields filled in."""
        changed = changes or {}
        fields = [(name, value) for name, value in form.fields if name not in changed]
        for name, value in changed.items():
            fields += [(name, each) for each in (value if isinstance(value, list) else [value])]
        target = urljoin(page.url, form.action)
        if form.method == "get":
            return self.get(requests.Request("GET", target, params=fields).prepare().url or target)
        return self.post(target, fields, origin=_origin(page.url))

    def alone(self, page: Page, form: Form) -> str:
        """Sends a form of a page and goes nowhere; where its answer leads to."""
        target = urljoin(page.url, form.action)
        headers = {"Origin": _origin(page.url), **self._cookie(target)}
        answer = self._http.post(target, data=form.fields, headers=headers, allow_redirects=False, timeout=30)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def onward(self, page: Page, limit: int = 8) -> Page:
        """Lets pages whose form sends itself go on, as their script would."""
        for _ in range(limit):
            form = next((form for form in page.forms if form.goes_on), None)
            if form is None:
                return page
            page = self.submit(page, form)
        raise AssertionError(f"still under way after {limit} pages: {page.url}")

    def _go(self, method: str, url: str, fields: object, headers: dict[str, str]) -> Page:
        sent = dict(headers)
        for _ in range(10):
            answer = self._http.request(
                method,
                url,
                data=fields if method == "POST" else None,  # type: ignore[arg-type]
                headers={**sent, **self._cookie(url)},
                allow_redirects=False,
                timeout=30,
            )
            self._keep(url, answer)
            if answer.status_code not in (301, 302, 303, 307):
                return Page(url, answer.status_code, answer.text, answer.headers, answer.content)
            url = urljoin(url, answer.headers["Location"])
            if answer.status_code != 307:
                method, sent = "GET", {name: value for name, value in headers.items() if name != "Origin"}
        raise AssertionError(f"too many redirects, the last to {url}")

    def _cookie(self, url: str) -> dict[str, str]:
        kept = self.jar.get(urlsplit(url).hostname or "", {})
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}

    def _keep(self, url: str, answer: requests.Response) -> None:
        if not self.keeps_cookies:
            return
        for line in answer.raw.headers.getlist("Set-Cookie"):
            # The standard library of Python 3.11 does not know `Partitioned` yet.
            cookie: SimpleCookie = SimpleCookie(re.sub(r";\s*Partitioned", "", line))
            for name, morsel in cookie.items():
                self.jar.setdefault(urlsplit(url).hostname or "", {})[name] = morsel.value


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def launch(walker: Walker, lms_url: str, person: str, link_id: str) -> Page:
    """Opens an activity as somebody; the first page of the tool."""
    walker.post(f"{lms_url}/be", {"person": person, "next": "/course"})
    return walker.onward(walker.get(f"{lms_url}/course/activity/{link_id}/launch"))

"""Each template in each state of `samples`: whole, in reach of everybody, and nothing that the policy forbids."""

import re
import zlib
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flask import Flask

from lti_tool.web import static_files
from lti_tool.web.pages.class_list import GradeCounts
from lti_tool.web.pages.instructor import PlacementNotes
from tests.web.samples import (
    CERTIFICATE,
    DASHBOARD,
    HOME,
    LEARNING,
    MODULE,
    NAME,
    PICKER,
    QUESTION,
    READING,
    RESULT,
    REVIEW,
    SINGLE,
    STEPS,
    TEACHING,
    Sample,
    application,
    rendered,
    samples,
)


class Seen(HTMLParser):
    """What is on a page: its tags with their attributes, and which fields each form has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: list[tuple[dict[str, str], set[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags.append((tag, named))
        if tag == "form":
            self.forms.append((named, set()))
        elif tag in ("input", "button") and self.forms:
            self.forms[-1][1].add(named.get("name", ""))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def app() -> Flask:
    return application()


@pytest.mark.parametrize("sample", list(samples()), ids=str)
def test_a_page_is_whole(sample: Sample, app: Flask) -> None:
    """One heading, one main part, a title, the language and its direction, and nothing that the policy forbids."""
    html = rendered(sample, app)
    seen = Seen(html)

    assert seen.all("html") == [{"lang": sample.shell.lang, "dir": sample.shell.dir}]
    assert len(seen.all("h1")) == 1
    assert [main["id"] for main in seen.all("main")] == ["main"]
    assert len(re.findall(r"<title>[^<]*\w[^<]*</title>", html)) == 1

    assert not seen.all("style") and not [tag for tag, attributes in seen.tags if "style" in attributes]
    assert not [name for _, attributes in seen.tags for name in attributes if re.match("on[a-z]+$", name)]
    for script in seen.all("script"):
        assert script["src"].startswith("/static/") and script["nonce"] == "a-nonce" and script["type"] == "module"


@pytest.mark.parametrize("sample", list(samples()), ids=str)
def test_what_belongs_together_finds_itself(sample: Sample, app: Flask) -> None:
    """No id twice; every label, description and error leads to something that is there."""
    seen = Seen(rendered(sample, app))
    ids = Counter(attributes["id"] for _, attributes in seen.tags if "id" in attributes)
    assert [name for name, count in ids.items() if count > 1] == []

    named = ("for", "aria-labelledby", "aria-describedby")
    wanted = {name for _, attributes in seen.tags for key in named for name in attributes.get(key, "").split()}
    links = {link["href"][1:] for link in seen.all("a") if link.get("href", "").startswith("#")}
    assert wanted | links <= set(ids)


@pytest.mark.parametrize("sample", list(samples()), ids=str)
def test_a_form_carries_our_token_to_us_and_to_nobody_else(sample: Sample, app: Flask) -> None:
    for form, fields in Seen(rendered(sample, app)).forms:
        # At the doors there is no session yet whose token it could be: there the form's Origin says that it is ours.
        at_a_door = form["action"].startswith(("/lti/", "/admin/sign-in", "/setup/"))
        to_us = form["action"].startswith("/") and not at_a_door
        assert ("csrf_token" in fields) == (form["method"] == "post" and to_us), form


def test_every_page_has_a_sample(app: Flask) -> None:
    pages = {name for name in app.jinja_env.list_templates(["html"]) if not name.startswith(("layouts/", "parts/"))}
    assert pages == {sample.template for sample in samples()}


def test_a_name_is_text_and_never_markup(app: Flask) -> None:
    page = replace(HOME, learner_name="<script>alert(1)</script>", stopped_at='"><img src=x>')
    html = rendered(Sample("learner/home.html", "hostile", page), app)
    assert "<script>alert" not in html and "<img" not in html


def test_a_teacher_sees_whose_certificate_waits_for_a_name(app: Flask) -> None:
    html = rendered(Sample("instructor/dashboard.html", "busy", DASHBOARD, TEACHING), app)
    assert html.count("Waits for the name") == 1 and html.count("Not yet") == 1


# Its words stand in another order where it is not kept apart from the English around it.
ARABIC_TITLE = "أساسيات حماية البيانات (GDPR) في العمل"


class Loose(HTMLParser):
    """Where an author's title is shown without a direction of its own."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.found: list[str] = []
        self.shown = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "meta", "link", "br", "img"):
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        around = [(tag, attrs) for tag, attrs in self.open if tag != "html"]
        unseen = any(tag == "title" or attrs.get("class") == "vh" for tag, attrs in around)
        if ARABIC_TITLE not in data or unseen:
            return
        self.shown += 1
        if f"\u2068{ARABIC_TITLE}\u2069" not in data and not any(
            tag == "bdi" or "dir" in attrs for tag, attrs in around
        ):
            self.found.append(f"{around[-1][0]}: {data}")


def _in_arabic() -> list[Sample]:
    title, words = ARABIC_TITLE, {"module_title": ARABIC_TITLE, "content_lang": "ar", "content_dir": "rtl"}
    learning, teaching = replace(LEARNING, **words), replace(TEACHING, **words)
    steps = tuple(replace(step, title=title) for step in STEPS)
    entries = tuple(replace(entry, title=title, answered=True, answer_text=title) for entry in REVIEW.entries)
    items = tuple(replace(item, title=title) for item in RESULT.items)
    notes = PlacementNotes(shown=title, wanted=title, begun=3, may_settle=True, settle_url="/teach/l/settle")
    chosen = replace(PICKER, modules=(replace(MODULE, title=title, language="ar"),), current=title)
    return [
        Sample("learner/home.html", "", replace(HOME, module_title=title, stopped_at=title, steps=steps), learning),
        Sample("learner/home.html", "", replace(HOME, module_title=title, learner_name=""), learning),
        Sample("learner/page.html", "", replace(READING, title=title, steps=steps), learning),
        Sample("learner/question.html", "", replace(QUESTION, item=replace(SINGLE, title=title)), learning),
        Sample("learner/review.html", "", replace(REVIEW, entries=entries), learning),
        Sample("learner/result.html", "", replace(RESULT, items=items), learning),
        Sample("learner/name.html", "", replace(NAME, module_title=title), learning),
        Sample("learner/certificate.html", "", replace(CERTIFICATE, title=title), learning),
        Sample("instructor/dashboard.html", "", replace(DASHBOARD, module_title=title, notes=notes), teaching),
        Sample("instructor/picker.html", "", chosen, TEACHING),
    ]


@pytest.mark.parametrize("sample", _in_arabic(), ids=str)
def test_an_arabic_title_keeps_its_order_on_an_english_page(sample: Sample, app: Flask) -> None:
    seen = Loose(rendered(sample, app))
    assert seen.shown >= 2 and seen.found == []


@pytest.mark.parametrize("notes", [PlacementNotes(wanted="Another", shown="This"), PlacementNotes(conflicts=("…",))])
def test_a_link_that_needs_somebody_is_not_called_nothing(notes: PlacementNotes, app: Flask) -> None:
    calm = replace(DASHBOARD, grades=GradeCounts())
    assert "Nothing at the moment" in rendered(Sample("instructor/dashboard.html", "", calm, TEACHING), app)
    page = replace(calm, notes=notes)
    assert "Nothing at the moment" not in rendered(Sample("instructor/dashboard.html", "", page, TEACHING), app)


def test_each_certificate_has_a_seal_of_its_own(app: Flask) -> None:
    numbers = ("7Q4M-2KXP-9TBD", "M3FD-8YQV-0HZK", "C8WN-4RTJ-0HZK", "9XGE-5HBT-11AB")
    seal = app.jinja_env.get_template("parts/seal.html").module
    assert len({str(seal.own_seal(number)) for number in numbers}) == len(numbers)  # type: ignore[attr-defined]


def test_scripts_are_small_and_bring_only_their_neighbours() -> None:
    """Static addresses are kept for a year by the hash of all files: what a script imports lies in the same folder."""
    scripts = sorted(static_files.FOLDER.glob("*.js"))
    sizes = {script.name: len(zlib.compress(script.read_bytes(), 9)) for script in scripts}
    assert sum(sizes.values()) < 21_000
    # The page with the most of them: a question.
    question = ("attempt.js", "journal.js", "offline.js", "page.js", "standing.js", "tab.js", "timer.js", "visit.js")
    assert sum(sizes[name] for name in question) < 13_000
    found = (re.findall(r"""^import .* from "(.+)";""", script.read_text(), re.M) for script in scripts)
    imported = {name for names_in_one in found for name in names_in_one}
    assert "./visit.js" in imported and imported <= {f"./{name}" for name in sizes}


def test_a_release_before_is_not_kept_under_its_name() -> None:
    app = Flask("bare", static_folder=None)
    static_files.set_up(app)
    client = app.test_client()
    with client.get(static_files.static_url("app.css")) as now, client.get("/static/0123456789ab/app.css") as before:
        assert "immutable" in now.headers["Cache-Control"] and "max-age=31536000" in now.headers["Cache-Control"]
        assert before.data == now.data and before.headers["Cache-Control"] == "no-store"

"""The LMS as a web site: who may talk to it, what stays after a restart, and pages that anybody can use."""

import re
import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask

from lti_tool.demo import PEOPLE, Lms, LmsConfig, NotLoopback, Services, registration, sample_modules
from lti_tool.demo.gradebook import Grade
from tests.demo.sides import LMS, TOOL, Hand, Visitor

PAGES = ["/", "/course", "/course/add", "/course/activity/1", "/gradebook", "/people", "/wires", "/faults"]
FRAMES = ["/course/activity/1/launch", "/course/add/launch", "/mod/lti/return.php?instanceid=1&lti_errormsg=Oh"]


# --- who may talk to it ---


@pytest.mark.parametrize("url", ["http://lms.example", "http://192.168.1.7:8000", "http://0.0.0.0:1", "http://[::]:1"])
def test_it_refuses_any_place_that_others_can_reach(tmp_path: Path, url: str) -> None:
    with pytest.raises(NotLoopback):
        LmsConfig(url, TOOL, tmp_path)
    with pytest.raises(NotLoopback):
        LmsConfig(LMS, url, tmp_path)


def test_lms_and_tool_must_be_two_sites(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different"):
        LmsConfig(LMS, LMS, tmp_path)


@pytest.mark.parametrize("host", ["rebound.example:8400", "lms.localhost", "lms.localhost:8401", "127.0.0.1:8400"])
@pytest.mark.parametrize("path", ["/", "/mod/lti/certs.php", "/static/lms.css"])
def test_it_answers_to_its_own_name_only(app: Flask, host: str, path: str) -> None:
    with app.test_client().get(path, base_url=f"http://{host}") as answer:
        assert answer.status_code == 421


@pytest.mark.parametrize("origin", ["http://evil.example", TOOL, "null", None])
@pytest.mark.parametrize("path", ["/be", "/faults", "/course/activity/1/remove"])
def test_forms_of_other_sites_are_refused(app: Flask, lms: Lms, path: str, origin: str | None) -> None:
    lms.add_link("A")
    client = app.test_client()
    client.set_cookie("lms_person", "3", domain="lms.localhost")
    headers = {"Origin": origin} if origin else {}
    answer = client.post(path, base_url=LMS, headers=headers, data={"person": "3", "services": "down"})
    assert answer.status_code == 403 and lms.links and lms.faults.services is Services.UP


def test_who_you_are_is_a_cookie_that_scripts_cannot_read(app: Flask) -> None:
    answer = app.test_client().post("/be", base_url=LMS, headers={"Origin": LMS}, data={"person": "6"})
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("elsewhere", ["http://evil.example/", "//evil.example/", "/\\evil.example", ""])
def test_nobody_is_led_elsewhere(visitor: Visitor, elsewhere: str) -> None:
    assert visitor.post("/be", {"person": "6", "next": elsewhere}).headers["Location"] == "/course"


@pytest.mark.parametrize("path", [*PAGES, *FRAMES, "/mod/lti/certs.php"])
def test_nothing_inline_and_nothing_from_elsewhere_may_run(lms: Lms, visitor: Visitor, path: str) -> None:
    lms.add_link("A")
    visitor.be("ingrid", lms)
    answer = visitor.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200 and "unsafe" not in policy and "default-src 'none'" in policy
    assert f"frame-src 'self' {TOOL}" in policy and "frame-ancestors 'self'" in policy
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", answer.text)


# --- what stays ---


def test_a_restart_keeps_the_course_the_grades_and_the_key(lms: Lms, config: LmsConfig, hand: Hand) -> None:
    link = lms.add_link("A", custom={"offer": "o"}, review_url=f"{TOOL}/r", review_custom={"a": "b"})
    lms.grades[link.item_id, "6"] = Grade(86, "Well done", hand())
    lms.save()
    again = Lms(config, clock=hand)
    assert again.links == lms.links and again.items == lms.items and again.grades == lms.grades
    assert again.key.private_numbers() == lms.key.private_numbers()
    assert again.add_link("B").id != link.id


def test_the_key_is_made_at_the_first_start_and_is_for_its_owner_only(tmp_path: Path) -> None:
    lms = Lms(LmsConfig(LMS, TOOL, tmp_path / "new"))
    file = tmp_path / "new" / "lms.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert lms.key.key_size == 2048 and "BEGIN PRIVATE KEY" in file.read_text(encoding="utf-8")
    assert list(file.parent.iterdir()) == [file], "no half-written file is left behind"


def test_a_removed_activity_takes_its_column_along(lms: Lms, visitor: Visitor, hand: Hand) -> None:
    link = lms.add_link("A")
    lms.grades[link.item_id, "6"] = Grade(86, "", hand())
    visitor.be("tuyet", lms)
    assert visitor.post(f"/course/activity/{link.id}/remove", {}).status_code == 403 and lms.links
    visitor.be("ingrid", lms)
    assert visitor.post(f"/course/activity/{link.id}/remove", {}).status_code == 303
    assert not lms.links and not lms.items and not lms.grades


def test_the_tool_is_told_what_it_must_know(config: LmsConfig) -> None:
    facts = registration(config)
    assert facts["issuer"] == LMS and facts["lms_deployment_ids"] == ("3",)
    assert facts["auth_url"] == f"{LMS}/mod/lti/auth.php" and facts["jwks_url"] == f"{LMS}/mod/lti/certs.php"


def test_sample_modules_are_folders_with_a_module_in_them() -> None:
    assert all((folder / "module.md").is_file() for folder in sample_modules())


# --- pages ---


class Outline(HTMLParser):
    """What a screen reader would find on a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.ids: list[str] = []
        self.labels_for: set[str] = set()
        self.unlabelled: list[str] = []
        self.frames: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.lang = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.open.append(tag)
        if tag == "html":
            self.lang = facts.get("lang") or ""
        if tag in ("h1", "h2", "h3"):
            self.headings.append(tag)
        if facts.get("id"):
            self.ids.append(str(facts["id"]))
        if tag == "label" and facts.get("for"):
            self.labels_for.add(str(facts["for"]))
        if tag == "iframe":
            self.frames.append(facts)
        is_field = tag in ("input", "select", "textarea") and facts.get("type") != "hidden"
        if is_field and "label" not in self.open and facts.get("id") not in self.labels_for:
            self.unlabelled.append(str(facts))
        if tag in ("input", "meta", "link", "br"):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass


@pytest.mark.parametrize("path", [*PAGES, *FRAMES, "/nothing"])
@pytest.mark.parametrize("who", [None, "ingrid", "tuyet"])
def test_every_page_has_a_heading_labels_and_a_language(lms: Lms, visitor: Visitor, path: str, who: str | None) -> None:
    lms.add_link("Data protection essentials")
    if who:
        visitor.be(who, lms)
    page = Outline(visitor.get(path).text)
    assert page.headings.count("h1") == 1 and page.headings[0] == "h1" and page.lang == "en"
    assert page.unlabelled == [] and len(page.ids) == len(set(page.ids))
    assert all(frame.get("title") for frame in page.frames)


def test_every_name_is_isolated_and_says_its_language(visitor: Visitor) -> None:
    text = visitor.get("/people").text
    for person in PEOPLE:
        assert f'<bdi lang="{person.lang}">{person.name}</bdi>' in text


def test_the_frame_has_the_rights_that_moodle_gives(lms: Lms, visitor: Visitor) -> None:
    lms.add_link("A")
    visitor.be("tuyet", lms)
    (frame,) = Outline(visitor.get("/course/activity/1").text).frames
    assert frame["allow"] == (
        f"microphone {TOOL}; camera {TOOL}; geolocation {TOOL}; midi {TOOL}; encrypted-media {TOOL}; autoplay {TOOL}"
    )
    assert "allowfullscreen" in frame and "sandbox" not in frame


def test_the_wires_take_a_launch_apart(lms: Lms, visitor: Visitor) -> None:
    lms.add_link("A")
    visitor.be("mohammed", lms)
    visitor.get("/course/activity/1/launch")
    text = visitor.get("/wires").text
    assert "Login initiation" in text and "Who is logged in at the LMS" in text and "not part of LTI" not in text


def test_every_claim_that_this_lms_sends_has_a_meaning(lms: Lms, visitor: Visitor) -> None:
    from lti_tool.demo import messages, wires

    link = lms.add_link("A", custom={"offer": "o"})
    for one in (link, None):
        part = wires.fields("", messages.claims(lms, lms.person("tuyet"), one, "n"))
        assert [row.name for row in part.rows if row.meaning.startswith("Not part of LTI")] == []


def test_a_message_of_the_tool_is_shown_as_text(lms: Lms, visitor: Visitor) -> None:
    text = visitor.get("/mod/lti/return.php?lti_errormsg=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "&lt;script&gt;" in text and "<script>alert" not in text


def test_switches_are_moved_and_mended(lms: Lms, visitor: Visitor) -> None:
    visitor.post("/faults", {"services": "gone", "clock": "slow", "slow": "yes"})
    assert (lms.faults.services, lms.faults.clock.value, lms.faults.slow) == (Services.GONE, "slow", True)
    assert "misbehaves, because you switched it so" in visitor.get("/course").text
    answer = visitor.post("/faults", {"mend": "yes", "next": "/course"})
    assert answer.headers["Location"] == "/course" and not lms.faults.any
    visitor.post("/faults", {"services": "nonsense", "clock": ""})
    assert not lms.faults.any

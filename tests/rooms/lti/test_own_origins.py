"""Which addresses are a platform's own: those it was registered with, those an operator confirms, a hosted Canvas's.

Hosted Canvas answers logins on hosts that all schools share; its pages, return addresses and grade columns lie on the
school's own host. Whoever owns an address may frame us, is handed modules, and gets our access token.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Side
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.launching.evidence import facts_of
from tests.rooms.lti.grade_book import GradeBook
from tests.rooms.lti.lms import BROWSER, Lms, refusal
from tests.rooms.lti.test_launch_says import deep_link

SCHOOL = "https://aldermoor.instructure.com"
VANITY = "https://canvas.school.edu"
HOSTED = {
    "issuer": "https://canvas.instructure.com",
    "client_id": "10000000000002",
    "auth_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    "token_url": "https://canvas.instructure.com/login/oauth2/token",
}
Register = Callable[..., lti.Registration]
Enter = Callable[..., lti.Session]


@pytest.fixture
def hosted(
    db: Database, clock: FixedClock, key_set: object, key_sets: lti.KeySets, register: Register
) -> Callable[..., Lms]:
    """A hosted Canvas; its key set alone is served from this machine."""
    return lambda **more: Lms(db, clock, key_sets, register(**HOSTED, **more))


@pytest.mark.parametrize("kind", ["", "beta.", "test."])
def test_every_school_s_host_is_the_hosted_canvas_s_own(register: Register, kind: str) -> None:
    found = register(
        issuer=f"https://canvas.{kind}instructure.com",
        auth_url=f"https://sso.{kind}canvaslms.com/api/lti/authorize_redirect",
        token_url=f"https://canvas.{kind}instructure.com/login/oauth2/token",
    )
    for own in (SCHOOL, f"https://aldermoor.{kind}instructure.com", f"{SCHOOL}:443/courses/3", f"{SCHOOL}./x"):
        assert found.owns(own)
    assert found.frame_ancestors == f"https://sso.{kind}canvaslms.com https://*.instructure.com"
    assert found.origin == f"https://sso.{kind}canvaslms.com"


STRANGERS = [
    "https://evil-instructure.com/",
    "https://evilinstructure.com/",
    "https://instructure.com.evil.org/",
    "https://aldermoor.instructure.com.evil.org/",
    "https://instructure.com/",
    "https://.instructure.com/",
    "https://aldermoor.instructure.com@evil.org/",
    "https://evil.org/https://aldermoor.instructure.com",
    "https://evil.org?.instructure.com",
    "https://evil.org#.instructure.com",
    "https://evil.org\\.instructure.com/",
    "https://evil.org%2f.instructure.com/",
    "https://evil.org;.instructure.com/",
    "https://user@aldermoor.instructure.com/",
    "http://aldermoor.instructure.com/",
    "https://aldermoor.instructure.com:8443/",
    "ftp://aldermoor.instructure.com/",
    "//aldermoor.instructure.com/",
    "https://canvas.school.edu.evil.org/",
    "https://canvas.school.edu:8443/",
    "http://canvas.school.edu/",
    "https://other.school.edu/",
    "https://sub.canvas.school.edu/",
]


@pytest.mark.parametrize("url", STRANGERS)
def test_what_only_looks_like_a_school_s_host_is_a_stranger(register: Register, url: str) -> None:
    assert not register(**HOSTED, origins=[VANITY]).owns(url)


def test_a_host_that_ends_like_the_cloud_s_domain_is_no_part_of_it(register: Register) -> None:
    found = register(**HOSTED)
    for url in ("https://evil-instructure.com/", "https://instructure.com/", "https://aldermoor.instructure.com:8443/"):
        assert not found.owns(url)


@pytest.mark.parametrize("url", STRANGERS)
def test_a_choice_is_not_sent_to_what_only_looks_like_a_school(hosted: Callable[..., Lms], url: str) -> None:
    lms = hosted(origins=[VANITY])
    assert refusal(lambda: deep_link(lms, deep_link_return_url=url)) in ("lti.return_url", "lti.claim")


@pytest.mark.parametrize(
    "changes",
    [
        {"auth_url": "https://canvas.school.edu/api/lti/authorize_redirect"},
        {"auth_url": "https://canvaslms.com.evil.org/auth"},
        {"issuer": "https://canvas.instructure.com.evil.org"},
        {"issuer": "https://canvas.evil.org"},
    ],
)
def test_a_canvas_of_one_s_own_has_no_part_in_the_cloud(register: Register, changes: dict[str, str]) -> None:
    """A self-hosted Canvas names the cloud's issuer too, unless somebody changes it; its door is its own."""
    found = register(**{**HOSTED, **changes})
    assert not found.owns(SCHOOL)
    assert "instructure.com" not in found.frame_ancestors


def test_a_form_may_lead_wherever_a_choice_may_go(register: Register) -> None:
    """A page that came in place keeps the policy of the first: it must not stop what `owns` lets through."""
    spread = register(issuer="https://lms.example", auth_url="https://sso.example/a", token_url="https://api.example/t")
    assert spread.form_targets.split() == ["https://sso.example", "https://lms.example", "https://api.example"]
    assert all(spread.owns(target) for target in spread.form_targets.split())
    assert spread.frame_ancestors == "https://sso.example"


def test_a_moodle_owns_its_own_host_alone(register: Register) -> None:
    found = register()
    assert found.owns("http://localhost:8100/course/view.php?id=2")
    assert not found.owns(SCHOOL)
    assert found.frame_ancestors == found.origin == "http://localhost:8100"


def test_a_hosted_canvas_launches_from_a_school(hosted: Callable[..., Lms], db: Database, enter: Enter) -> None:
    lms = hosted(origins=[VANITY])
    launch = lms.launch(_launch_presentation={"return_url": f"{SCHOOL}/courses/3/assignments"})
    assert launch.return_url == f"{SCHOOL}/courses/3/assignments"
    begun = lms.begin()
    with db.transaction() as tx:
        session = enter(tx, lms.verify(lms.sign(lms.claims(begun)), begun), BROWSER)
    with db.reading() as tx:
        found = lti.find_session(tx, session.public_id)
        platform = lti.registration_of_session(tx, session.public_id)
    sources = "https://sso.canvaslms.com https://*.instructure.com https://canvas.school.edu"
    assert found is not None and platform is not None
    assert session.frame_ancestors == found.frame_ancestors == platform.frame_ancestors == sources
    assert session.platform_origin == found.platform_origin == "https://sso.canvaslms.com"


@pytest.mark.parametrize("host", [SCHOOL, VANITY])
def test_a_choice_goes_back_to_the_school(hosted: Callable[..., Lms], host: str) -> None:
    address = f"{host}/courses/3/deep_linking_response?data=eyJ0eXAi"
    launch = deep_link(hosted(origins=[VANITY]), deep_link_return_url=address)
    assert launch.deep_linking is not None and launch.deep_linking.return_url == address


def test_an_address_that_nobody_confirmed_is_refused_with_the_command_that_confirms_it(
    hosted: Callable[..., Lms],
) -> None:
    lms = hosted(origins=["https://other.school.edu"])
    with pytest.raises(lti.LtiRefused) as caught:
        deep_link(lms, deep_link_return_url=f"{VANITY}/courses/3/deep_linking_response")
    assert caught.value.code == "lti.return_url" and "canvas.school.edu" in caught.value.text
    facts = facts_of(caught.value, {})
    kept = lti.Refusal("AB12-CD34", lms.clock.now(), None, caught.value.code, Side.TOOL, 400, facts)
    assert lti.diagnose(kept, lms.registration).fix == (
        "If https://canvas.school.edu is the LMS's own, confirm it: lti-tool platform add --issuer "
        "https://canvas.instructure.com --client-id 10000000000002 --origin https://other.school.edu --origin "
        "https://canvas.school.edu. If not, ask the LMS's administrator."
    )


SCORE = lti.Score(user_id="6", given="80", maximum="100", finished=True, timestamp=datetime(2026, 11, 24, tzinfo=UTC))


def test_a_grade_goes_to_a_school_s_host_once_it_is_confirmed(
    httpserver: HTTPServer, db: Database, http: HttpClient, vault: Vault, clock: FixedClock, register: Register
) -> None:
    """The grade column is on another host than all addresses of the platform: `127.0.0.1` is not `localhost`."""
    book = GradeBook(httpserver, db, register(token_url=httpserver.url_for("/mod/lti/token.php")))
    school = f"http://127.0.0.1:{httpserver.port}"
    services, column = lti.Services(db, http, vault, clock), f"{school}/lineitem?type_id=3"
    outcome = services.send_score(book.registration.id, column, SCORE)
    assert outcome.verdict is lti.ScoreVerdict.REFUSED and book.tokens_given == []
    fix = f"lti-tool platform add --issuer {book.registration.issuer} --client-id oEDQgSmjL3mo4BF --origin {school}"
    assert school in outcome.reason and fix in outcome.reason
    register(token_url=book.registration.token_url, origins=[school])
    assert services.send_score(book.registration.id, column, SCORE).verdict is lti.ScoreVerdict.ACCEPTED
    assert [score["userId"] for score in book.scores] == ["6"]


def test_for_an_address_without_https_there_is_no_such_command(registration: lti.Registration, now: object) -> None:
    kept = lti.Refusal("AB12-CD34", now, None, "lti.return_url", Side.TOOL, 400, {"origin": ""})  # type: ignore[arg-type]
    fix = lti.diagnose(kept, registration).fix
    assert "--origin" not in fix and "https" in fix


@pytest.mark.parametrize(
    "url",
    [
        "http://canvas.school.edu",
        "canvas.school.edu",
        "https://canvas.school.edu/courses",
        "https://canvas.school.edu?x",
        "https://canvas.school.edu#x",
        "https://user@canvas.school.edu",
        "https://*.school.edu",
        "https://canvas.school.edu; script-src *",
        "https://canvas.school.edu;script-src",
        "https://canvas.school.edu,evil.org",
        "https://canvas.school.edu'",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_origin_is_an_origin_and_nothing_more(register: Register, url: str) -> None:
    with pytest.raises(lti.LtiRefused, match=r"lti\.registration_origin"):
        register(origins=[url])


@pytest.mark.both_engines
def test_origins_are_kept_until_others_are_given(db: Database, register: Register) -> None:
    first = register(origins=["https://Canvas.School.edu/", VANITY, "http://localhost:9000"])
    assert first.origins == (VANITY, "http://localhost:9000")
    assert register(name="Renamed").origins == first.origins
    assert register(origins=["https://b.school.edu"]).origins == ("https://b.school.edu",)
    last = register(origins=[])
    assert last.origins == ()
    with db.reading() as tx:
        assert lti.find_registration(tx, first.id) == last == replace(last, origins=())


def test_a_way_back_is_secure_or_the_platform_s_own(hosted: Callable[..., Lms]) -> None:
    lms = hosted()
    for url, kept in (
        ("https://elsewhere.example/x", True),
        (f"{SCHOOL}/courses/3", True),
        ("http://elsewhere.example/x", False),
        ("javascript:alert(1)", False),
        ("https://a;b/", False),
    ):
        assert (lms.launch(_launch_presentation={"return_url": url}).return_url == url) is kept

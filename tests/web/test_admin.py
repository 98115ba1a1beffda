"""Administrators over HTTP: set up by a link, signed in with two factors, and what they can do; and who cannot."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from lti_tool import lti, people, workflows
from lti_tool.core.audit import audit
from lti_tool.core.clock import FixedClock
from lti_tool.people import tables
from lti_tool.web import create_app
from tests.web.desk import OURS, PASSWORD, THEIRS, URL, Browser, Desk, raised, secret_on

NAME = "amara@aldermoor.example"


@pytest.fixture
def desk(db_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Desk]:
    up = raised(db_url, tmp_path, clock)
    yield up
    up.tool.db.dispose()


def platform_url(desk: Desk, organisation: str = OURS) -> str:
    return f"/admin/platforms/{desk.platforms[organisation].public_id}"


def person(desk: Desk, organisation: str = OURS) -> people.Found:
    registration = desk.platforms[organisation]
    with desk.tool.db.reading() as tx:
        (found,) = people.people_called(tx, "Ingrid", organisation_id=registration.organisation_id)
    return found


# --- Set up ---


def test_a_link_sets_an_account_up_once(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    page = browser.get("/admin/")
    assert page.status_code == 200 and NAME in page.text and f"Moodle of {OURS}" in page.text
    assert desk.acts()[-2:] == ["operator.add", "operator.set_up"]


def test_a_used_link_opens_nothing(desk: Desk) -> None:
    browser, link = desk.browser(), desk.link(NAME)
    desk.secrets[NAME] = secret_on(browser.get(link))
    assert browser.post(link, {"password": PASSWORD, "code": desk.code(NAME)}).status_code == 303
    desk.clock.advance(30)
    for again in (browser.get(link), browser.post(link, {"password": PASSWORD, "code": desk.code(NAME)})):
        assert again.status_code == 403 and "people.setup_link" in again.text


def test_a_link_runs_out_after_half_an_hour(desk: Desk) -> None:
    browser, link = desk.browser(), desk.link(NAME)
    desk.clock.advance(30 * 60 - 1)
    assert browser.get(link).status_code == 200
    desk.clock.advance(1)
    assert browser.get(link).status_code == 403


def test_a_link_is_kept_as_its_digest_alone(desk: Desk) -> None:
    token = desk.link(NAME).rpartition("/")[2]
    with desk.tool.db.reading() as tx:
        row = tx.execute(select(tables.operators)).one()
    assert token not in str(row) and row.password_hash is None


@pytest.mark.parametrize(
    ("password", "cause"),
    [
        ("brief", "at least 12 characters"),
        ("Password1234!", "first that are tried"),
        ("qwertyuiop123", "first that are tried"),
        ("aaaaaaaaaaaaaaa", "first that are tried"),
        (f"{NAME.partition('@')[0]}1234567", "first that are tried"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(password: str, cause: str, desk: Desk) -> None:
    browser, link = desk.browser(), desk.link(NAME)
    desk.secrets[NAME] = secret_on(browser.get(link))
    refused = browser.post(link, {"password": password, "code": desk.code(NAME)})
    assert refused.status_code == 400 and cause in refused.text and password not in refused.text
    assert browser.post(link, {"password": PASSWORD, "code": desk.code(NAME)}).status_code == 303


def test_without_the_app_s_code_nothing_is_set_up(desk: Desk) -> None:
    browser, link = desk.browser(), desk.link(NAME)
    refused = browser.post(link, {"password": PASSWORD, "code": "000000"})
    assert refused.status_code == 400 and "not the code" in refused.text
    assert browser.get(link).status_code == 200


def test_a_set_up_form_of_another_site_is_refused(desk: Desk) -> None:
    browser, link = desk.browser(), desk.link(NAME)
    desk.secrets[NAME] = secret_on(browser.get(link))
    for origin in ("https://evil.example", None):
        answer = browser.post(link, {"password": PASSWORD, "code": desk.code(NAME)}, origin=origin)
        assert answer.status_code == 403 and "web.origin" in answer.text


# --- Signing in ---


def test_an_administrator_signs_in_and_out(desk: Desk) -> None:
    desk.set_up(NAME)
    browser = desk.browser()
    assert browser.get("/admin/keys").headers["Location"] == "/admin/sign-in?next=/admin/keys"
    come = desk.sign_in(browser, NAME, name=NAME.upper(), next="/admin/keys")
    assert (come.status_code, come.headers["Location"]) == (303, "/admin/keys")
    assert browser.get("/admin/keys").status_code == 200
    secret = browser.secret
    assert browser.post("/admin/sign-out", {}).headers["Location"] == "/admin/sign-in"
    assert browser.secret == ""
    thief = desk.browser()
    thief.client.set_cookie("__Host-lti_admin", secret, domain="127.0.0.1")
    assert thief.get("/admin/").status_code == 303, "the session is over on the server, too"
    assert desk.acts()[-2:] == ["operator.sign_in", "operator.sign_out"]


def test_the_cookie_is_ours_alone(desk: Desk) -> None:
    desk.set_up(NAME)
    (cookie,) = desk.sign_in(desk.browser(), NAME).headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-lti_admin=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}


@pytest.mark.parametrize("wrong", [{"password": "another good pass"}, {"code": "000000"}, {"name": "nobody"}])
def test_whatever_is_wrong_the_answer_is_the_same(wrong: dict[str, str], desk: Desk) -> None:
    desk.set_up(NAME)
    answer = desk.sign_in(desk.browser(), NAME, **wrong)
    assert answer.status_code == 403 and "The name, the password or the code is not right" in answer.text
    assert PASSWORD not in answer.text and not answer.headers.getlist("Set-Cookie")


def test_an_unknown_name_costs_as_much_time_as_a_known_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by a stopwatch: the same hash is computed for both."""
    from argon2 import PasswordHasher

    weighed: list[str] = []
    whole = PasswordHasher.verify

    def noted(self: PasswordHasher, hash: str, password: str) -> bool:  # type: ignore[override]
        weighed.append(hash.rpartition("$")[0].rpartition("$")[0])
        return whole(self, hash, password)

    desk.set_up(NAME)
    monkeypatch.setattr(PasswordHasher, "verify", noted)
    desk.sign_in(desk.browser(), NAME, password="another good pass")
    desk.sign_in(desk.browser(), NAME, name="nobody")
    assert len(weighed) == 2 and weighed[0] == weighed[1] and "argon2id" in weighed[0]


def test_a_code_serves_once(desk: Desk) -> None:
    desk.set_up(NAME)
    assert desk.sign_in(desk.browser(), NAME).status_code == 303
    assert desk.sign_in(desk.browser(), NAME).status_code == 403
    desk.clock.advance(30)
    assert desk.sign_in(desk.browser(), NAME).status_code == 303


def test_a_code_of_before_the_last_one_is_refused(desk: Desk) -> None:
    desk.set_up(NAME)
    earlier = desk.code(NAME)
    desk.clock.advance(30)
    assert desk.sign_in(desk.browser(), NAME).status_code == 303
    assert desk.sign_in(desk.browser(), NAME, code=earlier).status_code == 403


def test_a_session_that_somebody_laid_ready_is_not_taken_over(desk: Desk) -> None:
    """Session fixation: the secret after signing in is a new one, whatever the browser brought along."""
    desk.set_up(NAME)
    browser = desk.browser()
    browser.client.set_cookie("__Host-lti_admin", "a" * 43, domain="127.0.0.1")
    desk.sign_in(browser, NAME)
    first = browser.secret
    assert first not in ("", "a" * 43)
    desk.clock.advance(60)
    desk.sign_in(browser, NAME)
    assert browser.secret != first
    thief = desk.browser()
    thief.client.set_cookie("__Host-lti_admin", first, domain="127.0.0.1")
    assert thief.get("/admin/").status_code == 303, "the session before has ended"


def test_who_guesses_is_slowed_down(desk: Desk) -> None:
    desk.set_up(NAME)
    guesser = desk.browser()
    assert [desk.sign_in(guesser, NAME, password=f"guess number {n}").status_code for n in range(5)] == [403] * 5
    stopped = desk.sign_in(guesser, NAME)  # Even the right one has to wait.
    assert stopped.status_code == 429 and int(stopped.headers["Retry-After"]) == 1
    desk.clock.advance(1)
    assert desk.sign_in(guesser, NAME, password="guess number 6").status_code == 403
    assert desk.sign_in(guesser, NAME).headers["Retry-After"] == "2"
    assert desk.sign_in(desk.browser("203.0.113.99"), NAME).status_code == 303, "whoever guesses keeps nobody else out"


def test_an_unknown_name_is_slowed_down_alike(desk: Desk) -> None:
    desk.set_up(NAME)
    guesser = desk.browser()
    tried = [desk.sign_in(guesser, NAME, name="nobody").status_code for _ in range(6)]
    assert tried == [403] * 5 + [429]


def test_guessing_from_everywhere_is_slowed_down_too(desk: Desk) -> None:
    desk.set_up(NAME)
    tried = [
        desk.sign_in(desk.browser(f"198.51.100.{n}"), NAME, password="one of many guesses").status_code
        for n in range(51)
    ]
    assert tried == [403] * 50 + [429]


def test_one_address_tries_so_often_and_no_more(db_url: str, tmp_path: Path, clock: FixedClock) -> None:
    desk = raised(db_url, tmp_path, clock, sign_ins=3)
    browser = desk.browser()
    tried = [browser.post("/admin/sign-in", {"name": f"n{n}", "password": "p", "code": "1"}) for n in range(4)]
    assert [answer.status_code for answer in tried] == [403] * 3 + [429]
    desk.tool.db.dispose()


def test_a_session_ends_after_half_an_hour_of_rest(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    for _ in range(4):
        desk.clock.advance(28 * 60)
        assert browser.get("/admin/").status_code == 200
    desk.clock.advance(30 * 60)
    assert browser.get("/admin/").status_code == 303


def test_a_session_ends_after_eight_hours_of_work(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    for _ in range(23):
        desk.clock.advance(20 * 60)
        assert browser.get("/admin/").status_code == 200
    desk.clock.advance(20 * 60)
    assert browser.get("/admin/").status_code == 303


def test_reset_ends_what_was_before(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    with desk.tool.db.transaction() as tx:
        token = workflows.reset_operator(tx, desk.tool.vault, NAME, actor="test", now=desk.clock.now())
    assert browser.get("/admin/").status_code == 303
    assert desk.sign_in(desk.browser(), NAME).status_code == 403
    fresh = desk.browser()
    assert secret_on(fresh.get(f"/setup/{token}")) != desk.secrets[NAME]


def test_a_disabled_operator_is_out(desk: Desk) -> None:
    browser, link = desk.set_up(NAME), desk.link("other")
    for name in (NAME, "other"):
        with desk.tool.db.transaction() as tx:
            workflows.close_operator(tx, name, closed=True, actor="test", now=desk.clock.now())
    assert browser.get("/admin/").status_code == 303
    assert desk.sign_in(desk.browser(), NAME).status_code == 403
    assert desk.browser().get(link).status_code == 403
    with desk.tool.db.transaction() as tx:
        workflows.close_operator(tx, NAME, closed=False, actor="test", now=desk.clock.now())
    assert desk.sign_in(desk.browser(), NAME).status_code == 303


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/admin/\\evil", "/learn/x", "javascript:1"]
)
def test_signing_in_leads_to_a_page_of_ours(wanted: str, desk: Desk) -> None:
    desk.set_up(NAME)
    assert desk.sign_in(desk.browser(), NAME, next=wanted).headers["Location"] == "/admin/"


def test_a_sign_in_form_of_another_site_is_refused(desk: Desk) -> None:
    desk.set_up(NAME)
    fields = {"name": NAME, "password": PASSWORD, "code": desk.code(NAME)}
    for origin in ("https://evil.example", None, "null"):
        assert desk.browser().post("/admin/sign-in", fields, origin=origin).status_code == 403


# --- Who may do what ---

TABLES = ("registrations", "deployments", "tool_keys", "people", "platform_invitations", "connection_tests")
PAGES = ("/admin/", "/admin/connect", "/admin/keys", "/admin/people?q=Ingrid", "/admin/sign-in")


def forms(desk: Desk, organisation: str = OURS) -> dict[str, dict[str, str]]:
    """Each form of the desk with something to send."""
    here = platform_url(desk, organisation)
    return {
        here: {"name": "Taken over", "policy": "auto", "algorithms": "PS256", "line_items": "none"},
        f"{here}/deployments": {"deployment": f"deployment-{int(organisation == THEIRS)}", "decision": "allow"},
        f"{here}/state": {"state": "closed"},
        f"{here}/test": {},
        f"/admin/people/{person(desk, organisation).public_id}": {"decision": "block", "words": "misuse"},
        "/admin/keys/rotate": {},
        "/admin/invitations": {"name": "Our Moodle"},
    }


def everything(desk: Desk) -> list[str]:
    """What the database says of platforms, deployments, keys, people and invitations."""
    with desk.tool.db.reading() as tx:
        return [
            str(tx.execute(text(f"SELECT * FROM {table} ORDER BY id")).all())
            for table in (
                "registrations",
                "deployments",
                "tool_keys",
                "people",
                "platform_invitations",
                "connection_tests",
            )
        ]


def test_no_page_can_be_framed_or_kept_and_none_writes(desk: Desk) -> None:
    browser, link, written = desk.set_up(NAME), desk.link("other"), []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(statement[:100])

    event.listen(desk.tool.db.engine, "before_cursor_execute", note)
    for address in (*PAGES, platform_url(desk), link):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], address
        assert answer.headers["Cache-Control"] == "no-store", address
    assert written == []


def test_the_list_of_pages_is_whole(desk: Desk) -> None:
    rules = create_app(desk.tool).url_map.iter_rules()
    seen = {rule.rule for rule in rules if rule.endpoint.startswith(("admin", "sign_in.")) and "GET" in rule.methods}
    known = {address.partition("?")[0] for address in PAGES}
    one = "/admin/platforms/<public_id>"
    assert seen == known | {one, f"{one}/test", f"{one}/test/state", "/setup/<token>"}


def test_without_a_session_nothing_is_shown_or_done(desk: Desk) -> None:
    before, stranger = everything(desk), desk.browser()
    here = platform_url(desk)
    for address in (*PAGES[:-1], here, f"{here}/test", f"{here}/test/state"):
        assert stranger.get(address).status_code == 303, address
    for address, fields in forms(desk).items():
        assert stranger.post(address, fields).status_code == 403, address
    assert everything(desk) == before


def test_a_form_without_our_token_or_from_elsewhere_changes_nothing(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    before = everything(desk)
    for address, fields in forms(desk).items():
        assert "web.csrf" in browser.post(address, {**fields, "csrf_token": "0" * 64}).text, address
        assert "web.origin" in browser.post(address, fields, origin="https://evil.example").text, address
        assert "web.origin" in browser.post(address, fields, origin=None, Sec_Fetch_Site="cross-site").text, address
    assert everything(desk) == before


def test_another_operator_s_token_is_none(desk: Desk) -> None:
    browser, other = desk.set_up(NAME), desk.set_up("other")
    assert "web.csrf" in browser.post("/admin/keys/rotate", {"csrf_token": other.csrf}).text


def test_an_operator_of_another_organisation_sees_and_changes_nothing_of_ours(desk: Desk) -> None:
    browser = desk.set_up("b@beldermoor.example", THEIRS)
    before = everything(desk)
    assert f"Moodle of {THEIRS}" in browser.get("/admin/").text
    assert OURS not in browser.get("/admin/").text
    assert OURS not in browser.get("/admin/people?q=Ingrid").text
    assert OURS not in browser.get(f"/admin/people?q={person(desk).public_id}").text
    with desk.tool.db.reading() as tx:
        ours = desk.platforms[OURS].organisation_id
        kids = [key.kid for key in lti.list_tool_keys(tx) if key.organisation_id == ours]
    assert kids and not any(kid in browser.get("/admin/keys").text for kid in kids)
    for address in ("", "/test", "/test/state"):
        assert browser.get(f"{platform_url(desk)}{address}").status_code == 404, address
    for address, fields in list(forms(desk).items())[:5]:
        assert browser.post(address, fields).status_code == 404, address
    assert everything(desk) == before
    known = desk.platforms[OURS]
    taken = browser.post("/admin/connect", manual(issuer=known.issuer, client_id=known.client_id))
    assert taken.status_code == 400 and "connected already" in taken.text
    assert everything(desk) == before


def test_a_learner_s_cookie_opens_no_desk_and_an_operator_s_no_launch(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    crossed = desk.browser()
    crossed.client.set_cookie("__Host-lti_browser", browser.secret, domain="127.0.0.1")
    assert crossed.get("/admin/", Authorization=f"Bearer {browser.secret}").status_code == 303
    assert browser.get(f"/learn/{'0' * 26}/").status_code == 403


# --- The desk ---


def manual(**changes: str) -> dict[str, str]:
    host = "https://new.example"
    urls = {"auth_url": f"{host}/auth", "token_url": f"{host}/token", "jwks_url": f"{host}/keys"}
    return {"name": "New", "issuer": host, "client_id": "7", "policy": "ask", "deployment": "", **urls, **changes}


def test_what_waits_is_said_first_and_decided(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    assert "1 deployment waits for you" in browser.get("/admin/").text
    decided = browser.post(f"{platform_url(desk)}/deployments", {"deployment": "deployment-0", "decision": "allow"})
    assert decided.status_code == 303
    assert "Nothing needs your attention" in browser.get("/admin/").text
    browser.post(f"{platform_url(desk)}/deployments", {"deployment": "deployment-0", "decision": "deny"})
    assert "1 deployment waits for you" in browser.get("/admin/").text
    unknown = browser.post(f"{platform_url(desk)}/deployments", {"deployment": "made up", "decision": "allow"})
    assert unknown.status_code == 404
    assert desk.acts()[-2:] == ["deployment.allow", "deployment.deny"]


def test_settings_are_stored_or_refused_with_the_reason(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    fields = {"name": "The Moodle", "origins": "https://pages.example\nhttps://more.example", "policy": "deny", **TERMS}
    assert browser.post(platform_url(desk), fields).status_code == 303
    page = browser.get(f"{platform_url(desk)}?saved").text
    assert "The Moodle" in page and "https://pages.example\nhttps://more.example</textarea>" in page
    refused = browser.post(platform_url(desk), {**fields, "origins": "http://plain.example"})
    assert (
        refused.status_code == 400 and "cannot be an origin" in refused.text and "http://plain.example" in refused.text
    )
    assert browser.post(platform_url(desk), {**fields, "name": " "}).status_code == 400
    assert browser.post(platform_url(desk), {**fields, "policy": "all"}).status_code == 400


TERMS: dict[str, Any] = {"clock_leeway": "", "algorithms": ["RS256"], "line_items": "create"}


def test_terms_are_stored_and_stand_in_the_audit(desk: Desk) -> None:
    browser, here = desk.set_up(NAME), platform_url(desk)
    page = browser.get(here).text
    assert "Left empty, it is 60 seconds" in page and 'value="RS256" checked' in page
    settled = {"clock_leeway": "120", "algorithms": ["RS256", "PS256"], "line_items": "coupled"}
    assert browser.post(here, {"name": "Moodle", "policy": "ask", **settled}).status_code == 303
    with desk.tool.db.reading() as tx:
        known = lti.find_registration(tx, desk.platforms[OURS].id)
        facts = tx.execute(select(audit.c.facts).where(audit.c.act == "platform.change")).scalar_one()
    assert known.terms == lti.Terms(120, (lti.Algorithm.RS256, lti.Algorithm.PS256), lti.LineItemPolicy.COUPLED)
    assert {name: facts[name] for name in settled} == {**settled, "clock_leeway": 120}
    page = browser.get(here).text
    assert 'value="120"' in page and 'value="PS256" checked' in page and 'value="coupled" checked' in page


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"clock_leeway": "301"}, "clock_leeway", "“301” cannot be the number of seconds"),
        ({"algorithms": []}, "algorithms", "no launch could be verified"),
        ({"algorithms": ["RS256", "HS256"]}, "algorithms", "signed with “HS256” is never verified"),
        ({"line_items": "all"}, "line_items", "Choose which columns"),
    ],
)
def test_odd_terms_are_refused_beside_their_field(
    changes: dict[str, object], field: str, words: str, desk: Desk
) -> None:
    browser = desk.set_up(NAME)
    before = everything(desk)
    refused = browser.post(platform_url(desk), {"name": "X", "policy": "ask", **TERMS, **changes})
    assert refused.status_code == 400 and words in refused.text and f'href="#{field}"' in refused.text
    assert f'id="{field}"' in refused.text and 'value="X"' in refused.text and everything(desk) == before


def test_a_closed_platform_opens_nothing_until_it_is_opened_again(desk: Desk) -> None:
    browser, known = desk.set_up(NAME), desk.platforms[OURS]
    login = {
        "iss": known.issuer,
        "client_id": known.client_id,
        "login_hint": "6",
        "target_link_uri": f"{URL}/lti/launch",
    }
    assert desk.browser().post("/lti/login", login).status_code in (200, 302)
    browser.post(f"{platform_url(desk)}/state", {"state": "closed"})
    assert "Nobody comes in by it since" in browser.get(platform_url(desk)).text
    refused = desk.browser().post("/lti/login", login)
    assert refused.status_code == 403 and "lti.platform_disabled" in refused.text
    browser.post(f"{platform_url(desk)}/state", {"state": "open"})
    assert desk.browser().post("/lti/login", login).status_code in (200, 302)
    assert desk.acts()[-2:] == ["platform.disable", "platform.enable"]


def test_a_refused_launch_stands_there_with_its_fix(desk: Desk) -> None:
    browser, known = desk.set_up(NAME), desk.platforms[OURS]
    learner, named = desk.browser(), {"iss": known.issuer, "client_id": known.client_id}
    learner.client.set_cookie("__Host-lti_browser", "b" * 43, domain="127.0.0.1")
    begun = learner.post("/lti/login", {**named, "login_hint": "6", "target_link_uri": f"{URL}/lti/launch"})
    (state,) = re.findall(r"[?&]state=([\w-]+)", begun.headers["Location"])
    refused = learner.post("/lti/launch", {"state": state, "id_token": "no token"}, origin=known.issuer)
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", refused.text)
    assert refused.status_code == 400 and code
    page = browser.get(platform_url(desk)).text
    assert code[0] in page and "lti.token_form" in page
    assert "1 launch was refused within a week" in browser.get("/admin/").text


def test_an_lms_is_connected_by_hand(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    made = browser.post("/admin/connect", manual(deployment="1 2"))
    assert made.status_code == 303
    page = browser.get(made.headers["Location"]).text
    assert "https://new.example/auth" in page and page.count("Let in</span>") == 2
    again = browser.post("/admin/connect", manual())
    assert again.status_code == 400 and "connected already" in again.text


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"issuer": ""}, "issuer", "Enter the platform ID"),
        ({"client_id": " "}, "client_id", "Enter the client ID"),
        ({"token_url": "http://new.example/token"}, "token_url", "cannot be an address of an LMS"),
        ({"jwks_url": "javascript:alert(1)"}, "jwks_url", "cannot be an address of an LMS"),
        ({"policy": "all"}, "issuer", "Choose what becomes of new deployments"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changes: dict[str, str], field: str, words: str, desk: Desk) -> None:
    browser = desk.set_up(NAME)
    refused = browser.post("/admin/connect", manual(**changes))
    assert refused.status_code == 400 and words in refused.text
    assert f'href="#{field}"' in refused.text and 'value="https://new.example/auth"' in refused.text


def test_an_invitation_is_shown_once_and_connects_for_this_organisation(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    browser.get("/admin/connect")
    page = browser.post("/admin/invitations", {"name": "Law"})
    found = re.search(rf"{URL}/lti/register\?invitation=([\w-]{{43}})", page.text)
    assert page.status_code == 200 and found
    with desk.tool.db.reading() as tx:
        invitation = lti.find_invitation(tx, found[1])
    assert invitation.organisation_id == desk.platforms[OURS].organisation_id and invitation.name == "Law"


def test_the_connection_test_says_what_stands_in_the_way(desk: Desk) -> None:
    browser, here = desk.set_up(NAME), f"{platform_url(desk)}/test"
    assert "has not been tested yet" in browser.get(here).text
    assert browser.post(here, {}).headers["Location"] == here
    page = browser.get(here).text
    assert "Testing the connection" in page and f'data-poll="{here}/state"' in page and "Test again" not in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert browser.get(f"{here}/state").json["settled"] is False  # type: ignore[index]
    assert "A test runs at this moment" in browser.get(platform_url(desk)).text
    desk.clock.advance(31)
    assert "does <code" in browser.get(f"{here}/state").json["html"]  # type: ignore[index]
    desk.tool.worker.run_once()
    assert browser.get(f"{here}/state").json == {"settled": True}
    page = browser.get(here).text
    assert "is not well connected" in page and "Test again" in page and "http-equiv" not in page
    assert "found something that stands in the way" in browser.get(platform_url(desk)).text


def test_keys_are_rotated_for_this_organisation_alone(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    browser.get("/admin/keys")
    with desk.tool.db.reading() as tx:
        theirs = lti.signing_key(tx, desk.tool.vault, desk.platforms[THEIRS].organisation_id)
        before = lti.signing_key(tx, desk.tool.vault, desk.platforms[OURS].organisation_id)
    assert browser.post("/admin/keys/rotate", {}).status_code == 303
    page = browser.get("/admin/keys").text
    assert before.kid in page and "Published until 8 December 2026" in page and page.count("Signs</span>") == 1
    with desk.tool.db.reading() as tx:
        assert lti.signing_key(tx, desk.tool.vault, desk.platforms[THEIRS].organisation_id) == theirs
        assert lti.signing_key(tx, desk.tool.vault, desk.platforms[OURS].organisation_id) != before


def test_a_person_is_found_kept_out_and_let_in_again(desk: Desk) -> None:
    browser, ingrid = desk.set_up(NAME), person(desk)
    for asked in ("ingrid", "I0@EXAMPLE.edu", ingrid.public_id):
        assert f"Ingrid of {OURS}" in browser.get(f"/admin/people?q={asked}").text, asked
    assert "Nobody by this name" in browser.get("/admin/people?q=%25").text, "a sign of the database's is none of ours"
    browser.post(f"/admin/people/{ingrid.public_id}", {"decision": "block", "words": "shared account"})
    assert "Kept out since" in browser.get("/admin/people").text
    assert person(desk).blocked_at == desk.clock.now()
    browser.post(f"/admin/people/{ingrid.public_id}", {"decision": "unblock"})
    assert person(desk).blocked_at is None
    assert desk.acts()[-2:] == ["person.block", "person.unblock"]


def test_every_act_names_its_operator(desk: Desk) -> None:
    browser = desk.set_up(NAME)
    browser.get("/admin/keys")
    browser.post("/admin/keys/rotate", {})
    with desk.tool.db.reading() as tx:
        operator = people.operator_called(tx, NAME)
        actors = tx.execute(text("SELECT actor FROM audit WHERE act = 'key.rotate'")).scalars().all()
        sessions = tx.execute(select(func.count()).select_from(tables.operator_sessions)).scalar_one()
    assert actors == [f"operator:{operator.id}"] and sessions == 1


def test_a_name_is_text_and_never_markup(desk: Desk) -> None:
    browser: Browser = desk.set_up("<script>alert(1)</script>")
    page = browser.get("/admin/").text
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page

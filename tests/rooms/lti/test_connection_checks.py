"""What a connection test says of scopes, clocks, browsers and names, and how it learns which scopes are granted."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from lti_tool import lti
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpAnswer, HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.connection.checks import (
    Place,
    judge_clock,
    judge_layers,
    judge_names,
    judge_platform_keys,
    judge_refusal,
    judge_scopes,
    judge_terms,
)
from lti_tool.lti.vocabulary import SCOPES

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OK, WARN, FAIL = lti.Verdict.OK, lti.Verdict.WARN, lti.Verdict.FAIL
LINE_ITEM, READ, RESULT, SCORE, ROSTER = SCOPES


@pytest.fixture
def place(registration: lti.Registration) -> Place:
    return Place(registration, "https://tool.example/lti/jwks.json")


@pytest.mark.parametrize(
    ("granted", "warned", "failed"),
    [
        (SCOPES, (), ()),
        ((LINE_ITEM, RESULT, SCORE, ROSTER), (), ()),
        ((READ, RESULT, SCORE, ROSTER), ("lineitem",), ()),
        ((SCORE,), ("result.readonly", "lineitem", "lineitem.readonly", "contextmembership.readonly"), ()),
        ((LINE_ITEM, RESULT, ROSTER), (), ("score",)),
    ],
)
def test_only_without_scores_a_connection_is_no_use(
    place: Place, granted: tuple[str, ...], warned: tuple[str, ...], failed: tuple[str, ...]
) -> None:
    found = judge_scopes(place, granted)
    assert tuple(one.check[6:] for one in found if one.verdict is WARN) == warned
    assert tuple(one.check[6:] for one in found if one.verdict is FAIL) == failed
    assert all("External tool → Manage tools" in one.fix for one in found if one.verdict is not OK)


@pytest.mark.parametrize(
    ("ahead", "took", "verdict", "words"),
    [
        (0, 0, OK, "agree"),
        (-9, 0, OK, "agree"),
        (30, 0, WARN, "30 seconds ahead of"),
        (-30, 0, WARN, "30 seconds behind"),
        (61.5, 0, FAIL, "62 seconds ahead of"),
        (-300, 0, FAIL, "300 seconds behind"),
        # An answer that took twenty seconds tells the time to ten.
        (18, 20, OK, "agree"),
    ],
)
def test_the_clocks_are_compared_as_exactly_as_an_answer_allows(
    ahead: float, took: float, verdict: lti.Verdict, words: str, place: Place
) -> None:
    told = NOW + timedelta(seconds=ahead + took / 2 - 0.5)
    answer = HttpAnswer(200, "", {"Date": format_datetime(told, usegmt=True)}, b"")
    found = judge_clock(place, answer, NOW, NOW + timedelta(seconds=took), 60)
    assert (found.verdict, words in found.says) == (verdict, True), found


@pytest.mark.parametrize(
    "headers",
    [{}, {"Date": "now"}, {"Date": "Tue, 24 Nov 2026 09:00:00"}, {"Date": "Tue, 24 Nov 2026 09:00:00 GMT", "Age": "7"}],
)
def test_a_time_that_is_not_told_or_kept_by_a_cache_is_no_fault(headers: dict[str, str], place: Place) -> None:
    assert judge_clock(place, HttpAnswer(200, "", headers, b""), NOW, NOW, 60).verdict is WARN
    assert judge_clock(place, None, NOW, NOW, 60).verdict is WARN


@pytest.mark.parametrize(
    ("ahead", "enough"), [(62, "90"), (85, "90"), (86, "120"), (-290, "300"), (296, ""), (900, "")]
)
def test_a_clock_beyond_the_leeway_names_the_command_that_lets_it_in(ahead: float, enough: str, place: Place) -> None:
    answer = HttpAnswer(200, "", {"Date": format_datetime(NOW + timedelta(seconds=ahead - 0.5), usegmt=True)}, b"")
    found = judge_clock(place, answer, NOW, NOW, 60)
    known = place.registration
    named = f"lti-tool platform add --issuer {known.issuer} --client-id {known.client_id} --clock-leeway {enough}"
    assert found.verdict is FAIL and "timedatectl" in found.fix
    assert found.fix.endswith(named) if enough else "--clock-leeway" not in found.fix
    assert judge_clock(place, answer, NOW, NOW, 300).verdict is (WARN if abs(ahead) < 300 else FAIL)


@pytest.mark.parametrize(
    ("counts", "verdict", "words"),
    [
        ({}, WARN, "Nobody has launched"),
        ({lti.Layer.COOKIE: 7, lti.Layer.STORAGE: 2, lti.Layer.TAB: 1}, OK, "last 10 launches: 7 by a cookie"),
        ({lti.Layer.SESSION: 3}, OK, "3 by this site's own storage"),
        ({lti.Layer.COOKIE: 1, lti.Layer.TAB: 9}, WARN, "9 in a tab of its own"),
    ],
)
def test_browsers_that_need_a_tab_are_a_warning(counts: dict[lti.Layer, int], verdict: lti.Verdict, words: str) -> None:
    found = judge_layers(counts)
    assert found.verdict is verdict and words in found.says


def test_names_that_are_not_shared_are_a_warning_with_the_way_to_share_them(place: Place) -> None:
    assert judge_names(place, 3, 4).verdict is OK
    hidden = judge_names(place, 0, 4)
    assert hidden.verdict is WARN and "Share launcher's name with tool" in hidden.fix
    assert judge_names(place, 0, 0).verdict is WARN


def test_a_key_set_without_a_fit_key_fails(place: Place) -> None:
    key = {"n": "n", "e": "e"}
    assert judge_platform_keys(place, {"one": key}, 3).verdict is OK
    assert judge_platform_keys(place, {"one": {**key, "alg": "RS256"}}, 3).verdict is OK
    found = judge_platform_keys(place, {}, 3)
    assert found.verdict is FAIL and place.registration.jwks_url in found.fix


def test_keys_for_a_way_of_signing_that_is_not_allowed_name_the_command(place: Place) -> None:
    keys = {"one": {"n": "n", "e": "e", "alg": "RS512"}, "two": {"n": "n", "e": "e", "alg": "PS256"}}
    found = judge_platform_keys(place, keys, 2)
    assert found.verdict is FAIL and "sign with PS256 or RS512; here it may sign with RS256 alone" in found.says
    assert found.fix.endswith(" --algorithm RS256 --algorithm RS512 --algorithm PS256")
    allowed = replace(place, registration=replace(place.registration, algorithms=(lti.Algorithm.RS512,)))
    assert "1 of 2 keys fit" in judge_platform_keys(allowed, keys, 2).says


def settled(place: Place, **changes: object) -> Place:
    return replace(place, registration=replace(place.registration, **changes))  # type: ignore[arg-type]


def test_what_was_settled_is_told(place: Place) -> None:
    usual = judge_terms(place, 60)
    assert usual.verdict is OK and "with RS256; clocks may differ by 60 seconds (as in the settings); " in usual.says
    own = settled(place, clock_leeway=5, algorithms=tuple(lti.Algorithm), line_items=lti.LineItemPolicy.NONE)
    said = judge_terms(own, 5).says
    assert "RS256 or RS384 or RS512 or PS256; clocks may differ by 5 seconds; no grades are sent" in said


@pytest.mark.parametrize(
    ("policy", "missed"),
    [
        (lti.LineItemPolicy.CREATE, {"score", "result.readonly", "lineitem", "lineitem.readonly"}),
        (lti.LineItemPolicy.COUPLED, {"score", "result.readonly"}),
        (lti.LineItemPolicy.NONE, set()),
    ],
)
def test_a_scope_that_nothing_needs_is_not_missed(policy: lti.LineItemPolicy, missed: set[str], place: Place) -> None:
    found = judge_scopes(settled(place, line_items=policy), (ROSTER,))
    assert {one.check[6:] for one in found if one.verdict is not OK} == missed


def test_a_stranger_s_words_do_not_move_the_cursor(place: Place) -> None:
    found = judge_refusal(place, HttpAnswer(400, "", {}, '{"error": "\x1b[2J\u202eodd"}'.encode()))
    assert found.verdict is FAIL and "odd" in found.says
    assert found.says.isprintable()


# --- Which scopes are granted ---------------------------------------------------------------------------------------


@pytest.fixture
def examined(
    registration: lti.Registration, db: Database, http: HttpClient, vault: Vault, clock: FixedClock, key_set: HTTPServer
) -> "Examined":
    """The findings about a platform whose token endpoint a test has laid ready."""

    def examine(line_item: str | None = None, people: str | None = None) -> dict[str, lti.Finding]:
        with db.reading() as tx:
            key, layers = lti.known_of(tx, vault, registration)
        jwks_url = key_set.url_for("/lti/jwks.json")
        connection = lti.Connection(registration, jwks_url, key, layers, line_item, None, people, 0, 0, 60)
        report = lti.examine(connection, lti.Services(db, http, vault, clock), http, clock)
        return {finding.check: finding for finding in report.findings}

    return examine


Examined = Callable[..., dict[str, lti.Finding]]


def missing(found: dict[str, lti.Finding]) -> set[str]:
    return {check[6:] for check, finding in found.items() if check.startswith("scope") and finding.verdict is not OK}


def grants(server: HTTPServer, allowed: set[str], *, all_or_none: bool) -> list[str]:
    """A token endpoint: Moodle leaves out what it does not grant, Canvas refuses the whole request."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.form["scope"])
        wanted = set(request.form["scope"].split())
        if not wanted & allowed or (all_or_none and not wanted <= allowed):
            return Response(json.dumps({"error": "invalid_scope"}), 400)
        said = {"access_token": "t", "token_type": "Bearer", "scope": " ".join(sorted(wanted & allowed))}
        return Response(json.dumps(said))

    server.expect_request("/mod/lti/token.php").respond_with_handler(answer)
    return asked


@pytest.mark.parametrize("all_or_none", [False, True])
def test_each_scope_is_told_by_itself(examined: Examined, key_set: HTTPServer, all_or_none: bool) -> None:
    asked = grants(key_set, {LINE_ITEM, SCORE}, all_or_none=all_or_none)
    found = examined()
    assert found["token"].verdict is OK
    assert missing(found) == {"result.readonly", "contextmembership.readonly"}
    assert len(asked) == (6 if all_or_none else 1)
    assert "Not tried" in found["list of people"].says


@pytest.mark.parametrize("all_or_none", [False, True])
def test_a_tool_that_is_known_but_granted_nothing(examined: Examined, key_set: HTTPServer, all_or_none: bool) -> None:
    grants(key_set, set(), all_or_none=all_or_none)
    found = examined()
    assert found["token"].verdict is FAIL
    assert "no service at all" in found["token"].says
    assert "Assignment and Grade Services" in found["token"].fix and "Names and Role" in found["token"].fix


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html>Log in</html>", 200),
        Response("<html>Not here</html>", 404),
        Response("", 302, {"Location": "/login"}),
        Response("{}", 200),
        Response('{"access_token": 7}', 200),
    ],
)
def test_something_that_is_no_token_service(examined: Examined, key_set: HTTPServer, answer: Response) -> None:
    key_set.expect_request("/mod/lti/token.php").respond_with_response(answer)
    found = examined()
    assert found["token"].verdict is FAIL
    assert "no token service" in found["token"].says and "--token-url" in found["token"].fix


def test_a_platform_that_does_not_say_what_it_grants_grants_all(examined: Examined, key_set: HTTPServer) -> None:
    key_set.expect_request("/mod/lti/token.php").respond_with_json({"access_token": "t"})
    assert missing(examined()) == set()


# --- Services that answer oddly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "column_fix", "people_fix"),
    [
        (Response("{}", 403), "Assignment and Grade Services", "Names and Role Provisioning"),
        (Response("{}", 401), "Assignment and Grade Services", "Names and Role Provisioning"),
        (Response("", 404), "Open an activity", "Open an activity"),
        (Response("", 503), "Try again later", "few minutes"),
        (Response("", 429, {"Retry-After": "9"}), "Try again later", "few minutes"),
        (Response("<html>Log in</html>"), "Try again", "few minutes"),
    ],
)
def test_each_odd_answer_of_a_service_has_its_fix(
    examined: Examined, key_set: HTTPServer, answer: Response, column_fix: str, people_fix: str
) -> None:
    grants(key_set, set(SCOPES), all_or_none=False)
    key_set.expect_request("/service").respond_with_response(answer)
    found = examined(key_set.url_for("/service"), key_set.url_for("/service"))
    column, people = found["grade column"], found["list of people"]
    assert (column.verdict, people.verdict) == (WARN if answer.status_code == 404 else FAIL, FAIL)
    assert column_fix in column.fix and people_fix in people.fix


def test_a_service_on_an_unknown_host_is_told_with_the_command_that_confirms_it(
    examined: Examined, key_set: HTTPServer
) -> None:
    grants(key_set, set(SCOPES), all_or_none=False)
    found = examined("https://school.example/item", "https://school.example/people")
    assert "--origin https://school.example" in found["grade column"].fix
    assert "--origin https://school.example" in found["list of people"].says

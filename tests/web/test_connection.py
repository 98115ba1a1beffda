"""The connection test against the demo LMS in both flavours, over real HTTP: with each fault, the right line."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from lti_tool import demo, lti, workflows
from lti_tool.core.http import HttpClient
from lti_tool.demo import ClockFault, Services, Throttle
from tests.stage import Stage, raised
from tests.walker import Walker, launch

OK, WARN, FAIL = lti.Verdict.OK, lti.Verdict.WARN, lti.Verdict.FAIL
LEARNER = "6"
# What is told without a fix, as there is nothing to do.
PLAIN = ("Not tried", "could not be compared", "the LMS has reached it")
FLAVOURS = list(demo.Flavour)


@pytest.fixture(scope="module", params=FLAVOURS, ids=[flavour.value for flavour in FLAVOURS])
def up(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """A stage whose tool a learner has opened, so that it knows where the services are."""
    folder = tmp_path_factory.mktemp("connection")
    copy = folder / "tool.db"
    copy.write_bytes(sqlite_template.read_bytes())
    with raised(f"sqlite:///{copy}", folder, flavour=request.param) as raised_up:
        raised_up.lms.slow_seconds = 0.1
        assert launch(Walker(), raised_up.lms_url, LEARNER, raised_up.add_activity().id).launch
        yield raised_up


@pytest.fixture
def stage(up: Stage) -> Iterator[Stage]:
    yield up
    up.lms.faults.mend()


@pytest.fixture(params=FLAVOURS, ids=[flavour.value for flavour in FLAVOURS])
def fresh(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A stage that nobody has seen yet."""
    with raised(db_url, tmp_path, flavour=request.param) as raised_up:
        yield raised_up


def report(
    stage: Stage, *, public_url: str = "", http: HttpClient | None = None, **changes: object
) -> dict[str, lti.Finding]:
    """The findings by their check; `changes` are to what the tool knows of the platform."""
    tool = stage.tool
    found = workflows.examine_connection(
        tool.db,
        http or tool.http,
        tool.vault,
        tool.clock,
        replace(stage.registration, **changes),  # type: ignore[arg-type]
        public_url=public_url or stage.tool_url,
        leeway=60,
    )
    assert found.healthy == all(finding.verdict is not FAIL for finding in found.findings)
    for finding in found.findings:
        assert finding.verdict is OK or finding.fix or any(words in finding.says for words in PLAIN)
        told = (finding.says + finding.fix).replace("None has come yet", "")
        assert "%(" not in told and "None" not in told
    return {finding.check: finding for finding in found.findings}


def test_a_healthy_connection_is_told_line_by_line(stage: Stage) -> None:
    found = report(stage)
    assert {check: finding.verdict for check, finding in found.items()} == dict.fromkeys(found, OK), found
    assert list(found) == [
        "keys of the LMS",
        "keys of this tool",
        "token",
        "scope score",
        "scope result.readonly",
        "scope lineitem",
        "scope lineitem.readonly",
        "scope contextmembership.readonly",
        "grade column",
        "list of people",
        "copied courses",
        "settled here",
        "clock",
        "browsers",
        "names",
    ]
    assert "Data protection essentials" in found["grade column"].says
    assert "1 by a cookie in the frame" in found["browsers"].says


def failing(found: dict[str, lti.Finding]) -> set[str]:
    return {check for check, finding in found.items() if finding.verdict is FAIL}


def is_moodle(stage: Stage) -> bool:
    return stage.lms.config.flavour is demo.Flavour.MOODLE


def test_it_reads_and_never_writes(stage: Stage) -> None:
    seen = stage.lms.wires.trail
    report(stage)
    sent = [message.address.partition(" ") for message in stage.lms.wires.trail if message not in seen]
    posted = {url for method, _, url in sent if method != "GET"}
    assert posted == {stage.registration.token_url}
    assert (stage.lms.posts, stage.lms.grades) == ([], {})


def test_before_the_first_launch_it_says_what_is_not_known_yet(fresh: Stage) -> None:
    found = report(fresh)
    waiting = {"grade column", "list of people", "browsers", "names"} | (
        set() if is_moodle(fresh) else {"copied courses"}
    )
    assert {check for check, finding in found.items() if finding.verdict is WARN} == waiting
    assert failing(found) == set()
    assert all("Open an activity" in found[check].fix for check in waiting)


@pytest.mark.parametrize(("services", "says"), [(Services.DOWN, "out of order"), (Services.GONE, "does not answer")])
def test_services_that_are_down(stage: Stage, services: Services, says: str) -> None:
    stage.lms.faults.services = services
    found = report(stage)
    assert failing(found) == {"token"}
    assert says in found["token"].says
    assert "Not tried" in found["grade column"].says and "Not tried" in found["list of people"].says


def test_slow_services_are_no_fault(stage: Stage) -> None:
    stage.lms.faults.slow = True
    assert failing(report(stage)) == set()


def test_a_clock_that_is_fast(stage: Stage) -> None:
    stage.lms.faults.clock = ClockFault.FAST
    found = report(stage)
    assert failing(found) == {"clock"}
    assert "ahead of ours" in found["clock"].says and "timedatectl" in found["clock"].fix
    assert abs(int(found["clock"].says.split()[4]) - 120) <= 2
    assert "--clock-leeway 150" in found["clock"].fix
    tolerant = report(stage, clock_leeway=150)
    assert tolerant["clock"].verdict is WARN and "150 seconds" in tolerant["settled here"].says


def test_a_clock_that_is_slow_costs_the_token_too(stage: Stage) -> None:
    stage.lms.faults.clock = ClockFault.SLOW
    found = report(stage)
    assert failing(found) == {"clock", "token"}
    assert "behind ours" in found["clock"].says
    assert "the clocks differ" in found["token"].says and "timedatectl" in found["token"].fix


@pytest.mark.parametrize("throttle", [Throttle.FORBIDDEN, Throttle.TOO_MANY])
def test_an_lms_that_slows_us_down(stage: Stage, throttle: Throttle) -> None:
    stage.lms.faults.throttle = throttle
    found = report(stage)
    # Moodle has no such switch.
    assert failing(found) == (set() if is_moodle(stage) else {"token"})
    if not is_moodle(stage):
        assert "slow down" in found["token"].says and "few minutes" in found["token"].fix


def test_a_course_that_is_over(stage: Stage) -> None:
    stage.lms.faults.concluded = True
    found = report(stage)
    assert failing(found) == (set() if is_moodle(stage) else {"grade column"})
    if not is_moodle(stage):
        assert "Is the course over?" in found["grade column"].says


def test_a_grade_column_that_was_deleted_is_a_warning(fresh: Stage) -> None:
    link = fresh.add_activity()
    assert launch(Walker(), fresh.lms_url, LEARNER, link.id).launch
    fresh.lms.drop_item(link.item_id)
    found = report(fresh)
    assert found["grade column"].verdict is WARN
    assert "deleted" in found["grade column"].says and "Open an activity" in found["grade column"].fix


def test_a_wrong_client_id(stage: Stage) -> None:
    found = report(stage, client_id="12345")
    assert failing(found) == {"token"}
    assert "client ID" in found["token"].says and "12345" in found["token"].fix
    where = "Manage tools" if is_moodle(stage) else "Developer Keys"
    assert where in found["token"].fix


def test_a_wrong_audience(stage: Stage) -> None:
    found = report(stage, audience="https://elsewhere.example/token")
    # Moodle does not look at it.
    assert failing(found) == (set() if is_moodle(stage) else {"token"})
    if not is_moodle(stage):
        assert "addressee" in found["token"].says and "--audience" in found["token"].fix


def test_wrong_addresses_of_the_lms(stage: Stage) -> None:
    found = report(stage, jwks_url=f"{stage.lms_url}/nothing", token_url=f"{stage.lms_url}/nothing")
    assert failing(found) == {"keys of the LMS", "token"}
    assert "no key set" in found["keys of the LMS"].says and "--jwks-url" in found["keys of the LMS"].fix
    assert "no token service" in found["token"].says and "--token-url" in found["token"].fix


def test_addresses_where_nobody_answers(stage: Stage) -> None:
    found = report(stage, jwks_url="http://127.0.0.1:1/jwks", token_url="http://127.0.0.1:1/token")
    assert failing(found) == {"keys of the LMS", "token"}
    assert all("Nobody listens there" in found[check].fix for check in failing(found))
    assert found["clock"].verdict is WARN and "could not be compared" in found["clock"].says


def test_an_lms_that_our_own_settings_forbid(stage: Stage) -> None:
    found = report(stage, http=HttpClient([]))
    assert failing(found) == {"keys of the LMS", "token"}
    assert all("http.allow_networks" in found[check].fix for check in failing(found))
    assert found["keys of this tool"].verdict is WARN


def unpublish(stage: Stage) -> None:
    """The key that signs is not in the key set any more, as if another copy of the tool answered there."""
    with stage.tool.db.transaction() as tx:
        tx.execute(text("UPDATE tool_keys SET retired_at = created_at"))


def test_a_key_that_is_not_published(fresh: Stage) -> None:
    unpublish(fresh)
    found = report(fresh)
    assert failing(found) == {"keys of this tool", "token"}
    assert "not the keys of this tool" in found["keys of this tool"].says
    assert "fetch" in found["token"].says and f"{fresh.tool_url}/lti/jwks.json" in found["token"].fix
    found = report(fresh, public_url="http://127.0.0.1:1")
    assert failing(found) == {"keys of this tool", "token"}
    assert "server.public_url" in found["keys of this tool"].fix


def test_our_own_address_where_nobody_answers(stage: Stage) -> None:
    """The LMS's word counts for more: from some networks a server cannot see itself from outside."""
    found = report(stage, public_url="http://127.0.0.1:1")
    # Canvas takes addresses of the tool's own domain alone.
    assert failing(found) == (set() if is_moodle(stage) else {"copied courses"})
    assert found["keys of this tool"].verdict is WARN and "the LMS has reached it" in found["keys of this tool"].says


def test_an_address_of_ours_where_something_else_answers(stage: Stage) -> None:
    found = report(stage, public_url=stage.lms_url)
    assert found["keys of this tool"].verdict is WARN
    assert "not the keys of this tool" in found["keys of this tool"].says

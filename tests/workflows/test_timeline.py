"""From a code to the story behind it: what an operator is told of a refusal, a launch, an attempt, a certificate."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from lti_tool import credentials, gradebook, lti, people, workflows
from lti_tool.core.errors import Side, ToolError
from lti_tool.credentials import Faces
from lti_tool.lti import tables
from tests.workflows.conftest import BROWSER, LMS, TOOL, World

Answer = Callable[..., None]


def told(world: World, code: str) -> workflows.Timeline:
    with world.db.reading() as tx:
        known = workflows.timeline(tx, code, now=world.now())
    assert known is not None
    return known


def passed(world: World, answer_all: Answer) -> tuple[lti.Session, str]:
    """A learner who has passed, each step a minute after the one before."""
    session = world.enter()
    world.clock.advance(60)
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, session, seed=7, now=world.now())
    answer_all(session, attempt.public_id, right=True)
    world.clock.advance(60)
    with world.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=world.now())
    world.clock.advance(60)
    return session, attempt.public_id


def refuse(world: World, fault: ToolError, known: dict[str, str] | None = None, *, ours: bool = True) -> None:
    with world.db.transaction() as tx:
        lti.keep_refusal(
            tx,
            fault,
            status=400,
            support_code="7Q4M-2KXP",
            registration_id=world.registration.id if ours else None,
            known=known or {},
            now=world.now(),
        )


@dataclass
class Answering:
    """An LMS that makes the same of every score."""

    verdict: lti.ScoreVerdict
    reason: str = ""

    def send_score(self, *_asked: object) -> lti.ScoreOutcome:
        return lti.ScoreOutcome(self.verdict, self.reason)

    def results(self, *_asked: object, user_id: str | None = None) -> tuple[lti.Result, ...]:
        return ()


@pytest.mark.both_engines
def test_a_launch_tells_all_that_came_of_it(world: World, answer_all: Answer) -> None:
    session, attempt_id = passed(world, answer_all)
    gradebook.deliver_due(world.db, Answering(lti.ScoreVerdict.ACCEPTED), clock=world.clock.now)
    with world.db.transaction() as tx:
        credential = workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())
    world.clock.advance(60)
    credentials.prepare_due(world.db, vault=world.vault, faces=Faces.find(None), public_url=TOOL, clock=world.clock.now)
    world.clock.advance(60)
    with world.db.transaction() as tx:
        workflows.revoke(tx, credential.public_id, reason="issued_in_error", words="Oh", actor="test", now=world.now())
    known = told(world, session.public_id)
    assert known.kind == "launch"
    whats = [event.what for event in known.events]
    assert whats[:2] == ["launch verified, session opened", "attempt begun"]
    assert set(whats[2:5]) == {"attempt handed in", "grade to be sent to the LMS", "module completed"}
    assert set(whats[5:8]) == {"the LMS took the grade", "certificate issued", "name for the certificate confirmed"}
    assert whats[8] == "certificate signed"
    assert whats[-1] == "certificate revoked"
    handed_in = known.events[whats.index("attempt handed in")]
    assert handed_in.facts["percent"] == "100 %" and handed_in.facts["attempt"] == attempt_id
    # The same story from the other ends; an address does as well as an id.
    for code in (attempt_id, f"{TOOL}/learn/{session.public_id}/attempts/{attempt_id}/3", credential.address):
        assert [event.what for event in told(world, code).events] == whats
    assert told(world, attempt_id.upper()).kind == "attempt"
    assert told(world, credential.public_id).kind == "credential"


def test_a_grade_that_does_not_arrive_tells_tries_and_reason(world: World, answer_all: Answer) -> None:
    session, _ = passed(world, answer_all)
    refusing = Answering(lti.ScoreVerdict.REFUSED, "The column is gone.")
    for _ in range(2):
        gradebook.deliver_due(world.db, refusing, clock=world.clock.now)
        world.clock.advance(3600)
    last = told(world, session.public_id).events[-1]
    assert last.what == "now: the grade is not delivered yet"
    assert (last.facts["tries"], last.facts["reason"]) == (2, "The column is gone.")
    gradebook.deliver_due(world.db, refusing, clock=world.clock.now)
    events = told(world, session.public_id).events
    assert events[-1].what == "now: the grade is refused, and tried again once a day"
    tried = [event.facts for event in events if event.what == "grade tried"]
    assert [(facts["outcome"], facts["reason"]) for facts in tried] == [("refused", "The column is gone.")] * 3


@pytest.mark.both_engines
def test_what_was_done_in_a_launch_is_known_when_its_session_is_long_gone(world: World, answer_all: Answer) -> None:
    session, _ = passed(world, answer_all)
    with world.db.transaction() as tx:
        tx.execute(tables.sessions.delete())
    assert [event.what for event in told(world, session.public_id).events] == ["attempt begun", "attempt handed in"]


def test_a_blocked_person_is_told_of(world: World) -> None:
    session = world.enter()
    block(world, session)
    assert "blocked" in told(world, session.public_id).events[-1].what


def block(world: World, session: lti.Session) -> str:
    with world.db.transaction() as tx:
        person = people.find_person(tx, session.person_id)
        workflows.block(tx, person.public_id, words="Misuse", actor="test", now=world.now())
    return person.public_id


def test_a_refusal_names_the_failing_check_the_side_and_the_fix(world: World) -> None:
    fault = lti.LtiRefused("lti.clock", "The clocks differ by %(seconds)s.", side=Side.LMS, seconds=438)
    refuse(world, fault, {"alg": "RS256", "kid": "8f1c", "signature": "verified"})
    known = told(world, "7q4m 2kxp")
    assert (known.code, known.kind) == ("7Q4M-2KXP", "refusal")
    assert known.diagnosis is not None
    assert known.diagnosis.check == "The message is fresh, by our clock"
    assert "The signature is right" in known.diagnosis.passed
    assert "The message answers this login and no other" not in known.diagnosis.passed
    assert known.diagnosis.side == "Moodle (its administrators can mend it)"
    assert "438 seconds" in known.diagnosis.fix and "timedatectl" in known.diagnosis.fix
    assert known.events[0].facts["kid"] == "8f1c"


def test_an_unknown_platform_s_words_are_quoted_before_they_reach_a_shell(world: World) -> None:
    log = {"issuer": "https://x.example/; rm -rf $HOME", "client_id": "it's"}
    refuse(world, lti.LtiRefused("lti.unknown_platform", "Not connected.", log=log), ours=False)
    known = told(world, "7Q4M-2KXP")
    assert known.diagnosis is not None
    assert "--issuer 'https://x.example/; rm -rf $HOME' --client-id 'it'\"'\"'s'" in known.diagnosis.fix


def test_a_waiting_deployment_comes_with_the_command_that_lets_it_in(world: World) -> None:
    launch = replace(world.launch(), lms_deployment_id="17")
    refuse(world, workflows.deployment_waits(launch))
    known = told(world, "7Q4M-2KXP")
    assert known.diagnosis is not None
    assert f"lti-tool platform add --issuer {LMS} --client-id client-1" in known.diagnosis.fix
    assert "--deployment 17" in known.diagnosis.fix


@pytest.mark.parametrize("code", ["AB12-CD34", "0" * 26, "", "no such thing", "/learn/x/", "\x00", "𝔄" * 26])
def test_of_an_unknown_code_nothing_is_known(world: World, code: str) -> None:
    with world.db.reading() as tx:
        assert workflows.timeline(tx, code, now=world.now()) is None


@pytest.mark.both_engines
def test_a_blocked_person_has_no_session_and_gets_none(world: World) -> None:
    session, launch = world.enter(), world.launch()
    person = block(world, session)
    with world.db.reading() as tx:
        assert lti.read_session(tx, session.public_id, browser=BROWSER, now=world.now()) is None
    with pytest.raises(ToolError, match=r"people\.blocked"), world.db.transaction() as tx:
        workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now())
    # Somebody else is not concerned, and after unblocking both the session and the launch are good again.
    assert world.enter(subject="7").person_id != session.person_id
    with world.db.transaction() as tx:
        workflows.unblock(tx, person, actor="test", now=world.now())
    with world.db.transaction() as tx:
        assert lti.read_session(tx, session.public_id, browser=BROWSER, now=world.now()) is not None
        assert workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now()) is not None


def test_a_blocked_teacher_does_not_choose_either(world: World) -> None:
    session = world.enter(role=lti.Role.INSTRUCTOR)
    block(world, session)
    settings = lti.DeepLinkingSettings(f"{LMS}/r", ("ltiResourceLink",), True, None, None, "", "")
    changes = {"role": lti.Role.INSTRUCTOR, "message": lti.MessageType.DEEP_LINKING, "deep_linking": settings}
    with pytest.raises(ToolError, match=r"people\.blocked"):
        world.enter(**changes)

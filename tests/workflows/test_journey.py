"""From a launch to a certificate that verifies, workflow by workflow, on both databases."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from lti_tool import credentials, gradebook, lti, workflows
from lti_tool.core.errors import Conflict, NotAllowed, NotFound, ToolError
from lti_tool.credentials import Faces, Verdict
from tests.workflows.conftest import TOOL, World

Answer = Callable[..., None]


def sit_through(world: World, session: lti.Session, answer_all: Answer, *, right: bool) -> str:
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, session, seed=7, now=world.now())
    answer_all(session, attempt.public_id, right=right)
    with world.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=world.now())
    return attempt.public_id


@pytest.mark.both_engines
def test_a_learner_passes_and_the_certificate_verifies(world: World, answer_all: Answer) -> None:
    session = world.enter()
    sit_through(world, session, answer_all, right=True)
    with world.db.transaction() as tx:
        credential = workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())
    assert credential.facts.holder_name == "Nguyễn Thị Ánh Tuyết"
    assert credential.facts.result_percent == "100"
    credentials.prepare_due(world.db, vault=world.vault, faces=Faces.find(None), public_url=TOOL, clock=world.clock.now)
    with world.db.reading() as tx:
        assert workflows.verify(tx, credential.public_id, now=world.now()).verdict is Verdict.VALID
    with world.db.transaction() as tx:
        workflows.revoke(tx, credential.public_id, reason="issued_in_error", words="", actor="test", now=world.now())
    with world.db.reading() as tx:
        assert workflows.verify(tx, credential.public_id, now=world.now()).verdict is Verdict.REVOKED


@pytest.mark.both_engines
def test_the_grade_is_wished_with_the_score_and_the_best_attempt_counts(world: World, answer_all: Answer) -> None:
    session = world.enter()
    sit_through(world, session, answer_all, right=True)
    world.clock.advance(60)
    sit_through(world, session, answer_all, right=False)
    with world.db.reading() as tx:
        study = workflows.look(tx, session)
    assert study.delivery is not None
    assert (study.delivery.percent, study.delivery.finished) == (Fraction(100), True)
    assert study.delivery.state is gradebook.DeliveryState.QUEUED
    assert [attempt.passed for attempt in study.attempts] == [True, False]


def test_a_failed_attempt_earns_no_certificate(world: World, answer_all: Answer) -> None:
    session = world.enter()
    sit_through(world, session, answer_all, right=False)
    with world.db.transaction() as tx, pytest.raises(Conflict, match="not_completed"):
        workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())


def test_handing_in_twice_changes_nothing(world: World, answer_all: Answer) -> None:
    session = world.enter()
    attempt = sit_through(world, session, answer_all, right=True)
    with world.db.reading() as tx:
        before = workflows.look(tx, session)
    world.clock.advance(60)
    with world.db.transaction() as tx:
        again = workflows.hand_in(tx, session, attempt, now=world.now())
    with world.db.reading() as tx:
        after = workflows.look(tx, session)
    assert (before.delivery, before.completion) == (after.delivery, after.completion)
    assert again.submitted_at == before.attempts[0].submitted_at


def test_submit_and_its_consequences_stand_or_fall_together(world: World, answer_all: Answer) -> None:
    """A fault after the score was written leaves neither score nor wish nor completion."""
    session = world.enter()
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, session, seed=7, now=world.now())
    answer_all(session, attempt.public_id, right=True)
    with world.db.transaction() as tx:
        tx.exec_driver_sql(
            "CREATE TRIGGER no_wish BEFORE INSERT ON grade_deliveries BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    with pytest.raises(Exception, match="disk full"), world.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=world.now())
    with world.db.reading() as tx:
        study = workflows.look(tx, session)
    assert study.open_attempt is not None
    assert (study.completion, study.delivery) == (None, None)


def test_a_second_course_earns_no_second_certificate(world: World, answer_all: Answer) -> None:
    """At most one active credential for a person and an achievement: the other course shows the one there is."""
    first = world.enter()
    sit_through(world, first, answer_all, right=True)
    with world.db.transaction() as tx:
        credential = workflows.confirm_name(tx, first, typed="", public_url=TOOL, now=world.now())
    second = world.enter(context_id="9", resource_link_id="77")
    sit_through(world, second, answer_all, right=True)
    with world.db.transaction() as tx:
        same = workflows.confirm_name(tx, second, typed="", public_url=TOOL, now=world.now())
    assert same.public_id == credential.public_id


def test_the_same_launch_enters_once(world: World) -> None:
    launch = world.launch()
    with world.db.transaction() as tx:
        assert workflows.enter(tx, launch, browser=lti.Browser("b" * 43), now=world.now()) is not None
    with pytest.raises(lti.LtiRefused, match="login_used_or_expired"), world.db.transaction() as tx:
        workflows.enter(tx, launch, browser=lti.Browser("b" * 43), now=world.now())


def test_nobody_reaches_another_learners_attempt(world: World) -> None:
    mine, theirs = world.enter(), world.enter(subject="7", name="Łucja Żółkiewska-Ødegård")
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, mine, seed=1, now=world.now())
    with world.db.reading() as tx, pytest.raises(NotFound):
        workflows.sit(tx, theirs, attempt.public_id)


def test_a_test_user_practises_and_earns_nothing(world: World, answer_all: Answer) -> None:
    session = world.enter(subject="99", is_test_user=True)
    sit_through(world, session, answer_all, right=True)
    with world.db.reading() as tx:
        assert workflows.look(tx, session).completion is None
    with world.db.transaction() as tx, pytest.raises(ToolError):
        workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())


@pytest.mark.parametrize("role", [lti.Role.INSTRUCTOR, lti.Role.TEACHING_ASSISTANT, lti.Role.ADMINISTRATOR])
def test_whoever_teaches_is_not_assessed(world: World, role: lti.Role) -> None:
    session = world.enter(subject="3", role=role)
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match="not_assessed"):
        workflows.begin(tx, session, seed=1, now=world.now())


def test_an_observer_has_no_part(world: World) -> None:
    launch = world.launch(subject="5", role=lti.Role.MENTOR)
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match="observer"):
        workflows.enter(tx, launch, browser=lti.Browser("b" * 43), now=world.now())


def test_reading_is_remembered_to_the_block(world: World) -> None:
    session = world.enter()
    key = world.version.definition.pages[1].key
    with world.db.transaction() as tx:
        workflows.note_reading(tx, session, page_key=key, block=4, done=False, now=world.now())
    again = world.enter()
    with world.db.reading() as tx:
        progress = workflows.look(tx, again).progress
    assert (progress.last_page, progress.pages[key].block, progress.pages[key].done) == (key, 4, False)


def test_a_learner_adds_nothing_to_the_course(world: World) -> None:
    """Deep linking is for those who may author; the platform should not have sent anybody else."""
    settings = lti.DeepLinkingSettings(
        return_url="https://lms.example.edu/return",
        accept_types=("ltiResourceLink",),
        accept_multiple=True,
        accept_line_item=None,
        data=None,
        title="",
        text="",
    )
    launch = world.launch(message=lti.MessageType.DEEP_LINKING, deep_linking=settings)
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match="not_an_author"):
        workflows.enter(tx, launch, browser=lti.Browser("b" * 43), now=world.now())


def test_a_designer_looks_and_is_not_assessed(world: World) -> None:
    session = world.enter(subject="4", role=lti.Role.DESIGNER)
    with world.db.reading() as tx:
        assert workflows.preview(tx, session).definition.title == "Data protection essentials"
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match="not_assessed"):
        workflows.begin(tx, session, seed=1, now=world.now())


def test_the_certificate_says_the_best_result_up_to_its_making(world: World, answer_all: Answer) -> None:
    """A learner who passes, improves, and then asks for the certificate gets the better result printed."""
    session = world.enter()
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, session, seed=7, now=world.now())
    answer_all(session, attempt.public_id, right=True, but=2)
    with world.db.transaction() as tx:
        first = workflows.hand_in(tx, session, attempt.public_id, now=world.now())
    assert first.passed and first.percent == 80
    world.clock.advance(60)
    sit_through(world, session, answer_all, right=True)
    with world.db.transaction() as tx:
        credential = workflows.confirm_name(tx, session, typed="", public_url=TOOL, now=world.now())
    assert credential.facts.result_percent == "100"

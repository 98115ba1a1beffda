"""Who is who: within a deployment or a registration as its operator has said, and never across registrations.

Somebody of the staff who acts as a learner is a person of their own: nothing they do touches the learner.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import jwt
import pytest

from lti_tool import lti, people, workflows
from lti_tool.core.errors import Conflict, NotAllowed
from tests.workflows.conftest import BROWSER, LMS, TOOL, World
from tests.workflows.test_journey import sit_through

Answer = Callable[..., None]
ISSUERS = ("https://one.example", "https://two.example", "https://three.example")
CLIENTS = ("10000000000001", "10000000000002", "10000000000003")
# The last ones are meant to be taken for something else.
DEPLOYMENTS = ("1:aaaa", "registration", " ")


def connect(world: World, issuer: str, client: str, **more: object) -> lti.Registration:
    with world.db.transaction() as tx:
        return workflows.connect(
            tx,
            vault=world.vault,
            organisation="Aldermoor University",
            issuer=issuer,
            client_id=client,
            name="LMS",
            auth_url=f"{issuer}/auth",
            token_url=f"{issuer}/token",
            jwks_url=f"{issuer}/keys",
            actor="test",
            now=world.now(),
            **more,  # type: ignore[arg-type]
        )


def enter(world: World, registration: lti.Registration, deployment: str) -> int:
    return world.enter(lms_deployment_id=deployment, registration=registration).person_id


@pytest.mark.both_engines
@pytest.mark.parametrize(("scope", "expected"), [("deployment", 27), ("registration", 9)])
def test_one_sub_in_twenty_seven_places(world: World, scope: str, expected: int) -> None:
    """Within a registration people are one or many, as its operator says; across registrations always many."""
    found: dict[tuple[str, str, str], int] = {}
    for issuer, client in product(ISSUERS, CLIENTS):
        registration = connect(world, issuer, client, identity_scope=lti.IdentityScope(scope))
        for deployment in DEPLOYMENTS:
            person = enter(world, registration, deployment)
            assert person == enter(world, registration, deployment), "recognised again"
            found[issuer, client, deployment] = person
    assert len(set(found.values())) == expected
    by_registration = {(issuer, client): person for (issuer, client, _), person in found.items()}
    assert len(set(by_registration.values())) == 9


def test_the_scope_does_not_change_under_people(world: World) -> None:
    registration = connect(world, LMS, "c")
    changed = connect(world, LMS, "c", identity_scope=lti.IdentityScope.REGISTRATION)
    assert changed.identity_scope is lti.IdentityScope.REGISTRATION
    enter(world, changed, "3")
    with pytest.raises(Conflict, match=r"people\.identity_scope"):
        connect(world, LMS, "c", identity_scope=lti.IdentityScope.DEPLOYMENT)
    assert connect(world, LMS, "c").identity_scope is lti.IdentityScope.REGISTRATION
    assert connect(world, LMS, "c", identity_scope=lti.IdentityScope.REGISTRATION).id == registration.id


def test_a_launch_begun_by_the_old_rule_ends_when_the_rule_changes(world: World) -> None:
    """Else its person would be known by the old rule, and be somebody else the next time."""
    registration = connect(world, LMS, "c")
    at = replace(world, registration=registration)
    launch = at.launch(registration=registration)
    connect(world, LMS, "c", identity_scope=lti.IdentityScope.REGISTRATION)
    with world.db.transaction() as tx, pytest.raises(lti.LtiRefused, match="login_used_or_expired"):
        workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now())
    with world.db.reading() as tx:
        assert not people.are_known(tx, registration.id)


def test_a_refused_change_ends_no_launch(world: World) -> None:
    registration = connect(world, LMS, "c")
    enter(world, registration, "3")
    launch = replace(world, registration=registration).launch(registration=registration)
    with pytest.raises(Conflict):
        connect(world, LMS, "c", identity_scope=lti.IdentityScope.REGISTRATION)
    with world.db.transaction() as tx:
        assert workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=world.now()) is not None


# --- acting as somebody ---


@pytest.mark.both_engines
def test_whoever_acts_as_a_learner_changes_nothing_of_theirs(world: World, answer_all: Answer) -> None:
    learner, acting = world.enter(), world.enter(masquerader="2")
    assert acting.is_masquerade and not learner.is_masquerade
    assert acting.person_id != learner.person_id
    key = world.version.definition.pages[1].key
    with world.db.transaction() as tx:
        workflows.note_reading(tx, acting, page_key=key, block=4, done=True, now=world.now())
    sit_through(world, acting, answer_all, right=True)
    with world.db.reading() as tx:
        seen, untouched = workflows.look(tx, acting), workflows.look(tx, learner)
    assert seen.person.shown_name == "Nguyễn Thị Ánh Tuyết" and seen.person.is_stand_in
    assert [attempt.passed for attempt in seen.attempts] == [True], "they may be assessed, for themselves"
    assert (seen.completion, seen.delivery, seen.credential) == (None, None, None)
    assert (list(untouched.attempts), untouched.completion, untouched.delivery) == ([], None, None)
    assert untouched.progress.last_page is None
    with world.db.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM grade_deliveries").scalar_one() == 0


def test_whoever_acts_as_a_learner_gets_no_certificate(world: World, answer_all: Answer) -> None:
    """Not even where the learner has earned one."""
    sit_through(world, world.enter(), answer_all, right=True)
    acting = world.enter(masquerader="2")
    sit_through(world, acting, answer_all, right=True)
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match=r"credentials\.masquerade"):
        workflows.confirm_name(tx, acting, typed="", public_url=TOOL, now=world.now())
    with world.db.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM credentials").scalar_one() == 0


def test_the_learner_goes_on_as_if_nobody_had_acted_as_them(world: World, answer_all: Answer) -> None:
    sit_through(world, world.enter(masquerader="2"), answer_all, right=False)
    learner = world.enter()
    sit_through(world, learner, answer_all, right=True)
    with world.db.reading() as tx:
        study = workflows.look(tx, learner)
    assert study.completion is not None and study.delivery is not None and len(study.attempts) == 1
    assert not study.person.is_stand_in


def test_each_of_the_staff_and_each_learner_make_a_person_of_their_own(world: World) -> None:
    ids = [
        world.enter(subject=subject, masquerader=masquerader).person_id
        for subject, masquerader in (("6", ""), ("6", "2"), ("6", "3"), ("7", "2"), ("7", ""), ("62", ""), ("6", "27"))
    ]
    assert len(set(ids)) == len(ids)
    assert world.enter(masquerader="2").person_id == ids[1], "and is known again"


def test_whoever_acts_as_a_learner_is_not_among_the_learners(world: World) -> None:
    world.enter(), world.enter(masquerader="2")
    with world.db.reading() as tx:
        seen = workflows.overview(tx, world.enter(subject="3", role=lti.Role.INSTRUCTOR), now=world.now())
    assert [state.name for state in seen.learners] == ["Nguyễn Thị Ánh Tuyết"], "once, and not twice"


def test_every_link_that_we_hand_out_asks_who_acts(world: World) -> None:
    """Whatever the LMS: one that cannot tell sends the variable back as it is, which says nothing."""
    wishes = lti.DeepLinkingSettings(f"{LMS}/return", ("ltiResourceLink",), False, None, None, "", "")
    teacher = world.enter(
        subject="3", role=lti.Role.INSTRUCTOR, message=lti.MessageType.DEEP_LINKING, deep_linking=wishes
    )
    with world.db.transaction() as tx:
        (card,) = workflows.catalogue(tx, teacher)
        answer = workflows.choose(tx, teacher, [card.public_id], vault=world.vault, public_url=TOOL, now=world.now())
    (item,) = jwt.decode(answer.jwt, options={"verify_signature": False})[
        "https://purl.imsglobal.org/spec/lti-dl/claim/content_items"
    ]
    assert item["custom"].keys() == {"offer", "masquerading_user", *lti.LINK_PARAMETERS}
    assert item["custom"]["masquerading_user"] == "$Canvas.masqueradingUser.id"


def test_the_timeline_says_who_only_acted(world: World) -> None:
    session = world.enter(masquerader="2")
    with world.db.reading() as tx:
        found = workflows.timeline(tx, session.public_id, now=world.now())
    assert found is not None
    assert [event.facts["masquerade"] for event in found.events if "masquerade" in event.facts] == [True]

"""Copied courses, links that are edited again, dates of the LMS, looking at a submission: whose work is where."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from lti_tool import courses, lti, workflows
from lti_tool.core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.workflows.conftest import LMS, TOOL, World

Answer = Callable[..., None]
COPY = {"context_id": "9", "resource_link_id": "77", "line_item_url": f"{LMS}/mod/lti/services.php/9/lineitems/8"}
TEACHER = {"subject": "3", "name": "Ingrid Solheim", "role": lti.Role.INSTRUCTOR}


def pass_it(world: World, session: lti.Session, answer_all: Answer, *, right: bool = True) -> None:
    with world.db.transaction() as tx:
        attempt = workflows.begin(tx, session, seed=7, now=world.now())
    answer_all(session, attempt.public_id, right=right)
    with world.db.transaction() as tx:
        workflows.hand_in(tx, session, attempt.public_id, now=world.now())


def look(world: World, session: lti.Session) -> workflows.Study:
    with world.db.reading() as tx:
        return workflows.look(tx, session)


def overview(world: World, session: lti.Session) -> workflows.Overview:
    with world.db.reading() as tx:
        return workflows.overview(tx, session, now=world.now())


def another_offer(world: World) -> str:
    with world.db.transaction() as tx:
        return courses.make_offer(
            tx,
            organisation_id=world.registration.organisation_id,
            module_id=world.version.module_id,
            made_by="test",
            settings={},
            now=world.now(),
        ).public_id


# --- copies ---------------------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_nothing_of_one_run_crosses_into_the_next(world: World, answer_all: Answer) -> None:
    """The same person in a course and in its copy: attempts, completion and grade begin anew, the certificate stays."""
    first = world.enter()
    pass_it(world, first, answer_all)
    with world.db.transaction() as tx:
        held = workflows.confirm_name(tx, first, typed="", public_url=TOOL, now=world.now())
    second = world.enter(**COPY)
    study = look(world, second)
    assert second.person_id == first.person_id and second.placement_id != first.placement_id
    assert (study.attempts, study.completion, study.delivery, study.credential) == ((), None, None, None)
    assert study.placement.offer.public_id == world.offer
    assert study.held is not None and study.held.id == held.id

    pass_it(world, second, answer_all)
    study = look(world, second)
    assert study.completion is not None and len(study.attempts) == 1
    assert study.delivery is not None and study.delivery.line_item_url == COPY["line_item_url"]
    with world.db.transaction() as tx:
        again = workflows.confirm_name(tx, second, typed="", public_url=TOOL, now=world.now())
    assert again.id == held.id, "one active certificate for a module and a person"
    assert len(look(world, first).attempts) == 1


@pytest.mark.parametrize(
    ("changes", "custom", "kind", "by_history"),
    [
        (COPY, {}, courses.Copy.COURSE, False),
        (COPY, {"context_history": "8%2C8, 2 ,1"}, courses.Copy.COURSE, True),
        (COPY, {"link_history": "1"}, courses.Copy.COURSE, True),
        ({**COPY, "context_id": "2"}, {}, courses.Copy.ACTIVITY, False),
    ],
    ids=["no history", "course's history", "link's history", "duplicated activity"],
)
def test_a_teacher_sees_what_an_activity_was_copied_from(
    world: World, changes: dict[str, object], custom: dict[str, str], kind: courses.Copy, by_history: bool
) -> None:
    assert overview(world, world.enter(**TEACHER)).origin is None
    copied = world.enter(**TEACHER, **changes, custom={"offer": world.offer, **custom})
    origin = overview(world, copied).origin
    assert origin is not None
    assert (origin.kind, origin.by_history) == (kind, by_history)
    assert (origin.title, origin.course) == ("Data protection essentials", "Privacy at work")


def test_a_history_is_read_newest_first_and_decoded(world: World) -> None:
    custom = {"context_history": "a%2Cb, c ,,d%20e,\x07", "link_history": "," + "x" * 256}
    assert lti.context_history(custom) == ("a,b", "c", "d e")
    assert lti.link_history(custom) == ()


# --- a link without a module ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("custom", [{}, {"offer": "0" * 26}], ids=["no offer", "an offer of somebody else's"])
def test_only_a_teacher_can_say_which_module_a_bare_link_means(world: World, custom: dict[str, str]) -> None:
    bare = {**COPY, "custom": custom}
    with pytest.raises(NotFound, match="no_module" if not custom else "no_offer"):
        world.enter(**bare)
    teacher = world.enter(**TEACHER, **bare)
    assert teacher.placement_id is None
    with world.db.transaction() as tx:
        (card,) = workflows.catalogue(tx, teacher)
        connected = workflows.choose_for_link(tx, teacher, [card.public_id], now=world.now())
    assert overview(world, connected).placement.lms_context_id == "9"
    assert look(world, world.enter(**bare)).placement.id == connected.placement_id
    with world.db.transaction() as tx, pytest.raises(NotFound, match="no_deep_linking"):
        workflows.choose_for_link(tx, teacher, [card.public_id], now=world.now())


# --- a link that is edited again ------------------------------------------------------------------------------------


def test_a_link_that_was_edited_before_anybody_began_shows_the_new_module_at_once(world: World) -> None:
    before = world.enter()
    chosen = another_offer(world)
    after = world.enter(custom={"offer": chosen})
    assert after.placement_id == before.placement_id
    assert look(world, after).placement.offer.public_id == chosen


@pytest.mark.both_engines
def test_who_has_begun_keeps_the_module_until_the_teacher_has_decided(world: World, answer_all: Answer) -> None:
    learner = world.enter()
    pass_it(world, learner, answer_all)
    chosen = another_offer(world)
    edited = {"custom": {"offer": chosen}}
    assert look(world, world.enter(**edited)).placement.offer.public_id == world.offer
    teacher = world.enter(**TEACHER, **edited)
    shown = overview(world, teacher)
    assert shown.wanted is not None and shown.placement.wanted_offer == chosen

    with world.db.transaction() as tx:
        assert workflows.settle_offer(tx, teacher, turn=False, now=world.now()) == teacher
    assert overview(world, world.enter(**TEACHER, **edited)).wanted is None, "the teacher's word is kept"
    assert len(look(world, world.enter(**edited)).attempts) == 1


@pytest.mark.both_engines
def test_a_module_that_is_changed_begins_anew_and_loses_nothing(world: World, answer_all: Answer) -> None:
    learner = world.enter()
    pass_it(world, learner, answer_all)
    chosen = another_offer(world)
    edited = {"custom": {"offer": chosen}}
    teacher = world.enter(**TEACHER, **edited)
    with world.db.transaction() as tx:
        moved = workflows.settle_offer(tx, teacher, turn=True, now=world.now())
    assert overview(world, moved).placement.offer.public_id == chosen
    fresh = look(world, world.enter(**edited))
    assert (fresh.attempts, fresh.placement.offer.public_id) == ((), chosen)
    kept = look(world, learner)
    assert len(kept.attempts) == 1 and kept.completion is not None
    with world.db.transaction() as tx, pytest.raises(NotFound, match="nothing_to_settle"):
        workflows.settle_offer(tx, moved, turn=True, now=world.now())


@pytest.mark.both_engines
def test_turning_back_brings_everybody_s_work_back(world: World, answer_all: Answer) -> None:
    learner = world.enter()
    pass_it(world, learner, answer_all)
    edited = {"custom": {"offer": another_offer(world)}}
    teacher = world.enter(**TEACHER, **edited)
    with world.db.transaction() as tx:
        workflows.settle_offer(tx, teacher, turn=True, now=world.now())
    pass_it(world, world.enter(**edited), answer_all, right=False)
    again = world.enter(**TEACHER)
    with world.db.transaction() as tx:
        back = workflows.settle_offer(tx, again, turn=True, now=world.now())
    assert back.placement_id == learner.placement_id
    assert [attempt.passed for attempt in look(world, world.enter()).attempts] == [True]


def test_two_teachers_who_decide_at_once_decide_once(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(), answer_all)
    edited = {"custom": {"offer": another_offer(world)}}
    one, other = world.enter(**TEACHER, **edited), world.enter(**{**TEACHER, "subject": "4"}, **edited)
    with world.db.reading() as tx:
        asked = courses.find_placement(tx, one.placement_id or 0)
    with world.db.transaction() as tx:
        workflows.settle_offer(tx, one, turn=True, now=world.now())
    with world.db.transaction() as tx, pytest.raises(NotFound, match="nothing_to_settle"):
        workflows.settle_offer(tx, other, turn=True, now=world.now())
    with world.db.transaction() as tx, pytest.raises(Conflict, match="settled"):
        courses.begin_anew(tx, asked, organisation_id=world.registration.organisation_id, now=world.now())


def test_an_assistant_does_not_decide(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(), answer_all)
    edited = {"custom": {"offer": another_offer(world)}}
    assistant = world.enter(subject="4", role=lti.Role.TEACHING_ASSISTANT, **edited)
    with world.db.transaction() as tx, pytest.raises(NotFound, match="nothing_to_settle"):
        workflows.settle_offer(tx, assistant, turn=True, now=world.now())


# --- dates ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"available_from": "2026-11-24T09:00:01Z"}, "courses.not_open_yet"),
        ({"canvas_unlock_at": "2026-12-01T00:00:00Z"}, "courses.not_open_yet"),
        ({"submit_until": "2026-11-24T08:59:59Z"}, "courses.closed"),
        ({"available_until": "2026-12-01T00:00:00Z", "own_available_until": "2026-11-01T00:00:00Z"}, "courses.closed"),
    ],
)
def test_no_new_attempt_begins_outside_the_window(world: World, dates: dict[str, str], code: str) -> None:
    learner = world.enter(custom={"offer": world.offer, **dates})
    with world.db.transaction() as tx, pytest.raises(NotAllowed, match=code):
        workflows.begin(tx, learner, seed=7, now=world.now())
    again = world.enter()  # The teacher has taken the date away: the next launch says none.
    with world.db.transaction() as tx:
        assert workflows.begin(tx, again, seed=7, now=world.now()).open


def test_an_attempt_that_is_open_goes_on_after_the_end(world: World) -> None:
    learner = world.enter(custom={"offer": world.offer, "submit_until": "2026-11-24T09:30:00Z"})
    with world.db.transaction() as tx:
        begun = workflows.begin(tx, learner, seed=7, now=world.now())
    world.clock.advance(3600)
    with world.db.transaction() as tx:
        assert workflows.begin(tx, learner, seed=8, now=world.now()).id == begun.id


def test_one_learner_s_dates_are_nobody_else_s(world: World) -> None:
    """Canvas fills in the dates that hold for whoever launches: an extension for one is none for all."""
    custom = {"offer": world.offer, "canvas_lock_at": "2026-11-01T00:00:00Z"}
    late, extended = world.enter(custom=custom), world.enter(subject="7", custom={"offer": world.offer})
    assert look(world, late).window.closes_at is not None and look(world, extended).window.closes_at is None
    teacher = world.enter(**TEACHER, custom={**custom, "available_until": "2026-12-01T00:00:00Z"})
    told = overview(world, teacher).window
    assert len(told.reasons) == 2 and "Two dates" in told.conflicts[0]


# --- looking at a submission ----------------------------------------------------------------------------------------

REVIEW = {"message": lti.MessageType.SUBMISSION_REVIEW, "for_user": "6"}


def test_a_review_opens_the_newest_result_of_exactly_that_learner(world: World, answer_all: Answer) -> None:
    learner, other = world.enter(), world.enter(subject="7", name="Layla")
    pass_it(world, learner, answer_all, right=False)
    pass_it(world, learner, answer_all)
    pass_it(world, other, answer_all, right=False)
    for role in (lti.Role.INSTRUCTOR, lti.Role.TEACHING_ASSISTANT):
        teacher = world.enter(subject="3", name="Ingrid", role=role, **REVIEW)
        assert teacher.review_of is not None
        with world.db.reading() as tx:
            found = workflows.review(tx, teacher, teacher.review_of)
        assert found.person.id == learner.person_id and found.sitting is not None
        assert (found.sitting.attempt.number, found.sitting.attempt.passed) == (2, True)


def test_a_learner_reviews_nobody_else_s_work(world: World) -> None:
    world.enter()
    assert world.enter(**REVIEW).review_of is not None
    with pytest.raises(NotAllowed, match="foreign_review"):
        world.enter(subject="7", **REVIEW)


def test_a_review_of_somebody_who_never_came_says_so(world: World) -> None:
    with pytest.raises(NotFound, match="no_submission"):
        world.enter(**TEACHER, **REVIEW)


def test_a_review_shows_nobody_of_another_activity(world: World) -> None:
    learner = world.enter(**COPY)
    teacher = world.enter(**TEACHER)
    with world.db.reading() as tx:
        enrolment = courses.find_enrolment(tx, learner.enrolment_id or 0)
        with pytest.raises(NotFound, match="no_enrolment"):
            workflows.review(tx, teacher, enrolment.public_id)


def test_a_privacy_launch_says_what_is_kept(world: World, answer_all: Answer) -> None:
    pass_it(world, world.enter(), answer_all)
    session = world.enter(message=lti.MessageType.DATA_PRIVACY, resource_link_id="", custom={})
    with world.db.reading() as tx:
        kept = workflows.what_is_kept(tx, session)
    assert (session.placement_id, kept.activities, kept.attempts, kept.certificates) == (None, 1, 1, 0)
    assert kept.organisation.name == "Aldermoor University"


# --- deep linking ---------------------------------------------------------------------------------------------------

DL = "https://purl.imsglobal.org/spec/lti-dl/claim"


def choosing(world: World, **wishes: object) -> lti.Session:
    asked = {"accept_types": ("ltiResourceLink",), "accept_multiple": True, "accept_line_item": None, "data": "d"}
    settings = lti.DeepLinkingSettings(
        **{"return_url": f"{LMS}/return?a=1&b=2", "title": "", "text": "", **asked, **wishes}  # type: ignore[arg-type]
    )
    return world.enter(**TEACHER, message=lti.MessageType.DEEP_LINKING, deep_linking=settings)


def said(answer: workflows.DeepLinkingAnswer) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(answer.jwt, options={"verify_signature": False})
    return claims


def chosen(world: World, session: lti.Session) -> dict[str, Any]:
    with world.db.transaction() as tx:
        (card,) = workflows.catalogue(tx, session)
        answer = workflows.choose(tx, session, [card.public_id], vault=world.vault, public_url=TOOL, now=world.now())
    assert answer.return_url == f"{LMS}/return?a=1&b=2"
    (item,) = said(answer)[f"{DL}/content_items"]
    return dict(item)


def test_the_module_that_a_link_shows_keeps_its_offer_when_it_is_chosen_again(world: World) -> None:
    assert chosen(world, choosing(world, offer=world.offer))["custom"]["offer"] == world.offer
    assert chosen(world, choosing(world, offer="0" * 26))["custom"]["offer"] != world.offer


def test_canvas_s_assignment_tells_which_link_is_edited(world: World) -> None:
    world.enter(custom={"offer": world.offer, "canvas_assignment_id": "41"})
    assert chosen(world, choosing(world, assignment="41"))["lineItem"]["resourceId"] == world.offer
    assert chosen(world, choosing(world, assignment="42"))["lineItem"]["resourceId"] != world.offer


def test_a_link_carries_all_that_a_platform_may_use(world: World) -> None:
    item = chosen(world, choosing(world))
    offer = item["custom"]["offer"]
    assert item["lineItem"] == {
        "scoreMaximum": 100,
        "label": "Data protection essentials",
        "resourceId": offer,
        "submissionReview": {"reviewableStatus": ["Submitted", "Completed"], "url": f"{TOOL}/lti/launch"},
    }
    assert item["icon"] == item["thumbnail"] == {"url": f"{TOOL}/static/logo/icon.svg"}
    assert item["iframe"] == {"width": 1000, "height": 760}
    assert item["custom"]["context_history"] == "$Context.id.history"
    assert "lineItem" not in chosen(world, choosing(world, accept_line_item=False))


def test_an_offer_s_own_dates_go_along(world: World) -> None:
    with world.db.transaction() as tx:
        dated = courses.make_offer(
            tx,
            organisation_id=world.registration.organisation_id,
            module_id=world.version.module_id,
            made_by="test",
            settings={"available_from": "2026-11-01T00:00:00Z", "submit_until": "2026-12-01T12:00:00+01:00"},
            now=world.now(),
        )
    item = chosen(world, choosing(world, offer=dated.public_id))
    assert item["available"] == {"startDateTime": "2026-11-01T00:00:00+00:00"}
    assert item["submission"] == {"endDateTime": "2026-12-01T11:00:00+00:00"}


def test_platforms_that_take_plain_links_only_get_one_that_anybody_may_open(world: World) -> None:
    link = chosen(world, choosing(world, accept_types=("link", "html")))
    assert (link["type"], link["title"]) == ("link", "Data protection essentials")
    offer = link["url"].removeprefix(f"{TOOL}/m/")
    with world.db.reading() as tx:
        assert workflows.offered_module(tx, offer).module_id == world.version.module_id
    html = chosen(world, choosing(world, accept_types=("html",)))
    assert html["type"] == "html" and html["html"].startswith(f'<p><a href="{TOOL}/m/')


def test_cancelling_says_so_and_hands_back_the_platform_s_data(world: World) -> None:
    with world.db.transaction() as tx:
        answer = workflows.cancel(tx, choosing(world), vault=world.vault, now=world.now())
    claims = said(answer)
    assert (claims[f"{DL}/content_items"], claims[f"{DL}/data"]) == ([], "d")
    assert claims[f"{DL}/msg"] == "Nothing was added to the course." and f"{DL}/errormsg" not in claims


def test_one_module_at_a_time_where_the_lms_takes_one(world: World) -> None:
    with world.db.transaction() as tx:
        (card,) = workflows.catalogue(tx, choosing(world))
    session = choosing(world, accept_multiple=False)
    for modules in ([], [card.public_id, "0" * 26]):
        with world.db.transaction() as tx, pytest.raises(Invalid, match="choose_one"):
            workflows.choose(tx, session, modules, vault=world.vault, public_url=TOOL, now=world.now())

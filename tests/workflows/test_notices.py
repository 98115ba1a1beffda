"""What a platform tells of copied courses: whenever and however often it comes, everything ends where it should."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from sqlalchemy import func, select

from lti_tool import courses, lti, workflows
from lti_tool.core import audit
from lti_tool.core.errors import Invalid, NotFound, Upstream
from lti_tool.core.http import HttpClient
from lti_tool.courses.tables import context_copies, enrolments, placements
from lti_tool.lti.quirks import plain_custom
from tests.rooms.lti.lms import CLAIM, jwk, private_key
from tests.rooms.lti.signing import signed
from tests.workflows.conftest import LMS, World
from tests.workflows.test_copies import TEACHER, another_offer

Hear = Callable[..., workflows.Heard]
TAKEN, KNOWN, PASSED_OVER, REFUSED = workflows.Hearing


@pytest.fixture
def canvas(world: World, httpserver: HTTPServer) -> World:
    """The same world, on a platform whose keys can be fetched here."""
    httpserver.expect_request("/keys").respond_with_json({"keys": [jwk(private_key(), "k")]})
    with world.db.transaction() as tx:
        known = workflows.connect(
            tx,
            vault=world.vault,
            organisation="Aldermoor University",
            issuer=LMS,
            client_id="client-2",
            name="Canvas",
            auth_url=f"{LMS}/auth",
            token_url=f"{LMS}/login/oauth2/token",
            jwks_url=httpserver.url_for("/keys"),
            lms_deployment_ids=("3",),
            actor="test",
            now=world.now(),
        )
    return replace(world, registration=known)


@pytest.fixture
def key_sets(canvas: World, http: HttpClient) -> lti.KeySets:
    return lti.KeySets(canvas.db, http, canvas.clock)


def notice(world: World, number: int = 1, *, context: str = "9", origins: Sequence[str] = ("2",), **more: Any) -> str:
    """A genuine notice that a course got the content of others; its `number` is its own."""
    made = int(world.now().timestamp())
    claims = {
        "iss": world.registration.issuer,
        "aud": world.registration.client_id,
        "iat": made,
        "exp": made + 3600,
        "nonce": f"nonce-{number}",
        f"{CLAIM}/version": "1.3.0",
        f"{CLAIM}/deployment_id": "3",
        f"{CLAIM}/notice": {"id": str(number), "timestamp": "2026-11-20T08:00:00Z", "type": "LtiContextCopyNotice"},
        f"{CLAIM}/context": {"id": context},
        f"{CLAIM}/origin_contexts": list(origins),
        **{f"{CLAIM}/{name}": value for name, value in more.items()},
    }
    return signed(claims, kid="k")


@pytest.fixture
def hear(canvas: World, key_sets: lti.KeySets) -> Hear:
    def heard(*texts: object) -> Any:
        found = workflows.hear(canvas.db, key_sets, texts, leeway=60, now=canvas.now())
        return found[0] if len(found) == 1 else found

    return heard


def copies(world: World) -> list[tuple[str, str]]:
    with world.db.reading() as tx:
        rows = context_copies.c
        return [tuple(row) for row in tx.execute(select(rows.lms_context_id, rows.origin_lms_context_id))]


def overview(world: World, session: lti.Session) -> workflows.Overview:
    with world.db.reading() as tx:
        return workflows.overview(tx, session, now=world.now())


# --- What becomes of a batch ----------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_copy_is_kept_once_however_often_it_is_told(canvas: World, hear: Hear) -> None:
    first = notice(canvas)
    assert [hear(text).hearing for text in (first, first, notice(canvas, 2))] == [TAKEN, KNOWN, TAKEN]
    assert copies(canvas) == [("9", "2")]
    with canvas.db.reading() as tx:
        deployment = lti.deployments_of(tx, canvas.registration.id)[0].id
        told = audit.trail(tx, [f"deployment:{deployment}"])
    assert {one.act for one in told} == {"course.copied"} and len(told) == 2


def test_the_rest_of_a_batch_does_not_suffer(canvas: World, hear: Hear) -> None:
    reused = notice(canvas, 1, context="10")
    heard = hear(notice(canvas), "no token", reused, None, notice(canvas, 2, context="11"))
    assert [(one.hearing, one.code) for one in heard] == [
        (TAKEN, ""),
        (REFUSED, "lti.token_form"),
        (REFUSED, "lti.nonce"),
        (REFUSED, "lti.token_form"),
        (TAKEN, ""),
    ]
    assert copies(canvas) == [("9", "2"), ("11", "2")]


@pytest.mark.parametrize(
    "more",
    [
        {"notice": {"id": "1", "timestamp": "2026-11-20T08:00:00Z", "type": "LtiHelloWorldNotice"}},
        {"notice": {"id": "1", "timestamp": "2026-11-20T08:00:00Z", "type": "LtiOfTheFutureNotice"}},
        {"deployment_id": "somewhere else"},
        {"origin_contexts": []},
        {"origin_contexts": ["9"]},
    ],
    ids=["hello", "unknown kind", "unknown installation", "unknown source", "itself"],
)
def test_what_is_genuine_and_says_nothing_to_us_is_passed_over_kindly(
    canvas: World, hear: Hear, more: dict[str, object]
) -> None:
    assert hear(notice(canvas, **more)) == workflows.Heard(PASSED_OVER)
    assert copies(canvas) == []


def test_an_installation_that_is_kept_out_says_nothing_either(canvas: World, hear: Hear) -> None:
    with canvas.db.transaction() as tx:
        (known,) = lti.deployments_of(tx, canvas.registration.id)
        lti.decide_deployment(tx, canvas.registration, known, allow=False, now=canvas.now())
    assert hear(notice(canvas)).hearing is PASSED_OVER
    with canvas.db.transaction() as tx:
        lti.disable_registration(tx, canvas.registration.id, now=canvas.now())
    assert hear(notice(canvas, 2)).hearing is REFUSED


def test_a_stranger_has_nobody_s_keys_fetched(canvas: World, hear: Hear, httpserver: HTTPServer) -> None:
    stranger = replace(canvas, registration=replace(canvas.registration, client_id="nobody"))
    assert hear(notice(stranger)) == workflows.Heard(REFUSED, "lti.unknown_platform")
    with pytest.raises(Invalid, match=r"workflows\.notices"):
        hear(notice(canvas), notice(stranger, 2))
    assert httpserver.log == [], "a batch of several platforms is none"


@pytest.mark.parametrize("count", [0, 51])
def test_a_batch_is_neither_empty_nor_endless(canvas: World, hear: Hear, count: int) -> None:
    with pytest.raises(Invalid, match=r"workflows\.notices"):
        hear(*[notice(canvas, number) for number in range(count)])


def test_where_the_keys_cannot_be_had_the_platform_is_to_come_again(
    canvas: World, hear: Hear, httpserver: HTTPServer
) -> None:
    httpserver.clear()
    text = notice(canvas)
    with pytest.raises(Upstream, match="key_set_unreachable"):
        hear(text)
    httpserver.expect_request("/keys").respond_with_json({"keys": [jwk(private_key(), "k")]})
    assert hear(text).hearing is TAKEN


# --- What it is good for --------------------------------------------------------------------------------------------

BARE = {"custom": {}, "resource_link_title": "Bare", "line_item_url": f"{LMS}/items/bare"}


def connect_bare(world: World, link: str, context: str, title: str = "Autumn") -> str:
    """A link without an offer, which a teacher has connected to a module of its own; the offer."""
    teacher = world.enter(**TEACHER, **BARE, resource_link_id=link, context_id=context, context_title=title)
    with world.db.transaction() as tx:
        (card,) = workflows.catalogue(tx, teacher)
        workflows.choose_for_link(tx, teacher, [card.public_id], now=world.now())
        placement = courses.find_placement(tx, world_placement(tx, link, context))
    return placement.offer.public_id


def world_placement(tx: Any, link: str, context: str) -> int:
    rows = placements.c
    found = select(rows.id).where(rows.lms_resource_link_id == link, rows.lms_context_id == context)
    return int(tx.execute(found).scalar_one())


@pytest.mark.both_engines
def test_a_copied_link_without_an_offer_shows_what_its_source_shows(canvas: World, hear: Hear) -> None:
    offer = connect_bare(canvas, "5", "2")
    copied = {**BARE, "context_id": "9", "resource_link_id": "78", "line_item_url": f"{LMS}/items/copied"}
    with pytest.raises(NotFound, match="no_module"):
        canvas.enter(**copied)
    hear(notice(canvas))
    learner = canvas.enter(**copied)
    teacher = canvas.enter(**TEACHER, **copied)
    shown = overview(canvas, teacher)
    assert learner.placement_id == teacher.placement_id
    assert (shown.placement.offer.public_id, shown.placement.line_item_url) == (offer, copied["line_item_url"])
    assert shown.origin is not None and shown.origin.by_history


@pytest.mark.parametrize(
    ("custom", "known"),
    [({"link_history": "5"}, True), ({"activity_history": "5,4"}, True), ({"context_history": "2"}, True),
     ({"link_history": "$ResourceLink.id.history"}, False), ({"link_history": "6"}, False)],
)  # fmt: skip
def test_a_link_s_own_history_finds_it_too(canvas: World, custom: dict[str, str], known: bool) -> None:
    """`$ResourceLink.id.history` and, as Canvas calls it, `$Activity.id.history`; as written, it says nothing."""
    offer = connect_bare(canvas, "5", "2")
    plain = plain_custom(custom)
    copied = {**BARE, "custom": plain, "context_id": "9", "resource_link_id": "78"}
    if not known:
        with pytest.raises(NotFound, match="no_module"):
            canvas.enter(**copied)
        return
    shown = overview(canvas, canvas.enter(**TEACHER, **copied))
    assert shown.placement.offer.public_id == offer


def test_where_several_links_have_one_name_a_teacher_is_asked(canvas: World, hear: Hear) -> None:
    connect_bare(canvas, "5", "2")
    connect_bare(canvas, "6", "2")
    hear(notice(canvas))
    copied = {**BARE, "context_id": "9", "resource_link_id": "78"}
    with pytest.raises(NotFound, match="no_module"):
        canvas.enter(**copied)
    assert canvas.enter(**TEACHER, **copied).placement_id is None


def test_a_copy_of_a_copy_reaches_back_through_a_course_that_nobody_opened(canvas: World, hear: Hear) -> None:
    offer = connect_bare(canvas, "5", "2")
    hear(notice(canvas, 1, context="10", origins=["9"]), notice(canvas, 2, context="9", origins=["2"]))
    hear(notice(canvas, 3, context="2", origins=["10"]))  # Round in a circle: nothing hangs.
    session = canvas.enter(**TEACHER, **{**BARE, "context_id": "10", "resource_link_id": "79"})
    assert overview(canvas, session).placement.offer.public_id == offer


def test_another_installation_s_courses_are_no_ancestors(canvas: World, hear: Hear) -> None:
    """Opaque ids are not unique: two fresh installs of Canvas name their first course alike."""
    with canvas.db.transaction() as tx:
        lti.allow_deployment(tx, canvas.registration.id, "4", now=canvas.now())
    connect_bare(canvas, "5", "2")
    hear(notice(canvas, deployment_id="4"))
    copied = {**BARE, "context_id": "9", "resource_link_id": "78", "lms_deployment_id": "4"}
    with pytest.raises(NotFound, match="no_module"):
        canvas.enter(**copied)


# --- Whenever it comes ----------------------------------------------------------------------------------------------

# Each example has courses of its own, in the one database.
RUNS = itertools.count(1000)
EVENTS = ("notice", "notice again", "another notice", "learner", "teacher", "bare learner")


@settings(
    max_examples=settings().max_examples // 6,  # A whole story each.
    deadline=None,
    phases=[Phase.generate],  # A story is short, and to shrink it takes longer than to read it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.permutations(EVENTS), lost=st.sets(st.sampled_from(EVENTS[:3])), told=st.booleans())
def test_late_twice_before_or_after_the_first_launch_or_never_all_ends_alike(
    canvas: World, hear: Hear, order: list[str], lost: set[str], told: bool
) -> None:
    """Placements, offers, columns, people, copies, origin; without any word of the copy a teacher names bare links."""
    run = next(RUNS)
    source, target, offer = f"s{run}", f"t{run}", another_offer(canvas)
    here = {"context_title": "Autumn", "resource_link_id": "1", "custom": {"offer": offer}}
    canvas.enter(**TEACHER, context_id=source, **here)
    bare_offer = connect_bare(canvas, "5", source)
    history = {"context_history": source} if told else {}
    carried: dict[str, Any] = {
        "context_id": target,
        "resource_link_id": "77",
        "line_item_url": f"{LMS}/items/77",
        "custom": {"offer": offer, **history},
    }
    bare = {**BARE, "custom": history, "context_id": target, "resource_link_id": "78"}
    one = notice(canvas, 2 * run, context=target, origins=[source])
    other = notice(canvas, 2 * run + 1, context=target, origins=[source])
    acts: dict[str, Callable[[], object]] = {
        "notice": lambda: hear(one),
        "notice again": lambda: hear(one),
        "another notice": lambda: hear(other),
        "learner": lambda: canvas.enter(**carried),
        "teacher": lambda: canvas.enter(**TEACHER, **carried),
        "bare learner": lambda: opened(canvas, bare),
    }
    for event in order:
        if event not in lost:
            acts[event]()
    known = told or len(lost) < 3
    opened(canvas, bare)
    assert state_of(canvas, target) == {
        ("77", offer, f"{LMS}/items/77", 2),
        *({("78", bare_offer, f"{LMS}/items/bare", 1)} if known else ()),
    }
    assert (copies(canvas).count((target, source))) == (1 if len(lost) < 3 else 0)
    origin = overview(canvas, canvas.enter(**TEACHER, **carried)).origin
    assert origin is not None and (origin.kind, origin.course) == (courses.Copy.COURSE, "Autumn")


def opened(world: World, link: dict[str, Any]) -> None:
    """A learner at a link that may be nobody's yet."""
    try:
        world.enter(**link)
    except NotFound as fault:
        assert fault.code == "courses.no_module"


def state_of(world: World, context: str) -> set[tuple[str, str, str, int]]:
    """Each placement of a course: its link, its offer, its column, and how many people are in it."""
    with world.db.reading() as tx:
        rows = tx.execute(
            select(placements.c.id, func.count(enrolments.c.id))
            .outerjoin(enrolments, enrolments.c.placement_id == placements.c.id)
            .where(placements.c.lms_context_id == context)
            .group_by(placements.c.id)
        ).all()
        found = [(courses.find_placement(tx, row[0]), row[1]) for row in rows]
    return {(one.lms_resource_link_id, one.offer.public_id, one.line_item_url or "", count) for one, count in found}


def test_the_newest_source_comes_first_whichever_is_heard_first(canvas: World, hear: Hear) -> None:
    for course in ("2", "3"):
        canvas.enter(**TEACHER, context_id=course, context_title=f"Course {course}", resource_link_id="1")
    stamp = {"id": "1", "type": "LtiContextCopyNotice"}
    for number, (origin, day) in enumerate([("3", "21"), ("2", "22"), ("3", "20")]):
        told = {**stamp, "timestamp": f"2026-11-{day}T08:00:00Z"}
        hear(notice(canvas, number, origins=[origin], notice=told))
    session = canvas.enter(**TEACHER, context_id="9", resource_link_id="77")
    origin_shown = overview(canvas, session).origin
    assert origin_shown is not None and origin_shown.course == "Course 2"

"""A launch opens one session, for the browser that began it; Reload finds it again, nobody else does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool import lti
from lti_tool.lti import tables
from tests.rooms.lti.lms import BROWSER, DROP, Lms

OTHER = "the-secret-of-somebody-else-s-browser-xyz00"
Enter = Callable[..., lti.Session]


@pytest.fixture
def session(lms: Lms, enter: Enter) -> lti.Session:
    launch = lms.launch(_launch_presentation={"return_url": "http://localhost:8100/back"})
    with lms.db.transaction() as tx:
        return enter(tx, launch, BROWSER)


def read(lms: Lms, public_id: str, browser: str = BROWSER) -> lti.Session | None:
    with lms.db.reading() as tx:
        return lti.read_session(tx, public_id, browser=browser, now=lms.clock.now())


@pytest.mark.both_engines
def test_a_session_tells_where_it_came_from(lms: Lms, session: lti.Session) -> None:
    assert session.platform_origin == "http://localhost:8100"
    assert session.platform_name == "Moodle of the test"
    assert session.return_url == "http://localhost:8100/back"
    assert session.organisation_id == lms.registration.organisation_id
    assert (session.role, session.message) == (lti.Role.LEARNER, lti.MessageType.RESOURCE_LINK)
    assert (session.enrolment_id, session.placement_id, session.deep_linking) == (None, None, None)
    assert read(lms, session.public_id) == session


def test_another_browser_reads_nothing(lms: Lms, session: lti.Session) -> None:
    assert read(lms, session.public_id, OTHER) is None


def test_deep_linking_settings_come_back_as_they_were(lms: Lms, enter: Enter) -> None:
    settings = lti.DeepLinkingSettings("http://localhost:8100/r", ("ltiResourceLink", "html"), True, None, "d", "t", "")
    launch = replace(lms.launch(), deep_linking=settings)
    with lms.db.transaction() as tx:
        assert enter(tx, launch, BROWSER).deep_linking == settings


def test_a_session_ends_four_hours_after_its_last_use(lms: Lms, session: lti.Session) -> None:
    lms.clock.advance(4 * 3600 - 1)
    assert read(lms, session.public_id) is not None
    lms.clock.advance(1)
    assert read(lms, session.public_id) is None


def test_a_session_in_use_ends_after_twelve_hours(lms: Lms, session: lti.Session) -> None:
    for _ in range(12):
        lms.clock.advance(3600 - 1)
        assert read(lms, session.public_id) is not None
        with lms.db.transaction() as tx:
            lti.touch(tx, session, now=lms.clock.now())
    lms.clock.advance(13)
    assert read(lms, session.public_id) is None


def test_use_is_noted_once_in_five_minutes(lms: Lms, session: lti.Session) -> None:
    assert not lti.needs_touch(session, now=lms.clock.advance(300))
    assert lti.needs_touch(session, now=lms.clock.advance(1))
    with lms.db.transaction() as tx:
        lti.touch(tx, session, now=lms.clock.now())
    touched = read(lms, session.public_id)
    assert touched is not None
    assert touched.seen_at - session.seen_at == timedelta(seconds=301)


def test_taking_back_a_deployment_ends_its_sessions(lms: Lms, session: lti.Session) -> None:
    with lms.db.transaction() as tx:
        tx.execute(update(tables.deployments).values(allowed=False))
    assert read(lms, session.public_id) is None


@pytest.mark.both_engines
def test_reload_finds_the_session_again_for_the_same_browser_alone(lms: Lms, enter: Enter) -> None:
    begun = lms.begin()
    launch = lms.verify(lms.sign(lms.claims(begun)), begun)
    with lms.db.transaction() as tx:
        opened = enter(tx, launch, BROWSER)
    with lms.db.reading() as tx:
        now = lms.clock.now()
        assert lti.resume_session(tx, state=begun.state, browser=BROWSER, now=now) == opened
        assert lti.resume_session(tx, state=begun.state, browser=OTHER, now=now) is None
        assert lti.resume_session(tx, state="A" * 43, browser=BROWSER, now=now) is None


@pytest.mark.both_engines
def test_many_posts_of_one_launch_at_once_open_one_session(lms: Lms, enter: Enter) -> None:
    begun = lms.begin()
    launch = lms.verify(lms.sign(lms.claims(begun)), begun)

    def post(_: int) -> bool:
        try:
            with lms.db.transaction() as tx:
                enter(tx, launch, BROWSER)
        except lti.LtiRefused as fault:
            assert fault.code == "lti.login_used_or_expired"
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(post, range(100))) == 1


def test_a_launch_that_fails_half_way_can_be_posted_again(lms: Lms, enter: Enter) -> None:
    launch = lms.launch()
    with pytest.raises(RuntimeError), lms.db.transaction() as tx:
        enter(tx, launch, BROWSER)
        raise RuntimeError("the power went out")
    with lms.db.transaction() as tx:
        assert enter(tx, launch, BROWSER).person_id


def test_two_launches_in_one_browser_do_not_disturb_each_other(lms: Lms, enter: Enter) -> None:
    launches = [lms.launch(sub="6"), lms.launch(sub="7", name=DROP)]
    opened = []
    for launch in launches:
        with lms.db.transaction() as tx:
            opened.append(enter(tx, launch, BROWSER))
    assert len({session.public_id for session in opened}) == 2
    assert all(read(lms, session.public_id) == session for session in opened)

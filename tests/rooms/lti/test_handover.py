"""Into a tab of its own by a code: for a minute, once, beside the first session and no longer than it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lti_tool import lti
from tests.rooms.lti.lms import BROWSER, Lms

TAB = lti.Browser("the-secret-of-the-tab-beside-the-frame-xyz0", lti.Layer.TAB)
Enter = Callable[..., lti.Session]


@pytest.fixture
def session(lms: Lms, enter: Enter) -> lti.Session:
    launch = lms.launch()
    with lms.db.transaction() as tx:
        return enter(tx, launch, BROWSER)


def hand_over(lms: Lms, session: lti.Session) -> str:
    with lms.db.transaction() as tx:
        return lti.hand_over(tx, session, now=lms.clock.now())


def take_over(lms: Lms, code: str) -> lti.Session:
    with lms.db.transaction() as tx:
        return lti.take_over(tx, code, browser=TAB, now=lms.clock.now())


def is_open(lms: Lms, session: lti.Session, secret: str) -> bool:
    with lms.db.reading() as tx:
        return lti.read_session(tx, session.public_id, browser=secret, now=lms.clock.now()) is not None


@pytest.mark.both_engines
def test_a_code_opens_a_session_beside_the_first(lms: Lms, session: lti.Session) -> None:
    opened = take_over(lms, hand_over(lms, session))
    assert opened.public_id != session.public_id
    assert (opened.person_id, opened.deployment_id, opened.role) == (
        session.person_id,
        session.deployment_id,
        session.role,
    )
    assert opened.layer is lti.Layer.TAB
    assert is_open(lms, opened, TAB.secret) and not is_open(lms, opened, BROWSER)
    assert is_open(lms, session, BROWSER) and not is_open(lms, session, TAB.secret)


def test_a_code_lives_a_minute(lms: Lms, session: lti.Session) -> None:
    code = hand_over(lms, session)
    lms.clock.advance(59)
    take_over(lms, code)
    code = hand_over(lms, session)
    lms.clock.advance(60)
    with pytest.raises(lti.LtiRefused) as told:
        take_over(lms, code)
    assert told.value.code == "lti.handover_used_or_expired"


@pytest.mark.both_engines
def test_many_uses_of_one_code_at_once_open_one_session(lms: Lms, session: lti.Session) -> None:
    code = hand_over(lms, session)

    def use(_: int) -> bool:
        try:
            take_over(lms, code)
        except lti.LtiRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1


def test_the_session_beside_ends_when_the_first_would(lms: Lms, session: lti.Session) -> None:
    """Handing over from tab to tab makes no session longer than twelve hours."""
    opened, spent = session, 0
    for _ in range(3):
        lms.clock.advance(3 * 3600)
        spent += 3
        with lms.db.transaction() as tx:
            lti.touch(tx, session, now=lms.clock.now())
        opened = take_over(lms, hand_over(lms, session))
    assert opened.started_at == session.started_at
    lms.clock.advance(3 * 3600)
    assert not is_open(lms, opened, TAB.secret)


def test_a_session_that_is_over_hands_nothing_over(lms: Lms, session: lti.Session) -> None:
    lms.clock.advance(4 * 3600 - 30)
    code = hand_over(lms, session)
    lms.clock.advance(31)
    with pytest.raises(lti.LtiRefused):
        take_over(lms, code)

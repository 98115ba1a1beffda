"""The pages of attempts in every state: as a teacher sees all of them, one, and what a learner is granted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from lti_tool.assessments import Accommodation
from lti_tool.web.pages.attempts import (
    AttemptLine,
    AttemptPage,
    AttemptsPage,
    CandidateLine,
    EventLine,
    GrantedPage,
    JournalLine,
)
from lti_tool.web.pages.result import HandInReceipt, ItemResult
from lti_tool.web.pages.timing import Until

NOW = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
_TEACH = "/teach/0123456789abcdefghjkmnpqrs"
_ONE = f"{_TEACH}/attempts/0123456789abcdefghjkmnpqrt"
_END = NOW + timedelta(minutes=18)
OPEN = AttemptLine(2, _ONE, "open", None, False, False, NOW, _END, None)
GRADED = AttemptLine(1, _ONE, "graded", Fraction(200, 3), True, True, NOW, None, NOW)
VOIDED = replace(GRADED, state="voided", number=3)
_NAMES = ("Nguyễn Thị Ánh Tuyết", "", "ليلى الهاشمي", "Wolfeschlegelsteinhausenbergerdorff" * 2)
ATTEMPTS = AttemptsPage(
    "Check what you learned",
    tuple(
        CandidateLine(name, f"{_TEACH}/granted/0123456789abcdefghjkmnpqrv", lines)
        for name, lines in zip(_NAMES, ((GRADED, OPEN), (), (replace(OPEN, state="over"),), (VOIDED,)), strict=True)
    ),
    2,
    1,
    f"{_TEACH}/",
    f"{_TEACH}/brought",
    True,
)
ATTEMPT = AttemptPage(
    name=_NAMES[0],
    line=GRADED,
    until=Until(_END, "the time limit of 20 minutes, made 30 by an accommodation", NOW, 18, ("the end: later",)),
    receipt=HandInReceipt(NOW, 4, " ".join(["0123"] * 16)),
    items=(ItemResult(1, "A list", "<p>Which?</p>", False, "0 of 1", "Wait", "Wait", (), "", "", "Tell"),),
    traces=((1, "A list", ("Nothing that is right was chosen: 0 of 1.",)), (2, "", ())),
    journal=(
        JournalLine(1, "A list", "Wait", NOW, "1", True),
        JournalLine(1, "A list", "", NOW, "2", True),
        JournalLine(2, _NAMES[3], _NAMES[3], NOW, "2", False),
    ),
    events=(EventLine(NOW, "Begun", _NAMES[0]), EventLine(NOW, "Handed in by itself", "the server’s clock")),
    accommodation=Accommodation(150, 1, 2),
    may_grade=True,
    has_end=True,
    extend_url=f"{_ONE}/extend",
    void_url=f"{_ONE}/void",
    reopen_url=f"{_ONE}/reopen",
    grant_url=f"{_TEACH}/granted/0123456789abcdefghjkmnpqrv",
    list_url=f"{_TEACH}/attempts",
)
GRANTED = GrantedPage(
    _NAMES[0], Accommodation(), 20, 3, True, f"{_TEACH}/granted/0123456789abcdefghjkmnpqrv", f"{_TEACH}/attempts"
)


def attempt_pages() -> Iterator[tuple[str, str, object]]:
    """Template, state, page."""
    yield "instructor/attempts.html", "some", ATTEMPTS
    yield "instructor/attempts.html", "empty", replace(ATTEMPTS, lines=(), open=0, graded=0, may_grade=False)
    yield "instructor/attempt.html", "graded", ATTEMPT
    running = replace(ATTEMPT, line=OPEN, items=(), traces=(), receipt=None, accommodation=Accommodation())
    yield "instructor/attempt.html", "open", running
    yield "instructor/attempt.html", "endless", replace(running, until=None, has_end=False, journal=(), name="")
    yield "instructor/attempt.html", "voided", replace(ATTEMPT, line=VOIDED, may_grade=False)
    yield "instructor/granted.html", "none", GRANTED
    unlimited = replace(GRANTED, name="", minutes=None, attempts=None, accommodation=Accommodation(150, 2, 1))
    yield "instructor/granted.html", "unlimited", unlimited
    yield "instructor/granted.html", "looking", replace(unlimited, may_grade=False)

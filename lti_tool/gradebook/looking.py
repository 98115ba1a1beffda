"""What the LMS shows before a score is sent, asked once for many: one reading of a column serves a whole turn's scores.

Between a look and the score that follows, somebody may enter a grade. Moodle refuses the score then, as it carries the
moment of the look; no other platform does, so a look is good for a few seconds only.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import RowMapping

from lti_tool.core.errors import Upstream
from lti_tool.gradebook import sending
from lti_tool.gradebook.ledger import Begun
from lti_tool.gradebook.sending import Known
from lti_tool.lti import Result

_GOOD_FOR = timedelta(seconds=5)
# A column may have many pages: one is worth reading for so many looks that it saves.
_LOOKS_A_PAGE = 4


class Shows(Protocol):
    """The platforms' result services."""

    def results(
        self, registration_id: int, line_item_url: str, *, user_id: str | None = None, most_pages: int | None = None
    ) -> tuple[Result, ...]:
        """What the LMS holds of one learner, or of all; raises Upstream, so if it takes more pages."""
        ...


@dataclass(frozen=True)
class Look:
    """What the LMS showed of a learner, None where it showed nothing; asked at that moment."""

    at: datetime
    seen: Result | None


@dataclass(frozen=True)
class _Column:
    at: datetime
    held: Mapping[str, Result]


class Looks:
    """The looks of one turn at a platform."""

    def __init__(self, lms: Shows, clock: Callable[[], datetime], begun: Sequence[Begun]) -> None:
        self._lms, self._clock = lms, clock
        self._wanted = Counter(one.row["line_item_url"] for one in begun if sending.must_look(one.known))
        self._columns: dict[str, _Column] = {}

    def at(self, row: RowMapping, known: Known) -> Look:
        """What the LMS shows of the learner of this delivery; raises Upstream."""
        url, user_id = row["line_item_url"], row["lms_user_id"]
        column = self._columns.get(url)
        if column is None or not is_good(column.at, known, self._clock()):
            column = self._read(row["registration_id"], url)
        self._wanted[url] -= 1
        if column is not None:
            return Look(column.at, column.held.get(user_id))
        at = self._clock()
        shown = self._lms.results(row["registration_id"], url, user_id=user_id)
        return Look(at, next((result for result in shown if result.user_id == user_id), None))

    def _read(self, registration_id: int, url: str) -> _Column | None:
        """The whole column, where that saves requests; None where one learner is to be asked for."""
        pages = self._wanted[url] // _LOOKS_A_PAGE
        if pages < 1:
            return None
        at = self._clock()
        try:
            shown = self._lms.results(registration_id, url, most_pages=pages)
        except Upstream as fault:
            if getattr(fault, "again", True):
                raise
            # Too long, or not shown as a whole: learner by learner, for the rest of the turn.
            self._wanted[url] = 0
            return None
        self._columns[url] = _Column(at, {result.user_id: result for result in shown})
        return self._columns[url]


def is_good(looked_at: datetime, known: Known, now: datetime) -> bool:
    """Whether an earlier look tells of this grade too: a fresh one, from when nothing of it was under way any more."""
    return now - looked_at <= _GOOD_FOR and sending.wait_until_settled(known, looked_at) is None

"""Sending wished scores to the LMS (AGS 2.0 §3.4) until it has them, or has said plainly why not.

A worker takes a platform's lane, and for one turn sends what is due there, one score after the other. What a try
carries is noted before it goes out: a worker that dies with it leaves a doubt, and never a gap. `sending` says what to
send; here is what comes of it. Nothing is given up while the platform is connected: what is refused is parked with
its reason, and still tried once a day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import RowMapping, case

from lti_tool.core import ids, leases, logs
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.gradebook import ledger, sending
from lti_tool.gradebook.lanes import LEASE_SECONDS, Lane, has_work, leave, pause_after, take
from lti_tool.gradebook.looking import Looks, Shows
from lti_tool.gradebook.nights import next_night
from lti_tool.gradebook.rules import percent_of, percent_text
from lti_tool.gradebook.sending import Known, Message
from lti_tool.gradebook.tables import grade_deliveries
from lti_tool.lti import GradeRules, Score, ScoreOutcome, ScoreVerdict, grade_rules

_TURN_SECONDS = 20.0
_A_TURN_AT_MOST = 100
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 1800.0
_TRIES_BEFORE_PARKING = 3
_PERSISTENT = timedelta(hours=72)
_DAY = timedelta(days=1)
# No request, with a fresh token and the look before it, takes longer.
_LEFT_FOR_A_REQUEST = timedelta(seconds=75)

log = logs.get("gradebook")


class Lms(Shows, Protocol):
    """The platforms' grade services; `lti.Services` is one."""

    def send_score(self, registration_id: int, line_item_url: str, score: Score) -> ScoreOutcome:
        """What the LMS made of a score; never raises for an LMS that does not answer."""
        ...


@dataclass(frozen=True)
class _Tried:
    """How a try ended: the outcome, what is known now, and the moment."""

    outcome: ScoreOutcome
    known: Known
    at: datetime
    sent: bool = True

    @property
    def is_trouble(self) -> bool:
        return self.outcome.verdict is not ScoreVerdict.ACCEPTED


def deliver_due(db: Database, lms: Lms, *, clock: Callable[[], datetime], limit: int = _A_TURN_AT_MOST) -> int:
    """Sends what is due at one platform, for one turn; returns how many rows were worked on."""
    with db.reading() as tx:
        if not has_work(tx, clock()):
            return 0
    with db.transaction() as tx:
        lane = take(tx, clock())
    if lane is None:
        return 0
    # While a platform fails, one score goes ahead: the others would be taken in hand for nothing.
    ready = limit if lane.failures == 0 else 1
    with db.transaction() as tx:
        begun = ledger.begin(tx, lane.registration_id, now=clock(), limit=ready, lease_seconds=LEASE_SECONDS)
    return _Turn(db, lms, clock, lane, begun).work_off()


class _Turn:
    """One worker's time at one platform."""

    def __init__(
        self, db: Database, lms: Lms, clock: Callable[[], datetime], lane: Lane, begun: Sequence[ledger.Begun]
    ) -> None:
        self._db, self._lms, self._clock, self._lane, self._begun = db, lms, clock, lane, begun
        self._looks = Looks(lms, clock, begun)
        self._began_at = clock()
        self._failures = lane.failures
        self._pause = 0.0

    def work_off(self) -> int:
        worked = 0
        for begin in self._begun:
            if self._is_over() or not is_still_ours(begin.row, self._clock()):
                break
            self._deliver(begin)
            worked += 1
        with self._db.transaction() as tx:
            for begin in self._begun[worked:]:
                ledger.give_back(tx, begin)
            until = self._clock() + timedelta(seconds=self._pause) if self._pause else None
            leave(tx, self._lane, failures=self._failures, paused_until=until)
        return worked

    def _is_over(self) -> bool:
        return self._pause > 0 or self._clock() - self._began_at >= timedelta(seconds=_TURN_SECONDS)

    def _deliver(self, begin: ledger.Begun) -> None:
        row, now = begin.row, self._clock()
        logs.begin(delivery=row["id"])
        until = sending.wait_until_settled(begin.known, now)
        if until is not None:
            with self._db.transaction() as tx:
                ledger.give_back(tx, begin, due_at=until)
            return
        tried = self._try(row, begin.known)
        outcome = tried.outcome
        self._judge_platform(tried)
        with self._db.transaction() as tx:
            kept = leases.finish(tx, grade_deliveries, row["id"], row["fence"], **_values(row, tried, self._pause))
            ledger.note(tx, begin, tried.known, outcome, now=tried.at, kept=kept, sent=tried.sent)
        log.info("grade.sent", verdict=outcome.verdict, tries=row["tries"], reason=outcome.reason, lease_lost=not kept)

    def _try(self, row: RowMapping, known: Known) -> _Tried:
        rules = grade_rules(row["line_item_url"])
        if sending.must_look(known):
            settled = self._look(row, known, rules)
            if isinstance(settled, ScoreOutcome):
                return _Tried(settled, known, self._clock(), sent=False)
            known = settled
        message = sending.next_message(known, rules, self._clock())
        if message is None:
            return _Tried(ScoreOutcome(ScoreVerdict.ACCEPTED), known, self._clock(), sent=False)
        return self._send(row, known, message)

    def _look(self, row: RowMapping, known: Known, rules: GradeRules) -> Known | ScoreOutcome:
        """What is known once the LMS has shown its grade of this learner; why it has not, where that may pass."""
        try:
            look = self._looks.at(row, known)
        except Upstream as fault:
            if not getattr(fault, "again", True):
                return sending.settle_blind(known, rules)
            wait = getattr(fault, "retry_after", None)
            return ScoreOutcome(ScoreVerdict.LATER, fault.text, wait, unsettled=True, whole_platform=True)
        return sending.settle(replace(known, looked_at=look.at), look.seen, rules)

    def _send(self, row: RowMapping, known: Known, message: Message) -> _Tried:
        outcome = self._lms.send_score(row["registration_id"], row["line_item_url"], _score(row, message))
        now = self._clock()
        known = replace(known, sent_at=max(message.timestamp, now))
        if outcome.verdict is ScoreVerdict.ACCEPTED:
            known = replace(sending.after_sending(known, message), confirmed=outcome.confirmed)
        elif outcome.unsettled:
            known = replace(known, may_hold=(*known.may_hold, message.percent))
        return _Tried(outcome, known, now)

    def _judge_platform(self, tried: _Tried) -> None:
        outcome = tried.outcome
        if outcome.verdict is ScoreVerdict.ACCEPTED:
            self._failures = 0
        elif tried.sent or outcome.whole_platform:
            # Whoever refuses one score as wrong is up.
            is_refusal = outcome.verdict is ScoreVerdict.REFUSED or outcome.status == 409
            stumbled = outcome.whole_platform or not is_refusal
            self._failures = self._failures + 1 if stumbled else 0
            if stumbled:
                asked = outcome.retry_after
                self._pause = pause_after(self._failures, whole_platform=outcome.whole_platform, asked=asked)


def is_still_ours(row: RowMapping, now: datetime) -> bool:
    """Whether the lease leaves time for one more request: a worker that was stopped must not send what others may."""
    leased_until: datetime = row["leased_until"]
    return now + _LEFT_FOR_A_REQUEST <= leased_until


def _score(row: RowMapping, message: Message) -> Score:
    return Score(
        user_id=row["lms_user_id"],
        given=percent_text(message.percent),
        maximum="100",
        finished=bool(row["finished"]),
        timestamp=message.timestamp,
        submission=message.submission,
    )


def _values(row: RowMapping, tried: _Tried, pause: float) -> dict[str, Any]:
    """What the row becomes. A newer wish may have come while this one was on its way: then it stays due."""
    known, now = tried.known, tried.at
    values: dict[str, Any] = {
        "held_percent": None if known.held is None else str(known.held),
        "may_hold": [str(percent) for percent in known.may_hold],
        "last_sent_at": known.sent_at,
    }
    newer = grade_deliveries.c.revision > row["revision"]
    if not tried.is_trouble:
        return values | _taken(row, tried, newer)
    values["last_error"] = tried.outcome.reason[:1000] or None
    if tried.outcome.verdict is ScoreVerdict.REFUSED and row["tries"] >= _TRIES_BEFORE_PARKING:
        parked = {"due_at": case((newer, now), else_=next_day(row["wanted_at"], now))}
        return values | parked | {"parked_at": case((newer, None), else_=now)}
    wait = max(pause, wait_before_retry(row["tries"], tried.outcome))
    due = now + timedelta(seconds=wait)
    if now - row["wanted_at"] >= _PERSISTENT and not tried.outcome.whole_platform:
        due = max(due, now + _DAY)
    return values | {"due_at": due}


def _taken(row: RowMapping, tried: _Tried, newer: Any) -> dict[str, Any]:
    known, now = tried.known, tried.at
    if not sending.is_done(known, grade_rules(row["line_item_url"])):
        # An attempt more to tell of, which can go at once.
        return {"due_at": now, "last_error": None, "tries": 0}
    return {
        "due_at": case((newer, now), else_=None),
        "delivered_revision": row["revision"],
        "delivered_at": now,
        "parked_at": None,
        "confirmed_at": now if known.confirmed else None,
        "overruled_at": now if known.overruled else None,
        "differs": known.overruled,
        "seen_percent": None if known.seen is None else str(percent_of(known.seen)),
        "seen_at": None if known.seen is None else now,
        "check_at": next_night(now),
        "last_error": None,
        "tries": 0,
    }


def next_day(wanted_at: datetime, now: datetime) -> datetime:
    """When a parked score is tried again by itself: three days after it was wished, then daily."""
    return max(wanted_at + _PERSISTENT, now + _DAY)


def wait_before_retry(tries: int, outcome: ScoreOutcome) -> float:
    """Seconds until the next try: what the LMS asks for, else doubling from 5 s to half an hour, with jitter."""
    if outcome.retry_after is not None:
        return outcome.retry_after
    if outcome.whole_platform:
        # The lane waits; this score goes to the end of the queue, and no further.
        return _FIRST_WAIT
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** max(0, tries - 1))
    return wait + ids.jitter(wait / 10)

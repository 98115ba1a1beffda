"""The send rule, pure: given what is known of one grade, what to do next, and what an LMS's own word makes of it.

One row for each line item and person holds the newest wished score; what piles up becomes one message. Exceptions are
attempts: an LMS that counts them (Canvas) is told of each hand-in once and never twice, whatever gets lost on the way.
What the LMS took for certain and what it may have taken are kept apart: as long as there is doubt, it is asked before
anything is sent again. A grade there that is none of ours is somebody's own: it stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from lti_tool.gradebook.rules import percent_text
from lti_tool.lti import GradeRules, Keeps, Result, Submission

# Moodle refuses what is not later than the last grade it saved, in whole seconds.
_SPACING = timedelta(seconds=1)
# A request may still be carried out after we hung up on it (15 s): only then is the LMS's word about it the last one.
_SETTLES_AFTER = timedelta(seconds=30)
# A grade survives five decimals of any maximum up to 100 points; a difference below is none.
_SAME = Decimal("0.00001")


@dataclass(frozen=True)
class Known:
    """One grade: the wish, what the LMS holds of ours, what it may hold, and the hand-ins that it does not know of."""

    wished: Fraction
    held: Fraction | None = None
    may_hold: tuple[Fraction, ...] = ()
    untold: tuple[datetime, ...] = ()
    told: datetime | None = None
    sent_at: datetime | None = None
    overruled: bool = False
    # When the LMS was asked; its own word that it holds what is held; and the share that it showed.
    looked_at: datetime | None = None
    confirmed: bool = False
    seen: Decimal | None = None


@dataclass(frozen=True)
class Message:
    """A score to send: the moment it carries, and the hand-in that it tells of, where attempts are counted."""

    percent: Fraction
    timestamp: datetime
    submission: Submission | None


def wait_until_settled(known: Known, now: datetime) -> datetime | None:
    """Until when to leave the LMS alone, as what was sent may still be under way; None when nothing is."""
    if not known.may_hold or known.sent_at is None:
        return None
    settled = known.sent_at + _SETTLES_AFTER
    return settled if settled > now else None


def must_look(known: Known) -> bool:
    """Whether the LMS is asked first: after a try of unknown outcome, and before a grade there is replaced."""
    return known.overruled or bool(known.may_hold) or (known.held is not None and known.held != known.wished)


def settle(known: Known, seen: Result | None, rules: GradeRules) -> Known:
    """What is known after the LMS has shown what it holds; None where it shows nothing of this learner."""
    share = None if seen is None else seen.share
    known = _told(known, seen, share, rules)
    if share is None:
        # Empty: no try has arrived, or somebody emptied the cell and nobody's grade is in the way.
        return replace(known, held=None, may_hold=(), overruled=False)
    ours = [percent for percent in (known.wished, *reversed(known.may_hold), known.held) if percent is not None]
    match = next((percent for percent in ours if is_same(share, percent)), None)
    if match is None:
        return replace(known, may_hold=(), overruled=True, seen=share)
    return replace(known, held=match, may_hold=(), overruled=False, confirmed=match == known.wished)


def settle_blind(known: Known, rules: GradeRules) -> Known:
    """The same where the LMS does not show its grades: what may have arrived is sent again, but no attempt twice."""
    if known.may_hold and rules.counts_attempts and known.untold:
        known = _first_told(known)
    return replace(known, held=None if known.may_hold else known.held, may_hold=())


def next_message(known: Known, rules: GradeRules, now: datetime) -> Message | None:
    """What to send; None when there is nothing to say: the LMS holds the wish, or a grade that is not ours.

    It carries the moment of the look, where there was one: Moodle then refuses it if anybody has saved a grade since.
    """
    if is_done(known, rules):
        return None
    tells, is_held = _tells(known, rules), _is_held(known)
    moment = known.looked_at or now
    timestamp = moment if known.sent_at is None else max(moment, known.sent_at + _SPACING)
    if not rules.counts_attempts:
        return Message(known.wished, timestamp, None)
    keeps = Keeps.NONE
    if is_held:
        keeps = Keeps.WHATEVER
    elif known.held is None:
        keeps = Keeps.EXISTING
    handed_in_at = known.untold[0] if tells else known.told
    return Message(known.wished, timestamp, Submission(handed_in_at, tells, keeps))


def after_sending(known: Known, message: Message) -> Known:
    """What is known once the LMS has said that it took a message."""
    if message.submission is not None and message.submission.is_new:
        known = _first_told(known)
    held = known.held if known.overruled else message.percent
    return replace(known, held=held, may_hold=())


def is_done(known: Known, rules: GradeRules) -> bool:
    """Whether nothing is left to be sent."""
    return _is_held(known) and not _tells(known, rules)


def is_same(share: Decimal, percent: Fraction) -> bool:
    """Whether a share of the maximum is this percentage, as far as a gradebook keeps it."""
    return abs(share - Decimal(percent_text(percent)) / 100) <= _SAME


def _told(known: Known, seen: Result | None, share: Decimal | None, rules: GradeRules) -> Known:
    """Which hand-ins the LMS turns out to know of: they are told in order, so all up to the one it names."""
    if not rules.counts_attempts or not known.untold:
        return known
    named = None if seen is None else seen.handed_in_at
    if named is not None:
        return _told_until(known, named)
    arrived = share is not None and any(is_same(share, percent) for percent in known.may_hold)
    # It does not say: better one attempt too few than one that never was.
    return _first_told(known) if arrived else known


def _told_until(known: Known, named: datetime) -> Known:
    # A message carries thousandths of a second.
    told = [at for at in known.untold if _thousandths(at) <= _thousandths(named)]
    return replace(known, untold=known.untold[len(told) :], told=told[-1] if told else known.told)


def _first_told(known: Known) -> Known:
    return replace(known, untold=known.untold[1:], told=known.untold[0])


def _thousandths(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def newly_told(before: Known, after: Known) -> Sequence[datetime]:
    """The hand-ins that were told between two states."""
    return before.untold[: len(before.untold) - len(after.untold)]


def _is_held(known: Known) -> bool:
    return known.overruled or known.held == known.wished


def _tells(known: Known, rules: GradeRules) -> bool:
    return rules.counts_attempts and bool(known.untold)

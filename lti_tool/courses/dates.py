"""Dates that a teacher sets for one activity here, by the clock of a place: read from a form, kept with the placement.

They belong to the activity and not to its offer: a copy of the course shares the offer, and next year's run must not
close with this year's. Pure but for `set_dates`; the zones are those of the IANA database that the machine has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import bindparam, update

from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid
from lti_tool.courses.tables import placements

UNIVERSAL = "UTC"
OPENS, CLOSES, ZONE = "available_from", "available_until", "zone"
"""Under which names they are kept, and come from a form; the first two are those of `window`."""
_REGIONS = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)
_YEARS = range(2000, 2101)
_FORM = "%Y-%m-%dT%H:%M"

_set = update(placements).where(placements.c.id == bindparam("row"))


class DatesRefused(Invalid):
    """Dates that cannot be taken: `faults` says what is wrong by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("courses.dates", "These dates cannot be taken.", "Put right what is marked, and save again.")
        self.faults = dict(faults)


@dataclass(frozen=True)
class OwnDates:
    """From when until when, as a teacher means it: moments, and the place whose clock they were read from."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    zone: str = UNIVERSAL

    @property
    def stored(self) -> dict[str, str]:
        """As a placement keeps them; nothing at all where none is set."""
        moments = {OPENS: self.opens_at, CLOSES: self.closes_at}
        told = {name: at.astimezone(UTC).isoformat() for name, at in moments.items() if at is not None}
        return {**told, ZONE: self.zone} if told else {}


def read_dates(opens: str, closes: str, zone: str) -> OwnDates:
    """What somebody typed, each as `2026-12-01T09:00` or empty; raises DatesRefused with all faults at once."""
    faults: dict[str, str] = {}
    if zone not in zones():
        raise DatesRefused({ZONE: "Choose a time zone from the list."})
    moments: dict[str, datetime | None] = {}
    for name, text in ((OPENS, opens), (CLOSES, closes)):
        try:
            moments[name] = read_local(text, zone) if text.strip() else None
        except ValueError as fault:
            faults[name] = str(fault)
    begins, ends = moments.get(OPENS), moments.get(CLOSES)
    if begins is not None and ends is not None and ends <= begins:
        faults[CLOSES] = "The end must come after the beginning: nobody could begin."
    if faults:
        raise DatesRefused(faults)
    return OwnDates(begins, ends, zone)


def read_local(text: str, zone: str) -> datetime:
    """The moment that a clock of this place shows so; ValueError, in words for the person, where none does.

    Where a clock shows it twice, as when summer time ends, the first time is meant.
    """
    plain = text.strip().replace(" ", "T")[:16]
    try:
        wall = datetime.strptime(plain, _FORM)
    except ValueError:
        raise ValueError("Write a date and a time, such as 2026-12-01 09:00.") from None
    if wall.year not in _YEARS:
        raise ValueError(f"The year must be between {_YEARS[0]} and {_YEARS[-1]}.")
    at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if not _is_shown(plain, at, zone):
        raise ValueError("There is no such time that day: the clocks go forward and leave it out. Choose a later one.")
    return at


def _is_shown(plain: str, at: datetime, zone: str) -> bool:
    """Whether a clock of this place ever shows so: in spring it leaves out an hour."""
    return local(at, zone) == plain


def local(at: datetime, zone: str) -> str:
    """A moment as a clock of this place shows it, in the form that `read_local` reads."""
    return at.astimezone(ZoneInfo(zone)).strftime(_FORM)


@lru_cache
def zones() -> tuple[str, ...]:
    """The places whose clocks may be meant, in order; UTC alone on a machine that knows no others."""
    known = (name for name in available_timezones() if name.partition("/")[0] in _REGIONS)
    return (UNIVERSAL, *sorted(known))


def place_words(at: datetime, zone: str) -> str:
    """A moment in words, by the clock of a place and by UTC: `1 December 2026, 09:00 (Oslo time; 08:00 UTC)`."""
    there = at.astimezone(ZoneInfo(zone) if zone in zones() else UTC)
    day = f"{there.day} {there:%B %Y, %H:%M}"
    if there.utcoffset() == at.astimezone(UTC).utcoffset():
        return f"{day} UTC"
    universal = at.astimezone(UTC)
    same_day = universal.date() == there.date()
    by_utc = f"{universal:%H:%M}" if same_day else f"{universal.day} {universal:%B, %H:%M}"
    return f"{day} ({city(zone)} time; {by_utc} UTC)"


def city(zone: str) -> str:
    """The place by which a zone is called, for people."""
    return zone.rpartition("/")[2].replace("_", " ")


def set_dates(tx: Tx, placement_id: int, dates: OwnDates) -> None:
    """Keeps the dates of one activity, in place of those of its offer; none at all is kept as that, too."""
    tx.execute(_set.values(set_dates=dates.stored), {"row": placement_id})

"""The page on which a teacher sets the dates of an activity."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool import courses, lti, workflows
from lti_tool.courses import OwnDates
from lti_tool.web.pages import paths
from lti_tool.web.pages.assessment import FieldError

OPENS, CLOSES, ZONE = "available_from", "available_until", "zone"


@dataclass(frozen=True)
class DatesForm:
    """What stands in the form, as it was typed."""

    opens: str
    closes: str
    zone: str


@dataclass(frozen=True)
class ZoneGroup:
    """The places of one part of the world: each with its zone and its name."""

    name: str
    zones: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DatesPage:
    """The form, the LMS's own dates beside it, and what is wrong. `guesses` where a script may preselect the zone."""

    module_title: str
    form: DatesForm
    errors: tuple[FieldError, ...]
    by_lms: tuple[str, ...]
    conflicts: tuple[str, ...]
    groups: tuple[ZoneGroup, ...]
    post_url: str
    back_url: str
    # Whether `back_url` leads to the learners, or (for who sees none) to the module.
    sees_learners: bool
    saved: bool
    guesses: bool
    may_clear: bool


def dates_page(
    dated: workflows.Dated,
    session: lti.Session,
    *,
    back_url: str,
    saved: bool = False,
    typed: DatesForm | None = None,
    faults: Mapping[str, str] | None = None,
) -> DatesPage:
    """The form as the dates are now, or as it was typed."""
    set_here = _set_here(dated)
    form = typed or _form(set_here)
    return DatesPage(
        module_title=dated.version.definition.title,
        form=form,
        errors=tuple(FieldError(name, text) for name, text in (faults or {}).items()),
        by_lms=tuple(
            f"{reason.fact[:1].upper()}{reason.fact[1:]}: {courses.place_words(reason.at, form.zone)}"
            for reason in dated.window.reasons
            if reason.by_lms
        ),
        conflicts=dated.window.conflicts,
        groups=_groups(),
        post_url=paths.dates(session.public_id),
        back_url=back_url,
        sees_learners=session.role.sees_learners,
        saved=saved,
        # Only while nothing is said yet: a zone that changes by itself would move what stands beside it.
        guesses=typed is None and set_here == OwnDates(),
        may_clear=set_here != OwnDates(),
    )


def _set_here(dated: workflows.Dated) -> OwnDates:
    """The dates of here as they hold now, a teacher's or the offer's."""
    at = {reason.name: reason.at for reason in dated.window.reasons if not reason.by_lms}
    zone = dated.window.zone if dated.window.zone in courses.zones() else OwnDates().zone
    return OwnDates(at.get(OPENS), at.get(CLOSES), zone)


def _form(dates: OwnDates) -> DatesForm:
    opens, closes = (
        courses.local(at, dates.zone) if at is not None else "" for at in (dates.opens_at, dates.closes_at)
    )
    return DatesForm(opens, closes, dates.zone)


def _groups() -> tuple[ZoneGroup, ...]:
    found: dict[str, list[tuple[str, str]]] = {}
    for zone in courses.zones():
        region, _, place = zone.partition("/")
        found.setdefault(region if place else "", []).append((zone, (place or zone).replace("_", " ")))
    return tuple(ZoneGroup(name, tuple(places)) for name, places in found.items())

"""The grade column of a link that the LMS has coupled with none: found, or made, exactly once (AGS 2.0 §3.2).

The first grade that has nowhere to go makes a row for its link; a worker takes it, looks at the LMS, and only where the
whole list has been shown and nothing in it fits, makes a column. Whoever comes second looks first, and so does the same
worker when the answer to the making was lost: not before it is certain that it has arrived or never will. A column that
was deleted is looked for again; a new one is made when a person asks for it, as somebody may have wanted it gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from lti_tool import courses, gradebook, lti
from lti_tool.core import logs
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Conflict, Invalid, ToolError, Upstream
from lti_tool.workflows.study import grades_go_to

# A request may still be carried out after we hung up on it (15 s).
_SETTLES_AFTER = timedelta(seconds=35)
_SOON = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(minutes=30)
_TRIES_BEFORE_PARKING = 3
_PARKED = timedelta(hours=1)
_DAY = timedelta(days=1)
_LONG_PARKED = 24
# Finding and making take some requests more.
_LEFT_FOR_MAKING = timedelta(seconds=60)
_LONGEST_LABEL = 250
_NOT_THERE = (404, 410, 412)
MAXIMUM = 100
"""Points of a column of ours: a whole number that every gradebook can have."""

_GONE = (
    "The grade column of this activity was deleted in the LMS. The grade is kept here; “Send again” makes a new column."
)
_NOT_WANTED = "The people who run this tool have settled with this LMS that it makes no grade columns of its own."

log = logs.get("gradebook")


class Columns(Protocol):
    """The platforms' grade columns; `lti.Services` is one."""

    def line_item(self, registration_id: int, url: str) -> lti.LineItem:
        """One column; raises Upstream."""
        ...

    def find_or_create_line_item(
        self,
        registration_id: int,
        line_items_url: str,
        wanted: lti.NewLineItem,
        *,
        taken: frozenset[str] = frozenset(),
        before_making: Callable[[], None] | None = None,
    ) -> lti.LineItem:
        """The column that is there already, else a new one; raises Upstream or Invalid."""
        ...


class NotMade(Conflict):
    """There is no column, and it is not for us to make one now."""


@dataclass(frozen=True)
class _Errand:
    """What a worker goes out with. `known` is the column that the LMS itself has coupled meanwhile."""

    search: gradebook.Search
    known: str | None
    may_make: bool
    taken: frozenset[str]


@dataclass(frozen=True)
class _Found:
    """A column, the tag that the LMS has of it, and whether the LMS itself has coupled it with the link."""

    url: str
    tag: str = ""
    coupled: bool = False


def column_for(tx: Tx, placement: courses.Placement, *, registration_id: int, now: datetime) -> str | None:
    """Where a new grade goes: to the link's column, or to wait for the one that is looked for from now on.

    None where the LMS takes none, or an operator has settled that it gets none.
    """
    policy = lti.find_registration(tx, registration_id).line_items
    if policy is lti.LineItemPolicy.NONE:
        return None
    if placement.line_item_url is None and policy is lti.LineItemPolicy.CREATE:
        _want_column(tx, placement, registration_id=registration_id, now=now)
        return grades_go_to(placement)
    return placement.line_item_url


def _want_column(tx: Tx, placement: courses.Placement, *, registration_id: int, now: datetime) -> None:
    wish = _wish(placement, registration_id)
    if wish is not None:
        gradebook.want_column(tx, wish, now=now)
    elif placement.line_items_url is not None:
        gradebook.want_known_column(tx, placement.link_key, now=now)


def follow_column(tx: Tx, placement: courses.Placement, *, registration_id: int, now: datetime) -> None:
    """Grades go along when a launch names another column than the last one did, or the first at all."""
    if placement.left_column is None or placement.line_item_url is None:
        return
    before = placement.left_column or gradebook.waiting_for(placement.link_key)
    gradebook.move_grades(tx, before, placement.line_item_url, registration_id=registration_id, now=now)


def look_again(tx: Tx, placement: courses.Placement, *, registration_id: int, now: datetime) -> bool:
    """At a person's request: a column that was given up is looked for at once, and made where it is gone."""
    if gradebook.retry_column(tx, placement.link_key, now=now):
        return True
    wish, url = _wish(placement, registration_id), placement.line_item_url
    if wish is None or url is None or (registration_id, url) not in gradebook.lost_columns(tx):
        return False
    gradebook.note_lost(tx, wish, url, now=now, remake=True)
    return True


def note_lost_columns(db: Database, now: datetime) -> None:
    """Has columns looked for that grades were refused by as if they were gone."""
    with db.reading() as tx:
        if not gradebook.lost_columns(tx):
            return
    with db.transaction() as tx:
        for registration_id, url in gradebook.lost_columns(tx):
            for placement in courses.placements_with_column(tx, registration_id, url)[:1]:
                wish = _wish(placement, registration_id)
                if wish is not None:
                    gradebook.note_lost(tx, wish, url, now=now)


def find_column_due(db: Database, lms: Columns, *, clock: Callable[[], datetime]) -> int:
    """Looks for one column that is due, if there is one; returns how many were looked for."""
    with db.reading() as tx:
        if not gradebook.is_column_due(tx, clock()):
            return 0
    with db.transaction() as tx:
        search = gradebook.claim_column(tx, clock())
        errand = None if search is None else _errand(tx, search)
    if errand is None:
        return 0
    try:
        found = _Found(errand.known, coupled=True) if errand.known else _find(lms, errand, clock)
        with db.transaction() as tx:
            kept = _keep(tx, errand.search, found, clock())
    except (Upstream, Invalid, NotMade) as fault:
        with db.transaction() as tx:
            _not_found(tx, errand.search, fault, clock())
        log.info("column.not_found", column=errand.search.id, code=fault.code, tries=errand.search.tries)
        return 1
    log.info("column.found", column=errand.search.id, kept=kept)
    return 1


def _keep(tx: Tx, search: gradebook.Search, found: _Found, now: datetime) -> bool:
    """Writes down where the column is, and sends its grades there; False if another worker has taken over."""
    if not found.coupled:
        require_own(tx, search, found)
    if not gradebook.found_column(tx, search, found.url, coupled=found.coupled, now=now):
        return False
    courses.use_column(tx, _link(search.wish), found.url)
    return True


def require_own(tx: Tx, search: gradebook.Search, found: _Found) -> None:
    """Raises NotMade for a column of another link that was made while this one was looked for."""
    if gradebook.is_of_another(tx, search.wish, found.url, found.tag):
        raise NotMade("workflows.column_taken", "The grade column that was found serves another activity.")


def _errand(tx: Tx, search: gradebook.Search) -> _Errand:
    link = _link(search.wish)
    placement = courses.placement_behind(tx, link)
    named = placement.line_item_url if placement else None
    policy = lti.find_registration(tx, search.wish.registration_id).line_items
    return _Errand(
        search=search,
        known=named if named != search.url else None,
        may_make=policy is lti.LineItemPolicy.CREATE and (search.url is None or search.remake),
        taken=courses.columns_of_others(tx, link, search.wish.line_items_url)
        | gradebook.tags_of_others(tx, search.wish),
    )


def _find(lms: Columns, errand: _Errand, clock: Callable[[], datetime]) -> _Found:
    """The column; raises Upstream, Invalid or NotMade where there is none."""
    search, wish = errand.search, errand.search.wish
    gone: frozenset[str] = frozenset()
    if search.url is not None:
        if _is_there(lms, wish.registration_id, search.url):
            return _Found(search.url)
        gone = frozenset((search.url,))

    def may_make() -> None:
        require_leave(errand.may_make, lost=search.url is not None)
        require_time(search.leased_until, clock())

    tag = gradebook.column_tag(wish.link_key)
    wanted = lti.NewLineItem(wish.label, MAXIMUM, wish.lms_resource_link_id, wish.resource_id, tag)
    found = lms.find_or_create_line_item(
        wish.registration_id, wish.line_items_url, wanted, taken=errand.taken | gone, before_making=may_make
    )
    return _Found(found.url, found.tag)


def _is_there(lms: Columns, registration_id: int, url: str) -> bool:
    try:
        lms.line_item(registration_id, url)
    except Upstream as fault:
        if getattr(fault, "status", None) in _NOT_THERE:
            return False
        raise
    return True


def require_leave(may_make: bool, *, lost: bool) -> None:
    """Raises NotMade where a column is not to be made: the operator, or whoever deleted it, does not want one."""
    if not may_make:
        raise NotMade("workflows.no_column", _GONE if lost else _NOT_WANTED)


def require_time(leased_until: datetime, now: datetime) -> None:
    """Raises NotMade for a worker whose lease may end before the column is made: another may be making it by then."""
    if now + _LEFT_FOR_MAKING > leased_until:
        raise NotMade("workflows.column_late", "The LMS was too slow to be asked for a grade column.")


def _not_found(tx: Tx, search: gradebook.Search, fault: ToolError, now: datetime) -> None:
    """Tried again where the reason may pass; else parked with it, after some tries, and still tried now and then."""
    passes = may_pass(fault)
    if fault.code == "workflows.no_column" or (not passes and search.tries >= _TRIES_BEFORE_PARKING):
        due_at = None if search.url else now + (_PARKED if search.tries < _LONG_PARKED else _DAY)
        gradebook.park_column(tx, search, due_at=due_at, reason=fault.text, now=now)
        log.warning("column.parked", column=search.id, registration=search.wish.registration_id, code=fault.code)
        return
    asked = timedelta(seconds=getattr(fault, "retry_after", None) or 0)
    wait = min(_LONGEST_WAIT, _SETTLES_AFTER * 2.0 ** min(search.tries - 1, 8))
    wait = _SOON if fault.code == "workflows.column_taken" else wait
    whole = passes and isinstance(fault, Upstream)
    gradebook.put_off_column(tx, search, due_at=now + max(wait, asked), reason=fault.text, whole_platform=whole)


def may_pass(fault: ToolError) -> bool:
    """Whether asking later can help: an LMS that does not answer, or is busy."""
    again = getattr(fault, "again", None)
    if again is not None:
        return bool(again)
    unanswered = fault.code.startswith("core.http_") and fault.code != "core.http_refused"
    return unanswered or fault.code in ("workflows.column_late", "workflows.column_taken")


def _wish(placement: courses.Placement, registration_id: int) -> gradebook.ColumnWish | None:
    """What to look for; None for a placement that stands aside, or in a course whose columns are not listed."""
    link = courses.key_of(placement)
    if placement.line_items_url is None or courses.is_aside(placement):
        return None
    return gradebook.ColumnWish(
        link_key=placement.link_key,
        registration_id=registration_id,
        line_items_url=placement.line_items_url,
        resource_id=placement.offer.public_id,
        label=(placement.title.strip() or "Module")[:_LONGEST_LABEL],
        **vars(link),
    )


def _link(wish: gradebook.ColumnWish) -> courses.LinkKey:
    return courses.LinkKey(wish.deployment_id, wish.lms_context_id, wish.lms_resource_link_id)

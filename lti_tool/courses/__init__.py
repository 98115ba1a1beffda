"""Where a module is taught: courses of a platform, the links in them, and who is enrolled.

An *offer* (a module with its settings) is made by deep linking before any link exists and travels in the link's custom
parameters, so a copied course finds it again; a *placement* is one resource link in one course and is never shared, so
results never cross from one run of a course to the next.
"""

from lti_tool.courses.columns import (
    LinkKey,
    columns_of_others,
    is_aside,
    key_of,
    placement_behind,
    placements_with_column,
    use_column,
)
from lti_tool.courses.copies import note_copy
from lti_tool.courses.dates import DatesRefused, OwnDates, local, place_words, read_dates, set_dates, zones
from lti_tool.courses.enrolments import (
    Enrolment,
    enrol,
    enrolment_of,
    enrolment_with_id,
    enrolments_of,
    enrolments_of_person,
    find_enrolment,
)
from lti_tool.courses.offers import Offer, make_offer, offer_if_known, offer_with_id
from lti_tool.courses.origins import Copy, Origin, origin_of
from lti_tool.courses.placements import (
    Link,
    Placement,
    find_by_assignment,
    find_placement,
    keep_offer,
    place,
    placement_for,
)
from lti_tool.courses.rosters import (
    PAUSE_BY_HAND,
    Member,
    Reading,
    Roster,
    claim_roster,
    is_roster_due,
    keep_roster,
    lists_with,
    members_of,
    roster_of,
    want_roster,
)
from lti_tool.courses.services import ServiceAddresses, newest_services
from lti_tool.courses.turning import begin_anew
from lti_tool.courses.unplaced import find_unplaced, forget_unplaced, keep_unplaced
from lti_tool.courses.window import Edge, Reason, State, Window, window_of

__all__ = [
    "PAUSE_BY_HAND",
    "Copy",
    "DatesRefused",
    "Edge",
    "Enrolment",
    "Link",
    "LinkKey",
    "Member",
    "Offer",
    "Origin",
    "OwnDates",
    "Placement",
    "Reading",
    "Reason",
    "Roster",
    "ServiceAddresses",
    "State",
    "Window",
    "begin_anew",
    "claim_roster",
    "columns_of_others",
    "enrol",
    "enrolment_of",
    "enrolment_with_id",
    "enrolments_of",
    "enrolments_of_person",
    "find_by_assignment",
    "find_enrolment",
    "find_placement",
    "find_unplaced",
    "forget_unplaced",
    "is_aside",
    "is_roster_due",
    "keep_offer",
    "keep_roster",
    "keep_unplaced",
    "key_of",
    "lists_with",
    "local",
    "make_offer",
    "members_of",
    "newest_services",
    "note_copy",
    "offer_if_known",
    "offer_with_id",
    "origin_of",
    "place",
    "place_words",
    "placement_behind",
    "placement_for",
    "placements_with_column",
    "read_dates",
    "roster_of",
    "set_dates",
    "use_column",
    "want_roster",
    "window_of",
    "zones",
]

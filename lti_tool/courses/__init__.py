"""Where a module is taught: courses of a platform, the links in them, and who is enrolled.

An *offer* (a module with its settings) is made by deep linking before any link exists and travels in the link's custom
parameters, so a copied course finds it again; a *placement* is one resource link in one course and is never shared, so
results never cross from one run of a course to the next.
"""

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
    begin_anew,
    find_by_assignment,
    find_placement,
    keep_offer,
    place,
    placement_for,
)
from lti_tool.courses.services import ServiceAddresses, newest_services
from lti_tool.courses.unplaced import find_unplaced, forget_unplaced, keep_unplaced
from lti_tool.courses.window import Edge, Reason, State, Window, window_of

__all__ = [
    "Copy",
    "Edge",
    "Enrolment",
    "Link",
    "Offer",
    "Origin",
    "Placement",
    "Reason",
    "ServiceAddresses",
    "State",
    "Window",
    "begin_anew",
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
    "keep_offer",
    "keep_unplaced",
    "make_offer",
    "newest_services",
    "offer_if_known",
    "offer_with_id",
    "origin_of",
    "place",
    "placement_for",
    "window_of",
]

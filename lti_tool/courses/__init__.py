"""Where a module is taught: courses of a platform, the links in them, and who is enrolled.

An *offer* (a module with its settings) is made by deep linking before any link exists and travels in the link's custom
parameters, so a copied course finds it again; a *placement* is one resource link in one course and is never shared, so
results never cross from one run of a course to the next.
"""

from lti_tool.courses.enrolments import Enrolment, enrol, enrolments_of, find_enrolment
from lti_tool.courses.offers import Offer, find_offer, make_offer
from lti_tool.courses.placements import Link, Placement, find_placement, place
from lti_tool.courses.services import ServiceAddresses, newest_services

__all__ = [
    "Enrolment",
    "Link",
    "Offer",
    "Placement",
    "ServiceAddresses",
    "enrol",
    "enrolments_of",
    "find_enrolment",
    "find_offer",
    "find_placement",
    "make_offer",
    "newest_services",
    "place",
]

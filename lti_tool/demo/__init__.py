"""A small LMS of the Moodle 4.5 kind that really speaks LTI 1.3 Advantage, for `lti-tool demo` and for the tests.

It knows one course, its people, its gradebook and the tool next door; it knows nothing of the tool's insides and
imports no other room. It promises the wire shapes and the quirks that were captured from a running Moodle, and to be
reachable from this computer only.
"""

from lti_tool.demo.config import CLIENT_ID, DEPLOYMENT_ID, LmsConfig, NotLoopback, registration, sample_modules
from lti_tool.demo.faults import ClockFault, Faults, Services
from lti_tool.demo.people import PEOPLE, Person, Role
from lti_tool.demo.server import Running, create_lms, serve
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms

__all__ = [
    "CLIENT_ID",
    "DEPLOYMENT_ID",
    "PEOPLE",
    "ClockFault",
    "Faults",
    "Link",
    "Lms",
    "LmsConfig",
    "NotLoopback",
    "Person",
    "Role",
    "Running",
    "Services",
    "create_lms",
    "registration",
    "sample_modules",
    "serve",
]

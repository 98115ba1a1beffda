"""A small LMS of the Moodle 4.5 or the Canvas kind that really speaks LTI 1.3, for `lti-tool demo` and the tests.

It knows one course, its people, its gradebook and the tool next door; it knows nothing of the tool's insides and
imports no other room. It promises the wire shapes and the quirks that were captured from a running Moodle, or that are
known of Canvas, and to be reachable from this computer only.
"""

from lti_tool.demo.canvas.people import CanvasPerson
from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.config import CLIENT_ID, DEPLOYMENT_ID, Flavour, LmsConfig, NotLoopback, sample_modules
from lti_tool.demo.faults import ClockFault, Faults, Services, Throttle
from lti_tool.demo.flavours import make_lms, registration, registrations
from lti_tool.demo.people import PEOPLE, Person, Role
from lti_tool.demo.server import Running, create_lms, serve
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms

__all__ = [
    "CLIENT_ID",
    "DEPLOYMENT_ID",
    "PEOPLE",
    "CanvasLms",
    "CanvasPerson",
    "ClockFault",
    "Faults",
    "Flavour",
    "Link",
    "Lms",
    "LmsConfig",
    "NotLoopback",
    "Person",
    "Role",
    "Running",
    "Services",
    "Throttle",
    "create_lms",
    "make_lms",
    "registration",
    "registrations",
    "sample_modules",
    "serve",
]

"""Whether the LMS tells of copied courses: asked, and put in order where it can be. What is missing costs no grade."""

from collections.abc import Callable, Mapping, Sequence

from lti_tool.core.errors import Upstream
from lti_tool.lti.advantage.bearer import ServiceRefused, is_about_scope
from lti_tool.lti.advantage.services import Services
from lti_tool.lti.advantage.subscriptions import Subscription
from lti_tool.lti.advantage.tokens import TokenRefused
from lti_tool.lti.connection import checks, words
from lti_tool.lti.connection.checks import Finding, Place
from lti_tool.lti.quirks import Product

CHECK = "copied courses"
_ELSEWHERE = "In the LMS, allow this tool the Platform Notification Service (notice handlers)."
# In the words of Canvas's page (2026). No Moodle has the service yet (4.5).
_ALLOW: Mapping[Product, str] = {
    Product.CANVAS: f"{words.CANVAS} → LTI Advantage Services: switch on “Can register event notice handlers using the "
    "Platform Notification Service”, and save.",
    Product.MOODLE: _ELSEWHERE,
    Product.OTHER: _ELSEWHERE,
}
_ADDRESS = (
    "The LMS takes addresses of the tool's own domain alone: in the LMS, the domain of this tool must be that of "
    "%(handler)s. Then run this test again."
)
_WITHOUT = "Copied courses are recognised all the same, when somebody opens an activity in them."


def judge_notices(place: Place, services: Services, known: Sequence[Subscription], handler: str) -> Finding:
    """Has the LMS send its notices here, where it offers any; it is asked for each of the newest installations."""
    if not known:
        if place.product is Product.CANVAS:
            return checks.warn(CHECK, "No launch has named Canvas's notices yet.", words.OPEN)
        return checks.ok(CHECK, f"This LMS offers no notices of them. {_WITHOUT}")
    ask = services.have_notices
    troubles = [trouble for one in known if (trouble := _trouble(place, ask, one, handler)) is not None]
    if troubles:
        return troubles[0]
    heard = max((one.heard_at for one in known if one.heard_at is not None), default=None)
    last = f" The last notice came on {heard.day} {heard:%B %Y, %H:%M} UTC." if heard else " None has come yet."
    return checks.ok(CHECK, f"The LMS tells this tool of them as soon as they are made.{last}")


def _trouble(place: Place, ask: Callable[[int, str, str], bool], known: Subscription, handler: str) -> Finding | None:
    """What keeps an installation's notices away; None where they come."""
    try:
        ask(place.registration.id, known.service_url, handler)
    except TokenRefused as fault:
        if is_about_scope(fault):
            return checks.warn(CHECK, f"This tool may not ask for notices of them. {_WITHOUT}", place.fix(_ALLOW))
        return checks.warn(CHECK, f"Not tried: {fault.text} {_WITHOUT}", words.LATER)
    except ServiceRefused as fault:
        if fault.status in (401, 403) and not fault.again:
            return checks.warn(CHECK, f"{fault.text} {_WITHOUT}", place.fix(_ALLOW))
        if fault.status == 400:
            return checks.fail(CHECK, f"{fault.text} {_WITHOUT}", place.fix(_ADDRESS, handler=handler))
        fix = words.OPEN if fault.status in (404, 410) else words.LATER
        return checks.warn(CHECK, f"{fault.text} {_WITHOUT}", fix)
    except Upstream as fault:
        is_foreign = fault.code in ("lti.foreign_service", "lti.insecure_service")
        found = checks.fail if is_foreign else checks.warn
        return found(CHECK, f"{fault.text} {_WITHOUT}", fault.hint_text or words.LATER)
    return None

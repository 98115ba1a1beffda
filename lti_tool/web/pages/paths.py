"""The addresses of our pages, as text: a house test holds them against the URL map."""

LOGIN = "/lti/login"
LAUNCH_PROOF = "/lti/launch/proof"
BROWSER_TEST = "/lti/browser"
TAB = "/lti/tab"
REGISTER = "/lti/register"
SIGN_IN = "/admin/sign-in"
ADMIN = "/admin/"
CONNECT = "/admin/connect"
KEYS = "/admin/keys"


def connected(invitation: str) -> str:
    return f"/lti/register/{invitation}"


def connected_state(invitation: str) -> str:
    return f"/lti/register/{invitation}/state"


def connected_test(invitation: str) -> str:
    return f"/lti/register/{invitation}/test"


def setup(token: str) -> str:
    return f"/setup/{token}"


def platform(public_id: str) -> str:
    return f"/admin/platforms/{public_id}"


def platform_test(public_id: str) -> str:
    return f"/admin/platforms/{public_id}/test"


def people_found(query: str) -> str:
    return f"/admin/people?q={query}"


def home(launch: str) -> str:
    return f"/learn/{launch}/"


def reading(launch: str, page_key: str) -> str:
    return f"/learn/{launch}/pages/{page_key}"


def handover(launch: str) -> str:
    return f"/learn/{launch}/tab"


def position(launch: str, page_key: str) -> str:
    return f"/learn/{launch}/pages/{page_key}/position"


def page_done(launch: str, page_key: str) -> str:
    return f"/learn/{launch}/pages/{page_key}/done"


def attempts(launch: str) -> str:
    return f"/learn/{launch}/attempts"


def question(launch: str, attempt: str, number: int) -> str:
    return f"/learn/{launch}/attempts/{attempt}/{number}"


def review(launch: str, attempt: str) -> str:
    return f"/learn/{launch}/attempts/{attempt}/review"


def hand_in(launch: str, attempt: str) -> str:
    return f"/learn/{launch}/attempts/{attempt}/submit"


def sitting(launch: str, attempt: str, number: int) -> str:
    return f"/learn/{launch}/attempts/{attempt}/state?number={number}"


def result(launch: str, attempt: str) -> str:
    return f"/learn/{launch}/attempts/{attempt}/result"


def receipt(launch: str) -> str:
    return f"/learn/{launch}/receipt"


def newest(launch: str) -> str:
    return f"/learn/{launch}/newest"


def privacy(launch: str) -> str:
    return f"/learn/{launch}/privacy"


def conducted(launch: str) -> str:
    return f"/teach/{launch}/attempts"


def inspected(launch: str, attempt: str) -> str:
    return f"/teach/{launch}/attempts/{attempt}"


def decided(launch: str, attempt: str, act: str) -> str:
    return f"/teach/{launch}/attempts/{attempt}/{act}"


def granted(launch: str, enrolment: str) -> str:
    return f"/teach/{launch}/granted/{enrolment}"


def brought(launch: str) -> str:
    return f"/teach/{launch}/brought"


def submission(launch: str, enrolment: str) -> str:
    return f"/teach/{launch}/submissions/{enrolment}"


def settle(launch: str) -> str:
    return f"/teach/{launch}/settle"


def cancel(launch: str) -> str:
    return f"/teach/{launch}/cancel"


def certificate(launch: str) -> str:
    return f"/learn/{launch}/certificate"


def certificate_state(launch: str) -> str:
    return f"/learn/{launch}/certificate/state"


def certificate_file(launch: str, kind: str) -> str:
    return f"/learn/{launch}/certificate.{kind}"


def dashboard(launch: str) -> str:
    return f"/teach/{launch}/"


def refresh_roster(launch: str) -> str:
    return f"/teach/{launch}/people/refresh"


def resend(launch: str) -> str:
    return f"/teach/{launch}/resend"


def preview(launch: str, number: int) -> str:
    return f"/teach/{launch}/preview/{number}"


def pick(launch: str) -> str:
    return f"/teach/{launch}/pick"


def pick_preview(launch: str, module: str, number: int) -> str:
    return f"/teach/{launch}/pick/{module}/{number}"


def credential(public_url: str, public_id: str) -> str:
    """The verification address, as the QR code has it."""
    return f"{public_url}/c/{public_id}"


def dates(launch: str) -> str:
    return f"/teach/{launch}/dates"

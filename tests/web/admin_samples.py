"""The pages of administrators in every state, for `samples`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lti_tool import lti, people, workflows
from lti_tool.core.errors import Side
from lti_tool.credentials import qr_svg
from lti_tool.web.pages import admin as pages
from lti_tool.web.pages import platform
from lti_tool.web.pages.assessment import FieldError
from lti_tool.web.templating import Shell

NOW = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
LONG = "Learning Platform of the Faculty of Law, Economics and Wirtschaftsinformatikgrundlagenforschung"
HERE = "/admin/platforms/k7q4m2kxp9tbd3hw5rz8cfv6na"
OUTSIDE = Shell("en", "ltr", "Aldermoor University", "", False, None, "", None, "public")
INSIDE = replace(OUTSIDE, module_title="platforms", platform_name="amara@x.example", home_url="/admin/", role="admin")
URI = "otpauth://totp/Aldermoor%20University:amara?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Aldermoor"
WRONG = (FieldError("name", "The name, the password or the code is not right."),)

CARD = pages.PlatformCard("Moodle", "https://moodle.aldermoor.example", HERE, "open", 0, 0, NOW, "cookie (12)")
CARDS = (
    replace(CARD, state="waiting", waiting=2, refused=20, layers="cookie (40), our own storage in the frame (3)"),
    CARD,
    replace(CARD, name=LONG, state="quiet", last_launch_at=None, layers="", refused=1),
    replace(CARD, state="closed"),
)
KNOWN = lti.Registration(
    1,
    "k7q4m2kxp9tbd3hw5rz8cfv6na",
    1,
    "https://moodle.aldermoor.example",
    "oEDQgSmjL3mo4BF",
    "Moodle",
    "https://moodle.aldermoor.example/mod/lti/auth.php",
    "https://moodle.aldermoor.example/mod/lti/token.php",
    "https://moodle.aldermoor.example/mod/lti/certs.php",
    None,
    lti.DeploymentPolicy.ASK,
    ("https://pages.aldermoor.example",),
)
CLOCK = {"says": "The LMS’s clock and ours differ by 438 seconds.", "seconds": "438"}
REFUSED = lti.Refusal("7Q4M-2KXP", NOW, 1, "lti.clock", Side.LMS, 400, CLOCK)
STATE = workflows.PlatformState(
    KNOWN,
    deployments=(lti.Deployment(1, 1, "1", True), lti.Deployment(2, 1, "a-very-long-deployment-id" * 4, False)),
    traffic=lti.Traffic(NOW, {lti.Layer.COOKIE: 40, lti.Layer.SESSION: 3}),
    refusals=(REFUSED, replace(REFUSED, code="people.blocked")),
    tested=None,
)
PLATFORM = platform.platform_page(STATE, usual_leeway=60)
FIELDS = ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url", "audience", "deployment")
CONNECT = pages.connect_page("Aldermoor", "https://learn.example", {**dict.fromkeys(FIELDS, ""), "policy": "auto"})
FINDINGS = (
    lti.Finding("keys of the LMS", lti.Verdict.OK, "Two keys, both fit."),
    lti.Finding("roster", lti.Verdict.WARN, "The list of people was not allowed.", "Tick “Names and Roles”."),
    lti.Finding("clock", lti.Verdict.FAIL, "438 seconds apart.", "timedatectl set-ntp true"),
)
DONE = lti.Examination(NOW, False, NOW, lti.ConnectionReport(FINDINGS))
WELL = replace(DONE, report=lti.ConnectionReport(FINDINGS[:1]))
TEST = platform.examination_page(KNOWN, DONE, now=NOW)
RUNNING = replace(DONE, is_running=True, report=None)
KEY = pages.KeyRow("0123456789abcdefghjkmnpqrs", False, "signs", NOW, None)
KEYS = pages.KeysPage(
    "Aldermoor University",
    (
        KEY,
        replace(KEY, kid="1" * 26, stage="retiring", until=NOW + timedelta(days=14)),
        replace(KEY, kid="2" * 26, stage="retired", until=NOW, shared=True),
    ),
    14,
    "https://learn.example/lti/jwks.json",
)
FOUND = people.Found("k7q4m2kxp9tbd3hw5rz8cfv6na", "Nguyễn Thị Ánh Tuyết", "tuyet@example.edu", "Moodle", NOW, None)
OUT = replace(FOUND, name="", email="", blocked_at=NOW)
PEOPLE = pages.PeoplePage("tuyet", (FOUND, OUT, replace(FOUND, name=LONG)))


def admin_pages() -> Iterator[tuple[str, str, object, Shell]]:
    """Template, state, page and shell."""
    yield "admin/sign_in.html", "first", pages.SignInPage("", "/admin/", ()), OUTSIDE
    yield "admin/sign_in.html", "wrong", pages.SignInPage("amara", "/admin/keys", WRONG), OUTSIDE
    link = "/setup/" + "t" * 43
    setup = pages.SetupPage("amara", "Aldermoor", qr_svg(URI), URI, "JBSW Y3DP EHPK 3PXP", link, ())
    yield "admin/setup.html", "first", setup, OUTSIDE
    common = FieldError("password", "This password is among the first that are tried.")
    yield "admin/setup.html", "common", replace(setup, errors=(common,)), OUTSIDE
    yield "admin/setup.html", "code", replace(setup, errors=(FieldError("code", "Not the code."),)), OUTSIDE
    some = pages.PlatformsPage("Aldermoor University", CARDS, "/admin/connect")
    yield "admin/platforms.html", "some", some, INSIDE
    yield "admin/platforms.html", "calm", replace(some, platforms=(CARD,)), INSIDE
    yield "admin/platforms.html", "none", replace(some, platforms=()), INSIDE
    yield "admin/platform.html", "busy", PLATFORM, INSIDE
    closed = replace(KNOWN, disabled_at=NOW)
    calm = replace(PLATFORM, card=CARDS[3], registration=closed, deployments=(), refused=(), tested=DONE, saved=True)
    yield "admin/platform.html", "closed", calm, INSIDE
    bad = FieldError("origins", "“http://plain.example” cannot be an origin of an LMS.")
    typed = replace(PLATFORM.form, origins="http://plain.example", clock_leeway="301", algorithms=())
    late = FieldError("clock_leeway", "“301” cannot be the number of seconds by which the clocks may differ.")
    none = FieldError("algorithms", "Without an algorithm no launch could be verified.")
    yield "admin/platform.html", "wrong", replace(PLATFORM, form=typed, tested=WELL, errors=(bad, late, none)), INSIDE
    yield "admin/platform.html", "testing", replace(PLATFORM, tested=RUNNING), INSIDE
    yield "admin/platform.html", "broken off", replace(PLATFORM, tested=replace(DONE, report=None)), INSIDE
    yield "admin/connect.html", "first", CONNECT, INSIDE
    faults = (FieldError("issuer", "Enter the platform ID"), FieldError("jwks_url", "That cannot be an address."))
    yield "admin/connect.html", "wrong", replace(CONNECT, errors=faults), INSIDE
    address = "https://learn.example/lti/register?invitation=" + "i" * 43
    yield "admin/invited.html", "named", pages.InvitedPage(address, LONG, NOW), INSIDE
    yield "admin/invited.html", "nameless", pages.InvitedPage(address, "", NOW), INSIDE
    yield "admin/test.html", "ill", TEST, INSIDE
    yield "admin/test.html", "well", replace(TEST, tested=WELL), INSIDE
    yield "admin/test.html", "running", replace(TEST, tested=RUNNING, is_slow=True), INSIDE
    yield "admin/test.html", "broken off", replace(TEST, tested=replace(DONE, report=None)), INSIDE
    yield "admin/test.html", "never", replace(TEST, tested=None), INSIDE
    yield "admin/keys.html", "several", KEYS, INSIDE
    yield "admin/keys.html", "none", replace(KEYS, keys=()), INSIDE
    yield "admin/people.html", "found", PEOPLE, INSIDE
    yield "admin/people.html", "nobody", pages.PeoplePage("x", ()), INSIDE
    yield "admin/people.html", "asked nothing", pages.PeoplePage("", ()), INSIDE

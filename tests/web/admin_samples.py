"""The pages of administrators in every state, for `samples`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lti_tool import lti, people
from lti_tool.credentials import qr_svg
from lti_tool.web.pages import admin as pages
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
REFUSED = pages.RefusedLaunch(
    NOW,
    "7Q4M-2KXP",
    "lti.clock",
    "The message is fresh, by our clock",
    "The LMS’s clock and ours differ by 438 seconds.",
    "the LMS",
    "The clock of the LMS's server is 438 seconds off ours. On the LMS's server run: timedatectl set-ntp true.",
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
PLATFORM = pages.PlatformPage(
    card=CARDS[0],
    registration=KNOWN,
    identity="deployment and user id",
    deployments=(lti.Deployment(1, 1, "1", True), lti.Deployment(2, 1, "a-very-long-deployment-id" * 4, False)),
    refused=(REFUSED, replace(REFUSED, check="", code="people.blocked")),
    policies=pages.policies(),
    name="Moodle",
    origins="https://pages.aldermoor.example",
    policy="ask",
    saved=False,
    errors=(),
)
FIELDS = ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url", "audience", "deployment")
CONNECT = pages.connect_page("Aldermoor", "https://learn.example", {**dict.fromkeys(FIELDS, ""), "policy": "auto"})
FINDINGS = (
    lti.Finding("keys of the LMS", lti.Verdict.OK, "Two keys, both fit."),
    lti.Finding("roster", lti.Verdict.WARN, "The list of people was not allowed.", "Tick “Names and Roles”."),
    lti.Finding("clock", lti.Verdict.FAIL, "438 seconds apart.", "timedatectl set-ntp true"),
)
TEST = pages.TestPage("Moodle", HERE, f"{HERE}/test", False, FINDINGS)
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
    calm = replace(PLATFORM, card=CARDS[3], registration=closed, deployments=(), refused=(), saved=True)
    yield "admin/platform.html", "closed", calm, INSIDE
    bad = FieldError("origins", "“http://plain.example” cannot be an origin of an LMS.")
    yield "admin/platform.html", "wrong", replace(PLATFORM, origins="http://plain.example", errors=(bad,)), INSIDE
    yield "admin/connect.html", "first", CONNECT, INSIDE
    faults = (FieldError("issuer", "Enter the platform ID"), FieldError("jwks_url", "That cannot be an address."))
    yield "admin/connect.html", "wrong", replace(CONNECT, errors=faults), INSIDE
    address = "https://learn.example/lti/register?invitation=" + "i" * 43
    yield "admin/invited.html", "named", pages.InvitedPage(address, LONG, NOW), INSIDE
    yield "admin/invited.html", "nameless", pages.InvitedPage(address, "", NOW), INSIDE
    yield "admin/test.html", "ill", TEST, INSIDE
    yield "admin/test.html", "well", replace(TEST, healthy=True, findings=FINDINGS[:1]), INSIDE
    yield "admin/keys.html", "several", KEYS, INSIDE
    yield "admin/keys.html", "none", replace(KEYS, keys=()), INSIDE
    yield "admin/people.html", "found", PEOPLE, INSIDE
    yield "admin/people.html", "nobody", pages.PeoplePage("x", ()), INSIDE
    yield "admin/people.html", "asked nothing", pages.PeoplePage("", ()), INSIDE

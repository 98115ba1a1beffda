"""What an LMS's administrator reads while connecting it: what is asked, what was granted, and what is left to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from lti_tool import lti
from lti_tool.web.pages.platform import is_slow

_MENUS = {
    "course_navigation": "by people in the course, also from the course's menu (hidden until a teacher turns it on)",
    "assignment_selection": "by teachers, when choosing a tool for an assignment",
    "link_selection": "when adding an item to a module",
    "ContentArea": "by teachers, when adding an activity to a course",
}
_MESSAGES = {
    "LtiResourceLinkRequest": "Open modules",
    "LtiDeepLinkingRequest": "Choose modules",
}
_SERVICES = (
    (("lineitem", "lineitem.readonly"), "Gradebook columns", "to find the column a grade belongs into"),
    (("score",), "Send grades", "so that a result stands in the gradebook at once"),
    (("result.readonly",), "Read grades back", "to see that a grade has arrived"),
    (("contextmembership.readonly",), "People in a course", "to show teachers who has not begun"),
)


_VERDICTS = {
    lti.Verdict.OK: ("ok", "Good"),
    lti.Verdict.WARN: ("warn", "Look at it"),
    lti.Verdict.FAIL: ("bad", "Wrong"),
}


@dataclass(frozen=True)
class Wish:
    """One thing that is asked of the LMS, and why. `offered` is False where the LMS does not have it."""

    what: str
    why: str
    offered: bool = True


@dataclass(frozen=True)
class RegisterPage:
    """Before anything is stored: who asks to be connected with whom, and for what."""

    title: str
    button: str
    platform_name: str
    product: str
    issuer: str
    own_host: str
    organisation: str
    is_update: bool
    lost_at: datetime | None
    wishes: tuple[Wish, ...]
    exact: tuple[str, ...]
    action: str
    sealed: str


@dataclass(frozen=True)
class Step:
    """One thing left to do in the LMS; `where` is the way through its menus."""

    what: str
    where: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class ConnectedPage:
    """After the LMS's answer was stored: what it held back, what is left to do, and whether a launch has come."""

    platform_name: str
    issuer: str
    client_id: str
    is_update: bool
    withheld: tuple[Wish, ...]
    steps: tuple[Step, ...]
    own_url: str
    poll_url: str
    test_url: str
    launched_at: datetime | None


@dataclass(frozen=True)
class CheckLine:
    """One check of the connection: how it came out, in a word and in a sentence, and what to do."""

    state: str
    word: str
    check: str
    says: str
    fix: str


@dataclass(frozen=True)
class ExaminedPage:
    """The connection test: it runs, or this was found, check by check; without a line it broke off."""

    platform_name: str
    healthy: bool
    warned: bool
    lines: tuple[CheckLine, ...]
    test_url: str
    own_url: str
    is_running: bool = False
    is_slow: bool = False


def register_page(
    platform: lti.PlatformConfiguration,
    invitation: lti.Invitation,
    known: lti.Registration | None,
    *,
    organisation: str,
    own_host: str,
    action: str,
    sealed: str,
    now: datetime,
) -> RegisterPage:
    """The page with the one button."""
    name = name_of(platform, invitation, known)
    in_hand = invitation.state is lti.InvitationState.ASKED
    return RegisterPage(
        title=f"Bring this tool up to date in {name}" if known else f"Connect {name} to this tool",
        button=f"Update {name}" if known else f"Connect {name}",
        platform_name=name,
        product=" ".join(word for word in (platform.product_name or platform.product, platform.version) if word),
        issuer=platform.issuer,
        own_host=own_host,
        organisation=organisation,
        is_update=known is not None,
        lost_at=invitation.asked_at if in_hand else None,
        wishes=(*_messages(platform), *_services(platform), *_PEOPLE),
        exact=_exact(platform),
        action=action,
        sealed=sealed,
    )


def name_of(
    platform: lti.PlatformConfiguration, invitation: lti.Invitation, known: lti.Registration | None = None
) -> str:
    """What people call this LMS: as it is known, else as whoever invited it said, else as it calls itself."""
    given = known.name if known else invitation.name
    return given or platform.account or platform.product_name or platform.host


def connected_page(
    registration: lti.Registration,
    invitation: lti.Invitation,
    *,
    is_update: bool,
    own_url: str,
    poll_url: str,
    test_url: str,
    launched_at: datetime | None,
) -> ConnectedPage:
    """The page that waits for the first launch."""
    outcome = invitation.outcome
    product = str(outcome.get("product", ""))
    missing = [str(scope) for scope in outcome.get("missing", ())]
    return ConnectedPage(
        platform_name=registration.name,
        issuer=registration.issuer,
        client_id=registration.client_id,
        is_update=is_update,
        withheld=_withheld(missing),
        steps=_STEPS.get(product, _ANY_STEPS),
        own_url=own_url,
        poll_url=poll_url,
        test_url=test_url,
        launched_at=launched_at,
    )


def examined_page(
    registration: lti.Registration, tested: lti.Examination, *, test_url: str, own_url: str, now: datetime
) -> ExaminedPage:
    """How a connection test stands."""
    report = tested.report
    if report is None:
        slow = is_slow(tested, now=now)
        return ExaminedPage(registration.name, False, False, (), test_url, own_url, tested.is_running, slow)
    lines = tuple(
        CheckLine(*_VERDICTS[one.verdict], f"{one.check[:1].upper()}{one.check[1:]}", one.says, one.fix)
        for one in report.findings
    )
    warned = any(one.verdict is lti.Verdict.WARN for one in report.findings)
    return ExaminedPage(registration.name, report.healthy, warned, lines, test_url, own_url)


def _messages(platform: lti.PlatformConfiguration) -> tuple[Wish, ...]:
    asked = {message.kind: message.placements for message in lti.messages_for(platform)}
    return tuple(Wish(what, _places(asked.get(kind, ())), kind in asked) for kind, what in _MESSAGES.items())


def _places(placements: Iterable[str]) -> str:
    words = [_MENUS.get(place.rpartition("/")[2], place) for place in placements]
    return "; ".join(words) if words else "in a frame of the course page, by those who are in the course"


def _services(platform: lti.PlatformConfiguration) -> tuple[Wish, ...]:
    asked = {_short(scope) for scope in lti.scopes_for(platform)}
    usual = tuple(Wish(what, why, bool(asked & set(words))) for words, what, why in _SERVICES)
    return (*usual, _NOTICES) if "noticehandlers" in asked else usual


# Of few LMSs, and missed by nobody: named where it is asked for.
_NOTICES = Wish("Notices of copied courses", "so that a copied activity shows its module from the start")


_PEOPLE = (
    Wish("Names", "printed on certificates, exactly as your LMS has them"),
    Wish("E-mail addresses", "to tell people of the same name apart; no mail is sent"),
    Wish("Languages", "to speak to people in theirs"),
)


def _withheld(missing: Sequence[str]) -> tuple[Wish, ...]:
    usual = tuple(Wish(what, why, False) for words, what, why in _SERVICES if _is_withheld(words, missing))
    return (*usual, replace(_NOTICES, offered=False)) if _is_withheld(("noticehandlers",), missing) else usual


def _is_withheld(words: Sequence[str], missing: Iterable[str]) -> bool:
    """Whether a service is out of reach: each word of it was held back."""
    held = {_short(scope) for scope in missing}
    return all(word in held for word in words)


def _short(scope: str) -> str:
    return scope.rpartition("/")[2]


def _exact(platform: lti.PlatformConfiguration) -> tuple[str, ...]:
    messages = [" ← ".join((message.kind, *message.placements)) for message in lti.messages_for(platform)]
    return (*messages, *lti.scopes_for(platform))


_MANAGE = ("Site administration", "Plugins", "Activity modules", "External tool", "Manage tools")
_MOODLE_STEPS = (
    Step(
        f"Activate “{lti.TITLE}”.",
        _MANAGE,
        "Press Activate on its card there. Until then Moodle keeps it pending, and nobody can open it.",
    ),
    Step(
        "Let teachers find it.",
        (
            "The cog on its card",
            "Tool configuration usage",
            "Show in activity chooser and as a preconfigured tool",
            "Save changes",
        ),
        "Moodle hides a new tool, and one that was updated, from the activity chooser until this is saved.",
    ),
    Step(
        "Open it once.",
        ("Any course", "Edit mode", "Add an activity or resource", lti.TITLE, "Select content"),
        "The teacher chooses a module there. As soon as it is opened, this page says so.",
    ),
)
_CANVAS_STEPS = (
    Step(
        "Press Close, look through Canvas's summary, and press “Enable & Close”.",
        (),
        "Leave scopes and placements as they are, and privacy at “All user data”: certificates need names.",
    ),
    Step(
        "Open it once.",
        ("A course", "Assignments", "+ Assignment", "Submission Type: External Tool", "Find", lti.TITLE),
        "The teacher chooses a module there. As soon as it is opened, this page says so.",
    ),
)
_BRIGHTSPACE_STEPS = (
    Step(
        "Enable the registration.",
        ("Admin Tools", "Manage Extensibility", "LTI Advantage", lti.TITLE, "Enabled"),
        "Brightspace leaves a new registration off.",
    ),
    Step(
        "Deploy it to the courses that may use it.",
        ("View Deployments", "New Deployment", "Add Org Units"),
        "Tick Assignment and Grade Services, Deep Linking and Names and Roles; share first and last name.",
    ),
    Step("Open it once in a course.", ("Content", "Existing Activities", "External Learning Tools", lti.TITLE)),
)
_ANY_STEPS = (
    Step("Press Close.", (), "Your LMS shows its own list of tools again."),
    Step(f"Switch “{lti.TITLE}” on there.", (), "Most LMSs keep a new tool off until then."),
    Step("Add it to a course and open it once.", (), "As soon as it is opened, this page says so."),
)
_STEPS = {"Moodle": _MOODLE_STEPS, "Canvas": _CANVAS_STEPS, "Brightspace": _BRIGHTSPACE_STEPS}

"""Every page in every state, with hard data: long names, many scripts, right to left, nothing there, everything wrong.

The tests of the templates render them all; a script may write them into files, for people to look at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from flask import Flask

from lti_tool import assessments, lti, modules
from lti_tool.assessments import Asked, Control
from lti_tool.assessments.interactions.kind import Field, Layout, Option, Widget
from lti_tool.core.paths import templates_dir
from lti_tool.credentials import qr_svg
from lti_tool.web import templating
from lti_tool.web.errors import ErrorPage
from lti_tool.web.pages.assessment import (
    FieldError,
    ItemView,
    MapEntry,
    QuestionPage,
    ReviewEntry,
    ReviewPage,
    view_of,
)
from lti_tool.web.pages.certificate import CertificatePage, NamePage
from lti_tool.web.pages.class_list import Choice, ClassList, Counts, GradeCounts, LearnerRow, RosterNote
from lti_tool.web.pages.dates import DatesForm
from lti_tool.web.pages.instructor import (
    DashboardPage,
    ModuleChoice,
    PickerPage,
    PlacementNotes,
    PreviewPage,
    PreviewQuestion,
    ReturnPage,
)
from lti_tool.web.pages.launch import BrowserPage, LaunchCheckPage, NewTabPage, ProofPage, ResumePage
from lti_tool.web.pages.learner import AssessmentCard, Facts, GradeReceipt, HomePage, ReadingPage, Step
from lti_tool.web.pages.privacy import PrivacyPage
from lti_tool.web.pages.register import CheckLine, ConnectedPage, ExaminedPage, RegisterPage, Wish
from lti_tool.web.pages.register import Step as Left
from lti_tool.web.pages.result import (
    CertificateTeaser,
    ChoiceResult,
    HandInReceipt,
    ItemResult,
    LateAnswer,
    ResultPage,
)
from lti_tool.web.pages.submission import SubmissionPage
from lti_tool.web.pages.timing import Until
from lti_tool.web.pages.verification import Answer, CheckPage, Fact, VerificationPage
from lti_tool.web.public import ModulePage
from lti_tool.web.templating import Shell
from tests.web.admin_samples import admin_pages
from tests.web.attempt_samples import attempt_pages
from tests.web.dates_sample import DATES

NOW = datetime(2026, 11, 24, 10, 42, tzinfo=UTC)
TITLE = "Data protection essentials"
TUYET, LAYLA = "Nguyễn Thị Ánh Tuyết", "ليلى عبد الرحمن الحسيني"
LONG = "Hubert Blaine Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft Sr."
HOST = "credentials.aldermoor.example"
ADDRESS = f"https://{HOST}/c/k7q4m2kxp9tbd3hw5rz8cfv6na"
LAUNCH = "/learn/k7q4m2kxp9tbd3hw5rz8cfv6na"
ATTEMPT = f"{LAUNCH}/attempts/0123456789abcdefghjkmnpqrs"

KEEPING = lti.Keeping("lti_tool_0123456789abcdef", lti.Layer.SESSION, "post_message_forwarding", "https://sso.example")
LEARNING = Shell("en", "ltr", "", TITLE, True, "https://lms.example/back", "Moodle", f"{LAUNCH}/", "learner")
TEACHING = replace(LEARNING, home_url="/teach/k7q4m2kxp9tbd3hw5rz8cfv6na/", role="teacher")
OUTSIDE = Shell("en", "ltr", "Aldermoor University", "", False, None, "", None, "public")
NOBODY = Shell("en", "ltr", "", "", True, None, "", None, "public")
ARABIC = replace(LEARNING, lang="ar", dir="rtl", module_title="أساسيات حماية البيانات")

PROSE = f"""<p id="b-1" data-b="1">A breach is any moment in which personal data is lost, changed or seen by
someone who should not see it. Read <a href="https://example.org" rel="noopener noreferrer" target="_blank">the
guideline<span class="vh"> (opens in a new tab)</span></a>, or a word as long as
{"Datenschutzgrundverordnungsfolgenabschätzung" * 2}.</p>
<h2 id="b-2" data-b="2">Who must be told</h2>
<figure id="b-3" data-b="3"><img src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='640'
height='160'%3E%3Cpath stroke='%23333' stroke-width='8' d='M40 80h560'/%3E%3C/svg%3E" alt="A line from 0 to 72 hours"
width="640" height="160" loading="lazy"><figcaption>From the moment anyone notices, 72 hours run.</figcaption></figure>
<aside role="note" class="note callout remember" id="b-4" data-b="4"><p class="callout-head"><strong>Remember:</strong>
Say it early</p><p>You are not asked to judge how bad it is.</p></aside>
<aside role="note" class="note callout warning" id="b-5" data-b="5">
<p><strong>Warning</strong></p><p>Do not wait.</p></aside>
<div class="scroll" tabindex="0" role="region" aria-label="Table" id="b-6" data-b="6"><table>
<thead><tr><th scope="col">When</th><th scope="col" class="end">Hours</th></tr></thead>
<tbody><tr><td>Tell the officer</td><td class="end">24</td></tr></tbody></table></div>
<pre class="code" tabindex="0" dir="ltr" id="b-7" data-b="7"><code><span class="k">def</span> <span
class="nf">risk</span><span class="p">(</span><span class="n">likelihood</span><span class="p">):</span>  <span
class="c1"># the product of both</span>
    <span class="k">return</span> <span class="n">likelihood</span> <span class="o">*</span> <span class="mi">200</span>
</code></pre>
<div class="math scroll" tabindex="0" id="b-8" data-b="8"><math display="block">
<mrow><mi>R</mi><mo>=</mo><msub><mi>p</mi>
<mi>i</mi></msub></mrow></math></div>
<details class="callout details" id="b-9" data-b="9"><summary>A worked example</summary><p>200 addresses.</p></details>
<blockquote id="b-10" data-b="10"><p>As early as possible.</p></blockquote>
<ul id="b-11" data-b="11"><li>One</li></ul>"""

STEPS = (
    Step("What counts as personal data", f"{LAUNCH}/pages/what", 4, "done"),
    Step("Reporting a breach", f"{LAUNCH}/pages/breach", 4, "now"),
    Step("Rights of the person, and what each of them asks of you at work", f"{LAUNCH}/pages/rights", 3, "todo"),
)
NONE_SENT = GradeReceipt("none", None, "Moodle", None, None, "")
WAITING = GradeReceipt("waiting", Fraction(6, 7) * 100, "Moodle", None, None, "")
RETRYING = replace(WAITING, next_try_at=NOW, problem="Moodle has not answered.")
DELIVERED = replace(WAITING, state="delivered", delivered_at=NOW)
CHANGED = replace(DELIVERED, is_confirmed=True, differs=True, shown_percent=Fraction(90))
OVERRULED = replace(WAITING, state="overruled", differs=True, shown_percent=Fraction(90))
EMPTIED = replace(CHANGED, shown_percent=None)
PARKED = replace(WAITING, state="parked", problem="Moodle says that this person is not in the course any more.")

FACTS = Facts(
    "25",
    "EQF 5",
    "1 ECTS credit",
    9,
    "2, the best one counts",
    "20 minutes from when you begin",
    Fraction(70),
    "Answers and explanations.",
)
READY = AssessmentCard("ready", None, f"{LAUNCH}/attempts", 0, 2, None, "Begin the assessment")
HOME = HomePage(
    TITLE,
    TUYET,
    "<p>What everybody must know.</p>",
    ("Recognise personal data in everyday work", "Report a breach"),
    FACTS,
    STEPS,
    f"{LAUNCH}/pages/breach",
    "Continue reading",
    "Reporting a breach",
    1,
    3,
    READY,
    None,
    None,
    f"{LAUNCH}/receipt",
    "",
)
READING = ReadingPage(
    "Reporting a breach",
    2,
    3,
    PROSE,
    4,
    3,
    f"{LAUNCH}/pages/breach/position",
    f"{LAUNCH}/pages/breach/done",
    f"{LAUNCH}/pages/what",
    "Next: Rights of the person",
    STEPS,
    f"{LAUNCH}/",
)

EVERY_KIND = Path(__file__).resolve().parents[1] / "rooms" / "assessments" / "every-kind"
OPTIONS = (
    Option("a", "Ask the supplier to delete the file, and keep working", "Ask the supplier", False),
    Option("b", "Tell the data protection officer <b>now</b>", "Tell the officer", True),
    Option("c", "<p>Wait until Monday.</p><p>The officer is back then.</p>", "Wait", False),
)
STEM = "<p>Mira sends a list of 214 customers to the wrong address. What should she do first?</p>"
ONE = Widget(Layout.STACK, "Choose one.", (Control("", Field.RADIOS, options=OPTIONS),))
SINGLE = ItemView("q-mira", "A list to the wrong address", STEM, (Asked("a-q-mira", "", ONE),))
TYPED = Control("", Field.LINE, value="three days", longest=60, numeric=True, unit="hours")
DIGITS = Widget(Layout.STACK, "A number, for example 12 or 1.5.", (TYPED,))
TICKS = Widget(Layout.STACK, "Choose all that apply.", (Control("", Field.CHECKS, options=OPTIONS),))
MANY = replace(SINGLE, asked=(Asked("a-q-mira", "", TICKS),))
LINE = Control("", Field.LINE, value=LONG, longest=2000)
NUMBER = ItemView("q-hours", "", STEM, (Asked("a-q-hours", "", DIGITS),))
MAP = tuple(MapEntry(n, f"{ATTEMPT}/{n}", n < 4, n == 4) for n in range(1, 13))
UNTIL = Until(NOW + timedelta(minutes=18), "the time limit of 20 minutes", NOW, 18, ())
QUESTION = QuestionPage(
    4,
    12,
    SINGLE,
    f"{ATTEMPT}/4",
    NOW,
    "0123456789abcdef",
    1,
    (),
    f"{ATTEMPT}/3",
    5,
    f"{ATTEMPT}/review",
    MAP,
    1,
    2,
    3,
    None,
    UNTIL.now_stamp,
    f"{ATTEMPT}/state?number=4",
    f"{ATTEMPT}/submit",
    "0" * 26,
    "secret",
)
WRONG = (FieldError("a-q-hours", "Enter the hours as a number, for example 48"),)
REVIEW = ReviewPage(
    tuple(ReviewEntry(e.number, e.url, e.answered, "" if e.number % 2 else LONG, LONG * 2) for e in MAP),
    9,
    f"{ATTEMPT}/submit",
    f"{ATTEMPT}/12",
    1,
    NOW,
    None,
    False,
)
LOOKED = (
    ChoiceResult("Tell the officer", False, True, "Right away."),
    ChoiceResult("Wait", True, False, "<p>Who would know?</p>"),
    ChoiceResult("Ask", False, False, ""),
)
ITEMS = (
    ItemResult(
        1, "A list", STEM, False, "0 of 1", "Wait", "Wait", LOOKED, "", "<p>Notes come before letters.</p>", "Tell"
    ),
    ItemResult(2, "", STEM, False, "0.5 of 1", "72 h", "72 hours", (), "<p>Nearly.</p>", "", "48"),
    ItemResult(3, "Third", STEM, True, "1 of 1", LONG, LONG, (), "", "", "48"),
    ItemResult(4, "Fourth", STEM, False, "0 of 1", "", "", LOOKED[:1], "", "", "48"),
)
RESULT = ResultPage(
    Fraction(6, 7) * 100,
    True,
    Fraction(70),
    1,
    2,
    1,
    Fraction(6, 7) * 100,
    NOW,
    DELIVERED,
    CertificateTeaser(f"{LAUNCH}/certificate", "Get your certificate"),
    ITEMS,
    f"{LAUNCH}/attempts",
    f"{LAUNCH}/",
    f"{LAUNCH}/receipt",
    "",
    "",
    HandInReceipt(NOW, 4, "0123 4567 89AB CDEF"),
    (),
)
FAILED = replace(RESULT, percent=Fraction(0), passed=False, certificate=None, grade=WAITING, best_percent=Fraction(50))

NAME = NamePage(TUYET, False, False, (), f"{LAUNCH}/certificate", TITLE, "")
CERTIFICATE = CertificatePage(
    "ready",
    "7Q4M-2KXP-9TBD",
    TUYET,
    TITLE,
    "Aldermoor University",
    date(2026, 11, 24),
    ADDRESS,
    qr_svg(ADDRESS),
    f"{LAUNCH}/certificate.pdf",
    f"{LAUNCH}/certificate.json",
    "",
    f"{LAUNCH}/certificate/state",
    Fraction(86),
)
PREPARING = replace(CERTIFICATE, state="preparing", pdf_url=None, json_url=None, percent=None)

MODULE = ModuleChoice(
    "m1", TITLE, "What everybody must know.", "en", 20, "0.5", 8, ("Report a breach",), 3, "/teach/l/pick/m1/1"
)
PICKER = PickerPage(
    (MODULE, replace(MODULE, public_id="m2", title=LONG, language="de")), "", "/teach/l/pick", False, ()
)
ROW = LearnerRow(TUYET, "Passed", 3, 3, 1, Fraction(86), DELIVERED, 1, True, "7Q4M-2KXP-9TBD")
ROWS = (
    ROW,
    replace(ROW, name=LAYLA, grade=RETRYING, certificate_number=""),
    replace(ROW, name=LONG, grade=PARKED, attempts=2),
    replace(ROW, grade=CHANGED),
    replace(ROW, grade=EMPTIED),
    replace(ROW, name=LAYLA, grade=OVERRULED),
    replace(
        ROW,
        name="",
        state_word="Opened",
        best_percent=None,
        grade=None,
        delivery_id=None,
        passed=False,
        certificate_number="",
    ),
)
ABSENT = replace(ROWS[-1], name=LAYLA, state_word="Not begun", has_come=False)
GONE = replace(ROW, name=LONG, left_at=NOW)
KINDS = (Choice("", "Everybody", 9, True), Choice("absent", "Not begun", 1, False))
NOTE = RosterNote(NOW, False, "", None, "/teach/l/people/refresh")
PEOPLE = ClassList((*ROWS, ABSENT, GONE), KINDS, "", 9, 9, 1, 9, "/teach/l/", roster=NOTE)
DASHBOARD = DashboardPage(
    TITLE, "/teach/l/preview/1", Counts(8, 1, 3, 3, 1), GradeCounts(6, 1, 1, 1, 3), PEOPLE, "/teach/l/resend"
)
PREVIEW = PreviewPage(
    TITLE, "Reporting a breach", PROSE, 2, 4, "/teach/l/preview/1", "/teach/l/preview/3", "/teach/l/", ()
)
KEYS = (
    PreviewQuestion("A list", STEM, (("Tell the officer", True), ("Wait", False)), "Tell the officer", "<p>Why.</p>"),
    PreviewQuestion("", STEM, (), "72 ± 0 hours", ""),
)

ANSWERS = (
    Answer("Is it genuine?", "Yes", "ok", "Nothing has changed since Aldermoor University signed it."),
    Answer("Is it still valid?", "Could not check", "slate", "We could not tell just now."),
    Answer("Who issued it, and who says so?", "Aldermoor University", "ok", f"It issues its certificates at {HOST}."),
    Answer("Is it this person’s?", "You decide", "you", f"It names {LONG}. Compare it with an identity document."),
)
CHECKED = VerificationPage(
    "valid",
    "This certificate is genuine",
    "It is valid today. Checked 24 November 2026, 10:42 UTC.",
    ANSWERS,
    NOW,
    HOST,
    ADDRESS,
    (Fact("Awarded to", TUYET), Fact("Micro-credential", TITLE), Fact("Certificate number", "7Q4M-2KXP-9TBD")),
    ("Recognise personal data", "Report a breach"),
    TUYET,
    "en",
    TITLE,
    "Aldermoor University",
    "7Q4M-2KXP-9TBD",
    date(2028, 11, 23),
    None,
    "",
    (Fact("Pass mark", "70 %"),),
)
UNKNOWN = replace(
    CHECKED,
    verdict="not_found",
    headline="We know no such certificate",
    lede="There is no certificate at this address.",
    answers=(),
    address="",
    facts=(),
    outcomes=(),
    holder_name="",
    language="",
    title="",
    issuer_name="",
    number="",
    valid_until=None,
    assessment_facts=(),
)
VERDICTS = (
    "not_yet_valid",
    "expired",
    "revoked",
    "replaced",
    "withdrawn_by_holder",
    "altered",
    "unknown_issuer",
    "could_not_check",
)
ERROR = ErrorPage(
    403,
    "This door is closed",
    "This launch was used before.",
    "Open the activity again from your course.",
    "lms",
    "The fault is on the side of Moodle; this tool cannot mend it.",
    "lti.login_used",
    "AB12-CD34",
    "AB12-CD34",
    "https://lms.example",
)


INSTALLING = replace(NOBODY, issuer_name="Aldermoor University")
WISH = Wish("Send grades", "so that a result stands in the gradebook at once")
OFFER = RegisterPage(
    "Connect Moodle to this tool",
    "Connect Moodle",
    "Moodle",
    "Moodle 4.5.5+ (Build: 20250613)",
    "https://moodle.aldermoor.example",
    HOST,
    "Aldermoor University",
    False,
    None,
    (WISH, Wish("Names", "printed on certificates")),
    ("LtiDeepLinkingRequest ← ContentArea", "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"),
    "/lti/register",
    "c2VhbGVk",
)
CONNECTED = ConnectedPage(
    "Moodle",
    "https://moodle.aldermoor.example",
    "oEDQgSmjL3mo4BF",
    False,
    (),
    (
        Left("Activate it.", ("Site administration", "Plugins", "Manage tools"), "It is pending."),
        Left("Open it once."),
    ),
    "/lti/register/k7q4m2kxp9tbd3hw5rz8cfv6na",
    "/lti/register/k7q4m2kxp9tbd3hw5rz8cfv6na/state",
    "/lti/register/k7q4m2kxp9tbd3hw5rz8cfv6na/test",
    None,
)


TESTED = ExaminedPage(
    "Moodle",
    True,
    False,
    (CheckLine("ok", "Good", "Keys of the LMS", "It publishes 1 key, and it is fit.", ""),),
    "/lti/register/k7q4m2kxp9tbd3hw5rz8cfv6na/test",
    "/lti/register/k7q4m2kxp9tbd3hw5rz8cfv6na",
)
BAD_LINES = (
    CheckLine("warn", "Look at it", "Grade column", "No activity with a grade has been opened yet.", "Open one."),
    CheckLine(
        "bad", "Wrong", "Token", f"The LMS answered 400 to https://lms.example/{'x' * 80}.", "Compare the client ID."
    ),
)


@dataclass(frozen=True)
class Sample:
    """One page as one person meets it."""

    template: str
    state: str
    page: object
    shell: Shell = LEARNING

    def __str__(self) -> str:
        return f"{self.template.removesuffix('.html').replace('/', '-')}-{self.state}"


def samples() -> Iterator[Sample]:
    """Every template in every state that looks different."""
    for state, page in _homes():
        yield Sample("learner/home.html", state, page)
    yield Sample("learner/home.html", "arabic", replace(HOME, learner_name=LAYLA), ARABIC)
    yield Sample("learner/page.html", "middle", READING)
    yield Sample("learner/page.html", "arabic", READING, ARABIC)
    yield Sample("learner/page.html", "first", replace(READING, number=1, block=0, previous_url=None))
    for state, page in _questions():
        yield Sample("learner/question.html", state, page)
    yield Sample("learner/question.html", "arabic", QUESTION, ARABIC)
    yield Sample("learner/review.html", "gaps", REVIEW)
    yield Sample("learner/review.html", "timed", replace(REVIEW, until=UNTIL))
    over = Until(NOW, "the end of the activity, set in the LMS", NOW, 0, ())
    yield Sample("learner/review.html", "over", replace(REVIEW, until=over, is_over=True, attempts_left_after=None))
    late = (LateAnswer("Reporting a breach", "48 hours", NOW), LateAnswer("", LONG, NOW))
    yield Sample("learner/review.html", "whole", replace(REVIEW, unanswered=0, attempts_left_after=None, saved_at=None))
    expired = replace(RESULT, ended_because="the time limit of 20 minutes", late=late)
    yield Sample("learner/result.html", "expired", expired)
    for state, page in _results():
        yield Sample("learner/result.html", state, page)
    yield Sample("learner/result.html", "arabic", RESULT, ARABIC)
    yield from _certificates()
    yield from _teaching()
    yield from (Sample(template, state, page, TEACHING) for template, state, page in attempt_pages())
    yield from _public()
    yield from _about_links()
    yield from _registering()
    yield from (Sample(*known) for known in admin_pages())
    yield Sample("errors/error.html", "lms", ERROR)
    bare = replace(ERROR, side="tool", side_text="The fault is with this tool.", hint="", return_url=None)
    yield Sample("errors/error.html", "tool", bare, NOBODY)
    fields = {"iss": "https://lms.example", "login_hint": "6"}
    yield Sample("launch/check.html", "kept", LaunchCheckPage("/lti/login", fields, "s" * 43, KEEPING), NOBODY)
    yield Sample(
        "launch/new_tab.html", "moodle", NewTabPage("/lti/login", fields, "Moodle", "/lti/browser?iss=a"), NOBODY
    )
    proof = ProofPage("/lti/launch/proof", {"state": "x", "id_token": "y"}, KEEPING, "Canvas", "https://lms.example")
    yield Sample("launch/proof.html", "post", proof, NOBODY)
    yield Sample("launch/proof.html", "after reload", replace(proof, action=f"{LAUNCH}/", fields={}), NOBODY)
    yield Sample("launch/resume.html", "", ResumePage(f"{LAUNCH}/"), NOBODY)
    yield Sample("launch/browser.html", "known", BrowserPage("s" * 43, KEEPING, "Canvas", None), NOBODY)
    nowhere = lti.Keeping("lti_tool_test", lti.Layer.COOKIE, None, "")
    yield Sample("launch/browser.html", "unknown", BrowserPage("s" * 43, nowhere, "", None), NOBODY)


def _about_links() -> Iterator[Sample]:
    """A link that was copied, edited, dated; a submission that is looked at; what is stored about a person."""
    notes = PlacementNotes(
        copied_from=f"copied from “{LONG}” in the course “Privacy at work”",
        dates=("The end of the activity: 24 November 2026, 10:42 UTC, set in Moodle",),
        conflicts=("The end (1 March 2026, 08:00 UTC) comes before the beginning (2 March 2026, 08:00 UTC).",),
        shown=TITLE,
        wanted=LONG,
        begun=3,
        sitting=1,
        settle_url="/teach/l/settle",
        may_settle=True,
        completion="70",
    )
    yield Sample("instructor/dashboard.html", "edited link", replace(DASHBOARD, notes=notes), TEACHING)
    assistant = replace(notes, begun=1, sitting=0, may_settle=False, conflicts=(), dates=())
    yield Sample("instructor/dashboard.html", "edited link, assistant", replace(DASHBOARD, notes=assistant), TEACHING)
    edited = replace(
        PICKER, modules=(replace(MODULE, shown_now=True),), current=TITLE, cancel_url="/teach/l/cancel", completion=True
    )
    yield Sample("instructor/picker.html", "edited", edited, TEACHING)
    yield Sample("instructor/picker.html", "connects", replace(PICKER, connects=True), TEACHING)
    yield Sample("instructor/picker.html", "plain", replace(PICKER, plain_links=True, cancel_url="/x"), TEACHING)
    looked = SubmissionPage(TUYET, 2, Fraction(40), False, Fraction(70), NOW, ITEMS, "/teach/l/")
    yield Sample("instructor/submission.html", "handed in", looked, TEACHING)
    yield Sample("instructor/submission.html", "nothing", replace(looked, name="", number=0, items=()), TEACHING)
    closed = replace(HOME, window=("Closed since 24 November 2026, 10:42 UTC, set in Moodle.",), may_begin=False)
    yield Sample("learner/home.html", "closed, held", replace(closed, held_note="You hold a certificate already."))
    facts = (("Name", LAYLA), ("E-mail address", ""))
    kept = PrivacyPage("Moodle", facts, (("Attempts", 2),), "Aldermoor University", "https://a.example", f"{LAUNCH}/")
    yield Sample("learner/privacy.html", "shared", kept)
    yield Sample("learner/privacy.html", "bare", replace(kept, website="", home_url=None))
    yield Sample("public/module.html", "", ModulePage(TITLE, "In short.", "en", "25", ("Report a breach",)), OUTSIDE)


def _registering() -> Iterator[Sample]:
    yield Sample("register/offer.html", "moodle", OFFER, INSTALLING)
    short = replace(WISH, offered=False)
    lost = replace(OFFER, lost_at=NOW, wishes=(WISH, short), product="", platform_name=LONG, organisation=LAYLA)
    yield Sample("register/offer.html", "lost", lost, INSTALLING)
    yield Sample("register/offer.html", "update", replace(OFFER, is_update=True), INSTALLING)
    yield Sample("register/connected.html", "waiting", CONNECTED, INSTALLING)
    there = replace(CONNECTED, withheld=(WISH,), launched_at=NOW, steps=CONNECTED.steps[:1])
    yield Sample("register/connected.html", "launched", there, INSTALLING)
    yield Sample("register/connected.html", "updated", replace(CONNECTED, is_update=True), INSTALLING)
    yield Sample("register/tested.html", "healthy", TESTED, INSTALLING)
    ill = replace(TESTED, healthy=False, warned=True, lines=(*TESTED.lines, *BAD_LINES), platform_name=LONG)
    yield Sample("register/tested.html", "ill", ill, INSTALLING)
    none = replace(TESTED, healthy=False, lines=())
    yield Sample("register/tested.html", "running", replace(none, is_running=True, is_slow=True), INSTALLING)
    yield Sample("register/tested.html", "broken off", none, INSTALLING)


def _homes() -> Iterator[tuple[str, HomePage]]:
    done = replace(HOME, pages_done=3, stopped_at="")
    tried = replace(READY, attempts_used=1, best_percent=Fraction(60), label="Try again")
    passed = replace(tried, state="passed", best_percent=Fraction(86), label="Improve your result")
    url = f"{LAUNCH}/certificate"
    yield "reading", HOME
    yield (
        "fresh",
        replace(HOME, pages_done=0, stopped_at="", continue_label="Start reading", facts=replace(FACTS, level="")),
    )
    yield "read", replace(done, learner_name="", practice_note="Practice run: you are a test user.")
    yield (
        "open",
        replace(HOME, assessment=replace(READY, state="open", url=f"{ATTEMPT}/1", label="Continue the assessment")),
    )
    yield "tried", replace(done, assessment=tried, grade=WAITING, learner_name=LONG)
    yield "used-up", replace(done, assessment=replace(tried, state="used_up", label=""), grade=PARKED)
    yield (
        "passed",
        replace(
            done,
            assessment=passed,
            certificate_url=url,
            continue_url=url,
            continue_label="Get your certificate",
            grade=DELIVERED,
        ),
    )


def _questions() -> Iterator[tuple[str, QuestionPage]]:
    yield "single", QUESTION
    yield "timed", replace(QUESTION, until=UNTIL)
    yield (
        "multiple",
        replace(QUESTION, item=MANY, saved_at=None),
    )
    yield "wrong", replace(QUESTION, item=NUMBER, errors=WRONG)
    text = replace(NUMBER, asked=(Asked("a-q-hours", "", Widget(Layout.STACK, "A word.", (LINE,))),))
    yield "text", replace(QUESTION, item=text, number=12, next_number=None, attempts_allowed=None)
    one = (FieldError("a-q-mira", "Choose one answer"),)
    yield "two", replace(QUESTION, number=1, errors=one, previous_url=None)
    form = modules.read_package(EVERY_KIND).definition.form
    for item in form.items.values():
        view = view_of(item, assessments.widgets(item, None, {}), form.stimuli.get(item.stimulus))
        yield f"kind-{item.id}", replace(QUESTION, item=view, saved_at=None)


def _results() -> Iterator[tuple[str, ResultPage]]:
    yield "passed", RESULT
    yield "failed", FAILED
    yield "last", replace(FAILED, attempts_left=0, retry_url=None, items=(), grade=RETRYING, percent=Fraction(139, 2))
    yield "unlimited", replace(RESULT, attempts_allowed=None, attempts_left=None, grade=PARKED, percent=Fraction(100))
    yield "nothing-sent", replace(RESULT, grade=NONE_SENT)
    yield "changed-there", replace(RESULT, grade=CHANGED)
    yield "overruled", replace(RESULT, grade=OVERRULED)


def _certificates() -> Iterator[Sample]:
    yield Sample("learner/name.html", "given", NAME)
    yield Sample("learner/name.html", "long", replace(NAME, name=LONG, held="No face at hand sets these letters."))
    missing = replace(NAME, name="", editable=True, errors=(FieldError("name", "Write your name."),))
    yield Sample("learner/name.html", "missing", missing)
    yield Sample("learner/certificate.html", "ready", CERTIFICATE)
    yield Sample("learner/certificate.html", "arabic", replace(CERTIFICATE, holder_name=LAYLA), ARABIC)
    yield Sample("learner/certificate.html", "preparing", replace(PREPARING, holder_name=LONG))
    yield Sample("learner/certificate.html", "held", replace(PREPARING, state="held", held_reason="No face sets it."))
    yield Sample("learner/certificate.html", "revoked", replace(PREPARING, state="revoked"))


def _dashboards() -> Iterator[Sample]:
    one, template = replace(PEOPLE, rows=(ROW,), found=1, everybody=1, last=1), "instructor/dashboard.html"
    calm = replace(DASHBOARD, people=one, counts=Counts(1, 0, 0, 1), grades=GradeCounts(1, 1))
    yield Sample(template, "calm", calm, TEACHING)
    nobody = replace(PEOPLE, rows=(), found=0, everybody=0, roster=None)
    empty = replace(DASHBOARD, people=nobody, counts=Counts(0, 0, 0, 0), grades=GradeCounts())
    yield Sample(template, "empty", empty, TEACHING)
    pages = {"previous_url": "/teach/l/?page=1#learners", "next_url": "/teach/l/?page=3#learners"}
    many = replace(PEOPLE, choices=(KINDS[0], replace(KINDS[1], count=900)), found=900, everybody=900, **pages)
    yield Sample(template, "many", replace(DASHBOARD, people=many), TEACHING)
    trouble = replace(NOTE, problem="The LMS does not answer at the moment.", next_try_at=NOW, is_coming=True)
    for name, note in (
        ("old list", trouble),
        ("no list", replace(trouble, read_at=None)),
        ("new", RosterNote(None, False, "", None, "/")),
    ):
        yield Sample(template, name, replace(DASHBOARD, people=replace(PEOPLE, roster=note)), TEACHING)
    none = replace(PEOPLE, rows=(), query="xyz", found=0)
    yield Sample(template, "nobody fits", replace(DASHBOARD, people=none), TEACHING)


def _teaching() -> Iterator[Sample]:
    yield Sample("instructor/picker.html", "one", PICKER, TEACHING)
    yield Sample(
        "instructor/picker.html", "many", replace(PICKER, accept_multiple=True, errors=("Choose one.",)), TEACHING
    )
    yield Sample("instructor/picker.html", "nothing-found", replace(PICKER, modules=(), query="xyz"), TEACHING)
    yield Sample("instructor/picker.html", "empty", replace(PICKER, modules=()), replace(TEACHING, platform_name=""))
    yield Sample(
        "instructor/return.html", "moodle", ReturnPage("https://lms.example/deep", "e30.e30.x", "Adding"), TEACHING
    )
    yield Sample("instructor/dashboard.html", "busy", DASHBOARD, TEACHING)
    yield from _dashboards()
    yield Sample("instructor/dates.html", "empty", DATES, TEACHING)
    told = ("The end of the activity: 20 December 2026, 23:59 UTC",)
    typed = DatesForm("2026-03-29T02:30", "2026-12-24T12:00", "Europe/Oslo")
    wrong = tuple(FieldError(name, "There is no such time that day.") for name in ("available_from", "zone"))
    full = replace(DATES, form=typed, errors=wrong, by_lms=told, conflicts=told, guesses=False, may_clear=True)
    yield Sample("instructor/dates.html", "wrong", full, TEACHING)
    yield Sample("instructor/dates.html", "stored", replace(full, errors=(), by_lms=(), saved=True), TEACHING)
    yield Sample("instructor/preview.html", "page", PREVIEW, TEACHING)
    last = replace(PREVIEW, html="", number=4, next_url=None, questions=KEYS)
    yield Sample("instructor/preview.html", "keys", last, TEACHING)


def _public() -> Iterator[Sample]:
    yield Sample("public/certificate.html", "valid", CHECKED, OUTSIDE)
    arabic = replace(OUTSIDE, lang="ar", dir="rtl", issuer_name="جامعة ألدرمور")
    yield Sample("public/certificate.html", "arabic", replace(CHECKED, holder_name=LAYLA, language="ar"), arabic)
    yield Sample("public/certificate.html", "not_found", UNKNOWN, OUTSIDE)
    for verdict in VERDICTS:
        words = f"This is what we say of {verdict.replace('_', ' ')}"
        answer = replace(ANSWERS[1], word="No", state="bad" if verdict == "revoked" else "warn")
        answers = (ANSWERS[0], answer, *ANSWERS[2:])
        page = replace(CHECKED, verdict=verdict, headline=words, holder_name=LONG, answers=answers)
        yield Sample("public/certificate.html", verdict, page, OUTSIDE)
    yield Sample("public/check.html", "empty", CheckPage((), "", HOST), OUTSIDE)
    yield Sample(
        "public/check.html", "wrong", CheckPage(("This is not an address of ours.",), "abc" * 50, HOST), OUTSIDE
    )


def application() -> Flask:
    """An application that has the templates and nothing else."""
    app = Flask("lti_tool.web", template_folder=str(templates_dir()))
    templating.set_up(app)
    app.jinja_env.globals.update(csp_nonce=lambda: "a-nonce", csrf_token=lambda: "a-token")
    return app


def rendered(sample: Sample, app: Flask) -> str:
    """The page as HTML."""
    return app.jinja_env.get_template(sample.template).render(page=sample.page, shell=sample.shell)

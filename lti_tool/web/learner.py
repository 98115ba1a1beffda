"""A learner's pages: reading, the assessment, the result. Each view calls one workflow."""

from flask import Blueprint, Response, jsonify, make_response, request

from lti_tool import lti, workflows
from lti_tool.core import ids
from lti_tool.core.errors import Invalid, Side
from lti_tool.web.looking import look, note_shell, to
from lti_tool.web.pages import assessment, paths
from lti_tool.web.pages import learner as pages
from lti_tool.web.pages.privacy import privacy_page
from lti_tool.web.pages.result import result_page
from lti_tool.web.pages.timing import stamp
from lti_tool.web.session import visiting
from lti_tool.web.surroundings import bare_shell
from lti_tool.web.templating import page, part
from lti_tool.web.wiring import parts

learner = Blueprint("learner", __name__, url_prefix="/learn/<launch>")


@learner.get("/")
def home(launch: str) -> Response:
    """The module's home."""
    study = look()
    return page("learner/home.html", pages.home_page(study, visiting(), now=parts().now()))


@learner.get("/newest")
def newest(launch: str) -> Response:
    """The newest result, where an LMS lets learners look at what they handed in; the home before there is one."""
    handed_in = [attempt for attempt in look().attempts if attempt.graded]
    return to(paths.result(launch, handed_in[-1].public_id) if handed_in else paths.home(launch))


@learner.get("/privacy")
def privacy(launch: str) -> Response:
    """What is stored about the person, and whom to ask (LtiDataPrivacyLaunchRequest)."""
    session = visiting()
    with parts().db.reading() as tx:
        kept = workflows.what_is_kept(tx, session)
    shell = bare_shell(session.return_url, session.platform_name)
    return page("learner/privacy.html", privacy_page(kept, session), shell)


@learner.get("/pages/<key>")
def read(launch: str, key: str) -> Response:
    """A page to read."""
    study = look()
    return page("learner/page.html", pages.reading_page(study, visiting(), key))


@learner.post("/pages/<key>/position")
def note_position(launch: str, key: str) -> Response:
    """Where the reader is, told by a script."""
    told = _told()
    block = told.get("block") if isinstance(told, dict) else None
    if not isinstance(told, dict) or isinstance(block, bool) or not isinstance(block, int) or not 0 <= block < 10_000:
        raise Invalid("web.position", "That is not a place on a page.", side=Side.TOOL)
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.note_reading(
            tx, visiting(), page_key=key, block=block, done=told.get("done") is True, now=wiring.now()
        )
    return make_response("", 204)


@learner.post("/pages/<key>/done")
def finish_page(launch: str, key: str) -> Response:
    """On to the next page: this one is read."""
    wiring = parts()
    block = request.form.get("block", "0")
    with wiring.db.transaction() as tx:
        place = int(block) if block.isdecimal() and len(block) < 5 else 0
        version = workflows.note_reading(tx, visiting(), page_key=key, block=place, done=True, now=wiring.now())
    return to(pages.after_page(version, launch, key))


@learner.post("/attempts")
def begin(launch: str) -> Response:
    """A new attempt, or the one that is still open."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        attempt = workflows.begin(tx, visiting(), seed=ids.seed(), now=wiring.now())
    return to(paths.question(launch, attempt.public_id, 1))


@learner.get("/attempts/<attempt>/<int:number>")
def question(launch: str, attempt: str, number: int) -> Response:
    """One question of an open attempt; a closed one shows its result."""
    sitting, now = _sit(attempt), parts().now()
    if not sitting.attempt.open:
        return to(paths.result(launch, attempt))
    if sitting.is_over(now):
        return to(paths.review(launch, attempt))
    shown = assessment.question_page(sitting, launch, number, page_key=_page_key(), now=now)
    return page("learner/question.html", shown)


@learner.post("/attempts/<attempt>/<int:number>")
def save(launch: str, attempt: str, number: int) -> Response:
    """Saves one answer: asked by a script it says when, sent as a form it goes on."""
    wiring = parts()
    fields = {name: request.form.getlist(name) for name in request.form if name.startswith("a-")}
    try:
        with wiring.db.transaction() as tx:
            told = workflows.answer(
                tx,
                visiting(),
                attempt,
                number=number,
                fields=fields,
                page_key=request.form.get("page_key", "")[:64],
                sequence=_sequence(),
                now=wiring.now(),
            )
    except Invalid as fault:
        if _by_script():
            raise
        return _shown_again(launch, attempt, number, f"{fault.text} {fault.hint_text}".strip(), 400)
    if _by_script():
        return _answer_to_script(told)
    if told.refusal is not None:
        # The time was up, or it was handed in from another tab: the result says what counted, and what came too late.
        return to(paths.result(launch, attempt))
    if told.unclear and request.form.get("go", "next") == "next":
        # What was typed is saved; it is only asked once more, before it is too late.
        return _shown_again(launch, attempt, number, told.unclear, 200)
    return to(_onward(launch, attempt, number))


def _answer_to_script(told: workflows.Answered) -> Response:
    if told.refusal is not None:
        raise told.refusal
    saved = told.saved
    return jsonify(
        saved_at=stamp(saved.saved_at),
        answered=saved.response is not None,
        unclear=told.unclear,
        elsewhere=saved.elsewhere and stamp(saved.elsewhere),
    )


@learner.get("/attempts/<attempt>/review")
def review(launch: str, attempt: str) -> Response:
    """The look over before handing in; once the time is up, a page that hands in by itself."""
    sitting = _sit(attempt)
    if not sitting.attempt.open:
        return to(paths.result(launch, attempt))
    return page("learner/review.html", assessment.review_page(sitting, launch, now=parts().now()))


@learner.get("/attempts/<attempt>/state")
def state(launch: str, attempt: str) -> Response:
    """How an attempt stands, for a page that is open: until when, and what was answered elsewhere."""
    number = request.args.get("number", "1")
    sitting = _sit(attempt)
    place = int(number) if number.isdecimal() and len(number) < 5 else 1
    return jsonify(assessment.state_of(sitting, launch, place, now=parts().now()))


@learner.post("/attempts/<attempt>/submit")
def submit(launch: str, attempt: str) -> Response:
    """Hands the attempt in."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.hand_in(tx, visiting(), attempt, now=wiring.now())
    wiring.wake()
    return to(paths.result(launch, attempt))


@learner.get("/attempts/<attempt>/result")
def result(launch: str, attempt: str) -> Response:
    """The result of a handed-in attempt."""
    study, sitting = look(), _sit(attempt)
    if sitting.attempt.open:
        return to(paths.review(launch, attempt))
    if not sitting.attempt.graded:
        return to(paths.home(launch))  # It counts no more, which is said there.
    return page("learner/result.html", result_page(study, sitting, visiting(), now=parts().now()))


@learner.get("/receipt")
def receipt(launch: str) -> Response:
    """Whether the LMS has the grade by now, for a script that waits."""
    grade = pages.grade_receipt(look().delivery, visiting())
    settled = grade is None or grade.state != "waiting"
    return jsonify(html=part("parts/receipt.html", grade=grade), settled=settled)


@learner.post("/tab")
def hand_over(launch: str) -> Response:
    """A one-time code, for a script that opens this session in a tab of its own."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        code = lti.hand_over(tx, visiting(), now=wiring.now())
    return jsonify(code=code)


def _sit(attempt: str) -> workflows.Sitting:
    session = visiting()
    with parts().db.reading() as tx:
        sitting = workflows.sit(tx, session, attempt)
    definition = sitting.version.definition
    note_shell(session, definition.title, definition.language)
    return sitting


def _shown_again(launch: str, attempt: str, number: int, problem: str, status: int) -> Response:
    """The question once more, with what was typed and what is wrong with it."""
    sitting = _sit(attempt)
    item = sitting.item(number)
    typed = request.form.get(f"a-{item.id}", "")[:2000]
    errors = (assessment.FieldError(f"a-{item.id}", problem),)
    shown = assessment.question_page(
        sitting, launch, number, page_key=_page_key(), now=parts().now(), errors=errors, typed=typed
    )
    return make_response(page("learner/question.html", shown), status)


def _onward(launch: str, attempt: str, number: int) -> str:
    total = len(_sit(attempt).attempt.drawn.item_ids)
    match request.form.get("go", "next"):
        case "previous" if number > 1:
            return paths.question(launch, attempt, number - 1)
        case "review":
            return paths.review(launch, attempt)
        case _ if number < total:
            return paths.question(launch, attempt, number + 1)
        case _:
            return paths.review(launch, attempt)


def _told() -> object:
    """The JSON that a script sent; None where it cannot be read, be it nested deeper than we can follow."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def _page_key() -> str:
    """64 random bits for one load of a page: two tabs never share a journal."""
    return f"{ids.seed():016x}"


def _sequence() -> int:
    text = request.form.get("sequence", "")
    if not text.isdecimal() or len(text) > 9:
        raise Invalid("web.sequence", "This form is incomplete.", "Reload the page and answer once more.")
    return int(text)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"

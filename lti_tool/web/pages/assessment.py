"""Pages of the assessment before the hand-in: a question, and the look over. No key of an answer is in them."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool import assessments, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.timing import Until, stamp, until


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, in words that say how to put it right."""

    field: str
    message: str


@dataclass(frozen=True)
class Piece:
    """A piece of a question's text: HTML, or a place in it where something is filled in."""

    html: str = ""
    part: assessments.Asked | None = None
    control: assessments.Control | None = None
    number: int = 0


@dataclass(frozen=True)
class ItemView:
    """A question as the learner sees it: nothing of the answer's key is in it.

    `asked` is what is filled in; `flow` the text in pieces, where that happens within it.
    """

    id: str
    title: str
    stem_html: str
    asked: tuple[assessments.Asked, ...]
    flow: tuple[Piece, ...] = ()
    stimulus: assessments.Stimulus | None = None


@dataclass(frozen=True)
class MapEntry:
    """One question on the map of all questions."""

    number: int
    url: str
    answered: bool
    current: bool


@dataclass(frozen=True)
class QuestionPage:
    """One question of an attempt."""

    number: int
    total: int
    item: ItemView
    save_url: str
    saved_at: datetime | None
    page_key: str
    next_sequence: int
    errors: tuple[FieldError, ...]
    previous_url: str | None
    next_number: int | None
    review_url: str
    map: tuple[MapEntry, ...]
    attempt_number: int
    attempts_allowed: int | None
    answered: int
    until: Until | None
    made_stamp: str
    state_url: str
    submit_url: str
    # Signs the answers of a page that has no connection, so that a teacher can take them from a file.
    attempt: str
    page_secret: str


@dataclass(frozen=True)
class ReviewEntry:
    """A question and the answer given, before handing in."""

    number: int
    url: str
    answered: bool
    title: str
    answer_text: str


@dataclass(frozen=True)
class ReviewPage:
    """The look over before handing in."""

    entries: tuple[ReviewEntry, ...]
    unanswered: int
    submit_url: str
    back_url: str
    attempts_left_after: int | None
    saved_at: datetime | None
    until: Until | None
    is_over: bool


def question_page(
    sitting: workflows.Sitting,
    launch: str,
    number: int,
    *,
    page_key: str,
    now: datetime,
    errors: tuple[FieldError, ...] = (),
    typed: str | None = None,
) -> QuestionPage:
    """One question with the answer as saved, or, after a refused save, as typed."""
    item, total = sitting.item(number), len(sitting.attempt.drawn.item_ids)
    saved = sitting.saved.get(item.id)
    attempt = sitting.attempt
    return QuestionPage(
        number=number,
        total=total,
        item=item_view(item, sitting, typed),
        save_url=paths.question(launch, attempt.public_id, number),
        saved_at=saved.saved_at if saved else None,
        page_key=page_key,
        next_sequence=1,
        errors=errors,
        previous_url=paths.question(launch, attempt.public_id, number - 1) if number > 1 else None,
        next_number=number + 1 if number < total else None,
        review_url=paths.review(launch, attempt.public_id),
        map=_map(sitting, launch, number),
        attempt_number=attempt.number,
        attempts_allowed=sitting.attempts_allowed,
        answered=sitting.answered,
        until=until(sitting.deadline, now),
        made_stamp=stamp(now),
        state_url=paths.sitting(launch, attempt.public_id, number),
        submit_url=paths.hand_in(launch, attempt.public_id),
        attempt=attempt.public_id,
        page_secret=attempt.page_secret,
    )


def review_page(sitting: workflows.Sitting, launch: str, *, now: datetime) -> ReviewPage:
    """All questions with what was answered; once the time is up, what is handed in now by itself."""
    attempt, allowed = sitting.attempt, sitting.attempts_allowed
    entries = tuple(
        ReviewEntry(
            number=entry.number,
            url=entry.url,
            answered=entry.answered,
            title=(item := sitting.item(entry.number)).title,
            answer_text=assessments.describe(item, sitting.response(item.id)) if entry.answered else "",
        )
        for entry in _map(sitting, launch, None)
    )
    return ReviewPage(
        entries=entries,
        unanswered=sum(1 for entry in entries if not entry.answered),
        submit_url=paths.hand_in(launch, attempt.public_id),
        back_url=paths.question(launch, attempt.public_id, len(entries)),
        attempts_left_after=None if allowed is None else max(0, allowed - attempt.number),
        saved_at=sitting.last_saved_at,
        until=until(sitting.deadline, now),
        is_over=sitting.is_over(now),
    )


def state_of(sitting: workflows.Sitting, launch: str, number: int, *, now: datetime) -> dict[str, object]:
    """How an attempt stands, for a page that was made a while ago: its end, and what other pages have saved."""
    item, attempt = sitting.item(number), sitting.attempt
    saved, ends = sitting.saved.get(item.id), until(sitting.deadline, now)
    asked = assessments.widgets(item, sitting.response(item.id), attempt.drawn.choice_orders)
    return {
        "open": attempt.open and not sitting.is_over(now),
        "now": stamp(now),
        "until": ends and ends.stamp,
        "because": ends and ends.because,
        "answered": [entry.number for entry in _map(sitting, launch, None) if entry.answered],
        "saved_at": saved and stamp(saved.saved_at),
        "fields": [[name, value] for part in asked for name, value in part.filled()],
    }


def item_view(item: assessments.Item, sitting: workflows.Sitting, typed: str | None) -> ItemView:
    """The question with the answer as saved, or, in its first field, as `typed`."""
    asked = assessments.widgets(item, sitting.response(item.id), sitting.attempt.drawn.choice_orders)
    if typed is not None:
        asked = (asked[0].as_typed(typed), *asked[1:])
    return view_of(item, asked, sitting.version.definition.form.stimuli.get(item.stimulus))


def view_of(
    item: assessments.Item, asked: tuple[assessments.Asked, ...], stimulus: assessments.Stimulus | None
) -> ItemView:
    """The question with what is asked in it, and the passage that it is about."""
    return ItemView(item.id, item.title, item.stem, asked, _flow(item, asked), stimulus)


def _flow(item: assessments.Item, asked: tuple[assessments.Asked, ...]) -> tuple[Piece, ...]:
    fillable = {(part.id, control.spot): (part, control) for part in asked for control in part.widget.controls}
    pieces: list[Piece] = []
    number = 0
    for piece in item.flow:
        if isinstance(piece, str):
            pieces.append(Piece(piece))
        else:
            number += 1
            part, control = fillable[piece.interaction, piece.spot]
            pieces.append(Piece(part=part, control=control, number=number))
    return tuple(pieces)


def _map(sitting: workflows.Sitting, launch: str, current: int | None) -> tuple[MapEntry, ...]:
    attempt = sitting.attempt
    return tuple(
        MapEntry(
            number=number,
            url=paths.question(launch, attempt.public_id, number),
            answered=sitting.response(item_id) is not None,
            current=number == current,
        )
        for number, item_id in enumerate(attempt.drawn.item_ids, start=1)
    )

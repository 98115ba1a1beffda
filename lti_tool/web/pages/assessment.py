"""Pages of the assessment before the hand-in: a question, and the look over. No key of an answer is in them."""

from dataclasses import dataclass
from datetime import datetime

from lti_tool import assessments, workflows
from lti_tool.assessments import ItemKind
from lti_tool.web.pages import paths


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, in words that say how to put it right."""

    field: str
    message: str


@dataclass(frozen=True)
class ChoiceView:
    """A choice as the learner sees it: without a word of whether it is right."""

    id: str
    html: str
    chosen: bool


@dataclass(frozen=True)
class ItemView:
    """A question as the learner sees it: nothing of the answer's key is in it."""

    id: str
    kind: str
    title: str
    stem_html: str
    choices: tuple[ChoiceView, ...]
    text: str
    unit: str
    hint: str


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


_HINTS = {
    ItemKind.SINGLE: "Choose one.",
    ItemKind.MULTIPLE: "Choose all that apply.",
    ItemKind.TEXT: "A word or a few words.",
    ItemKind.NUMBER: "A number, for example 12 or 1.5.",
}


def question_page(
    sitting: workflows.Sitting,
    launch: str,
    number: int,
    *,
    page_key: str,
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
        attempts_allowed=sitting.version.definition.form.attempts,
        answered=sitting.answered,
    )


def review_page(sitting: workflows.Sitting, launch: str) -> ReviewPage:
    """All questions with what was answered."""
    attempt, allowed = sitting.attempt, sitting.version.definition.form.attempts
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
    )


def item_view(item: assessments.Item, sitting: workflows.Sitting, typed: str | None) -> ItemView:
    response = sitting.response(item.id)
    chosen = {response} if isinstance(response, str) else set(response or ())
    order = sitting.attempt.drawn.choice_orders.get(item.id, tuple(choice.id for choice in item.choices))
    by_id = {choice.id: choice for choice in item.choices}
    text = typed if typed is not None else (response if isinstance(response, str) else "")
    return ItemView(
        id=item.id,
        kind=item.kind.value,
        title=item.title,
        stem_html=item.stem,
        choices=tuple(ChoiceView(key, by_id[key].html, key in chosen) for key in order),
        text=text if not item.choices else "",
        unit=item.unit,
        hint=_HINTS[item.kind],
    )


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

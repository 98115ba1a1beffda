"""Draws the questions of an attempt from a form. Pure: the same form and seed give the same draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from lti_tool.assessments.interactions.kind import Row, Shuffle
from lti_tool.assessments.interactions.reading import order_key
from lti_tool.assessments.interactions.registry import kind_of
from lti_tool.assessments.model.form import Form, Section
from lti_tool.assessments.model.item import Item
from lti_tool.assessments.variants.prng import stream

GENERATOR_VERSION = 1
"""Raised whenever the same seed would draw differently."""


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """What one attempt shows: its questions in order, and the order of each list in them. Never drawn again.

    `choice_orders` has the list of a question with one under its id, others as `interactions.order_key` says.
    """

    seed: int
    generator_version: int
    item_ids: tuple[str, ...]
    choice_orders: Mapping[str, tuple[str, ...]]

    def to_json(self) -> dict[str, object]:
        """Plain JSON values."""
        plain: dict[str, object] = _DRAWS.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, plain: object) -> "DrawnForm":
        """The draw that `to_json` wrote; ValueError when it is none."""
        return _DRAWS.validate_python(plain)


_DRAWS = TypeAdapter(DrawnForm)


def draw(form: Form, seed: int) -> DrawnForm:
    """The questions of one attempt, section by section, with the lists of every question in their order."""
    item_ids = tuple(
        item_id for place, section in enumerate(form.sections) for item_id in _drawn_of(form, section, seed, place)
    )
    orders = {
        key: _order_of(key, row, seed, shuffle=form.shuffle_choices)
        for item_id in item_ids
        for key, row in _rows_of(form.items[item_id])
    }
    return DrawnForm(seed=seed, generator_version=GENERATOR_VERSION, item_ids=item_ids, choice_orders=orders)


def _rows_of(item: Item) -> list[tuple[str, Row]]:
    return [
        (order_key(item, asked, row.name), row) for asked in item.interactions for row in kind_of(asked).rows(asked)
    ]


def _drawn_of(form: Form, section: Section, seed: int, place: int) -> tuple[str, ...]:
    item_ids = section.item_ids
    if section.draw is not None:
        others = tuple(item_id for item_id in item_ids if item_id not in section.required)
        free = section.draw - (len(item_ids) - len(others))
        drawn = {*section.required, *stream(seed, f"section {place} draw").picked(others, free)}
        item_ids = tuple(item_id for item_id in item_ids if item_id in drawn)
    if section.shuffle:
        groups = stream(seed, f"section {place} order").shuffled(_kept_together(form, item_ids))
        item_ids = tuple(item_id for group in groups for item_id in group)
    return item_ids


def _kept_together(form: Form, item_ids: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The questions in groups: those about one stimulus follow each other, in their order."""
    groups: dict[str, list[str]] = {}
    for item_id in item_ids:
        about = form.items[item_id].stimulus
        groups.setdefault(f"stimulus {about}" if about else f"item {item_id}", []).append(item_id)
    return tuple(tuple(group) for group in groups.values())


def _order_of(key: str, row: Row, seed: int, *, shuffle: bool) -> tuple[str, ...]:
    if row.shuffle is Shuffle.NEVER or (row.shuffle is Shuffle.ASKED and not shuffle):
        return row.ids
    return stream(seed, f"item {key} choices").shuffled(row.ids)

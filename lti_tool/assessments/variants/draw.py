"""Draws the questions of an attempt from a form. Pure: the same form and seed give the same draw."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from lti_tool.assessments.model.form import Form, Section
from lti_tool.assessments.model.item import Item
from lti_tool.assessments.variants.prng import stream

GENERATOR_VERSION = 1
"""Raised whenever the same seed would draw differently."""


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """What one attempt shows: its questions in order, and the order of each one's choices. Never drawn again."""

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
    """The questions of one attempt, section by section, with the choices of every choice question in their order."""
    item_ids = tuple(
        item_id for place, section in enumerate(form.sections) for item_id in _drawn_of(section, seed, place)
    )
    orders = {
        item_id: _order_of(form.items[item_id], seed, shuffle=form.shuffle_choices)
        for item_id in item_ids
        if form.items[item_id].choices
    }
    return DrawnForm(seed=seed, generator_version=GENERATOR_VERSION, item_ids=item_ids, choice_orders=orders)


def _drawn_of(section: Section, seed: int, place: int) -> tuple[str, ...]:
    item_ids = section.item_ids
    if section.draw is not None:
        item_ids = stream(seed, f"section {place} draw").picked(item_ids, section.draw)
    if section.shuffle:
        item_ids = stream(seed, f"section {place} order").shuffled(item_ids)
    return item_ids


def _order_of(item: Item, seed: int, *, shuffle: bool) -> tuple[str, ...]:
    ids = tuple(choice.id for choice in item.choices)
    if item.fixed or not shuffle:
        return ids
    return stream(seed, f"item {item.id} choices").shuffled(ids)

"""Ordering: each thing gets a place. A response is a bag of pairs "thing place", so that half an order is kept too."""

from collections import Counter

from lti_tool.assessments.interactions.choice import check_known
from lti_tool.assessments.interactions.kind import (
    Control,
    Field,
    Given,
    Layout,
    Mark,
    Option,
    Orders,
    Plain,
    Row,
    Shuffle,
    Widget,
)
from lti_tool.assessments.interactions.words import in_order, plain
from lti_tool.assessments.model.interaction import OrderInteraction
from lti_tool.assessments.model.variables import BaseType, Cardinality, Declaration, Value, members, pair
from lti_tool.assessments.scoring.partial import of_order, total

_PLACES = Declaration(Cardinality.MULTIPLE, BaseType.DIRECTED_PAIR)


class Order(Plain[OrderInteraction]):
    """A menu of places beside each thing."""

    def declaration(self, asked: OrderInteraction) -> Declaration:
        return _PLACES

    def read(self, asked: OrderInteraction, given: Given) -> Value | None:
        places = _places(asked)
        check_known([spot for spot in given if spot], {thing.id for thing in asked.things})
        pairs = []
        for thing in asked.things:
            chosen = [value for value in given.get(thing.id, ())[:1] if value]
            check_known(chosen, places)
            pairs += [pair(thing.id, place) for place in chosen]
        return tuple(pairs) or None

    def rows(self, asked: OrderInteraction) -> tuple[Row, ...]:
        return (Row("", tuple(thing.id for thing in asked.things), Shuffle.ALWAYS),)

    def widget(self, asked: OrderInteraction, value: Value | None, orders: Orders) -> Widget:
        put, places = _put(asked, value or ()), _places(asked)
        controls = tuple(
            Control(
                thing.id,
                Field.SELECT,
                label=thing.html,
                options=tuple(Option(place, place, place, put.get(thing.id) == place) for place in places),
            )
            for thing in in_order(asked.things, orders.get(""))
        )
        return Widget(Layout.ORDER, "Give each its place; 1 comes first.", controls)

    def unclear(self, asked: OrderInteraction, value: Value) -> str:
        put = _put(asked, value)
        twice = sorted((place for place, count in Counter(put.values()).items() if count > 1), key=int)
        if twice:
            return f"Place {', '.join(twice)} is given more than once. What shares a place is in no order."
        missing = len(asked.things) - len(put)
        return f"{missing} of {len(asked.things)} have no place yet." if missing else ""

    def describe(self, asked: OrderInteraction, value: Value) -> str:
        put = _put(asked, value)
        placed = sorted((int(put[thing.id]), plain(thing.html)) for thing in asked.things if thing.id in put)
        return "; ".join(f"{place}. {words}" for place, words in placed)

    def describe_key(self, asked: OrderInteraction) -> str:
        return "; ".join(f"{place}. {plain(thing.html)}" for place, thing in enumerate(asked.things, start=1))

    def mark(self, asked: OrderInteraction, value: Value) -> Mark:
        put = _put(asked, value)
        shared = {place for place, count in Counter(put.values()).items() if count > 1}
        # What shares a place has none: else giving all of them the same place would be right once.
        fair = {thing: int(place) - 1 for thing, place in put.items() if place not in shared}
        places = [fair.get(thing.id) for thing in asked.things]
        why = of_order(asked.scoring, places, len(places))
        return Mark(total(why), self.describe(asked, value), why)


def _places(asked: OrderInteraction) -> tuple[str, ...]:
    return tuple(str(place) for place in range(1, len(asked.things) + 1))


def _put(asked: OrderInteraction, value: Value) -> dict[str, str]:
    """The place of each thing that has one; of two places of one thing the smaller text counts."""
    places, put = _places(asked), dict[str, str]()
    for each in sorted(value, reverse=True):
        thing, place = members(each)
        if place in places:
            put[thing] = place
    return {thing.id: put[thing.id] for thing in asked.things if thing.id in put}

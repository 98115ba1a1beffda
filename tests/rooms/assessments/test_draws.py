"""Draws: fair, recorded, and the same for ever."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.assessments import DrawnForm, Section, draw, widgets
from lti_tool.assessments.model import ItemKind, MatchInteraction, OrderInteraction, Thing
from lti_tool.assessments.variants.prng import SplitMix64, stream
from tests.rooms.assessments.samples import asking, form_of, multiple, number, single


def test_the_generator_gives_the_published_numbers() -> None:
    generator = SplitMix64(1234567)

    assert [generator.next() for _ in range(5)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_a_seed_draws_the_same_for_ever() -> None:
    """If this fails, raise GENERATOR_VERSION: recorded seeds would no longer prove their draws."""
    form = replace(
        form_of(*(single(f"q{n}") for n in range(6))),
        sections=(Section("", 3, True, ("q0", "q1", "q2", "q3")), Section("", None, False, ("q4", "q5"))),
    )

    assert draw(form, 43) == DrawnForm(
        seed=43,
        generator_version=1,
        item_ids=("q1", "q0", "q2", "q4", "q5"),
        choice_orders={
            "q1": ("a", "b", "d", "c"),
            "q0": ("d", "b", "c", "a"),
            "q2": ("c", "d", "a", "b"),
            "q4": ("c", "a", "d", "b"),
            "q5": ("c", "b", "d", "a"),
        },
    )


@settings(deadline=None)
@given(st.integers(0, 2**63 - 1))
def test_a_draw_is_a_choice_of_the_form_and_survives_json(seed: int) -> None:
    items = [single(f"q{n}") for n in range(6)] + [number("n")]
    ids = tuple(item.id for item in items)
    form = replace(form_of(*items), sections=(Section("", 3, False, ids[:6]), Section("", None, True, ids[6:])))

    drawn = draw(form, seed)

    assert list(drawn.item_ids[:3]) == sorted(set(drawn.item_ids[:3])), "three different ones, in their order"
    assert drawn.item_ids[3:] == ("n",)
    assert set(drawn.choice_orders) == set(drawn.item_ids) - {"n"}
    assert all(sorted(order) == ["a", "b", "c", "d"] for order in drawn.choice_orders.values())
    assert draw(form, seed) == drawn == DrawnForm.from_json(drawn.to_json())


def test_choices_keep_their_order_where_the_author_wants_it() -> None:
    kept = form_of(single(fixed=True), multiple(), shuffle=True)
    still = form_of(single(), multiple(), shuffle=False)
    for seed in range(20):
        assert draw(kept, seed).choice_orders["one"] == ("a", "b", "c", "d")
        assert draw(still, seed).choice_orders["many"] == ("a", "b", "c", "d", "e")
    assert len({draw(kept, seed).choice_orders["many"] for seed in range(20)}) > 10


def test_every_order_comes_about_equally_often() -> None:
    counts = Counter(stream(seed, "x").shuffled("abc") for seed in range(6000))

    assert len(counts) == 6
    assert all(850 < count < 1150 for count in counts.values())


def test_a_new_question_does_not_change_what_others_draw() -> None:
    before = draw(form_of(single("q1"), single("q2")), 5).choice_orders
    after = draw(form_of(single("q0"), single("q1"), single("q2")), 5).choice_orders

    assert {id_: after[id_] for id_ in before} == before


def test_the_shown_choices_follow_the_record() -> None:
    drawn = draw(form_of(single()), 9)

    (asked,) = widgets(single(), None, drawn.choice_orders)
    assert tuple(option.id for option in asked.widget.controls[0].options) == drawn.choice_orders["one"]


def test_required_questions_are_always_among_the_drawn_ones() -> None:
    items = [single(f"q{n}") for n in range(6)]
    ids = tuple(item.id for item in items)
    form = replace(form_of(*items), sections=(Section("", 3, False, ids, required=("q4", "q1")),))

    drawn = {draw(form, seed).item_ids for seed in range(60)}

    assert all({"q1", "q4"} <= {*ids} and len(ids) == 3 for ids in drawn)
    assert {id_ for ids in drawn for id_ in ids} == set(ids), "the third is any of the others"
    assert all(list(ids) == sorted(ids) for ids in drawn)


def test_questions_about_one_passage_stay_together_when_they_are_shuffled() -> None:
    items = [replace(single(f"q{n}"), stimulus="harbour" if n in (1, 4) else "") for n in range(6)]
    form = form_of(*items)
    form = replace(form, sections=(replace(form.sections[0], shuffle=True),))

    orders = {draw(form, seed).item_ids for seed in range(60)}

    assert len(orders) > 30
    assert all(ids.index("q4") == ids.index("q1") + 1 for ids in orders)


def test_what_would_give_the_key_away_is_shuffled_unasked() -> None:
    things = tuple(Thing(str(n), str(n)) for n in range(6))
    pairs = tuple(f"{n} {n}" for n in range(6))
    matching = asking(MatchInteraction(ItemKind.MATCH, things, things, pairs), "match")
    form = form_of(asking(OrderInteraction(things), "order"), matching, single(), shuffle=False)

    drawn = [draw(form, seed).choice_orders for seed in range(20)]

    assert len({orders["order"] for orders in drawn}) > 10
    assert len({orders["match.targets"] for orders in drawn}) > 10
    assert {orders["match.sources"] for orders in drawn} == {tuple("012345")}
    assert {orders["one"] for orders in drawn} == {tuple("abcd")}

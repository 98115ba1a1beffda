"""Our scoring against what others expect: QTI's examples and Moodle's own questions, where the rules are alike."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lti_tool.assessments import Item, Response, score_item
from lti_tool.assessments.model import (
    Choice,
    ChoiceInteraction,
    GapInteraction,
    Interaction,
    ItemKind,
    NumberInteraction,
    NumberKey,
    OrderInteraction,
    Scoring,
    TextAnswer,
    TextInteraction,
    Thing,
)

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("shared_dir")]
STANDARDS = Path(__file__).resolve().parents[4] / "shared" / "standards"
QTI, MOODLE = STANDARDS / "qti", STANDARDS / "moodle-questions"


class Declared:
    """The response declarations of a QTI item: right values and mapped ones, of every version's spelling."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        found = [node for node in root.iter() if _name(node) in ("responsedeclaration", "qti-response-declaration")]
        self.right = {node.get("identifier"): self._values(node) for node in found}
        self.shares = {
            (entry.get("map-key") or entry.get("mapKey")): Fraction(
                entry.get("mapped-value") or entry.get("mappedValue")
            )
            for node in found
            for entry in node.iter()
            if _name(entry).endswith(("map-entry", "mapentry"))
        }
        mapping = [each for node in found for each in node.iter() if _name(each).endswith("mapping")]
        self.other = Fraction(_of(mapping[0], "default-value", "defaultValue") or 0) if mapping else 0

    @staticmethod
    def _values(node: Any) -> tuple[str, ...]:
        return tuple(each.text.strip() for each in node.iter() if _name(each) in ("value", "qti-value"))

    @property
    def only(self) -> tuple[str, ...]:
        return next(values for values in self.right.values() if values)


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2].lower()


def _of(node: Any, *names: str) -> Any:
    return next((node.get(name) for name in names if node.get(name)), None)


Case = Mapping[str, Any]


@lru_cache
def _cases() -> Mapping[str, Case]:
    return {case["item"]: case for case in json.loads((QTI / "cases.json").read_text())}


def single(declared: Declared, told: set[str]) -> Interaction:
    choices = tuple(Choice(id_, id_, id_ in declared.only) for id_ in sorted({*told, *declared.only}))
    return ChoiceInteraction(ItemKind.SINGLE, choices)


def mapped(declared: Declared, told: set[str]) -> Interaction:
    """A mapping whose right ones add up to its upper bound is our model `points`."""
    best = sum(share for share in declared.shares.values() if share > 0)
    ids = sorted({*told, *declared.shares})
    shares = {id_: declared.shares.get(id_, declared.other) / best for id_ in ids}
    choices = tuple(Choice(id_, id_, shares[id_] > 0, share=shares[id_]) for id_ in ids)
    return ChoiceInteraction(ItemKind.MULTIPLE, choices, Scoring.POINTS)


def marked(declared: Declared, told: set[str]) -> Interaction:
    choices = tuple(Choice(id_, id_, id_ in declared.only) for id_ in sorted({*told, *declared.only}))
    return ChoiceInteraction(ItemKind.HOTTEXT, choices, Scoring.ALL)


def ordered(scoring: Scoring) -> Callable[[Declared, set[str]], Interaction]:
    return lambda declared, told: OrderInteraction(tuple(Thing(id_, id_) for id_ in declared.only), scoring)


def gaps(scoring: Scoring) -> Callable[[Declared, set[str]], Interaction]:
    def made(declared: Declared, told: set[str]) -> Interaction:
        pairs = [each.split() for each in sorted({*told, *declared.only})]
        words = tuple(Thing(id_, id_) for id_ in dict.fromkeys(word for word, _ in pairs))
        names = tuple(dict.fromkeys(gap for _, gap in pairs))
        return GapInteraction(words, names, declared.only, reuse=True, scoring=scoring)

    return made


def typed(declared: Declared, told: set[str]) -> Interaction:
    return TextInteraction(tuple(TextAnswer(value) for value in declared.only), case_matters=True)


ALIKE: list[tuple[str, Callable[[Declared, set[str]], Interaction]]] = [
    ("items/qti30/choice.xml", single),
    ("items/qti22/choice.xml", single),
    ("items/qti30/C_125080616.xml", single),
    ("packages/BBQsTest/id-83210b60ed8f/TF-choice.xml", single),
    ("packages/BBQsTest/id-5c1b1e2d56bd/either-or.xml", single),
    ("items/qti30/choice_multiple.xml", mapped),
    ("items/qti22/choice_multiple.xml", mapped),
    ("items/qti30/choice_multiple_rtl.xml", mapped),
    ("items/qti30/hottext.xml", marked),
    ("items/qti22/hottext.xml", marked),
    ("items/qti30/order.xml", ordered(Scoring.ALL)),
    ("items/qti22/order.xml", ordered(Scoring.ALL)),
    ("packages/BBQsTest/id-be3cd3bdd3d4/order-mountains.xml", ordered(Scoring.PLACES)),
    ("packages/BBQsTest/id-e475c3c922f6/order-maths.xml", ordered(Scoring.PLACES)),
    ("items/qti30/graphic_gap_match.xml", gaps(Scoring.NET)),
    ("items/qti22/graphic_gap_match.xml", gaps(Scoring.NET)),
    ("items/qti30/graphic_gap_match_text.xml", gaps(Scoring.NET)),
    ("packages/BBQsTest/id-f8e13982226c/jumble-gapMatch.xml", gaps(Scoring.ALL)),
    ("items/qti30/A_104374830.xml", typed),
]


def _members(value: Any) -> Iterator[str]:
    yield from () if value is None else map(str, value) if isinstance(value, list) else (str(value),)


def _as_ours(asked: Interaction, value: Any) -> Response | None:
    told = tuple(_members(value))
    if isinstance(asked, OrderInteraction):
        return tuple(f"{id_} {place}" for place, id_ in enumerate(told, start=1))
    return told if isinstance(value, list) else (told[0] if told else None)


@pytest.mark.parametrize(("path", "made"), ALIKE, ids=[path for path, _ in ALIKE])
def test_qti_s_examples_score_as_expected(path: str, made: Callable[[Declared, set[str]], Interaction]) -> None:
    cases = _cases()[path]["cases"]
    declared = Declared(QTI / path)
    (name,) = (name for name, values in declared.right.items() if values)
    asked = made(declared, {each for case in cases for each in _members(case["response"].get(name))})
    item = Item("qti", "", "", (asked,))
    best = max(Fraction(case["expected"]["SCORE"]) for case in cases)

    for case in cases:
        mark = score_item(item, _as_ours(asked, case["response"].get(name)))
        assert mark.fraction * best == Fraction(case["expected"]["SCORE"]), (case, [str(step) for step in mark.trace])


def test_qti_s_example_of_several_menus_scores_part_by_part() -> None:
    path = "packages/BBQsTest/id-377d71221b04/jumble-inlineChoice.xml"
    cases, declared = _cases()[path]["cases"], Declared(QTI / path)
    told = {name: {id_ for case in cases if (id_ := case["response"][name])} for name in declared.right}
    parts = tuple(
        ChoiceInteraction(
            ItemKind.DROPDOWN, tuple(Choice(id_, id_, id_ in right) for id_ in sorted({*told[name], *right})), id=name
        )
        for name, right in declared.right.items()
    )
    item = Item("qti", "", "", parts, points=Fraction(len(parts)))

    for case in cases:
        assert score_item(item, case["response"]).points == case["expected"]["SCORE"], case


def test_moodle_s_short_answers_and_numbers_score_as_expected() -> None:
    files = json.loads((MOODLE / "expected.json").read_text())
    checked = 0
    for question in (question for file in files for question in file.get("questions", ()) if "cases" in question):
        asked = _of_moodle(question)
        for told, fraction in question["cases"] if asked else ():
            mark = score_item(Item("moodle", "", "", (asked,)), str(told)) if asked else None
            assert mark is not None and mark.fraction == Fraction(fraction), (question["name"], told)
            checked += 1
    assert checked >= 7


def _of_moodle(question: Mapping[str, Any]) -> Interaction | None:
    """The question in our model; what is accepted for nothing (`*`, 0) needs no answer of its own."""
    known = [answer for answer in question.get("answers", ()) if answer[1]]
    if question["type"] == "numerical":
        return NumberInteraction(tuple(NumberKey(Decimal(value), Decimal(str(near))) for value, _, near in known))
    if question["type"] == "short-answer":
        return TextInteraction(tuple(TextAnswer(value, Fraction(str(share))) for value, share in known))
    return None

"""Every kind of question, as the module `every-kind` beside this file has them: read, asked, answered, marked."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool import assessments, modules
from lti_tool.assessments import Form, Item, Response
from lti_tool.assessments.interactions.kind import Control, Field
from lti_tool.assessments.model import ItemKind, response_from_json, response_to_json
from lti_tool.core.errors import Invalid

PACKAGE = Path(__file__).parent / "every-kind"
Fields = Mapping[str, Sequence[str]]


@lru_cache
def module() -> modules.ModuleDefinition:
    return modules.read_package(PACKAGE).definition


def form() -> Form:
    return module().form


def ids() -> list[str]:
    return [path.stem for path in sorted((PACKAGE / "questions").glob("*.md"))]


def fields_of(item: Item, **spoken: str) -> Fields:
    """What a form sends when each control gets what is said of it: by its label or place, and by the words to choose.

    A text such as `a|b` chooses several; what cannot be chosen is typed.
    """
    fields: dict[str, list[str]] = {}
    for part in assessments.widgets(item, None, {}):
        for place, control in enumerate(part.widget.controls, start=1):
            said = spoken.get(f"{part.id or 'a'}{place}", "")
            by_words = {option.words: option.id for option in control.options}
            values = [by_words.get(word, word) for word in said.split("|")] if by_words else [said]
            fields.setdefault(part.name(control.spot), []).extend(value for value in values if value)
    return fields


KEYS: dict[str, dict[str, str]] = {
    "single": {"a1": "The harbour master"},
    "true-false": {"a1": "That is not so"},
    "multiple": {"a1": "The name of the boat|Its length"},
    "points": {"a1": "A horn|A light"},
    "text": {"a1": "Bow  line"},
    "wildcards": {"a1": "photographs"},
    "pattern": {"a1": "GER 12"},
    "number": {"a1": "12,5 m"},
    "digits": {"a1": "3,1416"},
    "match": {"a1": "red", "a2": "green", "a3": "white"},
    "matrix": {"a1": "always", "a2": "sometimes", "a3": "never"},
    "categorise": {"a1": "sail", "a2": "rope", "a3": "rope"},
    "order": {"a1": "1", "a2": "2", "a3": "3"},
    "cloze": {"11": "always", "21": "Harbourmaster", "31": "60"},
    "gaps": {"a1": "bow", "a2": "stern"},
    "hottext": {"a1": "sails", "a3": "stops"},
}
PARTLY: list[tuple[str, dict[str, str], str]] = [
    ("single", {"a1": "The harbour office"}, "1/2"),
    ("single", {"a1": "Nobody"}, "0"),
    ("multiple", {"a1": "Its length"}, "1/2"),
    ("multiple", {"a1": "Its length|The name of the boat|The owner's birthday"}, "2/3"),
    ("points", {"a1": "A horn|More speed"}, "0"),
    ("points", {"a1": "A horn"}, "1/2"),
    ("text", {"a1": "bowlnie"}, "1"),
    ("text", {"a1": "bówline"}, "1"),
    ("text", {"a1": "painter"}, "1/2"),
    ("text", {"a1": "pointers"}, "0"),
    ("wildcards", {"a1": "a photo"}, "0"),
    ("pattern", {"a1": "ger 12"}, "0"),
    ("pattern", {"a1": "GER 12345"}, "0"),
    ("number", {"a1": "1250 cm"}, "1"),
    ("number", {"a1": "41 ft"}, "1"),
    ("number", {"a1": "13 m"}, "1/2"),
    ("number", {"a1": "1250"}, "0"),
    ("digits", {"a1": "3,14159"}, "1"),
    ("digits", {"a1": "3,141"}, "0"),
    ("match", {"a1": "red"}, "1/3"),
    ("match", {"a1": "red", "a2": "red", "a3": "white"}, "2/3"),
    ("matrix", {"a1": "always", "a2": "always", "a3": "always"}, "1/3"),
    ("categorise", {"a1": "sail|rope", "a2": "rope", "a3": "rope", "a4": "rope"}, "1/3"),
    ("order", {"a1": "3", "a2": "1", "a3": "2"}, "2/3"),
    ("order", {"a1": "1"}, "0"),
    ("order", {"a1": "1", "a2": "1", "a3": "1"}, "0"),
    ("cloze", {"11": "always", "21": "nobody", "31": "60"}, "2/3"),
    ("cloze", {"31": "60"}, "1/3"),
    ("gaps", {"a1": "bow", "a2": "keel"}, "1/2"),
    ("gaps", {"a1": "bow", "a2": "bow"}, "0"),
    ("hottext", {"a1": "sails", "a2": "harbour"}, "0"),
    ("hottext", {"a3": "stops"}, "1/2"),
    ("essay", {"a1": "I would look at the ropes."}, "0"),
    ("upload", {"a1": "file-1"}, "0"),
]


def test_the_package_has_every_kind_and_no_fault() -> None:
    package = modules.read_package(PACKAGE)

    assert [(issue.path, issue.line, issue.problem) for issue in package.warnings] == [
        (f"questions/{name}.md", 2, "nobody can mark this by hand in the tool yet") for name in ("essay", "upload")
    ]
    kinds = {asked.kind for item in package.definition.form.items.values() for asked in item.interactions}
    assert kinds == set(ItemKind)
    assert set(form().stimuli) == {"harbour-rules"} == {form().items["single"].stimulus}


def test_a_module_is_the_same_after_a_trip_through_json() -> None:
    stored = json.loads(json.dumps(module().to_json()))

    assert modules.ModuleDefinition.from_json(stored) == module()


@pytest.mark.parametrize("id_", KEYS)
def test_the_right_answer_earns_all_the_points(id_: str) -> None:
    item = form().items[id_]
    mark = assessments.score_item(item, assessments.read_response(item, fields_of(item, **KEYS[id_])))

    assert (mark.points, mark.right) == (item.points, True), [str(step) for step in mark.trace]
    assert assessments.describe_key(item)


@pytest.mark.parametrize(("id_", "spoken", "fraction"), PARTLY)
def test_other_answers_earn_their_part(id_: str, spoken: dict[str, str], fraction: str) -> None:
    item = form().items[id_]
    mark = assessments.score_item(item, assessments.read_response(item, fields_of(item, **spoken)))

    assert mark.fraction == Fraction(fraction), [str(step) for step in mark.trace]


@pytest.mark.parametrize("id_", ["essay", "upload"])
def test_what_a_person_marks_waits_and_says_so(id_: str) -> None:
    item = form().items[id_]

    mark = assessments.score_item(item, assessments.read_response(item, fields_of(item, a1="something")))

    assert mark.pending and not mark.right
    assert "A teacher marks this answer" in str(mark.trace[0])
    assert not assessments.score_item(item, None).pending


def test_why_a_part_of_a_composite_got_its_points() -> None:
    item = form().items["cloze"]
    response = assessments.read_response(item, fields_of(item, **{"11": "never", "21": "harbour master", "31": "1 h"}))

    mark = assessments.score_item(item, response)

    assert [(step.part, step.points, str(step)) for step in mark.trace] == [
        ("1", 0, "You chose “never”, which is not right."),
        ("2", 1, "“harbour master” is one of the accepted answers (capital letters do not count)."),
        ("3", 0, "“1 h” cannot be read as a number."),
    ]
    assert assessments.describe(item, response) == "(1) never; (2) harbour master; (3) 1 h minutes"


def controls(item: Item) -> st.SearchStrategy[dict[str, list[str]]]:
    """What the page of a question may send: of each control something, or nothing."""
    made = {
        part.name(control.spot): _values(control)
        for part in assessments.widgets(item, None, {})
        for control in part.widget.controls
    }
    return st.fixed_dictionaries({}, optional=made)


def _values(control: Control) -> st.SearchStrategy[list[str]]:
    if control.field is Field.FILES:
        return st.lists(st.sampled_from(["file-1", "file-2"]), max_size=2)
    if not control.options:
        numbers = st.sampled_from(["12.5 m", "12,5", "3,1416", "60", "1,234", "bow line", "GER 1", "photo"])
        return st.lists(st.one_of(numbers, st.text(max_size=30)), min_size=1, max_size=1)
    most = len(control.options) if control.field is Field.CHECKS else 1
    return st.lists(st.sampled_from([option.id for option in control.options]), max_size=most, unique=True)


WILD = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.lists(st.text("ab 1\x00é", max_size=6), max_size=6).map(tuple),
    st.dictionaries(st.sampled_from(["", "1", "2", "3", "x"]), st.one_of(st.text(max_size=6), st.just(("a", "b")))),
)


@pytest.mark.parametrize("id_", ids())
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_mark_stays_in_its_bounds_and_its_trace_adds_up(id_: str, data: st.DataObject) -> None:
    item = form().items[id_]
    real = st.builds(lambda fields: assessments.read_response(item, fields), controls(item))
    response: Response | None = data.draw(st.one_of(real, WILD))

    mark = assessments.score_item(item, response)

    assert 0 <= mark.fraction <= 1
    assert sum(step.points for step in mark.trace) == mark.points == mark.fraction * item.points
    assert mark.trace and all(str(step).endswith(".") for step in mark.trace)
    assert isinstance(assessments.describe(item, response), str)
    assert isinstance(assessments.unclear(item, response), str)


@pytest.mark.parametrize("id_", ids())
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_the_order_and_repetition_in_a_bag_do_not_matter(id_: str, data: st.DataObject) -> None:
    item = form().items[id_]
    response = assessments.read_response(item, data.draw(controls(item)))
    if not isinstance(response, tuple):
        return

    turned = (*data.draw(st.permutations(response)), response[0])

    assert assessments.score_item(item, turned) == assessments.score_item(item, response)


@pytest.mark.parametrize("id_", ids())
@pytest.mark.parametrize("nothing", [None, "", (), {}, ("",), {"1": ""}, {"1": ()}])
def test_no_answer_is_no_fault_and_earns_nothing(id_: str, nothing: Response | None) -> None:
    item = form().items[id_]

    mark = assessments.score_item(item, nothing)

    assert (mark.points, mark.answered, mark.right, mark.pending) == (0, False, False, False)
    assert [str(step) for step in mark.trace] == ["There was no answer."]


@pytest.mark.parametrize("id_", ids())
@settings(deadline=None, max_examples=30)
@given(data=st.data())
def test_a_page_shows_the_answer_that_was_saved(id_: str, data: st.DataObject) -> None:
    item = form().items[id_]
    drawn = assessments.draw(form(), data.draw(st.integers(0, 2**63)))
    saved = response_from_json(response_to_json(assessments.read_response(item, data.draw(controls(item)))))

    shown: dict[str, list[str]] = {}
    for part in assessments.widgets(item, saved, drawn.choice_orders):
        for name, value in part.filled():
            shown.setdefault(name, []).append(value)

    assert assessments.read_response(item, shown) == saved


@pytest.mark.parametrize("id_", ids())
def test_what_a_page_asks_says_nothing_of_the_key(id_: str) -> None:
    """The same question with another key is asked in the very same way."""
    item = form().items[id_]
    told = repr(assessments.widgets(item, None, {}))

    for word in ("right", "share", "feedback", "rubric", "hatches", "pairs=", "Of a dinghy", "1/100"):
        assert word not in told.replace("That is not so", ""), word


@pytest.mark.parametrize(
    ("id_", "fields", "code"),
    [
        ("true-false", {"a-true-false": ["x"]}, "assessments.unknown_choice"),
        ("match", {"a-match.other": ["x"]}, "assessments.unknown_choice"),
        ("order", {"a-order.other": ["1"]}, "assessments.unknown_choice"),
        ("gaps", {"a-gaps.g9": ["x"]}, "assessments.unknown_choice"),
        ("hottext", {"a-hottext.x": ["x"]}, "assessments.unknown_choice"),
        ("cloze", {"a-cloze.1": ["x"]}, "assessments.unknown_choice"),
        ("upload", {"a-upload": ["f1", "f2", "f3"]}, "assessments.too_many_files"),
        ("essay", {"a-essay": ["x" * 40_001]}, "assessments.answer_too_long"),
    ],
)
def test_what_the_question_cannot_have_sent_is_refused(id_: str, fields: Fields, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        assessments.read_response(form().items[id_], fields)
    assert refused.value.code == code


def test_a_second_match_where_one_is_asked_for_is_refused() -> None:
    item = form().items["match"]
    first = assessments.widgets(item, None, {})[0].widget.controls[0]
    fields = {f"a-match.{first.spot}": [option.id for option in first.options[:2]]}

    with pytest.raises(Invalid) as refused:
        assessments.read_response(item, fields)
    assert refused.value.code == "assessments.one_match_only"


@pytest.mark.parametrize(
    ("id_", "spoken", "words"),
    [
        ("order", {"a1": "1", "a2": "1"}, "Place 1 is given more than once"),
        ("order", {"a1": "1"}, "2 of 3 have no place yet"),
        ("gaps", {"a1": "bow", "a2": "bow"}, "You used “bow” more than once"),
        ("essay", {"a1": "Too short"}, "Your text has 2 words. From 20 to 200 words are asked for."),
        ("number", {"a1": "12 miles"}, "cannot be read as a number with one of the units"),
        ("digits", {"a1": "3.142"}, "can mean 3.142 or 3142"),
        ("cloze", {"31": "sixty"}, "cannot be read as a number"),
    ],
)
def test_what_may_not_be_meant_is_asked_once_more(id_: str, spoken: dict[str, str], words: str) -> None:
    item = form().items[id_]

    assert words in assessments.unclear(item, assessments.read_response(item, fields_of(item, **spoken)))


def test_a_question_of_several_is_kept_and_told_part_by_part() -> None:
    item = form().items["cloze"]
    response = assessments.read_response(item, {"a-cloze.2": ["harbourmaster"], "a-cloze.3": [" "]})

    assert response == {"2": "harbourmaster"}
    assert assessments.describe(item, response) == "(1) –; (2) harbourmaster; (3) –"
    assert assessments.is_answered(response) and not assessments.is_answered({})

"""From a submitted form to a response: what each kind takes, what it refuses."""

import pytest

from lti_tool import assessments
from lti_tool.assessments import Response
from lti_tool.assessments.model import Choice, ChoiceInteraction, ItemKind
from lti_tool.core.errors import Invalid
from tests.rooms.assessments.samples import asking, multiple, number, single, text


@pytest.mark.parametrize(
    ("item", "values", "response"),
    [
        (single(), ["b"], "b"),
        (single(), ["b", "b"], "b"),
        (single(), [""], None),
        (single(), [], None),
        (multiple(), ["c", "a", "c"], ("a", "c")),
        (multiple(), [""], None),
        (text(), ["  Data controller\r\n"], "  Data controller\n"),
        (text(), ["  \n"], None),
        (text(), ["a\x00b\ud800c"], "abc"),
        (number(), ["72,0"], "72,0"),
        (number(), ["about 72"], "about 72"),
        (number(), [" "], None),
    ],
)
def test_is_taken_as(item: assessments.Item, values: list[str], response: Response | None) -> None:
    assert assessments.read_response(item, {f"a-{item.id}": values}) == response


def test_a_field_that_was_not_sent_is_no_answer() -> None:
    assert assessments.read_response(single(), {"a-other": ["b"]}) is None


def refused_code(item: assessments.Item, values: list[str]) -> str:
    with pytest.raises(Invalid) as refused:
        assessments.read_response(item, {f"a-{item.id}": values})
    assert refused.value.hint_text
    return refused.value.code


def test_a_choice_that_the_question_does_not_have_is_refused() -> None:
    assert refused_code(single(), ["z"]) == "assessments.unknown_choice"
    assert refused_code(multiple(), ["a", "A"]) == "assessments.unknown_choice"


def test_a_second_choice_where_one_is_asked_for_is_refused() -> None:
    assert refused_code(single(), ["a", "b"]) == "assessments.one_choice_only"


def test_an_answer_longer_than_its_field_is_refused() -> None:
    assert refused_code(text(), ["x" * 2001]) == "assessments.answer_too_long"
    assert refused_code(number(), ["1" * 61]) == "assessments.answer_too_long"


def test_the_longest_answers_fit() -> None:
    assert assessments.read_response(text(), {"a-word": ["x" * 2000]}) == "x" * 2000
    assert assessments.read_response(number(), {"a-count": ["1" * 60]}) == "1" * 60


@pytest.mark.parametrize(
    ("item", "response", "words"),
    [
        (single(), "b", "choice b"),
        (multiple(), ("c", "a"), "choice a; choice c"),
        (text(), " Data\n controller ", "Data controller"),
        (number(), "72", "72 hours"),
        (number(), "72 hours", "72 hours"),
        (number(), None, "No answer"),
    ],
)
def test_a_response_is_told_in_plain_words(item: assessments.Item, response: Response | None, words: str) -> None:
    assert assessments.describe(item, response) == words


def test_the_right_answer_is_told_in_plain_words() -> None:
    assert assessments.describe_key(single()) == "choice b"
    assert assessments.describe_key(multiple()) == "choice a; choice b; choice c"
    assert assessments.describe_key(text()) == "“data controller” or “controller”"


def test_a_picture_is_told_by_its_description() -> None:
    picture = '<img src="/media/1" alt="A &quot;lock&quot;"> and <b>key</b>'
    item = asking(ChoiceInteraction(ItemKind.SINGLE, (Choice("a", picture, True), Choice("b", "x", False))), "p")

    assert assessments.describe(item, "a") == 'A "lock" and key'

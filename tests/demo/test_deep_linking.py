"""The tool's choice comes back: what becomes an activity, and what the LMS does not believe."""

import pytest
from werkzeug.test import TestResponse

from lti_tool.demo import Lms
from tests.demo.sides import CORE, DEEP, TOOL, Hand, ToolSide, Visitor

ITEM = {
    "type": "ltiResourceLink",
    "title": "Data protection <b>essentials</b>",
    "text": "Twenty minutes.\nFor <i>everybody</i>.",
    "url": f"{TOOL}/lti/launch",
    "custom": {"offer": "01J9", "n": 3},
    "lineItem": {"scoreMaximum": 100, "resourceId": "01J9", "tag": "module", "label": "not kept"},
    "available": {"startDateTime": "2026-01-01T00:00:00Z"},
}


def give_back(visitor: Visitor, lms: Lms, token: str, key: str | None = None) -> TestResponse:
    key = lms.open_dialogue(lms.person("ingrid")) if key is None else key
    path = f"/mod/lti/contentitem_return.php?course=2&id=3&sesskey={key}"
    return visitor.post(path, {"JWT": token}, headers={"Origin": TOOL})


def test_a_choice_becomes_an_activity_with_a_column(lms: Lms, visitor: Visitor, tool: ToolSide) -> None:
    answer = give_back(visitor, lms, tool.choice(ITEM))
    (link,) = lms.links.values()
    assert answer.status_code == 200 and f"/course?added={link.id}" in answer.text
    assert (link.title, link.text) == ("Data protection essentials", "Twenty minutes. For everybody.")
    assert dict(link.custom) == {"offer": "01J9", "n": "3"}
    item = lms.items[link.item_id]
    assert (item.label, item.maximum, item.resource_id, item.tag) == (link.title, 100, "01J9", "module")
    visitor.be("ingrid", lms)
    assert "Data protection essentials" in visitor.get("/course").text


def test_several_are_saved_in_one_go(lms: Lms, visitor: Visitor, tool: ToolSide) -> None:
    give_back(visitor, lms, tool.choice(ITEM, {**ITEM, "title": "Second"}, {"type": "link", "url": "x"}))
    assert [link.title for link in lms.links.values()] == ["Data protection essentials", "Second"]


@pytest.mark.parametrize("maximum", [0, 101, 42.5, "many", None, True])
def test_a_grade_that_moodle_cannot_hold_is_refused_with_its_own_words(
    lms: Lms, visitor: Visitor, tool: ToolSide, maximum: object
) -> None:
    answer = give_back(visitor, lms, tool.choice(ITEM, {**ITEM, "lineItem": {"scoreMaximum": maximum}}))
    assert answer.status_code == 400 and not lms.links
    assert "Invalid grade value. This must be an integer between 1 and 100" in answer.text


def test_an_empty_choice_closes_the_dialogue_without_a_word_from_the_tool(
    lms: Lms, visitor: Visitor, tool: ToolSide
) -> None:
    answer = give_back(visitor, lms, tool.choice(**{f"{DEEP}errormsg": "Tool said no"}))
    assert answer.status_code == 200 and "Nothing was chosen" in answer.text and "Tool said no" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"aud": "http://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": 99999999999},
        {f"{CORE}deployment_id": "4"},
        {f"{CORE}version": "1.2"},
        {f"{CORE}message_type": "LtiResourceLinkRequest"},
        {f"{DEEP}content_items": "none"},
        {f"{DEEP}content_items": [{**ITEM, "url": "http://elsewhere.example/"}]},
    ],
)
def test_an_answer_that_is_not_for_us_saves_nothing(
    lms: Lms, visitor: Visitor, tool: ToolSide, changes: dict[str, object]
) -> None:
    answer = give_back(visitor, lms, tool.choice(ITEM, **changes))
    assert answer.status_code == 400 and not lms.links


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_what_is_no_token_saves_nothing(lms: Lms, visitor: Visitor, token: str) -> None:
    assert give_back(visitor, lms, token).status_code == 400


def test_a_foreign_signature_saves_nothing(lms: Lms, visitor: Visitor, tool: ToolSide) -> None:
    foreign = ToolSide(tool.clock, lms.key, kid=tool.kid)
    assert give_back(visitor, lms, foreign.choice(ITEM)).status_code == 400
    assert not lms.links


def test_an_answer_counts_once(lms: Lms, visitor: Visitor, tool: ToolSide, hand: Hand) -> None:
    key, token = lms.open_dialogue(lms.person("ingrid")), tool.choice(ITEM)
    assert give_back(visitor, lms, token, key).status_code == 200
    assert give_back(visitor, lms, token, key).status_code == 400
    assert give_back(visitor, lms, token, "made-up").status_code == 400
    assert len(lms.links) == 1

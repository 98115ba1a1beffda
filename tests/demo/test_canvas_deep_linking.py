"""Deep linking from the form of an assignment, as Canvas takes it."""

import re

import jwt
import pytest
from werkzeug.test import TestResponse

from lti_tool.demo import CanvasLms
from lti_tool.demo.canvas.facts import INSTALLED
from tests.demo.canvas_side import CanvasTool
from tests.demo.sides import CORE, DEEP, LMS, TOOL, Visitor

ITEM = {
    "type": "ltiResourceLink",
    "title": "Title",
    "text": "Text",
    "url": f"{TOOL}/lti/launch",
    "custom": {"offer": "o-1"},
    "lineItem": {"scoreMaximum": 40, "label": "Label", "resourceId": "r", "tag": "t"},
}


@pytest.fixture
def address(canvas: CanvasLms) -> str:
    claims = jwt.decode(canvas.id_token(canvas.person("ingrid"), None, "n"), options={"verify_signature": False})
    settings = claims[f"{DEEP}deep_linking_settings"]
    assert "data" not in settings and settings["accept_multiple"] is False
    return str(settings["deep_link_return_url"]).removeprefix(LMS)


def answer(canvas_visitor: Visitor, address: str, text: str) -> TestResponse:
    """The tool's form, which comes from the tool's page."""
    return canvas_visitor.post(address, {"JWT": text}, headers={"Origin": TOOL})


def test_one_link_becomes_an_assignment_of_the_installation_that_answered(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    text = canvas_tool.choice(ITEM, {**ITEM, "title": "Second"}, **{f"{CORE}deployment_id": INSTALLED[1].deployment_id})
    page = answer(canvas_visitor, address, text)
    assert page.status_code == 200 and "Added to the course" in page.text
    (link,) = canvas.links.values()
    item = canvas.items[link.item_id]
    assert (link.title, item.label, item.maximum, item.resource_id, item.tag) == ("Label", "Label", 40, "r", "t")
    assert dict(link.custom) == {"offer": "o-1"} and canvas.tool_of(link) == INSTALLED[1]


def test_a_line_item_without_maximum_is_refused_alone(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    page = answer(canvas_visitor, address, canvas_tool.choice({**ITEM, "lineItem": {"label": "x"}}, ITEM))
    assert page.status_code == 200 and len(canvas.links) == 1


def test_nothing_chosen_is_no_fault(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    page = answer(canvas_visitor, address, canvas_tool.choice(**{f"{DEEP}content_items": None, f"{DEEP}msg": "Bye"}))
    assert page.status_code == 200 and not canvas.links
    assert "Bye" in canvas.wires.trail[-1].note


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"aud": LMS}, {"base": [{"type": "the 'aud' is invalid"}]}),
        ({"nonce": None}, {"base": [{"type": "the following assertions are missing: jti"}]}),
        ({"exp": 1}, {"base": [{"type": "the JWT has expired"}]}),
        ({"iat": 4_000_000_000}, {"base": [{"type": "the 'iat' must not be in the future"}]}),
    ],
)
def test_a_bad_answer_is_refused_in_canvas_words(
    canvas: CanvasLms,
    canvas_visitor: Visitor,
    canvas_tool: CanvasTool,
    address: str,
    changes: dict[str, object],
    errors: object,
) -> None:
    page = answer(canvas_visitor, address, canvas_tool.choice(ITEM, **changes))
    assert (page.status_code, page.json, canvas.links) == (400, {"errors": errors}, {})


def test_a_client_that_is_not_known_saves_nothing(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    page = answer(canvas_visitor, address, canvas_tool.choice(ITEM, iss="somebody"))
    assert page.json == {"errors": {"jwt": [{"type": "Client not found"}]}} and not canvas.links


@pytest.mark.parametrize("text", ["", "nonsense", "a.b.c"])
def test_no_token_is_no_answer(canvas: CanvasLms, canvas_visitor: Visitor, address: str, text: str) -> None:
    page = answer(canvas_visitor, address, text)
    assert page.json == {"errors": {"jwt": [{"type": "JWT format is invalid"}]}}


def test_a_foreign_signature_saves_nothing(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    claims = jwt.decode(canvas_tool.choice(ITEM), options={"verify_signature": False})
    forged = jwt.encode(claims, canvas.key, algorithm="RS256", headers={"kid": canvas_tool.tool.kid})
    assert answer(canvas_visitor, address, forged).status_code == 400 and not canvas.links


@pytest.mark.parametrize("query", ["", "?data=nonsense"])
def test_the_state_in_the_query_must_be_whole(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str, query: str
) -> None:
    bent = re.sub(r"\?.*", query, address)
    assert answer(canvas_visitor, bent, canvas_tool.choice(ITEM)).status_code == 400 and not canvas.links


def test_an_answer_is_taken_once(
    canvas: CanvasLms, canvas_visitor: Visitor, canvas_tool: CanvasTool, address: str
) -> None:
    assert answer(canvas_visitor, address, canvas_tool.choice(ITEM)).status_code == 200
    assert answer(canvas_visitor, address, canvas_tool.choice(ITEM)).status_code == 400
    assert len(canvas.links) == 1

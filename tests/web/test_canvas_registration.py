"""An administrator connects the demo's Canvas by an address: a school's own one, beside the keys entered by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import demo
from lti_tool.lti.vocabulary import NOTICE_SCOPE, SCOPES
from tests.stage import Stage, raised
from tests.walker import Walker
from tests.web.journey import LEARNER, pass_the_module
from tests.web.registering import connect, invited, registration_with
from tests.web.test_canvas_journey import add_by_deep_linking, canvas_of


@pytest.fixture
def stage(db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=demo.Flavour.CANVAS) as up:
        yield up


def test_from_an_address_to_a_grade(stage: Stage) -> None:
    admin, learner = Walker(), Walker()
    done = connect(stage, admin, invited(stage, "Our Canvas"))
    assert "Our Canvas is connected" in done.text, done.text
    (tool,) = stage.lms.toolbox.tools.values()
    assert set(tool.scopes) == {*SCOPES, NOTICE_SCOPE}
    known = registration_with(stage, tool.client_id)
    assert (known.issuer, known.name) == (stage.lms_url, "Our Canvas")
    assert known.token_audience == known.token_url, "its bare host would do since 2026 only"
    assert dict(tool.custom)["canvas_assignment_id"] == "$Canvas.assignment.id"

    # The key is off: nobody can open it; then on, and a teacher picks by its number.
    assert "Off: nobody can open it yet" in admin.get(f"{stage.lms_url}/tools").text
    number = f"{100 + int(tool.id)}"
    assert admin.get(f"{stage.lms_url}/course/add/launch?tool={number}").status == 404
    admin.post(f"{stage.lms_url}/tools/{tool.id}", {"how": "activate"})
    link = add_by_deep_linking(stage, number)
    assert canvas_of(stage).tool_of(link).client_id == tool.client_id

    # A launch in its own name, a grade by a token for its own client.
    result = pass_the_module(stage, learner, link.id)
    assert "100\u202f%" in result.text
    stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 100
    assert canvas_of(stage).attempts_of(link.item_id, LEARNER) == 1
    waiting = admin.get(done.url)
    assert "It works" in waiting.text and "Our Canvas" in waiting.text


def test_the_same_learner_of_a_key_by_hand_is_another_registration_s(stage: Stage) -> None:
    """One Canvas under two names: what is done by one key is never the other's."""
    admin, learner = Walker(), Walker()
    connect(stage, admin, invited(stage, "Our Canvas"))
    (tool,) = stage.lms.toolbox.tools.values()
    admin.post(f"{stage.lms_url}/tools/{tool.id}", {"how": "activate"})
    by_hand, by_address = add_by_deep_linking(stage), add_by_deep_linking(stage, f"{100 + int(tool.id)}")
    pass_the_module(stage, learner, by_hand.id)
    stage.work()
    assert stage.lms.grades[(by_hand.item_id, LEARNER)].value == 100
    assert (by_address.item_id, LEARNER) not in stage.lms.grades

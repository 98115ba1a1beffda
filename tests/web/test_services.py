"""Grade columns, results and people of the demo LMS in both flavours, over real HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool import courses, demo, lti
from tests.stage import Stage, raised
from tests.walker import Walker, launch

LEARNER = "6"


@pytest.fixture(params=list(demo.Flavour), ids=[flavour.value for flavour in demo.Flavour])
def stage(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[Stage]:
    with raised(db_url, tmp_path, flavour=request.param) as up:
        assert launch(Walker(), up.lms_url, LEARNER, up.add_activity().id).launch
        yield up


def test_columns_are_used_again_and_people_read_whole(stage: Stage) -> None:
    tool, known = stage.tool, stage.registration.id
    services = lti.Services(tool.db, tool.http, tool.vault, tool.clock)
    with tool.db.reading() as tx:
        found = courses.newest_services(tx, known)
    assert found.line_item_url and found.line_items_url and found.memberships_url
    own = services.line_item(known, found.line_item_url)
    before = len(stage.lms.items)

    # The link's own column, made by the LMS, and one that is ours alone.
    same = lti.NewLineItem("Quiz", 100, resource_link_id=own.resource_link_id, resource_id="offer-1")
    assert services.find_or_create_line_item(known, found.line_items_url, same) == own
    alone = lti.NewLineItem("Effort", 50, resource_id="effort", tag="t")
    made = [services.find_or_create_line_item(known, found.line_items_url, alone) for _ in range(3)]
    assert len({item.url for item in made}) == 1
    assert len(stage.lms.items) == before + 1

    changed = services.update_line_item(known, made[0].url, label="Effort, graded")
    assert (changed.label, changed.maximum, changed.resource_id, changed.tag) == ("Effort, graded", 50, "effort", "t")
    assert services.line_items(known, found.line_items_url, resource_id="effort") == (changed,)
    assert services.results(known, changed.url) == ()
    services.delete_line_item(known, changed.url)
    assert len(stage.lms.items) == before

    roster = services.roster(known, found.memberships_url, resource_link_id=own.resource_link_id)
    assert roster.complete, roster.reason
    assert {lti.Role.LEARNER, lti.Role.INSTRUCTOR} <= {member.role for member in roster.members}
    assert not any("&amp;" in (member.name or "") for member in roster.members)
    assert roster.gone(["nobody"]) == {"nobody"}

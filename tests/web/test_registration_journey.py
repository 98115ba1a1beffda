"""An administrator connects the demo LMS by an address; then teacher and learner work through that registration."""

import json
import re
from dataclasses import replace
from datetime import timedelta

from lti_tool.lti.tables import invitations
from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, TEACHER, pass_the_module
from tests.web.registering import ADMIN, add_by_address, address_in_frame, connect, invited, registration_with


def pick(stage: Stage, teacher: Walker, tool: str) -> str:
    """A teacher adds a module of one tool to the course; the activity's number."""
    before = set(stage.lms.links)
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{stage.lms_url}/course/add/launch?tool={tool}"))
    module = re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0]
    added = teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module}))
    assert "Added to the course" in added.text, added.text
    (link,) = set(stage.lms.links) - before
    return link


def change(stage: Stage, admin: Walker, tool: str, how: str) -> str:
    return admin.post(f"{stage.lms_url}/tools/{tool}", {"how": how}).text


def test_from_an_address_to_a_grade(stage: Stage) -> None:
    admin, teacher, learner = Walker(), Walker(), Walker()

    # Connect: one address, one button.
    done = connect(stage, admin, invited(stage))
    assert "Our Moodle is connected" in done.text and "Activate" in done.text
    (tool,) = stage.lms.toolbox.tools.values()
    assert (tool.id, tool.is_active, tool.in_chooser) == ("4", False, False)
    assert tool.scopes and set(tool.claims) == {"sub", "iss", "name", "family_name", "given_name", "email"}
    known = registration_with(stage, tool.client_id)
    assert known.name == "Our Moodle" and known.id != stage.registration.id

    # Pending, then active, then on offer: as Moodle has it.
    assert "Pending: nobody can open it yet" in admin.get(f"{stage.lms_url}/tools").text
    assert "Not in the activity chooser" in change(stage, admin, tool.id, "activate")
    assert "Not in the activity chooser" not in change(stage, admin, tool.id, "show")
    state = json.loads(admin.get(f"{done.url}/state").body)
    assert state["settled"] is False

    # Teach and learn by it: the grade comes by a token for the new client.
    link = pick(stage, teacher, tool.id)
    assert stage.lms.toolbox.of_link(stage.lms.links[link]).client_id == tool.client_id  # type: ignore[union-attr]
    pass_the_module(stage, learner, link)
    stage.work()
    assert stage.lms.grades[(stage.lms.links[link].item_id, LEARNER)].value == 100

    # The page that waited says so, and tests the rest.
    state = json.loads(admin.get(f"{done.url}/state").body)
    assert state["settled"] is True and "It works: Our Moodle has opened this tool" in state["html"]
    launched = admin.get(done.url)
    assert "It works" in launched.text
    posts = len(stage.lms.posts)
    waits = admin.submit(launched, launched.form("/test"))
    assert waits.status == 200 and "Testing the connection to Our Moodle" in waits.text
    assert json.loads(admin.get(f"{waits.url}/state").body)["settled"] is False
    stage.work()
    assert json.loads(admin.get(f"{waits.url}/state").body) == {"settled": True}
    tested = admin.get(waits.url)
    assert tested.status == 200 and "Our Moodle is well connected" in tested.text, tested.text
    assert tested.text.count(">Good<") + tested.text.count("Good</span>") > 3
    assert len(stage.lms.posts) == posts, "no grade is sent to anybody"


def test_the_same_address_updates_and_hides_the_tool_again(stage: Stage) -> None:
    admin, address = Walker(), invited(stage)
    connect(stage, admin, address)
    change(stage, admin, "4", "activate")
    change(stage, admin, "4", "show")
    asked = add_by_address(stage, admin, address)
    assert "already up to date, or add it once more?" in asked.text
    before = registration_with(stage, stage.lms.toolbox.tools["4"].client_id)
    done = connect(stage, admin, address, "update")
    assert "has been brought up to date" in done.text
    (tool,) = stage.lms.toolbox.tools.values()
    assert (tool.is_active, tool.in_chooser) == (True, False)
    assert registration_with(stage, tool.client_id) == before


def test_a_second_tool_needs_a_second_invitation(stage: Stage) -> None:
    admin, address = Walker(), invited(stage)
    connect(stage, admin, address)
    again = admin.get(address_in_frame(add_by_address(stage, admin, address, "add")))
    assert again.status == 403 and "holds for one" in again.text
    connect(stage, admin, invited(stage, "The same once more"), "add")
    assert [tool.id for tool in stage.lms.toolbox.tools.values()] == ["4", "5"]


def test_a_registered_tool_is_told_only_what_it_asked_for(stage: Stage) -> None:
    admin = Walker()
    connect(stage, admin, invited(stage))
    tool = stage.lms.toolbox.tools["4"]
    stage.lms.toolbox.keep(replace(tool, claims=("sub", "iss"), is_active=True, in_chooser=True))
    link = pick(stage, Walker(), tool.id)
    page = launch(Walker(), stage.lms_url, LEARNER, link)
    assert page.status == 200 and "Nguyễn" not in page.text


def test_the_connection_is_tested_for_a_day_and_from_our_own_page(stage: Stage) -> None:
    admin = Walker()
    done = connect(stage, admin, invited(stage))
    assert admin.get(f"{done.url}/test").status == 404
    assert admin.post(f"{done.url}/test", {}).status == 200
    assert admin.post(f"{done.url}/test", {}, origin="https://evil.example").status == 403
    with stage.tool.db.transaction() as tx:
        long_ago = stage.tool.now() - timedelta(days=1)
        tx.execute(invitations.update().values(used_at=long_ago))
    late = admin.post(f"{done.url}/test", {})
    assert late.status == 403 and "lti-tool platform test" in late.text
    assert admin.get(f"{done.url}/test").status == admin.get(f"{done.url}/test/state").status == 403
    assert "/test" not in admin.get(done.url).text


def test_who_is_no_administrator_adds_no_tool(stage: Stage) -> None:
    teacher = Walker()
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/tools"})
    assert teacher.post(f"{stage.lms_url}/tools/add", {"url": invited(stage)}).status == 403
    assert teacher.post(f"{stage.lms_url}/tools/4", {"how": "activate"}).status == 403
    assert ADMIN not in teacher.jar.get("localhost", {}).values()

"""Every page that a signed-in person can open, opened: a GET writes nothing, and each answer carries its headers."""

import re

from sqlalchemy import event

from lti_tool import courses, lti
from lti_tool.web import create_app
from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, TEACHER, attempt_of, begin, pass_the_module
from tests.web.registering import add_by_address, address_in_frame, connect, invited

WRITES = ("INSERT", "UPDATE", "DELETE")
MAY_WRITE = {"/lti/login"}  # OIDC login: the one GET that remembers something.


def enrolment_of(stage: Stage, launch: str) -> str:
    """The public id of a session's enrolment, which a submission review is about."""
    with stage.tool.db.reading() as tx:
        session = lti.find_session(tx, launch)
        assert session is not None and session.enrolment_id is not None
        return courses.find_enrolment(tx, session.enrolment_id).public_id


def addresses(stage: Stage) -> list[tuple[Walker, str]]:
    """Each GET rule of the application, filled in with what exists, and who opens it."""
    learner, teacher, picking = Walker(), Walker(), Walker()
    link = stage.add_activity()
    result = pass_the_module(stage, learner, link.id)
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    name = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate")
    learner.submit(name, name.form("/certificate"))
    stage.work()
    sitting = begin(learner, learner.get(home.url))
    dashboard = launch(teacher, stage.lms_url, TEACHER, link.id)
    picking.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = picking.onward(picking.get(f"{stage.lms_url}/course/add/launch"))
    page = learner.get(f"{stage.tool_url}/learn/{home.launch}/pages/personal-data").text
    certificate = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate").text
    known = {
        "key": "personal-data",
        "kind": "pdf",
        "module": re.findall(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)[0],
        "number": "1",
        "attempt": attempt_of(sitting),
        "digest": re.findall(r"/media/([0-9a-f]{64})", page)[0],
        "public_id": re.findall(r"/c/([0-9a-z]{26})", certificate)[0],
        "offer": dict(link.custom)["offer"],
        "enrolment": enrolment_of(stage, home.launch),
    }
    offer = address_in_frame(add_by_address(stage, Walker(), invited(stage)))
    admin = Walker()
    waiting = connect(stage, admin, invited(stage))
    assert admin.post(f"{waiting.url}/test", {}).status == 200
    connected = waiting.path.rpartition("/")[2]
    found = [(learner, offer.removeprefix(stage.tool_url))]
    for rule in create_app(stage.tool).url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule in MAY_WRITE or rule.endpoint == "static":
            continue
        if rule.endpoint == "register.offer":
            continue  # Its address is the LMS's to write: it is in the list already.
        if rule.endpoint.startswith(("admin", "sign_in.")):
            continue  # Administrators have a test of their own: tests/web/test_admin.py.
        walker, session = learner, home.launch
        if rule.rule.startswith("/teach/"):
            chosen = picker if "/pick" in rule.rule else dashboard
            walker, session = (picking if "/pick" in rule.rule else teacher), chosen.launch
        values = {**known, "launch": session}
        if rule.endpoint == "learner.result":
            values["attempt"] = attempt_of(result)
        if rule.endpoint.startswith("register."):
            values["public_id"] = connected
        found.append((walker, re.sub(r"<(?:\w+:)?(\w+)>", lambda name, v=values: v[name[1]], rule.rule)))
    return found


def test_no_page_writes_and_every_page_is_fenced(stage: Stage) -> None:
    opened, written = addresses(stage), []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(WRITES):
            written.append(statement[:100])

    event.listen(stage.tool.db.engine, "before_cursor_execute", note)
    for walker, address in opened:
        page = walker.get(f"{stage.tool_url}{address}")
        assert page.status == 200, (address, page.status, page.text[:500])
        assert "frame-ancestors" in page.headers["Content-Security-Policy"] or "/media/" in address, address
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        if address.startswith(("/learn/", "/teach/")):
            assert page.headers["Cache-Control"] == "no-store", address
            assert f"frame-ancestors {stage.lms_url}" in page.headers["Content-Security-Policy"], address
    assert written == []
    assert len(opened) > 20

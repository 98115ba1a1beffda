"""The three doors over HTTP: a teacher adds the module, a learner passes it, a stranger checks the certificate."""

import json
import re

import pytest

from tests.stage import Stage
from tests.walker import Walker, launch
from tests.web.journey import (
    LEARNER,
    TEACHER,
    answer_everything,
    begin,
    hand_in,
    items_of,
    pass_the_module,
    right_answer,
    secret_of,
)
from tests.web.test_launch_safety import Begun
from tests.workflows.conftest import choices_of


def verification_address(page_text: str, tool_url: str) -> str:
    found = re.search(rf"{re.escape(tool_url)}/c/[0-9a-z]{{26}}", page_text)
    assert found, page_text[:3000]
    return found.group(0)


@pytest.mark.both_engines
def test_the_three_doors(stage: Stage) -> None:
    teacher, learner, stranger = Walker(), Walker(), Walker(keeps_cookies=False)

    # Teach: deep linking puts the module and its column into the course.
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{stage.lms_url}/course/add/launch"))
    assert "Data protection essentials" in picker.text
    module = next(value for name, value in re.findall(r'name="(module)"[^>]*value="([0-9a-z]{26})"', picker.text))
    added = teacher.onward(teacher.submit(picker, picker.form("csrf_token"), {"module": module}))
    assert "Added to the course" in added.text, added.text
    (link,) = stage.lms.links.values()
    assert link.title == "Data protection essentials"
    assert stage.lms.items[link.item_id].maximum == 100

    # Learn: read, answer, hand in; the grade is in the gradebook once the LMS has taken it.
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    assert home.status == 200 and "Data protection essentials" in home.text
    review = answer_everything(stage, learner, begin(learner, home))
    result = hand_in(learner, review)
    assert result.status == 200, result.text
    assert "100\u202f%" in result.text
    stage.work()
    assert stage.lms.grades[(link.item_id, LEARNER)].value == 100
    assert "Demo LMS has your" in learner.get(f"{stage.tool_url}/learn/{home.launch}/receipt").text

    # Certificate: the name is confirmed, the PDF drawn.
    name = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate")
    assert "Nguyễn Thị Ánh Tuyết" in name.text
    learner.submit(name, name.form("/certificate"))
    stage.work()
    certificate = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate")
    pdf = learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate.pdf")
    assert (pdf.status, pdf.headers["Content-Type"], pdf.body[:5]) == (200, "application/pdf", b"%PDF-")
    badge = json.loads(learner.get(f"{stage.tool_url}/learn/{home.launch}/certificate.json").body)
    assert badge["type"] == ["VerifiableCredential", "OpenBadgeCredential"]

    # Check: no account, no cookie.
    address = verification_address(certificate.text, stage.tool_url)
    checked = stranger.get(address)
    assert "This certificate is genuine" in checked.text and "Set-Cookie" not in checked.headers
    assert "Nguyễn Thị Ánh Tuyết" in checked.text


def test_the_dashboard_shows_who_came_how_far(stage: Stage) -> None:
    link = stage.add_activity()
    pass_the_module(stage, Walker(), link.id)
    stage.work()
    dashboard = launch(Walker(), stage.lms_url, TEACHER, link.id)
    assert dashboard.path.startswith("/teach/")
    assert "Nguyễn Thị Ánh Tuyết" in dashboard.text and "Passed" in dashboard.text
    preview = Walker()
    shown = launch(preview, stage.lms_url, TEACHER, link.id)
    assert preview.get(f"{stage.tool_url}/teach/{shown.launch}/preview/1").status == 200
    assert preview.get(f"{stage.tool_url}/teach/{shown.launch}/preview/8").status == 200
    assert preview.get(f"{stage.tool_url}/teach/{shown.launch}/preview/9").status == 404


def test_a_learner_cannot_open_a_teachers_page(stage: Stage) -> None:
    link = stage.add_activity()
    learner = Walker()
    home = launch(learner, stage.lms_url, LEARNER, link.id)
    assert learner.get(f"{stage.tool_url}/teach/{home.launch}/").status == 404
    assert learner.get(f"{stage.tool_url}/teach/{home.launch}/preview/8").status == 404


def test_no_page_before_the_hand_in_tells_the_answers(stage: Stage) -> None:
    """Keys, feedback and solutions stay on the server until the attempt is handed in."""
    link = stage.add_activity()
    learner = Walker()
    page = begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))
    items = items_of(stage, page, secret_of(learner))
    kept = [
        text for item in items for text in (item.solution, *(choice.feedback for choice in choices_of(item))) if text
    ]
    assert len(kept) > 10
    seen = "".join(learner.get(page.url.rpartition("/")[0] + f"/{number}").text for number in range(1, len(items) + 1))
    seen += learner.get(page.url.rpartition("/")[0] + "/review").text
    assert [text for text in kept if text in seen] == []
    result = hand_in(learner, answer_everything(stage, learner, page))
    assert [item.id for item in items if item.solution and item.solution not in result.text] == []


def test_a_tab_left_open_leads_to_the_result(stage: Stage) -> None:
    """Handed in from another tab: the late answer is not kept, and the learner sees what counted."""
    link = stage.add_activity()
    learner = Walker()
    page = begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))
    hand_in(learner, learner.get(page.url.rpartition("/")[0] + "/review"))
    late = learner.submit(page, page.form("page_key"), {"go": "next"})
    assert late.path.endswith("/result") and late.status == 200


def test_a_learner_whom_the_lms_does_not_name_sees_the_name_before_it_is_printed(stage: Stage) -> None:
    """The LMS shares no names: what the learner types is shown as it will stand, and only then made for good."""
    begun = Begun(stage, stage.add_activity())
    shy = dict.fromkeys(("name", "given_name", "family_name"))
    home = begun.post(begun.token(**shy))
    learner = begun.walker
    hand_in(learner, answer_everything(stage, learner, begin(learner, home)))
    address = f"{stage.tool_url}/learn/{home.launch}/certificate"
    for nonsense in ("", "12345", "😀", "https://spam.example buy"):
        asked = learner.get(address)
        refused = learner.submit(asked, asked.form("/certificate"), {"name": nonsense})
        assert refused.status == 400 and "There is a problem" in refused.text, nonsense
    asked = learner.get(address)
    shown = learner.submit(asked, asked.form("/certificate"), {"name": "  Łucja   Żółkiewska "})
    assert "Łucja Żółkiewska" in shown.text and "This is my name" in shown.text
    made = learner.submit(shown, shown.form("/certificate"))
    assert "Łucja Żółkiewska" in made.text and made.path.endswith("/certificate")
    stage.work()
    found = stranger_sees(made.text, stage)
    assert "Łucja Żółkiewska" in found


def stranger_sees(certificate: str, stage: Stage) -> str:
    return Walker(keeps_cookies=False).get(verification_address(certificate, stage.tool_url)).text


def test_a_script_is_told_whether_the_question_counts_as_answered(stage: Stage) -> None:
    """So that the map of all questions, which is on the same page, never says anything else than the server."""
    link = stage.add_activity()
    learner = Walker()
    question = begin(learner, launch(learner, stage.lms_url, LEARNER, link.id))
    item = items_of(stage, question, secret_of(learner))[0]
    fields = [field for field in question.form("page_key").fields if field[0] != "sequence"]
    told = []
    for sequence, answers in enumerate((right_answer(item), []), start=1):
        sent = [*fields, ("sequence", str(sequence)), *((f"a-{item.id}", answer) for answer in answers)]
        told.append(json.loads(learner.post(question.url, sent, Accept="application/json").body)["answered"])
    assert told == [True, False]

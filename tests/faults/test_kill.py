"""kill -9 in the middle of an attempt: nothing that was saved is lost, and nothing goes on serving the port."""

from pathlib import Path

import psutil
import pytest

from tests.demo_process import Demo, demo, gone
from tests.walker import Page, Walker, launch
from tests.web.journey import LEARNER, TEACHER, begin


def add_activity(running: Demo) -> str:
    """A teacher picks the module; the activity's number in the LMS."""
    teacher = Walker()
    teacher.post(f"{running.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{running.lms_url}/course/add/launch"))
    form = picker.form("csrf_token")
    module = _module_in(picker)
    teacher.onward(teacher.submit(picker, form, {"module": module}))
    return "1"


def _module_in(picker: Page) -> str:
    import re

    found = re.search(r'name="module"[^>]*value="([0-9a-z]{26})"', picker.text)
    assert found, picker.text[:2000]
    return found.group(1)


def answer_three(learner: Walker, home: Page) -> dict[str, str]:
    """Answers three questions, whatever they are; address → what was answered."""
    page, said = begin(learner, home), {}
    for _ in range(3):
        form = page.form("page_key")
        name, value = _any_answer(page)
        said[page.path.rpartition("/attempts/")[2]] = value
        page = learner.submit(page, form, {name: value, "go": "next"})
    return said


def _any_answer(page: Page) -> tuple[str, str]:
    import re

    choice = re.search(r'name="(a-[^"]+)"[^>]*value="([^"]+)"', page.text)
    if choice and 'type="text"' not in choice.group(0):
        return choice.group(1), choice.group(2)
    field = re.search(r'name="(a-[^"]+)"', page.text)
    assert field, page.text[:2000]
    return field.group(1), "42"


@pytest.mark.parametrize("how", ["kill_all", "kill_parent"])
def test_every_saved_answer_survives_and_no_orphan_serves_the_port(how: str, tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with demo(data) as running:
        link, learner = add_activity(running), Walker()
        home = launch(learner, running.lms_url, LEARNER, link)
        said = answer_three(learner, home)
        family = running.family()
        getattr(running, how)()
        assert gone(running.port) and gone(running.port + 1)
        _, alive = psutil.wait_procs(family, timeout=5)
        assert [process for process in alive if process.is_running() and process.status() != "zombie"] == []
    with demo(data, port=running.port) as again:
        back = launch(learner, again.lms_url, LEARNER, link)
        for address, value in said.items():
            page = learner.get(f"{again.tool_url}/learn/{back.launch}/attempts/{address}")
            assert page.status == 200
            assert value in page.text and ("checked" in page.text or f'value="{value}"' in page.text)

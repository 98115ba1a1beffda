"""Keys are rotated while launches, token requests and modules chosen by teachers keep coming: none of them fails."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from lti_tool import lti, people, workflows
from lti_tool.lti.advantage.tokens import Tokens
from lti_tool.lti.vocabulary import SCORE_SCOPE
from tests.figures import figure
from tests.stage import Stage, raised
from tests.walker import Walker, launch
from tests.web.journey import LEARNER, TEACHER


@dataclass
class Tally:
    """What was done, and what went wrong with it."""

    done: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as fault:
            with self.guard:
                self.failed.append(f"{what}: {fault!r}"[:300])
        with self.guard:
            self.done[what] = self.done.get(what, 0) + 1


def a_launch(stage: Stage, link: str) -> None:
    home = launch(Walker(), stage.lms_url, LEARNER, link)
    assert home.status == 200 and home.path.startswith("/learn/"), home.text[:300]


def a_token(stage: Stage) -> None:
    tool = stage.tool
    tokens = Tokens(tool.db, tool.http, tool.vault, tool.clock)
    tokens.drop(stage.registration, {SCORE_SCOPE})
    assert tokens.token(stage.registration, {SCORE_SCOPE})


def a_choice(stage: Stage) -> None:
    teacher = Walker()
    teacher.post(f"{stage.lms_url}/be", {"person": TEACHER, "next": "/course"})
    picker = teacher.onward(teacher.get(f"{stage.lms_url}/course/add/launch"))
    form = picker.form("csrf_token")
    module = picker.text.partition('name="module"')[2].partition('value="')[2][:26]
    done = teacher.onward(teacher.submit(picker, form, {"module": module}))
    assert done.url.startswith(stage.lms_url) and done.status == 200, done.text[:300]


def rotate(stage: Stage) -> None:
    tool = stage.tool
    with tool.db.transaction() as tx:
        workflows.rotate_keys(tx, tool.vault, people.list_organisations(tx), actor="test", now=tool.now())


def drill(stage: Stage, *, launches_a_second: int, seconds: float) -> Tally:
    """Keeps all three coming for so long, and rotates each second."""
    tally, link = Tally(), stage.add_activity().id
    begun = time.monotonic()
    with ThreadPoolExecutor(12) as pool:
        for beat in range(int(launches_a_second * seconds)):
            pool.submit(tally.note, "launch", lambda: a_launch(stage, link))
            if beat % 4 == 0:
                pool.submit(tally.note, "token", lambda: a_token(stage))
            if beat % 5 == 0:
                pool.submit(tally.note, "choice", lambda: a_choice(stage))
            if beat % launches_a_second == launches_a_second // 2:
                pool.submit(tally.note, "rotation", lambda: rotate(stage))
            time.sleep(max(0.0, begun + (beat + 1) / launches_a_second - time.monotonic()))
    return tally


def judge(stage: Stage, tally: Tally) -> None:
    assert tally.failed == []
    with stage.tool.db.reading() as tx:
        keys = lti.list_tool_keys(tx)
    assert len(keys) == tally.done["rotation"] + 1 and len({key.kid for key in keys}) == len(keys)
    assert [key.stage for key in keys].count(lti.KeyStage.SIGNS) == 1


def test_a_short_drill(db_url: str, tmp_path: Path) -> None:
    with raised(db_url, tmp_path) as stage:
        tally = drill(stage, launches_a_second=6, seconds=3)
        judge(stage, tally)
        assert tally.done["rotation"] >= 2 and tally.done["launch"] >= 10
        with stage.tool.db.transaction() as tx:
            later = stage.tool.now() + timedelta(days=15)
            retired = workflows.retire_keys(tx, overlap=timedelta(days=14), now=later)
        assert len(retired) == tally.done["rotation"]
        a_launch(stage, "1")
        a_token(stage)
        a_choice(stage)


@pytest.mark.faults
@pytest.mark.parametrize("seconds", [20])
def test_rotation_under_twenty_launches_a_second(seconds: int, db_url: str, tmp_path: Path) -> None:
    with raised(db_url, tmp_path) as stage:
        begun = time.monotonic()
        tally = drill(stage, launches_a_second=20, seconds=seconds)
        done = ", ".join(f"{times} {what}" for what, times in sorted(tally.done.items()))
        figure(
            "failures while keys are rotated each second, 20 launches begun a second",
            f"{len(tally.failed)} ({done}; all ended after {time.monotonic() - begun:.0f} s)",
            goal="0",
            met=not tally.failed,
        )
        judge(stage, tally)
        assert tally.done["launch"] == 20 * seconds

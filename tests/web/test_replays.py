"""One launch posted a hundred times in the same moment, by its browser and by others: one session, once and for all."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import Client

from lti_tool.lti.tables import logins, sessions
from lti_tool.web import create_app
from lti_tool.web.session import COOKIE
from tests.stage import Stage
from tests.web.test_launch_safety import Begun

POSTS = 100


def rows(stage: Stage) -> tuple[int, int]:
    """How many sessions and open logins there are."""
    with stage.tool.db.reading() as tx:
        counts = [tx.execute(select(func.count()).select_from(table)).scalar_one() for table in (sessions, logins)]
    return counts[0], counts[1]


@dataclass(frozen=True)
class Replay:
    """One token, ready to be posted by many at once; every fourth has the token, but not the browser's secret."""

    app: Flask
    begun: Begun
    form: dict[str, str]
    gate: threading.Barrier

    def post(self, number: int) -> str:
        """Where the post led to; nowhere for one that was refused."""
        client, is_thief = Client(self.app), number % 4 == 0
        secret = f"{number:043d}" if is_thief else self.begun.walker.jar["127.0.0.1"][COOKIE]
        client.set_cookie(COOKIE, secret, domain="127.0.0.1")
        self.gate.wait(30)
        answer = client.post("/lti/launch", data=self.form, base_url=self.begun.stage.tool_url)
        if answer.status_code == 303 and not is_thief:
            return answer.headers["Location"]
        if answer.status_code == 409 and not is_thief:
            # Too late, but of the same browser: a way to the session that is there, and no session of its own.
            assert "You are in already" in answer.text
            return ""
        assert answer.status_code == 400, answer.text
        assert "lti.login_used_or_expired" in answer.text or "lti.other_browser" in answer.text
        return ""


@pytest.mark.both_engines
@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.faults)])
def test_a_hundred_replays_at_once_open_one_session(stage: Stage, rounds: int) -> None:
    """One opens it; the 99 others are refused, whoever posts them."""
    link, app = stage.add_activity(), create_app(stage.tool)
    with ThreadPoolExecutor(POSTS) as pool:
        for _ in range(rounds):
            begun = Begun(stage, link)
            form = {"id_token": begun.token(), "state": begun.state}
            before = rows(stage)
            led_to = Counter(pool.map(Replay(app, begun, form, threading.Barrier(POSTS)).post, range(POSTS)))
            assert sorted(led_to.values()) == [1, POSTS - 1] and led_to[""] == POSTS - 1, led_to
            assert rows(stage) == (before[0] + 1, before[1] - 1)

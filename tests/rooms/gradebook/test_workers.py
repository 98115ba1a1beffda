"""Many workers on one outbox: each score is sent once, by one of them; whoever was stopped too long changes nothing."""

import threading
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from lti_tool import gradebook, people, workflows
from lti_tool.core.clock import FixedClock, SystemClock
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault
from lti_tool.gradebook import DeliveryState
from lti_tool.lti import Result, Score, ScoreOutcome, ScoreVerdict
from tests import postgres

PLATFORMS, SCORES, WORKERS = 6, 120, 8
ACCEPTED = ScoreOutcome(ScoreVerdict.ACCEPTED)


class Counting:
    """All LMSs: what each column got, and how many were busy with one platform at a time at the most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: Counter[str] = Counter()
        self.busy: Counter[int] = Counter()
        self.most = 0

    def send_score(self, registration_id: int, url: str, score: Score) -> ScoreOutcome:
        with self.lock:
            self.busy[registration_id] += 1
            self.most = max(self.most, self.busy[registration_id])
            self.sent[url] += 1
        threading.Event().wait(0.002)
        with self.lock:
            self.busy[registration_id] -= 1
        return ACCEPTED

    def results(self, *_asked: object, **_named: object) -> tuple[Result, ...]:
        return ()


def wish_many(db: Database, vault: Vault, now: datetime, scores: int = SCORES) -> list[str]:
    """Scores of one learner in many columns of some platforms; the columns."""
    columns = []
    with db.transaction() as tx:
        for number in range(PLATFORMS):
            base = f"https://lms{number}.example.edu"
            made = workflows.connect(
                tx, vault=vault, organisation="Aldermoor", issuer=base, client_id="c", name="Moodle",
                auth_url=f"{base}/auth", token_url=f"{base}/token", jwks_url=f"{base}/jwks", actor="test", now=now,
            )  # fmt: skip
            person = people.recognise(
                tx, registration_id=made.id, identity_scope="3", lms_user_id="6",
                portrait=people.Portrait("Tuyết", None, None, None, None), now=now,
            )  # fmt: skip
            for row in range(scores // PLATFORMS):
                columns.append(f"{base}/lineitems/{row}")
                gradebook.want_delivered(
                    tx, registration_id=made.id, lms_deployment_id="3", line_item_url=columns[-1], person_id=person.id,
                    lms_user_id="6", percent=Fraction(86), finished=True, now=now,
                )  # fmt: skip
    return columns


@pytest.mark.both_engines
def test_eight_workers_send_each_score_once_and_one_at_a_time_to_each_platform(
    db: Database, db_url: str, vault: Vault
) -> None:
    columns = wish_many(db, vault, datetime.now(UTC))
    lms, faults = Counting(), []

    def work() -> None:
        mine = Database(db_url)
        try:
            idle = 0
            while idle < 5:
                done = gradebook.deliver_due(mine, lms, clock=SystemClock().now, limit=5)
                idle = 0 if done else idle + 1
                if not done:
                    threading.Event().wait(0.02)
        except Exception as fault:
            faults.append(fault)
        finally:
            mine.dispose()

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert lms.sent == Counter(columns)
    assert lms.most == 1


def test_a_worker_that_was_stopped_past_its_lease_is_fenced(
    postgres_server: postgres.Postgres, vault: Vault, clock: FixedClock
) -> None:
    """It had sent, and was stopped before it could write that down: another one asked the LMS, and its word stands."""
    with postgres_server.database() as url:
        one, other = Database(url), Database(url)
        columns = wish_many(one, vault, clock.now(), scores=PLATFORMS)
        sleeping, wake = threading.Event(), threading.Event()

        class Slow(Counting):
            def send_score(self, registration_id: int, url: str, score: Score) -> ScoreOutcome:
                sleeping.set()
                wake.wait(30)
                return ScoreOutcome(ScoreVerdict.REFUSED, "Too late to say so.")

        class Seeing(Counting):
            def results(self, *_asked: object, **_named: object) -> tuple[Result, ...]:
                return (Result("6", Decimal("0.86")),)

        first = threading.Thread(target=lambda: gradebook.deliver_due(one, Slow(), clock=clock.now))
        first.start()
        assert sleeping.wait(30)
        clock.advance(121)
        second = Seeing()
        while gradebook.deliver_due(other, second, clock=clock.now):
            pass
        wake.set()
        first.join(30)
        with other.reading() as tx:
            found = [gradebook.deliveries_of(tx, column) for column in columns]
            journals = [gradebook.tries_of(tx, one.id) for each in found for one in each.values()]
        states = Counter(delivery.state for each in found for delivery in each.values())
        assert states == {DeliveryState.CONFIRMED: 1, DeliveryState.SENT: PLATFORMS - 1}
        assert [one.verdict for journal in journals for one in journal if one.verdict == "fenced"] == ["fenced"]
        assert sum(second.sent.values()) == PLATFORMS - 1
        one.dispose()
        other.dispose()

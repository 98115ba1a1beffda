"""A learner known to a platform, and an LMS that answers as a test says."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from lti_tool import gradebook, people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Upstream
from lti_tool.core.secrets import Vault
from lti_tool.lti import Result, Score, ScoreOutcome, ScoreVerdict

ITEM = "https://lms.example.edu/lineitems/2/lineitem?type_id=3"
ACCEPTED = ScoreOutcome(ScoreVerdict.ACCEPTED, "", None)
LATER = ScoreOutcome(ScoreVerdict.LATER, "The LMS did not answer.", None)
REFUSED = ScoreOutcome(ScoreVerdict.REFUSED, "The learner is no longer in the course.", None)
UNSETTLED = ScoreOutcome(ScoreVerdict.LATER, "The LMS did not answer.", unsettled=True, whole_platform=True)
CANVAS = "https://lms.example.edu/api/lti/courses/2/line_items/1"


def shows(percent: str, handed_in_at: datetime | None = None, user: str = "6") -> Result:
    """A grade as the LMS shows it."""
    return Result(user, Decimal(percent) / 100, handed_in_at)


@dataclass
class Desk:
    """The outbox with one learner's grade."""

    db: Database
    clock: FixedClock
    registration_id: int
    person_id: int
    answers: list[ScoreOutcome] = field(default_factory=list)
    sent: list[Score] = field(default_factory=list)
    meanwhile: Callable[[], None] | None = None
    # What the LMS shows when it is asked; None: what it took last.
    shown: list[Result] | Upstream | None = None
    looks: int = 0
    a_look_takes: float = 0.0
    item: str = ITEM
    attempts: int = 0

    def hand_in(self, percent: Fraction) -> None:
        """A wish with a hand-in of its own behind it."""
        self.attempts += 1
        self.wish(percent, hand_in=gradebook.HandIn(f"attempt-{self.attempts}", self.clock.now()))

    def wish(self, percent: Fraction, *, finished: bool = True, hand_in: gradebook.HandIn | None = None) -> None:
        with self.db.transaction() as tx:
            gradebook.want_delivered(
                tx,
                registration_id=self.registration_id,
                lms_deployment_id="3",
                line_item_url=self.item,
                person_id=self.person_id,
                lms_user_id="6",
                percent=percent,
                finished=finished,
                now=self.clock.now(),
                hand_in=hand_in,
            )

    def work(self) -> int:
        return gradebook.deliver_due(self.db, self, clock=self.clock.now)

    def send_score(self, _registration: int, _url: str, score: Score) -> ScoreOutcome:
        self.sent.append(score)
        if self.meanwhile is not None:
            self.meanwhile()
        return self.answers.pop(0) if self.answers else ACCEPTED

    def results(self, _registration: int, _url: str, **_asked: object) -> tuple[Result, ...]:
        self.looks += 1
        self.clock.advance(self.a_look_takes)
        if isinstance(self.shown, Upstream):
            raise self.shown
        if self.shown is not None:
            return tuple(self.shown)
        return (shows(self.sent[-1].given),) if self.sent else ()

    @property
    def tries(self) -> list[tuple[str, str]]:
        """The journal: what each try was called, and why."""
        with self.db.reading() as tx:
            return [(one.verdict, one.reason) for one in gradebook.tries_of(tx, self.delivery.id)]

    @property
    def delivery(self) -> gradebook.Delivery:
        with self.db.reading() as tx:
            found = gradebook.delivery_of(tx, line_item_url=self.item, person_id=self.person_id)
        assert found is not None
        return found


@pytest.fixture
def desk(db: Database, clock: FixedClock, vault: Vault) -> Desk:
    now = clock.now()
    with db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=vault,
            organisation="Aldermoor University",
            issuer="https://lms.example.edu",
            client_id="client-1",
            name="Moodle",
            auth_url="https://lms.example.edu/auth",
            token_url="https://lms.example.edu/token",
            jwks_url="https://lms.example.edu/jwks",
            actor="test",
            now=now,
        )
        person = people.recognise(
            tx,
            registration_id=registration.id,
            identity_scope="3",
            lms_user_id="6",
            portrait=people.Portrait("Suharto", None, None, None, None),
            now=now,
        )
    return Desk(db, clock, registration.id, person.id)


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where the system has one: many small writes are waited for here, and none outlives a test."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as made:
        yield Path(made)


@pytest.fixture
def quick_db(quick_folder: Path, sqlite_template: Path) -> Iterator[Database]:
    """A fresh database with all tables, in memory where that can be."""
    shutil.copyfile(sqlite_template, quick_folder / "tool.db")
    database = Database(f"sqlite:///{quick_folder / 'tool.db'}")
    yield database
    database.dispose()

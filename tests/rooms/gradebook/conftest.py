"""A learner known to a platform, and an LMS that answers as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from lti_tool import gradebook, people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault
from lti_tool.lti import Score, ScoreOutcome, ScoreVerdict

ITEM = "https://lms.example.edu/lineitems/2/lineitem?type_id=3"
ACCEPTED = ScoreOutcome(ScoreVerdict.ACCEPTED, "", None)
LATER = ScoreOutcome(ScoreVerdict.LATER, "The LMS did not answer.", None)
REFUSED = ScoreOutcome(ScoreVerdict.REFUSED, "The learner is no longer in the course.", None)


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

    def wish(self, percent: Fraction, *, finished: bool = True) -> None:
        with self.db.transaction() as tx:
            gradebook.want_delivered(
                tx,
                registration_id=self.registration_id,
                lms_deployment_id="3",
                line_item_url=ITEM,
                person_id=self.person_id,
                lms_user_id="6",
                percent=percent,
                finished=finished,
                now=self.clock.now(),
            )

    def work(self) -> int:
        return gradebook.deliver_due(self.db, self._send, clock=self.clock.now)

    def _send(self, _registration: int, _url: str, score: Score) -> ScoreOutcome:
        self.sent.append(score)
        if self.meanwhile is not None:
            self.meanwhile()
        return self.answers.pop(0) if self.answers else ACCEPTED

    @property
    def delivery(self) -> gradebook.Delivery:
        with self.db.reading() as tx:
            found = gradebook.delivery_of(tx, line_item_url=ITEM, person_id=self.person_id)
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

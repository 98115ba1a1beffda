"""A learner's world without a browser: an organisation, a connected platform, the sample module, an offer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from lti_tool import courses, demo, lti, modules, workflows
from lti_tool.assessments import Item
from lti_tool.assessments.model import Choice, ChoiceInteraction, NumberInteraction, TextInteraction
from lti_tool.core import ids
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.secrets import Vault

LMS = "https://lms.example.edu"
TOOL = "https://tool.example.edu"
BROWSER = "b" * 43


@dataclass(frozen=True)
class World:
    """What the stories of this folder begin with."""

    db: Database
    clock: FixedClock
    vault: Vault
    registration: lti.Registration
    version: modules.ModuleVersion
    offer: str

    def now(self) -> datetime:
        return self.clock.now()

    def launch(self, **changes: object) -> lti.Launch:
        """A verified launch of a learner, with its login row waiting to be used up."""
        asked = lti.LoginRequest(LMS, "6", f"{TOOL}/lti/launch", client_id=self.registration.client_id)
        with self.db.transaction() as tx:
            url = lti.begin_login(
                tx,
                asked,
                lti.registration_for_login(tx, asked),
                browser=lti.Browser(BROWSER),
                public_url=TOOL,
                now=self.now(),
            )
        state = url.partition("&state=")[2].partition("&")[0]
        return replace(self._learner(state), **changes)  # type: ignore[arg-type]

    def enter(self, **changes: object) -> lti.Session:
        """A session of a learner, or of whoever the changes make it."""
        launch = self.launch(**changes)
        with self.db.transaction() as tx:
            session = workflows.enter(tx, launch, browser=lti.Browser(BROWSER), now=self.now())
        assert session is not None
        return session

    def _learner(self, state: str) -> lti.Launch:
        return lti.Launch(
            registration=self.registration,
            lms_deployment_id="3",
            message=lti.MessageType.RESOURCE_LINK,
            subject="6",
            name="Nguyễn Thị Ánh Tuyết",
            given_name="Thị Ánh Tuyết",
            family_name="Nguyễn",
            email=None,
            locale=None,
            role=lti.Role.LEARNER,
            is_test_user=False,
            context_id="2",
            context_label="PRIV101",
            context_title="Privacy at work",
            resource_link_id="1",
            resource_link_title="Data protection essentials",
            target_link_uri=f"{TOOL}/lti/launch",
            custom={"offer": self.offer},
            line_item_url=f"{LMS}/mod/lti/services.php/2/lineitems/2/lineitem?type_id=3",
            line_items_url=f"{LMS}/mod/lti/services.php/2/lineitems?type_id=3",
            ags_scopes=frozenset({"https://purl.imsglobal.org/spec/lti-ags/scope/score"}),
            memberships_url=None,
            deep_linking=None,
            return_url=f"{LMS}/course",
            platform_name="Moodle",
            state=state,
            nonce="n",
        )


@pytest.fixture
def world(db: Database, clock: FixedClock, vault: Vault) -> World:
    now = clock.now()
    with db.transaction() as tx:
        registration = workflows.connect(
            tx,
            vault=vault,
            organisation="Aldermoor University",
            country="NO",
            issuer=LMS,
            client_id="client-1",
            name="Moodle",
            auth_url=f"{LMS}/mod/lti/auth.php",
            token_url=f"{LMS}/mod/lti/token.php",
            jwks_url=f"{LMS}/mod/lti/certs.php",
            lms_deployment_ids=("3",),
            actor="test",
            now=now,
        )
        owner = registration.organisation_id
        package = workflows.read_package(demo.sample_modules()[0])
        version = workflows.publish_package(tx, package, organisation_id=owner, actor="test", now=now)
        offer = courses.make_offer(
            tx, organisation_id=owner, module_id=version.module_id, made_by="test", settings={}, now=now
        )
    return World(db, clock, vault, registration, version, offer.public_id)


@pytest.fixture
def answer_all(world: World) -> Callable[..., None]:
    """Answers every question of an attempt: rightly (but for the last few), or wrongly."""

    def answer(session: lti.Session, attempt_id: str, *, right: bool, but: int = 0) -> None:
        with world.db.reading() as tx:
            sitting = workflows.sit(tx, session, attempt_id)
        total = len(sitting.attempt.drawn.item_ids)
        for number in range(1, total - but + 1):
            item = sitting.item(number)
            with world.db.transaction() as tx:
                workflows.answer(
                    tx,
                    session,
                    attempt_id,
                    number=number,
                    fields={f"a-{item.id}": right_answer(item) if right else wrong_answer(item)},
                    page_key=f"{ids.seed():016x}",
                    sequence=1,
                    now=world.now(),
                )

    return answer


def choices_of(item: Item) -> Sequence[Choice]:
    """The choices of a question of the sample module; empty where something is typed."""
    asked = item.interactions[0]
    return asked.choices if isinstance(asked, ChoiceInteraction) else ()


def right_answer(item: Item) -> list[str]:
    """What a form sends for the right answer."""
    if choices := choices_of(item):
        return [choice.id for choice in choices if choice.right]
    asked = item.interactions[0]
    if isinstance(asked, TextInteraction):
        return [asked.answers[0].text]
    assert isinstance(asked, NumberInteraction)
    return [str(asked.answers[0].value)]


def wrong_answer(item: Item) -> list[str]:
    """What a form sends for a wrong answer."""
    if choices := choices_of(item):
        return [next(choice.id for choice in choices if not choice.right)]
    return ["nonsense"] if isinstance(item.interactions[0], TextInteraction) else ["-1"]

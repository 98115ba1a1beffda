"""Authoring: publishing module packages, and handing modules out to courses by deep linking (Deep Linking 2.0 §4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lti_tool import courses, lti, modules
from lti_tool.core import audit, ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid, NotFound, Side
from lti_tool.core.secrets import Vault
from lti_tool.workflows.enter import OFFER_PARAMETER

SCORE_MAXIMUM = 100
"""Of the line items we ask for: Moodle takes whole numbers from 1 to 100 only."""


@dataclass(frozen=True)
class DeepLinkingAnswer:
    """What goes back to the platform: the address to post to, and the signed message for the field `JWT`."""

    return_url: str
    jwt: str


def publish_package(
    tx: Tx, package: modules.Package, *, organisation_id: int, actor: str, now: datetime
) -> modules.ModuleVersion:
    """Publishes a package that was read before; the same content again gives the version that is there."""
    version = modules.publish(tx, package, organisation_id=organisation_id, actor=actor, now=now)
    subject = f"module_version:{version.public_id}"
    audit.record(tx, now=now, actor=actor, act="module.publish", subject=subject, digest=version.digest)
    return version


def read_package(source: Path) -> modules.Package:
    """Reads a module package from a folder or zip; raises with every fault at once."""
    return modules.read_package(source)


def catalogue(tx: Tx, session: lti.Session, *, query: str = "") -> Sequence[modules.ModuleCard]:
    """The modules that a teacher may choose from, those first whose words match the query."""
    cards = modules.list_modules(tx, session.organisation_id)
    words = query.casefold().split()
    if not words:
        return cards
    return [card for card in cards if all(word in f"{card.title} {card.summary}".casefold() for word in words)]


def choose(
    tx: Tx, session: lti.Session, module_ids: Sequence[str], *, vault: Vault, public_url: str, now: datetime
) -> DeepLinkingAnswer:
    """Makes an offer of each chosen module and the message that puts links to them into the course."""
    settings = session.deep_linking
    if settings is None:
        raise NotFound("lti.no_deep_linking", "Modules are chosen from the course's “Add an activity” page.")
    # Each once, however often a form says it: so they are no more than the organisation has.
    chosen = list(dict.fromkeys(module_ids))
    if not chosen or (len(chosen) > 1 and not settings.accept_multiple):
        raise Invalid(
            "lti.choose_one",
            "Choose a module first." if not chosen else "Your LMS takes one module at a time.",
            "Choose one module and press “Add to the course”.",
            side=Side.YOU,
        )
    links = [_offer(tx, session, module_id, public_url=public_url, now=now) for module_id in chosen]
    jwt = lti.deep_linking_response(
        lti.find_registration(tx, session.registration_id),
        lti.find_deployment(tx, session.deployment_id).lms_deployment_id,
        settings,
        links,
        key=lti.signing_key(tx, vault, session.organisation_id),
        now=now,
        nonce=ids.token(),
    )
    return DeepLinkingAnswer(settings.return_url, jwt)


def _offer(tx: Tx, session: lti.Session, module_id: str, *, public_url: str, now: datetime) -> lti.ContentLink:
    module = modules.find_module(tx, module_id, organisation_id=session.organisation_id)
    definition = modules.newest_version(tx, module.id).definition
    actor = f"person:{session.person_id}"
    offer = courses.make_offer(
        tx,
        organisation_id=session.organisation_id,
        module_id=module.id,
        made_by=actor,
        settings={},
        now=now,
    )
    subject = f"offer:{offer.public_id}"
    audit.record(tx, now=now, actor=actor, act="offer.make", subject=subject, module=module_id)
    return lti.ContentLink(
        url=f"{public_url}/lti/launch",
        title=definition.title,
        text=definition.summary,
        custom={OFFER_PARAMETER: offer.public_id, **lti.MASQUERADE_PARAMETER},
        score_maximum=SCORE_MAXIMUM,
        label=definition.title,
        resource_id=offer.public_id,
        icon_url=None,
    )

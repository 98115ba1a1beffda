"""Authoring: publishing module packages, and handing modules out to courses by deep linking (Deep Linking 2.0 §4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from lti_tool import courses, lti, modules
from lti_tool.core import audit, ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import Invalid, NotFound, Side
from lti_tool.core.secrets import Vault

SCORE_MAXIMUM = 100
"""Of the line items we ask for: Moodle takes whole numbers from 1 to 100 only."""


_FRAME = (1000, 760)
"""The width and height that a module's page wants in a course, in pixels."""


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


def offered_module(tx: Tx, offer_id: str) -> modules.ModuleVersion:
    """What an offer is about: anybody may read that who has its address."""
    return modules.newest_version(tx, courses.offer_with_id(tx, offer_id).module_id)


def chosen_before(tx: Tx, session: lti.Session) -> courses.Offer | None:
    """The offer of the link that is being edited: by what the link carries, or by Canvas's assignment."""
    settings = session.deep_linking
    if settings is None:
        return None
    if settings.offer:
        known = courses.offer_if_known(tx, settings.offer, organisation_id=session.organisation_id)
        if known is not None:
            return known
    if not settings.assignment:
        return None
    placement = courses.find_by_assignment(tx, session.deployment_id, settings.assignment)
    return placement.offer if placement else None


def choose(
    tx: Tx, session: lti.Session, module_ids: Sequence[str], *, vault: Vault, public_url: str, now: datetime
) -> DeepLinkingAnswer:
    """Makes an offer of each chosen module and the message that puts links to them into the course.

    The module that a link shows already keeps its offer, so that whoever has begun goes on.
    """
    settings = _require_deep_linking(session)
    chosen = _once_each(module_ids, several=settings.accept_multiple)
    before = chosen_before(tx, session)
    offering = Offering(lti.find_registration(tx, session.registration_id), before, public_url)
    links = [_offer(tx, session, module_id, offering, now=now) for module_id in chosen]
    return _answer(tx, session, links, offering.registration, vault=vault, now=now)


def cancel(tx: Tx, session: lti.Session, *, vault: Vault, now: datetime) -> DeepLinkingAnswer:
    """The message that nothing was chosen."""
    _require_deep_linking(session)
    registration = lti.find_registration(tx, session.registration_id)
    said = {"msg": "Nothing was added to the course."}
    if not modules.list_modules(tx, session.organisation_id):
        said = {"errormsg": "There are no modules to choose from yet."}
    return _answer(tx, session, (), registration, vault=vault, now=now, **said)


def choose_for_link(tx: Tx, session: lti.Session, module_ids: Sequence[str], *, now: datetime) -> lti.Session:
    """Connects the link that a teacher came by, which carried no module of ours, to one; the session goes on there."""
    link = courses.find_unplaced(tx, session.public_id)
    if link is None:
        raise _no_deep_linking()
    (module_id,) = _once_each(module_ids, several=False)
    module = modules.find_module(tx, module_id, organisation_id=session.organisation_id)
    connected = replace(link, offer=make_offer(tx, session, module, now=now).public_id)
    placement = courses.place(tx, connected, organisation_id=session.organisation_id, now=now)
    courses.forget_unplaced(tx, session.public_id)
    return _go_to(tx, session, placement, now=now)


def settle_offer(tx: Tx, session: lti.Session, *, turn: bool, now: datetime) -> lti.Session:
    """A teacher's answer to a link that was edited after learners had begun: turn to the other module, or stay."""
    assert session.placement_id is not None, "a session of an activity"
    placement = courses.find_placement(tx, session.placement_id)
    _require_to_settle(session, placement)
    actor, subject = f"person:{session.person_id}", f"placement:{placement.public_id}"
    facts = {"offer": placement.offer.public_id, "wanted": placement.wanted_offer}
    if not turn:
        courses.keep_offer(tx, placement)
        audit.record(tx, now=now, actor=actor, act="placement.keep", subject=subject, **facts)
        return session
    anew = courses.begin_anew(tx, placement, organisation_id=session.organisation_id, now=now)
    audit.record(tx, now=now, actor=actor, act="placement.turn", subject=subject, anew=anew.public_id, **facts)
    return _go_to(tx, session, anew, now=now)


def _require_to_settle(session: lti.Session, placement: courses.Placement) -> None:
    if not session.role.may_author or not placement.asks:
        raise NotFound("courses.nothing_to_settle", "There is nothing to decide about this activity any more.")


def make_offer(tx: Tx, session: lti.Session, module: modules.Module, *, now: datetime) -> courses.Offer:
    """An offer of a module, made by the session's person."""
    actor = f"person:{session.person_id}"
    offer = courses.make_offer(
        tx, organisation_id=session.organisation_id, module_id=module.id, made_by=actor, settings={}, now=now
    )
    subject = f"offer:{offer.public_id}"
    audit.record(tx, now=now, actor=actor, act="offer.make", subject=subject, module=module.public_id)
    return offer


@dataclass(frozen=True)
class Offering:
    """To whom modules are handed out, what the edited link shows already, and where this tool is."""

    registration: lti.Registration
    before: courses.Offer | None
    public_url: str


def _offer(tx: Tx, session: lti.Session, module_id: str, offering: Offering, *, now: datetime) -> lti.ContentLink:
    module = modules.find_module(tx, module_id, organisation_id=session.organisation_id)
    definition = modules.newest_version(tx, module.id).definition
    before = offering.before
    offer = before if before and before.module_id == module.id else make_offer(tx, session, module, now=now)
    launch = f"{offering.public_url}/lti/launch"
    dates = {one.name: one.at for one in courses.window_of({}, offer.settings).reasons}
    return lti.ContentLink(
        url=launch,
        title=definition.title,
        text=definition.summary,
        custom={lti.OFFER_PARAMETER: offer.public_id, **lti.LINK_PARAMETERS, **lti.MASQUERADE_PARAMETER},
        score_maximum=SCORE_MAXIMUM,
        label=definition.title,
        resource_id=offer.public_id,
        icon_url=f"{offering.public_url}/static/logo/icon.svg",
        page_url=f"{offering.public_url}/m/{offer.public_id}",
        review_url=launch if lti.takes_review(offering.registration.token_url) else "",
        available=lti.Period(dates.get("available_from"), dates.get("available_until")),
        submission=lti.Period(dates.get("submit_from"), dates.get("submit_until")),
        frame=_FRAME,
    )


def _answer(
    tx: Tx,
    session: lti.Session,
    links: Sequence[lti.ContentLink],
    registration: lti.Registration,
    *,
    vault: Vault,
    now: datetime,
    **said: str,
) -> DeepLinkingAnswer:
    settings = _require_deep_linking(session)
    jwt = lti.deep_linking_response(
        registration,
        lti.find_deployment(tx, session.deployment_id).lms_deployment_id,
        settings,
        links,
        key=lti.signing_key(tx, vault, session.organisation_id),
        now=now,
        nonce=ids.token(),
        **said,
    )
    return DeepLinkingAnswer(settings.return_url, jwt)


def _go_to(tx: Tx, session: lti.Session, placement: courses.Placement, *, now: datetime) -> lti.Session:
    person, role = session.person_id, session.role.value
    enrolment = courses.enrol(tx, person_id=person, placement_id=placement.id, role=role, now=now)
    return lti.move_session(tx, session, placement_id=placement.id, enrolment_id=enrolment.id)


def _once_each(module_ids: Sequence[str], *, several: bool) -> list[str]:
    """Each chosen module once, however often a form says it: so they are no more than the organisation has."""
    chosen = list(dict.fromkeys(module_ids))
    if not chosen or (len(chosen) > 1 and not several):
        raise Invalid(
            "lti.choose_one",
            "Choose a module first." if not chosen else "Your LMS takes one module at a time.",
            "Choose one module and press “Add to the course”.",
            side=Side.YOU,
        )
    return chosen


def _require_deep_linking(session: lti.Session) -> lti.DeepLinkingSettings:
    if session.deep_linking is None:
        raise _no_deep_linking()
    return session.deep_linking


def _no_deep_linking() -> NotFound:
    return NotFound("lti.no_deep_linking", "Modules are chosen from the course's “Add an activity” page.")

"""What happened, for the operator who is asked for help: from a code to a story in order, across all rooms.

The code is a support code from an error page, of a refused launch or of a page within a session, or the id of a launch,
an attempt or a credential (also as an address).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from lti_tool import assessments, courses, credentials, gradebook, lti, people
from lti_tool.core import audit, ids
from lti_tool.core.db import Tx
from lti_tool.core.errors import NotFound
from lti_tool.workflows.study import grades_go_to

_IDS = re.compile(r"(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])")
_ACTS: Mapping[str, str] = {
    "attempt.begin": "attempt begun",
    "attempt.hand_in": "attempt handed in",
    "attempt.expire": "attempt handed in by the clock",
    "attempt.extend": "attempt extended",
    "attempt.void": "attempt voided",
    "attempt.reopen": "attempt reopened",
    "attempt.bring": "answers brought in a file",
    "credential.confirm_name": "name for the certificate confirmed",
    "credential.issued": "certificate issued",
    "credential.signed": "certificate signed",
    "credential.drawn": "certificate drawn as PDF",
    "credential.revoked": "certificate revoked",
    "credential.reinstated": "certificate reinstated",
    "grade.send_again": "a teacher had the grade sent again",
    "placement.dates": "a teacher set from when until when the activity is open",
    "roster.refresh": "a teacher had the list of the course's people read",
}


@dataclass(frozen=True)
class Event:
    """One line of the story: when, what in plain words, and the facts that go with it."""

    at: datetime
    what: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Timeline:
    """What is known of a code. `kind` is refusal, launch, attempt or credential; `diagnosis` comes with a refusal."""

    code: str
    kind: str
    events: Sequence[Event]
    diagnosis: lti.Diagnosis | None = None


def timeline(tx: Tx, asked: str, *, now: datetime) -> Timeline | None:
    """What is known of a code or an id, in order; None if nothing is."""
    support_code = ids.read_short_code(asked)
    refusal = lti.find_refusal(tx, support_code, now=now) if support_code else None
    if refusal is not None:
        return _of_refusal(tx, refusal)
    fault = lti.fault_with_code(tx, support_code, now=now) if support_code else None
    if fault is not None:
        return _of_launch(tx, fault.session_id, now)
    # In an address the last id is the closest one: `/learn/<launch>/attempts/<attempt>/3`.
    for public_id in reversed(_IDS.findall(asked.lower())):
        for find in (_of_launch, _of_attempt, _of_credential):
            found = find(tx, public_id, now)
            if found is not None:
                return found
    return None


def _of_refusal(tx: Tx, refusal: lti.Refusal) -> Timeline:
    known = refusal.registration_id
    registration = None if known is None else lti.find_registration(tx, known)
    diagnosis = lti.diagnose(refusal, registration)
    untold = ("says", "hint")
    facts: dict[str, object] = {name: value for name, value in refusal.facts.items() if name not in untold}
    if registration is not None:
        facts = {"platform": registration.public_id, "issuer": registration.issuer, **facts}
    refused = Event(refusal.at, "login or launch refused", {"code": refusal.code, "status": refusal.status, **facts})
    return Timeline(refusal.support_code, "refusal", [refused], diagnosis)


def _of_launch(tx: Tx, public_id: str, now: datetime) -> Timeline | None:
    session = lti.find_session(tx, public_id)
    if session is None:
        # Sessions are cleared away after a month; what was done in them is not.
        left = [_entry(entry) for entry in audit.of_launch(tx, public_id)]
        return Timeline(public_id, "launch", left) if left else None
    events = [_opened(session), *(_shown(fault) for fault in lti.faults_of_session(tx, public_id, now=now))]
    if session.enrolment_id is not None:
        begun = [f"attempt:{attempt.public_id}" for attempt in assessments.attempts_of(tx, session.enrolment_id)]
        done = [entry for entry in audit.trail(tx, begun) if entry.facts.get("launch") == public_id]
        events += [_entry(entry) for entry in done]
        completion = gradebook.completion_of(tx, session.enrolment_id)
        events += _consequences(tx, session.enrolment_id, completion, now)
    blocked_at = people.find_person(tx, session.person_id).blocked_at
    if blocked_at is not None:
        events.append(Event(blocked_at, "the person was blocked; the session is over", {}))
    return Timeline(public_id, "launch", _in_order(events))


def _of_attempt(tx: Tx, public_id: str, now: datetime) -> Timeline | None:
    attempt = assessments.attempt_with_id(tx, public_id)
    if attempt is None:
        return None
    completion = gradebook.completion_of(tx, attempt.enrolment_id)
    events = _doings(tx, f"attempt:{public_id}")
    events += _consequences(tx, attempt.enrolment_id, completion, now)
    return Timeline(public_id, "attempt", _in_order(events))


def _of_credential(tx: Tx, public_id: str, now: datetime) -> Timeline | None:
    try:
        credential = credentials.find_credential(tx, public_id)
    except NotFound:
        return None
    completion = gradebook.find_completion(tx, credential.completion_id)
    sat = assessments.attempts_of(tx, completion.enrolment_id)
    events = [event for attempt in sat for event in _doings(tx, f"attempt:{attempt.public_id}")]
    events += _consequences(tx, completion.enrolment_id, completion, now)
    return Timeline(public_id, "credential", _in_order(events))


def _opened(session: lti.Session) -> Event:
    facts = {
        "platform": session.platform_name,
        "message": session.message.value,
        "role": session.role.value,
        "person": session.person_id,
        "test user": session.is_test_user,
        "browser known by": session.layer.value,
        "masquerade": session.is_masquerade,
    }
    return Event(session.started_at, "launch verified, session opened", facts)


def _shown(fault: lti.SessionFault) -> Event:
    facts = {"support code": fault.support_code, "code": fault.code, "status": fault.status, "page": fault.place}
    return Event(fault.at, "an error was shown", facts)


def _doings(tx: Tx, subject: str) -> list[Event]:
    """What was done to an attempt, and the sessions in which it was done, as far as they are still known."""
    entries = audit.trail(tx, [subject])
    launches = dict.fromkeys(str(entry.facts["launch"]) for entry in entries if "launch" in entry.facts)
    sessions = (lti.find_session(tx, launch) for launch in launches)
    return [_opened(session) for session in sessions if session is not None] + [_entry(entry) for entry in entries]


def _consequences(tx: Tx, enrolment_id: int, completion: gradebook.Completion | None, now: datetime) -> list[Event]:
    """The grade on its way to the LMS, and the certificate."""
    enrolment = courses.find_enrolment(tx, enrolment_id)
    url = grades_go_to(courses.find_placement(tx, enrolment.placement_id))
    events: list[Event] = []
    delivery = gradebook.delivery_of(tx, line_item_url=url, person_id=enrolment.person_id) if url else None
    if delivery is not None:
        tries = gradebook.tries_of(tx, delivery.id)
        events += [_tried(one, delivery) for one in tries if one.at != delivery.delivered_at]
        events += _sent(delivery, now)
        events += [_entry(entry) for entry in audit.trail(tx, [f"delivery:{delivery.id}"])]
    if completion is None:
        return events
    percent = f"{gradebook.percent_text(completion.percent)} %"
    events.append(Event(completion.completed_at, "module completed", {"result": percent}))
    credential = credentials.credential_of_completion(tx, completion.id)
    if credential is not None:
        mark = {"credential": credential.public_id}
        events += [_entry(entry, mark) for entry in audit.trail(tx, [f"credential:{credential.id}"])]
        if credential.held_reason:
            events.append(Event(now, f"now: the certificate waits. {credential.held_reason}", mark))
    return events


def _sent(delivery: gradebook.Delivery, now: datetime) -> list[Event]:
    mark: dict[str, object] = {"delivery": delivery.id}
    grade = f"{gradebook.percent_text(delivery.percent)} %"
    wished = Event(delivery.wanted_at, "grade to be sent to the LMS", {"grade": grade, **mark})
    if delivery.delivered_at is not None:
        seen = delivery.confirmed_at
        confirmed = [] if seen is None else [Event(seen, "the LMS was seen to hold the grade", mark)]
        return [wished, Event(delivery.delivered_at, "the LMS took the grade", mark), *confirmed]
    if delivery.state is gradebook.DeliveryState.OVERRULED:
        return [wished, Event(now, "now: the LMS holds a grade that was entered there; it stays", mark)]
    parked = delivery.state is gradebook.DeliveryState.PARKED
    state = "refused, and tried again once a day" if parked else "not delivered yet"
    facts = {"tries": delivery.tries, "reason": delivery.problem, "next try": delivery.next_try_at, **mark}
    told = {name: value for name, value in facts.items() if value is not None}
    return [wished, Event(now, f"now: the grade is {state}", told)]


def _tried(one: gradebook.Try, delivery: gradebook.Delivery) -> Event:
    grade = f"{gradebook.percent_text(one.percent)} %"
    facts = {"grade": grade, "outcome": one.verdict, "http": one.http_status, "reason": one.reason or None}
    told = {name: value for name, value in facts.items() if value is not None}
    return Event(one.at, "grade tried", {**told, "delivery": delivery.id})


def _entry(entry: audit.Entry, mark: Mapping[str, object] | None = None) -> Event:
    facts = {name: value for name, value in entry.facts.items() if value != ""}
    if "percent" in facts:
        facts["percent"] = f"{gradebook.percent_text(Fraction(facts['percent']))} %"
    kind, _, key = entry.subject.partition(":")
    subject = {kind: key} if mark is None else mark
    return Event(entry.at, _ACTS.get(entry.act, entry.act), {**subject, "by": entry.actor, **facts})


def _in_order(events: Iterable[Event]) -> list[Event]:
    """By time, each once: two attempts may have been made in one session."""
    once: list[Event] = []
    for event in sorted(events, key=lambda event: event.at):
        if event not in once:
            once.append(event)
    return once

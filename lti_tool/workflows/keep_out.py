"""Keeping a person out, and letting them in again: what an operator does when an account is misused."""

from datetime import datetime

from lti_tool import people
from lti_tool.core import audit
from lti_tool.core.db import Tx


def block(tx: Tx, person_id: str, *, words: str, actor: str, now: datetime) -> None:
    """Keeps out the person with this public id: live sessions end with their next request, new ones are refused."""
    person = people.person_with_id(tx, person_id)
    people.block(tx, person.id, now=now)
    audit.record(tx, now=now, actor=actor, act="person.block", subject=f"person:{person.id}", words=words)


def unblock(tx: Tx, person_id: str, *, actor: str, now: datetime) -> None:
    """Lets the person with this public id in again."""
    person = people.person_with_id(tx, person_id)
    people.unblock(tx, person.id)
    audit.record(tx, now=now, actor=actor, act="person.unblock", subject=f"person:{person.id}")

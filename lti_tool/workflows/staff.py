"""Operators come and go: added, set up by themselves, signed in and out, reset, kept out. Each leaves its audit row."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool import people
from lti_tool.core import audit
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database, Tx
from lti_tool.core.secrets import Vault


class Answer(StrEnum):
    """How a try to sign in came out. What was wrong with it is never said."""

    IN = "in"
    WRONG = "wrong"
    WAIT = "wait"


@dataclass(frozen=True)
class SignIn:
    """The answer to a try: the new session's secret, or the seconds after which to try again."""

    answer: Answer
    token: str = ""
    wait: int = 0


def add_operator(
    tx: Tx, vault: Vault, name: str, organisation: people.Organisation, *, actor: str, now: datetime
) -> str:
    """A new operator; the token of the set-up link."""
    operator, token = people.add_operator(tx, vault, organisation_id=organisation.id, name=name, now=now)
    _note(tx, "operator.add", operator, actor, now, organisation=organisation.name)
    return token


def reset_operator(tx: Tx, vault: Vault, name: str, *, actor: str, now: datetime) -> str:
    """A new set-up link for somebody who has lost a password or a phone."""
    operator = people.operator_called(tx, name)
    token = people.reset_operator(tx, vault, operator, now=now)
    _note(tx, "operator.reset", operator, actor, now)
    return token


def close_operator(tx: Tx, name: str, *, closed: bool, actor: str, now: datetime) -> None:
    """Keeps an operator out, or lets them in again."""
    operator = people.operator_called(tx, name)
    people.close_operator(tx, operator, now=now if closed else None)
    _note(tx, "operator.disable" if closed else "operator.enable", operator, actor, now)


def set_up(tx: Tx, vault: Vault, token: str, *, password: str, code: str, now: datetime) -> people.Operator:
    """The holder of a set-up link chooses a password and shows that the app works."""
    setup = people.find_setup(tx, vault, token, now=now)
    people.finish_setup(tx, setup, token, password=password, code=code, now=now)
    _note(tx, "operator.set_up", setup.operator, f"operator:{setup.operator.id}", now)
    return setup.operator


def sign_in(db: Database, vault: Vault, clock: Clock, *, name: str, password: str, code: str, address: str) -> SignIn:
    """Judges a try. The password is weighed outside a transaction: that takes long, and nobody shall wait for it."""
    now = clock.now()
    with db.transaction() as tx:
        wait = people.count_try(tx, name, address, now=now)
        proof = people.proof_of(tx, vault, name)
    if wait:
        return SignIn(Answer.WAIT, wait=wait)
    knows = people.is_password(proof.password_hash, people.plain_password(password))
    step = people.step_of(proof.secret, code, now=now) if proof.secret else None
    operator_id = proof.operator_id
    with db.transaction() as tx:
        # The account may have been reset or closed meanwhile.
        still = people.proof_of(tx, vault, name) == proof
        if operator_id and knows and step is not None and still and people.spend_code(tx, operator_id, step):
            people.forgive_tries(tx, name, address)
            token = people.open_sign_in(tx, operator_id, now=now)
            _record(tx, "operator.sign_in", operator_id, now, address)
            return SignIn(Answer.IN, token)
        if operator_id:
            _record(tx, "operator.sign_in_refused", operator_id, now, address)
    return SignIn(Answer.WRONG)


def sign_out(tx: Tx, token: str, operator: people.Operator, *, now: datetime) -> None:
    """Ends one session."""
    people.end_sign_in(tx, token)
    _note(tx, "operator.sign_out", operator, f"operator:{operator.id}", now)


def _record(tx: Tx, act: str, operator_id: int, now: datetime, address: str) -> None:
    who = f"operator:{operator_id}"
    audit.record(tx, now=now, actor=who, act=act, subject=who, address=address)


def _note(tx: Tx, act: str, operator: people.Operator, actor: str, now: datetime, **facts: object) -> None:
    audit.record(tx, now=now, actor=actor, act=act, subject=f"operator:{operator.id}", name=operator.name, **facts)

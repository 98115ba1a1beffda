"""Operators on both databases: each try is counted, however many come at once, and a code lets in once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest

from lti_tool import people, workflows
from lti_tool.core.clock import FixedClock
from lti_tool.core.db import Database
from lti_tool.core.errors import Conflict, Invalid, NotAllowed
from lti_tool.core.secrets import Vault
from lti_tool.people.passwords import Strength, is_common, strength
from lti_tool.people.sign_ins import seconds_to_wait

NAME, PASSWORD, ADDRESS = "amara@example.edu", "seven brass lanterns drift", "203.0.113.7"
IN, WRONG, WAIT = workflows.SignInAnswer.IN, workflows.SignInAnswer.WRONG, workflows.SignInAnswer.WAIT


@dataclass
class Door:
    """An operator who is set up, and tries to come in."""

    db: Database
    vault: Vault
    clock: FixedClock
    secret: str

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.now())

    def enter(self, password: str = PASSWORD, code: str | None = None) -> workflows.SignInAnswer:
        asked = {"name": NAME, "password": password, "code": code or self.code(), "address": ADDRESS}
        return workflows.sign_in(self.db, self.vault, self.clock, **asked).answer


@pytest.fixture
def token(db: Database, vault: Vault, clock: FixedClock) -> str:
    """The token of a fresh set-up link."""
    with db.transaction() as tx:
        owner = people.ensure_organisation(tx, "Aldermoor", country="NO", website="", now=clock.now())
        return workflows.add_operator(tx, vault, NAME, owner, actor="test", now=clock.now())


@pytest.fixture
def door(db: Database, vault: Vault, clock: FixedClock, token: str) -> Door:
    with db.transaction() as tx:
        made = Door(db, vault, clock, people.find_setup(tx, vault, token, now=clock.now()).secret)
        workflows.set_up(tx, vault, token, password=PASSWORD, code=made.code(), now=clock.now())
    clock.advance(60)
    return made


@pytest.mark.both_engines
def test_of_several_with_one_code_one_comes_in(door: Door) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: door.enter(), range(4)))
    assert answers.count(IN) == 1


@pytest.mark.both_engines
def test_of_many_guesses_at_once_five_are_judged(door: Door) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: door.enter(f"guess number {n}"), range(16)))
    assert answers.count(WRONG) == 5 and answers.count(WAIT) == 11


@pytest.mark.both_engines
def test_who_has_come_in_has_all_tries_again(door: Door) -> None:
    assert [door.enter("wrong as can be") for _ in range(4)] == [WRONG] * 4
    assert door.enter() is IN
    door.clock.advance(30)
    assert [door.enter("wrong as can be") for _ in range(4)] == [WRONG] * 4


@pytest.mark.both_engines
def test_of_two_who_have_the_link_one_is_set_up(db: Database, vault: Vault, clock: FixedClock, token: str) -> None:
    with db.reading() as tx:
        setup = people.find_setup(tx, vault, token, now=clock.now())
    code = pyotp.TOTP(setup.secret).at(clock.now())
    with db.transaction() as tx:
        people.finish_setup(tx, setup, token, password=PASSWORD, code=code, now=clock.now())
    with db.transaction() as tx, pytest.raises(Conflict):
        people.finish_setup(tx, setup, token, password="another good password", code=code, now=clock.now())


def test_nothing_of_the_secret_is_in_the_clear(door: Door) -> None:
    with door.db.reading() as tx:
        row = str(tx.exec_driver_sql("SELECT * FROM operators").one())
    assert door.secret not in row and PASSWORD not in row and "$argon2id$" in row


def test_an_account_needs_a_name(db: Database, vault: Vault, clock: FixedClock, token: str) -> None:
    with db.transaction() as tx:
        (owner,) = people.list_organisations(tx)
        for name in ("", "  ", "n" * 201, "line\nbreak"):
            with pytest.raises(Invalid):
                workflows.add_operator(tx, vault, name, owner, actor="test", now=clock.now())
        with pytest.raises(NotAllowed):
            people.find_setup(tx, vault, "", now=clock.now())


@pytest.mark.parametrize(
    ("tries", "passed", "wait"), [(4, 0, 0), (5, 0, 1), (6, 0, 2), (8, 3, 5), (13, 0, 256), (14, 0, 300), (99, 299, 1)]
)
def test_each_further_try_waits_twice_as_long_up_to_five_minutes(
    tries: int, passed: int, wait: int, clock: FixedClock
) -> None:
    since = clock.now() - timedelta(seconds=passed)
    assert seconds_to_wait(tries, 5, since=since, now=clock.now()) == wait


@pytest.mark.parametrize(
    "password",
    ["password1234", "Passw0rd!!!!", "123456789012", "abcdefghijklm", "zyxwvutsrqpo", "aaaabbbbaaaa", "Welcome 2026!"],
)
def test_what_everybody_tries_first_is_common(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    ("password", "word"),
    [("tK4#vpw!Zq9s", Strength.FAIR), ("lantern drift sea", Strength.GOOD), (PASSWORD, Strength.STRONG)],
)
def test_strength_is_said_in_a_word(password: str, word: Strength) -> None:
    assert not is_common(password) and strength(password) is word

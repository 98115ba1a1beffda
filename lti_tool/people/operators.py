"""Operators: the administrators of an organisation, with a password and a second factor.

There is no account from the start. Each begins with a set-up link that is told once, works once and for half an hour;
`reset` is the same anew, and ends what the account could do before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update

from lti_tool.core import ids
from lti_tool.core.db import Tx, insert
from lti_tool.core.errors import Conflict, Invalid, NotAllowed, NotFound, Side
from lti_tool.core.secrets import Vault
from lti_tool.people.codes import step_of
from lti_tool.people.passwords import hash_password, plain_password, require_good
from lti_tool.people.tables import operator_sessions, operators

SETUP_LIVES = timedelta(minutes=30)
_TOTP = "people.totp"
_LONGEST_NAME = 200

_rows = operators.c
_COLUMNS = (
    _rows.id,
    _rows.public_id,
    _rows.organisation_id,
    _rows.name,
    _rows.password_hash.is_not(None).label("is_set_up"),
    _rows.created_at,
    _rows.disabled_at,
)
_all = select(*_COLUMNS).order_by(_rows.id)
_by_login = select(*_COLUMNS).where(_rows.login == bindparam("login"))
_by_setup = select(*_COLUMNS, _rows.totp_sealed).where(
    _rows.setup_hash == bindparam("setup_hash"),
    _rows.setup_expires_at > bindparam("now"),
    _rows.disabled_at.is_(None),
)
_credentials = select(
    _rows.id, _rows.public_id, _rows.organisation_id, _rows.password_hash, _rows.totp_sealed, _rows.disabled_at
).where(_rows.login == bindparam("login"))
_end_sessions = delete(operator_sessions).where(operator_sessions.c.operator_id == bindparam("operator"))


@dataclass(frozen=True)
class Operator:
    """An administrator of one organisation."""

    id: int
    public_id: str
    organisation_id: int
    name: str
    is_set_up: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True)
class Setup:
    """An account that waits to be set up by whoever has its link; `secret` is that of the second factor."""

    operator: Operator
    secret: str

    def __repr__(self) -> str:
        return f"Setup({self.operator.public_id})"


@dataclass(frozen=True)
class Proof:
    """What an operator must know to come in. `operator_id` is None where nobody has this name, or nobody any more."""

    operator_id: int | None
    password_hash: str | None
    secret: str | None

    def __repr__(self) -> str:
        return f"Proof({self.operator_id})"


def login_of(name: str) -> str:
    """A name as it is compared."""
    return name.strip().casefold()


def add_operator(tx: Tx, vault: Vault, *, organisation_id: int, name: str, now: datetime) -> tuple[Operator, str]:
    """A new operator and the token of the set-up link, told this once; Conflict where the name is taken."""
    plain, token = name.strip(), ids.token()
    if not plain or len(plain) > _LONGEST_NAME or not plain.isprintable():
        raise Invalid("people.operator_name", "An operator needs a name of 1 to 200 characters.", side=Side.YOU)
    row = {
        "public_id": ids.public_id(),
        "organisation_id": organisation_id,
        "name": plain,
        "login": login_of(plain),
        "created_at": now,
        **_to_set_up(vault, token, now),
    }
    fresh = insert(tx, operators).values(**row).on_conflict_do_nothing(index_elements=["login"]).returning(*_COLUMNS)
    made = tx.execute(fresh).one_or_none()
    if made is None:
        raise Conflict(
            "people.operator_known",
            "There is an administrator called “%(name)s” already.",
            "A new link for the same person: lti-tool user reset.",
            side=Side.YOU,
            name=plain,
        )
    return Operator(*made), token


def reset_operator(tx: Tx, vault: Vault, operator: Operator, *, now: datetime) -> str:
    """A new set-up link. From now on the password, the second factor and all sessions of before are void."""
    token = ids.token()
    void = {"password_hash": None, "totp_step": None, **_to_set_up(vault, token, now)}
    tx.execute(update(operators).where(_rows.id == operator.id).values(**void))
    tx.execute(_end_sessions, {"operator": operator.id})
    return token


def close_operator(tx: Tx, operator: Operator, *, now: datetime | None) -> None:
    """Keeps an operator out from now on, live sessions included; with `now` None lets them in again."""
    tx.execute(update(operators).where(_rows.id == operator.id).values(disabled_at=now))
    tx.execute(_end_sessions, {"operator": operator.id})


def list_operators(tx: Tx) -> Sequence[Operator]:
    """All operators, oldest first."""
    return [Operator(*row) for row in tx.execute(_all)]


def operator_called(tx: Tx, name: str) -> Operator:
    """The operator of this name, in whatever case; NotFound if there is none."""
    row = tx.execute(_by_login, {"login": login_of(name)}).one_or_none()
    if row is None:
        raise NotFound(
            "people.no_operator", "There is no administrator of this name.", "lti-tool user list names them all."
        )
    return Operator(*row)


def find_setup(tx: Tx, vault: Vault, token: str, *, now: datetime) -> Setup:
    """The account that a set-up link is for; NotAllowed for a link that is used, too old or none."""
    row = tx.execute(_by_setup, {"setup_hash": ids.digest(token), "now": now}).one_or_none()
    if row is None:
        raise NotAllowed(
            "people.setup_link",
            "This link does not open anything (any more): it works once, and for half an hour.",
            "Whoever runs this tool makes a new one with: lti-tool user reset NAME.",
            side=Side.YOU,
        )
    *known, sealed = row
    return Setup(Operator(*known), vault.open(sealed, _TOTP).decode())


def finish_setup(tx: Tx, setup: Setup, token: str, *, password: str, code: str, now: datetime) -> None:
    """Uses the link up: password and second factor hold from now on. Invalid where one of them is not in order."""
    plain = plain_password(password)
    require_good(plain, name=setup.operator.name)
    step = step_of(setup.secret, code, now=now)
    if step is None:
        raise Invalid(
            "people.code",
            "This is not the code that the app shows at this moment. Is the clock of your phone right?",
            side=Side.YOU,
        )
    known = {"password_hash": hash_password(plain), "totp_step": step, "setup_hash": None, "setup_expires_at": None}
    mine = update(operators).where(_rows.id == setup.operator.id, _rows.setup_hash == ids.digest(token))
    if tx.execute(mine.values(**known)).rowcount != 1:
        raise Conflict("people.setup_raced", "This link was used at this very moment elsewhere.", side=Side.YOU)


def proof_of(tx: Tx, vault: Vault, name: str) -> Proof:
    """What this name must show to come in; a proof that nothing fulfils where nobody may."""
    row = tx.execute(_credentials, {"login": login_of(name)}).one_or_none()
    if row is None or row.disabled_at is not None or row.password_hash is None:
        return Proof(None, None, None)
    return Proof(row.id, row.password_hash, vault.open(row.totp_sealed, _TOTP).decode())


def spend_code(tx: Tx, operator_id: int, step: int) -> bool:
    """Uses a code up: False where it, or a later one, has let somebody in already."""
    fresh = or_(_rows.totp_step.is_(None), _rows.totp_step < step)
    spent = update(operators).where(_rows.id == operator_id, fresh).values(totp_step=step)
    return tx.execute(spent).rowcount == 1


def _to_set_up(vault: Vault, token: str, now: datetime) -> dict[str, Any]:
    return {
        "totp_sealed": vault.seal(ids.base32_secret().encode(), _TOTP),
        "setup_hash": ids.digest(token),
        "setup_expires_at": now + SETUP_LIVES,
    }

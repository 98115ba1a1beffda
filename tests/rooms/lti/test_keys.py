"""Keys are made once for each organisation, sealed at rest, published without their private half, and rotate."""

from datetime import datetime, timedelta

import jwt
import pytest
from sqlalchemy import func, select, update

from lti_tool import lti, people
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.secrets import Vault
from lti_tool.lti import tables

OVERLAP = timedelta(days=14)


def organisation(tx: Tx, now: datetime, name: str = "Aldermoor") -> int:
    return people.ensure_organisation(tx, name, country="NO", website="", now=now).id


def published(tx: Tx) -> list[str]:
    return [key["kid"] for key in lti.public_jwks(tx)["keys"]]


@pytest.mark.both_engines
def test_the_published_key_verifies_what_the_signing_key_signs(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        key, shown = lti.signing_key(tx, vault, owner), lti.public_jwks(tx)
    assert len(shown["keys"]) == 1
    assert set(shown["keys"][0]) == {"kty", "n", "e", "kid", "use", "alg"}
    token = jwt.encode({"a": 1}, key.pem, algorithm="RS256", headers={"kid": key.kid})
    public = jwt.PyJWKSet.from_dict(shown)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, public, algorithms=["RS256"]) == {"a": 1}


def test_the_private_key_is_nowhere_in_the_clear(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        sealed = tx.execute(select(tables.tool_keys.c.sealed)).scalar_one()
        key = lti.signing_key(tx, vault, owner)
    assert b"PRIVATE" in key.pem and b"PRIVATE" not in sealed
    assert "PRIVATE" not in repr(key)
    assert vault.open(sealed, "lti.tool_key") == key.pem


@pytest.mark.both_engines
def test_rotation_signs_with_the_new_key_and_publishes_both_for_a_fortnight(
    db: Database, vault: Vault, now: datetime
) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        old = lti.signing_key(tx, vault, owner).kid
        new = lti.rotate_tool_key(tx, vault, owner, now)
        assert lti.signing_key(tx, vault, owner).kid == new != old
        assert published(tx) == [old, new]
        just_before = now + OVERLAP - timedelta(seconds=1)
        assert lti.retire_tool_keys(tx, overlap=OVERLAP, now=just_before) == []
        assert lti.retire_tool_keys(tx, overlap=OVERLAP, now=now + OVERLAP) == [old]
        assert published(tx) == [new]
        assert lti.retire_tool_keys(tx, overlap=OVERLAP, now=now + 3 * OVERLAP) == []
    stages = [key.stage for key in _all(db)]
    assert stages == [lti.KeyStage.RETIRED, lti.KeyStage.SIGNS]


def test_a_retired_key_s_private_half_is_destroyed(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        lti.rotate_tool_key(tx, vault, owner, now)
        lti.retire_tool_keys(tx, overlap=OVERLAP, now=now + OVERLAP)
        sealed = tx.execute(select(tables.tool_keys.c.sealed).order_by(tables.tool_keys.c.id)).scalars().all()
    assert sealed[0] == b"" and sealed[1] != b""


def test_rotating_twice_leaves_one_that_signs_and_all_published(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        kids = [lti.rotate_tool_key(tx, vault, owner, now) for _ in range(3)]
        assert len(set(kids)) == 3 and published(tx) == kids
        assert lti.signing_key(tx, vault, owner).kid == kids[-1]
    assert [key.stage for key in _all(db)].count(lti.KeyStage.SIGNS) == 1


@pytest.mark.both_engines
def test_each_organisation_has_a_key_of_its_own(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        ours, theirs = organisation(tx, now), organisation(tx, now, "Beldermoor")
        lti.ensure_tool_key(tx, vault, ours, now)
        lti.ensure_tool_key(tx, vault, theirs, now)
        first, second = lti.signing_key(tx, vault, ours).kid, lti.signing_key(tx, vault, theirs).kid
        assert first != second
        third = lti.rotate_tool_key(tx, vault, ours, now)
        assert lti.signing_key(tx, vault, theirs).kid == second
        assert published(tx) == [first, second, third]


def test_a_key_from_before_serves_whoever_has_none_until_all_have_one(
    db: Database, vault: Vault, now: datetime
) -> None:
    with db.transaction() as tx:
        ours, theirs = organisation(tx, now), organisation(tx, now, "Beldermoor")
        common = lti.rotate_tool_key(tx, vault, ours, now)
        tx.execute(update(tables.tool_keys).values(organisation_id=None))
        for owner in (ours, theirs):
            lti.register_platform(
                tx,
                vault=vault,
                organisation_id=owner,
                issuer="https://lms.example",
                client_id=str(owner),
                name="LMS",
                auth_url="https://lms.example/a",
                token_url="https://lms.example/t",
                jwks_url="https://lms.example/k",
                now=now,
            )
        assert tx.execute(select(func.count()).select_from(tables.tool_keys)).scalar_one() == 1
        own = lti.rotate_tool_key(tx, vault, ours, now)
        assert lti.signing_key(tx, vault, ours).kid == own
        assert lti.signing_key(tx, vault, theirs).kid == common
        lti.rotate_tool_key(tx, vault, theirs, now)
        assert lti.list_tool_keys(tx)[0].stage is lti.KeyStage.RETIRING


def test_another_master_key_opens_nothing(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        owner = organisation(tx, now)
        lti.ensure_tool_key(tx, vault, owner, now)
        with pytest.raises(Invalid):
            lti.signing_key(tx, Vault(bytes(32)), owner)


def test_without_a_key_nothing_is_signed(db: Database, vault: Vault) -> None:
    with db.reading() as tx, pytest.raises(NotFound):
        lti.signing_key(tx, vault, 1)


def _all(db: Database) -> list[lti.ToolKey]:
    with db.reading() as tx:
        return list(lti.list_tool_keys(tx))

"""The tool's own key is made once, sealed at rest and published without its private half."""

from datetime import datetime

import jwt
import pytest
from sqlalchemy import select, update

from lti_tool import lti
from lti_tool.core.db import Database
from lti_tool.core.errors import NotFound
from lti_tool.core.secrets import Vault
from lti_tool.lti import tables


@pytest.mark.both_engines
def test_the_published_key_verifies_what_the_signing_key_signs(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        lti.ensure_tool_key(tx, vault, now)
        lti.ensure_tool_key(tx, vault, now)
        key, published = lti.signing_key(tx, vault), lti.public_jwks(tx)
    assert len(published["keys"]) == 1
    assert set(published["keys"][0]) == {"kty", "n", "e", "kid", "use", "alg"}
    token = jwt.encode({"a": 1}, key.pem, algorithm="RS256", headers={"kid": key.kid})
    public = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, public, algorithms=["RS256"]) == {"a": 1}


def test_the_private_key_is_nowhere_in_the_clear(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        lti.ensure_tool_key(tx, vault, now)
        sealed = tx.execute(select(tables.tool_keys.c.sealed)).scalar_one()
        key = lti.signing_key(tx, vault)
    assert b"PRIVATE" in key.pem
    assert b"PRIVATE" not in sealed
    assert "PRIVATE" not in repr(key)


def test_a_retiring_key_is_published_but_signs_no_more(db: Database, vault: Vault, now: datetime) -> None:
    with db.transaction() as tx:
        lti.ensure_tool_key(tx, vault, now)
        old = lti.signing_key(tx, vault).kid
        tx.execute(update(tables.tool_keys).values(retiring_at=now))
        lti.ensure_tool_key(tx, vault, now)
        new = lti.signing_key(tx, vault).kid
        assert [key["kid"] for key in lti.public_jwks(tx)["keys"]] == [old, new]
        tx.execute(update(tables.tool_keys).where(tables.tool_keys.c.kid == old).values(retired_at=now))
        assert [key["kid"] for key in lti.public_jwks(tx)["keys"]] == [new]


def test_without_a_key_nothing_is_signed(db: Database, vault: Vault) -> None:
    with db.reading() as tx, pytest.raises(NotFound, match=r"lti\.no_tool_key"):
        lti.signing_key(tx, vault)

"""What is kept of a refused launch, so that an administrator can be helped; and what never is."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool import lti
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Side, ToolError, Upstream
from lti_tool.lti import tables
from lti_tool.lti.launching import evidence
from tests.rooms.lti.lms import CLAIM, Lms

MARK = "ánh-tuyết@aldermoor.example"


def keep(db: Database, fault: ToolError, lms: Lms, code: str = "AB12-CD34", *, known: bool = True) -> None:
    with db.transaction() as tx:
        lti.keep_refusal(
            tx,
            fault,
            status=400,
            support_code=code,
            registration_id=lms.registration.id if known else None,
            known={},
            now=lms.clock.now(),
        )


def find(db: Database, lms: Lms, code: str = "AB12-CD34") -> lti.Refusal | None:
    with db.reading() as tx:
        return lti.find_refusal(tx, code, now=lms.clock.now())


def refusal_of(lms: Lms, changes: Mapping[str, object], **header: object) -> ToolError:
    begun = lms.begin()
    token = lms.sign(lms.claims(begun, **changes), **header)
    with pytest.raises(ToolError) as fault:
        lms.verify(token, begun)
    return fault.value


def rows(tx: Tx) -> int:
    return tx.execute(select(func.count()).select_from(tables.refused_launches)).scalar_one()


@pytest.mark.both_engines
def test_a_refusal_is_found_by_its_support_code(lms: Lms, db: Database) -> None:
    fault = refusal_of(lms, {"iat": lms.clock.now().timestamp() - 400, "exp": lms.clock.now().timestamp() - 100})
    keep(db, fault, lms)
    kept = find(db, lms)
    assert kept is not None
    assert (kept.code, kept.side, kept.status) == ("lti.clock", Side.LMS, 400)
    assert (kept.registration_id, kept.at) == (lms.registration.id, lms.clock.now())
    assert kept.facts["seconds"] == "400"
    assert find(db, lms, "AB12-CD35") is None


def test_of_a_verified_token_kind_role_context_and_deployment_are_kept(lms: Lms, db: Database) -> None:
    keep(db, refusal_of(lms, {"_version": "1.1.1", "name": MARK, "email": MARK}), lms)
    kept = find(db, lms)
    assert kept is not None
    told = {name: value for name, value in kept.facts.items() if name not in ("says", "hint")}
    assert told == {
        "alg": "RS256",
        "kid": "lms-key-1",
        "signature": "verified",
        "message_type": "LtiResourceLinkRequest",
        "role": "learner",
        "context": "2",
        "deployment": "3",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": f"https://{MARK}"},
        {"aud": MARK},
        {"azp": MARK},
    ],
    ids=["issuer", "audience", "party"],
)
def test_of_an_unverified_token_only_algorithm_and_key_are_kept(
    lms: Lms, db: Database, changes: dict[str, object]
) -> None:
    everywhere = {"sub": MARK, "name": MARK, "_context": {"id": MARK}, "_deployment_id": MARK, **changes}
    fault = refusal_of(lms, everywhere)
    keep(db, fault, lms)
    kept = find(db, lms)
    assert kept is not None
    assert set(kept.facts) == {"says", "hint", "alg", "kid"}
    assert MARK not in json.dumps(dict(kept.facts), ensure_ascii=False)


def test_of_a_forged_signature_only_algorithm_and_key_are_kept(lms: Lms, db: Database) -> None:
    begun = lms.begin()
    head, body, signature = lms.sign(lms.claims(begun, _context={"id": MARK})).split(".")
    with pytest.raises(lti.LtiRefused) as fault:
        lms.verify(f"{head}.{body}.{signature[:-8]}AAAAAAAA", begun)
    keep(db, fault.value, lms)
    kept = find(db, lms)
    assert kept is not None and kept.code == "lti.signature"
    assert set(kept.facts) == {"says", "hint", "alg", "kid"}


def test_nothing_secret_is_kept_whatever_a_fault_carries(lms: Lms, db: Database) -> None:
    log = {"state": MARK, "nonce": MARK, "id_token": MARK, "cookie": MARK, "name": MARK, "email": MARK, "given": MARK}
    keep(db, Upstream("lti.key_set", "Words.", log=log, name=MARK, sub=MARK), lms)
    kept = find(db, lms)
    assert kept is not None and kept.facts == {"says": "Words."}


def test_what_a_stranger_writes_is_cut_and_tame(lms: Lms, db: Database) -> None:
    keep(db, refusal_of(lms, {}, kid="\x1b[31m\x00\ud800" + "𝔄" * 200), lms, known=False)
    issuer = "\N{RIGHT-TO-LEFT OVERRIDE}" * 500
    fault = ToolError("lti.unknown_platform", "Words.", log={"issuer": issuer, "client_id": "\x00"})
    keep(db, fault, lms, "AB12-CD35", known=False)
    for code in ("AB12-CD34", "AB12-CD35"):
        kept = find(db, lms, code)
        assert kept is not None
        assert all(value.isprintable() for value in kept.facts.values())
        assert len(json.dumps(dict(kept.facts)).encode()) <= 8192


def test_facts_are_eight_kilobytes_at_most() -> None:
    big = dict.fromkeys(("says", "hint", "alg", "kid", "context", "deployment", "issuer", "client_id"), "\x00" * 10_000)
    assert 0 < len(json.dumps(evidence.keepable(big)).encode()) <= 8192
    # Too much altogether: the last facts go, the words stay.
    assert "says" in evidence.keepable(dict.fromkeys(evidence._KEPT, "𝔄" * 200))


@pytest.mark.both_engines
def test_the_newest_two_hundred_of_each_platform_are_kept(
    lms: Lms, db: Database, register: Callable[..., lti.Registration]
) -> None:
    fault = lti.LtiRefused("lti.signature", "Words.")
    other = register(client_id="another")
    with db.transaction() as tx:
        for registration_id in (lms.registration.id, other.id, None):
            for number in range(203 if registration_id != other.id else 3):
                lti.keep_refusal(
                    tx,
                    fault,
                    status=400,
                    support_code=f"{registration_id or 0:04}-{number:04}",
                    registration_id=registration_id,
                    known={},
                    now=lms.clock.now(),
                )
    with db.reading() as tx:
        assert rows(tx) == 200 + 3 + 200
    assert find(db, lms, f"{lms.registration.id:04}-0002") is None
    assert find(db, lms, f"{lms.registration.id:04}-0003") is not None
    assert find(db, lms, f"{other.id:04}-0000") is not None
    assert find(db, lms, "0000-0202") is not None


@pytest.mark.both_engines
def test_after_seven_days_nothing_is_left(lms: Lms, db: Database) -> None:
    keep(db, lti.LtiRefused("lti.signature", "Words."), lms)
    lms.clock.advance(timedelta(days=7).total_seconds() - 1)
    assert find(db, lms) is not None
    lms.clock.advance(1)
    assert find(db, lms) is None
    keep(db, lti.LtiRefused("lti.signature", "Words."), lms, "AB12-CD35")
    with db.reading() as tx:
        assert rows(tx) == 1


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {f"{CLAIM}/context": "2", f"{CLAIM}/roles": "Learner"},
        {f"{CLAIM}/context": [], f"{CLAIM}/roles": [1], f"{CLAIM}/deployment_id": {"a": None}},
        {f"{CLAIM}/context": {"id": ["x"]}, f"{CLAIM}/message_type": None, f"{CLAIM}/roles": {}},
    ],
    ids=["nothing", "texts", "lists", "nested"],
)
def test_claims_of_any_type_give_evidence_or_none(claims: dict[str, object]) -> None:
    assert evidence.evidence_of_claims(claims) == {"signature": "verified"}

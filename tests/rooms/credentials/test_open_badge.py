"""The Open Badges form: what the schema wants, a proof that holds, and nothing in it outside the signature."""

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jsonschema import Draft201909Validator

from lti_tool.core.errors import Invalid
from lti_tool.credentials import credential_json, did_document, did_web, open_badge, verify_proof
from lti_tool.credentials.keys import multibase, public_key
from lti_tool.credentials.proofs import add_proof
from tests.rooms.credentials.papers import FACTS, PUBLIC_URL

ADDRESS = f"{PUBLIC_URL}/c/k7q4m2kxp9tbd3hw5rz8cfv6na"
ISSUED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def key():
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="module")
def badge():
    did = did_web(PUBLIC_URL)
    return open_badge(FACTS, address=ADDRESS, number="7Q4M-2KXP-9TBD", issuer_did=did, issued_at=ISSUED)


def sign(document, key):
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    method = f"{did_web(PUBLIC_URL)}#{multibase(key.public_key())}"
    return add_proof(document, private_pem=pem, method=method, created=ISSUED)


@pytest.fixture(scope="module")
def signed(badge, key):
    return sign(badge, key)


def test_the_proof_holds_and_every_kind_of_change_breaks_it(signed, key):
    public = key.public_key()
    assert verify_proof(signed, public)
    for change in (
        lambda it: it["credentialSubject"]["identifier"][0].update(identityHash="Somebody Else"),
        lambda it: it["credentialSubject"]["achievement"].update(name="Brain surgery"),
        lambda it: it.update(validUntil="2099-01-01T00:00:00Z"),
        lambda it: it["credentialSubject"]["result"][0].update(value="100"),
        lambda it: it["proof"][0].update(created="2020-01-01T00:00:00Z"),
        lambda it: it.pop("awardedDate"),
        lambda it: it.pop("proof"),
        lambda it: it["proof"].append(it["proof"][0]),
    ):
        forged = copy.deepcopy(signed)
        change(forged)
        assert not verify_proof(forged, public)
    assert not verify_proof(signed, Ed25519PrivateKey.generate().public_key())


def test_what_the_signature_does_not_cover_is_neither_signed_nor_believed(badge, signed, key):
    # RDF canonicalisation drops a member no context defines: the proof over the rest would still hold.
    with pytest.raises(Invalid, match=r"credentials\.undefined_term"):
        sign({**badge, "honours": "summa cum laude"}, key)
    assert not verify_proof({**signed, "honours": "summa cum laude"}, key.public_key())
    assert not verify_proof(
        {**signed, "@context": [*signed["@context"], {"honours": "https://x.example"}]}, key.public_key()
    )


def test_the_issuer_is_the_did_of_the_host_port_and_all():
    assert did_web("https://credentials.example.edu") == "did:web:credentials.example.edu"
    assert did_web("http://tool.localhost:8001") == "did:web:tool.localhost%3A8001"


def test_a_public_key_survives_its_multibase_form(key):
    text = multibase(key.public_key())
    assert text.startswith("z6Mk")
    assert public_key(text) == key.public_key()


def test_facts_that_a_module_does_not_state_are_left_out(key):
    bare = replace(
        FACTS, hours=None, credits=None, level="", result_percent="", pass_mark="", valid_until=None, outcomes=()
    )
    bare = replace(bare, assessment="", participation="", supervision="", quality_statement="", organisation_country="")
    badge = open_badge(bare, address=ADDRESS, number="7Q4M-2KXP-9TBD", issuer_did="did:web:a.example", issued_at=ISSUED)
    assert "validUntil" not in badge
    assert not {"alignment", "resultDescription", "creditsAvailable"} & set(badge["credentialSubject"]["achievement"])
    assert verify_proof(sign(badge, key), key.public_key())


def test_valid_until_a_day_means_through_that_day(badge):
    assert FACTS.valid_until == date(2028, 11, 24)
    assert badge["validUntil"] == "2028-11-24T23:59:59Z"


def test_whole_credits_are_written_whole_so_that_every_language_reads_the_same_number(key):
    def text(credits):
        facts = replace(FACTS, credits=credits)
        badge = open_badge(
            facts, address=ADDRESS, number="7Q4M-2KXP-9TBD", issuer_did="did:web:a.example", issued_at=ISSUED
        )
        return json.dumps(badge)

    assert '"creditsEarned": 1,' in text(1.0)
    assert '"creditsEarned": 1.5,' in text(1.5)


@pytest.mark.shared
@pytest.mark.parametrize(
    "schema",
    ["1edtech-gh-pages-achievementcredential.json", "ob_v3p0_achievementcredential_schema.canonical.json"],
)
def test_it_is_valid_against_the_schema_of_1edtech(signed, shared_dir: Path, schema: str):
    text = (shared_dir / "standards" / "schemas" / schema).read_text()
    validator = Draft201909Validator(json.loads(text))
    assert [fault.message for fault in validator.iter_errors(signed)] == []
    assert [*validator.iter_errors({**signed, "proof": signed["proof"][0]})], "the schema is really applied"


def test_the_did_document_lists_the_key_that_signed(office):
    made = office.issued()
    office.work()
    signed = office.look(made).signed
    with office.db.reading() as tx:
        document = did_document(tx, PUBLIC_URL)
    method = signed["proof"][0]["verificationMethod"]
    assert document["id"] == signed["issuer"]["id"] == "did:web:credentials.example.edu"
    assert document["assertionMethod"] == [method]
    [listed] = document["verificationMethod"]
    assert (listed["id"], listed["controller"]) == (method, document["id"])
    assert verify_proof(json.loads(credential_json(signed)), public_key(listed["publicKeyMultibase"]))

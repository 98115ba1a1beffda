"""What a stranger is told: nothing is believed because it was stored."""

import copy

import pytest
from sqlalchemy import event, update

from lti_tool.credentials import Verdict, reinstate, revoke, verify
from lti_tool.credentials.tables import credentials, issuer_keys


def verdict(office, credential, **shift):
    if shift:
        office.clock.advance(**shift)
    with office.db.reading() as tx:
        return verify(tx, credential.public_id, now=office.clock.now()).verdict


def change(office, credential, **values):
    """What somebody with a hand in the database does."""
    with office.db.transaction() as tx:
        tx.execute(update(credentials).where(credentials.c.id == credential.id).values(**values))


@pytest.fixture
def signed(office, no_faces):
    """A signed credential; its certificate waits for fonts, which is nothing to the verdict."""
    made = office.issued()
    office.work(no_faces)
    return office.look(made)


@pytest.mark.both_engines
def test_signed_and_in_force_it_is_valid_with_all_its_facts(office, signed):
    with office.db.reading() as tx:
        found = verify(tx, signed.public_id, now=office.clock.now())
    assert found.verdict is Verdict.VALID
    assert found.facts == signed.facts
    assert found.issuer_did == "did:web:credentials.example.edu"
    assert not found.being_prepared
    assert not found.has_certificate
    office.clock.advance(3600)
    office.work()
    with office.db.reading() as tx:
        assert verify(tx, signed.public_id, now=office.clock.now()).has_certificate


def test_it_takes_at_most_two_statements(office, signed):
    asked = []
    event.listen(office.db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    verdict(office, signed)
    assert 1 <= sum(text.lstrip().upper().startswith("SELECT") for text in asked) <= 2


def test_before_it_is_signed_it_could_not_be_checked(office):
    made = office.issued()
    with office.db.reading() as tx:
        found = verify(tx, made.public_id, now=office.clock.now())
    assert (found.verdict, found.being_prepared) == (Verdict.COULD_NOT_CHECK, True)


def test_revoked_it_says_so_at_once_and_reinstated_it_is_valid_again(office, signed):
    now = office.clock.now()
    with office.db.transaction() as tx:
        revoke(tx, signed.public_id, reason="misconduct", words="", actor="admin", now=now)
    assert verdict(office, signed) is Verdict.REVOKED
    with office.db.transaction() as tx:
        reinstate(tx, signed.public_id, actor="admin", now=now)
    assert verdict(office, signed) is Verdict.VALID


def test_revoked_before_it_was_signed_is_revoked(office):
    made = office.issued()
    with office.db.transaction() as tx:
        revoke(tx, made.public_id, reason="other", words="", actor="admin", now=office.clock.now())
    assert verdict(office, made) is Verdict.REVOKED


def test_time_decides_between_not_yet_valid_valid_and_expired(office, signed):
    assert verdict(office, signed, seconds=-1) is Verdict.NOT_YET_VALID
    assert verdict(office, signed, seconds=1) is Verdict.VALID
    until_end_of_last_day = 731 * 86400 + 15 * 3600 - 1
    assert verdict(office, signed, seconds=until_end_of_last_day) is Verdict.VALID
    assert verdict(office, signed, seconds=2) is Verdict.EXPIRED


@pytest.mark.parametrize("asked", ["7k9m2p4r6t8v0x1z3b5d7f9h2j", "k7q4", "K" * 26, "", "a'; --"])
def test_an_unknown_and_a_malformed_id_are_both_not_found(office, asked):
    with office.db.reading() as tx:
        found = verify(tx, asked, now=office.clock.now())
    assert (found.verdict, found.credential, found.issuer_did) == (Verdict.NOT_FOUND, None, "")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("holder_name", "Somebody Else"),
        ("title", "Brain surgery"),
        ("outcomes", ["Operate on brains"]),
        ("result_percent", "100"),
        ("pass_mark", "10"),
        ("awarded_on", "2020-01-01"),
        ("valid_until", "2099-01-01"),
        ("organisation_name", "University of Elsewhere"),
        ("organisation_country", "CH"),
        ("hours", 2500),
        ("credits", 60),
        ("level", "EQF level 8"),
        ("supervision", "On site with identity card"),
        ("quality_statement", "The Queen"),
        ("version", "9"),
    ],
)
def test_a_record_that_no_longer_says_what_was_signed_is_altered(office, signed, field, value):
    change(office, signed, facts={**signed.facts.as_json(), field: value})
    assert verdict(office, signed) is Verdict.ALTERED


def test_a_changed_number_or_date_of_issue_is_altered(office, signed):
    change(office, signed, number="AAAA-AAAA-AAAA")
    assert verdict(office, signed) is Verdict.ALTERED
    change(office, signed, number=signed.number, issued_at=office.clock.advance(-3600))
    assert verdict(office, signed) is Verdict.ALTERED


def test_a_forger_who_changes_record_and_signed_text_alike_is_found_by_the_signature(office, signed):
    forged = copy.deepcopy(signed.signed)
    forged["credentialSubject"]["identifier"][0]["identityHash"] = "Somebody Else"
    change(office, signed, signed=forged, facts={**signed.facts.as_json(), "holder_name": "Somebody Else"})
    assert verdict(office, signed) is Verdict.ALTERED


@pytest.mark.parametrize("signed_text", [{}, {"issuer": {}}, {"issuer": {"id": "did:web:credentials.example.edu"}}])
def test_a_signed_text_that_is_no_credential_is_never_valid(office, signed, signed_text):
    change(office, signed, signed=signed_text)
    assert verdict(office, signed) in (Verdict.ALTERED, Verdict.UNKNOWN_ISSUER)


def test_a_key_we_do_not_know_is_an_unknown_issuer(office, signed):
    change(office, signed, key_id=None)
    assert verdict(office, signed) is Verdict.UNKNOWN_ISSUER


def test_a_retired_key_still_vouches_for_what_it_signed(office, signed):
    with office.db.transaction() as tx:
        tx.execute(update(issuer_keys).values(retired_at=office.clock.now()))
    assert verdict(office, signed) is Verdict.VALID


def test_withdrawn_by_its_holder_it_shows_nothing(office, signed):
    change(office, signed, status="withdrawn")
    with office.db.reading() as tx:
        found = verify(tx, signed.public_id, now=office.clock.now())
    assert (found.verdict, found.facts) == (Verdict.WITHDRAWN_BY_HOLDER, None)


def test_replaced_is_said(office, signed):
    change(office, signed, status="replaced")
    assert verdict(office, signed) is Verdict.REPLACED

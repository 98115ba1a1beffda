"""The record: once per completion, one active per person and achievement, and nothing in it that cannot be printed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.ids import check_paper_number, is_public_id
from lti_tool.credentials import (
    NameRefused,
    credential_of_completion,
    credentials_of_person,
    find_credential,
    history_of,
    list_credentials,
    reinstate,
    revoke,
)


def test_a_credential_is_recorded_with_an_unguessable_id_and_a_number_for_paper(office):
    made = office.issued()
    assert is_public_id(made.public_id)
    assert check_paper_number(made.number) == made.number
    assert made.address == f"https://credentials.example.edu/c/{made.public_id}"
    assert office.look(made) == made
    with office.db.reading() as tx:
        assert credential_of_completion(tx, made.completion_id) == made
        assert list(credentials_of_person(tx, made.person_id)) == [made]
        assert list(list_credentials(tx, 10)) == [made]
        assert [event.act for event in history_of(tx, made.id)] == ["issued"]


@pytest.mark.both_engines
def test_issuing_twice_gives_the_same_credential(office):
    with office.db.transaction() as tx:
        earned = office.earned(tx)
        first = office.issue(tx, earned)
    with office.db.transaction() as tx:
        assert office.issue(tx, earned, holder_name="Somebody Else") == first


@pytest.mark.both_engines
def test_eight_requests_at_once_issue_one_credential(office):
    with office.db.transaction() as tx:
        earned = office.earned(tx)

    def ask(_: int) -> str:
        with office.db.transaction() as tx:
            return office.issue(tx, earned).public_id

    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(ask, range(8)))
    with office.db.reading() as tx:
        assert [one.public_id for one in list_credentials(tx, 10)] == list(given)


@pytest.mark.both_engines
def test_a_second_completion_of_the_same_achievement_leads_to_the_active_credential(office):
    with office.db.transaction() as tx:
        earned = office.earned(tx)
        first = office.issue(tx, earned)
        again = office.earned(tx, person_id=earned["person_id"], module_version_id=earned["module_version_id"])
        assert office.issue(tx, again) == first
        revoke(tx, first.public_id, reason="other", words="", actor="test", now=office.clock.now())
        second = office.issue(tx, again)
        assert second.id != first.id
    with office.db.transaction() as tx, pytest.raises(Conflict):
        reinstate(tx, first.public_id, actor="test", now=office.clock.now())


def test_revoking_is_dated_repeatable_and_can_be_taken_back(office):
    made = office.issued()
    now = office.clock.advance(3600)
    with office.db.transaction() as tx:
        revoke(tx, made.public_id, reason="issued_in_error", words="Wrong person", actor="admin", now=now)
        again = revoke(tx, made.public_id, reason="other", words="", actor="admin", now=office.clock.advance(60))
    assert (again.revoked_at, again.revoked_reason, again.revoked_words) == (now, "issued_in_error", "Wrong person")
    with office.db.transaction() as tx:
        back = reinstate(tx, made.public_id, actor="admin", words="It was the right person", now=office.clock.now())
        assert (back.status, back.revoked_at) == ("active", None)
        assert [event.act for event in history_of(tx, made.id)] == ["issued", "revoked", "reinstated"]


def test_a_reason_must_be_one_of_the_known(office):
    made = office.issued()
    with office.db.transaction() as tx, pytest.raises(Invalid, match=r"credentials\.reason"):
        revoke(tx, made.public_id, reason="because", words="", actor="admin", now=office.clock.now())


@pytest.mark.parametrize("asked", ["7k9m2p4r6t8v0x1z3b5d7f9h2j", "k7q4", "../etc/passwd", "K" * 26, ""])
def test_an_unknown_and_a_malformed_id_look_alike(office, asked):
    with office.db.reading() as tx, pytest.raises(NotFound) as missing:
        find_credential(tx, asked)
    assert missing.value.code == "credentials.not_found"
    assert asked == "" or asked not in str(missing.value)


@pytest.mark.parametrize(
    "name",
    [
        "A\u0007lice",
        "A\u007flice",
        "\u202eecilA",
        "Alice\u2066",
        "Al\u200bice",
        "Al\u00adice",
        "Alice\ue000",
        "Alice\u0378",
    ],
    ids=ascii,
)
def test_a_character_that_cannot_be_seen_is_refused_in_a_name(office, name):
    with pytest.raises(NameRefused) as refused:
        office.issued(holder_name=name)
    assert refused.value.code == "credentials.name_character"
    assert "U+" in refused.value.text
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "no_name"), ("  \u3000 ", "no_name"), ("A" * 10_000, "name_length")],
    ids=["empty", "blank", "endless"],
)
def test_no_name_and_an_endless_name_are_refused(office, name, code):
    with pytest.raises(NameRefused) as refused:
        office.issued(holder_name=name)
    assert refused.value.code == f"credentials.{code}"


def test_a_name_is_kept_as_given_but_for_normal_form_and_stray_spaces(office):
    made = office.issued(holder_name="  Nguye\u0302\u0303n  van\tAnh ")
    assert made.facts.holder_name == "Nguy\u1ec5n van Anh"
    # Persian needs its zero-width non-joiner.
    assert office.issued(holder_name="علی‌رضا").facts.holder_name == "علی‌رضا"


@pytest.mark.parametrize("field", ["title", "assessment", "organisation_name", "quality_statement"])
def test_a_control_character_in_any_text_is_refused_before_it_is_signed(office, field):
    with pytest.raises(Invalid, match=r"credentials\.control_character"):
        office.issued(**{field: "Bell\u0007"})
    with pytest.raises(Invalid, match=r"credentials\.control_character"):
        office.issued(outcomes=("Fine", "Delete\u007f"))

"""Record → sign → PDF: each step repeatable, none lost, none doubled, and fonts may come late."""

import io
import json
from datetime import timedelta

import pikepdf
import pytest
from sqlalchemy import select

from lti_tool.credentials import (
    credential_json,
    draw,
    file_of,
    history_of,
    prepare_due,
    release_held,
)
from lti_tool.credentials.preparing import HELD_FOR, LEASE_SECONDS, paper
from lti_tool.credentials.tables import credentials, issuer_keys
from tests.rooms.credentials.papers import PUBLIC_URL


def acts(office, credential):
    with office.db.reading() as tx:
        return [event.act for event in history_of(tx, credential.id)]


def pdf_of(office, credential):
    with office.db.reading() as tx:
        return file_of(tx, credential.id, "pdf")


@pytest.mark.both_engines
def test_a_worker_signs_and_draws_what_is_due_once(office):
    made = office.issued()
    assert office.work() == 1
    assert office.work() == 0
    file = pdf_of(office, made)
    assert file.media_type == "application/pdf"
    assert file.body.startswith(b"%PDF-1.7")
    assert acts(office, made) == ["issued", "signed", "drawn"]
    with pikepdf.open(io.BytesIO(file.body)) as pdf:
        attached = pdf.attachments["credential.json"].get_file().read_bytes()
    assert attached == credential_json(office.look(made).signed)
    assert json.loads(attached)["credentialSubject"]["licenseNumber"] == made.number


def test_the_same_record_gives_the_same_bytes(office):
    for name in ("Suharto", "श्रीकृष्ण क्षेत्रपाल"):
        made = office.issued(holder_name=name)
        office.work()
        again = draw(office.faces, paper(made, office.look(made).signed))
        assert again == pdf_of(office, made).body


def test_an_organisation_signs_with_one_key(office):
    with office.db.transaction() as tx:
        first = office.earned(tx)
        office.issue(tx, first)
        office.issue(tx, office.earned(tx, organisation_id=first["organisation_id"]))
        office.issue(tx, office.earned(tx))
    office.work()
    with office.db.reading() as tx:
        owners = tx.execute(select(issuer_keys.c.organisation_id)).scalars().all()
    assert len(owners) == len(set(owners)) == 2


class Killed(BaseException):
    """The process is gone."""


class DiesAt:
    """A clock in whose hands the worker dies when it is asked for the n-th time."""

    def __init__(self, office, turn):
        self.office, self.turn = office, turn

    def __call__(self):
        self.turn -= 1
        if self.turn < 0:
            raise Killed
        return self.office.clock.now()


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_worker_that_dies_between_two_steps_is_taken_over(office, turn):
    made = office.issued()
    with pytest.raises(Killed):
        prepare_due(
            office.db, vault=office.vault, faces=office.faces, public_url=PUBLIC_URL, clock=DiesAt(office, turn)
        )
    assert office.work() == 0, "its lease still runs"
    office.clock.advance(LEASE_SECONDS)
    assert office.work() == 1
    assert acts(office, made) == ["issued", "signed", "drawn"]
    assert pdf_of(office, made) is not None


def test_a_slow_worker_cannot_finish_what_another_has_taken_over(office):
    made = office.issued()

    def slow():
        """The second time it looks at the clock its lease has run out, and another has done the work."""
        slow.calls += 1
        if slow.calls == 2:
            office.clock.advance(LEASE_SECONDS)
            assert office.work() == 1
        return office.clock.now()

    slow.calls = 0
    prepare_due(office.db, vault=office.vault, faces=office.faces, public_url=PUBLIC_URL, clock=slow)
    assert acts(office, made) == ["issued", "signed", "drawn"]


def test_without_fonts_it_is_issued_and_signed_and_its_pdf_waits(office, no_faces):
    made = office.issued(holder_name="王秀英")
    office.work(no_faces)
    held = office.look(made)
    assert held.signed is not None
    assert "make fonts" in held.held_reason
    assert pdf_of(office, made) is None
    assert office.work() == 0
    # Fonts arrive; nobody has to do anything.
    office.clock.advance(HELD_FOR.total_seconds())
    assert office.work() == 1
    assert office.look(made).held_reason is None
    assert pdf_of(office, made) is not None
    assert acts(office, made) == ["issued", "signed", "drawn"]


def test_held_ones_can_be_released_at_once(office, no_faces):
    made = office.issued()
    office.work(no_faces)
    with office.db.transaction() as tx:
        assert release_held(tx, now=office.clock.now()) == 1
    assert office.work() == 1
    assert pdf_of(office, made) is not None


def test_a_script_without_a_tested_font_is_held_and_says_which(office):
    made = office.issued(holder_name="ᠮᠣᠩᠭᠣᠯ")
    office.work()
    assert "Mongolian" in office.look(made).held_reason
    assert pdf_of(office, made) is None


def test_a_fault_is_written_down_and_tried_again_later(office, vault):
    made = office.issued()
    office.work()
    from lti_tool.core.secrets import Vault

    second = office.issued()
    with office.db.transaction() as tx:
        tx.execute(credentials.update().values(organisation_id=made.organisation_id))
    other = Vault(bytes(32))  # The master key of another installation: the issuer's key does not open.
    prepare_due(office.db, vault=other, faces=office.faces, public_url=PUBLIC_URL, clock=office.clock.now)
    with office.db.reading() as tx:
        row = tx.execute(select(credentials).where(credentials.c.id == second.id)).one()
    assert "core.sealed" in row.last_error
    assert row.due_at - office.clock.now() == timedelta(seconds=5)
    office.clock.advance(5)
    assert office.work() == 1
    assert acts(office, second) == ["issued", "signed", "drawn"]

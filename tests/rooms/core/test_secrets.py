"""Secrets at rest: they open with the right key and purpose, and with nothing else."""

import base64
import stat
from pathlib import Path

import pytest

from lti_tool.core.errors import Invalid
from lti_tool.core.secrets import Vault, master_key


def test_a_secret_opens_as_it_was_sealed(vault: Vault) -> None:
    sealed = vault.seal(b"secret", "key")
    assert b"secret" not in sealed
    assert vault.open(sealed, "key") == b"secret"
    assert vault.seal(b"secret", "key") != sealed


def test_another_key_another_purpose_and_a_changed_byte_open_nothing(vault: Vault) -> None:
    sealed = vault.seal(b"secret", "key")
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for opener, what, purpose in ((Vault(b"k" * 32), sealed, "key"), (vault, sealed, "token"), (vault, changed, "key")):
        with pytest.raises(Invalid, match=r"core\.sealed"):
            opener.open(what, purpose)


def test_a_short_master_key_is_refused() -> None:
    with pytest.raises(Invalid, match=r"core\.master_key"):
        Vault(b"short")


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "master.key"
    key = master_key(path)
    assert len(key) == 32
    assert master_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_from_the_environment_needs_no_file(tmp_path: Path) -> None:
    given = base64.b64encode(bytes(32)).decode()
    assert master_key(tmp_path / "none", given) == bytes(32)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("given", ["short", "!!!!", base64.b64encode(b"k" * 31).decode()])
def test_a_key_that_is_none_is_refused_wherever_it_comes_from(given: str, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(given)
    for source in (given, None):
        with pytest.raises(Invalid, match=r"core\.master_key") as caught:
            master_key(path, source)
        assert given not in str(caught.value)


def test_a_line_break_after_the_key_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(base64.b64encode(bytes(32)).decode() + "\n")
    assert master_key(path) == bytes(32)


def test_a_key_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Invalid, match=r"core\.not_writable"):
        master_key(tmp_path / "file" / "master.key")

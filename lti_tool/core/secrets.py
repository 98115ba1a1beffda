"""Secrets at rest: AES-256-GCM under one master key, which lies in a file of its own or in the environment."""

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lti_tool.core.errors import Invalid
from lti_tool.core.folders import NotWritable, make_folder

_NONCE_BYTES = 12


class Vault:
    """Seals and opens secrets. `purpose` is bound into the seal: one secret cannot be passed off as another."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != 32:
            raise _wrong_key("")
        self._cipher = AESGCM(master_key)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """The sealed form of `plain`: nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """What was sealed; raises Invalid when the key or the purpose is another one, or the bytes were changed."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except InvalidTag as fault:
            raise Invalid(
                "core.sealed",
                "A stored secret does not open with this master key.",
                "Put the master key back that belongs to this database.",
                log={"purpose": purpose},
            ) from fault


def master_key(path: Path, encoded: str | None = None) -> bytes:
    """The master key: from `encoded` (base64, from the environment) or the file, which is made on first need."""
    if encoded:
        return _decode(encoded.encode(), "security.master_key")
    try:
        return _decode(path.read_bytes(), str(path))
    except FileNotFoundError:
        return _make(path)
    except OSError as fault:
        raise NotWritable(path, fault) from None


def _decode(text: bytes, source: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise _wrong_key(source) from None
    if len(key) != 32:
        raise _wrong_key(source)
    return key


def _wrong_key(source: str) -> Invalid:
    return Invalid(
        "core.master_key",
        "The master key must be 32 bytes, written in base64.",
        "Take it from the backup of the key file; a new one cannot open what the old one sealed.",
        log={"source": source} if source else {},
    )


def _make(path: Path) -> bytes:
    make_folder(path.parent)
    key = os.urandom(32)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # Another process was quicker; its key counts.
        return _decode(path.read_bytes(), str(path))
    except OSError as fault:
        raise NotWritable(path, fault) from None
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(key))
    return key

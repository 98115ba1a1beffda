"""The one file that keeps the course between starts; it is replaced whole, so a kill leaves the old one or the new."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from lti_tool.demo.config import COURSE_ID
from lti_tool.demo.gradebook import Grade, LineItem, ScorePost


@dataclass(frozen=True, slots=True)
class Link:
    """An activity of the course: a resource link to the tool. `url` is empty where the tool named none."""

    id: str
    title: str
    text: str = ""
    url: str = ""
    custom: tuple[tuple[str, str], ...] = ()
    item_id: int = 0
    icon: str = ""
    # The course it is in, and those that one was copied from, newest first, with commas between them.
    course: str = COURSE_ID
    history: str = ""
    # The activities that it was copied from itself, in the same way.
    copied_from: str = ""
    # Variable → what it stands for here: the dates of the activity.
    dates: tuple[tuple[str, str], ...] = ()

    @property
    def cmid(self) -> int:
        """Moodle counts course modules apart from links; the course's forum came first."""
        return int(self.id) + 1


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that outlives a stop."""

    key: RSAPrivateKey
    next_link: int
    next_item: int
    links: tuple[Link, ...] = ()
    items: tuple[LineItem, ...] = ()
    grades: tuple[tuple[int, str, Grade], ...] = ()
    posts: tuple[ScorePost, ...] = ()


class Shelf:
    """Reads and writes the file. It holds the LMS's private key, so only its owner may read it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> Kept:
        """What was kept; a new key and an empty course at the first start."""
        if not self._file.exists():
            return Kept(generate_private_key(public_exponent=65537, key_size=2048), next_link=1, next_item=2)
        found = json.loads(self._file.read_text(encoding="utf-8"))
        # The file is our own: proving the primes anew would cost each start a tenth of a second.
        pem = found["private_key"].encode()
        key = serialization.load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(key, RSAPrivateKey)
        return Kept(
            key,
            found["next_link"],
            found["next_item"],
            tuple(_link(row) for row in found["links"]),
            tuple(LineItem(**{**row, "review_custom": _pairs(row["review_custom"])}) for row in found["items"]),
            tuple((row["item_id"], row["user_id"], _grade(row)) for row in found["grades"]),
            tuple(ScorePost(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in found["posts"]),
        )

    def write(self, kept: Kept) -> None:
        """Replaces the file."""
        rows = {
            "private_key": _pem(kept.key),
            "next_link": kept.next_link,
            "next_item": kept.next_item,
            "links": [asdict(link) for link in kept.links],
            "items": [asdict(item) for item in kept.items],
            "grades": [
                {
                    "item_id": item_id,
                    "user_id": user_id,
                    "value": grade.value,
                    "comment": grade.comment,
                    "saved_at": grade.saved_at.isoformat(),
                    "by_hand": grade.by_hand,
                }
                for item_id, user_id, grade in kept.grades
            ],
            "posts": [{**asdict(post), "at": post.at.isoformat()} for post in kept.posts],
        }
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, json.dumps(rows, ensure_ascii=False, indent=1))


def _link(row: dict[str, Any]) -> Link:
    return Link(**{**row, "custom": _pairs(row["custom"]), "dates": _pairs(row.get("dates", []))})


def _grade(row: dict[str, str | float | None]) -> Grade:
    value = row["value"]
    saved_at = datetime.fromisoformat(str(row["saved_at"]))
    by_hand = bool(row.get("by_hand"))
    return Grade(None if value is None else float(value), str(row["comment"]), saved_at, by_hand)


def _pairs(rows: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in rows)


def _pem(key: RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def replace_file(file: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".lms-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

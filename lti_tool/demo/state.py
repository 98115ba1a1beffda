"""What the LMS remembers: its signing key, the activities of the course, the gradebook; and, until it stops, the rest.

The key is made at the first start and kept with the course, never in the project.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from lti_tool.demo import messages
from lti_tool.demo.config import LmsConfig
from lti_tool.demo.faults import SLOW_SECONDS, Faults
from lti_tool.demo.gradebook import Grade, LineItem, Score, ScorePost, apply_score
from lti_tool.demo.people import PEOPLE, Person
from lti_tool.demo.registered import Toolbox
from lti_tool.demo.shelf import Kept, Link, Shelf
from lti_tool.demo.tool_keys import ToolKeys
from lti_tool.demo.wires import Wires

_POSTS_KEPT = 500
_STARTED_KEPT = 200


@dataclass(frozen=True, slots=True)
class Pending:
    """A launch that was started and not yet signed. Only the person who started it can finish it, once."""

    person_id: str
    link_id: str
    # Of a deep linking launch, the activity that is edited; of a submission review, the learner.
    editing: str = ""
    for_user: str = ""


class Lms:
    """The whole LMS without its web pages; every method may be called from any thread.

    `links`, `items` and `grades` are replaced, never changed in place, so a page may walk them without a lock.
    """

    def __init__(
        self,
        config: LmsConfig,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        fetch_keys: Callable[[str], object] | None = None,
        people: tuple[Person, ...] = PEOPLE,
    ) -> None:
        self.config = config
        self.people = {person.id: person for person in people}
        self.faults = Faults()
        self.slow_seconds = SLOW_SECONDS
        self.wires = Wires()
        self.tool_keys = ToolKeys(f"{config.tool_url}/lti/jwks.json", fetch_keys)
        self.lock = threading.RLock()
        self.tokens: dict[str, tuple[frozenset[str], datetime]] = {}
        self.pending: dict[str, Pending] = {}
        self.dialogues: dict[str, str] = {}
        self.toolbox = Toolbox(config.data_dir / "tools.json")
        self._shelf = Shelf(config.data_dir / "lms.json")
        kept = self._shelf.read()
        self.key = kept.key
        self._next_link, self._next_item = kept.next_link, kept.next_item
        self.links = {link.id: link for link in kept.links}
        self.items = {item.id: item for item in kept.items}
        self.grades: dict[tuple[int, str], Grade] = {
            (item_id, user_id): grade for item_id, user_id, grade in kept.grades
        }
        self.posts = list(kept.posts)
        self.session_key = secrets.token_urlsafe(8)
        self._clock = clock
        self.save()

    # --- time and people ---

    def now(self) -> datetime:
        """The time by this LMS's clock, right or wrong."""
        return self._clock() + self.faults.offset

    def person(self, name: str) -> Person:
        """A person by number or user name; raises KeyError."""
        found = self.people.get(name)
        return found or {person.username: person for person in self.people.values()}[name]

    # --- the course ---

    def add_link(
        self,
        title: str,
        *,
        text: str = "",
        url: str = "",
        custom: Mapping[str, str] | None = None,
        icon: str = "",
        maximum: float | None = 100,
        resource_id: str = "",
        tag: str = "",
        review_url: str = "",
        review_custom: Mapping[str, str] | None = None,
    ) -> Link:
        """Puts an activity into the course, with a column in the gradebook unless `maximum` is None."""
        with self.lock:
            link = Link(str(self._next_link), title, text, url, tuple((custom or {}).items()), icon=icon)
            self._next_link += 1
            if maximum is not None:
                item = self.add_item(title, maximum, resource_id=resource_id, tag=tag, link_id=link.id)
                review = tuple((review_custom or {}).items())
                self.items = {**self.items, item.id: replace(item, review_url=review_url, review_custom=review)}
                link = replace(link, item_id=item.id)
            self.links = {**self.links, link.id: link}
            self.save()
            return link

    def add_item(
        self, label: str, maximum: float, *, resource_id: str = "", tag: str = "", link_id: str = ""
    ) -> LineItem:
        """Adds a column to the gradebook."""
        with self.lock:
            item = LineItem(self._next_item, label, maximum, resource_id, tag, link_id)
            self._next_item += 1
            self.items = {**self.items, item.id: item}
            self.save()
            return item

    def put_link(self, link: Link) -> Link:
        """Replaces an activity, or changes it."""
        with self.lock:
            self.links = {**self.links, link.id: link}
            self.save()
        return link

    def replace_item(self, item: LineItem) -> None:
        with self.lock:
            self.items = {**self.items, item.id: item}
            self.save()

    def drop_item(self, item_id: int) -> None:
        """Deletes a column and its grades; the activity stays, without a grade."""
        with self.lock:
            self.items = {number: item for number, item in self.items.items() if number != item_id}
            self.grades = {cell: grade for cell, grade in self.grades.items() if cell[0] != item_id}
            self.links = {
                link.id: replace(link, item_id=0) if link.item_id == item_id else link for link in self.links.values()
            }
            self.save()

    def drop_link(self, link_id: str) -> None:
        """Removes an activity with its column and grades."""
        with self.lock:
            gone = self.links[link_id]
            self.links = {link.id: link for link in self.links.values() if link.id != link_id}
            if gone.item_id in self.items:
                self.drop_item(gone.item_id)
            self.save()

    # --- the gradebook ---

    def take_score(self, item: LineItem, score: Score) -> None:
        """Writes a score into its cell. Raises Refused(409)."""
        with self.lock:
            cell = (item.id, score.user_id)
            grade = apply_score(item, self.grades.get(cell), score, now=self.now())
            others = {place: kept for place, kept in self.grades.items() if place != cell}
            self.grades = others if grade is None else {**others, cell: grade}

    def enter_grade(self, item_id: int, user_id: str, value: float) -> None:
        """A teacher's own grade, entered in the gradebook."""
        with self.lock:
            cell = (item_id, user_id)
            comment = self.grades[cell].comment if cell in self.grades else ""
            self.grades = {**self.grades, cell: Grade(value, comment, self.now(), by_hand=True)}
            self.save()

    def free_grade(self, item_id: int, user_id: str) -> None:
        """Takes back that a grade is the teacher's own: it stands until the next score of the tool."""
        with self.lock:
            cell = (item_id, user_id)
            if cell in self.grades:
                self.grades = {**self.grades, cell: replace(self.grades[cell], by_hand=False)}
                self.save()

    def grade_of(self, person: Person, link: Link) -> float | None:
        """The grade that stands in the gradebook; None for an empty cell."""
        grade = self.grades.get((link.item_id, person.id))
        return grade.value if grade else None

    def attempts_of(self, item_id: int, user_id: str) -> int:
        """How often somebody handed in, where the LMS counts it. Moodle does not."""
        return 0

    def note_post(self, post: ScorePost) -> None:
        """Remembers a score message, taken or refused."""
        with self.lock:
            self.posts = [*self.posts, post][-_POSTS_KEPT:]
            self.save()

    def installed(self) -> Sequence[object]:
        """The tool's installations, where the LMS has more than one of a tool; Moodle has not."""
        return ()

    # --- launches and tokens ---

    def start_launch(self, person: Person, link: Link | None, *, editing: str = "", for_user: str = "") -> str:
        """A launch id that `finish_launch` takes once; without a link it is a deep linking launch."""
        tail = str(secrets.randbelow(2**31))
        launch_id = f"ltilaunch{link.id}_{tail}" if link else f"ltilaunch_ContentItemSelectionRequest{tail}"
        with self.lock:
            while len(self.pending) >= _STARTED_KEPT:
                del self.pending[next(iter(self.pending))]
            self.pending[launch_id] = Pending(person.id, link.id if link else "", editing, for_user)
        return launch_id

    def finish_launch(self, launch_id: str) -> Pending | None:
        """What was started under this id; None for an id that was never given or is used up."""
        with self.lock:
            return self.pending.pop(launch_id, None)

    def open_dialogue(self, person: Person) -> str:
        """A key for one deep linking dialogue, good for one answer that can be saved."""
        key = secrets.token_urlsafe(8)
        with self.lock:
            while len(self.dialogues) >= _STARTED_KEPT:
                del self.dialogues[next(iter(self.dialogues))]
            self.dialogues[key] = person.id
        return key

    def close_dialogue(self, key: str) -> bool:
        """Uses a dialogue's key up; whether it was still good."""
        with self.lock:
            return self.dialogues.pop(key, None) is not None

    def login_form(self, person: Person, link: Link | None, *, editing: str = "", for_user: str = "") -> dict[str, str]:
        """The fields of a login initiation; for a deep linking launch pass None for the link."""
        return messages.login_form(self, person, link, editing=editing, for_user=for_user)

    def id_token(
        self,
        person: Person,
        link: Link | None,
        nonce: str,
        *,
        header: Mapping[str, str] | None = None,
        **overrides: object,
    ) -> str:
        """A signed launch. `overrides` replace claims by their full names, None leaves one out; `header` likewise."""
        claims = {**messages.claims(self, person, link, nonce), **overrides}
        return messages.sign(self, {name: value for name, value in claims.items() if value is not None}, header)

    def launch_form(
        self,
        person: Person,
        link: Link | None,
        *,
        state: str,
        nonce: str,
        header: Mapping[str, str] | None = None,
        **overrides: object,
    ) -> dict[str, str]:
        """The form that a browser carries to the tool's launch address."""
        return {"id_token": self.id_token(person, link, nonce, header=header, **overrides), "state": state}

    def grant(self, scopes: frozenset[str], lifetime: timedelta) -> str:
        """A new access token."""
        token = secrets.token_hex(16)
        with self.lock:
            now = self._clock()
            self.tokens = {name: kept for name, kept in self.tokens.items() if kept[1] > now}
            self.tokens[token] = (scopes, now + lifetime)
        return token

    def scopes_of(self, token: str) -> frozenset[str]:
        """What a token allows; nothing when it is unknown or too old."""
        with self.lock:
            scopes, until = self.tokens.get(token, (frozenset(), self._clock()))
        return scopes if until > self._clock() else frozenset()

    def save(self) -> None:
        """Writes the course to its file."""
        with self.lock:
            kept = Kept(
                self.key,
                self._next_link,
                self._next_item,
                tuple(self.links.values()),
                tuple(self.items.values()),
                tuple((item_id, user_id, grade) for (item_id, user_id), grade in self.grades.items()),
                tuple(self.posts),
            )
            self._shelf.write(kept)

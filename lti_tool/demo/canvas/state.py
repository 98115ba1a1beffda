"""What the Canvas flavour remembers: launches built at login and fetched once, attempts, results, installations."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from lti_tool.demo.canvas import messages
from lti_tool.demo.canvas.facts import (
    ACCOUNT_ID,
    CONTEXT_ID,
    INSTALLED,
    KEY_CUSTOM,
    STORAGE_FRAME,
    Installation,
    number_of,
)
from lti_tool.demo.canvas.grading import Score, ServiceError, apply_score, rails_time
from lti_tool.demo.canvas.people import PEOPLE, CanvasPerson
from lti_tool.demo.canvas.record import Attempt, MadeItem, ResultRow, read_record, write_record
from lti_tool.demo.config import LmsConfig
from lti_tool.demo.gradebook import Grade, LineItem
from lti_tool.demo.messages import kid
from lti_tool.demo.people import Person
from lti_tool.demo.shelf import Link
from lti_tool.demo.state import Lms
from lti_tool.demo.tool_keys import fetch_json

LAUNCH_WAITS = timedelta(minutes=5)
_STARTED_KEPT = 200
_ATTEMPTS_USED = "The maximum number of allowed attempts has been reached for this submission"


@dataclass(frozen=True, slots=True)
class Started:
    """A launch as it was when the login request was made. `placement` is empty where an assignment is opened.

    `acting` is the id of an administrator who acts as the person, or empty.
    """

    person_id: str
    link_id: str
    placement: str
    tool: Installation
    at: datetime
    acting: str = ""
    # The assignment whose form chooses again.
    editing: str = ""


class CanvasLms(Lms):
    """The LMS as Canvas is. `allowed_attempts` is for every assignment; 0 is without limit."""

    def __init__(
        self,
        config: LmsConfig,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        fetch_keys: Callable[[str], object] | None = None,
        people: tuple[CanvasPerson, ...] = PEOPLE,
    ) -> None:
        fetch = fetch_keys or partial(fetch_json, agent="Canvas LTI")
        self._record_file = config.data_dir / "canvas.json"
        self.record = read_record(self._record_file)
        self.allowed_attempts = 0
        self.secret = secrets.token_hex(32)
        self.started: dict[str, Started] = {}
        self.canvas_people = {person.id: person for person in people}
        super().__init__(config, clock=clock, fetch_keys=fetch, people=people)

    # --- who and what ---

    def canvas_person(self, person: Person) -> CanvasPerson:
        return self.canvas_people[person.id]

    def find_user(self, name: object) -> CanvasPerson | None:
        """A person by the id of launches and roster, or by Canvas's own number, as text or number."""
        text = str(name)
        known = {person.sub: person for person in self.canvas_people.values()}
        return known.get(text) or self.canvas_people.get(text)

    def resource_link_id(self, link: Link | None) -> str:
        """The opaque id of a link; a launch without a link has that of the course, in every placement."""
        return self.link_uuid(link.id) if link else CONTEXT_ID

    def link_uuid(self, link_id: str) -> str:
        """The opaque id of a link, also of one that is gone."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{kid(self)}/{link_id}"))

    def find_link(self, resource_link_id: str) -> Link | None:
        return next((link for link in self.links.values() if self.resource_link_id(link) == resource_link_id), None)

    def tool_of(self, link: Link | None) -> Installation:
        """Which installation a link launches."""
        return self.installation(self.record.tools.get(link.id, INSTALLED[0].number) if link else INSTALLED[0].number)

    def installed(self) -> tuple[Installation, ...]:
        """All installations: of keys that were entered by hand, and of tools that registered and were turned on."""
        issuer = self.config.lms_url
        on = [tool for tool in self.toolbox.tools.values() if tool.is_active]
        return (*INSTALLED, *(Installation(one.client_id, f"{number_of(one)}:{ACCOUNT_ID}", issuer) for one in on))

    def installation(self, name: str) -> Installation:
        """An installation by its number or its whole deployment id; raises KeyError."""
        for one in self.installed():
            if name in (one.number, one.deployment_id):
                return one
        raise KeyError(name)

    def key_custom(self, tool: Installation) -> tuple[tuple[str, str], ...]:
        """The custom fields of a key."""
        registered = self.toolbox.by_client(tool.client_id)
        return KEY_CUSTOM if registered is None else registered.custom

    def put_in(self, link: Link, tool: Installation) -> None:
        """Ties a link to an installation of the tool."""
        with self.lock:
            self.record.tools[link.id] = tool.number
            self.save()

    def client_of(self, item: LineItem) -> str:
        """The developer key that a column belongs to."""
        made = self.record.made.get(item.id)
        return made.client_id if made else self.tool_of(self.links.get(item.link_id)).client_id

    # --- launches ---

    def begin(
        self,
        person: Person,
        link: Link | None,
        placement: str,
        tool: Installation,
        acting: str = "",
        editing: str = "",
    ) -> str:
        """Builds a launch; the verifier that `fetch` takes once."""
        verifier = secrets.token_hex(64)
        with self.lock:
            while len(self.started) >= _STARTED_KEPT:
                del self.started[next(iter(self.started))]
            self.started[verifier] = Started(
                person.id, link.id if link else "", placement, tool, self.now(), acting, editing
            )
        return verifier

    def fetch(self, verifier: str) -> Started | None:
        """A launch that still waits; it is gone from then on."""
        with self.lock:
            found = self.started.pop(verifier, None)
        return found if found and self.now() - found.at <= LAUNCH_WAITS else None

    def login_form(
        self,
        person: Person,
        link: Link | None,
        *,
        placement: str = "",
        tool: Installation | None = None,
        acting: str = "",
        editing: str = "",
        for_user: str = "",
    ) -> dict[str, str]:
        """The login request; without a link or a placement it is for deep linking. Reviews Canvas does not know."""
        where, installed = placement or ("" if link else "assignment_selection"), tool or self.tool_of(link)
        return messages.login_form(self, self.canvas_person(person), link, where, installed, acting, editing)

    def id_token(
        self,
        person: Person,
        link: Link | None,
        nonce: str,
        *,
        header: Mapping[str, str] | None = None,
        **overrides: object,
    ) -> str:
        """A signed launch that was begun just now; `overrides` and `header` as in the Moodle flavour."""
        placement = "" if link else "assignment_selection"
        begun = Started(person.id, link.id if link else "", placement, self.tool_of(link), self.now())
        return self.sign(person, link, nonce, begun, header, overrides)

    def sign(
        self,
        person: Person,
        link: Link | None,
        nonce: str,
        begun: Started,
        header: Mapping[str, str] | None = None,
        overrides: Mapping[str, object] | None = None,
    ) -> str:
        """A signed launch, with the times of its login request."""
        found = {**messages.claims(self, self.canvas_person(person), link, nonce, begun), **(overrides or {})}
        kept = {name: value for name, value in found.items() if value is not None or name == messages.PLACEMENT}
        return messages.sign(self, kept, header)

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
        return form(self.id_token(person, link, nonce, header=header, **overrides), state)

    # --- grades ---

    def feeds_gradebook(self, item: LineItem) -> bool:
        """Only the first column of an assignment touches submission and grade."""
        link = self.links.get(item.link_id)
        return link is None or link.item_id == item.id

    @property
    def attempts_allowed(self) -> int:
        return 1 if self.faults.one_attempt else self.allowed_attempts

    def take(self, item: LineItem, person: CanvasPerson, score: Score, extension: str) -> ResultRow:
        """Writes a score: result, grade, and an attempt unless it says otherwise. Raises ServiceError(422).

        An attempt is counted when `submitted_at` changes (Canvas's `submission.rb`): the same again makes none.
        """
        with self.lock:
            tried = self.record.tried(item.id, person.id)
            counts = score.submission.is_new and self.feeds_gradebook(item)
            if counts and 0 < self.attempts_allowed <= len(tried):
                raise ServiceError(422, _ATTEMPTS_USED)
            if counts:
                at = rails_time(score.submission.submitted_at or self.now())
                told = Attempt(item.id, person.id, at, score.submission.kind, score.submission.data)
                if score.submission.submitted_at is None or not tried or tried[-1].at != at:
                    self.record.attempts.append(told)
            if score.comment:
                self.record.comments.append((item.id, person.id, score.comment))
            cell = (item.id, person.id)
            grade = apply_score(item, self.grades.get(cell), score)
            self.grades: dict[tuple[int, str], Grade] = {**self.grades, cell: grade}
            return self.record.note_result(item.id, person.id, extension)

    def free_grade(self, item_id: int, user_id: str) -> None:
        """Empties a cell: Canvas has no lock on a grade, so there is nothing else to take back."""
        with self.lock:
            cell = (item_id, user_id)
            if cell in self.grades:
                self.grades = {**self.grades, cell: Grade(None, "", self.now())}
                self.save()

    def attempts_of(self, item_id: int, user_id: str) -> int:
        return len(self.record.tried(item_id, user_id))

    def note_made(self, item: LineItem, client_id: str, tool_url: str) -> None:
        """Remembers that a tool made this column itself."""
        with self.lock:
            self.record.made[item.id] = MadeItem(item.id, client_id, tool_url)
            self.save()

    def save(self) -> None:
        with self.lock:
            super().save()
            write_record(self._record_file, self.record)


def form(id_token: str, state: str) -> dict[str, str]:
    """The authentication response, with what the Rails form helper adds and the storage frame named again."""
    return {
        "utf8": "✓",
        "authenticity_token": secrets.token_urlsafe(64),
        "id_token": id_token,
        "state": state,
        "lti_storage_target": STORAGE_FRAME,
    }

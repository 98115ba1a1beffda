"""A platform's services by registration: scores, results, grade columns, the roster, notices (AGS, NRPS, PNS).

The one place where workers and workflows ask a platform for something; never inside a transaction.
"""

import threading
from collections.abc import Callable, Collection

from lti_tool.core.clock import Clock
from lti_tool.core.db import Database
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault
from lti_tool.lti.advantage import line_items, notices, scores
from lti_tool.lti.advantage.bearer import Bearer
from lti_tool.lti.advantage.line_items import LineItem, NewLineItem
from lti_tool.lti.advantage.results import Result, list_results
from lti_tool.lti.advantage.roster import Roster, read_roster
from lti_tool.lti.advantage.scores import Score, ScoreOutcome


class Services:
    """The services of all platforms. Safe to share between threads."""

    def __init__(self, db: Database, http: HttpClient, vault: Vault, clock: Clock) -> None:
        self._bearer = Bearer(db, http, vault, clock)
        self._guard = threading.Lock()
        self._making: dict[int, threading.Lock] = {}

    def send_score(self, registration_id: int, line_item_url: str, score: Score) -> ScoreOutcome:
        """Sends a score; never raises for a platform that does not answer, or answers oddly."""
        return scores.send_score(self._bearer, self._bearer.registration(registration_id), line_item_url, score)

    def results(
        self, registration_id: int, line_item_url: str, *, user_id: str | None = None, most_pages: int | None = None
    ) -> tuple[Result, ...]:
        """The grades that the LMS holds in a line item, or one learner's; raises Upstream, so if it has more pages."""
        registration = self._bearer.registration(registration_id)
        return list_results(self._bearer, registration, line_item_url, user_id, most_pages=most_pages)

    def roster(
        self,
        registration_id: int,
        memberships_url: str,
        *,
        resource_link_id: str | None = None,
        most_pages: int | None = None,
    ) -> Roster:
        """Who is in a course, or may open one link in it; a roster that is not whole says so, and nothing is raised."""
        registration = self._bearer.registration(registration_id)
        return read_roster(
            self._bearer, registration, memberships_url, resource_link_id=resource_link_id, most=most_pages
        )

    def line_items(
        self,
        registration_id: int,
        line_items_url: str,
        *,
        resource_link_id: str = "",
        resource_id: str = "",
        tag: str = "",
    ) -> tuple[LineItem, ...]:
        """The tool's grade columns in a course, or those that fit; raises Upstream."""
        given = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
        filters = {name: value for name, value in given.items() if value}
        return line_items.list_items(
            self._bearer, self._bearer.registration(registration_id), line_items_url, **filters
        )

    def line_item(self, registration_id: int, url: str) -> LineItem:
        """One grade column; raises Upstream."""
        return line_items.get_item(self._bearer, self._bearer.registration(registration_id), url)

    def find_or_create_line_item(
        self,
        registration_id: int,
        line_items_url: str,
        wanted: NewLineItem,
        *,
        taken: Collection[str] = (),
        before_making: Callable[[], None] | None = None,
    ) -> LineItem:
        """The grade column that a course has for a link or resource, else a new one; raises Upstream or Invalid.

        `taken` are columns of other links. One at a time for a platform in this process; over several processes, the
        caller holds a lease on what the column is for, and sees by `before_making` that it still does.
        """
        registration = self._bearer.registration(registration_id)
        with self._guard:
            making = self._making.setdefault(registration_id, threading.Lock())
        with making:
            return line_items.find_or_create_item(
                self._bearer, registration, line_items_url, wanted, taken=taken, before_making=before_making
            )

    def update_line_item(
        self,
        registration_id: int,
        url: str,
        *,
        label: str | None = None,
        maximum: int | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
    ) -> LineItem:
        """Changes what is given of a grade column and keeps all else; raises Upstream or Invalid."""
        return line_items.update_item(
            self._bearer,
            self._bearer.registration(registration_id),
            url,
            label=label,
            maximum=maximum,
            resource_id=resource_id,
            tag=tag,
        )

    def delete_line_item(self, registration_id: int, url: str) -> None:
        """Deletes a grade column with its grades; raises Upstream."""
        line_items.delete_item(self._bearer, self._bearer.registration(registration_id), url)

    def have_notices(self, registration_id: int, service_url: str, handler: str) -> bool:
        """Has the LMS send its notices of copied courses to an address; whether that was news. Raises Upstream."""
        return notices.have_notices(self._bearer, self._bearer.registration(registration_id), service_url, handler)

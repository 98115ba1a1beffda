"""The connection test of a platform: what is known of it is read, then the LMS is asked, outside a transaction.

At the terminal it is done at once; what pages have asked for, a worker does.
"""

from collections.abc import Sequence

from lti_tool import courses, lti, people
from lti_tool.core.clock import Clock
from lti_tool.core.db import Database, Tx
from lti_tool.core.errors import Conflict, NotFound, Side
from lti_tool.core.http import HttpClient
from lti_tool.core.secrets import Vault


def examine_connection(
    db: Database,
    http: HttpClient,
    vault: Vault,
    clock: Clock,
    registration: lti.Registration,
    *,
    public_url: str,
    leeway: int,
) -> lti.ConnectionReport:
    """Puts the questions of the connection test to a platform; all it changes is tokens here, and there
    where notices go.

    `leeway` is that of the settings, in seconds.
    """
    with db.reading() as tx:
        key, layers = lti.known_of(tx, vault, registration)
        services = courses.newest_services(tx, registration.id)
        named, known = people.names_shared(tx, registration.id)
        notices = lti.subscriptions_of(tx, registration.id)
    connection = lti.Connection(
        registration=registration,
        jwks_url=f"{public_url}/lti/jwks.json",
        key=key,
        layers=layers,
        line_item_url=services.line_item_url,
        line_items_url=services.line_items_url,
        memberships_url=services.memberships_url,
        named_people=named,
        known_people=known,
        leeway=registration.leeway(leeway),
        notices=notices,
        notices_url=lti.Addresses(public_url).notices,
    )
    return lti.examine(connection, lti.Services(db, http, vault, clock), http, clock)


def platform_called(tx: Tx, text: str) -> lti.Registration:
    """The platform with this id, or this name where only one has it; NotFound or Conflict."""
    every = lti.list_registrations(tx)
    found = [one for one in every if one.public_id == text.lower()] or _named(every, text)
    if not found:
        raise NotFound(
            "workflows.no_platform",
            "There is no platform called “%(text)s”.",
            "lti-tool platform list names them all.",
            text=text,
        )
    if len(found) > 1:
        raise Conflict(
            "workflows.many_platforms",
            "%(count)s platforms are called “%(text)s”.",
            "Name the one you mean by its id: %(ids)s.",
            side=Side.YOU,
            text=text,
            count=len(found),
            ids=", ".join(one.public_id for one in found),
        )
    return found[0]


def _named(every: Sequence[lti.Registration], text: str) -> list[lti.Registration]:
    return [one for one in every if one.name.casefold() == text.casefold()]

"""Who stands before the signed-in pages: a session of this very browser, and for a teacher's pages a teacher."""

from flask import Response, request
from flask_login import current_user

from lti_tool import lti
from lti_tool.core import ids
from lti_tool.core.errors import NotFound
from lti_tool.web.pages.launch import ProofPage
from lti_tool.web.session import header_secret, visiting
from lti_tool.web.surroundings import note_platform, shell_at
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts


def guard_session() -> Response | None:
    """Before every signed-in view: a session, and now and then a note that it is in use.

    A browser that comes to a page without its secret, as after Reload, but may keep it where only a script finds it,
    gets a page that looks there.
    """
    if not current_user.is_authenticated:
        asks = _kept_elsewhere()
        if asks is not None:
            return asks
    session = visiting()
    wiring = parts()
    if lti.needs_touch(session, now=wiring.now()):
        with wiring.db.transaction() as tx:
            lti.touch(tx, session, now=wiring.now())
    return None


def guard_teacher() -> Response | None:
    """Before every teacher's view: a session whose role has to do with teaching; the view may ask for more."""
    asks = guard_session()
    if asks is not None:
        return asks
    role = visiting().role
    if not (role.sees_learners or role.may_author):
        raise NotFound("web.not_found", "There is no such page.")
    return None


def _kept_elsewhere() -> Response | None:
    launch = (request.view_args or {}).get("launch")
    by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" or header_secret(request) is not None
    if request.method != "GET" or by_script or launch is None or not ids.is_public_id(launch):
        return None
    wiring = parts()
    with wiring.db.reading() as tx:
        keeping = lti.keeping_of_session(tx, launch, now=wiring.now())
        registration = lti.registration_of_session(tx, launch)
    if keeping is None or registration is None:
        return None
    note_platform(registration)
    shown = ProofPage(request.full_path.rstrip("?"), {}, keeping, registration.name, registration.origin)
    return page("launch/proof.html", shown, shell_at(registration))

"""The rest of an administrator's desk: connecting an LMS, our keys, people, and the way out."""

from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import lti, people, workflows
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.web import administrator
from lti_tool.web.admin import error_of
from lti_tool.web.pages import paths
from lti_tool.web.pages.admin import InvitedPage, PeoplePage, connect_page, keys_page
from lti_tool.web.pages.assessment import FieldError
from lti_tool.web.surroundings import admin_shell
from lti_tool.web.templating import page
from lti_tool.web.wiring import parts

admin_desk = Blueprint("admin_desk", __name__, url_prefix="/admin")

_INVITATION_LIVES = timedelta(hours=24)
_FIELDS = ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url", "audience", "deployment", "policy")
_NEEDED = {
    "issuer": "Enter the platform ID (issuer)",
    "client_id": "Enter the client ID",
    "auth_url": "Enter the authentication request URL",
    "token_url": "Enter the access token URL",
    "jwks_url": "Enter the public keyset URL",
}
_LONGEST = 2000


@admin_desk.get("/connect")
def connect() -> Response:
    """Two ways to connect an LMS."""
    return _connecting(dict.fromkeys(_FIELDS, "") | {"policy": "auto"}, ())


@admin_desk.post("/connect")
def add() -> Response:
    """Connects an LMS by what was copied out of it by hand."""
    wiring, owner = parts(), administrator.organisation()
    typed = {name: request.form.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    missing = tuple(FieldError(name, said) for name, said in _NEEDED.items() if not typed[name])
    if missing:
        return make_response(_connecting(typed, missing), 400)
    try:
        with wiring.db.transaction() as tx:
            made = workflows.add_platform(
                tx,
                owner,
                vault=wiring.vault,
                issuer=typed["issuer"],
                client_id=typed["client_id"],
                name=typed["name"] or "LMS",
                auth_url=typed["auth_url"],
                token_url=typed["token_url"],
                jwks_url=typed["jwks_url"],
                audience=typed["audience"] or None,
                lms_deployment_ids=tuple(typed["deployment"].split()),
                policy=typed["policy"],
                actor=administrator.actor(),
                now=wiring.now(),
            )
    except (Invalid, Conflict) as fault:
        return make_response(_connecting(typed, (error_of(fault, _field_of(fault, typed)),)), 400)
    return make_response(redirect(f"{paths.platform(made.public_id)}?saved", code=303))


@admin_desk.post("/invitations")
def invite() -> Response:
    """Makes an address that connects one LMS; it is shown on this answer and never again."""
    wiring, owner = parts(), administrator.organisation()
    name = request.form.get("name", "").strip()[:300]
    with wiring.db.transaction() as tx:
        invitation, token = workflows.invite(
            tx,
            organisation=owner.name,
            country=owner.country,
            website=owner.website,
            name=name,
            lives=_INVITATION_LIVES,
            actor=administrator.actor(),
            now=wiring.now(),
        )
    address = f"{wiring.public_url}{paths.REGISTER}?invitation={token}"
    return page("admin/invited.html", InvitedPage(address, name, invitation.expires_at), admin_shell("platforms"))


@admin_desk.get("/keys")
def keys() -> Response:
    """The keys by which LMSs know this tool."""
    wiring = parts()
    with wiring.db.reading() as tx:
        known = lti.list_tool_keys(tx)
    shown = keys_page(
        known,
        administrator.organisation(),
        overlap_days=wiring.settings.lti.key_overlap_days,
        public_url=wiring.public_url,
    )
    return page("admin/keys.html", shown, admin_shell("keys"))


@admin_desk.post("/keys/rotate")
def rotate() -> Response:
    """Puts a new key in place of the organisation's own."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.rotate_keys(
            tx,
            wiring.vault,
            [administrator.organisation()],
            actor=administrator.actor(),
            now=wiring.now(),
        )
    return make_response(redirect(paths.KEYS, code=303))


@admin_desk.get("/people")
def find() -> Response:
    """People by name, address or code; without a question those who are kept out."""
    wiring, query = parts(), request.args.get("q", "")[:200]
    with wiring.db.reading() as tx:
        found = workflows.find_people(tx, query, organisation_id=administrator.organisation().id, now=wiring.now())
    return page("admin/people.html", PeoplePage(query, tuple(found)), admin_shell("people"))


@admin_desk.post("/people/<public_id>")
def keep_out(public_id: str) -> Response:
    """Keeps a person out, or lets them in again."""
    wiring, form = parts(), request.form
    with wiring.db.transaction() as tx:
        known = people.person_of(tx, public_id, organisation_id=administrator.organisation().id)
        if form.get("decision") == "block":
            words = form.get("words", "").strip()[:500]
            workflows.block(tx, known.public_id, words=words, actor=administrator.actor(), now=wiring.now())
        else:
            workflows.unblock(tx, known.public_id, actor=administrator.actor(), now=wiring.now())
    return make_response(redirect(paths.people_found(known.public_id), code=303))


@admin_desk.post("/sign-out")
def leave() -> Response:
    """Ends this session, here and in the database."""
    wiring = parts()
    with wiring.db.transaction() as tx:
        workflows.sign_out(tx, administrator.token(), administrator.admitted(), now=wiring.now())
    answer = make_response(redirect(paths.SIGN_IN, code=303))
    administrator.forget(answer)
    return answer


def _connecting(values: dict[str, str], errors: tuple[FieldError, ...]) -> Response:
    shown = connect_page(administrator.organisation().name, parts().public_url, values, errors)
    return page("admin/connect.html", shown, admin_shell("platforms"))


def _field_of(fault: Invalid | Conflict, typed: dict[str, str]) -> str:
    """Which field a refusal is about: the address that it names, else the first."""
    url = str({**fault.log, **fault.params}.get("url", ""))
    return next((name for name in ("auth_url", "token_url", "jwks_url") if url and typed[name] == url), "issuer")

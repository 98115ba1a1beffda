"""Pages for everybody: checking a certificate, module media, the issuer's identity. No account, no cookie."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, redirect, request

from lti_tool import credentials, modules, workflows
from lti_tool.core import ids
from lti_tool.core.errors import NotFound
from lti_tool.credentials import Verdict
from lti_tool.web.pages.verification import CheckPage, verification_page
from lti_tool.web.templating import page, public_shell
from lti_tool.web.wiring import parts

public = Blueprint("public", __name__)


@dataclass(frozen=True)
class ModulePage:
    """A module in a few words."""

    title: str
    summary: str
    language: str
    hours: str
    outcomes: tuple[str, ...]


@public.get("/")
def front() -> Response:
    """The bare address leads to what a stranger may want here."""
    return make_response(redirect("/verify", code=302))


@public.get("/c/<public_id>")
def verification(public_id: str) -> Response:
    """One certificate: genuine or not, valid or not, and all it says."""
    wiring, now = parts(), parts().now()
    with wiring.db.reading() as tx:
        found = workflows.verify(tx, public_id, now=now)
    shown = verification_page(found, wiring.public_url, now=now)
    answer = page("public/certificate.html", shown, public_shell(shown.issuer_name))
    if found.verdict is Verdict.NOT_FOUND:
        answer.status_code = 404
    # A revocation must be seen at once, and no search engine should list people.
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@public.get("/verify")
def check() -> Response:
    """The form for a link or an id; what it finds is at the certificate's own address."""
    value = request.args.get("q", "").strip()[:500]
    host = urlsplit(parts().public_url).netloc
    if not value:
        return page("public/check.html", CheckPage((), "", host))
    public_id = _id_in(value)
    if public_id is not None:
        return make_response(redirect(f"/c/{public_id}", code=303))
    problem = (
        f"This is not the address of a certificate of ours. It begins with {host}/c/ and has 26 letters and digits "
        "after that. Scan the QR code, or copy the whole address printed beside it."
    )
    return make_response(page("public/check.html", CheckPage((problem,), value, host)), 400)


@public.get("/m/<offer>")
def module(offer: str) -> Response:
    """What a module is about, for who comes by a plain link (Deep Linking 2.0's `link` and `html`)."""
    with parts().db.reading() as tx:
        definition = workflows.offered_module(tx, offer).definition
    shown = ModulePage(
        definition.title, definition.summary, definition.language, definition.hours, tuple(definition.outcomes)
    )
    answer = page("public/module.html", shown)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@public.get("/media/<digest>")
def media(digest: str) -> Response:
    """A picture of a module, by its content's hash: nothing personal, and never different."""
    with parts().db.reading() as tx:
        found = modules.media(tx, digest)
    if found is None:
        raise NotFound("modules.no_media", "There is no such picture.")
    answer = make_response(found.body)
    answer.headers["Content-Type"] = found.media_type
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    answer.headers["Content-Security-Policy"] = modules.MEDIA_POLICY
    return answer


@public.get("/.well-known/did.json")
def did() -> Response:
    """Who we are as an issuer (did:web), with the public keys that sign."""
    with parts().db.reading() as tx:
        document = credentials.did_document(tx, parts().public_url)
    answer = make_response(document)
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _id_in(value: str) -> str | None:
    """The id in a verification address of ours, or a bare id."""
    try:
        parsed = urlsplit(value if "://" in value else f"//{value}")
    except ValueError:  # Brackets and look-alike characters where a host should be.
        return None
    known = parsed.netloc in ("", urlsplit(parts().public_url).netloc)
    last = (parsed.path or parsed.netloc).rstrip("/").rpartition("/")[2].lower()
    if "/" not in value:
        known, last = True, value.lower()
    return last if known and ids.is_public_id(last) else None

"""Pages of a certificate, for its holder: the name to confirm, and the certificate itself."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lti_tool import credentials, lti, workflows
from lti_tool.web.pages import paths
from lti_tool.web.pages.assessment import FieldError


@dataclass(frozen=True)
class NamePage:
    """The name to be printed; `editable` where the LMS gives none, `typed` when it was typed and is shown once more."""

    name: str
    editable: bool
    typed: bool
    errors: tuple[FieldError, ...]
    post_url: str
    module_title: str
    held: str


@dataclass(frozen=True)
class CertificatePage:
    """A holder's certificate; state: preparing, ready, held or revoked."""

    state: str
    number: str
    holder_name: str
    title: str
    issuer_name: str
    awarded_on: date
    verify_url: str
    qr_svg: str
    pdf_url: str | None
    json_url: str | None
    held_reason: str
    poll_url: str
    percent: Fraction | None


def name_page(
    study: workflows.Study,
    session: lti.Session,
    faces: credentials.Faces,
    *,
    typed: str = "",
    seen: bool = False,
    errors: tuple[FieldError, ...] = (),
) -> NamePage:
    """The name as it will be printed, and whether it can be; `seen` shows a typed one instead of asking for it."""
    name = workflows.name_to_print(study, typed)
    check = credentials.check_name(faces, name) if name else None
    return NamePage(
        name=name,
        editable=not (study.person.shown_name or seen),
        typed=seen,
        errors=errors,
        post_url=paths.certificate(session.public_id),
        module_title=study.definition.title,
        held="" if check is None or check.ok else check.reason,
    )


def certificate_page(
    study: workflows.Study, credential: credentials.Credential, session: lti.Session, *, drawn: bool
) -> CertificatePage:
    """The certificate as its holder sees it; `drawn` says whether the PDF is there."""
    launch = session.public_id
    state = state_of(credential, drawn=drawn)
    address = credential.address
    return CertificatePage(
        state=state,
        number=credential.number,
        holder_name=credential.facts.holder_name,
        title=credential.facts.title,
        issuer_name=credential.facts.organisation_name,
        awarded_on=credential.facts.awarded_on,
        verify_url=address,
        qr_svg=credentials.qr_svg(address),
        pdf_url=paths.certificate_file(launch, "pdf") if state == "ready" else None,
        json_url=paths.certificate_file(launch, "json") if credential.signed_at else None,
        held_reason=credential.held_reason or "",
        poll_url=paths.certificate_state(launch),
        # What the certificate says, which may be of another activity with the same module.
        percent=Fraction(credential.facts.result_percent) if credential.facts.result_percent else None,
    )


def state_of(credential: credentials.Credential, *, drawn: bool) -> str:
    """In one word: revoked, ready, held or preparing."""
    if credential.status is not credentials.CredentialStatus.ACTIVE:
        return "revoked"
    if drawn:
        return "ready"
    return "held" if credential.held_reason else "preparing"

"""What an organisation attests, so that a stranger can check it: the record, its signature, its paper, its verdict.

Order of issue: record → sign → PDF. The record is made in the transaction of the completion and says all there is to
say, frozen; signing (Open Badges 3.0, one `eddsa-rdfc-2022` proof) and drawing (typst) follow from it, each
repeatable. A name is printed with a named, tested face for each script in it, or the certificate waits: never boxes,
blanks or broken letters.
"""

from lti_tool.credentials.certificate import CannotSet, CertificateFacts, DrawingFailed, cannot_set, draw, draw_picture
from lti_tool.credentials.faces import Faces, NameCheck, Run, check_name
from lti_tool.credentials.facts import CredentialFacts, NameRefused, printable_name
from lti_tool.credentials.files import File, file_of, has_file
from lti_tool.credentials.keys import did_document, did_web
from lti_tool.credentials.openbadge import open_badge
from lti_tool.credentials.preparing import credential_json, prepare_due, release_held
from lti_tool.credentials.proofs import verify_proof
from lti_tool.credentials.qr import qr_matrix, qr_svg
from lti_tool.credentials.record import (
    Credential,
    CredentialStatus,
    Event,
    credential_of_completion,
    credentials_of_person,
    find_credential,
    history_of,
    issue,
    list_credentials,
)
from lti_tool.credentials.revocation import RevocationReason, reinstate, revoke
from lti_tool.credentials.verification import Verdict, Verification, judge, verify

__all__ = [
    "CannotSet",
    "CertificateFacts",
    "Credential",
    "CredentialFacts",
    "CredentialStatus",
    "DrawingFailed",
    "Event",
    "Faces",
    "File",
    "NameCheck",
    "NameRefused",
    "RevocationReason",
    "Run",
    "Verdict",
    "Verification",
    "cannot_set",
    "check_name",
    "credential_json",
    "credential_of_completion",
    "credentials_of_person",
    "did_document",
    "did_web",
    "draw",
    "draw_picture",
    "file_of",
    "find_credential",
    "has_file",
    "history_of",
    "issue",
    "judge",
    "list_credentials",
    "open_badge",
    "prepare_due",
    "printable_name",
    "qr_matrix",
    "qr_svg",
    "reinstate",
    "release_held",
    "revoke",
    "verify",
    "verify_proof",
]

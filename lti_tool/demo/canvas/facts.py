"""What stays the same in every Canvas of the demo: names, ids, installations, and what an administrator copies.

The issuer is that of all hosted schools; nothing is ever fetched from it. Opaque ids are no secrets and not unique:
two unrelated fresh installs of Canvas show these very ids of first course and account.
"""

import hashlib
from dataclasses import dataclass

from lti_tool.demo.config import COURSE_ID, NAME, Facts, LmsConfig
from lti_tool.demo.registered import Tool

ISSUER = "https://canvas.instructure.com"
CONTEXT_ID = "4dde05e8ca1973bcca9bffc13e1548820eee93a3"
ACCOUNT_ID = "8865aa05b4b79b64a91a86042e43af5ea8ae79eb"
STORAGE_FRAME = "post_message_forwarding"
SUBMISSION = "https://canvas.instructure.com/lti/submission"
SUBMISSION_TYPE = "https://canvas.instructure.com/lti/submission_type"
PROGRESS_SCOPE = "https://canvas.instructure.com/lti-ags/progress/scope/show"
NOTICE_SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
NOTICE_KINDS = ("LtiContextCopyNotice", "LtiHelloWorldNotice", "LtiAssetProcessorSubmissionNotice")
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Installation:
    """A tool in a course or an account: the developer key's client id, and this installation's deployment id."""

    client_id: str
    deployment_id: str
    issuer: str = ISSUER

    @property
    def number(self) -> str:
        return self.deployment_id.partition(":")[0]


INSTALLED = (
    Installation("10000000000002", f"5:{CONTEXT_ID}"),
    Installation("10000000000002", f"7:{ACCOUNT_ID}"),
    Installation("10000000000019", f"25:{ACCOUNT_ID}"),
)
"""Two developer keys under one issuer; the first is installed twice."""
CLIENTS = tuple(dict.fromkeys(one.client_id for one in INSTALLED))

# The custom fields of the developer key. Whatever variable Canvas does not know, or has no value for, stays as written.
KEY_CUSTOM = (
    ("canvas_course_id", "$Canvas.course.id"),
    ("canvas_user_id", "$Canvas.user.id"),
    ("canvas_assignment_id", "$Canvas.assignment.id"),
    ("canvas_allowed_attempts", "$Canvas.assignment.allowedAttempts"),
    ("canvas_due_at", "$Canvas.assignment.dueAt.iso8601"),
    ("canvas_masquerading_user_id", "$Canvas.masqueradingUser.id"),
)


def number_of(tool: Tool) -> int:
    """The number of a registered tool's installation, beyond those of the keys that were entered by hand."""
    return 100 + int(tool.id)


def guid_of(name: str) -> str:
    """The opaque id of the platform, as launches and configuration have it."""
    return f"{hashlib.sha256(f'guid {name}'.encode()).hexdigest()[:40]}:canvas-lms"


def context_id(course: str) -> str:
    """The opaque id of a course: that of every first one, or a copy's own."""
    return CONTEXT_ID if course == COURSE_ID else hashlib.sha256(f"course {course}".encode()).hexdigest()[:40]


def registrations(config: LmsConfig) -> tuple[Facts, ...]:
    """What a tool must know of this Canvas: one registration for each developer key, all under one issuer."""
    return tuple(_registration(config, client_id) for client_id in CLIENTS)


def _registration(config: LmsConfig, client_id: str) -> Facts:
    return {
        "issuer": ISSUER,
        "client_id": client_id,
        "name": NAME,
        "auth_url": f"{config.lms_url}/api/lti/authorize_redirect",
        "token_url": token_url(config),
        "jwks_url": f"{config.lms_url}/api/lti/security/jwks",
        "lms_deployment_ids": tuple(one.deployment_id for one in INSTALLED if one.client_id == client_id),
    }


def token_url(config: LmsConfig) -> str:
    return f"{config.lms_url}/login/oauth2/token"


def lineitems_url(config: LmsConfig) -> str:
    return f"{config.lms_url}/api/lti/courses/{COURSE_ID}/line_items"


def lineitem_url(config: LmsConfig, item_id: int) -> str:
    return f"{lineitems_url(config)}/{item_id}"


def roster_url(config: LmsConfig) -> str:
    return f"{config.lms_url}/api/lti/courses/{COURSE_ID}/names_and_roles"

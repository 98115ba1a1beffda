"""Speaks LTI 1.3 Advantage: who may launch us, what a launch says, the session it opens, and the platform's services.

Promises that nothing of a message is believed before its signature, times, nonce, addressee and browser are in order,
that a launch opens one session at most, and that no answer of a platform, however odd, becomes more than a refusal in
plain words. PyLTI1p3 carries the protocol's skeleton, behind `exchange`; Flask is unknown here.

`launching` reads and judges a launch, `sessions` binds what it opened to a browser, `registering` knows the platforms,
`connection` tests them, `keys` are ours and theirs, `advantage` speaks to a platform's services. `quirks` is where
platforms differ, as data.
"""

from lti_tool.lti.advantage.deep_linking import ContentLink, DeepLinkingSettings, Period, deep_linking_response
from lti_tool.lti.advantage.line_items import LineItem, NewLineItem
from lti_tool.lti.advantage.notices import Noticeboard, NoticeService
from lti_tool.lti.advantage.results import Result
from lti_tool.lti.advantage.roster import Member, MemberStatus, Roster
from lti_tool.lti.advantage.scores import Keeps, Score, ScoreOutcome, ScoreVerdict, Submission
from lti_tool.lti.advantage.services import Services
from lti_tool.lti.advantage.subscriptions import (
    follow_address,
    note_heard,
    note_service,
    subscribe_due,
    subscriptions_of,
)
from lti_tool.lti.connection.asked import Examination, ask_examination, examination_of, examine_due
from lti_tool.lti.connection.checks import Finding, Verdict
from lti_tool.lti.connection.examination import Connection, ConnectionReport, examine, known_of
from lti_tool.lti.keys.key_sets import KeySets
from lti_tool.lti.keys.tool_keys import (
    KeyStage,
    SigningKey,
    ToolKey,
    ensure_tool_key,
    list_tool_keys,
    public_jwks,
    retire_tool_keys,
    rotate_tool_key,
    signing_key,
)
from lti_tool.lti.launching.declined import declined
from lti_tool.lti.launching.doctor import Diagnosis, diagnose
from lti_tool.lti.launching.evidence import evidence_of_launch
from lti_tool.lti.launching.exchange import verify_launch
from lti_tool.lti.launching.launch import Launch, MessageType
from lti_tool.lti.launching.login import Login, LoginRequest, begin_login, find_login, read_login
from lti_tool.lti.launching.notice import Envelope, Notice, open_envelope, verify_notice
from lti_tool.lti.launching.notices_taken import installation_of, take_once
from lti_tool.lti.launching.parameters import (
    ASSIGNMENT_PARAMETER,
    LINK_PARAMETERS,
    OFFER_PARAMETER,
    context_history,
    link_history,
    stated_dates,
)
from lti_tool.lti.launching.refusal_log import Refusal, find_refusal, keep_refusal
from lti_tool.lti.launching.roles import Role
from lti_tool.lti.quirks import MASQUERADE_PARAMETER, GradeRules, completes_by_grade, grade_rules, takes_review
from lti_tool.lti.refusals import LtiRefused
from lti_tool.lti.registering.administration import (
    Traffic,
    change_registration,
    decide_deployment,
    disable_registration,
    enable_registration,
    refusals_of,
    registration_with_id,
    registrations_of,
    require_enabled,
    traffic_of,
)
from lti_tool.lti.registering.connecting import register_platform
from lti_tool.lti.registering.dynamic_registration import (
    Granted,
    RegistrationRequest,
    fetch_configuration,
    present_client_id,
    read_registration_request,
    register_with,
)
from lti_tool.lti.registering.invitations import (
    Invitation,
    InvitationState,
    claim_invitation,
    find_invitation,
    find_used_invitation,
    first_launch,
    forget_invitations,
    make_invitation,
    release_invitation,
    require_open_invitation,
    settle_invitation,
)
from lti_tool.lti.registering.platform_configuration import PlatformConfiguration, is_from
from lti_tool.lti.registering.registrations import (
    Deployment,
    Registration,
    admit_deployment,
    allow_deployment,
    deployments_of,
    end_logins,
    find_deployment,
    find_registration,
    list_registrations,
    registration_for,
    require_allowed,
)
from lti_tool.lti.registering.terms import (
    Algorithm,
    DeploymentPolicy,
    IdentityScope,
    LineItemPolicy,
    Terms,
    read_terms,
)
from lti_tool.lti.registering.tool_metadata import TITLE, Addresses, canvas_key, messages_for, scopes_for
from lti_tool.lti.sessions.binding import Browser, Keeping, Layer, is_same_browser, storage_key
from lti_tool.lti.sessions.fault_log import SessionFault, fault_with_code, faults_of_session, keep_fault
from lti_tool.lti.sessions.handover import hand_over, take_over
from lti_tool.lti.sessions.session import (
    Session,
    consume_login,
    find_session,
    keeping_of_session,
    move_session,
    needs_touch,
    open_session,
    read_session,
    resume_session,
    touch,
)
from lti_tool.lti.sessions.whereabouts import registration_for_login, registration_of_session

__all__ = [
    "ASSIGNMENT_PARAMETER",
    "LINK_PARAMETERS",
    "MASQUERADE_PARAMETER",
    "OFFER_PARAMETER",
    "TITLE",
    "Addresses",
    "Algorithm",
    "Browser",
    "Connection",
    "ConnectionReport",
    "ContentLink",
    "DeepLinkingSettings",
    "Deployment",
    "DeploymentPolicy",
    "Diagnosis",
    "Envelope",
    "Examination",
    "Finding",
    "GradeRules",
    "Granted",
    "IdentityScope",
    "Invitation",
    "InvitationState",
    "Keeping",
    "Keeps",
    "KeySets",
    "KeyStage",
    "Launch",
    "Layer",
    "LineItem",
    "LineItemPolicy",
    "Login",
    "LoginRequest",
    "LtiRefused",
    "Member",
    "MemberStatus",
    "MessageType",
    "NewLineItem",
    "Notice",
    "NoticeService",
    "Noticeboard",
    "Period",
    "PlatformConfiguration",
    "Refusal",
    "Registration",
    "RegistrationRequest",
    "Result",
    "Role",
    "Roster",
    "Score",
    "ScoreOutcome",
    "ScoreVerdict",
    "Services",
    "Session",
    "SessionFault",
    "SigningKey",
    "Submission",
    "Terms",
    "ToolKey",
    "Traffic",
    "Verdict",
    "admit_deployment",
    "allow_deployment",
    "ask_examination",
    "begin_login",
    "canvas_key",
    "change_registration",
    "claim_invitation",
    "completes_by_grade",
    "consume_login",
    "context_history",
    "decide_deployment",
    "declined",
    "deep_linking_response",
    "deployments_of",
    "diagnose",
    "disable_registration",
    "enable_registration",
    "end_logins",
    "ensure_tool_key",
    "evidence_of_launch",
    "examination_of",
    "examine",
    "examine_due",
    "fault_with_code",
    "faults_of_session",
    "fetch_configuration",
    "find_deployment",
    "find_invitation",
    "find_login",
    "find_refusal",
    "find_registration",
    "find_session",
    "find_used_invitation",
    "first_launch",
    "follow_address",
    "forget_invitations",
    "grade_rules",
    "hand_over",
    "installation_of",
    "is_from",
    "is_same_browser",
    "keep_fault",
    "keep_refusal",
    "keeping_of_session",
    "known_of",
    "link_history",
    "list_registrations",
    "list_tool_keys",
    "make_invitation",
    "messages_for",
    "move_session",
    "needs_touch",
    "note_heard",
    "note_service",
    "open_envelope",
    "open_session",
    "present_client_id",
    "public_jwks",
    "read_login",
    "read_registration_request",
    "read_session",
    "read_terms",
    "refusals_of",
    "register_platform",
    "register_with",
    "registration_for",
    "registration_for_login",
    "registration_of_session",
    "registration_with_id",
    "registrations_of",
    "release_invitation",
    "require_allowed",
    "require_enabled",
    "require_open_invitation",
    "resume_session",
    "retire_tool_keys",
    "rotate_tool_key",
    "scopes_for",
    "settle_invitation",
    "signing_key",
    "stated_dates",
    "storage_key",
    "subscribe_due",
    "subscriptions_of",
    "take_once",
    "take_over",
    "takes_review",
    "touch",
    "traffic_of",
    "verify_launch",
    "verify_notice",
]

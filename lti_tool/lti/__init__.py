"""Speaks LTI 1.3 Advantage: who may launch us, what a launch says, the session it opens, and the platform's services.

Promises that nothing of a message is believed before its signature, times, nonce, addressee and browser are in order,
that a launch opens one session at most, and that no answer of a platform, however odd, becomes more than a refusal in
plain words. PyLTI1p3 carries the protocol's skeleton, behind `exchange`; Flask is unknown here.
"""

from lti_tool.lti.deep_linking import ContentLink, DeepLinkingSettings, deep_linking_response
from lti_tool.lti.doctor import Diagnosis, diagnose
from lti_tool.lti.evidence import evidence_of_launch
from lti_tool.lti.exchange import verify_launch
from lti_tool.lti.key_sets import KeySets
from lti_tool.lti.keys import SigningKey, ensure_tool_key, public_jwks, signing_key
from lti_tool.lti.launch import Launch, MessageType
from lti_tool.lti.login import Login, LoginRequest, begin_login, find_login, read_login
from lti_tool.lti.refusal_log import Refusal, find_refusal, keep_refusal
from lti_tool.lti.refusals import LtiRefused
from lti_tool.lti.registrations import (
    Deployment,
    DeploymentPolicy,
    Registration,
    admit_deployment,
    allow_deployment,
    find_deployment,
    find_registration,
    list_registrations,
    register_platform,
    require_allowed,
)
from lti_tool.lti.roles import Role
from lti_tool.lti.scores import Score, ScoreOutcome, ScoreVerdict, Services
from lti_tool.lti.sessions import (
    Session,
    consume_login,
    find_session,
    needs_touch,
    open_session,
    read_session,
    resume_session,
    touch,
)
from lti_tool.lti.whereabouts import platform_origin_of, registration_for_login

__all__ = [
    "ContentLink",
    "DeepLinkingSettings",
    "Deployment",
    "DeploymentPolicy",
    "Diagnosis",
    "KeySets",
    "Launch",
    "Login",
    "LoginRequest",
    "LtiRefused",
    "MessageType",
    "Refusal",
    "Registration",
    "Role",
    "Score",
    "ScoreOutcome",
    "ScoreVerdict",
    "Services",
    "Session",
    "SigningKey",
    "admit_deployment",
    "allow_deployment",
    "begin_login",
    "consume_login",
    "deep_linking_response",
    "diagnose",
    "ensure_tool_key",
    "evidence_of_launch",
    "find_deployment",
    "find_login",
    "find_refusal",
    "find_registration",
    "find_session",
    "keep_refusal",
    "list_registrations",
    "needs_touch",
    "open_session",
    "platform_origin_of",
    "public_jwks",
    "read_login",
    "read_session",
    "register_platform",
    "registration_for_login",
    "require_allowed",
    "resume_session",
    "signing_key",
    "touch",
    "verify_launch",
]

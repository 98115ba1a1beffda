"""A platform that answers our login with an error instead of a message (OpenID Connect Core 1.0 §3.1.2.6).

Anybody can post such an answer, so nothing is believed but that there is no launch: the words are ours, what the
platform gave as its reason is for the log, and the login stays as it is.
"""

from lti_tool.lti.refusals import LtiRefused, refused

# OpenID Connect Core 1.0 §3.1.2.6, RFC 6749 §4.1.2.1; the first is Canvas's own.
_TOO_LATE = ("launch_no_longer_valid",)
_SIGNED_OUT = ("login_required", "interaction_required", "account_selection_required", "consent_required")
_NOT_ALLOWED = ("unauthorized_client", "access_denied")
_LONGEST = 200


def declined(error: str, description: str) -> LtiRefused:
    """Why there is no launch, by the error that the platform names."""
    said = {"error": error[:_LONGEST], "error_description": description[:_LONGEST]}
    for errors, code in (
        (_TOO_LATE, "lti.declined_too_late"),
        (_SIGNED_OUT, "lti.declined_signed_out"),
        (_NOT_ALLOWED, "lti.declined_not_allowed"),
    ):
        if error in errors:
            return refused(code, log=said)
    return refused("lti.declined", log=said)

"""The commands that mend what is wrong with a platform's registration, ready to be pasted into a shell."""

import shlex

from lti_tool.lti.registering.registrations import Registration

_ADD = "lti-tool platform add"


def changing(registration: Registration) -> str:
    """The command that changes a platform which is known already; what it does not name stays as it is."""
    return f"{_ADD} {_named(registration.issuer, registration.client_id)}"


def confirming(registration: Registration, origin: str) -> str:
    """The command by which an operator confirms one more origin as the LMS's own."""
    every = " ".join(f"--origin {shlex.quote(known)}" for known in (*registration.origins, origin))
    return f"{changing(registration)} {every}"


def connecting(issuer: str, client_id: str) -> str:
    """The command that connects a platform; of its addresses nothing is known yet."""
    return f"{_ADD} {_named(issuer, client_id)} --auth-url URL --token-url URL --jwks-url URL"


def _named(issuer: str, client_id: str) -> str:
    # Quoted, as they may be a stranger's words.
    return f"--issuer {shlex.quote(issuer)} --client-id {shlex.quote(client_id)}"

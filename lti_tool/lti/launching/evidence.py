"""What may be kept of a login or launch that was refused, as pure rules: facts that are neither secret nor personal.

Of a token whose signature has not verified: the algorithm and key id that its header names, nothing else. Once it has
verified: kind of message, role, context and deployment besides. Never a state, nonce, token, cookie, name or address.
"""

import json
from collections.abc import Mapping

from lti_tool.core.errors import ToolError
from lti_tool.lti.launching.launch import Launch
from lti_tool.lti.launching.roles import role_of
from lti_tool.lti.vocabulary import CLAIM

LONGEST = 200
MOST_BYTES = 8 * 1024
VERIFIED = "verified"
# What a fault's own facts for the log may add; all others stay in the log alone.
_KEPT = (
    "says",
    "hint",
    "alg",
    "kid",
    "signature",
    "message_type",
    "role",
    "context",
    "deployment",
    "origin",
    "issuer",
    "client_id",
    "person",
    "seconds",
)


def facts_of(fault: ToolError, known: Mapping[str, str]) -> dict[str, str]:
    """The facts to keep of a refusal: its words, what its maker told, and what was `known` of the case."""
    told = {**fault.log, **fault.params, **known, **fault.evidence}
    return keepable({**told, "says": fault.text, "hint": fault.hint_text})


def keepable(facts: Mapping[str, object]) -> dict[str, str]:
    """The facts that may be kept, cut, without what a terminal or a database would stumble over; 8 KB at most."""
    kept = {name: _tame(facts[name]) for name in _KEPT if facts.get(name) not in (None, "")}
    while len(json.dumps(kept).encode()) > MOST_BYTES:
        kept.popitem()
    return kept


def evidence_of_header(header: Mapping[str, object]) -> dict[str, str]:
    """Of a token whose signature nobody has verified yet."""
    return {name: value for name in ("alg", "kid") if isinstance(value := header.get(name), str)}


def evidence_of_claims(claims: Mapping[str, object]) -> dict[str, str]:
    """Of claims whose signature is right, but which may still be of any type."""
    context, roles = claims.get(f"{CLAIM}/context"), claims.get(f"{CLAIM}/roles")
    given = {
        "message_type": claims.get(f"{CLAIM}/message_type"),
        "role": _role(roles),
        "context": context.get("id") if isinstance(context, dict) else None,
        "deployment": claims.get(f"{CLAIM}/deployment_id"),
    }
    return {"signature": VERIFIED, **{name: value for name, value in given.items() if isinstance(value, str)}}


def evidence_of_launch(launch: Launch) -> dict[str, str]:
    """Of a launch that was verified, and refused for what it asks."""
    return {
        "signature": VERIFIED,
        "message_type": launch.message.value,
        "role": launch.role.value,
        "context": launch.context_id,
        "deployment": launch.lms_deployment_id,
    }


def _role(roles: object) -> str | None:
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return None
    return role_of(roles).value


def _tame(value: object) -> str:
    cut = str(value)[:LONGEST]
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)

"""Rules of a login initiation (LTI Security 1.0 §5.1.1.1): what a platform must, and may, ask for."""

import re
from collections.abc import Mapping

from lti_tool.lti.launching.rules.case import Asked
from lti_tool.lti.origins import same_origin
from lti_tool.lti.refusals import refused

PARAMETERS: Mapping[str, int] = {
    "iss": 500,
    "login_hint": 8000,
    "target_link_uri": 2000,
    "client_id": 255,
    "lti_message_hint": 8000,
    "lti_deployment_id": 255,
    "lti_storage_target": 255,
}
"""Parameter → its longest form; hints are opaque, and Canvas's is a JWT."""
_REQUIRED = ("iss", "login_hint", "target_link_uri")
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def has_parameters(asked: Asked) -> None:
    for name in _REQUIRED:
        if not asked.values.get(name):
            raise refused("lti.missing_parameter", name=name)


def has_short_parameters(asked: Asked) -> None:
    for name, longest in PARAMETERS.items():
        if len(asked.values.get(name, "")) > longest:
            raise refused("lti.overlong_parameter", name=name, log={"length": len(asked.values[name])})


def has_sendable_parameters(asked: Asked) -> None:
    for name in PARAMETERS:
        if _UNSENDABLE.search(asked.values.get(name, "")):
            raise refused("lti.parameter", name=name)


def leads_to_us(asked: Asked) -> None:
    target = asked.values["target_link_uri"]
    if not same_origin(target, asked.public_url):
        raise refused("lti.foreign_target", log={"target_link_uri": target[:200]})

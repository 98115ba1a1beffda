"""The door for what a platform tells by itself (Platform Notification Service 1.0 §5): server to server, no browser.

Open to anybody, as the standard has it; each notice proves itself by its signature. The answer is JSON, whatever comes.
"""

import json

from flask import Blueprint, Response, jsonify, make_response, request

from lti_tool import workflows
from lti_tool.core.errors import Invalid, Side
from lti_tool.web.errors import status_of
from lti_tool.web.wiring import parts

notices = Blueprint("notices", __name__)
_MOST_BYTES = 256 * 1024


@notices.post("/lti/notices")
def take() -> Response:
    """Notices in a list: 200 when none is refused, else 400; what became of each is said. Sent again, as sent once."""
    request.max_content_length = _MOST_BYTES
    wiring = parts()
    try:
        heard = workflows.hear(
            wiring.db,
            wiring.key_sets,
            read_batch(request.get_data()),
            leeway=wiring.settings.lti.clock_leeway,
            now=wiring.now(),
        )
    except Invalid as fault:
        return make_response(jsonify(error={"code": fault.code, "detail": fault.text}), status_of(fault))
    told = [{"status": one.hearing, **({"code": one.code} if one.code else {})} for one in heard]
    refused = any(one.hearing is workflows.Hearing.REFUSED for one in heard)
    return make_response(jsonify(notices=told), 400 if refused else 200)


def read_batch(body: bytes) -> list[object]:
    """The JWTs of a batch, each of whatever type it is; raises Invalid for what is no list of notices."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    listed = said.get("notices") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise Invalid(
            "web.notices",
            "What was sent is no list of notices.",
            'The LMS sends notices as {"notices": [{"jwt": "…"}]}.',
            side=Side.LMS,
        )
    return [one.get("jwt") if isinstance(one, dict) else None for one in listed]

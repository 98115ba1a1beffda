"""What windows say to each other: the forwarding frame of Canvas's platform storage, and its messages on the wires.

The rules are in `static/canvas-storage.js` and `static/canvas-messages.js`; here is the frame they run in, and the
address to which the page reports each message (LTI postMessage and platform storage 0.1; Canvas's window messages).
"""

from flask import Blueprint, Response, request

from lti_tool.demo import wires
from lti_tool.demo.canvas.facts import STORAGE_FRAME
from lti_tool.demo.canvas.room import the_canvas
from lti_tool.demo.room import page

blueprint = Blueprint("frames", __name__)
_LONGEST = 8192


@blueprint.get(f"/{STORAGE_FRAME}")
def forwarding() -> Response:
    """The frame beside the tool's, by which its messages reach the page."""
    return page("forwarding.html")


@blueprint.post("/wires/message")
def told() -> Response:
    """Notes a message between windows, as the page reports it: where from, what, and the answer."""
    lms, found = the_canvas(), request.get_json(silent=True)
    if not isinstance(found, dict) or len(request.get_data()) > _LONGEST:
        return Response("", 400)
    asked, answered = (found.get(name) for name in ("asked", "answered"))
    parts = [
        wires.fields(title, {str(name): value for name, value in part.items()})
        for title, part in (("Said", asked), ("Answered", answered))
        if isinstance(part, dict)
    ]
    subject = str(asked.get("subject") or asked.get("messageType")) if isinstance(asked, dict) else "?"
    failed = isinstance(answered, dict) and "error" in answered
    lms.wires.add(
        wires.Message(
            lms.now(),
            f"Window message {subject[:60]}",
            wires.Way.WINDOWS,
            f"{str(found.get('origin', ''))[:200]} → {lms.config.lms_url}",
            tuple(parts),
            "answered with an error" if failed else ("answered" if answered else "ignored"),
            "bad" if failed else "ok",
        )
    )
    return Response("", 204)

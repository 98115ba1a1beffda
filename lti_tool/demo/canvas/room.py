"""The Canvas behind a request."""

from lti_tool.demo.canvas.state import CanvasLms
from lti_tool.demo.room import the_lms


def the_canvas() -> CanvasLms:
    """The LMS that this application shows, which is a Canvas."""
    lms = the_lms()
    assert isinstance(lms, CanvasLms)
    return lms

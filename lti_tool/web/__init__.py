"""The only Flask: it guards, parses, calls one workflow, and answers. No rule of the trade lives here."""

from lti_tool.web.app import create_app
from lti_tool.web.wiring import Wiring, wire

__all__ = ["Wiring", "create_app", "wire"]

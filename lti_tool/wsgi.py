"""The door for web servers: `lti_tool.wsgi:app`, made from the settings file and the environment."""

from lti_tool.core import process, settings
from lti_tool.web import create_app, wire

# First of all: a worker whose server was killed must not stay behind and answer on the port with old code.
process.end_with_parent()

_wiring = wire(settings.load())
_wiring.worker.start()
app = create_app(_wiring)

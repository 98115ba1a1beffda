"""The door for web servers: `lti_tool.wsgi:app`, made from the settings file and the environment."""

from lti_tool.core import logs, process, settings
from lti_tool.web import create_app, wire

# First of all: a worker whose server was killed must not stay behind and answer on the port with old code.
process.end_with_parent()

_settings = settings.load()
logs.set_up(_settings.log.level, _settings.log.format, _settings.log.file)
_wiring = wire(_settings)
_wiring.worker.start()
app = create_app(_wiring)

"""The story, verb by verb. Each workflow joins several rooms in one transaction that its caller opened.

enter (a launch becomes a session) → study → attempt → finish (score, completion, wish for the grade) → worker (sends,
signs, draws) → certify; beside them author (publish, choose), oversee (what a teacher sees), connect (a platform),
register (one that connects itself), keep_out (a person) and timeline (what happened, for operators).
"""

from lti_tool.workflows.attempt import Sitting, answer, begin, sit
from lti_tool.workflows.author import (
    DeepLinkingAnswer,
    catalogue,
    choose,
    publish_package,
    read_package,
)
from lti_tool.workflows.certify import (
    confirm_name,
    name_to_print,
    reinstate,
    revoke,
    verify,
)
from lti_tool.workflows.connect import connect
from lti_tool.workflows.connection import examine_connection, platform_called
from lti_tool.workflows.enter import deployment_waits, enter
from lti_tool.workflows.finish import hand_in
from lti_tool.workflows.keep_out import block, unblock
from lti_tool.workflows.keys import retire_keys, rotate_keys
from lti_tool.workflows.oversee import LearnerState, Overview, overview, preview, send_again
from lti_tool.workflows.register import (
    begin_registration,
    finish_registration,
    finish_update,
    invite,
    registration_to_update,
    require_own_host,
)
from lti_tool.workflows.study import Study, look, note_reading, page_of
from lti_tool.workflows.timeline import Event, Timeline, timeline
from lti_tool.workflows.worker import Tools, Worker

__all__ = [
    "DeepLinkingAnswer",
    "Event",
    "LearnerState",
    "Overview",
    "Sitting",
    "Study",
    "Timeline",
    "Tools",
    "Worker",
    "answer",
    "begin",
    "begin_registration",
    "block",
    "catalogue",
    "choose",
    "confirm_name",
    "connect",
    "deployment_waits",
    "enter",
    "examine_connection",
    "finish_registration",
    "finish_update",
    "hand_in",
    "invite",
    "look",
    "name_to_print",
    "note_reading",
    "overview",
    "page_of",
    "platform_called",
    "preview",
    "publish_package",
    "read_package",
    "registration_to_update",
    "reinstate",
    "require_own_host",
    "retire_keys",
    "revoke",
    "rotate_keys",
    "send_again",
    "sit",
    "timeline",
    "unblock",
    "verify",
]

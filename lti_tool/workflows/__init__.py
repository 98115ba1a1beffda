"""The story, verb by verb. Each workflow joins several rooms in one transaction that its caller opened.

enter (a launch becomes a session) → study → attempt → finish (score, completion, wish for the grade) → worker (sends,
signs, draws) → certify; beside them conduct and bring (a teacher decides about attempts), timing (until when), author
(publish, choose), oversee (what a teacher sees), connect (a platform), register (one that connects itself), administer
(connected ones), staff (operators), keys, keep_out (a person) and timeline (what happened, for operators).
"""

from lti_tool.workflows.administer import (
    PlatformState,
    add_platform,
    change_platform,
    close_platform,
    decide_deployment,
    find_people,
    platforms_of,
    state_of,
)
from lti_tool.workflows.attempt import Answered, Sitting, answer, begin, sit
from lti_tool.workflows.author import (
    DeepLinkingAnswer,
    cancel,
    catalogue,
    choose,
    choose_for_link,
    chosen_before,
    offered_module,
    publish_package,
    read_package,
    settle_offer,
)
from lti_tool.workflows.bring import Brought, bring
from lti_tool.workflows.certify import (
    confirm_name,
    name_to_print,
    reinstate,
    revoke,
    verify,
)
from lti_tool.workflows.conduct import (
    Candidate,
    Conducted,
    Granted,
    Inspection,
    accommodate,
    conducted,
    extend,
    granted,
    inspect,
    reopen,
    require_grading,
    void,
)
from lti_tool.workflows.connect import connect
from lti_tool.workflows.connection import examine_connection, platform_called
from lti_tool.workflows.dates import Dated, dates_of, set_dates
from lti_tool.workflows.enter import deployment_waits, enter
from lti_tool.workflows.finish import hand_in
from lti_tool.workflows.keep_out import block, unblock
from lti_tool.workflows.keys import retire_keys, rotate_keys
from lti_tool.workflows.notices import Heard, Hearing, hear
from lti_tool.workflows.oversee import LearnerState, Overview, overview, preview, send_again
from lti_tool.workflows.privacy import Kept, what_is_kept
from lti_tool.workflows.register import (
    begin_registration,
    finish_registration,
    finish_update,
    invite,
    registration_to_update,
    require_own_host,
)
from lti_tool.workflows.review import Submission, review
from lti_tool.workflows.roster import refresh_roster
from lti_tool.workflows.staff import Answer as SignInAnswer
from lti_tool.workflows.staff import SignIn, add_operator, close_operator, reset_operator, set_up, sign_in, sign_out
from lti_tool.workflows.study import Study, look, note_reading, page_of
from lti_tool.workflows.timeline import Event, Timeline, timeline
from lti_tool.workflows.worker import Tools, Worker

__all__ = [
    "Answered",
    "Brought",
    "Candidate",
    "Conducted",
    "Dated",
    "DeepLinkingAnswer",
    "Event",
    "Granted",
    "Heard",
    "Hearing",
    "Inspection",
    "Kept",
    "LearnerState",
    "Overview",
    "PlatformState",
    "SignIn",
    "SignInAnswer",
    "Sitting",
    "Study",
    "Submission",
    "Timeline",
    "Tools",
    "Worker",
    "accommodate",
    "add_operator",
    "add_platform",
    "answer",
    "begin",
    "begin_registration",
    "block",
    "bring",
    "cancel",
    "catalogue",
    "change_platform",
    "choose",
    "choose_for_link",
    "chosen_before",
    "close_operator",
    "close_platform",
    "conducted",
    "confirm_name",
    "connect",
    "dates_of",
    "decide_deployment",
    "deployment_waits",
    "enter",
    "examine_connection",
    "extend",
    "find_people",
    "finish_registration",
    "finish_update",
    "granted",
    "hand_in",
    "hear",
    "inspect",
    "invite",
    "look",
    "name_to_print",
    "note_reading",
    "offered_module",
    "overview",
    "page_of",
    "platform_called",
    "platforms_of",
    "preview",
    "publish_package",
    "read_package",
    "refresh_roster",
    "registration_to_update",
    "reinstate",
    "reopen",
    "require_grading",
    "require_own_host",
    "reset_operator",
    "retire_keys",
    "review",
    "revoke",
    "rotate_keys",
    "send_again",
    "set_dates",
    "set_up",
    "settle_offer",
    "sign_in",
    "sign_out",
    "sit",
    "state_of",
    "timeline",
    "unblock",
    "verify",
    "void",
    "what_is_kept",
]

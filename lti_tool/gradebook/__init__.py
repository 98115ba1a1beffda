"""What completes a module, and how the grade reaches the LMS and stays there.

The wish to have a score in the LMS is a row, written with the score itself; sending it is a worker's task, repeated
until the LMS has it or has said plainly why not. One row per line item and person holds the newest wished score, so
what piles up while an LMS is down coalesces into one message.
"""

from lti_tool.gradebook.columns import (
    ColumnWish,
    Search,
    claim_column,
    column_tag,
    found_column,
    is_column_due,
    is_of_another,
    lost_columns,
    move_grades,
    note_lost,
    park_column,
    put_off_column,
    retry_column,
    tags_of_others,
    waiting_for,
    want_column,
    want_known_column,
)
from lti_tool.gradebook.completion import (
    Completion,
    complete,
    completion_by,
    completion_of,
    find_completion,
    withdraw,
)
from lti_tool.gradebook.deliveries import (
    Delivery,
    DeliveryState,
    HandIn,
    Try,
    deliveries_of,
    delivery_of,
    send_again,
    tries_of,
    want_delivered,
)
from lti_tool.gradebook.drift import check_due
from lti_tool.gradebook.ledger import Overdue, tell_overdue
from lti_tool.gradebook.passback import Lms, deliver_due
from lti_tool.gradebook.rules import Standing, percent_text, shown_percent, standing

__all__ = [
    "ColumnWish",
    "Completion",
    "Delivery",
    "DeliveryState",
    "HandIn",
    "Lms",
    "Overdue",
    "Search",
    "Standing",
    "Try",
    "check_due",
    "claim_column",
    "column_tag",
    "complete",
    "completion_by",
    "completion_of",
    "deliver_due",
    "deliveries_of",
    "delivery_of",
    "find_completion",
    "found_column",
    "is_column_due",
    "is_of_another",
    "lost_columns",
    "move_grades",
    "note_lost",
    "park_column",
    "percent_text",
    "put_off_column",
    "retry_column",
    "send_again",
    "shown_percent",
    "standing",
    "tags_of_others",
    "tell_overdue",
    "tries_of",
    "waiting_for",
    "want_column",
    "want_delivered",
    "want_known_column",
    "withdraw",
]

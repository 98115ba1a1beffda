"""What completes a module, and how the grade reaches the LMS and stays there.

The wish to have a score in the LMS is a row, written with the score itself; sending it is a worker's task, repeated
until the LMS has it or has said plainly why not. One row per line item and person holds the newest wished score, so
what piles up while an LMS is down coalesces into one message.
"""

from lti_tool.gradebook.completion import Completion, complete, completion_of, find_completion
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
    "Completion",
    "Delivery",
    "DeliveryState",
    "HandIn",
    "Lms",
    "Overdue",
    "Standing",
    "Try",
    "check_due",
    "complete",
    "completion_of",
    "deliver_due",
    "deliveries_of",
    "delivery_of",
    "find_completion",
    "percent_text",
    "send_again",
    "shown_percent",
    "standing",
    "tell_overdue",
    "tries_of",
    "want_delivered",
]

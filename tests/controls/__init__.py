"""Negative controls: for each guard, a way to switch it off and the tests that must then fail.

A test that still passes when its guard is gone shows nothing. `make controls` switches off one guard at a time
(`tests/run_controls.py`); there is one file here for each room that has guards.
"""

import os

from tests.controls import (
    admin,
    assessments,
    cli,
    columns,
    core,
    courses,
    credentials,
    demo,
    gradebook,
    lti,
    modules,
    notices,
    people,
    register,
    services,
    terms,
    web,
    workflows,
)
from tests.controls.switch import Control, acts_like, answers, becomes, echoes, find, switch_off

VARIABLE = "LTITEST_CONTROL"

CONTROLS: dict[str, Control] = {
    **core.CONTROLS,
    **lti.CONTROLS,
    **services.CONTROLS,
    **modules.CONTROLS,
    **assessments.CONTROLS,
    **credentials.CONTROLS,
    **courses.CONTROLS,
    **people.CONTROLS,
    **workflows.CONTROLS,
    **web.CONTROLS,
    **register.CONTROLS,
    **admin.CONTROLS,
    **terms.CONTROLS,
    **demo.CONTROLS,
    **gradebook.CONTROLS,
    **columns.CONTROLS,
    **notices.CONTROLS,
    **cli.CONTROLS,
}


def switch_off_asked() -> None:
    """Switches off the guard that the environment names, if it names one."""
    asked = os.environ.get(VARIABLE)
    if asked:
        switch_off(CONTROLS[asked])


__all__ = [
    "CONTROLS",
    "VARIABLE",
    "Control",
    "acts_like",
    "answers",
    "becomes",
    "echoes",
    "find",
    "switch_off",
    "switch_off_asked",
]

"""What a test needs from the machine: without it the test is skipped with a reason, except in CI, where it fails."""

import os

import pytest


def need(there: bool, what: str) -> None:
    """Goes on when it is `there`; else skips, or fails under `CI=true`, saying `what` is missing and how to get it."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed in CI: {what}", pytrace=False)
    pytest.skip(f"needs {what}")

"""Guards of the commands."""

from tests.controls.switch import Control, answers

_FOLDER = "tests/cli/test_demo_folder.py::test_"

CONTROLS = {
    "cli.demo.foreign-folder": Control(
        "lti_tool.cli.demo_folder._refuse_foreign",
        answers(None),
        (f"{_FOLDER}a_mark_makes_a_folder_the_demos_and_nothing_else_does",),
    ),
    "cli.demo.one-at-a-time": Control(
        "lti_tool.cli.serving.FileLock.take",
        answers(True),
        (f"{_FOLDER}a_folder_is_held_by_one_demo_at_a_time",),
    ),
    "cli.reading-makes-no-database": Control(
        "lti_tool.cli.setup.refuse_without_database",
        answers(None),
        ("tests/cli/test_messages.py::test_a_command_that_reads_makes_no_database",),
    ),
}

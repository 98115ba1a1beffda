"""Guards of the commands."""

from tests.controls.switch import Control, answers

_FOLDER = "tests/cli/test_demo_folder.py::test_"
_MESSAGES = "tests/cli/test_messages.py::test_"

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
    "cli.another-key": Control(
        "lti_tool.cli.setup.refuse_another_key",
        answers(None),
        (
            f"{_MESSAGES}a_master_key_of_another_database_seals_nothing[keys rotate]",
            f"{_MESSAGES}a_master_key_of_another_database_seals_nothing[user add kari]",
        ),
    ),
    "cli.newer-database": Control(
        "lti_tool.migrations.knows",
        answers(True),
        (f"{_MESSAGES}a_database_of_a_newer_release_is_left_alone[migrate]",),
    ),
    "cli.reading-makes-no-database": Control(
        "lti_tool.cli.setup.refuse_without_database",
        answers(None),
        (f"{_MESSAGES}a_command_that_reads_makes_no_database",),
    ),
}

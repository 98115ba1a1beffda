"""The `lti-tool` command: the operator's door.

Exit status: 0 done; 1 the thing asked about is not so (not valid, not healthy); 2 wrong usage or input;
130 interrupted.
"""

# Little is imported here, and the rest below: until `main` begins, Ctrl-C would print a traceback.
import os
import signal
import sys


def main() -> None:
    """Runs the command; whatever goes wrong is told in words, without a traceback."""
    # Loading the house takes a second in which there is nothing to tidy up: Ctrl-C just ends it. So it does at the end.
    _take_interrupts(plainly=True)
    from lti_tool.cli.commands import cli
    from lti_tool.cli.faults import tell_fault

    # Looked up now: the demo takes every setting out of the environment.
    with_traceback = os.environ.get("LTI_TOOL_LOG__LEVEL") == "debug"
    _take_interrupts(plainly=False)
    try:
        status = cli(standalone_mode=False)
    except KeyboardInterrupt:
        status = 130
    except Exception as fault:
        if with_traceback:
            raise
        status = tell_fault(fault)
    _take_interrupts(plainly=True)
    sys.exit(status)


def _take_interrupts(*, plainly: bool) -> None:
    """Whether Ctrl-C just ends this process, or interrupts what it does; as it was if whoever started us ignores it."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL if plainly else signal.default_int_handler)


def __getattr__(name: str) -> object:
    """`cli`, the group of all commands, for whoever reads them: loaded when it is asked for."""
    if name != "cli":
        raise AttributeError(name)
    from lti_tool.cli.commands import cli

    return cli

"""How a command says what went wrong: what happened, what to do, and for the operator the facts."""

import click
from sqlalchemy.exc import DBAPIError

from lti_tool.core.errors import ToolError

_LONGEST_FACT = 300


def tell_fault(fault: Exception) -> int:
    """Tells a fault on standard error; the exit status."""
    if isinstance(fault, click.exceptions.Abort):
        return 130
    if isinstance(fault, click.ClickException):
        fault.show()
        return 2
    if isinstance(fault, ToolError):
        _tell_known(fault)
    elif isinstance(fault, DBAPIError):
        _tell(f"The database refused this: {_first_line(fault.orig)}.", "Nothing was changed by it.")
    elif isinstance(fault, OSError):
        where = f"“{fault.filename}”: " if fault.filename else ""
        _tell(f"The system refused this: {where}{fault.strerror or fault}.", "Mend that and try again.")
    else:
        _tell(
            f"This is a fault of lti-tool itself: {type(fault).__name__}: {_first_line(fault)}",
            "Please report it. With LTI_TOOL_LOG__LEVEL=debug in the environment it tells where it happened.",
        )
    return 2


def _tell_known(fault: ToolError) -> None:
    facts = [f"  {name}: {str(value)[:_LONGEST_FACT]}" for name, value in fault.log.items()]
    _tell(fault.text, *([fault.hint_text] if fault.hint else []), *facts, f"({fault.code})")


def _tell(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)


def _first_line(fault: object) -> str:
    return next(iter(str(fault).strip().splitlines()), "no reason was given").rstrip(".")

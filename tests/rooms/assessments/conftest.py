"""Somebody enrolled who may sit a form with one question of each kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from lti_tool.assessments import Form
from lti_tool.core.db import Database, metadata
from tests.rooms.assessments.samples import Desk, form_of, make_row, multiple, number, single, text


@pytest.fixture
def form() -> Form:
    return form_of(single(), multiple(), text(), number())


@pytest.fixture
def desk(db: Database, now: datetime) -> Desk:
    made: dict[str, int] = {}
    with db.transaction() as tx:
        make_row(tx, metadata.tables["enrolments"], now, made)
        if "module_versions" not in made:
            make_row(tx, metadata.tables["module_versions"], now, made)
    return Desk(db, made["enrolments"], made["module_versions"], now)


@pytest.fixture
def statements(db: Database) -> Callable[[], list[str]]:
    """Gives the statements sent since it was last asked, BEGIN and the like left out."""
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)

    def take() -> list[str]:
        taken = list(seen)
        seen.clear()
        return taken

    return take

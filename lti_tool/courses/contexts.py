"""Courses as platforms name them: label and title of the latest launch that made a placement."""

from datetime import datetime

from lti_tool.core.db import Tx, insert
from lti_tool.courses.tables import contexts


def note_context(tx: Tx, deployment_id: int, lms_context_id: str, *, label: str, title: str, now: datetime) -> None:
    """Keeps what a course is called."""
    names = {"label": label, "title": title}
    fresh = insert(tx, contexts).values(
        deployment_id=deployment_id, lms_context_id=lms_context_id, created_at=now, **names
    )
    tx.execute(fresh.on_conflict_do_update(index_elements=["deployment_id", "lms_context_id"], set_=names))

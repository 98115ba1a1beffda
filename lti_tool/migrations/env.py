"""Alembic's environment: the connection comes from `migrate`, the tables from the workflows' schema."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from lti_tool.core.db import UTCDateTime
from lti_tool.workflows.schema import metadata


def render_item(kind: str, thing: Any, autogen_context: Any) -> str | Literal[False]:
    """Writes our own column types as plain ones: a migration must stay what it was when `core` changes."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
    transaction_per_migration=False,
)
# The caller's transaction is the only one: it commits, or everything is as before.
context.run_migrations()

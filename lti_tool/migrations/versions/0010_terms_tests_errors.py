"""What is settled with one platform, connection tests that a worker does, errors within sessions: 0010, after 0009."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # No batch: SQLite would make the table anew, and could not drop the old one, to which others refer.
    op.add_column("registrations", sa.Column("clock_leeway", sa.Integer(), nullable=True))
    op.add_column("registrations", sa.Column("algorithms", _JSON, server_default='["RS256"]', nullable=False))
    op.add_column(
        "registrations", sa.Column("line_items", sa.String(length=10), server_default="create", nullable=False)
    )
    op.create_table(
        "connection_tests",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("findings", _JSON, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_connection_tests_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_tests")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_connection_tests_registration_id")),
    )
    op.create_index(op.f("ix_connection_tests_due_at"), "connection_tests", ["due_at"])
    op.create_table(
        "session_faults",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("support_code", sa.String(length=9), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_faults")),
    )
    for name in ("support_code", "session_id", "at"):
        op.create_index(op.f(f"ix_session_faults_{name}"), "session_faults", [name])


def downgrade() -> None:
    op.drop_table("session_faults")
    op.drop_table("connection_tests")
    for name in ("line_items", "algorithms", "clock_leeway"):
        op.drop_column("registrations", name)

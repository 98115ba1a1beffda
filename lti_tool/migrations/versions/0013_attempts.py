"""Deadlines, events of attempts, accommodations, answers that came too late: 0013, after 0012."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # No batch: what has a default in the database is whole for rows of the release before, and for rows that it
    # still writes while both run.
    op.add_column("attempts", sa.Column("closed_as", sa.String(length=20), nullable=True))
    op.add_column("attempts", sa.Column("counts", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("attempts", sa.Column("deadline_at", _MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("extended_until", _MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("page_secret", sa.String(length=64), server_default="", nullable=False))
    op.add_column("attempts", sa.Column("receipt", sa.String(length=64), nullable=True))
    op.add_column("attempts", sa.Column("due_at", _MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("leased_until", _MOMENT, nullable=True))
    op.add_column("attempts", sa.Column("fence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("attempts", sa.Column("last_error", sa.String(length=1000), nullable=True))
    op.create_index(op.f("ix_attempts_due_at"), "attempts", ["due_at"])
    op.add_column("answers", sa.Column("counts", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.execute("UPDATE attempts SET state = 'graded', closed_as = 'submitted' WHERE state = 'submitted'")
    _create_events()
    op.create_table(
        "accommodations",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", sa.BigInteger(), nullable=False),
        sa.Column("time_percent", sa.Integer(), nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("extra_days", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(length=200), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_accommodations_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodations")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_accommodations_enrolment_id")),
    )


def _create_events() -> None:
    op.create_table(
        "attempt_events",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_attempt_events_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_events")),
    )
    op.create_index(op.f("ix_attempt_events_attempt_id"), "attempt_events", ["attempt_id"])
    # What was handed in before had its one event too.
    op.execute(
        "INSERT INTO attempt_events (attempt_id, at, kind, actor, facts) "
        "SELECT id, submitted_at, 'submitted', 'migration', '{}' FROM attempts WHERE submitted_at IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("accommodations")
    op.drop_index(op.f("ix_attempt_events_attempt_id"), "attempt_events")
    op.drop_table("attempt_events")
    op.execute("UPDATE attempts SET state = 'submitted' WHERE state IN ('graded', 'voided')")
    op.drop_index(op.f("ix_attempts_due_at"), "attempts")
    with op.batch_alter_table("answers") as batch_op:
        batch_op.drop_column("counts")
    for name in ("last_error", "tries", "fence", "leased_until", "due_at", "receipt", "page_secret"):
        op.drop_column("attempts", name)
    for name in ("extended_until", "deadline_at", "counts", "closed_as"):
        op.drop_column("attempts", name)

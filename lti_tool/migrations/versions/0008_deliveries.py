"""Grade deliveries: what an LMS holds, attempts it was told of, tries, lanes of platforms: 0008, after 0007."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_MOMENTS = ("confirmed_at", "overruled_at", "last_sent_at", "resent_at", "check_at", "seen_at")


def upgrade() -> None:
    # No batch: what has a default in the database is whole for rows of the release before, and for rows that it
    # still writes while both run.
    op.add_column("grade_deliveries", sa.Column("held_percent", sa.String(length=80), nullable=True))
    op.add_column("grade_deliveries", sa.Column("may_hold", _JSON, server_default="[]", nullable=False))
    op.add_column("grade_deliveries", sa.Column("seen_percent", sa.String(length=80), nullable=True))
    op.add_column("grade_deliveries", sa.Column("differs", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in _MOMENTS:
        op.add_column("grade_deliveries", sa.Column(name, _MOMENT, nullable=True))
    op.create_index(op.f("ix_grade_deliveries_check_at"), "grade_deliveries", ["check_at"])
    op.execute(
        "UPDATE grade_deliveries SET held_percent = percent, check_at = delivered_at WHERE delivered_revision = revision"
    )
    _create_attempts()
    _create_tries()
    _create_lanes()


def _create_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.String(length=64), nullable=False),
        sa.Column("handed_in_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["grade_deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
        sa.UniqueConstraint("delivery_id", "attempt", name=op.f("uq_delivery_attempts_delivery_id_attempt")),
    )
    # Whatever waits has an attempt behind it that no LMS knows of yet.
    op.execute(
        "INSERT INTO delivery_attempts (delivery_id, attempt, handed_in_at) "
        "SELECT id, 'before', wanted_at FROM grade_deliveries WHERE delivered_revision < revision"
    )


def _create_tries() -> None:
    op.create_table(
        "delivery_tries",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("percent", sa.String(length=80), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["grade_deliveries.id"], name=op.f("fk_delivery_tries_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_tries")),
    )
    op.create_index(op.f("ix_delivery_tries_delivery_id"), "delivery_tries", ["delivery_id"])


def _create_lanes() -> None:
    op.create_table(
        "delivery_lanes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", _MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("paused_until", _MOMENT, nullable=True),
        sa.Column("overdue_told_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_delivery_lanes_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_lanes")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_delivery_lanes_registration_id")),
    )


def downgrade() -> None:
    op.drop_table("delivery_lanes")
    op.drop_index(op.f("ix_delivery_tries_delivery_id"), "delivery_tries")
    op.drop_table("delivery_tries")
    op.drop_table("delivery_attempts")
    op.drop_index(op.f("ix_grade_deliveries_check_at"), "grade_deliveries")
    for name in (*reversed(_MOMENTS), "differs", "seen_percent", "may_hold", "held_percent"):
        op.drop_column("grade_deliveries", name)

"""Notices of platforms, copies that they tell of, dates that a teacher sets: 0011, after 0010."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("placements", sa.Column("set_dates", _JSON, nullable=True))
    op.create_table(
        "context_copies",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("lms_context_id", sa.String(length=255), nullable=False),
        sa.Column("origin_lms_context_id", sa.String(length=255), nullable=False),
        sa.Column("copied_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_context_copies_deployment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_context_copies")),
        sa.UniqueConstraint(
            "deployment_id",
            "lms_context_id",
            "origin_lms_context_id",
            name=op.f("uq_context_copies_deployment_id_lms_context_id_origin_lms_context_id"),
        ),
    )
    _create_subscriptions()
    op.create_table(
        "notices_taken",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("once_hash", sa.String(length=64), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_notices_taken_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_taken")),
        sa.UniqueConstraint("registration_id", "once_hash", name=op.f("uq_notices_taken_registration_id_once_hash")),
    )
    op.create_index(op.f("ix_notices_taken_taken_at"), "notices_taken", ["taken_at"])


def _create_subscriptions() -> None:
    op.create_table(
        "notice_subscriptions",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("service_url", sa.String(length=2000), nullable=False),
        sa.Column("handler", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("heard_at", _MOMENT, nullable=True),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("leased_until", _MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployments.id"], name=op.f("fk_notice_subscriptions_deployment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_subscriptions")),
        sa.UniqueConstraint("deployment_id", name=op.f("uq_notice_subscriptions_deployment_id")),
    )
    op.create_index(op.f("ix_notice_subscriptions_due_at"), "notice_subscriptions", ["due_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_notices_taken_taken_at"), "notices_taken")
    op.drop_table("notices_taken")
    op.drop_index(op.f("ix_notice_subscriptions_due_at"), "notice_subscriptions")
    op.drop_table("notice_subscriptions")
    op.drop_table("context_copies")
    with op.batch_alter_table("placements") as batch_op:
        batch_op.drop_column("set_dates")

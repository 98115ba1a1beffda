"""Lists of a course's people, and grade columns that this tool looks after itself: 0012, after 0011."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_rosters()
    _create_members()
    _create_columns()


def _work() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("leased_until", _MOMENT, nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.String(length=1000), nullable=True),
    )


def _create_rosters() -> None:
    names = ("deployment_id", "lms_context_id", "lms_resource_link_id")
    op.create_table(
        "rosters",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("lms_context_id", sa.String(length=255), nullable=False),
        sa.Column("lms_resource_link_id", sa.String(length=255), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=True),
        sa.Column("read_at", _MOMENT, nullable=True),
        *_work(),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_rosters_deployment_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_rosters_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
        sa.UniqueConstraint(*names, name=op.f("uq_rosters_deployment_id_lms_context_id_lms_resource_link_id")),
    )
    op.create_index(op.f("ix_rosters_due_at"), "rosters", ["due_at"])


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("lms_user_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("left_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name=op.f("fk_members_roster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("roster_id", "lms_user_id", name=op.f("uq_members_roster_id_lms_user_id")),
    )


def _create_columns() -> None:
    op.create_table(
        "grade_columns",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("link_key", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("deployment_id", sa.BigInteger(), nullable=False),
        sa.Column("lms_context_id", sa.String(length=255), nullable=False),
        sa.Column("lms_resource_link_id", sa.String(length=255), nullable=False),
        sa.Column("line_items_url", sa.String(length=2000), nullable=False),
        sa.Column("resource_id", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=1000), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("parked_at", _MOMENT, nullable=True),
        sa.Column("lost_at", _MOMENT, nullable=True),
        sa.Column("looked_at", _MOMENT, nullable=True),
        sa.Column("remake", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_work(),
        sa.ForeignKeyConstraint(["deployment_id"], ["deployments.id"], name=op.f("fk_grade_columns_deployment_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_grade_columns_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_columns")),
        sa.UniqueConstraint("link_key", name=op.f("uq_grade_columns_link_key")),
        sa.UniqueConstraint("url", name=op.f("uq_grade_columns_url")),
    )
    op.create_index(op.f("ix_grade_columns_due_at"), "grade_columns", ["due_at"])


def downgrade() -> None:
    op.drop_table("grade_columns")
    op.drop_table("members")
    op.drop_table("rosters")

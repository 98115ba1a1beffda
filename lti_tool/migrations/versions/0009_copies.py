"""Copied courses, links that are edited again, dates of the LMS, submission reviews: 0009, after 0008."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # No batch: SQLite would make the table anew, and could not drop the old one, to which others refer.
    op.add_column("placements", sa.Column("context_history", _JSON, server_default="[]", nullable=False))
    op.add_column("placements", sa.Column("link_history", _JSON, server_default="[]", nullable=False))
    op.add_column("placements", sa.Column("lms_assignment_id", sa.String(length=255), nullable=True))
    op.add_column("placements", sa.Column("dates", _JSON, server_default="{}", nullable=False))
    op.add_column("placements", sa.Column("wanted_offer", sa.String(length=26), nullable=True))
    op.add_column("placements", sa.Column("keeps_offer", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(op.f("ix_placements_lms_assignment_id"), "placements", ["lms_assignment_id"])
    op.add_column("enrolments", sa.Column("dates", _JSON, server_default="{}", nullable=False))
    op.add_column("lti_sessions", sa.Column("review_of", sa.String(length=26), nullable=True))
    op.create_table(
        "unplaced_links",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("link", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unplaced_links")),
        sa.UniqueConstraint("session_id", name=op.f("uq_unplaced_links_session_id")),
    )
    op.create_index(op.f("ix_unplaced_links_created_at"), "unplaced_links", ["created_at"])


def downgrade() -> None:
    op.drop_table("unplaced_links")
    with op.batch_alter_table("lti_sessions") as batch_op:
        batch_op.drop_column("review_of")
    with op.batch_alter_table("enrolments") as batch_op:
        batch_op.drop_column("dates")
    with op.batch_alter_table("placements") as batch_op:
        batch_op.drop_index(op.f("ix_placements_lms_assignment_id"))
        for name in ("keeps_offer", "wanted_offer", "dates", "lms_assignment_id", "link_history", "context_history"):
            batch_op.drop_column(name)

"""Any browser: binding layers, handovers, an LMS's own origins, identity scope: revision 0003, after 0002."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lti_handovers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti_handovers")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_lti_handovers_code_hash")),
    )
    with op.batch_alter_table("lti_handovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lti_handovers_expires_at"), ["expires_at"], unique=False)

    # Every new column that must have a value has a default in the database: rows of the release before, and rows
    # that it still writes while both run, are whole. No batch: it would copy tables that others point at.
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("registrations", sa.Column("origins", json, server_default="[]", nullable=False))
    op.add_column(
        "registrations", sa.Column("identity_scope", sa.String(length=12), server_default="deployment", nullable=False)
    )
    for table in ("lti_logins", "lti_sessions"):
        op.add_column(table, sa.Column("layer", sa.String(length=8), server_default="cookie", nullable=False))
        op.add_column(table, sa.Column("storage_target", sa.String(length=255), nullable=True))
    op.add_column("lti_sessions", sa.Column("is_masquerade", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("lti_sessions", "is_masquerade")
    for table in ("lti_sessions", "lti_logins"):
        op.drop_column(table, "storage_target")
        op.drop_column(table, "layer")
    op.drop_column("registrations", "identity_scope")
    op.drop_column("registrations", "origins")
    with op.batch_alter_table("lti_handovers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lti_handovers_expires_at"))

    op.drop_table("lti_handovers")

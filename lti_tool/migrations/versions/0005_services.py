"""The addresses of a course's services, beside its placements: revision 0005, after 0004."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("line_items_url", sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column("memberships_url", sa.String(length=2000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_column("memberships_url")
        batch_op.drop_column("line_items_url")

"""Operators with their sessions, keys of each organisation, platforms that are kept out: revision 0007, after 0005."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("tool_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation_id", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_tool_keys_organisation_id"), "organisations", ["organisation_id"], ["id"])
    # Where there is one organisation, what was the tool's key is its own; else it stays common until keys are rotated.
    op.execute(
        "UPDATE tool_keys SET organisation_id = (SELECT min(id) FROM organisations) "
        "WHERE (SELECT count(*) FROM organisations) = 1"
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("disabled_at", _MOMENT, nullable=True))
    _create_operators()
    _create_sessions()
    op.create_table(
        "sign_in_tries",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("login_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_tries")),
        sa.UniqueConstraint("login_hash", name=op.f("uq_sign_in_tries_login_hash")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])


def _create_operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("login", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("setup_hash", sa.String(length=64), nullable=True),
        sa.Column("setup_expires_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_operators_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("public_id", name=op.f("uq_operators_public_id")),
        sa.UniqueConstraint("login", name=op.f("uq_operators_login")),
        sa.UniqueConstraint("setup_hash", name=op.f("uq_operators_setup_hash")),
    )


def _create_sessions() -> None:
    op.create_table(
        "operator_sessions",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_operator_sessions_operator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_operator_sessions_token_hash")),
    )
    op.create_index(op.f("ix_operator_sessions_operator_id"), "operator_sessions", ["operator_id"])


def downgrade() -> None:
    op.drop_table("sign_in_tries")
    op.drop_table("operator_sessions")
    op.drop_table("operators")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_column("disabled_at")
    with op.batch_alter_table("tool_keys", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_tool_keys_organisation_id"), type_="foreignkey")
        batch_op.drop_column("organisation_id")

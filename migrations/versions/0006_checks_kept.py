"""Checks that go on taking points off although rulings speak against them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "checks_kept",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_checks_kept_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks_kept")),
    )
    op.create_index(op.f("ix_checks_kept_user_id"), "checks_kept", ["user_id"])
    op.create_index(op.f("ix_checks_kept_code_criterion_id"), "checks_kept", ["code", "criterion", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_checks_kept_code_criterion_id"), table_name="checks_kept")
    op.drop_index(op.f("ix_checks_kept_user_id"), table_name="checks_kept")
    op.drop_table("checks_kept")

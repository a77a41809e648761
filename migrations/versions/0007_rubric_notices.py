"""Notices of published rubrics, and releases that differ in comments or examples only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("rubric_releases", sa.Column("files", ANY_JSON, nullable=True))
    op.create_table(
        "rubric_notices",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("release_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("acknowledged_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["rubric_releases.id"], name=op.f("fk_rubric_notices_release_id_rubric_releases")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rubric_notices_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_notices")),
        sa.UniqueConstraint("release_id", "user_id", name=op.f("uq_rubric_notices_release_id_user_id")),
    )
    op.create_index(op.f("ix_rubric_notices_user_id"), "rubric_notices", ["user_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_rubric_notices_user_id"), table_name="rubric_notices")
    op.drop_table("rubric_notices")
    op.drop_column("rubric_releases", "files")

"""Theory tests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "paper_attempts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("paper", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("rules", ANY_JSON, nullable=False),
        sa.Column("drawn", ANY_JSON, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("standing", sa.String(length=20), nullable=True),
        sa.Column("least_ratio", sa.Double(), nullable=True),
        sa.Column("most_ratio", sa.Double(), nullable=True),
        sa.CheckConstraint("standing IN ('passed', 'failed', 'for_a_person')", name=op.f("ck_paper_attempts_standing")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_paper_attempts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_attempts")),
    )
    op.create_index(op.f("ix_paper_attempts_paper_ended_at"), "paper_attempts", ["paper", "ended_at"], unique=False)
    op.create_index(
        op.f("ix_paper_attempts_user_id_paper_id"), "paper_attempts", ["user_id", "paper", "id"], unique=False
    )
    op.create_index(
        "uq_paper_attempts_running",
        "paper_attempts",
        ["user_id", "paper"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "paper_answers",
        sa.Column("attempt_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("answer", ANY_JSON, nullable=True),
        sa.Column("saved_at", MOMENT, nullable=True),
        sa.Column("points", sa.Double(), nullable=True),
        sa.Column("result", ANY_JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["paper_attempts.id"],
            name=op.f("fk_paper_answers_attempt_id_paper_attempts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["learning_versions.id"], name=op.f("fk_paper_answers_version_id_learning_versions")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "number", name=op.f("pk_paper_answers")),
    )
    op.create_index(op.f("ix_paper_answers_version_id"), "paper_answers", ["version_id"], unique=False)
    op.create_table(
        "paper_rulings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("attempt_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= 1", name=op.f("ck_paper_rulings_points")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["paper_attempts.id"],
            name=op.f("fk_paper_rulings_attempt_id_paper_attempts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_paper_rulings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_rulings")),
    )
    op.create_index(
        op.f("ix_paper_rulings_attempt_id_number_id"), "paper_rulings", ["attempt_id", "number", "id"], unique=False
    )
    op.create_index(op.f("ix_paper_rulings_user_id"), "paper_rulings", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("paper_rulings")
    op.drop_table("paper_answers")
    op.drop_table("paper_attempts")

"""Drills, and what exams and drills say of criteria."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "drill_cards",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("situation", ANY_JSON, nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("dialogue_id", BIG, nullable=True),
        sa.Column("point_id", BIG, nullable=True),
        sa.Column("scheduled", ANY_JSON, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("given_by", BIG, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("origin IN ('shipped', 'finding', 'exam')", name=op.f("ck_drill_cards_origin")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_drill_cards_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["dialogue_id"], ["exam_dialogues.id"], name=op.f("fk_drill_cards_dialogue_id_exam_dialogues")
        ),
        sa.ForeignKeyConstraint(["given_by"], ["users.id"], name=op.f("fk_drill_cards_given_by_users")),
        sa.ForeignKeyConstraint(
            ["point_id"], ["problem_points.id"], name=op.f("fk_drill_cards_point_id_problem_points")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_drill_cards_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_cards")),
        sa.UniqueConstraint("user_id", "code", name=op.f("uq_drill_cards_user_id_code")),
    )
    op.create_index(op.f("ix_drill_cards_conversation_id"), "drill_cards", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_drill_cards_criterion_id"), "drill_cards", ["criterion", "id"], unique=False)
    op.create_index(op.f("ix_drill_cards_dialogue_id"), "drill_cards", ["dialogue_id"], unique=False)
    op.create_index(op.f("ix_drill_cards_given_by"), "drill_cards", ["given_by"], unique=False)
    op.create_index(op.f("ix_drill_cards_point_id"), "drill_cards", ["point_id"], unique=False)
    op.create_index(
        op.f("ix_drill_cards_user_id_retired_at_due_at"),
        "drill_cards",
        ["user_id", "retired_at", "due_at"],
        unique=False,
    )
    op.create_table(
        "drill_answers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("card_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("shown_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("result", ANY_JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["card_id"], ["drill_cards.id"], name=op.f("fk_drill_answers_card_id_drill_cards"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_drill_answers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_answers")),
    )
    op.create_index(op.f("ix_drill_answers_card_id_id"), "drill_answers", ["card_id", "id"], unique=False)
    op.create_index(op.f("ix_drill_answers_user_id_shown_at"), "drill_answers", ["user_id", "shown_at"], unique=False)
    op.create_table(
        "training_marks",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("dialogue_id", BIG, nullable=True),
        sa.Column("answer_id", BIG, nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("(dialogue_id IS NULL) <> (answer_id IS NULL)", name=op.f("ck_training_marks_one_source")),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["drill_answers.id"],
            name=op.f("fk_training_marks_answer_id_drill_answers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_training_marks_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_training_marks_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_marks")),
        sa.UniqueConstraint("answer_id", "criterion", name=op.f("uq_training_marks_answer_id_criterion")),
        sa.UniqueConstraint("dialogue_id", "criterion", name=op.f("uq_training_marks_dialogue_id_criterion")),
    )
    op.create_index(op.f("ix_training_marks_criterion_at"), "training_marks", ["criterion", "at"], unique=False)
    op.create_index(
        op.f("ix_training_marks_user_id_criterion_at"), "training_marks", ["user_id", "criterion", "at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("training_marks")
    op.drop_table("drill_answers")
    op.drop_table("drill_cards")

"""Learning paths, what is learned, and how far somebody is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "learning_versions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("content", ANY_JSON, nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('scenario', 'question', 'drill')", name=op.f("ck_learning_versions_kind")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_learning_versions_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_versions")),
        sa.UniqueConstraint("kind", "code", "content_hash", name=op.f("uq_learning_versions_kind_code_content_hash")),
    )
    op.create_index(
        op.f("ix_learning_versions_conversation_id"), "learning_versions", ["conversation_id"], unique=False
    )
    op.create_table(
        "enrolments",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("path", sa.String(length=100), nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("agreed_by", BIG, nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("ended_why IN ('graduated', 'stopped')", name=op.f("ck_enrolments_ended_why")),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why IS NULL)", name=op.f("ck_enrolments_ended")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_enrolments_agent_id_agents")),
        sa.ForeignKeyConstraint(["agreed_by"], ["users.id"], name=op.f("fk_enrolments_agreed_by_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_enrolments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
    )
    op.create_index(op.f("ix_enrolments_agent_id_id"), "enrolments", ["agent_id", "id"], unique=False)
    op.create_index(op.f("ix_enrolments_agreed_by"), "enrolments", ["agreed_by"], unique=False)
    op.create_index(op.f("ix_enrolments_user_id"), "enrolments", ["user_id"], unique=False)
    op.create_index(
        "uq_enrolments_running",
        "enrolments",
        ["agent_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "lesson_readings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("lesson", sa.String(length=100), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_lesson_readings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_readings")),
        sa.UniqueConstraint(
            "user_id", "lesson", "content_hash", name=op.f("uq_lesson_readings_user_id_lesson_content_hash")
        ),
    )
    op.create_table(
        "learning_texts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('path', 'lesson', 'question', 'paper', 'scenario', 'drill', 'focus')",
            name=op.f("ck_learning_texts_kind"),
        ),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f("ck_learning_texts_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_learning_texts_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_learning_texts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_texts")),
    )
    op.create_index(op.f("ix_learning_texts_conversation_id"), "learning_texts", ["conversation_id"], unique=False)
    op.create_index(
        op.f("ix_learning_texts_kind_code_language_id"),
        "learning_texts",
        ["kind", "code", "language", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_learning_texts_user_id"), "learning_texts", ["user_id"], unique=False)
    op.create_table(
        "step_records",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("enrolment_id", BIG, nullable=False),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("kind IN ('case_review', 'mentor_talk')", name=op.f("ck_step_records_kind")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_step_records_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_step_records_enrolment_id_enrolments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_step_records_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_records")),
    )
    op.create_index(op.f("ix_step_records_conversation_id"), "step_records", ["conversation_id"], unique=False)
    op.create_index(
        op.f("ix_step_records_enrolment_id_step_id"), "step_records", ["enrolment_id", "step", "id"], unique=False
    )
    op.create_index(op.f("ix_step_records_user_id"), "step_records", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("step_records")
    op.drop_table("learning_texts")
    op.drop_table("lesson_readings")
    op.drop_table("enrolments")
    op.drop_table("learning_versions")

"""Mentors, daily logs and problem points."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "daily_logs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_daily_logs_agent_id_agents")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_daily_logs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daily_logs")),
        sa.UniqueConstraint("agent_id", "day", name=op.f("uq_daily_logs_agent_id_day")),
    )
    op.create_index(op.f("ix_daily_logs_day"), "daily_logs", ["day"], unique=False)
    op.create_index(op.f("ix_daily_logs_user_id"), "daily_logs", ["user_id"], unique=False)
    op.create_table(
        "mentorships",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("agent_id", BIG, nullable=False),
        sa.Column("mentor_id", BIG, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("until_day IS NULL OR from_day <= until_day", name=op.f("ck_mentorships_days")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_mentorships_agent_id_agents")),
        sa.ForeignKeyConstraint(["mentor_id"], ["users.id"], name=op.f("fk_mentorships_mentor_id_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mentorships_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorships")),
    )
    op.create_index(op.f("ix_mentorships_agent_id_id"), "mentorships", ["agent_id", "id"], unique=False)
    op.create_index(op.f("ix_mentorships_mentor_id_until_day"), "mentorships", ["mentor_id", "until_day"], unique=False)
    op.create_index(op.f("ix_mentorships_user_id"), "mentorships", ["user_id"], unique=False)
    op.create_index(
        "uq_mentorships_running",
        "mentorships",
        ["agent_id"],
        unique=True,
        sqlite_where=sa.text("until_day IS NULL"),
        postgresql_where=sa.text("until_day IS NULL"),
    )
    op.create_table(
        "dismissed_suggestions",
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("finding_key", sa.String(length=64), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_dismissed_suggestions_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_dismissed_suggestions_user_id_users")),
        sa.PrimaryKeyConstraint("conversation_id", "finding_key", name=op.f("pk_dismissed_suggestions")),
    )
    op.create_index(op.f("ix_dismissed_suggestions_user_id"), "dismissed_suggestions", ["user_id"], unique=False)
    op.create_table(
        "log_chats",
        sa.Column("log_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_log_chats_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["log_id"], ["daily_logs.id"], name=op.f("fk_log_chats_log_id_daily_logs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_log_chats_user_id_users")),
        sa.PrimaryKeyConstraint("log_id", "conversation_id", name=op.f("pk_log_chats")),
    )
    op.create_index(op.f("ix_log_chats_conversation_id"), "log_chats", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_log_chats_user_id"), "log_chats", ["user_id"], unique=False)
    op.create_table(
        "problem_points",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("log_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=True),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("criterion", sa.String(length=100), nullable=True),
        sa.Column("finding_key", sa.String(length=64), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("coaching", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("next_done_at", MOMENT, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "cause IN ('knowledge', 'process', 'system', 'attitude')", name=op.f("ck_problem_points_cause")
        ),
        sa.CheckConstraint("severity IN ('minor', 'major', 'critical')", name=op.f("ck_problem_points_severity")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_problem_points_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(
            ["log_id"], ["daily_logs.id"], name=op.f("fk_problem_points_log_id_daily_logs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_problem_points_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_points")),
    )
    op.create_index(
        op.f("ix_problem_points_conversation_id_finding_key"),
        "problem_points",
        ["conversation_id", "finding_key"],
        unique=False,
    )
    op.create_index(op.f("ix_problem_points_criterion_id"), "problem_points", ["criterion", "id"], unique=False)
    op.create_index(op.f("ix_problem_points_log_id_id"), "problem_points", ["log_id", "id"], unique=False)
    op.create_index(op.f("ix_problem_points_user_id"), "problem_points", ["user_id"], unique=False)
    op.create_table(
        "log_answers",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("log_id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["log_id"], ["daily_logs.id"], name=op.f("fk_log_answers_log_id_daily_logs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["point_id"], ["problem_points.id"], name=op.f("fk_log_answers_point_id_problem_points"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_log_answers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_answers")),
    )
    op.create_index(op.f("ix_log_answers_log_id_id"), "log_answers", ["log_id", "id"], unique=False)
    op.create_index(op.f("ix_log_answers_point_id"), "log_answers", ["point_id"], unique=False)
    op.create_index(op.f("ix_log_answers_user_id"), "log_answers", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("log_answers")
    op.drop_table("problem_points")
    op.drop_table("log_chats")
    op.drop_table("dismissed_suggestions")
    op.drop_table("mentorships")
    op.drop_table("daily_logs")

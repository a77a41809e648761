"""Mock dialogues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("basis", ANY_JSON, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", BIG, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_by", BIG, nullable=True),
        sa.Column("revoked_why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('mock_exam', 'path', 'rubric')", name=op.f("ck_certificates_kind")),
        sa.ForeignKeyConstraint(["issued_by"], ["users.id"], name=op.f("fk_certificates_issued_by_users")),
        sa.ForeignKeyConstraint(["revoked_by"], ["users.id"], name=op.f("fk_certificates_revoked_by_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_certificates_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("number", name=op.f("uq_certificates_number")),
    )
    op.create_index(op.f("ix_certificates_issued_by"), "certificates", ["issued_by"], unique=False)
    op.create_index(op.f("ix_certificates_revoked_by"), "certificates", ["revoked_by"], unique=False)
    op.create_index(op.f("ix_certificates_user_id"), "certificates", ["user_id"], unique=False)
    op.create_table(
        "exam_sittings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("step", sa.String(length=100), nullable=True),
        sa.Column("customer", sa.String(length=10), nullable=False),
        sa.Column("endpoint_id", BIG, nullable=True),
        sa.Column("rubric_version_id", BIG, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.CheckConstraint("customer IN ('script', 'llm')", name=op.f("ck_exam_sittings_customer")),
        sa.CheckConstraint("purpose IN ('exam', 'practice', 'trial')", name=op.f("ck_exam_sittings_purpose")),
        sa.CheckConstraint(
            "verdict IN ('passed', 'failed', 'unscored', 'void')", name=op.f("ck_exam_sittings_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["llm_endpoints.id"], name=op.f("fk_exam_sittings_endpoint_id_llm_endpoints")
        ),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_versions.id"],
            name=op.f("fk_exam_sittings_rubric_version_id_rubric_versions"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exam_sittings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_sittings")),
    )
    op.create_index(op.f("ix_exam_sittings_ended_at"), "exam_sittings", ["ended_at"], unique=False)
    op.create_index(op.f("ix_exam_sittings_endpoint_id"), "exam_sittings", ["endpoint_id"], unique=False)
    op.create_index(op.f("ix_exam_sittings_rubric_version_id"), "exam_sittings", ["rubric_version_id"], unique=False)
    op.create_index(op.f("ix_exam_sittings_user_id_id"), "exam_sittings", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_exam_sittings_running",
        "exam_sittings",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "exam_dialogues",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("sitting_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version_id", BIG, nullable=False),
        sa.Column("scenario", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("seed", BIG, nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("deadline_at", MOMENT, nullable=False),
        sa.Column("state", ANY_JSON, nullable=False),
        sa.Column("state_count", sa.Integer(), nullable=False),
        sa.Column("paused_seconds", sa.Double(), nullable=False),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.Column("void_why", sa.String(length=60), nullable=True),
        sa.Column("service_score", sa.Double(), nullable=True),
        sa.Column("task_score", sa.Double(), nullable=True),
        sa.Column("has_critical", sa.Boolean(), nullable=False),
        sa.Column("needs_mentor", sa.Boolean(), nullable=False),
        sa.Column("machine_verdict", sa.String(length=20), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("result", ANY_JSON, nullable=True),
        sa.CheckConstraint(
            "ending IN ('solved', 'left', 'time_out', 'stopped', 'void')", name=op.f("ck_exam_dialogues_ending")
        ),
        sa.CheckConstraint(
            "machine_verdict IN ('passed', 'failed', 'unscored', 'void')",
            name=op.f("ck_exam_dialogues_machine_verdict"),
        ),
        sa.CheckConstraint(
            "verdict IN ('passed', 'failed', 'unscored', 'void')", name=op.f("ck_exam_dialogues_verdict")
        ),
        sa.ForeignKeyConstraint(
            ["sitting_id"],
            ["exam_sittings.id"],
            name=op.f("fk_exam_dialogues_sitting_id_exam_sittings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["learning_versions.id"], name=op.f("fk_exam_dialogues_version_id_learning_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_dialogues")),
        sa.UniqueConstraint("sitting_id", "place", name=op.f("uq_exam_dialogues_sitting_id_place")),
    )
    op.create_index(
        op.f("ix_exam_dialogues_ended_at_deadline_at"), "exam_dialogues", ["ended_at", "deadline_at"], unique=False
    )
    op.create_index(op.f("ix_exam_dialogues_kind_ended_at"), "exam_dialogues", ["kind", "ended_at"], unique=False)
    op.create_index(
        op.f("ix_exam_dialogues_scenario_ended_at"), "exam_dialogues", ["scenario", "ended_at"], unique=False
    )
    op.create_index(op.f("ix_exam_dialogues_version_id"), "exam_dialogues", ["version_id"], unique=False)
    op.create_table(
        "exam_calls",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("dialogue_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("fault", sa.String(length=100), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("money_micros", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_exam_calls_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_calls")),
    )
    op.create_index(op.f("ix_exam_calls_dialogue_id_id"), "exam_calls", ["dialogue_id", "id"], unique=False)
    op.create_table(
        "exam_drafts",
        sa.Column("dialogue_id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_exam_drafts_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dialogue_id", name=op.f("pk_exam_drafts")),
    )
    op.create_table(
        "exam_messages",
        sa.Column("dialogue_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at_seconds", sa.Integer(), nullable=False),
        sa.Column("sent_key", sa.String(length=40), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("by IN ('candidate', 'customer')", name=op.f("ck_exam_messages_by")),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_exam_messages_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("dialogue_id", "number", name=op.f("pk_exam_messages")),
        sa.UniqueConstraint("dialogue_id", "sent_key", name=op.f("uq_exam_messages_dialogue_id_sent_key")),
    )
    op.create_table(
        "exam_pauses",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("dialogue_id", BIG, nullable=False),
        sa.Column("why", sa.String(length=60), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_exam_pauses_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_pauses")),
    )
    op.create_index(op.f("ix_exam_pauses_dialogue_id_id"), "exam_pauses", ["dialogue_id", "id"], unique=False)
    op.create_table(
        "exam_rulings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("dialogue_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("decision", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('criterion', 'task', 'unread', 'verdict', 'comment')", name=op.f("ck_exam_rulings_kind")
        ),
        sa.ForeignKeyConstraint(
            ["dialogue_id"],
            ["exam_dialogues.id"],
            name=op.f("fk_exam_rulings_dialogue_id_exam_dialogues"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exam_rulings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_rulings")),
    )
    op.create_index(op.f("ix_exam_rulings_dialogue_id_id"), "exam_rulings", ["dialogue_id", "id"], unique=False)
    op.create_index(op.f("ix_exam_rulings_user_id"), "exam_rulings", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("exam_rulings")
    op.drop_table("exam_pauses")
    op.drop_table("exam_messages")
    op.drop_table("exam_drafts")
    op.drop_table("exam_calls")
    op.drop_table("exam_dialogues")
    op.drop_table("exam_sittings")
    op.drop_table("certificates")

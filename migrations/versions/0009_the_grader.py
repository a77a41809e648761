"""Questions to language models: endpoints, runs, calls, answers, grades, spending and trust."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "llm_endpoints",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("preset", sa.String(length=100), nullable=True),
        sa.Column("base_url", sa.String(length=500), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("api_key", sa.Text(), nullable=False),
        sa.Column("input_price", sa.String(length=40), nullable=True),
        sa.Column("output_price", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("options", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_endpoints")),
        sa.UniqueConstraint("name", name=op.f("uq_llm_endpoints_name")),
    )
    op.create_table(
        "llm_spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("endpoint", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("rubric", sa.String(length=100), nullable=False),
        sa.Column("question", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("call_count", sa.Double(), nullable=False),
        sa.Column("fault_count", sa.Double(), nullable=False),
        sa.Column("prompt_tokens", BIG, nullable=False),
        sa.Column("completion_tokens", BIG, nullable=False),
        sa.Column("money_micros", BIG, nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "endpoint", "model", "rubric", "question", "currency", name=op.f("pk_llm_spending")
        ),
    )
    op.create_table(
        "grading_runs",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("job_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("endpoint_id", BIG, nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("wanted", ANY_JSON, nullable=False),
        sa.Column("questions", ANY_JSON, nullable=False),
        sa.Column("caps", ANY_JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("ended_why", sa.String(length=60), nullable=True),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("skipped_count", sa.Integer(), nullable=False),
        sa.Column("call_count", sa.Integer(), nullable=False),
        sa.Column("token_count", BIG, nullable=False),
        sa.Column("money_micros", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('one', 'list', 'plan')", name=op.f("ck_grading_runs_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'stopped', 'cancelled')", name=op.f("ck_grading_runs_state")
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["llm_endpoints.id"], name=op.f("fk_grading_runs_endpoint_id_llm_endpoints")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grading_runs_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grading_runs")),
    )
    op.create_index(op.f("ix_grading_runs_endpoint_id"), "grading_runs", ["endpoint_id"], unique=False)
    op.create_index(op.f("ix_grading_runs_job_id"), "grading_runs", ["job_id"], unique=False)
    op.create_index(op.f("ix_grading_runs_user_id"), "grading_runs", ["user_id"], unique=False)
    op.create_table(
        "llm_trust",
        sa.Column("prompt", sa.String(length=100), nullable=False),
        sa.Column("question_hash", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("is_earned", sa.Boolean(), nullable=False),
        sa.Column("is_held_back", sa.Boolean(), nullable=False),
        sa.Column("pair_count", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=True),
        sa.Column("kappa", sa.Double(), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", BIG, nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_llm_trust_changed_by_users")),
        sa.PrimaryKeyConstraint("prompt", "question_hash", "model", name=op.f("pk_llm_trust")),
    )
    op.create_index(op.f("ix_llm_trust_changed_by"), "llm_trust", ["changed_by"], unique=False)
    op.create_table(
        "grading_items",
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'skipped')", name=op.f("ck_grading_items_state")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_grading_items_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["grading_runs.id"], name=op.f("fk_grading_items_run_id_grading_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "place", name=op.f("pk_grading_items")),
    )
    op.create_index(op.f("ix_grading_items_conversation_id"), "grading_items", ["conversation_id"], unique=False)
    op.create_index(
        op.f("ix_grading_items_run_id_state_place"), "grading_items", ["run_id", "state", "place"], unique=False
    )
    op.create_table(
        "llm_calls",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("criteria", ANY_JSON, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("answered_by", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("parameters", ANY_JSON, nullable=False),
        sa.Column("is_repair", sa.Boolean(), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("money_micros", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("fault", sa.String(length=100), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_llm_calls_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["grading_runs.id"], name=op.f("fk_llm_calls_run_id_grading_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_calls")),
    )
    op.create_index(op.f("ix_llm_calls_conversation_id_id"), "llm_calls", ["conversation_id", "id"], unique=False)
    op.create_index(op.f("ix_llm_calls_run_id_id"), "llm_calls", ["run_id", "id"], unique=False)
    op.create_table(
        "sent_texts",
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_sent_texts_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "hash", name=op.f("pk_sent_texts")),
    )
    op.create_table(
        "gradings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scored_share", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("most_change", sa.Double(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("signs", ANY_JSON, nullable=False),
        sa.Column("text_hashes", ANY_JSON, nullable=False),
        sa.Column("call_count", sa.Integer(), nullable=False),
        sa.Column("token_count", sa.Integer(), nullable=False),
        sa.Column("money_micros", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name=op.f("fk_gradings_audit_id_audits")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_gradings_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["run_id"], ["grading_runs.id"], name=op.f("fk_gradings_run_id_grading_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gradings")),
    )
    op.create_index(op.f("ix_gradings_audit_id"), "gradings", ["audit_id"], unique=False)
    op.create_index(op.f("ix_gradings_conversation_id_id"), "gradings", ["conversation_id", "id"], unique=False)
    op.create_index(op.f("ix_gradings_run_id"), "gradings", ["run_id"], unique=False)
    op.create_table(
        "llm_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("call_id", BIG, nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("answer", ANY_JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["llm_calls.id"], name=op.f("fk_llm_answers_call_id_llm_calls"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_llm_answers_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_llm_answers")),
    )
    op.create_index(op.f("ix_llm_answers_call_id"), "llm_answers", ["call_id"], unique=False)
    op.create_index(op.f("ix_llm_answers_conversation_id"), "llm_answers", ["conversation_id"], unique=False)
    op.create_table(
        "grades",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("grading_id", BIG, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("prompt", sa.String(length=100), nullable=False),
        sa.Column("question_hash", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=200), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("problem", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", ANY_JSON, nullable=False),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("parts_read", sa.Integer(), nullable=False),
        sa.Column("dropped_count", sa.Integer(), nullable=False),
        sa.Column("is_recalled", sa.Boolean(), nullable=False),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("counts_as", sa.String(length=20), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("verdict IN ('yes', 'no', 'not_applicable', 'unsure')", name=op.f("ck_grades_verdict")),
        sa.CheckConstraint(
            "counts_as IN ('pass', 'fail', 'not_applicable', 'unscored')", name=op.f("ck_grades_counts_as")
        ),
        sa.ForeignKeyConstraint(
            ["grading_id"], ["gradings.id"], name=op.f("fk_grades_grading_id_gradings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grades")),
        sa.UniqueConstraint("grading_id", "criterion", name=op.f("uq_grades_grading_id_criterion")),
    )
    op.create_index(
        op.f("ix_grades_conversation_id_criterion"), "grades", ["conversation_id", "criterion"], unique=False
    )
    op.create_index(
        op.f("ix_grades_prompt_question_hash_model_id"),
        "grades",
        ["prompt", "question_hash", "model", "id"],
        unique=False,
    )
    op.add_column("shops", sa.Column("forbids_llm", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("shops", "forbids_llm")
    op.drop_index(op.f("ix_grades_prompt_question_hash_model_id"), table_name="grades")
    op.drop_index(op.f("ix_grades_conversation_id_criterion"), table_name="grades")
    op.drop_table("grades")
    op.drop_index(op.f("ix_llm_answers_conversation_id"), table_name="llm_answers")
    op.drop_index(op.f("ix_llm_answers_call_id"), table_name="llm_answers")
    op.drop_table("llm_answers")
    op.drop_index(op.f("ix_gradings_run_id"), table_name="gradings")
    op.drop_index(op.f("ix_gradings_conversation_id_id"), table_name="gradings")
    op.drop_index(op.f("ix_gradings_audit_id"), table_name="gradings")
    op.drop_table("gradings")
    op.drop_table("sent_texts")
    op.drop_index(op.f("ix_llm_calls_run_id_id"), table_name="llm_calls")
    op.drop_index(op.f("ix_llm_calls_conversation_id_id"), table_name="llm_calls")
    op.drop_table("llm_calls")
    op.drop_index(op.f("ix_grading_items_run_id_state_place"), table_name="grading_items")
    op.drop_index(op.f("ix_grading_items_conversation_id"), table_name="grading_items")
    op.drop_table("grading_items")
    op.drop_index(op.f("ix_llm_trust_changed_by"), table_name="llm_trust")
    op.drop_table("llm_trust")
    op.drop_index(op.f("ix_grading_runs_user_id"), table_name="grading_runs")
    op.drop_index(op.f("ix_grading_runs_job_id"), table_name="grading_runs")
    op.drop_index(op.f("ix_grading_runs_endpoint_id"), table_name="grading_runs")
    op.drop_table("grading_runs")
    op.drop_table("llm_spending")
    op.drop_table("llm_endpoints")

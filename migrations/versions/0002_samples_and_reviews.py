"""Plans that draw samples, work items that say how they were drawn, reviews with their rulings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)

STATES = "state IN ('open', 'draft', 'done', 'replaced', 'taken_back')"
OLD_STATES = "state IN ('open', 'draft', 'done', 'taken_back')"
DRAWS = "draw IN ('random', 'priority', 'chosen')"
RULINGS = "kind IN ('confirm', 'overrule', 'not_applicable', 'not_the_agent', 'answer')"
CAUSES = "cause IN ('system', 'warehouse', 'rule', 'customer', 'other')"
NOTES = "kind IN ('note', 'comment', 'praise', 'reply')"


def upgrade() -> None:
    op.create_table(
        "sample_plans",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("method", ANY_JSON, nullable=False),
        sa.Column("inspectors", ANY_JSON, nullable=False),
        sa.Column("cycle", sa.String(length=10), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("seed", BIG, nullable=False),
        sa.Column("due_days", sa.Integer(), nullable=False),
        sa.Column("is_blind", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("cycle IN ('once', 'daily', 'weekly')", name=op.f("ck_sample_plans_cycle")),
        sa.CheckConstraint("state IN ('active', 'paused', 'ended')", name=op.f("ck_sample_plans_state")),
        sa.CheckConstraint("hour >= 0 AND hour <= 23", name=op.f("ck_sample_plans_hour")),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_sample_plans_weekday")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sample_plans_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample_plans")),
    )
    op.create_index(op.f("ix_sample_plans_user_id"), "sample_plans", ["user_id"])
    op.create_index(op.f("ix_sample_plans_state_next_at"), "sample_plans", ["state", "next_at"])

    with op.batch_alter_table("samples") as samples:
        samples.add_column(sa.Column("plan_id", BIG, nullable=True))
        samples.add_column(sa.Column("cycle_key", sa.String(length=20), nullable=True))
        samples.add_column(sa.Column("pool_count", sa.Integer(), nullable=False, server_default="0"))
        samples.create_foreign_key(op.f("fk_samples_plan_id_sample_plans"), "sample_plans", ["plan_id"], ["id"])
        samples.create_unique_constraint(op.f("uq_samples_plan_id_cycle_key"), ["plan_id", "cycle_key"])

    with op.batch_alter_table("work_items") as items:
        items.alter_column("user_id", existing_type=BIG, nullable=True)
        items.add_column(sa.Column("draw", sa.String(length=10), nullable=False, server_default="chosen"))
        items.add_column(sa.Column("is_blind", sa.Boolean(), nullable=False, server_default=sa.false()))
        items.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        items.add_column(sa.Column("opened_at", MOMENT, nullable=True))
        items.add_column(sa.Column("saved_at", MOMENT, nullable=True))
        items.add_column(sa.Column("replaced_by_id", BIG, nullable=True))
        items.add_column(sa.Column("replaced_why", sa.Text(), nullable=True))
        items.drop_constraint(op.f("ck_work_items_state"), type_="check")
        items.create_check_constraint(op.f("ck_work_items_state"), STATES)
        items.create_check_constraint(op.f("ck_work_items_draw"), DRAWS)
        items.create_unique_constraint(
            op.f("uq_work_items_sample_id_conversation_id"), ["sample_id", "conversation_id"]
        )
        items.create_foreign_key(
            op.f("fk_work_items_replaced_by_id_work_items"), "work_items", ["replaced_by_id"], ["id"]
        )
        items.drop_index(op.f("ix_work_items_user_id_state_due_at"))
        items.drop_index(op.f("ix_work_items_sample_id"))
        items.create_index(op.f("ix_work_items_user_id_state_due_at_id"), ["user_id", "state", "due_at", "id"])
        items.create_index(op.f("ix_work_items_state_due_at_id"), ["state", "due_at", "id"])
        items.create_index(op.f("ix_work_items_replaced_by_id"), ["replaced_by_id"])

    op.create_table(
        "reviews",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("conversation_id", BIG, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("audit_id", BIG, nullable=False),
        sa.Column("work_item_id", BIG, nullable=True),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("agent_id", BIG, nullable=True),
        sa.Column("draw", sa.String(length=10), nullable=False),
        sa.Column("was_blind", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scored_share", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("machine_score", sa.Double(), nullable=True),
        sa.Column("machine_verdict", sa.String(length=20), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.CheckConstraint(DRAWS, name=op.f("ck_reviews_draw")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_reviews_agent_id_agents")),
        sa.ForeignKeyConstraint(["audit_id"], ["audits.id"], name=op.f("fk_reviews_audit_id_audits")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_reviews_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reviews_user_id_users")),
        sa.ForeignKeyConstraint(["work_item_id"], ["work_items.id"], name=op.f("fk_reviews_work_item_id_work_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("work_item_id", name=op.f("uq_reviews_work_item_id")),
    )
    for columns in (
        ["audit_id"], ["conversation_id", "id"], ["agent_id", "created_at", "id"], ["user_id", "created_at", "id"],
        ["created_at", "id"],
    ):  # fmt: skip
        op.create_index(op.f(f"ix_reviews_{'_'.join(columns)}"), "reviews", columns)

    with op.batch_alter_table("rulings") as rulings:
        rulings.add_column(sa.Column("review_id", BIG, nullable=True))
        rulings.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default="overrule"))
        rulings.add_column(sa.Column("points", sa.Double(), nullable=True))
        rulings.add_column(sa.Column("cause", sa.String(length=20), nullable=True))
        rulings.add_column(sa.Column("agent_id", BIG, nullable=True))
        rulings.create_foreign_key(
            op.f("fk_rulings_review_id_reviews"), "reviews", ["review_id"], ["id"], ondelete="CASCADE"
        )
        rulings.create_foreign_key(op.f("fk_rulings_agent_id_agents"), "agents", ["agent_id"], ["id"])
        rulings.create_unique_constraint(op.f("uq_rulings_review_id_criterion"), ["review_id", "criterion"])
        rulings.create_check_constraint(op.f("ck_rulings_kind"), RULINGS)
        rulings.create_check_constraint(op.f("ck_rulings_cause"), CAUSES)
        rulings.create_index(op.f("ix_rulings_agent_id"), ["agent_id"])
        rulings.create_index(op.f("ix_rulings_criterion_decided_at"), ["criterion", "decided_at"])

    op.create_table(
        "finding_rulings",
        sa.Column("review_id", BIG, nullable=False),
        sa.Column("finding_id", BIG, nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_finding_rulings_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_finding_rulings_finding_id_findings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "finding_id", name=op.f("pk_finding_rulings")),
    )
    op.create_index(op.f("ix_finding_rulings_finding_id"), "finding_rulings", ["finding_id"])

    op.create_table(
        "added_findings",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("review_id", BIG, nullable=False),
        sa.Column("criterion", sa.String(length=100), nullable=False),
        sa.Column("message_number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_added_findings_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_added_findings")),
    )
    op.create_index(op.f("ix_added_findings_review_id"), "added_findings", ["review_id"])

    with op.batch_alter_table("notes") as notes:
        notes.add_column(sa.Column("kind", sa.String(length=10), nullable=False, server_default="note"))
        notes.add_column(sa.Column("review_id", BIG, nullable=True))
        notes.create_foreign_key(
            op.f("fk_notes_review_id_reviews"), "reviews", ["review_id"], ["id"], ondelete="CASCADE"
        )
        notes.create_check_constraint(op.f("ck_notes_kind"), NOTES)
        notes.create_index(op.f("ix_notes_review_id"), ["review_id"])

    op.add_column("conversations", sa.Column("review_id", BIG, nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "review_id")
    op.execute("DELETE FROM notes WHERE kind <> 'note'")
    with op.batch_alter_table("notes") as notes:
        notes.drop_index(op.f("ix_notes_review_id"))
        notes.drop_constraint(op.f("ck_notes_kind"), type_="check")
        notes.drop_constraint(op.f("fk_notes_review_id_reviews"), type_="foreignkey")
        notes.drop_column("review_id")
        notes.drop_column("kind")
    op.drop_table("added_findings")
    op.drop_table("finding_rulings")
    with op.batch_alter_table("rulings") as rulings:
        rulings.drop_index(op.f("ix_rulings_agent_id"))
        rulings.drop_index(op.f("ix_rulings_criterion_decided_at"))
        for name in ("kind", "cause"):
            rulings.drop_constraint(op.f(f"ck_rulings_{name}"), type_="check")
        rulings.drop_constraint(op.f("uq_rulings_review_id_criterion"), type_="unique")
        rulings.drop_constraint(op.f("fk_rulings_agent_id_agents"), type_="foreignkey")
        rulings.drop_constraint(op.f("fk_rulings_review_id_reviews"), type_="foreignkey")
        for name in ("agent_id", "cause", "points", "kind", "review_id"):
            rulings.drop_column(name)
    op.drop_table("reviews")
    # What nobody has yet, or was replaced, has no place in the form before.
    op.execute(
        "UPDATE rulings SET work_item_id = NULL WHERE work_item_id IN (SELECT id FROM work_items WHERE user_id IS NULL)"
    )
    op.execute("UPDATE work_items SET replaced_by_id = NULL")
    op.execute("DELETE FROM work_items WHERE user_id IS NULL")
    op.execute("UPDATE work_items SET state = 'taken_back' WHERE state = 'replaced'")
    with op.batch_alter_table("work_items") as items:
        items.drop_index(op.f("ix_work_items_replaced_by_id"))
        items.drop_index(op.f("ix_work_items_state_due_at_id"))
        items.drop_index(op.f("ix_work_items_user_id_state_due_at_id"))
        items.drop_constraint(op.f("fk_work_items_replaced_by_id_work_items"), type_="foreignkey")
        items.drop_constraint(op.f("uq_work_items_sample_id_conversation_id"), type_="unique")
        items.drop_constraint(op.f("ck_work_items_draw"), type_="check")
        items.drop_constraint(op.f("ck_work_items_state"), type_="check")
        items.create_check_constraint(op.f("ck_work_items_state"), OLD_STATES)
        for name in ("replaced_why", "replaced_by_id", "saved_at", "opened_at", "version", "is_blind", "draw"):
            items.drop_column(name)
        items.alter_column("user_id", existing_type=BIG, nullable=False)
        items.create_index(op.f("ix_work_items_user_id_state_due_at"), ["user_id", "state", "due_at"])
        items.create_index(op.f("ix_work_items_sample_id"), ["sample_id"])
    with op.batch_alter_table("samples") as samples:
        samples.drop_constraint(op.f("uq_samples_plan_id_cycle_key"), type_="unique")
        samples.drop_constraint(op.f("fk_samples_plan_id_sample_plans"), type_="foreignkey")
        for name in ("pool_count", "cycle_key", "plan_id"):
            samples.drop_column(name)
    op.drop_table("sample_plans")

"""Learned risk: models of teams, and which of them a conversation's risk comes from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "risk_models",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("team_id", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("trained_at", MOMENT, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("ruled_count", sa.Integer(), nullable=False),
        sa.Column("example_count", sa.Integer(), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("features_version", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("figures", ANY_JSON, nullable=False),
        sa.Column("signs", ANY_JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'off', 'superseded')", name=op.f("ck_risk_models_state")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_risk_models_team_id_teams")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_risk_models_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_models")),
        sa.UniqueConstraint("team_id", "version", name=op.f("uq_risk_models_team_id_version")),
    )
    op.create_index(op.f("ix_risk_models_state_team_id"), "risk_models", ["state", "team_id"])
    op.create_index(op.f("ix_risk_models_user_id"), "risk_models", ["user_id"])
    op.add_column("conversations", sa.Column("risk_model_id", BIG, nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "risk_model_id")
    op.drop_index(op.f("ix_risk_models_user_id"), table_name="risk_models")
    op.drop_index(op.f("ix_risk_models_state_team_id"), table_name="risk_models")
    op.drop_table("risk_models")

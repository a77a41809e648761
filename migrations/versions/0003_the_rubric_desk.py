"""The rubric desk: drafts, releases from a date, replays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ANY_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def _user(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}_users"))


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rubric_drafts",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("base_hash", sa.String(64), nullable=False),
        sa.Column("files", ANY_JSON, nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", BIG, nullable=True),
        sa.Column("changed_by", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("state IN ('open', 'published', 'dropped')", name=op.f("ck_rubric_drafts_state")),
        _user("rubric_drafts", "author_id"),
        _user("rubric_drafts", "changed_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_drafts")),
    )
    op.create_index(op.f("ix_rubric_drafts_code_state_id"), "rubric_drafts", ["code", "state", "id"])
    op.create_index(op.f("ix_rubric_drafts_author_id"), "rubric_drafts", ["author_id"])
    op.create_index(op.f("ix_rubric_drafts_changed_by"), "rubric_drafts", ["changed_by"])
    op.create_table(
        "rubric_releases",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rubric_version_id", BIG, nullable=False),
        sa.Column("effective_from", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("draft_id", BIG, nullable=True),
        sa.Column("published_by", BIG, nullable=True),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_version_id"],
            ["rubric_versions.id"],
            name=op.f("fk_rubric_releases_rubric_version_id_rubric_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["rubric_drafts.id"], name=op.f("fk_rubric_releases_draft_id_rubric_drafts")
        ),
        _user("rubric_releases", "published_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_releases")),
        sa.UniqueConstraint("code", "number", name=op.f("uq_rubric_releases_code_number")),
    )
    op.create_index(
        op.f("ix_rubric_releases_code_effective_from_id"), "rubric_releases", ["code", "effective_from", "id"]
    )
    for column in ("rubric_version_id", "draft_id", "published_by"):
        op.create_index(op.f(f"ix_rubric_releases_{column}"), "rubric_releases", [column])
    op.create_table(
        "rubric_replays",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("files", ANY_JSON, nullable=False),
        sa.Column("started_since", MOMENT, nullable=False),
        sa.Column("started_until", MOMENT, nullable=False),
        sa.Column("shop_id", BIG, nullable=True),
        sa.Column("job_id", BIG, nullable=True),
        sa.Column("result", ANY_JSON, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("asked_by", BIG, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["rubric_drafts.id"], name=op.f("fk_rubric_replays_draft_id_rubric_drafts")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_rubric_replays_shop_id_shops")),
        _user("rubric_replays", "asked_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_replays")),
    )
    op.create_index(op.f("ix_rubric_replays_draft_id_id"), "rubric_replays", ["draft_id", "id"])
    for column in ("shop_id", "asked_by"):
        op.create_index(op.f(f"ix_rubric_replays_{column}"), "rubric_replays", [column])


def downgrade() -> None:
    """Drop the tables, and with them all indexes."""
    op.drop_table("rubric_replays")
    op.drop_table("rubric_releases")
    op.drop_table("rubric_drafts")

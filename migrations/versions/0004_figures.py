"""Daily figures for dashboards; all days that hold conversations are due."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and say that everything is to be counted."""
    op.create_table(
        "figure_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_figure_days_shop_id_shops")),
        sa.PrimaryKeyConstraint("day", "shop_id", name=op.f("pk_figure_days")),
    )
    op.create_index(op.f("ix_figure_days_shop_id_day"), "figure_days", ["shop_id", "day"])
    due = op.create_table(
        "figure_days_due",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("shop_id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_figure_days_due_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_days_due")),
    )
    op.create_index(op.f("ix_figure_days_due_shop_id_day"), "figure_days_due", ["shop_id", "day"])
    _all_due(due)


def _all_due(due: sa.Table) -> None:
    """Every day between a shop's first and last conversation, and one more at either end: shops have zones."""
    asked = sa.text("SELECT shop_id, min(started_at), max(started_at) FROM conversations GROUP BY shop_id")
    rows = []
    for shop_id, first, last in op.get_bind().execute(asked):
        day, end = _day(first) - timedelta(days=1), _day(last) + timedelta(days=1)
        while day <= end:
            rows.append({"shop_id": shop_id, "day": day})
            day += timedelta(days=1)
    if rows:
        op.bulk_insert(due, rows)


def _day(value: datetime | str) -> date:
    return date.fromisoformat(str(value)[:10])


def downgrade() -> None:
    """They follow from other tables."""
    op.drop_table("figure_days_due")
    op.drop_table("figure_days")

"""A stamp for every day's figures: a number of its own for every body there ever was."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("figure_days", sa.Column("stamp", BIG, nullable=True))
    days = sa.table("figure_days", sa.column("day", sa.Date()), sa.column("shop_id", BIG), sa.column("stamp", BIG))
    bind = op.get_bind()
    for day, shop_id in bind.execute(sa.select(days.c.day, days.c.shop_id)).all():
        own = sa.and_(days.c.day == day, days.c.shop_id == shop_id)
        bind.execute(days.update().where(own).values(stamp=secrets.randbits(62)))
    with op.batch_alter_table("figure_days") as table:
        table.alter_column("stamp", existing_type=BIG, nullable=False)
    op.create_index(op.f("ix_figure_days_day_shop_id_stamp"), "figure_days", ["day", "shop_id", "stamp"])


def downgrade() -> None:
    op.drop_index(op.f("ix_figure_days_day_shop_id_stamp"), table_name="figure_days")
    with op.batch_alter_table("figure_days") as table:
        table.drop_column("stamp")

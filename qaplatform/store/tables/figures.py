"""Daily figures that dashboards read instead of conversations, and the days whose figures are due to be counted anew."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key


class FigureDay(Base):
    """All figures of the conversations of a shop that began on one of its local days; it follows from other tables.

    ``body`` holds them as columns (``services/figure_cells.py``): a dashboard over many agents and topics would otherwise
    read nearly as many rows as there are conversations.
    """

    __tablename__ = "figure_days"
    __table_args__ = (Index(None, "shop_id", "day"), Index(None, "day", "shop_id", "stamp"))

    day: Mapped[date] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"), primary_key=True)
    counted_at: Mapped[datetime]
    stamp: Mapped[int] = mapped_column(BIG)
    """A number of its own for every body there ever was: whoever has read a body tells by it whether it still holds."""
    body: Mapped[bytes] = mapped_column(LargeBinary)


class FigureDayDue(Base):
    """A shop's local day in which something has changed; written in the transaction that changed it.

    The same day may stand here many times: each row is taken away by whoever counted after having seen it, so that what
    a longer transaction changed meanwhile is never lost.
    """

    __tablename__ = "figure_days_due"
    __table_args__ = (Index(None, "shop_id", "day"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    day: Mapped[date]

"""What a shop's audits must know beside the conversations: clock bands, days apart, return addresses."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key


class ClockBandRow(Base):
    """A part of the local day and the reply limit in it; without a shop it holds for all that have none of their own."""

    __tablename__ = "clock_bands"
    __table_args__ = (
        CheckConstraint("start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440", "minutes"),
        UniqueConstraint("shop_id", "start_minute"),
    )

    id: Mapped[Key]
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    on_duty: Mapped[bool] = mapped_column(default=True)
    limit_seconds: Mapped[float] = mapped_column(default=60.0)
    promotion_limit_seconds: Mapped[float | None]


class CalendarDay(Base):
    """A promotion day or a holiday, of one shop or of all."""

    __tablename__ = "calendar_days"
    __table_args__ = (
        CheckConstraint("kind IN ('promotion', 'holiday')", "kind"),
        UniqueConstraint("shop_id", "day", "kind"),
        Index(None, "day"),
    )

    id: Mapped[Key]
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")


class ReturnAddress(Base):
    """An address customers may send goods back to."""

    __tablename__ = "return_addresses"

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    text: Mapped[str] = mapped_column(Text)

"""What a shop's audits must know beside the conversations: clock bands, days apart, who works when, return addresses."""

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


class RosterRow(Base):
    """An agent's working hours on a day or on every such weekday; without a shop for all that have no roster of their own.

    ``end_minute`` may pass 1440: a night shift runs into the next day.
    """

    __tablename__ = "roster_entries"
    __table_args__ = (
        CheckConstraint("start_minute >= 0 AND start_minute < end_minute AND end_minute <= 2880", "minutes"),
        CheckConstraint("(day IS NULL) <> (weekday IS NULL) AND (weekday IS NULL OR weekday BETWEEN 0 AND 6)", "day"),
        Index(None, "shop_id", "day"),
    )

    id: Mapped[Key]
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"))
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"), index=True)
    day: Mapped[date | None]
    weekday: Mapped[int | None]
    """0 = Monday."""
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    shift: Mapped[str | None] = mapped_column(String(60))

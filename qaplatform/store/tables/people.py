"""Shops, teams, departments, the people who write to customers, and the platform accounts they write under."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Key, Name


class Shop(Base):
    """A shop; ``code`` is the name conversations call it by."""

    __tablename__ = "shops"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    shop_class: Mapped[str] = mapped_column(String(10), default="B", server_default="B")
    timezone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai", server_default="Asia/Shanghai")
    text_retention_days: Mapped[int | None]
    """So many days after its last message a conversation's text is purged; ``None`` = kept."""
    watched_folder: Mapped[str | None] = mapped_column(String(1000))
    forbids_llm: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Nothing of its conversations is ever sent to a language model."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Team(Base):
    """A team of agents; it may serve several shops."""

    __tablename__ = "teams"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class DepartmentRow(Base):
    """A department that can end a problem, with the person there who is named as its contact."""

    __tablename__ = "departments"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    contact_name: Mapped[str | None] = mapped_column(String(200))
    contact_way: Mapped[str | None] = mapped_column(String(300))


class AgentRow(Base):
    """A person who writes to customers; ``code`` is the id of context files."""

    __tablename__ = "agents"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    team_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("teams.id"), index=True)
    line: Mapped[str | None] = mapped_column(String(20))
    level: Mapped[str | None] = mapped_column(String(20))
    hired_on: Mapped[date | None]
    left_on: Mapped[date | None]
    created_at: Mapped[datetime]


class Account(Base):
    """A sub-account of a shop on its platform, as it stands in conversations."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("shop_id", "name"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    name: Mapped[Name]


class AccountHolder(Base):
    """Who writes under an account, in which days (half-open) and, for shared accounts, in which minutes of the day.

    A shift may pass midnight: then ``end_minute`` is greater than 1440, and the minutes after midnight belong to the day
    on which it began.
    """

    __tablename__ = "account_holders"
    __table_args__ = (
        CheckConstraint("from_day IS NULL OR until_day IS NULL OR from_day < until_day", "days"),
        CheckConstraint("start_minute < end_minute AND start_minute >= 0 AND end_minute <= 2880", "minutes"),
        Index(None, "account_id", "from_day"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(BIG, ForeignKey("accounts.id"))
    agent_id: Mapped[int] = mapped_column(BIG, ForeignKey("agents.id"), index=True)
    from_day: Mapped[date | None]
    until_day: Mapped[date | None]
    start_minute: Mapped[int] = mapped_column(default=0, server_default="0")
    end_minute: Mapped[int] = mapped_column(default=1440, server_default="1440")

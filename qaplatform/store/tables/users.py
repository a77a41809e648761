"""Who signs in, what they may do, their sessions, and the log of what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import ANY_JSON, BIG, Base, Hash, Key, Name


class User(Base):
    """Somebody who can sign in."""

    __tablename__ = "users"

    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(100), unique=True)
    """In lower case."""
    name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(300))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(String(10), default="zh", server_default="zh")
    agent_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("agents.id"), unique=True)
    """The agent this person is, if any."""
    is_demo: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class UserRole(Base):
    """A role, everywhere or in one shop or team only."""

    __tablename__ = "user_roles"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "shop_id", "team_id"),
        CheckConstraint("shop_id IS NULL OR team_id IS NULL", "one_binding"),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("teams.id"), index=True)


class UserSession(Base):
    """A signed-in browser; the token itself is in its cookie only."""

    __tablename__ = "user_sessions"

    id: Mapped[Key]
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The absolute end; idleness may end it before."""


class LoginFailure(Base):
    """A login that failed or is being tried, by account and by address; kept for an hour or so."""

    __tablename__ = "login_failures"
    __table_args__ = (Index(None, "login_hash", "at"), Index(None, "address", "at"), Index(None, "at"))

    id: Mapped[Key]
    login_hash: Mapped[Hash]
    """Of the login as it was typed: people type passwords there by mistake."""
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]


class SavedSearch(Base):
    """Filters of the conversation list that somebody keeps under a name."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[Name]
    query: Mapped[str] = mapped_column(Text)
    """The query string of the list."""
    created_at: Mapped[datetime]


class Activity(Base):
    """The activity log: who did what to which thing. It holds ids only and is only ever added to (triggers see to it)."""

    __tablename__ = "activities"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "action", "at"),
        Index(None, "user_id", "at"),
        Index(None, "shop_id", "at"),
        Index(None, "subject_kind", "subject_id", "at"),
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"))
    """``None`` = the system itself."""
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None] = mapped_column(BIG)
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"))
    details: Mapped[dict[str, Any]]


class Setting(Base):
    """A value the program keeps for itself or an admin has set."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(ANY_JSON, nullable=False)

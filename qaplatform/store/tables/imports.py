"""How conversations came in: imports with their problems, watched files, push tokens and batches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Hash, Key


class Import(Base):
    """One file or batch that was taken in; ``position`` conversations of it are stored, whatever happens next."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("origin IN ('upload', 'command', 'folder', 'push', 'samples')", "origin"),
        CheckConstraint("state IN ('draft', 'waiting', 'running', 'done', 'failed', 'cancelled')", "state"),
        Index(None, "state"),
    )

    id: Mapped[Key]
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    """The shop of conversations that name none; ``None`` = each must name its own."""
    origin: Mapped[str] = mapped_column(String(10))
    file_name: Mapped[str] = mapped_column(String(500))
    file_path: Mapped[str | None] = mapped_column(String(1000))
    """Where the bytes lie in the data folder; ``None`` once they are gone."""
    file_bytes: Mapped[int]
    file_hash: Mapped[Hash]
    options: Mapped[dict[str, Any]]
    """Reading options: kind, columns, zone, gap."""
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    """``draft`` = uploaded, and nobody has said yet how it is to be read."""
    position: Mapped[int] = mapped_column(default=0)
    new_count: Mapped[int] = mapped_column(default=0)
    updated_count: Mapped[int] = mapped_column(default=0)
    same_count: Mapped[int] = mapped_column(default=0)
    older_count: Mapped[int] = mapped_column(default=0)
    """Versions with fewer messages than what is stored."""
    rejected_count: Mapped[int] = mapped_column(default=0)
    message_count: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportProblem(Base):
    """A line that was rejected or noticed, without what stood in it."""

    __tablename__ = "import_problems"
    __table_args__ = (UniqueConstraint("import_id", "place"),)

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(BIG, ForeignKey("imports.id", ondelete="CASCADE"))
    place: Mapped[int]
    """Its place among the import's problems, from 0."""
    rejected: Mapped[bool]
    line: Mapped[int]
    field: Mapped[str] = mapped_column(String(200))
    code: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text)


class WatchedFile(Base):
    """A file seen in a shop's watched folder, by name and content."""

    __tablename__ = "watched_files"
    __table_args__ = (UniqueConstraint("shop_id", "name", "file_hash"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    name: Mapped[str] = mapped_column(String(500))
    file_hash: Mapped[Hash]
    import_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("imports.id"), index=True)
    seen_at: Mapped[datetime]


class PushToken(Base):
    """A shop's right to push conversations; only the hash is kept."""

    __tablename__ = "push_tokens"
    __table_args__ = (
        # Of two tokens in use that have one name nobody could tell which to revoke.
        Index(
            "uq_push_tokens_shop_id_name",
            "shop_id",
            "name",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[Hash] = mapped_column(unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    """Its last characters, to tell tokens apart."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PushBatch(Base):
    """A batch that was pushed: the same key gives the same answer."""

    __tablename__ = "push_batches"
    __table_args__ = (UniqueConstraint("shop_id", "idempotency_key"),)

    id: Mapped[Key]
    shop_id: Mapped[int] = mapped_column(BIG, ForeignKey("shops.id"))
    idempotency_key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[Hash]
    import_id: Mapped[int] = mapped_column(BIG, ForeignKey("imports.id", ondelete="CASCADE"), index=True)
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

"""The rubric desk: drafts of rubrics, releases from a date, and replays of drafts on past conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Hash, Key


class RubricDraft(Base):
    """A change of a rubric that somebody works on; ``files`` hold its whole YAML by path.

    ``version`` is raised by every change: whoever saves says which one they have seen, so that two people cannot
    overwrite each other unseen.
    """

    __tablename__ = "rubric_drafts"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'published', 'dropped')", "state"),
        Index(None, "code", "state", "id"),
    )

    id: Mapped[Key]
    code: Mapped[Code]
    base_hash: Mapped[Hash]
    """The content hash of the version it was begun from."""
    files: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What the change is about, for colleagues."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    version: Mapped[int] = mapped_column(default=1)
    author_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    changed_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class RubricRelease(Base):
    """A version of a rubric that judges conversations which begin at ``effective_from`` or later.

    Releases are only ever added: a rollback is a new release of an old version. Of two from the same moment the one that
    was published later holds.
    """

    __tablename__ = "rubric_releases"
    __table_args__ = (UniqueConstraint("code", "number"), Index(None, "code", "effective_from", "id"))

    id: Mapped[Key]
    code: Mapped[Code]
    number: Mapped[int]
    """Releases of a rubric are counted from 1; of two that are made at the same time one is refused."""
    rubric_version_id: Mapped[int] = mapped_column(BIG, ForeignKey("rubric_versions.id"), index=True)
    effective_from: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What agents are told of it."""
    draft_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("rubric_drafts.id"), index=True)
    """``None``: a rollback."""
    published_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    published_at: Mapped[datetime]
    files: Mapped[dict[str, Any] | None]
    """The YAML by path where it differs from that of the version, which judges the same: other comments or examples."""


class RubricReplay(Base):
    """What a draft, in the state of ``content_hash``, would have said of the conversations of a period."""

    __tablename__ = "rubric_replays"
    __table_args__ = (Index(None, "draft_id", "id"),)

    id: Mapped[Key]
    draft_id: Mapped[int] = mapped_column(BIG, ForeignKey("rubric_drafts.id"))
    content_hash: Mapped[Hash]
    files: Mapped[dict[str, Any]]
    """The draft's files as they were."""
    started_since: Mapped[datetime]
    started_until: Mapped[datetime]
    shop_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("shops.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(BIG)
    """Jobs are tidied away; what came of it stays."""
    result: Mapped[dict[str, Any] | None]
    """Figures and ids, no words."""
    seconds: Mapped[float | None]
    """How long it took."""
    asked_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RubricNotice(Base):
    """Somebody who is judged by a rubric has read what a release of it changes."""

    __tablename__ = "rubric_notices"
    __table_args__ = (UniqueConstraint("release_id", "user_id"),)

    id: Mapped[Key]
    release_id: Mapped[int] = mapped_column(BIG, ForeignKey("rubric_releases.id"))
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    acknowledged_at: Mapped[datetime]

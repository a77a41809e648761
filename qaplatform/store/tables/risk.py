"""Models of risk that teams' rulings have taught."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Key


class RiskModelRow(Base):
    """A version of a team's model, with its figures; what was learned never changes, only the state does."""

    __tablename__ = "risk_models"
    __table_args__ = (
        UniqueConstraint("team_id", "version"),
        CheckConstraint("state IN ('active', 'off', 'superseded')", "state"),
        Index(None, "state", "team_id"),
    )

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BIG, ForeignKey("teams.id"))
    version: Mapped[int]
    """Counts from 1 within the team."""
    trained_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """Who asked for it; ``None`` = it was due."""
    ruled_count: Mapped[int]
    """Ruled chats of the team at that time."""
    example_count: Mapped[int]
    wrong_count: Mapped[int]
    features_version: Mapped[int]
    engine_version: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(40))
    """A code: why it is in this state."""
    figures: Mapped[dict[str, Any]]
    """Cross-validated: of the model and of the rules on the same folds, with intervals."""
    signs: Mapped[list[Any]]
    """The most telling features, in words that five customers at least have used."""
    body: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Arrays (npz); n-grams by hash only."""

"""What leads decided about checks that rulings speak against."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Key


class CheckKept(Base):
    """A proposal to make a criterion a hint that was put aside: it goes on taking points off, for a reason."""

    __tablename__ = "checks_kept"
    __table_args__ = (Index(None, "code", "criterion", "id"),)

    id: Mapped[Key]
    code: Mapped[Code]
    """The rubric's."""
    criterion: Mapped[str] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    decided_at: Mapped[datetime]

"""Shops as conversations call them, and the lock under which conversations of a shop are stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import Shop


@dataclass(frozen=True, slots=True)
class ShopSeen:
    """A shop as intake knows it."""

    id: int
    code: str
    name: str
    timezone: str


def all_shops(session: Session) -> list[ShopSeen]:
    """All shops, by their codes."""
    asked = select(Shop.id, Shop.code, Shop.name, Shop.timezone).order_by(Shop.code)
    return [ShopSeen(*row) for row in session.execute(asked)]


def note_shops(session: Session, codes: Collection[str], *, now: datetime) -> None:
    """Make shops of these codes, named like their codes, unless there are such."""
    rows = [{"code": code, "name": code, "active": True, "created_at": now} for code in sorted(codes)]
    insert_new(session, Shop, rows)


def lock_shops(session: Session, shop_ids: Collection[int]) -> None:
    """Let nobody else store conversations of these shops until the transaction ends.

    Two that store the same conversations would otherwise both find them missing.
    """
    # FOR NO KEY UPDATE: rows that refer to the shop are not kept waiting. SQLite has one lock for everything.
    asked = select(Shop.id).where(Shop.id.in_(sorted(shop_ids))).order_by(Shop.id)
    session.execute(asked.with_for_update(key_share=True)).all()

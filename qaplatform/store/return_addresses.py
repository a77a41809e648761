"""Addresses that a shop's customers may send goods back to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import ReturnAddress


def addresses_of(session: Session, shop_id: int) -> Sequence[str]:
    """A shop's addresses, in the order they were given."""
    return session.scalars(
        select(ReturnAddress.text).where(ReturnAddress.shop_id == shop_id).order_by(ReturnAddress.id)
    ).all()


def set_addresses(session: Session, shop_id: int, texts: Iterable[str]) -> None:
    """Give a shop these addresses and no others. Hold the shop first."""
    session.execute(delete(ReturnAddress).where(ReturnAddress.shop_id == shop_id))
    session.add_all(ReturnAddress(shop_id=shop_id, text=text) for text in texts)
    session.flush()

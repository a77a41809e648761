"""The calendar of a shop, or of all shops that have none of their own: held by one transaction at a time.

Bands and days are replaced as a whole, and a unique constraint does not see two rows without a shop as the same.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qaplatform.store.rows import is_sqlite
from qaplatform.store.shops import locked_shop

_ALL_SHOPS = 0x51A0_CA1E
"""A number of our own for the lock on what belongs to no shop."""


def hold_calendar(session: Session, shop_id: int | None) -> bool:
    """Let nobody else change this calendar until the transaction ends; whether there is such a shop."""
    if shop_id is not None:
        return locked_shop(session, shop_id) is not None
    if not is_sqlite(session):
        session.execute(select(func.pg_advisory_xact_lock(_ALL_SHOPS)))
    return True


def is_of(shop: InstrumentedAttribute[int | None], shop_id: int | None) -> ColumnElement[bool]:
    """Whether a row belongs to the calendar of a shop, or (``None``) of all; ``shop`` is the row's column."""
    return shop.is_(None) if shop_id is None else shop == shop_id

"""Shops as admins see and change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import Account, AccountHolder, ConversationRow, Shop
from qaplatform.store.typed_text import stands_in


class ShopCodeTakenError(QAPlatformError):
    """Another shop has this code; choose another one."""

    code: ClassVar[str] = "shops.code_taken"


class ShopLine(msgspec.Struct, frozen=True):
    """A shop in a list."""

    id: int
    code: str
    name: str
    shop_class: str
    timezone: str
    text_retention_days: int | None
    watched_folder: str | None
    active: bool
    created_at: datetime
    account_count: int
    free_account_count: int
    """Accounts that nobody was ever said to hold."""
    forbids_llm: bool = False
    """Nothing of its conversations is sent to a language model."""


class ShopFilter(msgspec.Struct, frozen=True):
    """Which shops to list; what is ``None`` narrows nothing."""

    text: str | None = None
    """In the code or the name, small or capital."""
    active: bool | None = None
    shop_id: int | None = None


class ShopChoice(msgspec.Struct, frozen=True):
    """A shop to choose from."""

    id: int
    code: str
    name: str
    active: bool


def shops_page(
    session: Session, wanted: ShopFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[ShopLine], int]:
    """A page of shops, the active ones first, by code; and how many there are on all pages."""
    accounts = select(func.count()).where(Account.shop_id == Shop.id)
    held = select(AccountHolder.id).where(AccountHolder.account_id == Account.id).exists()
    found: Any = select(
        Shop.id,
        Shop.code,
        Shop.name,
        Shop.shop_class,
        Shop.timezone,
        Shop.text_retention_days,
        Shop.watched_folder,
        Shop.active,
        Shop.created_at,
        accounts.scalar_subquery(),
        accounts.where(~held).scalar_subquery(),
        Shop.forbids_llm,
    ).where(*_conditions(wanted))
    rows = session.execute(page_of(found.order_by(Shop.active.desc(), Shop.code), page, page_size))
    return [ShopLine(*row) for row in rows], count_of(session, select(Shop.id).where(*_conditions(wanted)))


def _conditions(wanted: ShopFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(stands_in(wanted.text, Shop.code, Shop.name))
    if wanted.active is not None:
        conditions.append(Shop.active.is_(wanted.active))
    if wanted.shop_id is not None:
        conditions.append(Shop.id == wanted.shop_id)
    return conditions


def shop_choices(session: Session, scope: Scope) -> Sequence[ShopChoice]:
    """All shops of a scope, the active ones first, by name."""
    found: Any = select(Shop.id, Shop.code, Shop.name, Shop.active).order_by(Shop.active.desc(), Shop.name, Shop.id)
    return [ShopChoice(*row) for row in session.execute(within(found, scope, shop=Shop.id))]


def add_shop(session: Session, shop: Shop) -> int:
    """Add a shop; its id.

    Raises:
        ShopCodeTakenError: another shop has the code.
    """
    with plain_conflicts(session, {"shops_code": ShopCodeTakenError}):
        session.add(shop)
    return shop.id


def locked_shop(session: Session, shop_id: int) -> Shop | None:
    """A shop as it stands now, held until the transaction ends."""
    held = select(Shop).where(Shop.id == shop_id).with_for_update(key_share=True)
    return session.scalar(held.execution_options(populate_existing=True))


def change_shop(session: Session, shop: Shop, values: dict[str, Any]) -> None:
    """Set columns of a shop that is held.

    Raises:
        ShopCodeTakenError: another shop has the code.
    """
    with plain_conflicts(session, {"shops_code": ShopCodeTakenError}):
        for name, value in values.items():
            setattr(shop, name, value)


def shop_that_watches(session: Session, folder: str, *, but: int | None) -> str | None:
    """The name of another shop whose watched folder this is."""
    found = select(Shop.name).where(Shop.watched_folder == folder)
    return session.scalar(found if but is None else found.where(Shop.id != but))


def conversations_with_text_before(session: Session, shop_id: int, moment: datetime) -> int:
    """How many conversations that still have their text ended before a moment."""
    found = select(func.count()).where(
        ConversationRow.shop_id == shop_id, ConversationRow.ended_at < moment, ConversationRow.text_purged_at.is_(None)
    )
    return session.scalar(found) or 0

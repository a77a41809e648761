"""Platform accounts of shops and who holds them when, as admins see and change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

import msgspec
from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import FOREIGN_KEY, plain_conflicts
from qaplatform.store.paging import count_of, page_of
from qaplatform.store.tables import Account, AccountHolder, AgentRow, Shop
from qaplatform.store.typed_text import stands_in
from qaplatform.store.users import UnknownPlaceError


class AccountTakenError(QAPlatformError):
    """The shop has an account of this name already; look for it in the list."""

    code: ClassVar[str] = "accounts.taken"


class HolderLine(msgspec.Struct, frozen=True):
    """Who holds an account in which days (half-open) and minutes of the day."""

    id: int
    account_id: int
    agent_id: int
    agent_code: str
    agent_name: str
    from_day: date | None
    until_day: date | None
    start_minute: int
    end_minute: int


class AccountLine(msgspec.Struct, frozen=True):
    """An account in a list."""

    id: int
    name: str
    shop_id: int
    shop_name: str
    holders: tuple[HolderLine, ...] = ()


class AccountFilter(msgspec.Struct, frozen=True):
    """Which accounts to list; what is ``None`` narrows nothing."""

    text: str | None = None
    """In the account's name or a holder's, small or capital."""
    shop_id: int | None = None
    agent_id: int | None = None
    held: bool | None = None
    """Whether anybody was ever said to hold it."""
    account_id: int | None = None


def accounts_page(
    session: Session, wanted: AccountFilter, *, page: int = 1, page_size: int = 50
) -> tuple[Sequence[AccountLine], int]:
    """A page of accounts, those nobody holds first, by shop and name; and how many there are on all pages."""
    found: Any = (
        select(Account.id, Account.name, Account.shop_id, Shop.name)
        .join(Shop, Shop.id == Account.shop_id)
        .where(*_conditions(wanted))
        .order_by(_is_held(), Shop.code, Account.name, Account.id)
    )
    rows = session.execute(page_of(found, page, page_size)).all()
    holders = holders_of(session, [row[0] for row in rows])
    lines = [AccountLine(id, name, shop_id, shop, holders.get(id, ())) for id, name, shop_id, shop in rows]
    return lines, count_of(session, select(Account.id).where(*_conditions(wanted)))


def _is_held() -> ColumnElement[bool]:
    return select(AccountHolder.id).where(AccountHolder.account_id == Account.id).exists()


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    holder = select(AccountHolder.id).where(AccountHolder.account_id == Account.id)
    if wanted.text:
        named = holder.join(AgentRow, AgentRow.id == AccountHolder.agent_id)
        named = named.where(stands_in(wanted.text, AgentRow.name))
        conditions.append(or_(stands_in(wanted.text, Account.name), named.exists()))
    if wanted.shop_id is not None:
        conditions.append(Account.shop_id == wanted.shop_id)
    if wanted.agent_id is not None:
        conditions.append(holder.where(AccountHolder.agent_id == wanted.agent_id).exists())
    if wanted.held is not None:
        conditions.append(_is_held() if wanted.held else ~_is_held())
    if wanted.account_id is not None:
        conditions.append(Account.id == wanted.account_id)
    return conditions


def holders_of(session: Session, account_ids: Iterable[int]) -> Mapping[int, tuple[HolderLine, ...]]:
    """Who holds some accounts, those of the latest days first, within a day by the shift's begin."""
    rows = session.execute(
        select(
            AccountHolder.id,
            AccountHolder.account_id,
            AccountHolder.agent_id,
            AgentRow.code,
            AgentRow.name,
            AccountHolder.from_day,
            AccountHolder.until_day,
            AccountHolder.start_minute,
            AccountHolder.end_minute,
        )
        .join(AgentRow, AgentRow.id == AccountHolder.agent_id)
        .where(AccountHolder.account_id.in_(sorted(account_ids)))
        .order_by(
            AccountHolder.from_day.is_(None),
            AccountHolder.from_day.desc(),
            AccountHolder.start_minute,
            AccountHolder.id,
        )
    )
    found: dict[int, tuple[HolderLine, ...]] = {}
    for row in rows:
        line = HolderLine(*row)
        found[line.account_id] = (*found.get(line.account_id, ()), line)
    return found


def add_account(session: Session, account: Account) -> int:
    """Add an account; its id.

    Raises:
        AccountTakenError: the shop has it already.
        UnknownPlaceError: there is no such shop.
    """
    with plain_conflicts(session, {"accounts_shop_id_name": AccountTakenError, FOREIGN_KEY: UnknownPlaceError}):
        session.add(account)
    return account.id


def locked_account(session: Session, account_id: int) -> Account | None:
    """An account, held with all its holders until the transaction ends."""
    held = select(Account).where(Account.id == account_id).with_for_update()
    return session.scalar(held.execution_options(populate_existing=True))


def remove_account(session: Session, account: Account) -> None:
    """Remove an account that is held, with all that was said of its holders."""
    session.execute(delete(AccountHolder).where(AccountHolder.account_id == account.id))
    session.delete(account)
    session.flush()


def add_holder(session: Session, holder: AccountHolder) -> int:
    """Say who holds an account that is held; the id.

    Raises:
        UnknownPlaceError: there is no such agent.
    """
    with plain_conflicts(session, {FOREIGN_KEY: UnknownPlaceError}):
        session.add(holder)
    return holder.id


def change_holder(session: Session, account_id: int, holder_id: int, values: dict[str, Any]) -> bool:
    """Set columns of a holder; whether the account has it.

    Raises:
        UnknownPlaceError: there is no such agent.
    """
    holder = session.get(AccountHolder, holder_id, populate_existing=True)
    if holder is None or holder.account_id != account_id:
        return False
    with plain_conflicts(session, {FOREIGN_KEY: UnknownPlaceError}):
        for name, value in values.items():
            setattr(holder, name, value)
    return True


def remove_holder(session: Session, account_id: int, holder_id: int) -> bool:
    """Unsay that somebody holds an account; whether it was said."""
    gone = delete(AccountHolder).where(AccountHolder.id == holder_id, AccountHolder.account_id == account_id)
    return session.scalar(gone.returning(AccountHolder.id)) is not None

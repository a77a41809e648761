"""Agents, the accounts they write under, and who held which account when, as rows read in bulk."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import chunks, insert_new
from qaplatform.store.tables import Account, AccountHolder, AgentRow, Team

ShopAccount = tuple[int, str]
"""A shop's id and an account's name in it."""


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """An agent with the name of the team."""

    id: int
    code: str
    name: str
    team_id: int | None
    team: str | None
    line: str | None
    level: str | None
    hired_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Days (half-open; ``None`` is open) and minutes of the local day in which an agent writes under an account.

    The minutes may pass 1440; then those after midnight belong to the day on which the shift began.
    """

    shop_id: int
    account: str
    agent_id: int
    from_day: date | None
    until_day: date | None
    start_minute: int
    end_minute: int


def all_agents(session: Session) -> list[AgentSeen]:
    """All agents, whether or not they are still there, by their codes."""
    columns = (
        AgentRow.id, AgentRow.code, AgentRow.name, AgentRow.team_id, Team.name, AgentRow.line, AgentRow.level,
        AgentRow.hired_on, AgentRow.left_on,
    )  # fmt: skip
    asked = select(*columns).outerjoin(Team, Team.id == AgentRow.team_id).order_by(AgentRow.code)
    return [AgentSeen(*row) for row in session.execute(asked)]


def all_holdings(session: Session) -> list[Holding]:
    """Who holds which account when, in all shops, in an order that does not change."""
    columns = (
        Account.shop_id, Account.name, AccountHolder.agent_id, AccountHolder.from_day, AccountHolder.until_day,
        AccountHolder.start_minute, AccountHolder.end_minute,
    )  # fmt: skip
    asked = select(*columns).join(Account, Account.id == AccountHolder.account_id).order_by(AccountHolder.id)
    return [Holding(*row) for row in session.execute(asked)]


def note_accounts(session: Session, accounts: Collection[ShopAccount]) -> None:
    """Make the accounts that are new, so that somebody can say whose they are."""
    known: set[ShopAccount] = set()
    for shop_id in {shop for shop, _ in accounts}:
        for names in chunks([name for shop, name in accounts if shop == shop_id]):
            asked = select(Account.name).where(Account.shop_id == shop_id, Account.name.in_(names))
            known |= {(shop_id, name) for name in session.scalars(asked)}
    insert_new(
        session, Account, [{"shop_id": shop, "name": name} for shop, name in accounts if (shop, name) not in known]
    )

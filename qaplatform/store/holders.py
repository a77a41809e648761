"""Agents, the accounts they write under, and who held which account when, as rows read in bulk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, insert_new
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
        names = [name for shop, name in accounts if shop == shop_id]
        asked = select(Account.name).where(Account.shop_id == shop_id, among(session, Account.name, names))
        known |= {(shop_id, name) for name in session.scalars(asked)}
    insert_new(
        session, Account, [{"shop_id": shop, "name": name} for shop, name in accounts if (shop, name) not in known]
    )


def note_teams(session: Session, names: Collection[str], *, now: datetime) -> dict[str, int]:
    """The ids of these teams, made where they are new."""
    insert_new(session, Team, [{"name": name, "created_at": now} for name in sorted(names)])
    asked = select(Team.name, Team.id).where(Team.name.in_(list(names)))
    return dict(session.execute(asked).all())


def set_agents(session: Session, agents: Sequence[AgentSeen], *, now: datetime) -> dict[str, int]:
    """Make agents, or bring those of the same codes up to date (ids do not count); all ids by code."""
    known = {one.code: one.id for one in all_agents(session)}
    columns = ("name", "team_id", "line", "level", "hired_on")
    new = [one for one in agents if one.code not in known]
    rows = [{"code": one.code, "created_at": now, **{name: getattr(one, name) for name in columns}} for one in new]
    insert_new(session, AgentRow, rows)
    there = [one for one in agents if one.code in known]
    for one in there:
        values = {name: getattr(one, name) for name in columns}
        statement = update(AgentRow).where(AgentRow.id == known[one.code]).values(**values)
        session.execute(statement.execution_options(synchronize_session=False))
    return dict(session.execute(select(AgentRow.code, AgentRow.id)).all())


def hold_always(session: Session, holders: Collection[tuple[int, str, int]]) -> None:
    """Say whose accounts are: (shop, account, agent), on all days and at all hours, unless somebody holds it already."""
    note_accounts(session, [(shop, name) for shop, name, _ in holders])
    held = {(one.shop_id, one.account) for one in all_holdings(session)}
    shops = {shop for shop, _, _ in holders}
    asked = select(Account.shop_id, Account.name, Account.id).where(Account.shop_id.in_(shops))
    ids = {(shop, name): id for shop, name, id in session.execute(asked)}
    rows = [
        {"account_id": ids[shop, name], "agent_id": agent_id}
        for shop, name, agent_id in holders
        if (shop, name) not in held
    ]
    insert_new(session, AccountHolder, rows)

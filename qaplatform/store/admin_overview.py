"""How much there is of everything that admins look after."""

from __future__ import annotations

from datetime import date

import msgspec
from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import (
    Account,
    AccountHolder,
    AgentRow,
    DepartmentRow,
    PushToken,
    Shop,
    Team,
    User,
)


class Overview(msgspec.Struct, frozen=True):
    """So many of each."""

    users: int
    """Who can sign in."""
    shops: int
    """Open ones."""
    teams: int
    agents: int
    """Who are here today."""
    agents_without_team: int
    accounts: int
    free_accounts: int
    """Of which nobody was ever said to hold them."""
    departments: int
    departments_without_contact: int
    tokens: int
    """In use."""


def overview(session: Session, today: date) -> Overview:
    """All of it, in one query."""
    is_here = or_(AgentRow.left_on.is_(None), AgentRow.left_on > today)
    held = exists().where(AccountHolder.account_id == Account.id)
    counts = [
        select(func.count()).where(User.active.is_(True)),
        select(func.count()).where(Shop.active.is_(True)),
        select(func.count()).select_from(Team),
        select(func.count()).where(is_here),
        select(func.count()).where(is_here, AgentRow.team_id.is_(None)),
        select(func.count()).select_from(Account),
        select(func.count()).select_from(Account).where(~held),
        select(func.count()).select_from(DepartmentRow),
        select(func.count()).where(func.coalesce(DepartmentRow.contact_name, "") == ""),
        select(func.count()).where(PushToken.revoked_at.is_(None)),
    ]
    return Overview(*session.execute(select(*(count.scalar_subquery() for count in counts))).one())

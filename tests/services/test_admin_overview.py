"""How much there is of what admins look after."""

from __future__ import annotations

from datetime import date

import pytest

from qaplatform.services.access import AccessError
from qaplatform.services.admin_overview import overview
from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, AccountHolder, AgentRow, DepartmentRow, PushToken, Shop
from tests.people import NOW, hire, open_company
from tests.services.admins import OUTSIDER, boss

TODAY = date(2026, 11, 11)


def test_all_is_counted_and_what_is_missing_too(store: Store) -> None:
    open_company(store)
    admin = boss(store)
    hire(store, "wang")
    with store.writing() as session:
        session.add(Shop(code="closed", name="x", active=False, created_at=NOW))
        session.add(AgentRow(code="gone", name="x", left_on=TODAY, created_at=NOW))
        session.add(AgentRow(code="free", name="x", created_at=NOW))
        session.add_all(Account(id=n, shop_id=1, name=f"x{n}") for n in (1, 2, 3))
        session.add_all(
            DepartmentRow(code=name, name=name, contact_name=who) for name, who in (("a", "b"), ("c", None))
        )
        session.add_all(
            PushToken(shop_id=1, name=h, token_hash=h * 64, hint="", created_at=NOW, revoked_at=revoked)
            for h, revoked in (("a", None), ("b", NOW))
        )
        session.flush()
        session.add(AccountHolder(account_id=1, agent_id=1))
    with store.reading() as session:
        found = overview(session, admin, today=TODAY)
        assert (found.users, found.shops, found.teams) == (2, 2, 2)
        assert (found.agents, found.agents_without_team) == (4, 1)
        assert (found.accounts, found.free_accounts) == (3, 2)
        assert (found.departments, found.departments_without_contact, found.tokens) == (2, 1, 1)
        with pytest.raises(AccessError):
            overview(session, OUTSIDER, today=TODAY)

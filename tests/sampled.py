"""The business of ``tests/listed_world.py`` with people who plan and review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from qaplatform.audit.sampling import Method
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.plan_forms import Inspector, PlanDraft
from qaplatform.store.engine import Store
from qaplatform.store.tables import User, UserRole
from tests.copies import fill_once
from tests.listed_world import FIRST, Known, open_business, random_conversation, write

NOW = FIRST + timedelta(days=5, hours=2)
LEAD, BOUND_LEAD, FREE, SHOP_1, AGENT_3 = 11, 12, 13, 14, 15
"""A lead, a lead of shop 1, an inspector, one of shop 1, and one who is agent 3 as well."""
PEOPLE: dict[int, tuple[Grant, int | None]] = {
    LEAD: (Grant("qa_lead"), None),
    BOUND_LEAD: (Grant("qa_lead", shop_id=1), None),
    FREE: (Grant("inspector"), None),
    SHOP_1: (Grant("inspector", shop_id=1), None),
    AGENT_3: (Grant("inspector"), 3),
}


def open_sampled(store: Store, count: int = 300) -> list[Known]:
    """Conversations, the people, and nothing drawn."""
    return list(fill_once(store, _fill, count))


def _fill(store: Store, count: int) -> tuple[Known, ...]:
    random = Random(5)
    known = [random_conversation(random, id) for id in range(1, count + 1)]
    with store.writing() as session:
        open_business(session)
        write(session, known)
        for id, (grant, agent_id) in PEOPLE.items():
            session.add(
                User(id=id, login=f"p{id}", name=f"人{id}", password_hash="", agent_id=agent_id, created_at=FIRST)
            )
            session.flush()
            session.add(UserRole(user_id=id, role=grant.role, shop_id=grant.shop_id))
    return tuple(known)


def viewer(id: int) -> Viewer:
    """One of the people."""
    grant, agent_id = PEOPLE[id]
    return Viewer(user_id=id, name=f"人{id}", agent_id=agent_id, grants=(grant,))


def drafted(method: Method | None = None, inspectors: Sequence[int | tuple[int, int]] = (), **more: Any) -> PlanDraft:
    """A plan; inspectors by id, or by id and quota."""
    hands = tuple(Inspector(*one) if isinstance(one, tuple) else Inspector(one) for one in inspectors)
    return PlanDraft("抽检", method or Method("random", count=20), inspectors=hands, **more)

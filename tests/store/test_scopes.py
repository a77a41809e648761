"""What a list shows is what may be seen, row by row, on both databases."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from qaplatform.services.access import PERMISSIONS, Grant, Role, Viewer
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import ConversationRow
from tests.people import NOW, open_company

PLACES = list(product((1, 2), (None, 1, 2), (None, 1, 2, 3)))
"""Every shop, team and agent a conversation can be of: what holds for these holds for all."""

GRANTS = st.lists(
    st.builds(
        Grant,
        st.sampled_from(get_args(Role)),
        shop_id=st.sampled_from([None, 1, 2]),
        team_id=st.sampled_from([None, 1, 2]),
    ),
    max_size=4,
).map(tuple)
VIEWERS = st.builds(
    Viewer,
    user_id=st.just(1),
    name=st.just(""),
    agent_id=st.sampled_from([None, 1, 2, 3]),
    grants=GRANTS,
    must_change_password=st.integers(0, 9).map(lambda number: number == 0),
)


@pytest.fixture
def filled(store: Store) -> Store:
    open_company(store)
    with store.writing() as session:
        session.add_all(
            ConversationRow(
                id=number, shop_id=shop_id, team_id=team_id, agent_id=agent_id, source_id=str(number), content_hash="",
                message_count=1, started_at=NOW, ended_at=NOW, created_at=NOW, updated_at=NOW,
            )
            for number, (shop_id, team_id, agent_id) in enumerate(PLACES)
        )  # fmt: skip
    return store


def listed(store: Store, scope: Scope) -> list[int]:
    statement = within(
        select(ConversationRow.id),
        scope,
        shop=ConversationRow.shop_id,
        team=ConversationRow.team_id,
        agent=ConversationRow.agent_id,
    )
    with store.reading() as session:
        return sorted(session.scalars(statement))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(viewer=VIEWERS, permission=st.sampled_from(sorted(PERMISSIONS)))
def test_the_list_shows_exactly_what_may_be_seen(filled: Store, viewer: Viewer, permission: str) -> None:
    may_see = [
        number
        for number, (shop_id, team_id, agent_id) in enumerate(PLACES)
        if viewer.may_see(permission, shop_id=shop_id, team_id=team_id, agent_id=agent_id)
    ]
    assert listed(filled, viewer.scope(permission)) == may_see


@given(viewer=VIEWERS, more=GRANTS, permission=st.sampled_from(sorted(PERMISSIONS)))
def test_another_role_takes_nothing_away(viewer: Viewer, more: tuple[Grant, ...], permission: str) -> None:
    wider = Viewer(user_id=1, name="", agent_id=viewer.agent_id, grants=viewer.grants + more)
    for shop_id, team_id, agent_id in PLACES:
        if viewer.may_see(permission, shop_id=shop_id, team_id=team_id, agent_id=agent_id):
            assert wider.may_see(permission, shop_id=shop_id, team_id=team_id, agent_id=agent_id)


@given(viewer=VIEWERS, permission=st.sampled_from([name for name, row in PERMISSIONS.items() if row.needs]))
def test_nothing_reaches_further_than_what_it_needs(viewer: Viewer, permission: str) -> None:
    needed = PERMISSIONS[permission].needs
    assert needed
    for shop_id, team_id, agent_id in PLACES:
        if viewer.may_see(permission, shop_id=shop_id, team_id=team_id, agent_id=agent_id):
            assert viewer.may_see(needed, shop_id=shop_id, team_id=team_id, agent_id=agent_id)


def test_rows_without_a_column_are_not_reached_that_way(filled: Store) -> None:
    team_only = Scope(team_ids=frozenset({1}), agent_id=1)
    statement = within(select(ConversationRow.id), team_only, shop=ConversationRow.shop_id)
    with filled.reading() as session:
        assert session.scalars(statement).all() == []


def test_an_empty_scope_lists_nothing(filled: Store) -> None:
    assert listed(filled, Scope()) == []
    assert len(listed(filled, Scope(everything=True))) == len(PLACES)

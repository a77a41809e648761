"""Demo users: one a role, and a second pair of mentor and new hire, in the demo workplace and nowhere else."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import func, select

from qaplatform.services.access import Role
from qaplatform.services.demo_users import DEMO_USERS, DemoPlaces, NotADemoError, create_demo_users
from qaplatform.services.signing_in import DemoUserError, SignedIn, SignInError, change_password
from qaplatform.services.users import ensure_first_admin, reset_password
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import User
from qaplatform.store.workplace import Workplace, set_workplace, workplace
from tests.people import ADDRESS, NOW, QUICK, enter, open_company, whose

PLACES = DemoPlaces(shop_id=1, team_id=2, agent_id=1, new_hire_agent_id=3, second_team_id=1, second_new_hire_agent_id=2)
SEE = "conversations.see"


def become(store: Store, kind: Workplace) -> None:
    with store.writing() as session:
        set_workplace(session, kind)


@pytest.fixture
def demo(store: Store) -> Store:
    open_company(store)
    become(store, "demo")
    with store.writing() as session:
        create_demo_users(session, PLACES, now=NOW, passwords=QUICK)
    return store


def signed_in_as(store: Store, role: Role) -> SignedIn:
    one = next(one for one in DEMO_USERS if one.role == role)
    found = whose(store, enter(store, one.login, one.password).token)
    assert found
    return found


def test_there_is_one_for_each_role_and_two_who_teach_and_learn() -> None:
    assert sorted(one.role for one in DEMO_USERS) == sorted([*get_args(Role), "mentor", "new_hire"])


def test_a_database_is_an_ordinary_workplace_unless_it_is_called_a_demo(store: Store) -> None:
    for kind in (None, "own", "demo", "own"):
        if kind:
            become(store, kind)
        with store.reading() as session:
            assert workplace(session) == (kind or "own")


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        ("inspector", Scope(everything=True)),
        ("qa_lead", Scope(everything=True)),
        ("team_lead", Scope(team_ids=frozenset({2}))),
        ("store_manager", Scope(shop_ids=frozenset({1}))),
        ("mentor", Scope(team_ids=frozenset({2}))),
        ("agent", Scope(agent_id=1)),
        ("new_hire", Scope(agent_id=3)),
        ("admin", Scope()),
    ],
)
def test_each_signs_in_and_sees_what_the_role_sees(demo: Store, role: Role, reach: Scope) -> None:
    one = signed_in_as(demo, role)
    assert one.is_demo
    assert one.viewer.scope(SEE) == reach


@pytest.mark.both_databases
def test_making_them_again_makes_none(demo: Store) -> None:
    with demo.writing() as session:
        assert create_demo_users(session, PLACES, now=NOW, passwords=QUICK) == []
        assert ensure_first_admin(session, NOW, QUICK) is None
    with demo.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == len(DEMO_USERS)


@pytest.mark.parametrize("kind", [None, "own"])
def test_an_ordinary_workplace_refuses_to_make_them(store: Store, kind: Workplace | None) -> None:
    open_company(store)
    if kind:
        become(store, kind)
    with pytest.raises(NotADemoError), store.writing() as session:
        create_demo_users(session, PLACES, now=NOW, passwords=QUICK)
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0


def test_an_ordinary_workplace_lets_none_of_them_in_and_ends_their_sessions(demo: Store) -> None:
    tokens = [enter(demo, one.login, one.password).token for one in DEMO_USERS]
    become(demo, "own")
    assert [whose(demo, token) for token in tokens] == [None] * len(tokens)
    for one in DEMO_USERS:
        with pytest.raises(SignInError):
            enter(demo, one.login, one.password)


def test_an_ordinary_workplace_with_demo_users_only_still_gets_its_first_admin(demo: Store) -> None:
    become(demo, "own")
    with demo.writing() as session:
        made = ensure_first_admin(session, NOW, QUICK)
    assert made
    assert enter(demo, *made)


def test_their_passwords_stay_what_everybody_knows(demo: Store) -> None:
    admin, agent = signed_in_as(demo, "admin"), signed_in_as(demo, "agent")
    with pytest.raises(DemoUserError):
        change_password(demo, agent, old="demo-agent", new="just for me now", address=ADDRESS, now=NOW, passwords=QUICK)
    with pytest.raises(DemoUserError), demo.writing() as session:
        reset_password(session, agent.viewer.user_id, by=admin.viewer, now=NOW, passwords=QUICK)
    assert signed_in_as(demo, "agent")

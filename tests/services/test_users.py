"""Managing users: what an admin does to others, and what nobody may."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services import users
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.users import (
    LanguageError,
    LoginFormError,
    NameFormError,
    NewUser,
    OwnAccessError,
    RolesFormError,
    UnknownUserError,
    change_roles,
    choose_language,
    create_user,
    deactivate,
    link_agent,
    reactivate,
    rename,
    reset_password,
    user_line,
    users_page,
)
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, User
from qaplatform.store.users import AgentTakenError, LoginTakenError, UnknownPlaceError, UserFilter
from tests.people import NOW, QUICK, enter, hire, whose

ADMIN, LEAD, INSPECTOR = Grant("admin"), Grant("qa_lead"), Grant("inspector")


def boss(store: Store, login: str = "boss") -> Viewer:
    """An admin who is signed in and has changed the password."""
    user_id, _ = hire(store, login, ADMIN)
    return Viewer(user_id=user_id, name=login, grants=(ADMIN,))


def make(store: Store, by: Viewer | None = None, **new: Any) -> int:
    with store.writing() as session:
        asked = NewUser(**{"login": "wang", "name": "小王", "grants": (INSPECTOR,), **new})
        return create_user(session, asked, by=by, now=NOW, passwords=QUICK).user_id


def last_line(store: Store) -> tuple[str, int | None, int | None, dict[str, Any]]:
    with store.reading() as session:
        line = session.scalars(select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    return line.action, line.user_id, line.subject_id, line.details


def user(store: Store, user_id: int) -> User:
    with store.reading() as session:
        return session.get_one(User, user_id)


def run(*acts: Callable[[], None]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# -------------------------------------------------------------------------------------------- making users


def test_a_new_user_can_sign_in_with_the_password_told_to_them(company: Store) -> None:
    admin = boss(company)
    grants = (Grant("store_manager", shop_id=1), Grant("mentor", team_id=2), Grant("agent"))
    with company.writing() as session:
        new = NewUser(" Li.Na ", " 李娜 ", grants, language="en", agent_id=3)
        made = create_user(session, new, by=admin, now=NOW, passwords=QUICK)
    one = whose(company, enter(company, "li.na", made.password).token)
    assert one
    assert (one.login, one.viewer.name, one.viewer.language, one.viewer.agent_id) == ("li.na", "李娜", "en", 3)
    assert one.viewer.grants == grants
    with company.reading() as session:
        noted = session.scalars(select(Activity).where(Activity.action == "user.created")).all()[-1]
    assert (noted.user_id, noted.subject_id) == (admin.user_id, made.user_id)
    assert noted.details == {"roles": ["store_manager.shop.1", "mentor.team.2", "agent"], "agent_id": 3}


@pytest.mark.parametrize(
    ("new", "error"),
    [
        ({"login": "a"}, LoginFormError),
        ({"login": "wang li"}, LoginFormError),
        ({"login": "wang\n"}, None),
        ({"login": "王小明"}, None),
        ({"login": "wang\0li"}, LoginFormError),
        ({"login": "w" * 101}, LoginFormError),
        ({"login": "TAKEN"}, LoginTakenError),
        ({"name": " "}, NameFormError),
        ({"name": "x" * 201}, NameFormError),
        ({"name": "a\nb"}, NameFormError),
        ({"name": "abc\u202ecba"}, NameFormError),
        ({"name": "欧阳\u3000娜娜"}, None),
        ({"language": "fr"}, LanguageError),
        ({"grants": ()}, RolesFormError),
        ({"grants": (Grant("agent", shop_id=1),)}, RolesFormError),
        ({"grants": (Grant("new_hire", team_id=1),)}, RolesFormError),
        ({"grants": (Grant("admin", shop_id=1),)}, RolesFormError),
        ({"grants": (Grant("inspector", shop_id=1, team_id=1),)}, RolesFormError),
        ({"grants": (Grant("king"),)}, RolesFormError),
        ({"grants": (INSPECTOR, INSPECTOR)}, None),
        ({"grants": (Grant("inspector", shop_id=99),)}, UnknownPlaceError),
        ({"grants": (Grant("mentor", team_id=99),)}, UnknownPlaceError),
        ({"agent_id": 99}, UnknownPlaceError),
        ({"agent_id": 1}, AgentTakenError),
        ({"agent_id": 2}, None),
    ],
)
def test_what_a_new_user_may_be(company: Store, new: dict[str, Any], error: type[QAPlatformError] | None) -> None:
    hire(company, "taken", agent_id=1)
    if error is None:
        assert make(company, **new)
        return
    with pytest.raises(error):
        make(company, **new)
    with company.reading() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.both_databases
def test_a_login_that_is_taken_spoils_nothing_else_of_the_transaction(store: Store) -> None:
    hire(store, "wang")
    with store.writing() as session:
        with pytest.raises(LoginTakenError):
            create_user(session, NewUser("wang", "x", (INSPECTOR,)), by=None, now=NOW, passwords=QUICK)
        create_user(session, NewUser("li", "x", (INSPECTOR,)), by=None, now=NOW, passwords=QUICK)
    with store.reading() as session:
        assert session.scalars(select(User.login).order_by(User.id)).all() == ["wang", "li"]


@pytest.mark.both_databases
def test_of_two_who_want_one_login_one_gets_it(store: Store) -> None:
    start = threading.Barrier(2)
    got: list[str] = []

    def make_one() -> None:
        start.wait()
        try:
            make(store)
            got.append("made")
        except LoginTakenError:
            got.append("taken")

    run(make_one, make_one)
    assert sorted(got) == ["made", "taken"]


# ------------------------------------------------------------------------------------------ changing users

Act = Callable[[Session, int, Viewer | None], Any]
ACTS: dict[str, Act] = {
    "user.roles_changed": lambda session, id, by: change_roles(session, id, [LEAD], by=by, now=NOW),
    "user.deactivated": lambda session, id, by: deactivate(session, id, by=by, now=NOW),
    "user.reactivated": lambda session, id, by: reactivate(session, id, by=by, now=NOW),
    "user.agent_linked": lambda session, id, by: link_agent(session, id, 2, by=by, now=NOW),
    "user.renamed": lambda session, id, by: rename(session, id, "新名字", by=by, now=NOW),
    "user.password_reset": lambda session, id, by: reset_password(session, id, by=by, now=NOW, passwords=QUICK),
}


@pytest.mark.parametrize("action", ACTS)
def test_what_an_admin_does_is_noted_down(company: Store, action: str) -> None:
    admin = boss(company)
    wang = make(company)
    with company.writing() as session:
        ACTS[action](session, wang, admin)
    details = {
        "user.roles_changed": {"before": ["inspector"], "after": ["qa_lead"]},
        "user.agent_linked": {"agent_id": 2},
    }
    assert last_line(company) == (action, admin.user_id, wang, details.get(action, {}))


@pytest.mark.parametrize("action", ACTS)
def test_nobody_does_it_to_themselves(company: Store, action: str) -> None:
    admin = boss(company)
    boss(company, "another")
    with pytest.raises(OwnAccessError), company.writing() as session:
        ACTS[action](session, admin.user_id, admin)


@pytest.mark.parametrize("action", ACTS)
@pytest.mark.parametrize("grants", [(), (LEAD, INSPECTOR), (Grant("admin", shop_id=1),)])
def test_nobody_else_does_it(company: Store, action: str, grants: tuple[Grant, ...]) -> None:
    boss(company)
    wang = make(company)
    other = Viewer(user_id=hire(company, "other")[0], name="", grants=grants)
    with pytest.raises(AccessError), company.writing() as session:
        ACTS[action](session, wang, other)


@pytest.mark.parametrize("action", ACTS)
def test_an_admin_who_has_a_one_time_password_changes_it_first(company: Store, action: str) -> None:
    wang = make(company)
    fresh = Viewer(user_id=hire(company, "fresh", ADMIN)[0], name="", grants=(ADMIN,), must_change_password=True)
    with pytest.raises(AccessError), company.writing() as session:
        ACTS[action](session, wang, fresh)


@pytest.mark.parametrize("action", ACTS)
def test_it_is_not_done_to_nobody(company: Store, action: str) -> None:
    admin = boss(company)
    with pytest.raises(UnknownUserError), company.writing() as session:
        ACTS[action](session, 999, admin)


def test_only_those_who_manage_users_make_and_list_them(store: Store) -> None:
    lead = Viewer(user_id=hire(store, "lead", LEAD)[0], name="", grants=(LEAD,))
    with pytest.raises(AccessError):
        make(store, by=lead)
    for look in (users_page, lambda session, viewer, _: user_line(session, viewer, 1)):
        with pytest.raises(AccessError), store.reading() as session:
            look(session, lead, UserFilter())


@pytest.mark.both_databases
def test_new_roles_take_the_place_of_the_old(company: Store) -> None:
    admin = boss(company)
    wang = make(company, grants=(Grant("inspector", shop_id=1), Grant("mentor", team_id=1)))
    wanted = [Grant("inspector", shop_id=2), Grant("agent"), Grant("agent")]
    with company.writing() as session:
        change_roles(session, wang, wanted, by=admin, now=NOW)
    with company.reading() as session:
        assert user_line(session, admin, wang).grants == (Grant("inspector", shop_id=2), Grant("agent"))
    assert last_line(company)[3] == {
        "before": ["inspector.shop.1", "mentor.team.1"],
        "after": ["inspector.shop.2", "agent"],
    }


def test_roles_that_cannot_be_given_leave_the_old_ones(company: Store) -> None:
    wang = make(company)
    for grants in ([], [Grant("inspector", shop_id=99)], [Grant("admin", team_id=1)]):
        with pytest.raises((RolesFormError, UnknownPlaceError)), company.writing() as session:
            change_roles(session, wang, grants, by=None, now=NOW)
    with company.reading() as session:
        assert users.user_line(session, boss(company), wang).grants == (INSPECTOR,)


@pytest.mark.both_databases
def test_an_agent_is_one_user_only_and_can_be_handed_on(company: Store) -> None:
    wang, li = make(company, agent_id=1), make(company, login="li")
    with company.writing() as session:
        with pytest.raises(AgentTakenError):
            link_agent(session, li, 1, by=None, now=NOW)
        with pytest.raises(UnknownPlaceError):
            link_agent(session, li, 99, by=None, now=NOW)
        link_agent(session, wang, None, by=None, now=NOW)
        link_agent(session, li, 1, by=None, now=NOW)
    assert (user(company, wang).agent_id, user(company, li).agent_id) == (None, 1)


def test_everybody_chooses_their_own_language(store: Store) -> None:
    wang = make(store)
    viewer = Viewer(user_id=wang, name="", grants=(INSPECTOR,))
    with store.writing() as session:
        choose_language(session, viewer, "en")
    assert user(store, wang).language == "en"
    with pytest.raises(LanguageError), store.writing() as session:
        choose_language(session, viewer, "fr")


# ------------------------------------------------------------------------------------------------ the list


@pytest.mark.parametrize(
    ("wanted", "logins"),
    [
        (UserFilter(), ["boss", "li", "wang"]),
        (UserFilter(text="WAN"), ["wang"]),
        (UserFilter(text="娜"), ["li"]),
        (UserFilter(text="%"), []),
        (UserFilter(role="inspector"), ["li", "wang"]),
        (UserFilter(role="mentor"), []),
        (UserFilter(active=False), ["li"]),
        (UserFilter(active=True, role="inspector"), ["wang"]),
    ],
)
def test_a_list_of_users_is_narrowed(company: Store, wanted: UserFilter, logins: list[str]) -> None:
    admin = boss(company)
    make(company, agent_id=1)
    li = make(company, login="li", name="李娜")
    with company.writing() as session:
        deactivate(session, li, by=admin, now=NOW)
    with company.reading() as session:
        lines, total = users_page(session, admin, wanted)
    assert ([line.login for line in lines], total) == (logins, len(logins))


def test_the_list_has_pages_and_says_what_everybody_is(company: Store) -> None:
    admin = boss(company)
    _, password = hire(company, "wang", Grant("agent"), Grant("mentor", team_id=1), agent_id=1)
    enter(company, "wang", password)
    with company.reading() as session:
        first, total = users_page(session, admin, UserFilter(), page=1, page_size=1)
        second, _ = users_page(session, admin, UserFilter(), page=2, page_size=1)
    assert ([line.login for line in first], [line.login for line in second], total) == (["boss"], ["wang"], 2)
    [wang] = second
    assert (wang.agent_name, wang.last_seen_at, wang.grants) == (
        "客服1",
        NOW,
        (Grant("agent"), Grant("mentor", team_id=1)),
    )
    assert first[0].last_seen_at is None

"""Managing agents."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services import agents
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.agents import (
    AgentCodeFormError,
    AgentDaysError,
    AgentFields,
    AgentGradeError,
    AgentNameFormError,
    UnknownAgentError,
)
from qaplatform.store.agents import NO_TEAM, AgentCodeTakenError, AgentFilter
from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, AccountHolder
from qaplatform.store.users import UnknownPlaceError
from tests.people import NOW, hire
from tests.services.admins import OUTSIDER, log_of

FIELDS = AgentFields("a9", "小满", team_id=1, line="first", level="junior", hired_on=date(2026, 11, 1))


def make(store: Store, admin: Viewer, **fields: Any) -> int:
    with store.writing() as session:
        return agents.create_agent(session, msgspec.structs.replace(FIELDS, **fields), by=admin, now=NOW)


def change(store: Store, admin: Viewer, id: int, **fields: Any) -> None:
    with store.writing() as session:
        agents.change_agent(session, id, msgspec.structs.replace(FIELDS, **fields), by=admin, now=NOW)


def codes(store: Store, admin: Viewer, **wanted: Any) -> list[str]:
    with store.reading() as session:
        return [line.code for line in agents.agents_page(session, admin, AgentFilter(**wanted))[0]]


def test_an_agent_is_kept_as_written_and_changes_are_noted(company: Store, admin: Viewer) -> None:
    id = make(company, admin, name=" 小满 ", level=" ")
    with company.reading() as session:
        line = agents.agent_line(session, admin, id)
    assert (line.code, line.name, line.team_name, line.line, line.level) == ("a9", "小满", "售后1组", "first", None)
    assert (line.hired_on, line.left_on, line.account_count, line.user_id) == (date(2026, 11, 1), None, 0, None)
    change(company, admin, id, team_id=2, left_on=date(2026, 12, 1))
    change(company, admin, id, team_id=2, left_on=date(2026, 12, 1))
    assert log_of(company, "agent.") == [
        ("agent.created", id, None, {}),
        ("agent.changed", id, None, {"fields": ["left_on", "level", "team_id"], "before": 1, "after": 2}),
    ]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"code": ""}, AgentCodeFormError),
        ({"code": "a\nb"}, AgentCodeFormError),
        ({"name": "x" * 201}, AgentNameFormError),
        ({"line": "x" * 21}, AgentGradeError),
        ({"level": "a\nb"}, AgentGradeError),
        ({"left_on": date(2026, 11, 1)}, AgentDaysError),
        ({"left_on": date(2026, 10, 1)}, AgentDaysError),
        ({"code": "a1"}, AgentCodeTakenError),
        ({"team_id": 99}, UnknownPlaceError),
    ],
)
def test_what_cannot_be_is_refused(
    company: Store, admin: Viewer, fields: dict[str, Any], error: type[QAPlatformError]
) -> None:
    with pytest.raises(error):
        make(company, admin, **fields)
    with pytest.raises(error):
        change(company, admin, 3, **fields)
    assert log_of(company, "agent.") == []


@pytest.mark.both_databases
def test_the_list_is_filtered_and_ordered_by_team(company: Store, admin: Viewer) -> None:
    make(company, admin, code="z1", team_id=None)
    make(company, admin, code="b1", name="王小美", team_id=2, left_on=date(2026, 11, 11))
    today = date(2026, 11, 11)
    assert codes(company, admin) == ["a1", "a2", "a3", "b1", "z1"]
    assert codes(company, admin, here_on=today) == ["a1", "a2", "a3", "z1"]
    assert codes(company, admin, here_on=date(2026, 11, 10)) == ["a1", "a2", "a3", "b1", "z1"]
    assert codes(company, admin, gone_on=today) == ["b1"]
    assert codes(company, admin, team=2) == ["a3", "b1"]
    assert codes(company, admin, team=NO_TEAM) == ["z1"]
    assert codes(company, admin, text="小美") == ["b1"]
    assert codes(company, admin, text="A1") == ["a1"]
    assert codes(company, admin, text="%") == []
    with company.reading() as session:
        lines, total = agents.agents_page(session, admin, AgentFilter(), page=2, page_size=2)
        assert ([line.code for line in lines], total) == (["a3", "b1"], 5)
        assert [one.code for one in agents.agent_choices(session, admin, "people.manage")] == [
            "a1",
            "a2",
            "a3",
            "z1",
            "b1",
        ]


def test_the_list_says_which_accounts_and_user_they_have(company: Store, admin: Viewer) -> None:
    user_id, _ = hire(company, "agent", Grant("agent"), agent_id=1)
    with company.writing() as session:
        session.add_all(Account(id=n, shop_id=1, name=f"x{n}") for n in (1, 2))
        session.flush()
        session.add_all(
            AccountHolder(account_id=account, agent_id=1, start_minute=start, end_minute=start + 60)
            for account, start in ((1, 0), (1, 600), (2, 0))
        )
    with company.reading() as session:
        line = agents.agent_line(session, admin, 1)
    assert (line.account_count, line.user_id, line.user_login) == (2, user_id, "agent")


def test_only_who_may_manage_people_does(company: Store, admin: Viewer) -> None:
    for act in (
        lambda: make(company, OUTSIDER),
        lambda: change(company, OUTSIDER, 1),
        lambda: codes(company, OUTSIDER),
    ):
        with pytest.raises(AccessError):
            act()
    with pytest.raises(UnknownAgentError):
        change(company, admin, 99)
    with company.reading() as session:
        with pytest.raises(UnknownAgentError):
            agents.agent_line(session, admin, 99)
        with pytest.raises(AccessError):
            agents.agent_choices(session, OUTSIDER, "users.manage")

"""Managing teams."""

from __future__ import annotations

from datetime import date

import pytest

from qaplatform.services import teams
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.teams import TeamNameFormError, UnknownTeamError
from qaplatform.store.engine import Store
from qaplatform.store.tables import AgentRow, ConversationRow
from qaplatform.store.teams import TeamInUseError, TeamNameTakenError
from tests.people import NOW, hire
from tests.services.admins import OUTSIDER, log_of

TODAY = date(2026, 11, 11)


def make(store: Store, admin: Viewer, name: str = "夜班组") -> int:
    with store.writing() as session:
        return teams.create_team(session, name, by=admin, now=NOW)


def remove(store: Store, admin: Viewer, id: int) -> None:
    with store.writing() as session:
        teams.remove_team(session, id, by=admin, now=NOW)


def test_a_team_lives_from_its_making_to_its_end(company: Store, admin: Viewer) -> None:
    id = make(company, admin, " 夜班组 ")
    with company.writing() as session:
        teams.rename_team(session, id, "晚班组", by=admin, now=NOW)
        teams.rename_team(session, id, "晚班组", by=admin, now=NOW)
    with company.reading() as session:
        assert teams.team_line(session, admin, id, today=TODAY).name == "晚班组"
    remove(company, admin, id)
    with pytest.raises(UnknownTeamError):
        remove(company, admin, id)
    assert log_of(company, "team.") == [
        ("team.created", id, None, {}),
        ("team.renamed", id, None, {}),
        ("team.removed", id, None, {}),
    ]


def test_names_are_one_line_and_nobody_elses(company: Store, admin: Viewer) -> None:
    id = make(company, admin)
    for name, error in (("", TeamNameFormError), ("x" * 201, TeamNameFormError), ("售后1组", TeamNameTakenError)):
        with pytest.raises(error):
            make(company, admin, name)
        with company.writing() as session, pytest.raises(error):
            teams.rename_team(session, id, name, by=admin, now=NOW)


def test_a_team_that_something_belongs_to_is_not_removed(company: Store, admin: Viewer) -> None:
    with pytest.raises(TeamInUseError):
        remove(company, admin, 1)
    led, talked = make(company, admin, "有组长"), make(company, admin, "有会话")
    hire(company, "lead", Grant("team_lead", team_id=led))
    with company.writing() as session:
        session.add(
            ConversationRow(
                shop_id=1, source_id="c", content_hash="", message_count=1, started_at=NOW, ended_at=NOW,
                created_at=NOW, updated_at=NOW, team_id=talked,
            )
        )  # fmt: skip
    for id in (led, talked):
        with pytest.raises(TeamInUseError):
            remove(company, admin, id)
    assert len(log_of(company, "team.removed")) == 0


def test_the_list_counts_who_is_here_and_names_who_leads(company: Store, admin: Viewer) -> None:
    hire(company, "lead", Grant("team_lead", team_id=1), Grant("mentor", team_id=2))
    hire(company, "second", Grant("team_lead", team_id=1))
    with company.writing() as session:
        for code, left_on in (("gone", TODAY), ("going", date(2026, 11, 12))):
            session.add(AgentRow(code=code, name=code, team_id=1, left_on=left_on, created_at=NOW))
    with company.reading() as session:
        lines, total = teams.teams_page(session, admin, today=TODAY)
        assert total == 2
        assert [(line.name, line.agent_count, line.leads) for line in lines] == [
            ("售后1组", 3, ("Lead", "Second")),
            ("售后2组", 1, ()),
        ]
        assert [line.name for line in teams.teams_page(session, admin, today=TODAY, page=2, page_size=1)[0]] == [
            "售后2组"
        ]
        assert [one.name for one in teams.team_choices(session, admin, "people.manage")] == ["售后1组", "售后2组"]


def test_only_who_may_manage_people_does(company: Store, admin: Viewer) -> None:
    with company.writing() as session:
        for act in (
            lambda: teams.create_team(session, "x", by=OUTSIDER, now=NOW),
            lambda: teams.rename_team(session, 1, "x", by=OUTSIDER, now=NOW),
            lambda: teams.remove_team(session, 1, by=OUTSIDER, now=NOW),
            lambda: teams.teams_page(session, OUTSIDER, today=TODAY),
            lambda: teams.team_line(session, OUTSIDER, 1, today=TODAY),
            lambda: teams.team_choices(session, OUTSIDER, "users.manage"),
        ):
            with pytest.raises(AccessError):
                act()
        with pytest.raises(UnknownTeamError):
            teams.team_line(session, admin, 99, today=TODAY)

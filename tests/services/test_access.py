"""The table of permissions, and who reaches what by it."""

from __future__ import annotations

from typing import get_args

import pytest

from qaplatform.services.access import (
    PERMISSIONS,
    ROLES,
    AccessError,
    Grant,
    Role,
    Scope,
    UnknownPermissionError,
    Viewer,
)

NAMES = {
    "conversations.see", "conversations.unmask", "conversations.export", "dashboard.see", "imports.make", "imports.see", "jobs.see",
    "jobs.steer", "users.manage", "shops.manage", "people.manage", "tokens.manage", "activity.see", "customers.erase",
    "notes.write", "reaudit.ask", "home.see", "self.manage", "risk.see", "risk.steer", "grader.see", "grader.ask", "grader.manage",
    "grader.open", "grader.costs", "reviews.give", "results.see",
    "rubrics.see", "rubrics.edit", "rubrics.publish", "samples.see", "samples.plan", "samples.assign",
    "checks.see", "checks.steer", "training.learn", "training.see", "training.coach", "training.lead", "training.edit",
    "training.publish",
}  # fmt: skip

SEE, UNMASK, EXPORT = "conversations.see", "conversations.unmask", "conversations.export"


def viewer(*grants: Grant, agent_id: int | None = None) -> Viewer:
    return Viewer(user_id=1, name="小王", agent_id=agent_id, grants=grants)


def test_the_table_has_every_permission_and_each_its_sentences_and_roles() -> None:
    assert set(PERMISSIONS) == NAMES
    assert all(row.zh and row.en and row.roles for row in PERMISSIONS.values())
    assert all(row.needs is None or row.needs in PERMISSIONS for row in PERMISSIONS.values())
    assert all(row.roles <= set(get_args(Role)) for row in PERMISSIONS.values())
    assert set(ROLES) == set(get_args(Role))


def test_a_role_without_the_permission_that_is_needed_is_never_bound() -> None:
    # Or the reach of the two together could not be said as a sum of shops and teams.
    loose = [
        (name, role)
        for name, row in PERMISSIONS.items()
        for role in row.roles
        if row.needs and role not in PERMISSIONS[row.needs].roles and ROLES[role].binding != "never"
    ]
    assert loose == []


def test_agents_and_new_hires_have_only_what_can_be_their_own() -> None:
    wide = [
        name
        for name, row in PERMISSIONS.items()
        if row.roles & {"agent", "new_hire"} and row.bound not in {"own", "shops_and_teams"}
    ]
    assert wide == []


@pytest.mark.parametrize("ask", ["conversations.read", "", "CONVERSATIONS.SEE"])
def test_an_unknown_permission_is_an_error_and_never_a_no(ask: str) -> None:
    one = viewer(Grant("admin"))
    for question in (one.may, one.scope, one.demand):
        with pytest.raises(UnknownPermissionError):
            question(ask)
    with pytest.raises(UnknownPermissionError):
        one.may_see(ask, shop_id=1, team_id=1, agent_id=1)


def test_without_a_role_nothing_is_open() -> None:
    nobody = viewer(agent_id=7)
    assert not [name for name in PERMISSIONS if nobody.may(name) or not nobody.scope(name).is_empty]
    with pytest.raises(AccessError):
        nobody.demand("home.see")


def test_a_one_time_password_opens_the_changing_of_it_and_nothing_else() -> None:
    every = tuple(Grant(role) for role in get_args(Role))
    fresh = Viewer(user_id=1, name="", agent_id=7, grants=every, must_change_password=True)
    assert [name for name in PERMISSIONS if fresh.may(name)] == ["self.manage"]
    assert [name for name in PERMISSIONS if not fresh.scope(name).is_empty] == ["self.manage"]


ALL = Scope(everything=True)
NONE = Scope()


@pytest.mark.parametrize(
    ("permission", "grants", "reach"),
    [
        (SEE, [Grant("inspector")], ALL),
        (SEE, [Grant("inspector", shop_id=1)], Scope(shop_ids=frozenset({1}))),
        (SEE, [Grant("qa_lead")], ALL),
        (SEE, [Grant("team_lead", team_id=3)], Scope(team_ids=frozenset({3}))),
        (SEE, [Grant("mentor", team_id=3)], Scope(team_ids=frozenset({3}))),
        (SEE, [Grant("store_manager", shop_id=1)], Scope(shop_ids=frozenset({1}))),
        (SEE, [Grant("agent")], Scope(agent_id=7)),
        (SEE, [Grant("new_hire")], Scope(agent_id=7)),
        # Should the database hold it all the same, an agent is bound to nothing but themselves.
        (SEE, [Grant("agent", shop_id=1)], Scope(agent_id=7)),
        (SEE, [Grant("admin")], NONE),
        (SEE, [Grant("inspector", shop_id=1, team_id=3)], NONE),
        # Several roles add up.
        (
            SEE,
            [Grant("store_manager", shop_id=1), Grant("store_manager", shop_id=2), Grant("mentor", team_id=3)],
            Scope(shop_ids=frozenset({1, 2}), team_ids=frozenset({3})),
        ),
        (
            SEE,
            [Grant("agent"), Grant("team_lead", team_id=3), Grant("admin")],
            Scope(team_ids=frozenset({3}), agent_id=7),
        ),
        (SEE, [Grant("agent"), Grant("inspector")], Scope(everything=True, agent_id=7)),
        # Lifting the mask needs a look, and widens none.
        (UNMASK, [Grant("inspector")], ALL),
        (UNMASK, [Grant("inspector", team_id=3)], Scope(team_ids=frozenset({3}))),
        (UNMASK, [Grant("team_lead", team_id=3)], NONE),
        (UNMASK, [Grant("agent")], NONE),
        (UNMASK, [Grant("admin")], NONE),
        (UNMASK, [Grant("admin"), Grant("store_manager", shop_id=1)], Scope(shop_ids=frozenset({1}))),
        (UNMASK, [Grant("admin", shop_id=1), Grant("inspector", shop_id=2)], Scope(shop_ids=frozenset({2}))),
        (EXPORT, [Grant("agent")], NONE),
        (EXPORT, [Grant("store_manager", shop_id=1), Grant("inspector")], Scope(shop_ids=frozenset({1}))),
        # What belongs to shops is not reached through a team.
        ("imports.make", [Grant("inspector", team_id=3)], NONE),
        ("imports.make", [Grant("store_manager", shop_id=1)], Scope(shop_ids=frozenset({1}))),
        ("imports.make", [Grant("admin")], ALL),
        ("activity.see", [Grant("qa_lead", shop_id=1)], Scope(shop_ids=frozenset({1}))),
        # What concerns the whole workplace is not reached through a shop.
        ("users.manage", [Grant("admin")], ALL),
        ("users.manage", [Grant("admin", shop_id=1)], NONE),
        ("users.manage", [Grant("qa_lead")], NONE),
        ("jobs.see", [Grant("inspector", shop_id=1)], NONE),
        ("jobs.see", [Grant("inspector")], ALL),
        # Drafts are for the whole workplace, and written by whoever coaches a team; publishing them is not theirs.
        ("training.edit", [Grant("mentor", team_id=3)], ALL),
        ("training.edit", [Grant("qa_lead", shop_id=1)], ALL),
        ("training.edit", [Grant("mentor", shop_id=1, team_id=3)], NONE),
        ("training.edit", [Grant("team_lead", team_id=3)], NONE),
        ("training.publish", [Grant("qa_lead", shop_id=1)], NONE),
        ("self.manage", [Grant("store_manager", shop_id=1)], Scope(agent_id=7)),
    ],
)
def test_a_role_reaches(permission: str, grants: list[Grant], reach: Scope) -> None:
    assert viewer(*grants, agent_id=7).scope(permission) == reach


def test_an_agent_sees_their_own_chats_and_nobody_elses() -> None:
    agent = viewer(Grant("agent"), agent_id=7)
    assert agent.may_see(SEE, shop_id=1, team_id=1, agent_id=7)
    assert not agent.may_see(SEE, shop_id=1, team_id=1, agent_id=8)
    assert not agent.may_see(SEE, shop_id=1, team_id=1, agent_id=None)


def test_an_agent_role_without_an_agent_sees_nothing_not_even_what_nobody_wrote() -> None:
    unlinked = viewer(Grant("agent"))
    assert not unlinked.may(SEE)
    assert not unlinked.may_see(SEE, shop_id=1, team_id=None, agent_id=None)
    assert unlinked.may("home.see")


def test_a_thing_without_a_team_is_in_nobodys_team() -> None:
    lead = viewer(Grant("team_lead", team_id=3))
    assert not lead.may_see(SEE, shop_id=1, team_id=None, agent_id=None)


@pytest.mark.parametrize("role", get_args(Role))
def test_everybody_with_a_role_has_a_home_and_their_own_account(role: Role) -> None:
    one = viewer(Grant(role))
    assert (one.may("home.see"), one.may("self.manage")) == (True, True)


def test_only_admins_manage() -> None:
    managing = {"users.manage", "shops.manage", "people.manage", "tokens.manage"}
    assert {role for name in managing for role in PERMISSIONS[name].roles} == {"admin"}

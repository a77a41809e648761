"""Roles as people give them: a row a role, with the shop or team it holds in; one form, which needs no JavaScript."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from flask import request
from wtforms import FieldList, FormField, SelectField
from wtforms.fields.choices import SelectChoice

from qaplatform.services.access import PERMISSIONS, ROLES, Grant, Role, Viewer
from qaplatform.services.shops import shop_choices
from qaplatform.services.teams import team_choices
from qaplatform.store.agents import AgentChoice
from qaplatform.store.shops import ShopChoice
from qaplatform.store.teams import TeamChoice
from qaplatform.web.forms import Form, choices
from qaplatform.web.i18n import _, language, lazy
from qaplatform.web.submitting import Session

_MOST_ROWS = 100


class Places:
    """The shops and teams that roles can be bound to, with their names."""

    def __init__(self, shops: Sequence[ShopChoice], teams: Sequence[TeamChoice]) -> None:
        self._shops = shops
        self._teams = teams
        self.names: Mapping[tuple[str, int], str] = {
            **{("shop", one.id): one.name for one in shops},
            **{("team", one.id): one.name for one in teams},
        }

    @classmethod
    def load(cls, session: Session, viewer: Viewer) -> Places:
        """All there are."""
        shops = shop_choices(session, viewer, "users.manage")
        return cls(shops, team_choices(session, viewer, "users.manage"))

    def choices(self) -> list[SelectChoice]:
        """For a list to choose from, by group."""
        return [
            SelectChoice("", _("全部店铺和团队")),
            *(SelectChoice(f"shop.{one.id}", one.name, optgroup=_("只在店铺")) for one in self._shops),
            *(SelectChoice(f"team.{one.id}", one.name, optgroup=_("只在团队")) for one in self._teams),
        ]


class GrantPart(Form):
    """One role and where it holds; without a role the row is passed over."""

    class Meta(Form.Meta):
        """A part of a form that has a token."""

        csrf = False

    role = SelectField(lazy("角色"))
    place = SelectField(lazy("范围"))


class GrantsForm(Form):
    """Some roles. Make it with :func:`prepare`."""

    grants = FieldList(FormField(GrantPart), max_entries=_MOST_ROWS)

    def grants_given(self) -> tuple[Grant, ...]:
        """The roles of the rows that have one."""
        return tuple(_grant(row["role"], row["place"]) for row in self.grants.data if row["role"])

    @property
    def wants_more_rows(self) -> bool:
        """Whether the button was pressed that adds a row and saves nothing."""
        return "more" in request.form


def prepare(form: GrantsForm, places: Places, grants: Iterable[Grant] = (), *, sent: bool) -> None:
    """Give all rows their choices; a form that was not ``sent`` is filled with the roles somebody has."""
    for grant in () if sent else grants:
        form.grants.append_entry({"role": grant.role, "place": _place(grant)})
    if (not sent or form.wants_more_rows) and len(form.grants) < _MOST_ROWS:
        form.grants.append_entry()
    roles = choices(("", _("（无）")), *((role, role_text(role)) for role in ROLES))
    for row in form.grants:
        row.form.role.choices = roles
        row.form.place.choices = places.choices()


def _place(grant: Grant) -> str:
    if grant.shop_id is not None:
        return f"shop.{grant.shop_id}"
    return "" if grant.team_id is None else f"team.{grant.team_id}"


def _grant(role: str, place: str) -> Grant:
    kind, _dot, number = place.partition(".")
    id = int(number) if number else None
    return Grant(cast("Role", role), id if kind == "shop" else None, id if kind == "team" else None)


def role_text(role: Role) -> str:
    """A role's name."""
    return ROLES[role].zh if language() == "zh" else ROLES[role].en


def grant_text(grant: Grant, names: Mapping[tuple[str, int], str]) -> str:
    """``质检 · 晴空家居旗舰店``; a place that is gone is a number."""
    for kind, id in (("shop", grant.shop_id), ("team", grant.team_id)):
        if id is not None:
            return f"{role_text(grant.role)} · {names.get((kind, id), f'#{id}')}"
    return role_text(grant.role)


def what_roles_may() -> list[tuple[str, list[str]]]:
    """Every role with what it may do, as the table of permissions says it."""
    zh = language() == "zh"
    return [
        (role_text(role), [row.zh if zh else row.en for row in PERMISSIONS.values() if role in row.roles])
        for role in ROLES
    ]


def choices_of_agents(agents: Iterable[AgentChoice], none: str) -> list[SelectChoice]:
    """Agents to choose from, by team; those who have left come last."""
    found = [SelectChoice("", none)]
    for one in agents:
        team = _("已离职") if one.left_on else one.team_name or _("没有团队")
        found.append(SelectChoice(str(one.id), f"{one.name} ({one.code})", optgroup=team))
    return found

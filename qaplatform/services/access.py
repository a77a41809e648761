"""Who may do what: one table of permissions, deny by default.

Somebody's roles add up. A role holds in one shop, in one team, or, without either, everywhere; agents and new hires
reach themselves only, however the role was given. An unknown permission is an error and never a no.

Why the table says what it says:

- **An admin keeps the house and does not read the letters.** Users, shops, tokens, imports and jobs need no look into
  a conversation, so ``admin`` alone sees none; whoever shall also read is given a role that reads, by another admin,
  and the activity log says so. (An admin could make a second user or set somebody's password: the log says that as well.
  The person who installs the workplace is both admin and QA lead, or nobody could see the first findings.)
- **Lifting the mask widens nothing.** ``conversations.unmask`` and ``conversations.export`` hold only where
  ``conversations.see`` does (``needs``): an admin who is a store manager as well lifts it in that shop alone.
- **Nobody widens their own reach.** Which team an agent is of decides who sees the chats, so ``people.manage`` is the admin's;
  and nobody changes their own roles or their own agent (``services/users.py``).
- **What concerns the whole workplace** (users, jobs, tokens) is no business of a role that holds in one shop or team.
- **Whoever coaches a team may draft for everybody** (``training.edit``): the mentor who saw the mistake writes the lesson. What is
  taught is the same in the whole workplace, so publishing it (``training.publish``) is for those whose role holds everywhere.
- **Agents take nothing out**: they see their own chats, masked, and export nothing.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from qaplatform.errors import QAPlatformError
from qaplatform.services.permissions import (
    PERMISSIONS,
    ROLES,
    Bound,
    Permission,
    RoleText,
    UnknownPermissionError,
    permission_named,
)
from qaplatform.store.scopes import Grant, Role, Scope

__all__ = [
    "PERMISSIONS",
    "ROLES",
    "AccessError",
    "Grant",
    "Permission",
    "Role",
    "RoleText",
    "Scope",
    "UnknownPermissionError",
    "Viewer",
    "permission_named",
]


class AccessError(QAPlatformError):
    """You may not do this; ask an admin for the role that may."""

    code: ClassVar[str] = "access.denied"


class Viewer(msgspec.Struct, frozen=True):
    """Somebody who is signed in, with what they have been granted."""

    user_id: int
    name: str
    language: str = "zh"
    agent_id: int | None = None
    grants: tuple[Grant, ...] = ()
    must_change_password: bool = False
    """They signed in with a one-time password: until it is changed, ``self.manage`` is all they may."""

    def may(self, permission: str) -> bool:
        """Whether they may do this at all; where, :meth:`may_see` and :meth:`scope` say.

        Raises:
            UnknownPermissionError: there is no such permission.
        """
        row = permission_named(permission)
        if row.bound == "own":
            return self._is_open(permission) and any(grant.role in row.roles for grant in self.grants)
        return not self.scope(permission).is_empty

    def may_see(self, permission: str, *, shop_id: int | None, team_id: int | None, agent_id: int | None) -> bool:
        """Whether they may do this with a thing of this shop, team and agent.

        Raises:
            UnknownPermissionError: there is no such permission.
        """
        return self.scope(permission).holds(shop_id=shop_id, team_id=team_id, agent_id=agent_id)

    def scope(self, permission: str) -> Scope:
        """All they may do this with; store queries narrow lists by it.

        Raises:
            UnknownPermissionError: there is no such permission.
        """
        row = permission_named(permission)
        reach = Scope()
        for grant in self.grants if self._is_open(permission) else ():
            if grant.role not in row.roles:
                continue
            part = self._reach(grant, row.bound)
            if row.needs is not None and grant.role not in PERMISSIONS[row.needs].roles:
                # Such a role is never bound (a test sees to it), so that the meeting of both is the one or nothing.
                part = self.scope(row.needs) if part.everything else Scope()
            reach = reach.plus(part)
        return reach

    def demand(self, permission: str) -> None:
        """Refuse whoever may not do this at all.

        Raises:
            AccessError: they may not.
            UnknownPermissionError: there is no such permission.
        """
        if not self.may(permission):
            raise AccessError

    def _is_open(self, permission: str) -> bool:
        return permission == "self.manage" or not self.must_change_password

    def _reach(self, grant: Grant, bound: Bound) -> Scope:
        binding = ROLES[grant.role].binding
        if bound == "own" or binding == "oneself":
            return Scope(agent_id=self.agent_id) if bound in {"own", "shops_and_teams"} else Scope()
        is_bound = grant.shop_id is not None or grant.team_id is not None
        # A grant that should not be there (a bound admin, a shop and a team at once) gives nothing.
        is_odd = is_bound and (binding == "never" or (grant.shop_id is not None and grant.team_id is not None))
        if not is_bound or (bound == "anywhere" and not is_odd):
            return Scope(everything=True)
        if bound == "everywhere" or is_odd:
            return Scope()
        if grant.shop_id is not None:
            return Scope(shop_ids=frozenset({grant.shop_id}))
        if grant.team_id is not None and bound == "shops_and_teams":
            return Scope(team_ids=frozenset({grant.team_id}))
        return Scope()

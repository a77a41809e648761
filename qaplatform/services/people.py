"""Who wrote: from the name a message was written under to the person.

A name is an account of the shop (held by somebody on that day, in that shift), else an agent's own code or name.
Accounts are shared: two shifts write under one name, or one person leaves and another takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from qaplatform.audit.context import DAY_MINUTES
from qaplatform.store.holders import AgentSeen, Holding, all_agents, all_holdings


class People:
    """Agents and the accounts they hold; made for a batch and good for any number of questions."""

    def __init__(self, agents: Iterable[AgentSeen], holdings: Iterable[Holding], zones: Mapping[int, ZoneInfo]) -> None:
        """``zones`` are those of the shops, by id: days and shifts are local."""
        self.agents: Mapping[int, AgentSeen] = {one.id: one for one in agents}
        self.holdings: Mapping[int, Sequence[Holding]] = _by_shop(holdings)
        self._by_code = {one.code: one for one in self.agents.values()}
        self._by_name = _unique_names(self.agents.values())
        self._by_account: dict[tuple[int, str], list[Holding]] = {}
        for one in (one for several in self.holdings.values() for one in several):
            self._by_account.setdefault((one.shop_id, one.account), []).append(one)
        self._always = {key: self._only_holder(several) for key, several in self._by_account.items()}
        self._zones = zones

    @classmethod
    def load(cls, session: Session, zones: Mapping[int, ZoneInfo]) -> People:
        """Everybody there is."""
        return cls(all_agents(session), all_holdings(session), zones)

    def agent_of(self, shop_id: int, account: str, moment: datetime | None) -> AgentSeen | None:
        """The person who wrote under a name in a shop at a moment (aware), or ``None`` where nobody can tell.

        Where several hold the account at once, the one with the narrowest shift counts, then the one who took it
        over last; two who are alike in both can't be told apart.
        """
        key = (shop_id, account)
        if key not in self._by_account:
            return self._by_code.get(account) or self._by_name.get(account)
        always = self._always[key]
        if always is not None:
            return always
        if moment is None:
            return None
        return self._holder_at(key, moment.astimezone(self._zones[shop_id]))

    def is_account(self, name: str) -> bool:
        """Whether a name that stands in a chat is a platform's account, and not an agent's own code or name."""
        return name not in self._by_code and name not in self._by_name

    def _only_holder(self, several: Sequence[Holding]) -> AgentSeen | None:
        """Whoever holds an account in all days and hours; nobody where it depends."""
        first = several[0]
        open_ended = first.from_day is None and first.until_day is None
        whole_day = first.start_minute == 0 and first.end_minute >= DAY_MINUTES
        return self.agents.get(first.agent_id) if len(several) == 1 and open_ended and whole_day else None

    def _holder_at(self, key: tuple[int, str], local: datetime) -> AgentSeen | None:
        day, minute = local.date(), local.hour * 60 + local.minute
        fitting = [one for one in self._by_account[key] if _holds(one, day, minute)]
        if not fitting:
            return None
        best = min(map(_rank, fitting))
        agents = {one.agent_id for one in fitting if _rank(one) == best}
        return self.agents.get(agents.pop()) if len(agents) == 1 else None


def _by_shop(holdings: Iterable[Holding]) -> dict[int, list[Holding]]:
    out: dict[int, list[Holding]] = {}
    for one in holdings:
        out.setdefault(one.shop_id, []).append(one)
    return out


def _unique_names(agents: Iterable[AgentSeen]) -> dict[str, AgentSeen]:
    """Agents by name; a name that two of them have tells nobody."""
    names: dict[str, AgentSeen | None] = {}
    for one in agents:
        names[one.name] = None if one.name in names else one
    return {name: one for name, one in names.items() if one is not None}


def holds_on(one: Holding, day: date) -> bool:
    """Whether an account is held on a local day."""
    return (one.from_day is None or day >= one.from_day) and (one.until_day is None or day < one.until_day)


def _holds(one: Holding, day: date, minute: int) -> bool:
    """Whether an account is held at a local minute, by a shift of this day or one that began on the day before."""
    if one.start_minute <= minute < one.end_minute and holds_on(one, day):
        return True
    late = one.start_minute <= minute + DAY_MINUTES < one.end_minute
    return late and day > date.min and holds_on(one, day - timedelta(days=1))


def _rank(one: Holding) -> tuple[int, int]:
    """Narrow shifts first, then whoever came last."""
    since = one.from_day.toordinal() if one.from_day else 0
    return one.end_minute - one.start_minute, -since

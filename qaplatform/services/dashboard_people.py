"""Agents beside each other: raw and adjusted scores, each with the mix of topics it comes from; never a rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from qaplatform.services.figure_cells import NOBODY
from qaplatform.services.figure_rules import speaks_for_people
from qaplatform.services.figure_sums import Sums, Tally, regrouped, tally
from qaplatform.services.statistics import Mean, Stratum, standardised
from qaplatform.store.dashboard import Reviewed

_MIX_SHOWN = 3
MOST_PEOPLE = 30
"""So many are shown at once, those with the most chats; filters lead to the others."""


class Part(msgspec.Struct, frozen=True):
    """A topic's part of somebody's chats, and of everybody's."""

    topic: str
    own_ratio: float
    common_ratio: float


class Coverage(msgspec.Struct, frozen=True):
    """How many of an agent's chats people have reviewed."""

    reviewed: int
    random: int
    """Of these, drawn in a way that speaks for all of them."""
    of: int


class Person(msgspec.Struct, frozen=True):
    """An agent."""

    agent_id: int
    team_id: int
    """The team of most of their chats; 0 = none."""
    own: Tally
    adjusted: Mean | None
    """The score they would have with everybody's mix of topics; ``None`` where too little is known."""
    mix: Sequence[Part]
    """The topics in which theirs differs most from everybody's."""
    coverage: Coverage | None
    """``None`` where nothing is known of reviews."""


def people(
    sums: Sums, topics: Sequence[str], *, only: int | None = None, reviewed: Sequence[Reviewed] | None = None
) -> list[Person]:
    """Agents out of sums by team, agent and topic: those with the most chats first."""
    by_agent, by_pair, by_team = regrouped(sums, 1), regrouped(sums, 1, 2), regrouped(sums, 1, 0)
    common = regrouped(sums, 2)
    mix = dict(zip(common.keys[0].tolist(), common.values["scored"].tolist(), strict=True))
    count = dict(zip(common.keys[0].tolist(), common.values["conversations"].tolist(), strict=True))
    teams = _most(by_team)
    seen = _by_agent(reviewed)
    out: list[Person] = []
    most = np.argsort(-by_agent.values["conversations"], kind="stable").tolist()
    for row in most:
        agent = int(by_agent.keys[0][row])
        if len(out) == MOST_PEOPLE:
            break
        if agent == NOBODY or not by_agent.values["conversations"][row] or only not in (None, agent):
            continue
        own = tally(by_agent, row)
        rows = np.flatnonzero(by_pair.keys[0] == agent).tolist()
        adjusted = standardised({int(by_pair.keys[1][n]): _stratum(by_pair, n) for n in rows}, mix)
        parts = {int(by_pair.keys[1][n]): float(by_pair.values["conversations"][n]) for n in rows}
        coverage = None if reviewed is None else _coverage(seen.get(agent, ()), own.conversations)
        out.append(Person(agent, teams.get(agent, NOBODY), own, adjusted, _mix(parts, count, topics), coverage))
    return out


def _stratum(sums: Sums, row: int) -> Stratum:
    return Stratum(*(float(sums.values[name][row]) for name in ("scored", "score_sum", "score_squares")))  # type: ignore[arg-type]


def _most(by_team: Sums) -> dict[int, int]:
    out: dict[int, tuple[float, int]] = {}
    counts = by_team.values["conversations"].tolist()
    for agent, team, count in zip(by_team.keys[0].tolist(), by_team.keys[1].tolist(), counts, strict=True):
        out[agent] = max(out.get(agent, (-1.0, 0)), (count, team))
    return {agent: team for agent, (_, team) in out.items()}


def _mix(own: Mapping[int, float], common: Mapping[int, float], topics: Sequence[str]) -> list[Part]:
    mine, all_ = sum(own.values()), sum(common.values())
    parts = [
        Part(topics[topic], own.get(topic, 0.0) / mine, count / all_) for topic, count in common.items() if topic >= 0
    ]
    return sorted(parts, key=lambda one: (-abs(one.own_ratio - one.common_ratio), one.topic))[:_MIX_SHOWN]


def _by_agent(reviewed: Sequence[Reviewed] | None) -> dict[int, list[Reviewed]]:
    out: dict[int, list[Reviewed]] = {}
    for one in reviewed or ():
        out.setdefault(one.agent_id, []).append(one)
    return out


def _coverage(reviewed: Sequence[Reviewed], of: int) -> Coverage:
    random = sum(one.chats for one in reviewed if speaks_for_people(one.draw))
    return Coverage(sum(one.chats for one in reviewed), random, of)

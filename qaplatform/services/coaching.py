"""Who to coach today: agents who miss a criterion clearly more often than the rest of their team does on the same topics.

Nobody is named for few chats, for a different mix of topics, or for what is within chance; and nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from qaplatform.services.figure_cells import NOBODY
from qaplatform.services.figure_sums import Sums
from qaplatform.services.statistics import Comparison, Share, compared, discoveries, share

LEAST_CHATS = 30
LEAST_MISSED = 5
LEAST_DIFFERENCE = 0.05
"""What is significant in many thousand chats need not be worth anybody's afternoon."""
_MOST_AGENTS = 8
_MOST_CRITERIA = 2


class Advice(msgspec.Struct, frozen=True):
    """What to coach an agent in, and why."""

    team_id: int
    agent_id: int
    criterion: str
    own: Share
    """Missed, of those chats that are compared."""
    comparison: Comparison


def advice(sums: Sums, criteria: Sequence[str]) -> list[Advice]:
    """Advice out of sums by team, agent and topic; at most two criteria an agent, the largest difference first."""
    tested = list(_tested(sums, criteria))
    stands = discoveries([one.comparison.chance for one in tested])
    found = [
        one
        for one, is_real in zip(tested, stands, strict=True)
        if is_real
        and one.comparison.failed >= LEAST_MISSED
        and (one.own.ratio or 0) - one.comparison.others_ratio >= LEAST_DIFFERENCE
    ]
    found.sort(key=lambda one: (one.comparison.expected - one.comparison.failed, one.agent_id, one.criterion))
    out: dict[tuple[int, int], list[Advice]] = {}
    for one in found:
        own = out.setdefault((one.team_id, one.agent_id), [])
        if len(own) < _MOST_CRITERIA:
            own.append(one)
    return [one for several in list(out.values())[:_MOST_AGENTS] for one in several]


def _tested(sums: Sums, criteria: Sequence[str]) -> Iterator[Advice]:
    teams, agents, topics = sums.keys
    for team in np.unique(teams[teams != NOBODY]).tolist():
        here = teams == team
        own_agents, own_topics = agents[here], topics[here]
        places = np.unique(own_topics, return_inverse=True)[1]
        count = int(places.max(initial=-1)) + 1
        judged, missed = sums.judged[here], sums.missed[here]
        all_judged, all_missed = np.zeros((count, len(criteria)), np.int64), np.zeros((count, len(criteria)), np.int64)
        np.add.at(all_judged, places, judged)
        np.add.at(all_missed, places, missed)
        for agent in np.unique(own_agents[own_agents != NOBODY]).tolist():
            mine = own_agents == agent
            at = places[mine]
            enough = judged[mine].sum(axis=0) >= LEAST_CHATS
            for number in np.flatnonzero(enough & (missed[mine].sum(axis=0) >= LEAST_MISSED)).tolist():
                own_missed, own = missed[mine, number], judged[mine, number]
                others_missed, others = all_missed[at, number] - own_missed, all_judged[at, number] - own
                table = np.stack([own_missed, own, others_missed, others], axis=1).tolist()
                found = compared([(a, b, c, d) for a, b, c, d in table])
                if found is not None and found.of >= LEAST_CHATS:
                    yield Advice(team, agent, criteria[number], share(found.failed, found.of), found)

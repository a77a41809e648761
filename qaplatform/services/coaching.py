"""Who to coach today: agents who miss a criterion clearly more often than the rest of their team does on the same topics.

Nobody is named for few chats, for a different mix of topics, or for what is within chance; and nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from qaplatform.services.figure_cells import NOBODY
from qaplatform.services.figure_sums import Sums
from qaplatform.services.statistics import Comparison, Share, all_compared, discoveries, share

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
        names, who = np.unique(agents[here], return_inverse=True)
        kinds, what = np.unique(topics[here], return_inverse=True)
        # A table by topic, agent and criterion: what is not one's own is the others'.
        judged = np.zeros((len(kinds), len(names), len(criteria)), np.int64)
        missed = judged.copy()
        judged[what, who], missed[what, who] = sums.judged[here], sums.missed[here]
        others, others_missed = (table.sum(axis=1, keepdims=True) - table for table in (judged, missed))
        enough = (judged.sum(axis=0) >= LEAST_CHATS) & (missed.sum(axis=0) >= LEAST_MISSED)
        for (place, number), found in all_compared(
            missed * enough, judged * enough, others_missed, others
        ).items():  # fmt: skip
            if names[place] != NOBODY and found.of >= LEAST_CHATS:
                own = share(found.failed, found.of)
                yield Advice(team, int(names[place]), criteria[number], own, found)

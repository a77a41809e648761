"""How an agent comes along: their own scores over weeks, what they missed lately, and how it is done well.

Scores come from all of their chats (the machine's) or from random draws (people's), never from what was drawn because it
looked bad; what a machine calls critical and nobody has confirmed counts in neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion
from qaplatform.services.access import Viewer
from qaplatform.services.dashboard import Period
from qaplatform.services.figure_memory import cells_of_days
from qaplatform.services.figure_rules import SPEAKS_FOR_PEOPLE
from qaplatform.services.figure_sums import NOTHING, Tally, regrouped, summed, tally
from qaplatform.services.results import SEE
from qaplatform.services.rubric_books import published_rubrics
from qaplatform.services.statistics import Mean, Share, mean, share
from qaplatform.store import own_results
from qaplatform.store.own_results import Praised

WEEKS = 12
LATELY_WEEKS = 4
_MOST_ADVICE = 5
_EXAMPLES = 2


class Week(msgspec.Struct, frozen=True):
    """A week of an agent's."""

    period: Period
    machine: Tally
    """Of all chats."""
    ruled: Mean
    """Of random draws that people have reviewed."""


class Advice(msgspec.Struct, frozen=True):
    """A criterion that was missed lately: how often, and how it is done well."""

    criterion: str
    missed: Share
    """Of all chats in which it applied, as the machine sees it."""
    ruled: int
    """Chats in which a person said so."""
    policy: Words | None
    """The rule."""
    better: Words | None
    own: Sequence[Praised]
    """The agent's own chats that did it well and were praised."""
    example: Sequence[tuple[str, str]]
    """The rubric's good example: roles and texts."""


class OwnResults(msgspec.Struct, frozen=True):
    """All of it; ``weeks`` in order, the newest last."""

    weeks: Sequence[Week]
    machine: Tally
    ruled: Mean
    advice: Sequence[Advice]


def own_results_of(session: Session, viewer: Viewer, *, now: datetime, zone: ZoneInfo) -> OwnResults | None:
    """The viewer's own; ``None`` where they are no agent.

    Raises:
        AccessError: they may see no results.
    """
    viewer.demand(SEE)
    agent_id = viewer.agent_id
    if agent_id is None:
        return None
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    lately = today - timedelta(days=today.weekday() + 7 * (LATELY_WEEKS - 1))
    cells = cells_of_days(session, first, today, None)
    cells = cells.where(cells.agent == agent_id)
    week_of = (cells.day - first.toordinal()) // 7
    sums = summed(cells, week_of, with_criteria=True)
    tallies = {int(place): tally(sums, row) for row, place in enumerate(sums.keys[0].tolist())}
    scores = own_results.ruled_scores(session, agent_id, datetime.combine(first, time(), zone), SPEAKS_FOR_PEOPLE)
    by_week: dict[int, list[float]] = {}
    for moment, score in scores:
        by_week.setdefault((moment.astimezone(zone).date() - first).days // 7, []).append(score)
    recent = sums.keys[0] >= (lately - first).days // 7
    judged, missed = sums.judged[recent].sum(axis=0), sums.missed[recent].sum(axis=0)
    seen = {
        name: share(int(bad), int(of))
        for name, bad, of in zip(cells.criteria, missed.tolist(), judged.tolist(), strict=True)
    }
    ruled = own_results.ruled_failures(session, agent_id, datetime.combine(lately, time(), zone))
    return OwnResults(
        weeks=[_week(first, place, tallies, by_week) for place in range(WEEKS)],
        machine=tally(regrouped(sums), 0) if len(sums) else NOTHING,
        ruled=_mean([score for _, score in scores]),
        advice=_advice(session, agent_id, seen, ruled),
    )


def _week(first: date, place: int, tallies: Mapping[int, Tally], by_week: Mapping[int, Sequence[float]]) -> Week:
    begin = first + timedelta(days=7 * place)
    period = Period(begin, begin + timedelta(days=6))
    return Week(period, tallies.get(place, NOTHING), _mean(by_week.get(place, ())))


def _mean(scores: Sequence[float]) -> Mean:
    return mean(len(scores), sum(scores), float(np.square(scores).sum()) if scores else 0.0)


def _advice(session: Session, agent_id: int, seen: Mapping[str, Share], ruled: Mapping[str, int]) -> list[Advice]:
    """What people said first, then what the machine saw most often; a critical only where people said so."""
    known: dict[str, Criterion] = {}
    for criterion in (one for rubric in published_rubrics(session) for one in rubric.criteria):
        known.setdefault(criterion.id, criterion)
    wanted = [
        id for id, one in known.items() if id in ruled or (id in seen and seen[id].count and not one.critical)
    ]  # fmt: skip
    wanted.sort(key=lambda id: (-ruled.get(id, 0), -seen[id].count if id in seen else 0, id))
    wanted = wanted[:_MOST_ADVICE]
    own: dict[str, list[Praised]] = {}
    for one in own_results.praised(session, agent_id, wanted):
        own.setdefault(one.criterion, []).append(one)
    return [
        Advice(
            criterion=id,
            missed=seen.get(id, share(0, 0)),
            ruled=ruled.get(id, 0),
            policy=known[id].policy,
            better=known[id].better,
            own=own.get(id, [])[:_EXAMPLES],
            example=_example(known[id]),
        )
        for id in wanted
    ]


def _example(criterion: Criterion) -> Sequence[tuple[str, str]]:
    passed = next((one for one in criterion.examples if one.outcome == "pass"), None)
    return [(it.role, it.text) for it in passed.conversation.messages] if passed else []

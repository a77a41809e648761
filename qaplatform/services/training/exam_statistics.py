"""How scenarios went in exams: how many passed, mean scores, and which items of their task are missed most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.exam.scenario import Scenario
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.statistics import Share, share
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.store.training.exam_lists import newest_results
from qaplatform.store.training.exam_results import ScenarioFigures, scenario_figures

COACH = "training.coach"
LEAST = 5
"""Of fewer exams nothing is said about a scenario."""
_NEWEST = 300


class ItemFigures(msgspec.Struct, frozen=True):
    """An item of a scenario's task: how often it was missed, or, where it is forbidden, done."""

    id: str
    kind: str
    title: Words
    missed: Share


class ScenarioStatistics(msgspec.Struct, frozen=True):
    """A scenario in exams; void ones and those that wait for a mentor are left out."""

    scenario: str
    title: Words
    kind: str
    level: str
    taken: int
    passed: Share
    critical_count: int
    service_score: float | None
    task_score: float | None

    @property
    def is_enough(self) -> bool:
        """Whether anything may be said of it."""
        return self.taken >= LEAST


def statistics(session: Session, viewer: Viewer) -> list[ScenarioStatistics]:
    """All scenarios that may be drawn or were taken, those of most exams first. Nobody is named in it.

    Raises:
        AccessError: they accompany nobody.
    """
    viewer.demand(COACH)
    scenarios = scenarios_now(session)
    figures = {one.scenario: one for one in scenario_figures(session)}
    found = [_statistics(id, scenarios.get(id), figures.get(id)) for id in {**scenarios, **figures}]
    return sorted(found, key=lambda one: (-one.taken, one.scenario))


def item_statistics(session: Session, viewer: Viewer, scenario: str) -> tuple[ScenarioStatistics, list[ItemFigures]]:
    """A scenario, and the items of its newest exams, those that were missed most first.

    Raises:
        AccessError: they accompany nobody.
        NotThereError: there is no such scenario, and nobody ever took one.
    """
    one = next((one for one in statistics(session, viewer) if one.scenario == scenario), None)
    if one is None:
        raise NotThereError
    return one, _items(newest_results(session, scenario, most=_NEWEST))


def _statistics(id: str, scenario: Scenario | None, one: ScenarioFigures | None) -> ScenarioStatistics:
    return ScenarioStatistics(
        scenario=id,
        title=scenario.title if scenario else Words(id, id),
        kind=scenario.kind if scenario else "",
        level=scenario.level if scenario else "",
        taken=one.count if one else 0,
        passed=share(one.passed_count, one.count) if one else share(0, 0),
        critical_count=one.critical_count if one else 0,
        service_score=one.service_score if one else None,
        task_score=one.task_score if one else None,
    )


def _items(results: Sequence[dict[str, Any]]) -> list[ItemFigures]:
    """The items of some exams, those that were missed most first."""
    seen: dict[str, tuple[dict[str, Any], int, int]] = {}
    for result in results:
        for item in result["task"]["items"]:
            first, missed, of = seen.get(item["id"], (item, 0, 0))
            seen[item["id"]] = (first, missed + (not item["met"]), of + 1)
    found = [
        ItemFigures(id, item["kind"], Words(**item["title"]), share(missed, of))
        for id, (item, missed, of) in seen.items()
    ]
    return sorted(found, key=lambda one: (-(one.missed.ratio or 0), one.id))

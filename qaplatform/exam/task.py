"""The task score: the scenario's goals, required and forbidden acts, and their order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from qaplatform.audit.phrases import Words
from qaplatform.exam.conditions import first_line, fits
from qaplatform.exam.dialogue import State
from qaplatform.exam.scenario import Forbidden, Goal, Moment, Required, Scenario, several


class TaskItem(msgspec.Struct, frozen=True):
    """One thing the scenario counts; ``points`` of ``max_points``, negative for what was forbidden and done."""

    id: str
    kind: Literal["goal", "required", "forbidden"]
    title: Words
    points: float
    max_points: float
    met: bool
    line: int | None
    """Number of the message that did it."""
    late: bool = False
    """Done, but after what it should have come before: half the points."""


class TaskScore(msgspec.Struct, frozen=True):
    """``score`` is 0–100; ``failed_by`` are forbidden things that rule out a pass whatever the score."""

    score: float
    items: tuple[TaskItem, ...]
    failed_by: tuple[str, ...]


def task_score(scenario: Scenario, state: State) -> TaskScore:
    """What a dialogue reached of its scenario's task. Replies nobody could read neither earn nor cost anything."""
    earned = [_goal(one, state) for one in scenario.goals] + [_required(one, state) for one in scenario.required]
    costs = [_forbidden(one, state) for one in scenario.forbidden]
    return _summed(scenario, [*earned, *costs])


def task_score_otherwise(scenario: Scenario, state: State, lines: Collection[int]) -> TaskScore:
    """The score if all that is doubtful in some replies were read the other way."""
    doubts = [one for one in state.doubts if one.line in lines]
    acts = (*(one for one in state.acts if one not in doubts), *(one for one in doubts if one not in state.acts))
    return task_score(scenario, replace(state, acts=acts))


def ruled_task(scenario: Scenario, task: TaskScore, met: Mapping[str, bool]) -> TaskScore:
    """The score once a person has said of some items whether they were met; what they say met is met in time."""
    costs = {one.id: one.costs for one in scenario.forbidden}

    def ruled(item: TaskItem) -> TaskItem:
        if item.id not in met or met[item.id] == item.met:
            return item
        if item.kind == "forbidden":
            return replace(item, met=met[item.id], points=0.0 if met[item.id] else -costs.get(item.id, 0.0))
        return replace(item, met=met[item.id], points=item.max_points if met[item.id] else 0.0, late=False)

    return _summed(scenario, [ruled(one) for one in task.items])


def _summed(scenario: Scenario, items: Sequence[TaskItem]) -> TaskScore:
    total = sum(one.max_points for one in items if one.kind != "forbidden")
    share = 100 * sum(one.points for one in items if one.kind != "forbidden") / total if total else 0.0
    score = max(0.0, min(100.0, share + sum(one.points for one in items if one.kind == "forbidden")))
    fatal = {one.id for one in scenario.forbidden if one.fails}
    failed_by = tuple(one.id for one in items if one.kind == "forbidden" and one.id in fatal and not one.met)
    return TaskScore(round(score, 2), tuple(items), failed_by)


def _late(line: int, before: Moment | None, state: State) -> bool:
    """Whether it came after what it should come before. In one and the same message the order is the candidate's."""
    limit = first_line(before, state) if before is not None else None
    return limit is not None and line > limit


def _goal(goal: Goal, state: State) -> TaskItem:
    wanted = (("step", goal.step), ("fact", goal.fact), ("answered", goal.answered))
    lines: list[int] = []
    met = (goal.mood_at_least is None or state.mood >= goal.mood_at_least) and goal.ended in (None, state.ended)
    for what, id in wanted:
        if id is not None:
            found = [one.line for one in state.happened if (one.what, one.id) == (what, id)]
            met = met and bool(found)
            lines += found[:1]
    line = max((one for one in lines if one >= 0), default=None)
    late = met and line is not None and _late(line, goal.before, state)
    points = goal.points * (0.5 if late else 1) if met else 0.0
    return TaskItem(goal.id, "goal", goal.title, points, goal.points, met, line if met else None, late)


def _required(required: Required, state: State) -> TaskItem:
    line = min((one.line for one in state.acts if fits(one, required.act, required.about, required.due)), default=None)
    late = line is not None and _late(line, required.before, state)
    points = required.points * (0.5 if late else 1) if line is not None else 0.0
    return TaskItem(required.id, "required", required.title, points, required.points, line is not None, line, late)


def _forbidden(forbidden: Forbidden, state: State) -> TaskItem:
    """``met`` where it was not done."""
    lines = [
        one.line
        for one in state.acts
        if (forbidden.act or forbidden.about) and fits(one, forbidden.act, forbidden.about, None)
    ]
    lines += [one.line for one in state.signs if one.sign in several(forbidden.sign)]
    limit = first_line(forbidden.before, state) if forbidden.before is not None else None
    if limit is not None:
        lines = [line for line in lines if line < limit]
    line = min(lines, default=None)
    points = -forbidden.costs if line is not None else 0.0
    return TaskItem(forbidden.id, "forbidden", forbidden.title, points, 0.0, line is None, line)

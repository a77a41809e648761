"""What a run of the grader has brought: its gradings with their verdicts, for a list of its conversations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.tables import GradeRow, Grading

_G, _Q = Grading, GradeRow


class RunGrade(msgspec.Struct, frozen=True):
    """A verdict at a glance, or why there is none."""

    criterion: str
    prompt: str
    verdict: str | None
    problem: str | None
    counts: bool
    """Whether it stands in the conversation's score now."""


class RunGrading(msgspec.Struct, frozen=True):
    """What a run says of a conversation."""

    counts: bool
    """Whether any of it stands in the conversation's score now: trust comes and goes, and people rule."""
    is_suspicious: bool
    """Somebody in it seems to write for the model."""
    grades: tuple[RunGrade, ...]


def gradings_of_run(session: Session, run_id: int, conversation_ids: Collection[int]) -> dict[int, RunGrading]:
    """The newest grading that a run brought of each of some conversations, by conversation."""
    if not conversation_ids:
        return {}
    asked = (
        select(_G.id, _G.conversation_id, _G.signs)
        .where(_G.run_id == run_id, _G.conversation_id.in_(conversation_ids))
        .order_by(_G.id)
    )
    rows: Iterable[Any] = session.execute(asked)
    newest = {row.conversation_id: row for row in rows}
    grades: dict[int, list[RunGrade]] = {row.id: [] for row in newest.values()}
    columns = (_Q.grading_id, _Q.criterion, _Q.prompt, _Q.verdict, _Q.problem, _Q.counts_as.is_not(None))
    said: Iterable[Any] = session.execute(select(*columns).where(_Q.grading_id.in_(grades)).order_by(_Q.id))
    for grading_id, *about in said:
        grades[grading_id].append(RunGrade(*about))
    return {
        row.conversation_id: RunGrading(
            any(one.counts for one in grades[row.id]), bool(row.signs), tuple(grades[row.id]),
        )
        for row in newest.values()
    }  # fmt: skip

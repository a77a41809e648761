"""Results of mock dialogues: what was judged, what mentors ruled, whom they wait for, and what somebody took before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Integer, delete, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.paging import count_of, page_of
from qaplatform.store.rows import among
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, ExamDialogue, ExamRuling, ExamSitting, TrainingMark, User
from qaplatform.store.training.exams import ExamVerdict, Purpose
from qaplatform.store.training.learners import in_scope

RulingKind = Literal["criterion", "task", "unread", "verdict", "comment"]
Queue = Literal["waiting", "ruled", "all"]


class DialogueRow(msgspec.Struct, frozen=True):
    """A dialogue in a list."""

    id: int
    sitting_id: int
    place: int
    scenario: str
    kind: str
    level: str
    opens_at: datetime
    ended_at: datetime | None
    ending: str | None
    service_score: float | None
    task_score: float | None
    has_critical: bool
    needs_mentor: bool
    machine_verdict: ExamVerdict | None
    verdict: ExamVerdict | None


class SittingRow(msgspec.Struct, frozen=True):
    """A sitting in a list, with its dialogues by their places."""

    id: int
    user_id: int
    purpose: Purpose
    step: str | None
    started_at: datetime
    ended_at: datetime | None
    verdict: ExamVerdict | None
    dialogues: tuple[DialogueRow, ...] = ()


class ReviewRow(msgspec.Struct, frozen=True):
    """A dialogue of an exam that a mentor may look at."""

    dialogue: DialogueRow
    user_id: int
    user_name: str
    agent_id: int | None
    ruling_count: int


class Taken(msgspec.Struct, frozen=True):
    """A dialogue of an exam somebody has had; ``verdict`` is the one that stands, else the machine's."""

    scenario: str
    kind: str
    step: str | None
    verdict: ExamVerdict | None
    ended_at: datetime | None
    needs_mentor: bool = False
    """Whether it does not stand before somebody has looked at it."""


class StoredRuling(msgspec.Struct, frozen=True):
    """What a mentor decided."""

    id: int
    kind: RulingKind
    subject: str
    decision: str
    reason: str
    user_id: int
    user_name: str
    created_at: datetime


class ScenarioFigures(msgspec.Struct, frozen=True):
    """How a scenario went in exams that have a verdict."""

    scenario: str
    count: int
    passed_count: int
    critical_count: int
    service_score: float | None
    """The mean."""
    task_score: float | None


_D = ExamDialogue
_COLUMNS = (
    _D.id, _D.sitting_id, _D.place, _D.scenario, _D.kind, _D.level, _D.opens_at, _D.ended_at, _D.ending, _D.service_score,
    _D.task_score, _D.has_critical, _D.needs_mentor, _D.machine_verdict, _D.verdict,
)  # fmt: skip


def result_of(session: Session, dialogue_id: int) -> tuple[DialogueRow, dict[str, Any] | None] | None:
    """A dialogue and what was kept of its result."""
    asked: Any = select(*_COLUMNS, _D.result).where(_D.id == dialogue_id)
    found = session.execute(asked).one_or_none()
    return None if found is None else (DialogueRow(*found[:-1]), found[-1])


def dialogue_rows(session: Session, sitting_ids: Collection[int]) -> dict[int, list[DialogueRow]]:
    """Dialogues by sitting."""
    asked: Any = select(*_COLUMNS).where(among(session, _D.sitting_id, sitting_ids)).order_by(_D.sitting_id, _D.place)
    found: dict[int, list[DialogueRow]] = {}
    for row in session.execute(asked):
        found.setdefault(row.sitting_id, []).append(DialogueRow(*row))
    return found


def sittings_of(
    session: Session, user_id: int, *, page: int, page_size: int, purposes: Collection[Purpose] = ()
) -> tuple[list[SittingRow], int]:
    """A page of somebody's sittings, the newest first, and how many there are."""
    row = ExamSitting
    asked = select(row.id, row.user_id, row.purpose, row.step, row.started_at, row.ended_at, row.verdict)
    asked = asked.where(row.user_id == user_id)
    if purposes:
        asked = asked.where(row.purpose.in_(sorted(purposes)))
    total = count_of(session, asked)
    found = [SittingRow(*one) for one in session.execute(page_of(asked.order_by(row.id.desc()), page, page_size))]
    inside = dialogue_rows(session, [one.id for one in found])
    return [msgspec.structs.replace(one, dialogues=tuple(inside.get(one.id, ()))) for one in found], total


def taken_by(session: Session, user_id: int) -> list[Taken]:
    """The dialogues of exams somebody has had, the newest first; those that are void and those that run are left out."""
    standing = func.coalesce(_D.verdict, _D.machine_verdict)
    asked: Any = (
        select(_D.scenario, _D.kind, ExamSitting.step, standing, _D.ended_at, _D.needs_mentor)
        .join(ExamSitting, ExamSitting.id == _D.sitting_id)
        .where(ExamSitting.user_id == user_id, ExamSitting.purpose == "exam", _D.ended_at.is_not(None))
        .where(or_(standing.is_(None), standing != "void"))
        .order_by(_D.id.desc())
    )
    return [Taken(*row) for row in session.execute(asked)]


# --- rulings -------------------------------------------------------------------------------------------


def rulings_of(session: Session, dialogue_id: int) -> list[StoredRuling]:
    """All rulings on a dialogue, the oldest first."""
    row = ExamRuling
    asked: Any = (
        select(row.id, row.kind, row.subject, row.decision, row.reason, row.user_id, User.name, row.created_at)
        .join(User, User.id == row.user_id)
        .where(row.dialogue_id == dialogue_id)
        .order_by(row.id)
    )
    return [StoredRuling(*one) for one in session.execute(asked)]


def add_ruling(
    session: Session,
    dialogue_id: int,
    *,
    kind: RulingKind,
    subject: str,
    decision: str,
    reason: str,
    user_id: int,
    now: datetime,
) -> int:
    """Append a ruling; its id."""
    row = ExamRuling(
        dialogue_id=dialogue_id, kind=kind, subject=subject, decision=decision, reason=reason, user_id=user_id,
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


def to_review(
    session: Session, scope: Scope, *, queue: Queue, not_of: int, page: int, page_size: int
) -> tuple[list[ReviewRow], int]:
    """A page of ended exam dialogues of people in a scope, what waits longest first, and how many there are.

    ``not_of`` is the user who asks: nobody reviews their own.
    """
    rulings = select(func.count()).where(ExamRuling.dialogue_id == _D.id).scalar_subquery()
    asked: Any = (
        select(
            *_COLUMNS, User.id.label("user_id"), User.name.label("user_name"), User.agent_id, rulings.label("rulings")
        )
        .join(ExamSitting, ExamSitting.id == _D.sitting_id)
        .join(User, User.id == ExamSitting.user_id)
        .outerjoin(AgentRow, AgentRow.id == User.agent_id)
        .where(ExamSitting.purpose == "exam", _D.ended_at.is_not(None), ExamSitting.user_id != not_of, _within(scope))
    )
    if queue == "waiting":
        asked = asked.where(_D.needs_mentor.is_(True))
    elif queue == "ruled":
        asked = asked.where(select(ExamRuling.id).where(ExamRuling.dialogue_id == _D.id).exists())
    total = count_of(session, asked)
    order = (_D.ended_at, _D.id) if queue == "waiting" else (_D.ended_at.desc(), _D.id.desc())
    size = len(_COLUMNS)
    found = session.execute(page_of(asked.order_by(*order), page, page_size))
    return [ReviewRow(DialogueRow(*row[:size]), *row[size:]) for row in found], total


def _within(scope: Scope) -> ColumnElement[bool]:
    """Whose exams: those of agents in the scope; of people who are no agents only for whom everything is open."""
    return _D.id.is_not(None) if scope.everything else in_scope(scope)


# --- marks and figures ---------------------------------------------------------------------------------


def set_marks(session: Session, dialogue_id: int, user_id: int, passed: Mapping[str, bool], *, at: datetime) -> None:
    """Whether each criterion held in a dialogue; instead of what was said of it before."""
    row = TrainingMark
    session.execute(delete(row).where(row.dialogue_id == dialogue_id), execution_options={"synchronize_session": False})
    session.add_all(
        row(user_id=user_id, criterion=id, dialogue_id=dialogue_id, passed=held, at=at) for id, held in passed.items()
    )
    session.flush()


def scenario_figures(session: Session) -> Sequence[ScenarioFigures]:
    """How scenarios went in exams, by scenario."""
    passed = func.sum(func.coalesce((_D.verdict == "passed").cast(Integer), 0))
    critical = func.sum(_D.has_critical.cast(Integer))
    asked = (
        select(_D.scenario, func.count(), passed, critical, func.avg(_D.service_score), func.avg(_D.task_score))
        .join(ExamSitting, ExamSitting.id == _D.sitting_id)
        .where(ExamSitting.purpose == "exam", _D.verdict.in_(("passed", "failed")))
        .group_by(_D.scenario)
        .order_by(_D.scenario)
    )
    return [ScenarioFigures(*row) for row in session.execute(asked)]

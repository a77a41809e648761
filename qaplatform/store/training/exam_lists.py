"""Dialogues of exams in lists: somebody's own, and those that mentors look through, by person, scenario and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, ExamDialogue, ExamRuling, ExamSitting, Team, User
from qaplatform.store.training.learners import in_scope

Shelf = Literal["waiting", "all"]
_D = ExamDialogue


class ListedDialogue(msgspec.Struct, frozen=True):
    """A dialogue in a list."""

    id: int
    sitting_id: int
    user_id: int
    person: str
    purpose: str
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
    verdict: str | None
    """The one that stands; else the machine's, else none yet."""
    ruling_count: int


class ExamFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shall show; what is left empty is not asked for."""

    shelf: Shelf = "all"
    user_id: int | None = None
    scenario: str = ""
    verdict: str = ""
    purposes: tuple[str, ...] = ("exam",)


def dialogues(
    session: Session, scope: Scope | None, wanted: ExamFilter, *, not_of: int | None = None, page: int, size: int
) -> list[ListedDialogue]:
    """A page of dialogues and one more, to tell whether there is a next page; no scope: of the one user that is named.

    The longest waiting come first among those that wait for a mentor, elsewhere the newest.
    """
    waits = wanted.shelf == "waiting"
    order = (_D.ended_at, _D.id) if waits else (_D.id.desc(),)
    asked = _narrowed(_listed(), scope, wanted, not_of)
    some = session.execute(asked.order_by(*order).limit(size + 1).offset((page - 1) * size))
    return [ListedDialogue(**row._asdict()) for row in some]


def waiting_count(session: Session, scope: Scope, *, not_of: int) -> int:
    """So many dialogues wait for a mentor."""
    asked = select(func.count()).select_from(_D).join(ExamSitting, ExamSitting.id == _D.sitting_id)
    asked = asked.join(User, User.id == ExamSitting.user_id).outerjoin(AgentRow, AgentRow.id == User.agent_id)
    return session.scalar(_narrowed(asked, scope, ExamFilter(shelf="waiting"), not_of)) or 0


def people(session: Session, scope: Scope) -> list[tuple[int, str]]:
    """Who has taken an exam or practised, by name: user and name."""
    has_taken = select(ExamSitting.id).where(ExamSitting.user_id == User.id).exists()
    asked = select(User.id, User.name).outerjoin(AgentRow, AgentRow.id == User.agent_id).where(has_taken)
    return [(id, name) for id, name in session.execute(asked.where(_reached(scope)).order_by(User.name, User.id))]


def scenarios_taken(session: Session) -> list[str]:
    """Scenarios by which anybody was examined."""
    asked = select(_D.scenario).join(ExamSitting, ExamSitting.id == _D.sitting_id)
    asked = asked.where(ExamSitting.purpose == "exam").distinct().order_by(_D.scenario)
    return list(session.scalars(asked))


def newest_results(session: Session, scenario: str, *, most: int) -> Sequence[dict[str, Any]]:
    """What was kept of the newest judged exams of a scenario."""
    asked = (
        select(_D.result)
        .join(ExamSitting, ExamSitting.id == _D.sitting_id)
        .where(_D.scenario == scenario, ExamSitting.purpose == "exam", _D.result.is_not(None), _D.ending != "void")
        .order_by(_D.ended_at.desc(), _D.id.desc())
        .limit(most)
    )
    return [one for one in session.scalars(asked) if one]


def _listed() -> Select[*tuple[Any, ...]]:
    rulings = select(func.count()).where(ExamRuling.dialogue_id == _D.id).correlate(_D).scalar_subquery()
    return (
        select(
            _D.id, _D.sitting_id, ExamSitting.user_id, User.name.label("person"), ExamSitting.purpose, _D.scenario, _D.kind,
            _D.level, _D.opens_at, _D.ended_at, _D.ending, _D.service_score, _D.task_score, _D.has_critical,
            _D.needs_mentor, func.coalesce(_D.verdict, _D.machine_verdict).label("verdict"), rulings.label("ruling_count"),
        )
        .join(ExamSitting, ExamSitting.id == _D.sitting_id)
        .join(User, User.id == ExamSitting.user_id)
        .outerjoin(AgentRow, AgentRow.id == User.agent_id)
        .outerjoin(Team, Team.id == AgentRow.team_id)
    )  # fmt: skip


def _narrowed(
    asked: Select[*tuple[Any, ...]], scope: Scope | None, wanted: ExamFilter, not_of: int | None
) -> Select[*tuple[Any, ...]]:
    ways: list[ColumnElement[bool]] = [ExamSitting.purpose.in_(wanted.purposes)]
    if scope is not None:
        ways.append(_D.ended_at.is_not(None))
        ways.append(_reached(scope))
    if not_of is not None:
        ways.append(ExamSitting.user_id != not_of)
    if wanted.user_id is not None:
        ways.append(ExamSitting.user_id == wanted.user_id)
    if wanted.shelf == "waiting":
        ways.append(_D.needs_mentor.is_(True))
    if wanted.scenario:
        ways.append(_D.scenario == wanted.scenario)
    if wanted.verdict:
        ways.append(func.coalesce(_D.verdict, _D.machine_verdict) == wanted.verdict)
    return asked.where(and_(*ways))


def _reached(scope: Scope) -> ColumnElement[bool]:
    """Agents in the scope; people who are no agents only for whom everything is open."""
    return or_(User.id.is_not(None)) if scope.everything else in_scope(scope)

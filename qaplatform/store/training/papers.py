"""Theory tests that were taken: attempts, answers as they were saved, what people decided about free answers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, insert_new
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import AgentRow, LearningVersion, PaperAnswer, PaperAttempt, PaperRuling, User
from qaplatform.store.training.learners import in_scope


class StoredAttempt(msgspec.Struct, frozen=True):
    """An attempt; ``rules`` and ``drawn`` as msgspec wrote them."""

    id: int
    user_id: int
    paper: str
    language: str
    rules: Mapping[str, Any]
    drawn: Mapping[str, Any]
    started_at: datetime
    deadline_at: datetime | None
    ended_at: datetime | None
    standing: str | None
    least_ratio: float | None
    most_ratio: float | None


class NewAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt that begins."""

    user_id: int
    paper: str
    language: str
    rules: dict[str, Any]
    drawn: dict[str, Any]
    started_at: datetime
    deadline_at: datetime | None


class StoredAnswer(msgspec.Struct, frozen=True):
    """The answer to a question; ``result`` and ``points`` once it was judged."""

    number: int
    version_id: int
    answer: Mapping[str, Any] | None
    saved_at: datetime | None
    points: float | None
    result: Mapping[str, Any] | None


class StoredRuling(msgspec.Struct, frozen=True):
    """A person's points for an answer."""

    id: int
    number: int
    points: float
    comment: str
    user_id: int
    user_name: str
    created_at: datetime


class WaitingAttempt(msgspec.Struct, frozen=True):
    """An attempt that waits for a person, and whose it is."""

    id: int
    paper: str
    rules: Mapping[str, Any]
    user_id: int
    user_name: str
    ended_at: datetime


class GivenAnswer(msgspec.Struct, frozen=True):
    """A judged answer as statistics take it."""

    user_id: int
    question: str
    fingerprint: str
    points: float
    answer: Mapping[str, Any] | None


_A, _N = PaperAttempt, PaperAnswer


def begin_attempt(session: Session, new: NewAttempt, version_ids: Iterable[int]) -> int | None:
    """Add an attempt with an empty answer to every question; ``None`` where one of the same paper runs already."""
    before = running_attempt(session, new.user_id, new.paper)
    insert_new(session, PaperAttempt, [msgspec.structs.asdict(new)])
    after = running_attempt(session, new.user_id, new.paper)
    if before is not None or after is None or after.drawn["seed"] != new.drawn["seed"]:
        return None
    rows = [
        {"attempt_id": after.id, "number": number, "version_id": version_id}
        for number, version_id in enumerate(version_ids, start=1)
    ]
    insert_new(session, PaperAnswer, rows)
    return after.id


def running_attempt(session: Session, user_id: int, paper: str) -> StoredAttempt | None:
    """Somebody's attempt at a paper that has not ended."""
    row = session.scalars(select(_A).where(_A.user_id == user_id, _A.paper == paper, _A.ended_at.is_(None))).first()
    return None if row is None else _stored(row)


def attempt_of(session: Session, id: int, *, locked: bool = False) -> StoredAttempt | None:
    """The attempt of an id; ``locked``: nobody else changes it until the transaction ends."""
    asked = select(_A).where(_A.id == id).execution_options(populate_existing=True)
    row = session.scalars(asked.with_for_update() if locked else asked).one_or_none()
    return None if row is None else _stored(row)


def attempts_of(session: Session, user_id: int, paper: str | None = None) -> list[StoredAttempt]:
    """Somebody's attempts, the newest first; at one paper where it is named."""
    asked = select(_A).where(_A.user_id == user_id).order_by(_A.id.desc())
    return [_stored(row) for row in session.scalars(asked if paper is None else asked.where(_A.paper == paper))]


def expired_attempts(session: Session, now: datetime, *, limit: int) -> list[int]:
    """Ids of attempts that ran past their deadline, the oldest first."""
    asked = select(_A.id).where(_A.ended_at.is_(None), _A.deadline_at < now).order_by(_A.deadline_at, _A.id)
    return list(session.scalars(asked.limit(limit)))


def end_attempt(
    session: Session, id: int, *, ended_at: datetime, standing: str, least_ratio: float, most_ratio: float
) -> None:
    """Put down how an attempt stands; the end it has already stays."""
    values = {"standing": standing, "least_ratio": least_ratio, "most_ratio": most_ratio}
    changed = update(_A).where(_A.id == id)
    session.execute(changed.values(ended_at=func.coalesce(_A.ended_at, literal(ended_at, _A.ended_at.type)), **values))


def answers_of(session: Session, attempt_id: int) -> list[StoredAnswer]:
    """The answers of an attempt in the order of its questions."""
    asked = select(_N.number, _N.version_id, _N.answer, _N.saved_at, _N.points, _N.result)
    rows = session.execute(asked.where(_N.attempt_id == attempt_id).order_by(_N.number))
    return [StoredAnswer(*row) for row in rows]


def save_answer(
    session: Session, attempt_id: int, number: int, answer: dict[str, Any] | None, *, now: datetime
) -> None:
    """Keep an answer; the newest stands."""
    changed = update(_N).where(_N.attempt_id == attempt_id, _N.number == number)
    session.execute(changed.values(answer=answer, saved_at=now))


def save_result(
    session: Session, attempt_id: int, number: int, *, points: float | None, result: dict[str, Any]
) -> None:
    """Keep what an answer is worth."""
    changed = update(_N).where(_N.attempt_id == attempt_id, _N.number == number)
    session.execute(changed.values(points=points, result=result))


def save_points(session: Session, attempt_id: int, number: int, points: float) -> None:
    """Put down the points that stand by a ruling."""
    session.execute(update(_N).where(_N.attempt_id == attempt_id, _N.number == number).values(points=points))


def add_ruling(
    session: Session, attempt_id: int, number: int, *, points: float, comment: str, user_id: int, now: datetime
) -> int:
    """Add a ruling; its id."""
    row = PaperRuling(
        attempt_id=attempt_id, number=number, points=points, comment=comment, user_id=user_id, created_at=now
    )
    session.add(row)
    session.flush()
    return row.id


def rulings_of(session: Session, attempt_id: int) -> list[StoredRuling]:
    """All rulings on an attempt, the oldest first."""
    row = PaperRuling
    asked = select(row.id, row.number, row.points, row.comment, row.user_id, User.name, row.created_at)
    found = asked.join(User, User.id == row.user_id).where(row.attempt_id == attempt_id).order_by(row.id)
    return [StoredRuling(*one) for one in session.execute(found)]


def waiting_attempts(
    session: Session, scope: Scope, *, but_of: int, offset: int, limit: int
) -> tuple[list[WaitingAttempt], int]:
    """Attempts in a scope that wait for a person, the longest waiting first, and how many there are; ``but_of``: a user's own."""
    asked: Select[Any] = (
        select(_A.id, _A.paper, _A.rules, _A.user_id, User.name, _A.ended_at)
        .join(User, User.id == _A.user_id)
        .where(_A.standing == "for_a_person", _A.user_id != but_of, _lies_in(scope))
    )
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    page = asked.order_by(_A.ended_at, _A.id).offset(offset).limit(limit)
    return [WaitingAttempt(*row) for row in session.execute(page)], total


def given_answers(session: Session, questions: Collection[str] | None = None) -> list[GivenAnswer]:
    """The first judged answer of everybody to every wording, the oldest first.

    ``questions``: of those only who answered one of these, with all they answered.
    """
    row = (
        select(_A.user_id, LearningVersion.code, LearningVersion.content_hash, _N.points, _N.answer)
        .select_from(_N)
        .join(_A, _A.id == _N.attempt_id)
        .join(LearningVersion, LearningVersion.id == _N.version_id)
        .where(_A.ended_at.is_not(None), _N.points.is_not(None))
        .order_by(_A.ended_at, _A.id, _N.number)
    )
    if questions is not None:
        who = (
            select(_A.user_id)
            .join(_N, _N.attempt_id == _A.id)
            .join(LearningVersion, LearningVersion.id == _N.version_id)
            .where(among(session, LearningVersion.code, questions))
        )
        row = row.where(_A.user_id.in_(who))
    found: dict[tuple[int, str, str], GivenAnswer] = {}
    for one in session.execute(row):
        found.setdefault((one[0], one[1], one[2]), GivenAnswer(*one))
    return list(found.values())


def _lies_in(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return _A.id.is_not(None)
    theirs = exists().where(AgentRow.id == User.agent_id, in_scope(scope))
    return and_(User.agent_id.is_not(None), theirs)


def _stored(row: PaperAttempt) -> StoredAttempt:
    return StoredAttempt(
        id=row.id,
        user_id=row.user_id,
        paper=row.paper,
        language=row.language,
        rules=row.rules,
        drawn=row.drawn,
        started_at=row.started_at,
        deadline_at=row.deadline_at,
        ended_at=row.ended_at,
        standing=row.standing,
        least_ratio=row.least_ratio,
        most_ratio=row.most_ratio,
    )

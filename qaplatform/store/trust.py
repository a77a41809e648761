"""What models said and what people ruled on the same questions, for the comparison of the two; and marking what counts.

Everything begins at the newest rulings on a question's criterion, at most :data:`MOST_RULINGS`: a page costs what people
have ruled, however many conversations were graded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from qaplatform.store.llm_trust import Asked
from qaplatform.store.rows import among
from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import AuditRow, ConversationRow, GradeRow, Grading, Review, RubricVersion, Ruling

MOST_RULINGS = 10_000
"""So many of the newest rulings on a question are looked at."""
MOST_KEYS = 2_000
"""So many questions, wordings and models are told apart."""
_Q = GradeRow


class RuledOn(msgspec.Struct, frozen=True):
    """A ruling on a criterion, with the rubric it was made under."""

    conversation_id: int
    revision: int
    review_id: int
    user_id: int
    was_blind: bool
    kind: str
    to_outcome: str
    decided_at: datetime
    rubric_version_id: int
    rubric: str
    rubric_hash: str


class GradeOf(msgspec.Struct, frozen=True):
    """A model's verdict on one revision of a conversation."""

    id: int
    conversation_id: int
    revision: int
    verdict: str
    quote_count: int
    dropped_count: int
    part_count: int
    parts_read: int
    created_at: datetime


def asked_keys(session: Session, *, prompt: str | None = None) -> Iterator[Asked]:
    """All questions, wordings and models of which there are grades: from each to the next in their index."""
    columns = (_Q.prompt, _Q.question_hash, _Q.model)
    first = select(*columns).order_by(*columns).limit(1)
    if prompt is not None:
        first = first.where(_Q.prompt == prompt)
    row = session.execute(first).one_or_none()
    for _ in range(MOST_KEYS):
        if row is None:
            return
        yield Asked(*row)
        row = session.execute(first.where(tuple_(*columns) > tuple_(*map(literal, row)))).one_or_none()


def criterion_of(session: Session, asked: Asked) -> str | None:
    """The criterion a question was asked for: its name is part of the words that are hashed, so there is one."""
    return session.scalar(select(_Q.criterion).where(*_about(asked)).order_by(_Q.id.desc()).limit(1))


def rulings_on(session: Session, criterion: str) -> list[RuledOn]:
    """The newest rulings of reviews on a criterion, the newest first."""
    rows: Iterable[Any] = session.execute(
        select(
            Ruling.conversation_id, Review.revision, Review.id, Review.user_id, Review.was_blind, Ruling.kind,
            Ruling.to_outcome, Review.created_at, RubricVersion.id, RubricVersion.code, RubricVersion.content_hash,
        )
        .join(Review, Review.id == Ruling.review_id)
        .join(AuditRow, AuditRow.id == Review.audit_id)
        .join(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .where(Ruling.criterion == criterion)
        .order_by(Ruling.decided_at.desc(), Ruling.id.desc())
        .limit(MOST_RULINGS)
    )  # fmt: skip
    return [RuledOn(*row) for row in rows]


def grades_of(session: Session, asked: Asked, criterion: str, conversation_ids: Collection[int]) -> list[GradeOf]:
    """A model's verdicts on a question about some conversations, the newest first."""
    rows: Iterable[Any] = session.execute(
        select(
            _Q.id, _Q.conversation_id, Grading.revision, _Q.verdict, _Q.evidence, _Q.dropped_count, _Q.part_count,
            _Q.parts_read, _Q.created_at,
        )
        .join(Grading, Grading.id == _Q.grading_id)
        .where(
            among(session, _Q.conversation_id, conversation_ids), _Q.criterion == criterion, *_about(asked),
            _Q.verdict.is_not(None),
        )
        .order_by(_Q.id.desc())
    )  # fmt: skip
    return [GradeOf(*(*row[:4], len(row[4]), *row[5:])) for row in rows]


def first_graded(session: Session, criterion: str, conversation_ids: Collection[int]) -> dict[int, datetime]:
    """When any model first said anything on a criterion of some conversations: before, nobody can have seen it."""
    rows: Iterable[Any] = session.execute(
        select(_Q.conversation_id, func.min(_Q.created_at))
        .where(among(session, _Q.conversation_id, conversation_ids), _Q.criterion == criterion, _Q.verdict.is_not(None))
        .group_by(_Q.conversation_id)
    )
    return {id: moment for id, moment in rows}  # noqa: C416 - rows are no pairs to mypy


def seen_of(session: Session, scope: Scope, conversation_ids: Sequence[int]) -> dict[int, datetime | None]:
    """Of some conversations those in a scope, with their beginnings."""
    row = ConversationRow
    asked = select(row.id, row.started_at).where(among(session, row.id, conversation_ids))
    found: Iterable[Any] = session.execute(within(asked, scope, shop=row.shop_id, team=row.team_id, agent=row.agent_id))
    return {id: started_at for id, started_at in found}  # noqa: C416


def marked_otherwise(
    session: Session, asked: Asked, *, counts: bool, after_id: int, limit: int
) -> list[tuple[int, int]]:
    """Grades of a model on a question that are not marked as ``counts`` says, in order: (grade, conversation).

    Older ones of a conversation too: which grading is in force depends on the marks of all of them.
    """
    rows: Iterable[Any] = session.execute(
        select(_Q.id, _Q.conversation_id)
        .where(*_about(asked), _Q.id > after_id, _Q.is_trusted.is_not(counts))
        .order_by(_Q.id)
        .limit(limit)
    )
    return [tuple(row) for row in rows]


def mark(session: Session, grade_ids: Collection[int], *, counts: bool) -> None:
    """Mark grades as trusted, or not."""
    session.execute(
        update(_Q).where(_Q.id.in_(list(grade_ids))).values(is_trusted=counts),
        execution_options={"synchronize_session": False},
    )


def _about(asked: Asked) -> tuple[Any, ...]:
    return (_Q.prompt == asked.prompt, _Q.question_hash == asked.question_hash, _Q.model == asked.model)

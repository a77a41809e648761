"""Scores under the answers of models: which grading is in force for a conversation, and what of it counts in its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.store import figure_days, grades, marks
from qaplatform.store.grades import ReadGrade
from qaplatform.store.rows import chunks
from qaplatform.store.tables import ConversationRow, GradeRow, Grading

_C, _G, _Q = ConversationRow, Grading, GradeRow
_CHUNK = 500


class InForce(msgspec.Struct, frozen=True):
    """A conversation without an official review, and the grading in force of its newest revision."""

    conversation_id: int
    audit_id: int
    """The newest audit, whose score the conversation has otherwise."""
    grading_id: int
    graded_audit_id: int
    """Whose questions were asked."""
    language: str
    grades: tuple[ReadGrade, ...]
    is_counted: bool
    """Whether answers, of this grading or an earlier one, stand in the conversation's score now."""


class Figures(msgspec.Struct, frozen=True):
    """What of a score stands in a conversation's row."""

    score: float | None
    scored_share: float
    verdict: str
    failed_count: int


def in_force(session: Session, conversation_ids: Collection[int]) -> list[InForce]:
    """The gradings in force of some conversations; where nothing was graded, that is one statement a page."""
    found: list[InForce] = []
    for ids in chunks(sorted(conversation_ids), _CHUNK):
        heads: Sequence[Any] = session.execute(
            select(_C.id, _C.audit_id, _G.id, _G.audit_id, _G.language)
            .join(_G, _G.conversation_id == _C.id)
            .where(_C.id.in_(ids), _C.review_id.is_(None), _C.audit_id.is_not(None))
            .where(_G.id == grades.in_force(_C.id, _C.revision).correlate(_C))
        ).all()
        if heads:
            found += _with_grades(session, heads)
    return found


def _with_grades(session: Session, heads: Sequence[Any]) -> list[InForce]:
    wanted = [getattr(_Q, name) for name in ReadGrade.__struct_fields__]
    of: dict[int, list[ReadGrade]] = {}
    rows = session.execute(
        select(*wanted, _Q.grading_id).where(_Q.grading_id.in_([one[2] for one in heads])).order_by(_Q.id)
    ).mappings()
    for row in rows:
        of.setdefault(row["grading_id"], []).append(msgspec.convert(dict(row), ReadGrade))
    counted = set(
        session.scalars(
            select(_Q.conversation_id).where(
                _Q.conversation_id.in_([one[0] for one in heads]), _Q.counts_as.is_not(None)
            )
        )
    )
    return [
        InForce(id, audit_id, grading_id, graded_audit_id, language, tuple(of.get(grading_id, ())), id in counted)
        for id, audit_id, grading_id, graded_audit_id, language in heads
    ]


def count(session: Session, conversation_id: int, grading_id: int | None, outcomes: Mapping[str, str]) -> None:
    """From now on these answers of a grading count in the conversation's score, by criterion, and no others."""
    session.execute(
        update(_Q).where(_Q.conversation_id == conversation_id, _Q.counts_as.is_not(None)).values(counts_as=None),
        execution_options={"synchronize_session": False},
    )
    for outcome in sorted(set(outcomes.values())):
        ids = [criterion for criterion, one in outcomes.items() if one == outcome]
        session.execute(
            update(_Q).where(_Q.grading_id == grading_id, _Q.criterion.in_(ids)).values(counts_as=outcome),
            execution_options={"synchronize_session": False},
        )


def make_official(session: Session, one: InForce, figures: Figures, outcomes: Mapping[str, str]) -> None:
    """Put a score under a grading into the conversation's row, and what failed by it among the marks."""
    count(session, one.conversation_id, one.grading_id, outcomes)
    session.execute(
        update(_C)
        .where(_C.id == one.conversation_id, _C.review_id.is_(None))
        .values(**msgspec.structs.asdict(figures)),
        execution_options={"synchronize_session": False},
    )
    marks.follow_review(session, one.conversation_id)
    figure_days.note_conversations(session, [one.conversation_id])

"""What models said of conversations: gradings with their grades, written once; and what was sent for them."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import ScalarSelect, SQLColumnExpression, exists, func, insert, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import GradeRow, Grading, SentText

_G, _Q = Grading, GradeRow


class NewGrade(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict on one question, or why there is none; see the table."""

    criterion: str
    prompt: str
    question_hash: str
    model: str
    verdict: str | None
    problem: str | None
    reason: str
    evidence: tuple[tuple[int, int, int], ...]
    """Message, start, end, in the text as it was written."""
    part_count: int
    parts_read: int
    dropped_count: int
    is_recalled: bool
    is_trusted: bool


class NewGrading(msgspec.Struct, frozen=True, kw_only=True):
    """What a model said of a conversation; see the table."""

    run_id: int
    conversation_id: int
    revision: int
    audit_id: int
    language: str
    score: float | None
    scored_share: float
    verdict: str
    failed_count: int
    most_change: float
    counts: bool
    signs: tuple[tuple[int, int, int, str], ...]
    text_hashes: tuple[str, ...]
    call_count: int
    token_count: int
    money_micros: int
    currency: str
    grades: tuple[NewGrade, ...]


class ReadGrade(NewGrade, frozen=True, kw_only=True):
    """A verdict as it is kept."""

    counts_as: str | None
    """The outcome it is in the conversation's score; ``None``: it counts for nothing."""


class ReadGrading(msgspec.Struct, frozen=True):
    """A grading as it is kept, with its grades."""

    id: int
    run_id: int
    revision: int
    audit_id: int
    language: str
    score: float | None
    scored_share: float
    verdict: str
    failed_count: int
    most_change: float
    counts: bool
    signs: tuple[tuple[int, int, int, str], ...]
    text_hashes: tuple[str, ...]
    call_count: int
    token_count: int
    money_micros: int
    currency: str
    created_at: datetime
    grades: tuple[ReadGrade, ...]


def write_grading(session: Session, new: NewGrading, *, now: datetime) -> int:
    """Write a grading with its grades; its id. Whose score is official afterwards: ``store/graded_scores.py``."""
    values = {name: getattr(new, name) for name in new.__struct_fields__ if name != "grades"}
    values |= {"signs": [list(one) for one in new.signs], "text_hashes": list(new.text_hashes)}
    row = Grading(**values, created_at=now)
    session.add(row)
    session.flush()
    shared = {"grading_id": row.id, "conversation_id": new.conversation_id, "created_at": now}
    if new.grades:
        session.execute(
            insert(GradeRow),
            [
                shared | msgspec.structs.asdict(one) | {"evidence": [list(it) for it in one.evidence]}
                for one in new.grades
            ],
        )
    return row.id


def in_force(
    conversation_id: SQLColumnExpression[int] | int, revision: SQLColumnExpression[int] | int
) -> ScalarSelect[int]:
    """The id of the grading in force of a revision: the newest with a trusted answer, else the newest.

    So that trying another model, which nobody trusts yet, or a run in which nobody answered, takes nothing out of a score.
    """
    is_trusted = exists().where(_Q.grading_id == _G.id, _Q.is_trusted, _Q.verdict.is_not(None))
    asked = select(_G.id).where(_G.conversation_id == conversation_id, _G.revision == revision)
    return asked.order_by(is_trusted.desc(), _G.id.desc()).limit(1).scalar_subquery()


def grading_in_force(session: Session, conversation_id: int, revision: int) -> ReadGrading | None:
    """The grading in force of a revision of a conversation, in one statement."""
    return _grading(session, in_force(conversation_id, revision))


def newest_grading(session: Session, conversation_id: int, revision: int) -> ReadGrading | None:
    """The newest grading of a revision of a conversation, whether or not it is in force."""
    newest = select(func.max(_G.id)).where(_G.conversation_id == conversation_id, _G.revision == revision)
    return _grading(session, newest.scalar_subquery())


def _grading(session: Session, id: ScalarSelect[int]) -> ReadGrading | None:
    heads = [name for name in ReadGrading.__struct_fields__ if name != "grades"]
    fields = ReadGrade.__struct_fields__
    rows = session.execute(
        select(*(getattr(_G, name) for name in heads), *(getattr(_Q, name) for name in fields))
        .outerjoin(_Q, _Q.grading_id == _G.id)
        .where(_G.id == id)
        .order_by(_Q.id)
    ).all()
    if not rows:
        return None
    grades = [dict(zip(fields, row[len(heads) :], strict=True)) for row in rows]
    head = dict(zip(heads, rows[0], strict=False))
    return msgspec.convert({**head, "grades": [one for one in grades if one["criterion"] is not None]}, ReadGrading)


def sent_text(session: Session, conversation_id: int, text_hash: str) -> str | None:
    """What was sent of a conversation, by its hash; ``None`` where it was never sent, or is purged."""
    found = session.get(SentText, (conversation_id, text_hash))
    return None if found is None else found.text

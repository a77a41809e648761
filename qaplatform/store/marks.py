"""Keeping the tables that the list walks along (``tables/marks.py``) true to the tables they follow from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import Row, chunks, insert_rows
from qaplatform.store.tables import (
    ConversationAgent,
    ConversationMark,
    ConversationRow,
    CriterionResult,
    GradeRow,
    Grading,
    MessageRow,
    Ruling,
)

_CHUNK = 500
_ORDERS = (ConversationRow.started_at, ConversationRow.priority, ConversationRow.score)


def refresh(session: Session, conversation_ids: Sequence[int]) -> None:
    """Make the marks of conversations anew: of their messages' agents, of what failed in their newest audit, of their tags.

    To be called in the transaction that changed any of these, or when they begin, their priority or their score; new
    conversations too. The conversations' own rows must be written.
    """
    for ids in chunks(conversation_ids, _CHUNK):
        _clear(session, ids)
        _note_agents(session, ids)
        _note_failures(session, ids)
        _note_tags(session, ids)


def follow_review(session: Session, conversation_id: int) -> None:
    """The same as :func:`refresh` after a review or a grading, which changes what failed and the score, and no more."""
    row, mark = ConversationRow, ConversationMark
    score = select(row.score).where(row.id == conversation_id).scalar_subquery()
    session.execute(delete(mark).where(mark.conversation_id == conversation_id, mark.kind == "failed"))
    for table in (ConversationAgent, ConversationMark):
        session.execute(
            update(table).where(table.conversation_id == conversation_id).values(score=score),
            execution_options={"synchronize_session": False},
        )
    _note_failures(session, [conversation_id])


class Marked(NamedTuple):
    """A new conversation with all that its marks are made of."""

    conversation_id: int
    agent_ids: Iterable[int]
    failed: Iterable[str]
    tags: Iterable[str]
    started_at: datetime
    priority: float | None
    score: float | None


def write_new(session: Session, conversations: Sequence[Marked]) -> None:
    """The marks of conversations that have none; the same as :func:`refresh` makes, without looking anything up."""
    agents: list[Row] = []
    marks: list[Row] = []
    for one in conversations:
        orders = (one.started_at, one.priority, one.score)
        agents += [(one.conversation_id, agent_id, *orders) for agent_id in dict.fromkeys(one.agent_ids)]
        marks += [(one.conversation_id, "failed", criterion, *orders) for criterion in one.failed]
        marks += [(one.conversation_id, "tag", tag, *orders) for tag in _tags(one.tags)]
    orders_of = ("started_at", "priority", "score")
    insert_rows(session, ConversationAgent, ("conversation_id", "agent_id", *orders_of), agents)
    insert_rows(session, ConversationMark, ("conversation_id", "kind", "mark", *orders_of), marks)


def _tags(tags: Iterable[object]) -> Iterable[str]:
    return dict.fromkeys(str(tag)[:200] for tag in tags)


def _clear(session: Session, ids: Sequence[int]) -> None:
    for table in (ConversationAgent, ConversationMark):
        session.execute(delete(table).where(table.conversation_id.in_(ids)))


def _note_agents(session: Session, ids: Sequence[int]) -> None:
    found = (
        select(MessageRow.conversation_id, MessageRow.agent_id, *_ORDERS)
        .join(ConversationRow, ConversationRow.id == MessageRow.conversation_id)
        .where(
            MessageRow.conversation_id.in_(ids), MessageRow.agent_id.is_not(None), MessageRow.last_revision.is_(None)
        )
        .distinct()
    )
    columns = ["conversation_id", "agent_id", "started_at", "priority", "score"]
    session.execute(insert(ConversationAgent).from_select(columns, found))


def _note_failures(session: Session, ids: Sequence[int]) -> None:
    """What failed in the newest audit, or by a trusted answer, but where the official review decided otherwise; and by it."""
    row, result, ruling, grade = ConversationRow, CriterionResult, Ruling, GradeRow
    ruled_here = select(ruling.id).where(ruling.review_id == row.review_id, ruling.criterion == result.criterion)
    by_machine = (
        select(row.id, literal("failed"), result.criterion, *_ORDERS)
        .join(result, result.audit_id == row.audit_id)
        .where(row.id.in_(ids), result.outcome == "fail", ~ruled_here.exists())
    )
    by_people = (
        select(row.id, literal("failed"), ruling.criterion, *_ORDERS)
        .join(ruling, ruling.review_id == row.review_id)
        .where(row.id.in_(ids), ruling.to_outcome == "fail")
    )
    ruled_so = select(ruling.id).where(ruling.review_id == row.review_id, ruling.criterion == grade.criterion)
    by_model = (
        select(row.id, literal("failed"), grade.criterion, *_ORDERS)
        .join(grade, grade.conversation_id == row.id)
        .join(Grading, (Grading.id == grade.grading_id) & (Grading.revision == row.revision))
        .where(row.id.in_(ids), grade.counts_as == "fail", ~ruled_so.exists())
    )
    columns = ["conversation_id", "kind", "mark", "started_at", "priority", "score"]
    session.execute(insert(ConversationMark).from_select(columns, union_all(by_machine, by_people, by_model)))


def _note_tags(session: Session, ids: Sequence[int]) -> None:
    rows: list[dict[str, Any]] = []
    for id, tags, *values in session.execute(
        select(ConversationRow.id, ConversationRow.tags, *_ORDERS).where(ConversationRow.id.in_(ids))
    ):
        orders = dict(zip(("started_at", "priority", "score"), values, strict=True))
        rows += [{"conversation_id": id, "kind": "tag", "mark": mark, **orders} for mark in _tags(tags)]
    if rows:
        session.execute(insert(ConversationMark), rows)

"""One conversation with all that belongs to it, in a fixed number of queries, whatever its length."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from qaplatform.store.conversation_filters import OPEN_STATES, within_scope
from qaplatform.store.conversation_words import About
from qaplatform.store.listed_rows import LISTED, ListedConversation
from qaplatform.store.scopes import Scope
from qaplatform.store.standing import standing_verdict
from qaplatform.store.tables import (
    AgentRow,
    AuditRow,
    Case,
    ConversationRow,
    CriterionResult,
    Customer,
    FindingRow,
    MessageRow,
    Note,
    RiskModelRow,
    RubricVersion,
    User,
    WorkItem,
)

MOST_AUDITS = 50
MOST_OTHERS = 20
_C = ConversationRow
_HEAD = LISTED.add_columns(Case.key, _C.meta, Customer.erased_at, _C.order_value, Customer.source_key).outerjoin(
    Case, Case.id == _C.case_id
)


class ReadMessage(msgspec.Struct, frozen=True):
    """A message as it was written."""

    number: int
    """From 0."""
    role: str
    kind: str
    auto: bool
    account: str | None
    agent_id: int | None
    agent: str | None
    sent_at: str | None
    """ISO 8601 as the source wrote it."""
    text: str
    first_revision: int
    """The revision it came with."""


class ReadFinding(msgspec.Struct, frozen=True):
    """Characters ``start:end`` of a message's original text that cost points."""

    criterion: str
    place: int
    message_number: int
    start: int
    end: int
    code: str
    facts: dict[str, Any]
    id: int


class ReadResult(msgspec.Struct, frozen=True):
    """What an audit says of one criterion."""

    criterion: str
    outcome: str
    reason: str | None
    points: float
    max_points: float
    agent_id: int | None
    agent: str | None


class AuditLine(msgspec.Struct, frozen=True):
    """An audit among all that were made of a conversation."""

    id: int
    revision: int
    rubric_version_id: int
    rubric: str
    """The rubric's code."""
    rubric_hash: str
    engine_version: str
    score: float | None
    verdict: str
    created_at: datetime


class ReadAudit(msgspec.Struct, frozen=True):
    """An audit with all it found."""

    line: AuditLine
    context_version_id: int
    scored_share: float
    risk: float
    priority: float
    reasons: list[Any]
    observations: dict[str, Any]
    """In the audit form, without quotes."""
    results: tuple[ReadResult, ...]
    findings: tuple[ReadFinding, ...]
    """In the order of the messages."""
    learned: LearnedRisk | None = None
    """What a team's model says instead of the rules; of the newest audit only."""


class LearnedRisk(msgspec.Struct, frozen=True):
    """Risk and priority (0–1) as a version of a team's model has them."""

    version: int
    risk: float
    priority: float


class ReadNote(msgspec.Struct, frozen=True):
    """What somebody wrote beside the conversation (``message_number`` ``None``) or a message."""

    id: int
    message_number: int | None
    text: str
    user_id: int
    user: str
    created_at: datetime


class OpenWork(msgspec.Struct, frozen=True):
    """What the reader has still to review here, pinned to the revision and audit they were given."""

    id: int
    revision: int
    audit_id: int | None
    state: str
    due_at: datetime | None
    is_blind: bool


class OtherConversation(msgspec.Struct, frozen=True):
    """Another conversation of the same customer or case."""

    id: int
    started_at: datetime
    agent: str | None
    account: str | None
    topic: str | None
    verdict: str | None
    score: float | None
    message_count: int
    is_blind: bool
    """Whether the reader has still to review it blind; topic, verdict and score are left out then."""
    is_of_customer: bool
    is_of_case: bool


class ReadConversation(msgspec.Struct, frozen=True):
    """A conversation at one of its revisions."""

    listed: ListedConversation
    """The newest revision's figures; ``audit`` has those of the one that is shown."""
    case: str | None
    """The order or case number that joins conversations."""
    about: About
    meta: dict[str, Any]
    erased_at: datetime | None
    """When the customer was erased."""
    revision: int
    """The one that is shown."""
    messages: tuple[ReadMessage, ...]
    audits: tuple[AuditLine, ...]
    """All of them, the newest first; 50 at most."""
    audit: ReadAudit | None
    """The one that was asked for, else the newest of this revision."""
    notes: tuple[ReadNote, ...]
    open_work: OpenWork | None
    others: tuple[OtherConversation, ...]
    """Of the same customer or case, as far as the reader may see them, the newest first; 20 at most."""

    @property
    def has_newer(self) -> bool:
        """Whether there is a newer revision than the one that is shown."""
        return self.revision < self.listed.revision


def read_conversation(
    session: Session,
    conversation_id: int,
    scope: Scope,
    *,
    revision: int | None = None,
    audit_id: int | None = None,
    reader_id: int | None = None,
) -> ReadConversation | None:
    """A conversation; ``None`` if there is none of that id, revision or audit in the scope.

    Args:
        session: a transaction; nothing is written.
        conversation_id: which conversation.
        scope: which conversations the reader may see.
        revision: which of its revisions; otherwise that of the audit asked for, otherwise the newest.
        audit_id: which of its audits; otherwise the newest of the revision.
        reader_id: the user whose open work is looked for.
    """
    head: Any = session.execute(within_scope(_HEAD.where(_C.id == conversation_id), scope)).one_or_none()
    if head is None:
        return None
    *row, case, meta, erased_at, order_value, customer_key = head
    newest = ListedConversation(*row)
    audits = _audits(session, conversation_id, audit_id)
    asked = next((one for one in audits if one.id == audit_id), None)
    if audit_id is not None and asked is None:
        return None
    shown = revision if revision is not None else asked.revision if asked is not None else newest.revision
    if not 1 <= shown <= newest.revision or (asked is not None and asked.revision != shown):
        return None
    chosen = asked or next((one for one in audits if one.revision == shown), None)
    return ReadConversation(
        listed=newest,
        case=case,
        about=About(order_value, customer_key),
        meta=meta,
        erased_at=erased_at,
        revision=shown,
        messages=_messages(session, conversation_id, shown),
        audits=audits,
        audit=None if chosen is None else _audit(session, chosen),
        notes=_notes(session, conversation_id),
        open_work=None if reader_id is None else _open_work(session, conversation_id, reader_id),
        others=_others(session, conversation_id, newest.customer_id, newest.case_id, scope, reader_id),
    )


def _audits(session: Session, conversation_id: int, audit_id: int | None) -> tuple[AuditLine, ...]:
    """The newest audits, and the one of an id however old it is."""
    asked = (
        select(
            AuditRow.id, AuditRow.revision, AuditRow.rubric_version_id, RubricVersion.code, RubricVersion.content_hash,
            AuditRow.engine_version, AuditRow.score, AuditRow.verdict, AuditRow.created_at,
        )
        .join(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .where(AuditRow.conversation_id == conversation_id)
        .order_by((AuditRow.id == audit_id).desc() if audit_id is not None else AuditRow.id.desc(), AuditRow.id.desc())
        .limit(MOST_AUDITS)
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(asked)
    return tuple(sorted((AuditLine(*row) for row in rows), key=lambda one: one.id, reverse=True))


def _audit(session: Session, line: AuditLine) -> ReadAudit:
    newest = ConversationRow
    row: Any = session.execute(
        select(
            AuditRow.context_version_id, AuditRow.scored_share, AuditRow.risk, AuditRow.priority, AuditRow.reasons,
            AuditRow.observations, RiskModelRow.version, newest.risk, newest.priority,
        )
        .outerjoin(newest, (newest.id == AuditRow.conversation_id) & (newest.audit_id == AuditRow.id))
        .outerjoin(RiskModelRow, RiskModelRow.id == newest.risk_model_id)
        .where(AuditRow.id == line.id)
    ).one()  # fmt: skip
    results: Iterable[Any] = session.execute(
        select(
            CriterionResult.criterion, CriterionResult.outcome, CriterionResult.reason, CriterionResult.points,
            CriterionResult.max_points, CriterionResult.agent_id, AgentRow.name,
        )
        .outerjoin(AgentRow, AgentRow.id == CriterionResult.agent_id)
        .where(CriterionResult.audit_id == line.id)
        .order_by(CriterionResult.criterion)
    )  # fmt: skip
    findings: Iterable[Any] = session.execute(
        select(
            FindingRow.criterion, FindingRow.place, FindingRow.message_number, FindingRow.start, FindingRow.end,
            FindingRow.code, FindingRow.facts, FindingRow.id,
        )
        .where(FindingRow.audit_id == line.id)
        .order_by(FindingRow.message_number, FindingRow.start, FindingRow.end, FindingRow.id)
    )  # fmt: skip
    found = (tuple(ReadResult(*one) for one in results), tuple(ReadFinding(*one) for one in findings))
    *own, version, risk, priority = row
    learned = None if version is None else LearnedRisk(version, risk, priority)
    return ReadAudit(*(line, *own, *found, learned))


def _messages(session: Session, conversation_id: int, revision: int) -> tuple[ReadMessage, ...]:
    row = MessageRow
    rows: Iterable[Any] = session.execute(
        select(
            row.number, row.role, row.kind, row.auto, row.account, row.agent_id, AgentRow.name, row.sent_at, row.text,
            row.first_revision,
        )
        .outerjoin(AgentRow, AgentRow.id == row.agent_id)
        .where(
            row.conversation_id == conversation_id,
            row.first_revision <= revision,
            or_(row.last_revision.is_(None), row.last_revision >= revision),
        )
        .order_by(row.number)
    )  # fmt: skip
    return tuple(ReadMessage(*one) for one in rows)


def _notes(session: Session, conversation_id: int) -> tuple[ReadNote, ...]:
    rows: Iterable[Any] = session.execute(
        select(Note.id, Note.message_number, Note.text, Note.user_id, User.name, Note.created_at)
        .join(User, User.id == Note.user_id)
        .where(Note.conversation_id == conversation_id, Note.kind == "note")
        .order_by(Note.created_at, Note.id)
    )
    return tuple(ReadNote(*one) for one in rows)


def _open_work(session: Session, conversation_id: int, reader_id: int) -> OpenWork | None:
    row: Any = session.execute(
        select(WorkItem.id, WorkItem.revision, WorkItem.audit_id, WorkItem.state, WorkItem.due_at, WorkItem.is_blind)
        .where(
            WorkItem.conversation_id == conversation_id,
            WorkItem.state.in_(OPEN_STATES),
            WorkItem.user_id == reader_id,
        )
        .order_by(WorkItem.id)
        .limit(1)
        .with_hint(WorkItem, "INDEXED BY ix_work_items_conversation_id_state", "sqlite")
    ).one_or_none()
    return None if row is None else OpenWork(*row)


def _others(
    session: Session,
    conversation_id: int,
    customer_id: int | None,
    case_id: int | None,
    scope: Scope,
    reader_id: int | None,
) -> tuple[OtherConversation, ...]:
    # Each along its own index: an OR of both would be looked for in neither.
    of_customer = _some_of(session, _C.customer_id, customer_id, conversation_id, scope, reader_id)
    of_case = _some_of(session, _C.case_id, case_id, conversation_id, scope, reader_id)
    others = []
    for id, row in {**of_customer, **of_case}.items():
        values: list[Any] = [*row, id in of_customer, id in of_case]
        one = OtherConversation(*values)
        others.append(msgspec.structs.replace(one, topic=None, verdict=None, score=None) if one.is_blind else one)
    return tuple(sorted(others, key=lambda one: (one.started_at, one.id), reverse=True)[:MOST_OTHERS])


def _some_of(
    session: Session,
    column: InstrumentedAttribute[int | None],
    value: int | None,
    but_id: int,
    scope: Scope,
    reader_id: int | None,
) -> dict[int, Any]:
    if value is None:
        return {}
    columns = (
        _C.id, _C.started_at, AgentRow.name, _C.account, _C.topic, standing_verdict(), _C.score, _C.message_count,
        false() if reader_id is None else _is_blind_for(reader_id),
    )  # fmt: skip
    asked = select(*columns).outerjoin(AgentRow, AgentRow.id == _C.agent_id).where(column == value, _C.id != but_id)
    asked = asked.with_hint(_C, f"INDEXED BY ix_conversations_{column.key}_started_at_id", "sqlite")
    asked = within_scope(asked, scope).order_by(_C.started_at.desc(), _C.id.desc()).limit(MOST_OTHERS)
    return {row[0]: row for row in session.execute(asked)}


def _is_blind_for(reader_id: int) -> ColumnElement[bool]:
    item = WorkItem
    return (
        select(item.id)
        .where(item.conversation_id == _C.id, item.state.in_(OPEN_STATES), item.user_id == reader_id, item.is_blind)
        .with_hint(item, "INDEXED BY ix_work_items_conversation_id_state", "sqlite")
        .correlate(_C)
        .exists()
    )

"""Stored conversations, read to be audited anew, and what comes of it. Audits that were made before stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation, Customer, Message
from qaplatform.store import figure_days, marks, reviews, search
from qaplatform.store.conversations import Around
from qaplatform.store.findings import (
    FIGURES,
    Audit,
    AuditKey,
    AuditOf,
    audits_known,
    figures,
    new_audit_ids,
    write_audits,
)
from qaplatform.store.indexed_texts import indexed_texts
from qaplatform.store.message_rows import StoredMessage, current_messages, set_agents
from qaplatform.store.rows import among, update_rows
from qaplatform.store.shop_names import lock_shops
from qaplatform.store.tables import AuditRow, Case, ContextVersion, ConversationRow, RubricVersion
from qaplatform.store.tables import Customer as CustomerRow

_json = msgspec.json.Encoder().encode
_CASE = "case:"


class Wanted(msgspec.Struct, frozen=True):
    """Which conversations: all that meet every condition that is stated. Moments are half-open."""

    shop_ids: tuple[int, ...] | None = None
    conversation_ids: tuple[int, ...] | None = None
    started_since: datetime | None = None
    started_until: datetime | None = None
    ended_since: datetime | None = None
    ended_until: datetime | None = None
    unsettled: bool = False
    """Only those whose newest audit was made before they were over."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored conversation without its messages, and by what its newest audit is known."""

    id: int
    shop_id: int
    revision: int
    started_at: datetime
    ended_at: datetime
    is_timed: bool
    agent_id: int | None
    team_id: int | None
    audit: AuditKey | None
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class Renewed:
    """A new audit of a conversation's revision, and who wrote it by what is known now."""

    kept: Kept
    audit: Audit | None
    agent_ids: Sequence[int | None]
    agent_id: int | None
    team_id: int | None
    agent_names: Sequence[str]
    messages: Sequence[StoredMessage]


def count_wanted(session: Session, wanted: Wanted) -> int:
    """How many conversations that is."""
    return session.scalar(_narrowed(session, select(func.count(ConversationRow.id)), wanted)) or 0


def kept_conversations(session: Session, wanted: Wanted, *, after_id: int, limit: int) -> list[Kept]:
    """Conversations whose texts are kept, in the order of their ids, from behind ``after_id``."""
    row = ConversationRow
    columns = (
        row.id, row.shop_id, row.revision, row.started_at, row.ended_at, row.is_timed, row.agent_id, row.team_id,
        RubricVersion.content_hash, ContextVersion.content_hash, AuditRow.engine_version, row.source_id, row.source,
        row.channel, row.queue, row.language, row.order_id, row.order_value, row.tier, row.csat, row.tags, row.meta,
        CustomerRow.source_key, Case.key,
    )  # fmt: skip
    asked = _narrowed(session, select(*columns), wanted).where(row.id > after_id).order_by(row.id).limit(limit)
    asked = asked.outerjoin(CustomerRow, CustomerRow.id == row.customer_id).outerjoin(Case, Case.id == row.case_id)
    return [_kept(list(values)) for values in session.execute(asked)]


def _kept(values: list[Any]) -> Kept:
    id, shop_id, revision, started_at, ended_at, is_timed, agent_id, team_id, rubric, context, engine, *about = values
    source_id, source, channel, queue, language, order_id, order_value, tier, csat, tags, meta, customer, case = about
    buyer = Customer(customer, tier, order_value)
    conversation = Conversation(
        id=source_id,
        messages=(),
        source=source or None,
        channel=channel,
        queue=queue,
        language=language,
        customer=None if buyer == Customer() else buyer,
        order_id=order_id,
        case_id=case.removeprefix(_CASE) if case and case.startswith(_CASE) else None,
        csat=csat,
        tags=tuple(tags),
        meta=meta,
    )
    audit = AuditKey(rubric, context, engine) if rubric else None
    return Kept(id, shop_id, revision, started_at, ended_at, is_timed, agent_id, team_id, audit, conversation)


def _narrowed(session: Session, statement: Select[Any], wanted: Wanted) -> Select[Any]:
    row = ConversationRow
    conditions: list[ColumnElement[bool]] = [row.text_purged_at.is_(None)]
    if wanted.shop_ids is not None:
        conditions.append(row.shop_id.in_(wanted.shop_ids))
    if wanted.conversation_ids is not None:
        conditions.append(among(session, row.id, wanted.conversation_ids))
    for column, since, until in (
        (row.started_at, wanted.started_since, wanted.started_until),
        (row.ended_at, wanted.ended_since, wanted.ended_until),
    ):
        if since is not None:
            conditions.append(column >= since)
        if until is not None:
            conditions.append(column < until)
    statement = (
        statement.outerjoin(AuditRow, AuditRow.id == row.audit_id)
        .outerjoin(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .outerjoin(ContextVersion, ContextVersion.id == AuditRow.context_version_id)
    )
    if wanted.unsettled:
        conditions.append(ContextVersion.body["settled"].as_boolean().is_(False))
    return statement.where(*conditions)


def messages_of(session: Session, kept: Sequence[Kept]) -> dict[int, list[StoredMessage]]:
    """The messages of conversations in their newest revisions."""
    return current_messages(session, [one.id for one in kept])


def as_written(messages: Sequence[StoredMessage]) -> tuple[Message, ...]:
    """Stored messages as the source wrote them."""
    return tuple(
        Message(
            role=one.role,  # type: ignore[arg-type]  # it was one when it came in
            text=one.text,
            id=one.source_id,
            agent=one.account,
            sent_at=one.sent_at,
            auto=one.auto,
            kind=one.kind,  # type: ignore[arg-type]
        )
        for one in messages
    )


def store_renewed(session: Session, renewed: Sequence[Renewed], around: Around) -> int:
    """Write new audits; how many conversations they were written for.

    One that got a newer revision, or whose text was purged, meanwhile is left alone. An audit that was made before under
    the same rubric, context and engine is made the newest again.
    """
    lock_shops(session, {one.kept.shop_id for one in renewed})
    row = ConversationRow
    asked = select(row.id, row.revision).where(
        among(session, row.id, [one.kept.id for one in renewed]), row.text_purged_at.is_(None)
    )
    revisions = dict(session.execute(asked.order_by(row.id).with_for_update()).all())
    due = [one for one in renewed if revisions.get(one.kept.id) == one.kept.revision]
    ids = _audit_ids(session, due, around)
    _say_who_wrote(session, due)
    figured = [(*figures(ids.get(one.kept.id), one.audit), one.agent_id, one.team_id, one.kept.id) for one in due]
    update_rows(session, row, (*FIGURES, "agent_id", "team_id"), figured)
    changed = [one.kept.id for one in due]
    reviews.keep_official(session, changed)
    marks.refresh(session, changed)
    figure_days.note_changed(session, [(one.kept.shop_id, one.kept.started_at) for one in due])
    return len(due)


def _audit_ids(session: Session, due: Sequence[Renewed], around: Around) -> dict[int, int]:
    """The audits' ids by conversation; those that are not there are written."""
    audited = [(one.kept, one.audit) for one in due if one.audit is not None]
    keys = {kept.id: AuditKey(audit.rubric, audit.context, audit.engine) for kept, audit in audited}
    known = audits_known(session, {kept.id: kept.revision for kept, _ in audited})
    found = {id: known[id, key] for id, key in keys.items() if (id, key) in known}
    missing = [(kept, audit) for kept, audit in audited if kept.id not in found]
    numbers = new_audit_ids(session, len(missing))
    new = [
        AuditOf(number, kept.id, kept.revision, audit) for number, (kept, audit) in zip(numbers, missing, strict=True)
    ]
    write_audits(session, new, around.versions, around.agents, now=around.now)
    return found | {one.conversation_id: one.id for one in new}


def _say_who_wrote(session: Session, due: Sequence[Renewed]) -> None:
    """Bring messages and the search index to what is known now of who wrote."""
    set_agents(
        session,
        [
            (agent_id, message.id)
            for one in due
            for agent_id, message in zip(one.agent_ids, one.messages, strict=True)
            if agent_id != message.agent_id
        ],
    )
    row = ConversationRow
    asked = select(row.id, row.indexed_names).where(among(session, row.id, [one.kept.id for one in due]))
    names: dict[int, list[Any]] = dict(session.execute(asked).all())
    renamed = [
        (_json(one.agent_names).decode(), one.kept.id) for one in due if list(one.agent_names) != names[one.kept.id]
    ]
    ids = [id for _, id in renamed]
    search.remove(session, indexed_texts(session, ids))
    update_rows(session, row, ("indexed_names",), renamed)
    search.add(session, indexed_texts(session, ids))

"""Replays of drafts as they are stored, and past conversations as a replay reads them: in big pieces, few columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Message
from qaplatform.store.rows import among
from qaplatform.store.tables import (
    AgentRow,
    AuditRow,
    ConversationRow,
    CriterionResult,
    MessageRow,
    RubricReplay,
    Shop,
    Team,
    User,
)


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay; ``result`` is ``None`` until it is done."""

    id: int
    draft_id: int
    content_hash: str
    files: Mapping[str, str]
    started_since: datetime
    started_until: datetime
    shop_id: int | None
    job_id: int | None
    result: Mapping[str, Any] | None
    seconds: float | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReplayLine:
    """A replay in a list."""

    id: int
    content_hash: str
    started_since: datetime
    started_until: datetime
    shop: str | None
    job_id: int | None
    seconds: float | None
    asked_by: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """What the newest audit of a conversation says, as far as a replay wants to know."""

    id: int
    score: float | None
    verdict: str


def add_replay(session: Session, **values: Any) -> int:
    """Make a replay; its id."""
    made = RubricReplay(**values)
    session.add(made)
    session.flush()
    return made.id


def set_job(session: Session, replay_id: int, job_id: int) -> None:
    """Say which job does it."""
    session.execute(update(RubricReplay).where(RubricReplay.id == replay_id).values(job_id=job_id))


def replay(session: Session, replay_id: int) -> Replay | None:
    """A replay."""
    row = RubricReplay
    asked = select(
        row.id, row.draft_id, row.content_hash, row.files, row.started_since, row.started_until, row.shop_id,
        row.job_id, row.result, row.seconds, row.created_at, row.finished_at,
    ).where(row.id == replay_id)  # fmt: skip
    found = session.execute(asked).one_or_none()
    return None if found is None else Replay(*found)


def replays_of(session: Session, draft_id: int, *, limit: int = 30) -> list[ReplayLine]:
    """The replays of a draft, newest first."""
    row = RubricReplay
    asked = (
        select(
            row.id, row.content_hash, row.started_since, row.started_until, Shop.name, row.job_id, row.seconds,
            User.name, row.created_at, row.finished_at,
        )
        .outerjoin(Shop, Shop.id == row.shop_id)
        .outerjoin(User, User.id == row.asked_by)
        .where(row.draft_id == draft_id)
        .order_by(row.id.desc())
        .limit(limit)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(asked).all()
    return [ReplayLine(*values) for values in rows]


def finish(session: Session, replay_id: int, result: Mapping[str, Any], *, seconds: float, now: datetime) -> None:
    """Put down what came of it."""
    values = {"result": dict(result), "seconds": seconds, "finished_at": now}
    session.execute(update(RubricReplay).where(RubricReplay.id == replay_id).values(values))


def newest_start(session: Session, shop_id: int | None) -> datetime | None:
    """When the newest conversation began that still has its words."""
    row = ConversationRow
    where = [row.text_purged_at.is_(None)] + ([] if shop_id is None else [row.shop_id == shop_id])
    return session.scalar(select(func.max(row.started_at)).where(*where))


def _within(since: datetime, until: datetime, shop_id: int | None) -> list[ColumnElement[bool]]:
    row = ConversationRow
    where = [row.started_at >= since, row.started_at < until, row.text_purged_at.is_(None)]
    return where if shop_id is None else [*where, row.shop_id == shop_id]


def count_of_period(session: Session, since: datetime, until: datetime, shop_id: int | None) -> int:
    """How many conversations began in a period."""
    return session.scalar(select(func.count(ConversationRow.id)).where(*_within(since, until, shop_id))) or 0


def ids_of_period(session: Session, since: datetime, until: datetime, shop_id: int | None) -> list[int]:
    """The conversations that began in a period, by id."""
    asked = select(ConversationRow.id).where(*_within(since, until, shop_id)).order_by(ConversationRow.id)
    return list(session.scalars(asked))


def messages_as_judged(session: Session, ids: Sequence[int], codes: Mapping[int, str]) -> dict[int, list[Message]]:
    """The messages of conversations in their newest revisions, agents under their codes where they are known."""
    row = MessageRow
    asked = (
        select(row.conversation_id, row.role, row.text, row.account, row.agent_id, row.sent_at, row.auto, row.kind)
        .where(row.last_revision.is_(None), among(session, row.conversation_id, ids))
        .order_by(row.conversation_id, row.number)
    )
    out: dict[int, list[Message]] = {id: [] for id in ids}
    for conversation, role, text, account, agent, sent_at, auto, kind in session.execute(asked):
        name = codes.get(agent, account) if agent is not None and account else account
        out[conversation].append(Message(role, text, None, name, sent_at, auto, kind))  # type: ignore[arg-type]  # they were so when they came in
    return out


def newest_audits(session: Session, ids: Sequence[int]) -> dict[int, StoredAudit]:
    """The newest audits of conversations."""
    row, audit = ConversationRow, AuditRow
    asked = (
        select(row.id, audit.id, audit.score, audit.verdict)
        .join(audit, audit.id == row.audit_id)
        .where(among(session, row.id, ids))
    )
    return {id: StoredAudit(audit_id, score, verdict) for id, audit_id, score, verdict in session.execute(asked)}


def results_of(
    session: Session, audit_ids: Sequence[int], criteria: Collection[str] | None = None
) -> dict[int, dict[str, tuple[str, float]]]:
    """Outcome and points by criterion of audits, of all criteria or some; those that do not apply are left out."""
    row = CriterionResult
    asked = select(row.audit_id, row.criterion, row.outcome, row.points).where(among(session, row.audit_id, audit_ids))
    if criteria is not None:
        asked = asked.where(row.criterion.in_(sorted(criteria)))
    out: dict[int, dict[str, tuple[str, float]]] = {id: {} for id in audit_ids}
    for audit, criterion, outcome, points in session.execute(asked):
        out[audit][criterion] = outcome, points
    return out


def codes_of_agents(session: Session) -> dict[int, str]:
    """Agents' codes by id."""
    return dict(session.execute(select(AgentRow.id, AgentRow.code)).all())


def names_of(
    session: Session, agents: Collection[int], teams: Collection[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """Names of agents and of teams by id."""
    found = [
        dict(session.execute(select(model.id, model.name).where(among(session, model.id, ids))).all())
        for model, ids in ((AgentRow, agents), (Team, teams))
    ]
    return found[0], found[1]

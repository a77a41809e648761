"""Audits with their criteria and findings, and the versions of rubrics and contexts they were made with.

An audit is known by its conversation's revision and by rubric, context and engine; it is written once and never
changed. Which audit of a conversation is the newest stands in the conversation's row, with its figures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import Row, among, insert_new, insert_rows, new_ids
from qaplatform.store.tables import AuditRow, ContextVersion, CriterionResult, FindingRow, RubricVersion

FIGURES = ("audit_id", "score", "scored_share", "verdict", "risk", "priority", "topic", "failed_count", "risk_model_id")
"""The columns of a conversation that its newest audit fills."""

_AUDIT = (
    "id", "conversation_id", "revision", "rubric_version_id", "context_version_id", "engine_version", "score",
    "scored_share", "verdict", "risk", "priority", "reasons", "observations", "created_at",
)  # fmt: skip
_RESULT = (
    "audit_id", "criterion", "conversation_id", "outcome", "reason", "points", "max_points", "agent_id",
)  # fmt: skip
_FINDING = ("audit_id", "criterion", "place", "message_number", "start", "end", "code", "facts")


class Result(msgspec.Struct, frozen=True, gc=False):
    """A criterion that applied; ``agent`` is a code, or a name nobody is known by."""

    criterion: str
    outcome: str
    reason: str | None
    points: float
    max_points: float
    agent: str | None


class Place(msgspec.Struct, frozen=True, gc=False):
    """A finding: its criterion, its place among that criterion's, where it stands; ``facts`` as JSON."""

    criterion: str
    place: int
    message: int
    start: int
    end: int
    code: str
    facts: str


class Learned(msgspec.Struct, frozen=True, gc=False):
    """What a team's learned model says of a conversation; see ``services/risk_models.py``."""

    model_id: int
    risk: float
    priority: float


class Audit(msgspec.Struct, frozen=True, gc=False):
    """An audit of one conversation; ``reasons`` and ``observations`` as JSON, without quotes."""

    rubric: str
    """Its content hash."""
    context: str
    """Its content hash."""
    engine: str
    score: float | None
    scored_share: float
    verdict: str
    risk: float
    priority: float
    topic: str | None
    failed_count: int
    reasons: str
    observations: str
    results: tuple[Result, ...]
    findings: tuple[Place, ...]
    learned: Learned | None = None
    """Of the conversation as it stands now; no part of the audit, whose own risk is that of the rules."""

    @property
    def priority_now(self) -> float:
        """The priority that lists go by."""
        return self.learned.priority if self.learned else self.priority


@dataclass(frozen=True, slots=True)
class Version:
    """A rubric or context that audits refer to; ``body`` is asked for what is kept of it where nobody has yet."""

    content_hash: str
    code: str
    body: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Versions:
    """The rubrics and contexts of some audits."""

    rubrics: Collection[Version]
    contexts: Collection[Version]


@dataclass(frozen=True, slots=True)
class VersionIds:
    """Ids of rubrics and contexts by their hashes."""

    rubrics: Mapping[str, int]
    contexts: Mapping[str, int]


def version_ids(session: Session, versions: Versions, *, now: datetime) -> VersionIds:
    """The ids of versions; those that nobody has referred to yet are written down."""
    return VersionIds(
        _ids_of(session, RubricVersion, versions.rubrics, lambda one: {"code": one.code, "files": one.body()}, now),
        _ids_of(session, ContextVersion, versions.contexts, lambda one: {"body": one.body()}, now),
    )


def _ids_of(
    session: Session,
    model: type[RubricVersion | ContextVersion],
    versions: Collection[Version],
    content: Callable[[Version], dict[str, Any]],
    now: datetime,
) -> dict[str, int]:
    # In one order, so that two transactions that write the same ones do not wait for each other in a ring.
    wanted = {one.content_hash: one for one in sorted(versions, key=lambda one: one.content_hash)}
    asked = select(model.content_hash, model.id).where(model.content_hash.in_(list(wanted)))
    known = dict(session.execute(asked).all())
    missing = [one for content, one in wanted.items() if content not in known]
    if missing:
        rows = [{"content_hash": one.content_hash, "created_at": now, **content(one)} for one in missing]
        insert_new(session, model, rows)
        known = dict(session.execute(asked).all())
    return known


@dataclass(frozen=True, slots=True)
class AuditOf:
    """An audit with what it is an audit of, and its number."""

    id: int
    conversation_id: int
    revision: int
    audit: Audit


def write_audits(
    session: Session, audits: Sequence[AuditOf], versions: VersionIds, agents: Mapping[str, int], *, now: datetime
) -> None:
    """Write new audits; ``agents`` are ids by code."""
    rows: list[Row] = []
    results: list[Row] = []
    findings: list[Row] = []
    for one in audits:
        audit = one.audit
        rows.append(
            (
                one.id, one.conversation_id, one.revision, versions.rubrics[audit.rubric],
                versions.contexts[audit.context], audit.engine, audit.score, audit.scored_share, audit.verdict,
                audit.risk, audit.priority, audit.reasons, audit.observations, now,
            )
        )  # fmt: skip
        results += [
            (one.id, it.criterion, one.conversation_id, it.outcome, it.reason, it.points, it.max_points,
             agents.get(it.agent) if it.agent else None)
            for it in audit.results
        ]  # fmt: skip
        findings += [
            (one.id, it.criterion, it.place, it.message, it.start, it.end, it.code, it.facts) for it in audit.findings
        ]
    insert_rows(session, AuditRow, _AUDIT, rows)
    insert_rows(session, CriterionResult, _RESULT, results)
    insert_rows(session, FindingRow, _FINDING, findings)


def new_audit_ids(session: Session, count: int) -> Sequence[int]:
    """Numbers for new audits."""
    return new_ids(session, AuditRow, count)


def figures(audit_id: int | None, audit: Audit | None) -> Row:
    """The values of :data:`FIGURES`."""
    if audit is None:
        return (None,) * len(FIGURES)
    learned = audit.learned
    return (
        audit_id, audit.score, audit.scored_share, audit.verdict, learned.risk if learned else audit.risk,
        audit.priority_now, audit.topic, audit.failed_count, learned.model_id if learned else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AuditKey:
    """By what an audit is known beside its conversation and revision."""

    rubric: str
    context: str
    engine: str


def audits_known(session: Session, revisions: Mapping[int, int]) -> dict[tuple[int, AuditKey], int]:
    """The audits there are of these conversations (id → revision), by conversation and key."""
    columns = (
        AuditRow.conversation_id, AuditRow.revision, RubricVersion.content_hash, ContextVersion.content_hash,
        AuditRow.engine_version, AuditRow.id,
    )  # fmt: skip
    asked = (
        select(*columns)
        .join(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .join(ContextVersion, ContextVersion.id == AuditRow.context_version_id)
        .where(among(session, AuditRow.conversation_id, revisions))
    )
    return {
        (conversation, AuditKey(rubric, context, engine)): id
        for conversation, revision, rubric, context, engine, id in session.execute(asked)
        if revision == revisions[conversation]
    }

"""Parquet: a row a conversation, typed, with its criteria, findings and observations as nested columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import BinaryIO

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import CriterionResult, Finding, Scorecard
from qaplatform.audit.summary import agents_of
from qaplatform.formats.writing.plain import writable
from qaplatform.formats.writing.wording import Wording

ROW_GROUP = 5_000
"""Conversations in a row group."""
_TEXT, _MOMENT, _COUNT, _REAL = pa.string(), pa.timestamp("us", tz="UTC"), pa.int32(), pa.float64()


def _struct(**fields: pa.DataType) -> pa.DataType:
    return pa.struct(list(fields.items()))


_SPAN = {"message": _COUNT, "start": _COUNT, "end": _COUNT}
_FINDING = _struct(**_SPAN, quote=_TEXT, code=_TEXT, facts=_TEXT, agent=_TEXT, wording=_TEXT)
_CRITERION = _struct(
    id=_TEXT, outcome=_TEXT, reason=_TEXT, points=_REAL, max_points=_REAL, agent=_TEXT, findings=pa.list_(_FINDING)
)
_OBSERVATIONS = _struct(
    episodes=pa.list_(_struct(message=_COUNT, kind=_TEXT, verdict=_TEXT, at=_COUNT)),
    blunt=pa.list_(_struct(**_SPAN, kind=_TEXT)),
    review_requests=pa.list_(_struct(**_SPAN, kind=_TEXT)),
    off_platform=pa.list_(_struct(**_SPAN)),
    absolute=pa.list_(_struct(**_SPAN)),
    promises=pa.list_(_struct(**_SPAN, concrete=pa.bool_(), due_at=_MOMENT, kept=pa.bool_())),
    transfers=pa.list_(
        _struct(message=_COUNT, kind=_TEXT, announced=pa.bool_(), who_named=pa.bool_(), reason_given=pa.bool_())
    ),
    closing_check=_COUNT,
    unanswered=pa.list_(_COUNT),
    closed=_TEXT,
    topic=pa.list_(_TEXT),
)
SCHEMA = pa.schema(
    {
        "id": _TEXT,
        "source": _TEXT,
        "channel": _TEXT,
        "shop": _TEXT,
        "queue": _TEXT,
        "language": _TEXT,
        "customer_id": _TEXT,
        "customer_tier": _TEXT,
        "order_value": _REAL,
        "order_id": _TEXT,
        "case_id": _TEXT,
        "csat": _REAL,
        "tags": pa.list_(_TEXT),
        "started_at": _MOMENT,
        "ended_at": _MOMENT,
        "messages": _COUNT,
        "agents": pa.list_(_TEXT),
        "rubric": _TEXT,
        "score": _REAL,
        "scored_share": _REAL,
        "verdict": _TEXT,
        "risk": _REAL,
        "priority": _REAL,
        "reasons": pa.list_(_TEXT),
        "criteria": pa.list_(_CRITERION),
        "observations": _OBSERVATIONS,
    }
)
"""``facts`` is JSON text, its keys differ by code; moments are UTC; message numbers count from 0."""


def write_parquet(pairs: Iterable[tuple[Conversation, Scorecard]], stream: BinaryIO, wording: Wording) -> int:
    """Write row groups of ``ROW_GROUP`` conversations and return how many there were."""
    count, source = 0, iter(pairs)
    with pq.ParquetWriter(stream, SCHEMA, compression="zstd") as writer:
        while rows := [_row(conversation, card, wording) for conversation, card in islice(source, ROW_GROUP)]:
            writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))
            count += len(rows)
    return count


def _row(conversation: Conversation, card: Scorecard, wording: Wording) -> dict[str, object]:
    times = list(_times(conversation, wording))
    customer = conversation.customer
    return {
        "id": writable(conversation.id),
        "source": _text(conversation.source),
        "channel": _text(conversation.channel),
        "shop": _text(conversation.shop),
        "queue": _text(conversation.queue),
        "language": _text(conversation.language),
        "customer_id": _text(customer.id) if customer else None,
        "customer_tier": _text(customer.tier) if customer else None,
        "order_value": customer.order_value if customer else None,
        "order_id": _text(conversation.order_id),
        "case_id": _text(conversation.case_id),
        "csat": conversation.csat,
        "tags": [writable(tag) for tag in conversation.tags],
        "started_at": times[0] if times else None,
        "ended_at": times[-1] if times else None,
        "messages": len(conversation.messages),
        "agents": [writable(agent) for agent in agents_of(conversation)],
        "rubric": card.rubric,
        "score": card.score,
        "scored_share": card.scored_share,
        "verdict": card.verdict,
        "risk": card.risk,
        "priority": card.priority,
        "reasons": list(card.reasons),
        "criteria": [_criterion(result, wording) for result in card.criteria],
        "observations": _observations(card, wording),
    }


def _text(value: str | None) -> str | None:
    return None if value is None else writable(value)


def _times(conversation: Conversation, wording: Wording) -> Iterator[datetime]:
    for message in conversation.messages:
        moment = wording.local(message.sent_at) if message.sent_at else None
        if moment is not None:
            yield moment


def _criterion(result: CriterionResult, wording: Wording) -> dict[str, object]:
    return {
        "id": result.id,
        "outcome": result.outcome,
        "reason": result.reason,
        "points": result.points,
        "max_points": result.max_points,
        "agent": _text(result.agent),
        "findings": [_finding(result, finding, wording) for finding in result.findings],
    }


def _finding(result: CriterionResult, finding: Finding, wording: Wording) -> dict[str, object]:
    return {
        "message": finding.message,
        "start": finding.start,
        "end": finding.end,
        "quote": writable(finding.quote),
        "code": finding.code,
        "facts": writable(json.dumps(finding.facts, ensure_ascii=False, default=str)),
        "agent": _text(finding.agent if isinstance(finding.agent, str) else result.agent),
        "wording": writable(wording.sentence(result.id, finding)),
    }


def _observations(card: Scorecard, wording: Wording) -> dict[str, object]:
    seen: dict[str, object] = msgspec.to_builtins(card.observations)
    promises = [msgspec.structs.asdict(promise) for promise in card.observations.promises]
    for promise in promises:
        promise["due_at"] = wording.local(promise["due_at"]) if promise["due_at"] else None
    return {**seen, "promises": promises}

"""Calls to language models as they were made: what was sent, what came back, and the answers by what was asked.

Nothing here is ever asked of a model twice: an answer stays known by its key until its conversation is purged.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import ConversationRow, LlmAnswer, LlmCall, SentText

_C = LlmCall


class NewCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call; see the table."""

    run_id: int
    conversation_id: int
    criteria: Sequence[str]
    part: int
    text_hash: str
    model: str
    answered_by: str
    mode: str
    parameters: Mapping[str, Any]
    is_repair: bool
    prompt_tokens: int
    completion_tokens: int
    money_micros: int
    currency: str
    seconds: float
    fault: str
    raw: bytes
    """As it came."""


class KeptAnswer(msgspec.Struct, frozen=True):
    """An answer as it is kept, and the model that gave it."""

    answer: dict[str, Any]
    model: str


class ReadCall(msgspec.Struct, frozen=True):
    """A call as it is kept; ``raw`` as it came, empty once it is purged."""

    id: int
    run_id: int
    criteria: tuple[str, ...]
    part: int
    text_hash: str
    model: str
    answered_by: str
    mode: str
    parameters: dict[str, Any]
    is_repair: bool
    prompt_tokens: int
    completion_tokens: int
    money_micros: int
    currency: str
    seconds: float
    fault: str
    raw: bytes
    created_at: datetime


def has_words(session: Session, conversation_id: int) -> bool:
    """Whether a conversation's words are there; they are not purged before the writing transaction ends."""
    asked = select(ConversationRow.id).where(
        ConversationRow.id == conversation_id, ConversationRow.text_purged_at.is_(None)
    )
    return session.scalar(asked.with_for_update(read=True)) is not None


def write_call(session: Session, new: NewCall, *, now: datetime) -> int:
    """Write a call; its id."""
    values = {name: getattr(new, name) for name in new.__struct_fields__}
    values |= {
        "criteria": list(new.criteria),
        "parameters": dict(new.parameters),
        "raw": zlib.compress(new.raw) if new.raw else b"",
    }
    made: int | None = session.scalar(insert(_C).values(**values, created_at=now).returning(_C.id))
    if made is None:
        raise AssertionError("an insert gives its id")
    return made


def keep_answers(
    session: Session, answers: Mapping[str, Mapping[str, Any]], *, call_id: int, conversation_id: int, model: str,
    now: datetime,
) -> None:  # fmt: skip
    """Keep answers by their keys; one that is known already stays as it is."""
    shared = {"call_id": call_id, "conversation_id": conversation_id, "model": model, "created_at": now}
    insert_new(session, LlmAnswer, [{"key": key, "answer": dict(answer), **shared} for key, answer in answers.items()])


def answer_of(session: Session, key: str) -> KeptAnswer | None:
    """The answer to what was asked, if it was."""
    row = session.execute(select(LlmAnswer.answer, LlmAnswer.model).where(LlmAnswer.key == key)).one_or_none()
    return None if row is None else KeptAnswer(row[0], row[1])


def note_sent(session: Session, conversation_id: int, text_hash: str, text: str, *, now: datetime) -> None:
    """Keep what is about to be sent; the same text once a conversation."""
    row = {"conversation_id": conversation_id, "hash": text_hash, "text": text, "created_at": now}
    insert_new(session, SentText, [row])


def calls_of(session: Session, conversation_id: int, *, limit: int = 500) -> tuple[ReadCall, ...]:
    """The calls about a conversation, the oldest first."""
    columns = [getattr(_C, name) for name in ReadCall.__struct_fields__]
    asked = select(*columns).where(_C.conversation_id == conversation_id).order_by(_C.id).limit(limit)
    rows: Iterable[Any] = session.execute(asked).mappings()
    return tuple(
        ReadCall(**(dict(row) | {"criteria": tuple(row["criteria"]), "raw": zlib.decompress(row["raw"] or _NOTHING)}))
        for row in rows
    )


def faults_of_run(session: Session, run_id: int) -> dict[str, int]:
    """How often which fault came up in a run's calls."""
    asked = select(_C.fault, func.count()).where(_C.run_id == run_id, _C.fault != "").group_by(_C.fault)
    return {str(fault): int(count) for fault, count in session.execute(asked.order_by(_C.fault))}


_NOTHING = zlib.compress(b"")

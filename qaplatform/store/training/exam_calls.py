"""What language models that play customers were asked, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import ExamCall

_C = ExamCall


class NewExamCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call, or why there was none; columns as in the table."""

    dialogue_id: int
    number: int
    model: str
    prompt: str = ""
    reply: str = ""
    fault: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money_micros: int = 0
    currency: str
    seconds: float = 0.0


class ReadExamCall(NewExamCall, frozen=True, kw_only=True):
    """One as it is kept."""

    id: int
    created_at: datetime


def add_call(session: Session, new: NewExamCall, *, now: datetime) -> None:
    """Keep a call."""
    session.add(ExamCall(created_at=now, **msgspec.structs.asdict(new)))
    session.flush()


def calls_of(session: Session, dialogue_id: int, *, limit: int = 500) -> list[ReadExamCall]:
    """The calls of a dialogue, the oldest first."""
    columns: list[Any] = [getattr(_C, name) for name in ReadExamCall.__struct_fields__]
    asked = select(*columns).where(_C.dialogue_id == dialogue_id).order_by(_C.id).limit(limit)
    return [ReadExamCall(**row) for row in session.execute(asked).mappings()]


def is_called(session: Session, dialogue_id: int, number: int) -> bool:
    """Whether the answer to a candidate's message was asked for."""
    return session.scalar(select(_C.id).where(_C.dialogue_id == dialogue_id, _C.number == number).limit(1)) is not None


def spent_of(session: Session, dialogue_id: int) -> tuple[int, int]:
    """Tokens and money of a dialogue so far."""
    tokens, money = func.sum(_C.prompt_tokens + _C.completion_tokens), func.sum(_C.money_micros)
    row = session.execute(select(tokens, money).where(_C.dialogue_id == dialogue_id)).one()
    return int(row[0] or 0), int(row[1] or 0)

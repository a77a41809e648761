"""What lists and pages show beside a conversation's row: what failed, what has to be masked, versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.rows import chunks
from qaplatform.store.tables import (
    ContextVersion,
    ConversationMark,
    ConversationRow,
    Customer,
    RubricVersion,
)

_FAILED = "failed"


class About(msgspec.Struct, frozen=True):
    """What is known of the customer in a conversation."""

    order_value: float | None = None
    customer_key: str | None = None
    """What the source calls the customer: a name to be masked wherever it stands."""


def about(session: Session, ids: Sequence[int]) -> dict[int, About]:
    """What is known of the customers of some conversations, by conversation."""
    c = ConversationRow
    out: dict[int, About] = {}
    for some in chunks(ids):
        asked = select(c.id, c.order_value, Customer.source_key).outerjoin(Customer, Customer.id == c.customer_id)
        out |= {id: About(value, key) for id, value, key in session.execute(asked.where(c.id.in_(some)))}
    return out


def failed_criteria(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """The criteria that failed in the newest audits, by conversation."""
    m = ConversationMark
    out: dict[int, list[str]] = {}
    for some in chunks(ids):
        # Sorted here: asked for in order, SQLite walks along all marks there are rather than look up those of some ids.
        asked = select(m.conversation_id, m.mark).where(m.conversation_id.in_(some), m.kind == _FAILED)
        for id, criterion in sorted(session.execute(asked).all()):
            out.setdefault(id, []).append(criterion)
    return out


def rubric_files(session: Session, rubric_version_id: int) -> dict[str, Any] | None:
    """The YAML of a version of a rubric, by path."""
    return session.scalar(select(RubricVersion.files).where(RubricVersion.id == rubric_version_id))


def context_body(session: Session, context_version_id: int) -> dict[str, Any] | None:
    """What an audit knew beside the conversation, as it is kept."""
    return session.scalar(select(ContextVersion.body).where(ContextVersion.id == context_version_id))

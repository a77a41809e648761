"""Scenarios, questions and drills as they were when somebody was examined by them, each kept once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, insert_new
from qaplatform.store.tables import LearningVersion

VersionKind = Literal["scenario", "question", "drill"]


class KeptVersion(NamedTuple):
    """A version that is kept; ``content`` is empty where it held a chat's words that are gone."""

    id: int
    code: str
    content_hash: str
    content: Mapping[str, Any]


def keep_version(
    session: Session,
    kind: VersionKind,
    code: str,
    content_hash: str,
    content: Mapping[str, Any],
    *,
    conversation_id: int | None = None,
    now: datetime,
) -> int:
    """Keep a version where it is not kept yet; its id either way.

    One that was tried out as a draft from a chat and is kept without that chat now was published, and is invented by then.
    """
    new = {
        "kind": kind, "code": code, "content_hash": content_hash, "content": dict(content),
        "conversation_id": conversation_id, "created_at": now,
    }  # fmt: skip
    insert_new(session, LearningVersion, [new])
    row = LearningVersion
    is_it = (row.kind == kind, row.code == code, row.content_hash == content_hash)
    id, linked = session.execute(select(row.id, row.conversation_id).where(*is_it)).one()
    if linked is not None and conversation_id is None:
        values = {"conversation_id": None, "content": dict(content)}
        session.execute(
            update(row).where(row.id == id).values(values), execution_options={"synchronize_session": False}
        )
    return int(id)


def kept_version(session: Session, id: int) -> KeptVersion | None:
    """The version of an id."""
    return kept_versions(session, [id]).get(id)


def kept_versions(session: Session, ids: Collection[int]) -> dict[int, KeptVersion]:
    """Versions by their ids."""
    row = LearningVersion
    asked = select(row.id, row.code, row.content_hash, row.content).where(among(session, row.id, ids))
    return {one[0]: KeptVersion(*one) for one in session.execute(asked)}

"""Which models are trusted with which questions, as it was settled last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import LlmTrust, User

_T = LlmTrust
_COLUMNS = tuple(one.name for one in LlmTrust.__table__.columns)


class Asked(msgspec.Struct, frozen=True, order=True):
    """A question in one wording to one model: what is trusted, or is not."""

    prompt: str
    question_hash: str
    model: str


class TrustRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was settled of one question, wording and model; see the table."""

    prompt: str
    question_hash: str
    model: str
    is_earned: bool
    is_held_back: bool
    pair_count: int
    agreement: float | None
    kappa: float | None
    changed_at: datetime
    changed_by: int | None
    changed_by_name: str | None = None

    @property
    def asked(self) -> Asked:
        """What it is about."""
        return Asked(self.prompt, self.question_hash, self.model)

    @property
    def counts(self) -> bool:
        """Whether the answers count."""
        return self.is_earned and not self.is_held_back


def trusted(session: Session, asked: Sequence[tuple[str, str]], model: str) -> set[tuple[str, str]]:
    """Of some questions, as (prompt, question's hash), those whose answers by a model count."""
    if not asked:
        return set()
    rows = session.execute(
        select(_T.prompt, _T.question_hash).where(
            _T.model == model,
            _T.question_hash.in_(sorted({wording for _, wording in asked})),
            _T.is_earned,
            _T.is_held_back.is_(False),
        )
    )
    return {(prompt, wording) for prompt, wording in rows} & set(asked)


def trust_row(session: Session, asked: Asked) -> TrustRow | None:
    """What was settled of one; ``None`` = nothing yet, so it is not trusted."""
    found = _rows(session, _T.prompt == asked.prompt, _T.question_hash == asked.question_hash, _T.model == asked.model)
    return found[0] if found else None


def trust_rows(session: Session, *, prompt: str | None = None, model: str | None = None) -> tuple[TrustRow, ...]:
    """All that was settled, by question, model and wording."""
    wanted = [column == value for column, value in ((_T.prompt, prompt), (_T.model, model)) if value is not None]
    return _rows(session, *wanted)


def _rows(session: Session, *wanted: object) -> tuple[TrustRow, ...]:
    statement = (
        select(*(getattr(_T, name) for name in _COLUMNS), User.name.label("changed_by_name"))
        .outerjoin(User, User.id == _T.changed_by)
        .where(*wanted)  # type: ignore[arg-type]
        .order_by(_T.prompt, _T.model, _T.question_hash)
    )
    return tuple(TrustRow(**row) for row in session.execute(statement).mappings())


def keep_figures(
    session: Session, asked: Asked, *, is_earned: bool, pair_count: int, agreement: float | None, kappa: float | None,
    now: datetime,
) -> bool:  # fmt: skip
    """Write down the figures; whether ``is_earned`` is another now. A lead's decision stays as it is."""
    where = (_T.prompt == asked.prompt, _T.question_hash == asked.question_hash, _T.model == asked.model)
    key = msgspec.structs.asdict(asked)
    insert_new(session, _T, [key | {"is_earned": False, "is_held_back": False, "pair_count": 0, "changed_at": now}])
    quietly = {"synchronize_session": False}
    figures = {"pair_count": pair_count, "agreement": agreement, "kappa": kappa}
    session.execute(update(_T).where(*where).values(**figures), execution_options=quietly)
    changed = session.execute(
        update(_T)
        .where(*where, _T.is_earned.is_not(is_earned))
        .values(is_earned=is_earned, changed_at=now, changed_by=None),
        execution_options=quietly,
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def keep_decision(session: Session, asked: Asked, *, is_held_back: bool, user_id: int, now: datetime) -> bool:
    """Write down that a lead holds a model back, or no longer; whether that is new."""
    key = msgspec.structs.asdict(asked)
    insert_new(session, _T, [key | {"is_earned": False, "is_held_back": False, "pair_count": 0, "changed_at": now}])
    changed = session.execute(
        update(_T)
        .where(
            _T.prompt == asked.prompt, _T.question_hash == asked.question_hash, _T.model == asked.model,
            _T.is_held_back.is_not(is_held_back),
        )
        .values(is_held_back=is_held_back, changed_at=now, changed_by=user_id),
        execution_options={"synchronize_session": False},
    )  # fmt: skip
    return bool(changed.rowcount)  # type: ignore[attr-defined]

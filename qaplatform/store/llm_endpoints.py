"""Endpoints of language models, as they were entered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.store.tables import LlmEndpoint


class StoredEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint as it stands in its row; see there."""

    id: int
    name: str
    preset: str | None
    base_url: str
    model: str
    api_key: str
    input_price: str | None
    output_price: str | None
    currency: str
    options: dict[str, Any]
    created_at: datetime
    retired_at: datetime | None

    def __repr__(self) -> str:
        return f"StoredEndpoint({self.id}, {self.name!r})"

    def __rich_repr__(self) -> Any:
        yield self.id
        yield self.name


def endpoint(session: Session, id: int) -> StoredEndpoint | None:
    """An endpoint by its id, retired ones too."""
    row = session.get(LlmEndpoint, id)
    return None if row is None else _stored(row)


def endpoints(session: Session) -> tuple[StoredEndpoint, ...]:
    """All endpoints, those in use first, each by name."""
    rows = session.scalars(select(LlmEndpoint).order_by(LlmEndpoint.retired_at.is_not(None), LlmEndpoint.name))
    return tuple(map(_stored, rows))


def _stored(row: LlmEndpoint) -> StoredEndpoint:
    return StoredEndpoint(**{name: getattr(row, name) for name in StoredEndpoint.__struct_fields__})

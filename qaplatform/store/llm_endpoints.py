"""Endpoints of language models, as they were entered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.store.conflicts import plain_conflicts
from qaplatform.store.tables import LlmEndpoint


class EndpointNameTakenError(QAPlatformError):
    """Another endpoint has this name, perhaps a retired one; choose another name."""

    code: ClassVar[str] = "endpoints.name_taken"


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
    return None if row is None else stored_of(row)


def endpoints(session: Session) -> tuple[StoredEndpoint, ...]:
    """All endpoints, those in use first, each by name."""
    rows = session.scalars(select(LlmEndpoint).order_by(LlmEndpoint.retired_at.is_not(None), LlmEndpoint.name))
    return tuple(map(stored_of, rows))


def add_endpoint(session: Session, row: LlmEndpoint) -> int:
    """Add an endpoint; its id.

    Raises:
        EndpointNameTakenError: another one has the name.
    """
    with plain_conflicts(session, {"llm_endpoints_name": EndpointNameTakenError}):
        session.add(row)
    return row.id


def locked_endpoint(session: Session, id: int) -> LlmEndpoint | None:
    """An endpoint as it stands now, held until the transaction ends."""
    held = select(LlmEndpoint).where(LlmEndpoint.id == id).with_for_update(key_share=True)
    return session.scalar(held.execution_options(populate_existing=True))


def change_endpoint(session: Session, row: LlmEndpoint, values: dict[str, Any]) -> None:
    """Set columns of an endpoint that is held.

    Raises:
        EndpointNameTakenError: another one has the name.
    """
    with plain_conflicts(session, {"llm_endpoints_name": EndpointNameTakenError}):
        for name, value in values.items():
            setattr(row, name, value)


def stored_of(row: LlmEndpoint) -> StoredEndpoint:
    """A row as a value."""
    return StoredEndpoint(**{name: getattr(row, name) for name in StoredEndpoint.__struct_fields__})

"""Managing endpoints of language models: entered, changed, chosen, retired. A key goes in and never comes out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.endpoint_fields import EndpointFields, checked, fields_of, has_price
from qaplatform.services.grader_settings import grader_settings, keep_settings
from qaplatform.services.noting import note
from qaplatform.store import llm_endpoints as store
from qaplatform.store.llm_endpoints import StoredEndpoint, stored_of
from qaplatform.store.settings import lock_settings
from qaplatform.store.tables import LlmEndpoint

MANAGE = "grader.manage"
_HINT_CHARS = 4
_LEAST_FOR_HINT = 12
"""Of a shorter key its last characters would give away too much."""


class UnknownEndpointError(QAPlatformError):
    """There is no such endpoint; load the page again."""

    code: ClassVar[str] = "endpoints.unknown"


class RetiredEndpointError(QAPlatformError):
    """The endpoint was retired: nothing is asked of it any more."""

    code: ClassVar[str] = "endpoints.retired"


class EndpointLine(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint to show, without its key."""

    id: int
    fields: EndpointFields
    key_hint: str
    """The last characters of its key, or the variable that holds it; empty: there is none."""
    has_price: bool
    is_in_use: bool
    """Everything is asked of it that names no other."""
    created_at: datetime
    retired_at: datetime | None


def endpoint_lines(session: Session, viewer: Viewer) -> Sequence[EndpointLine]:
    """All endpoints, those that may be asked first.

    Raises:
        AccessError: the viewer may not manage them.
    """
    viewer.demand(MANAGE)
    in_use = grader_settings(session).endpoint_id
    return [_line(one, in_use) for one in store.endpoints(session)]


def endpoint_line(session: Session, viewer: Viewer, id: int) -> EndpointLine:
    """One of them.

    Raises:
        AccessError: the viewer may not manage them.
        UnknownEndpointError: there is none.
    """
    viewer.demand(MANAGE)
    found = store.endpoint(session, id)
    if found is None:
        raise UnknownEndpointError
    return _line(found, grader_settings(session).endpoint_id)


def create_endpoint(session: Session, fields: EndpointFields, *, by: Viewer, now: datetime) -> int:
    """Enter an endpoint; its id. The first one is also put in use.

    Raises:
        AccessError: ``by`` may not manage them.
        EndpointNameTakenError: another one has the name.
        QAPlatformError: a field is wrong; its class says which.
    """
    by.demand(MANAGE)
    lock_settings(session)
    values = checked(fields, None)
    id = store.add_endpoint(session, LlmEndpoint(**values, preset=fields.preset, created_at=now))
    note(session, by, now, "endpoint.created", ("endpoint", id))
    settings = grader_settings(session)
    if settings.endpoint_id is None:
        keep_settings(session, msgspec.structs.replace(settings, endpoint_id=id))
        note(session, by, now, "endpoint.chosen", ("endpoint", id))
    return id


def change_endpoint(session: Session, id: int, fields: EndpointFields, *, by: Viewer, now: datetime) -> None:
    """Change an endpoint.

    Raises:
        AccessError: ``by`` may not manage them.
        UnknownEndpointError: there is none.
        RetiredEndpointError: it was retired.
        EndpointNameTakenError: another one has the name.
        QAPlatformError: a field is wrong; its class says which.
    """
    by.demand(MANAGE)
    held = _held(session, id)
    values = checked(fields, stored_of(held))
    changed = {name: value for name, value in values.items() if value != getattr(held, name)}
    if changed:
        store.change_endpoint(session, held, changed)
        note(session, by, now, "endpoint.changed", ("endpoint", id), fields=sorted(changed))


def choose_endpoint(session: Session, id: int, *, by: Viewer, now: datetime) -> None:
    """Ask this one from now on.

    Raises:
        AccessError: ``by`` may not manage them.
        UnknownEndpointError: there is none.
        RetiredEndpointError: it was retired.
    """
    by.demand(MANAGE)
    lock_settings(session)
    _held(session, id)
    settings = grader_settings(session)
    if settings.endpoint_id != id:
        keep_settings(session, msgspec.structs.replace(settings, endpoint_id=id))
        note(session, by, now, "endpoint.chosen", ("endpoint", id))


def retire_endpoint(session: Session, id: int, *, by: Viewer, now: datetime) -> None:
    """Ask it nothing any more, and forget its key; what it answered stays.

    Raises:
        AccessError: ``by`` may not manage them.
        UnknownEndpointError: there is none.
        RetiredEndpointError: it was retired before.
    """
    by.demand(MANAGE)
    lock_settings(session)
    store.change_endpoint(session, _held(session, id), {"retired_at": now, "api_key": ""})
    settings = grader_settings(session)
    if settings.endpoint_id == id:
        keep_settings(session, msgspec.structs.replace(settings, endpoint_id=None))
    note(session, by, now, "endpoint.retired", ("endpoint", id))


def _held(session: Session, id: int) -> LlmEndpoint:
    held = store.locked_endpoint(session, id)
    if held is None:
        raise UnknownEndpointError
    if held.retired_at is not None:
        raise RetiredEndpointError
    return held


def _line(stored: StoredEndpoint, in_use: int | None) -> EndpointLine:
    return EndpointLine(
        id=stored.id,
        fields=fields_of(stored),
        key_hint=_hint(stored.api_key),
        has_price=has_price(stored),
        is_in_use=stored.id == in_use,
        created_at=stored.created_at,
        retired_at=stored.retired_at,
    )


def _hint(key: str) -> str:
    if not key or key.startswith("$"):
        return key
    return f"…{key[-_HINT_CHARS:]}" if len(key) >= _LEAST_FOR_HINT else "…"

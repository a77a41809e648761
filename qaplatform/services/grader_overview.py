"""The language models at a glance: which one is asked, whether it can be, and what was used today."""

from __future__ import annotations

import os
from datetime import datetime
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.orm import Session

from qaplatform.llm.budget import Cap
from qaplatform.services.access import Viewer
from qaplatform.services.endpoint_fields import has_price
from qaplatform.services.grader_settings import GraderSettings, KeyNotThereError, endpoint_of, grader_settings
from qaplatform.services.llm_spending import DayUse, day_use
from qaplatform.store import grading_runs, llm_endpoints
from qaplatform.store.llm_endpoints import StoredEndpoint

OPEN = "grader.open"


class InUse(msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint that is asked."""

    id: int
    name: str
    model: str
    server: str
    input_price: str | None
    """Per million tokens; both or neither."""
    output_price: str | None
    currency: str
    key_is_missing: bool
    """Its key is to come from the environment, and is not there."""
    cap_problem: Cap | None
    """Why a cap on money cannot be held, so that nothing can be asked."""

    @property
    def has_price(self) -> bool:
        """Whether it is known what its answers cost."""
        return self.input_price is not None and self.output_price is not None


class GraderOverview(msgspec.Struct, frozen=True, kw_only=True):
    """What the first page shows."""

    in_use: InUse | None
    other_count: int
    """Endpoints beside it that could be asked."""
    today: DayUse
    was_asked: bool
    """Whether a model was ever asked about a conversation; the first steps are over then."""


def grader_overview(session: Session, viewer: Viewer, *, now: datetime) -> GraderOverview:
    """All of it.

    Raises:
        AccessError: the viewer may not open it.
    """
    viewer.demand(OPEN)
    settings = grader_settings(session)
    asked = [one for one in llm_endpoints.endpoints(session) if one.retired_at is None]
    chosen = next((one for one in asked if one.id == settings.endpoint_id), None)
    return GraderOverview(
        in_use=None if chosen is None else _in_use(chosen, settings),
        other_count=len(asked) - (chosen is not None),
        today=day_use(session, settings.day_of(now)),
        was_asked=bool(grading_runs.runs_page(session, user_id=None, page=1, page_size=1)[1]),
    )


def endpoint_in_use(session: Session) -> InUse | None:
    """The endpoint that is asked, for pages that speak of its price."""
    settings = grader_settings(session)
    chosen = None if settings.endpoint_id is None else llm_endpoints.endpoint(session, settings.endpoint_id)
    return None if chosen is None or chosen.retired_at is not None else _in_use(chosen, settings)


def _in_use(stored: StoredEndpoint, settings: GraderSettings) -> InUse:
    return InUse(
        id=stored.id,
        name=stored.name,
        model=stored.model,
        server=urlsplit(stored.base_url).netloc,
        input_price=stored.input_price,
        output_price=stored.output_price,
        currency=stored.currency,
        key_is_missing=_key_is_missing(stored),
        cap_problem=cap_problem(settings, stored),
    )


def cap_problem(settings: GraderSettings, stored: StoredEndpoint) -> Cap | None:
    """Why a cap on money cannot be held for an endpoint: then the budget refuses every call."""
    if not settings.caps.on_money:
        return None
    if not has_price(stored):
        return "price_unknown"
    return None if stored.currency == settings.currency else "other_currency"


def _key_is_missing(stored: StoredEndpoint) -> bool:
    try:
        endpoint_of(stored, os.environ)
    except KeyNotThereError:
        return True
    return False

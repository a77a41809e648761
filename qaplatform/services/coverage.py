"""How much of everybody's work people have looked at lately: new hires more, nobody forgotten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.access import Viewer
from qaplatform.services.drawing import COVERAGE_DAYS
from qaplatform.store import sampling as store

State = Literal["never", "short", "reached"]
NEW_HIRE_DAYS = 90
TARGET_RATIO = 0.02
"""Of the conversations of the last days, at least; [o]."""
NEW_HIRE_RATIO = 0.05
LEAST_REVIEWS = 2
"""In the same time, however few conversations somebody had."""


class Coverage(msgspec.Struct, frozen=True):
    """An agent's conversations of the last days, and how many of them were reviewed."""

    agent_id: int
    name: str
    is_new: bool
    hired_on: date | None
    conversations: int
    reviewed: int
    waiting: int
    """Items that somebody has still to review."""
    target: int
    """So many reviews there should be."""
    last_reviewed_at: datetime | None
    state: State

    @property
    def ratio(self) -> float:
        """Reviewed to all, 0–1; reviews of earlier conversations do not raise it above 1."""
        return min(self.reviewed / self.conversations, 1.0)


def coverage(session: Session, viewer: Viewer, *, now: datetime, zone: tzinfo) -> Sequence[Coverage]:
    """Everybody who had conversations in the last 30 days: who was never looked at first, then who lacks most.

    Raises:
        AccessError: ``viewer`` may not see samples.
    """
    viewer.demand("samples.see")
    shares = store.agent_shares(session, viewer.scope("samples.see"), since=now - timedelta(days=COVERAGE_DAYS))
    found = [_coverage(one, now.astimezone(zone).date()) for one in shares]
    return sorted(
        found, key=lambda one: (one.last_reviewed_at is not None, one.reviewed / one.target, one.name, one.agent_id)
    )


def _coverage(one: store.AgentShare, today: date) -> Coverage:
    is_new = one.hired_on is not None and (today - one.hired_on).days <= NEW_HIRE_DAYS
    ratio = NEW_HIRE_RATIO if is_new else TARGET_RATIO
    target = min(max(math.ceil(one.conversations * ratio), LEAST_REVIEWS), one.conversations)
    state: State = "never" if one.last_reviewed_at is None else "reached" if one.reviewed >= target else "short"
    return Coverage(
        one.agent_id, one.name, is_new, one.hired_on, one.conversations, one.reviewed, one.open, target,
        one.last_reviewed_at, state,
    )  # fmt: skip

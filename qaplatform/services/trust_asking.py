"""Having trust settled anew (``services/grader_trust.py``): announced by whatever may change it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from qaplatform.store import jobs

TRUST_KIND = "grader.trust"
_PAUSE = timedelta(minutes=1)
"""So long reviews are gathered before trust is settled anew."""


def ask_settling(session: Session, prompt: str | None = None, *, now: datetime, at_once: bool = False) -> int:
    """Have trust settled, of one prompt or of all, by a job: after a review, a run, or a change of the bar; the job's id.

    Many reviews in a minute make one job. What is asked ``at_once`` does not wait for it, nor for one that is under way
    and may have passed what was decided.
    """
    payload: dict[str, Any] = {} if prompt is None else {"prompt": prompt}
    key = TRUST_KIND if prompt is None else f"{TRUST_KIND}:{prompt}"
    run_after = now if at_once else now + _PAUSE
    key = f"{key}!" if at_once else key
    return jobs.announce(session, TRUST_KIND, payload, now=now, unique_key=key, run_after=run_after)

"""The clock of a mock dialogue: the server's, less the pauses. Nothing here ever hears what a browser's clock says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from qaplatform.store.training import exams
from qaplatform.store.training.exams import Pause, StoredDialogue

_SECOND = timedelta(seconds=1)
_TRIES = 20
ASKS_MODEL = "llm"
"""Why a clock stands while a model is asked for the customer's words."""
STALLED_SECONDS = 20
"""No model is waited for so long: whoever stopped the clock is gone."""


def second_at(dialogue: StoredDialogue, now: datetime) -> int:
    """The second of the dialogue at a moment; negative before it opens, the same all through a pause."""
    until = now if dialogue.paused_at is None else min(now, dialogue.paused_at)
    return (until - dialogue.opens_at - timedelta(seconds=dialogue.paused_seconds)) // _SECOND


def moment_of(dialogue: StoredDialogue, second: int, pauses: Sequence[Pause] = ()) -> datetime:
    """When a second of the dialogue was, or will be if nothing stops the clock again."""
    moment = dialogue.opens_at + second * _SECOND
    for one in pauses:
        if one.from_at <= moment and one.until_at is not None:
            moment += one.until_at - one.from_at
    return moment


def pause(session: Session, dialogue_id: int, why: str, *, now: datetime) -> bool:
    """Stop the clock of a dialogue, through no fault of the candidate; ``False`` where it stands or has ended already.

    ``why`` is a short code.
    """
    for _ in range(_TRIES):
        row = exams.dialogue_of(session, dialogue_id)
        if row is None or row.ended_at is not None or row.paused_at is not None or now >= row.deadline_at:
            return False
        if exams.change_dialogue(session, dialogue_id, row.state_count, paused_at=now):
            exams.add_pause(session, dialogue_id, why, now=now)
            return True
    return False


def resume(session: Session, dialogue_id: int, *, now: datetime) -> bool:
    """Let the clock go on; the deadline comes so much later. ``False`` where it runs."""
    for _ in range(_TRIES):
        row = exams.dialogue_of(session, dialogue_id)
        if row is None or row.ended_at is not None or row.paused_at is None:
            return False
        stood = max(now - row.paused_at, timedelta(0))
        changed = exams.change_dialogue(
            session, dialogue_id, row.state_count,
            paused_at=None, paused_seconds=row.paused_seconds + stood.total_seconds(), deadline_at=row.deadline_at + stood,
        )  # fmt: skip
        if changed:
            exams.end_pause(session, dialogue_id, now=row.paused_at + stood)
            return True
    return False


def has_stalled(dialogue: StoredDialogue, now: datetime) -> bool:
    """Whether its clock stands longer than any model is waited for."""
    return dialogue.paused_at is not None and now - dialogue.paused_at > STALLED_SECONDS * _SECOND


def stalled(session: Session, *, now: datetime) -> list[int]:
    """Dialogues whose clock stands for a model that nobody waits for any more."""
    return exams.stalled_ids(session, ASKS_MODEL, before=now - STALLED_SECONDS * _SECOND)


def resume_stalled(session: Session, *, now: datetime) -> int:
    """Let their clocks go on: nobody waits for ever because a worker was killed; how many."""
    return sum(resume(session, id, now=now) for id in stalled(session, now=now))

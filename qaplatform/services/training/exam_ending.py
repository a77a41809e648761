"""How a dialogue ends: by itself, by the candidate, at its deadline, or void; every end is judged where it is recorded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.exam.dialogue import State
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.jobs import JobRun, stop_if_cancelled
from qaplatform.services.noting import note
from qaplatform.services.training.exam_clock import moment_of, resume_stalled, second_at, stalled
from qaplatform.services.training.exam_judging import settle
from qaplatform.services.training.exam_playing import Played, agrees, as_kept, played_of
from qaplatform.store.training import exams
from qaplatform.store.training.exams import Pause, Said, Sitting, StoredDialogue

END_KIND = "exams.end"
log = logging.getLogger(__name__)
_TRIES = 50
_AT_A_TIME = 100


class CrowdedError(QAPlatformError):
    """Others changed this dialogue again and again at the same moment; try once more."""

    code: ClassVar[str] = "exam.crowded"


def own_sitting(session: Session, viewer: Viewer, sitting_id: int) -> Sitting:
    """Somebody's own sitting.

    Raises:
        NotThereError: there is none.
    """
    sitting = exams.sitting_of(session, sitting_id)
    if sitting is None or sitting.user_id != viewer.user_id:
        raise NotThereError
    return sitting


def own_dialogue(session: Session, viewer: Viewer, dialogue_id: int) -> tuple[Sitting, StoredDialogue]:
    """A dialogue of somebody's own sitting.

    Raises:
        NotThereError: there is none.
    """
    dialogue = exams.dialogue_of(session, dialogue_id)
    if dialogue is None:
        raise NotThereError
    return own_sitting(session, viewer, dialogue.sitting_id), dialogue


def hang_up(session: Session, viewer: Viewer, dialogue_id: int, *, now: datetime) -> None:
    """The candidate ends a dialogue; solved where the customer has what they came for. Ended ones stay as they are.

    Raises:
        NotThereError: it is not theirs.
    """
    sitting, _ = own_dialogue(session, viewer, dialogue_id)
    exams.lock_sitting(session, sitting.id)
    end(session, sitting, dialogue_id, now=now, stops=True)


def leave(session: Session, viewer: Viewer, sitting_id: int, *, now: datetime) -> None:
    """The candidate goes: all dialogues that still run are ended.

    Raises:
        NotThereError: it is not theirs.
    """
    sitting = own_sitting(session, viewer, sitting_id)
    exams.lock_sitting(session, sitting.id)
    running = [one.id for one in exams.dialogues_of(session, sitting_id) if one.ended_at is None]
    for id in running:
        end(session, sitting, id, now=now, stops=True)
    if running:
        note(session, viewer, now, "training.exam_left", ("exam_sitting", sitting_id), ended=len(running))


def record_ends(session: Session, viewer: Viewer, sitting_id: int, *, now: datetime) -> int:
    """Put down, and judge, what has ended by itself or by its deadline in somebody's sitting; how many dialogues.

    Whoever looks at a room that ``needs_recording`` calls this in a writing transaction; the worker does it at the latest.

    Raises:
        NotThereError: it is not theirs.
    """
    sitting = own_sitting(session, viewer, sitting_id)
    if sitting.ended_at is not None:
        return 0
    exams.lock_sitting(session, sitting_id)
    if sitting.customer == "llm":
        resume_stalled(session, now=now)
    running = [one.id for one in exams.dialogues_of(session, sitting_id) if one.ended_at is None]
    return sum(end(session, sitting, id, now=now, stops=False) for id in running)


def end(session: Session, sitting: Sitting, dialogue_id: int, *, now: datetime, stops: bool) -> bool:
    """Record and judge the end of a dialogue, where there is one by now; ``stops`` makes one. The sitting is locked.

    ``False`` where it goes on, or had been ended before.
    """
    for _ in range(_TRIES):
        dialogue = exams.dialogue_of(session, dialogue_id)
        if dialogue is None or dialogue.ended_at is not None:
            return False
        played = played_of(session, sitting, dialogue)
        if played is None:
            return void(session, dialogue_id, "unreadable", now=now)
        if sitting.customer == "llm" and not agrees(played.state, exams.messages_of(session, dialogue_id)):
            return void(session, dialogue_id, "simulator", now=now)
        second = max(0, second_at(dialogue, now))
        state = played.stop(second) if stops else played.until(second)
        if state.ended is None or state.ended_at_seconds is None:
            return False
        pauses = _pauses(session, dialogue)
        # Who leaves before a customer has written in ends nothing later than now.
        ended_at = min(now, moment_of(dialogue, state.ended_at_seconds, pauses))
        if _changed(session, played, state, pauses, ended_at=ended_at, ending=state.ended, paused_at=None):
            exams.end_pause(session, dialogue_id, now=now)
            settle(session, dialogue_id, now=now)
            return True
    raise CrowdedError


def void(session: Session, dialogue_id: int, why: str, *, now: datetime) -> bool:
    """End a dialogue that could not be held, through no fault of the candidate; ``why`` is a short code.

    ``False`` where it has ended.
    """
    for _ in range(_TRIES):
        dialogue = exams.dialogue_of(session, dialogue_id)
        if dialogue is None or dialogue.ended_at is not None:
            return False
        exams.lock_sitting(session, dialogue.sitting_id)
        values: dict[str, Any] = {"ended_at": now, "ending": "void", "void_why": why, "paused_at": None}
        if exams.change_dialogue(session, dialogue_id, dialogue.state_count, **values):
            exams.end_pause(session, dialogue_id, now=now)
            settle(session, dialogue_id, now=now)
            note(session, None, now, "training.exam_voided", ("exam_dialogue", dialogue_id), why=why)
            return True
    raise CrowdedError


def worded(session: Session, played: Played, state: State) -> bool:
    """Keep a dialogue in which a model has worded what is coming; ``False`` where somebody else was first."""
    return _changed(session, played, state, _pauses(session, played.dialogue))


def written(session: Session, played: Played, state: State, *, sent_key: str, now: datetime) -> bool:
    """Keep a dialogue into which somebody has written; ``False`` where somebody else was first."""
    pauses = _pauses(session, played.dialogue)
    return _changed(session, played, state, pauses, sent_key=sent_key, received_at=now)


def _changed(
    session: Session,
    played: Played,
    state: State,
    pauses: Sequence[Pause],
    *,
    sent_key: str | None = None,
    received_at: datetime | None = None,
    **values: Any,
) -> bool:
    """Keep a state and the messages that are new in it; the last of them was sent under ``sent_key``."""
    dialogue = played.dialogue
    if not exams.change_dialogue(session, dialogue.id, dialogue.state_count, state=as_kept(state), **values):
        return False
    known = exams.message_count(session, dialogue.id)
    last = len(state.lines) - 1
    exams.add_messages(
        session,
        dialogue.id,
        [
            Said(
                number, line.by, line.text, line.kind, line.at_seconds,
                received_at if received_at and number == last else moment_of(dialogue, line.at_seconds, pauses),
                sent_key if number == last else None,
            )
            for number, line in enumerate(state.lines)
            if number >= known
        ],
    )  # fmt: skip
    return True


def _pauses(session: Session, dialogue: StoredDialogue) -> Sequence[Pause]:
    if not dialogue.paused_seconds:
        return ()
    return exams.pauses_of(session, [dialogue.id]).get(dialogue.id, [])


def end_due(run: JobRun) -> None:
    """The worker's round: end and judge whatever is past its deadline, with the deadline as the end.

    A dialogue at which the program fails is void; the others wait for none of it.
    """
    done, last = run.done, 0
    with run.store.reading() as session:
        has_stalled = bool(stalled(session, now=run.now()))
    if has_stalled:
        with run.writing() as session:
            resume_stalled(session, now=run.now())
    while True:
        stop_if_cancelled(run)
        with run.store.reading() as session:
            due = exams.due_ids(session, now=run.now(), after_id=last, limit=_AT_A_TIME)
        for dialogue_id, sitting_id in due:
            try:
                with run.writing() as session:
                    sitting = exams.lock_sitting(session, sitting_id)
                    if sitting is not None:
                        done += end(session, sitting, dialogue_id, now=run.now(), stops=False)
                    run.progress(session, done)
            except QAPlatformError:
                raise
            except Exception:
                log.exception("dialogue %d could not be ended and is void", dialogue_id)
                with run.writing() as session:
                    void(session, dialogue_id, "simulator", now=run.now())
            last = dialogue_id
        if len(due) < _AT_A_TIME:
            return

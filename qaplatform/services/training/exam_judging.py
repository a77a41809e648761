"""Judging ended dialogues, and what stands of them: scores, verdicts, marks by criterion, the sitting's verdict."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.conversation import Conversation
from qaplatform.exam.gaming import Suspicion, suspicions
from qaplatform.exam.pieces import letters
from qaplatform.exam.result import Result, result_of
from qaplatform.services.training.certificates import issue_earned
from qaplatform.services.training.exam_hearing import references_of
from qaplatform.services.training.exam_playing import Played, as_kept, played_of
from qaplatform.services.training.exam_standing import KeptResult, Standing, standing
from qaplatform.services.training.settings import training_settings
from qaplatform.store.training import exam_results, exams
from qaplatform.store.training.exams import ExamVerdict, Sitting, StoredDialogue

_log = logging.getLogger(__name__)
_TO_READ_LETTERS = 4
"""A shorter reply that says nothing (好的, 嗯嗯) needs nobody to read it."""


def settle(session: Session, dialogue_id: int, *, now: datetime) -> None:
    """Judge a dialogue that has ended, once: by the sitting's rubric, unchanged, and by the scenario.

    Where its scenario or rubric is gone it is void. The sitting's verdict follows when all of its dialogues have ended.
    """
    dialogue = exams.dialogue_of(session, dialogue_id)
    if dialogue is None or dialogue.ended_at is None or dialogue.machine_verdict is not None:
        return
    sitting = exams.lock_sitting(session, dialogue.sitting_id)
    if sitting is None:
        return
    played = None if dialogue.ending == "void" else played_of(session, sitting, dialogue)
    if played is None:
        why = dialogue.void_why or "unreadable"
        exams.set_dialogue(session, dialogue_id, machine_verdict="void", verdict="void", void_why=why)
    else:
        kept = judged(played)
        machine: ExamVerdict = "failed" if kept.is_silent else kept.verdict
        exams.set_dialogue(session, dialogue_id, machine_verdict=machine, result=as_kept(kept))
        _stand(session, sitting, played, kept)
    _stand_sitting(session, sitting, now)


def judged(played: Played) -> KeptResult:
    """What the machine says of an ended dialogue."""
    result = result_of(played.scenario, played.state, played.customer.auditor, id=str(played.dialogue.id))
    return KeptResult(
        verdict=result.verdict,
        ended=result.ended,
        seconds=result.seconds,
        service=result.service,
        task=result.task,
        deductions=result.deductions,
        moods=result.moods,
        unread=result.unread,
        to_read=_to_read(result),
        suspicions=_suspicions(result.conversation, references_of(played.scenario)),
        is_silent=all(line.by == "customer" for line in played.state.lines),
    )


def _to_read(result: Result) -> tuple[int, ...]:
    messages = result.conversation.messages
    return tuple(number for number in result.unread if letters(messages[number].text) >= _TO_READ_LETTERS)


def _suspicions(conversation: Conversation, references: Sequence[str]) -> tuple[tuple[int, tuple[Suspicion, ...]], ...]:
    found = []
    for number, message in enumerate(conversation.messages):
        if message.role == "agent":
            signs = suspicions(message.text, conversation.messages[:number], references)
            found += [(number, signs)] if signs else []
    return tuple(found)


def restand(session: Session, dialogue_id: int, *, now: datetime) -> Standing | None:
    """Work out anew what stands of a judged dialogue, after a ruling; its sitting is locked.

    ``None`` where it is void, or cannot be worked out any more.
    """
    dialogue = exams.dialogue_of(session, dialogue_id)
    sitting = None if dialogue is None else exams.lock_sitting(session, dialogue.sitting_id)
    if dialogue is None or sitting is None:
        return None
    played, kept = played_of(session, sitting, dialogue), kept_result(session, dialogue_id)
    stands = None if played is None or kept is None else _stand(session, sitting, played, kept)
    if stands is not None:
        _stand_sitting(session, sitting, now)
    return stands


def kept_result(session: Session, dialogue_id: int) -> KeptResult | None:
    """What the machine said; ``None`` where nothing was judged, or this release cannot read it."""
    found = exam_results.result_of(session, dialogue_id)
    if found is None or found[1] is None:
        return None
    try:
        return msgspec.convert(found[1], KeptResult)
    except msgspec.ValidationError:
        _log.warning("the kept result of dialogue %d cannot be read by this release", dialogue_id, exc_info=True)
        return None


def standing_of(session: Session, sitting: Sitting, played: Played, kept: KeptResult) -> Standing:
    """What stands of a dialogue by the rulings there are."""
    return standing(
        played.scenario,
        played.rubric,
        kept,
        played.state,
        exam_results.rulings_of(session, played.dialogue.id),
        is_exam=sitting.purpose == "exam",
        mentor_must_agree=training_settings(session).mentor_must_agree,
    )


def _stand(session: Session, sitting: Sitting, played: Played, kept: KeptResult) -> Standing:
    stands = standing_of(session, sitting, played, kept)
    dialogue = played.dialogue
    exams.set_dialogue(
        session,
        dialogue.id,
        service_score=stands.service.score,
        task_score=stands.task.score,
        has_critical=stands.has_critical,
        needs_mentor=stands.needs_mentor,
        verdict=stands.verdict,
    )
    if sitting.purpose != "trial" and dialogue.ended_at is not None:
        passed = _marks(stands) if stands.verdict != "void" else {}
        exam_results.set_marks(session, dialogue.id, sitting.user_id, passed, at=dialogue.ended_at)
    return stands


def _marks(stands: Standing) -> Mapping[str, bool]:
    """Whether each criterion that was judged held."""
    return {one.criterion: one.outcome == "pass" for one in stands.service.criteria if one.outcome in ("pass", "fail")}


def _stand_sitting(session: Session, sitting: Sitting, now: datetime) -> None:
    """The sitting's end and verdict, once all of its dialogues have ended; and a certificate where it was the last that lacked."""
    dialogues = exams.dialogues_of(session, sitting.id)
    ends = [one.ended_at for one in dialogues if one.ended_at is not None]
    if len(ends) == len(dialogues):
        exams.set_sitting(session, sitting.id, ended_at=max(ends), verdict=_verdict(dialogues))
        if sitting.purpose == "exam":
            issue_earned(session, sitting.user_id, now=now)


def _verdict(dialogues: Sequence[StoredDialogue]) -> ExamVerdict | None:
    """Failed if one is; open while one is; passed if all are. Void ones count only where there are no others."""
    verdicts = {one.verdict for one in dialogues} - {"void"}
    if not verdicts:
        return "void"
    worst: tuple[ExamVerdict | None, ...] = ("failed", None, "unscored")
    return next((one for one in worst if one in verdicts), "passed")

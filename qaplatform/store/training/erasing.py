"""What training keeps of real chats, when their words are purged or their customer is erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from qaplatform.store.tables import (
    DailyLog,
    DrillCard,
    ExamDialogue,
    ExamSitting,
    LearningText,
    LearningVersion,
    LogAnswer,
    LogChat,
    ProblemPoint,
    StepRecord,
)


def purge_training(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Take the words of conversations out of drills and of drafts of scenarios; what was published is invented by then."""
    cards = DrillCard.conversation_id.in_(ids)
    _set(session, DrillCard, cards & DrillCard.retired_at.is_(None), retired_at=now)
    _set(session, DrillCard, cards, situation={})
    drafts = LearningText.conversation_id.in_(ids) & (LearningText.state == "draft")
    session.execute(delete(LearningText).where(drafts))
    # A draft that was tried out stands, with its customer's words, in the dialogue as well.
    held = select(LearningVersion.id).where(LearningVersion.conversation_id.in_(ids))
    sittings = (
        select(ExamSitting.id)
        .join(ExamDialogue, ExamDialogue.sitting_id == ExamSitting.id)
        .where(ExamSitting.purpose == "trial", ExamDialogue.version_id.in_(held))
    )
    dialogues = select(ExamDialogue.id).where(ExamDialogue.sitting_id.in_(sittings))
    _set(session, DrillCard, DrillCard.dialogue_id.in_(dialogues), dialogue_id=None, situation={})
    trials = delete(ExamSitting).where(ExamSitting.id.in_(sittings))
    session.execute(trials, execution_options={"synchronize_session": False})
    _set(session, LearningVersion, LearningVersion.conversation_id.in_(ids), content={})


def erase_training(session: Session, ids: Sequence[int]) -> None:
    """Take out what people wrote about conversations; that there was something, how grave and by whom, stays."""
    points = ProblemPoint.conversation_id.in_(ids)
    answered = select(ProblemPoint.id).where(points)
    named = select(LogChat.log_id).where(LogChat.conversation_id.in_(ids))
    logs = named.union(select(ProblemPoint.log_id).where(points))
    _set(session, LogAnswer, LogAnswer.point_id.in_(answered), text="")
    _set(session, LogAnswer, LogAnswer.log_id.in_(logs) & LogAnswer.point_id.is_(None), text="")
    _set(session, DailyLog, DailyLog.id.in_(logs), summary="")
    _set(session, ProblemPoint, points, what="", coaching="", next_step="")
    _set(session, StepRecord, StepRecord.conversation_id.in_(ids), text="")
    _set(session, LearningText, LearningText.conversation_id.in_(ids), conversation_id=None)


def _set(session: Session, table: Any, where: Any, **values: Any) -> None:
    session.execute(update(table).where(where).values(values), execution_options={"synchronize_session": False})

"""Whether anybody has done anything by a text for training: attempts, answers, readings, people on a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qaplatform.store.tables import (
    DrillCard,
    Enrolment,
    ExamDialogue,
    ExamSitting,
    LearningVersion,
    LessonReading,
    PaperAttempt,
)
from qaplatform.store.training.texts import TextKind

_RECORDS: Mapping[TextKind, Callable[[str], Select[int]]] = {
    "path": lambda code: select(Enrolment.id).where(Enrolment.path == code),
    "lesson": lambda code: select(LessonReading.user_id).where(LessonReading.lesson == code),
    "question": lambda code: select(LearningVersion.id).where(
        LearningVersion.kind == "question", LearningVersion.code == code
    ),
    "paper": lambda code: select(PaperAttempt.id).where(PaperAttempt.paper == code),
    # Authors try their own drafts out: a trial is nobody's record.
    "scenario": lambda code: (
        select(ExamDialogue.id)
        .join(ExamSitting, ExamSitting.id == ExamDialogue.sitting_id)
        .where(ExamDialogue.scenario == code, ExamSitting.purpose != "trial")
    ),
    "drill": lambda code: select(DrillCard.id).where(DrillCard.code == code),
    # As services/training/weekly_focus.py has it among the lessons somebody has read.
    "focus": lambda code: select(LessonReading.user_id).where(LessonReading.lesson == f"focus/{code}"),
}


def has_records(session: Session, kind: TextKind, code: str) -> bool:
    """Whether there are any."""
    return session.scalars(_RECORDS[kind](code).limit(1)).first() is not None

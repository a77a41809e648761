"""Noting down a talk that was held and a case that was gone through."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import Viewer
from qaplatform.services.noting import note
from qaplatform.services.training.enrolments import COACH, NotEnrolledError
from qaplatform.services.training.learners import learner_of_agent
from qaplatform.services.training.progress import person_progress
from qaplatform.services.training.settings import training_settings
from qaplatform.store.nul import without_nul
from qaplatform.store.training import step_records as stored
from qaplatform.store.training.step_records import PickedChat, StoredRecord
from qaplatform.training.paths import Progress, Step

__all__ = [
    "NewRecord", "PickedChat", "RecordKind", "StoredRecord", "add_record", "chats_to_pick", "steps_for", "steps_to_open",
]  # fmt: skip
RecordKind = Literal["case_review", "mentor_talk"]
MOST_CHARS = 4_000
_CHATS = 30


class RecordStepError(QAPlatformError):
    """Choose a step of the person's path that is open and of this kind, or for a talk one that it opens early."""

    code: ClassVar[str] = "training.record_step"


class RecordDayError(QAPlatformError):
    """What is noted down was done between the path's first day and today."""

    code: ClassVar[str] = "training.record_day"


class RecordTextError(QAPlatformError):
    """Say in 1 to 4,000 characters what was agreed or seen."""

    code: ClassVar[str] = "training.record_text"


class RecordChatError(QAPlatformError):
    """A case is one of the person's own real chats; give its number."""

    code: ClassVar[str] = "training.record_chat"


class NewRecord(msgspec.Struct, frozen=True):
    """What a mentor notes down."""

    kind: RecordKind
    done_on: date
    text: str
    step: str = ""
    """Empty: besides the path. A case that is gone through so still settles its critical. A talk on a locked test or exam
    opens it early."""
    conversation_id: int | None = None
    """Of a case."""


def chats_to_pick(session: Session, viewer: Viewer, agent_id: int) -> list[PickedChat]:
    """Somebody's newest real chats, for whoever may see chats at all."""
    return stored.newest_chats(session, agent_id, _CHATS) if viewer.may("conversations.see") else []


def steps_for(progress: Progress, kind: RecordKind) -> list[Step]:
    """The steps that a talk or case can be noted down for."""
    return [one.step for one in progress.steps if one.step.kind == kind and one.state == "open"]


def steps_to_open(progress: Progress) -> list[Step]:
    """The locked tests and exams that a talk opens early."""
    return [
        one.step for one in progress.steps if one.state == "locked" and one.step.kind in ("theory_test", "mock_exam")
    ]


def add_record(session: Session, by: Viewer, agent_id: int, new: NewRecord, *, now: datetime) -> int:
    """Note it down; the record's id.

    Raises:
        NotThereError: no such agent, or not for them.
        NotEnrolledError: they are on no path.
        RecordStepError, RecordDayError, RecordTextError, RecordChatError: it cannot be so.
    """
    learner = learner_of_agent(session, by, agent_id, COACH)
    person = person_progress(session, learner, now=now)
    if person is None or person.progress is None:
        raise NotEnrolledError
    opened = [one.id for one in steps_to_open(person.progress)] if new.kind == "mentor_talk" else []
    if new.step and new.step not in [*(one.id for one in steps_for(person.progress, new.kind)), *opened]:
        raise RecordStepError
    if not person.enrolment.hired_on <= new.done_on <= training_settings(session).day_of(now):
        raise RecordDayError
    text = without_nul(new.text).strip()
    if not 1 <= len(text) <= MOST_CHARS:
        raise RecordTextError
    is_case = new.kind == "case_review"
    if is_case and (new.conversation_id is None or stored.agent_of_chat(session, new.conversation_id) != agent_id):
        raise RecordChatError
    id = stored.add_record(
        session, enrolment_id=person.enrolment.id, step=new.step, kind=new.kind, done_on=new.done_on, text=text,
        conversation_id=new.conversation_id if is_case else None, user_id=by.user_id, now=now,
    )  # fmt: skip
    action = "case_reviewed" if is_case else "step_opened" if new.step in opened else "talk_held"
    note(session, by, now, f"training.{action}", ("agent", agent_id))
    return id

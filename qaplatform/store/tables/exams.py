"""Mock dialogues: sittings, their dialogues message by message, drafts, stopped clocks, mentors' rulings, certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Key, Name


class ExamSitting(Base):
    """Somebody in the exam room, with one customer or several at once. One sitting runs at a time for a person."""

    __tablename__ = "exam_sittings"
    __table_args__ = (
        CheckConstraint("purpose IN ('exam', 'practice', 'trial')", "purpose"),
        CheckConstraint("customer IN ('script', 'llm')", "customer"),
        CheckConstraint("verdict IN ('passed', 'failed', 'unscored', 'void')", "verdict"),
        Index(
            "uq_exam_sittings_running", "user_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "user_id", "id"),
        Index(None, "ended_at"),
    )  # fmt: skip

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(String(10))
    """``trial``: a draft of a scenario is tried out; it never counts."""
    step: Mapped[Code | None]
    """``path/step`` it was taken for."""
    customer: Mapped[str] = mapped_column(String(10), default="script")
    endpoint_id: Mapped[int | None] = mapped_column(BIG, ForeignKey("llm_endpoints.id"), index=True)
    rubric_version_id: Mapped[int] = mapped_column(BIG, ForeignKey("rubric_versions.id"), index=True)
    """The live rubric when it began; it judges the whole sitting."""
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(20))
    """The one that stands: of the machine, or of a mentor who overruled it. Passed only if every dialogue is.

    ``None`` while it runs, and after that while a person must look at one of its dialogues.
    """


class ExamDialogue(Base):
    """One customer of a sitting. With scenario, seed and the candidate's messages it can be played again."""

    __tablename__ = "exam_dialogues"
    __table_args__ = (
        UniqueConstraint("sitting_id", "place"),
        CheckConstraint("ending IN ('solved', 'left', 'time_out', 'stopped', 'void')", "ending"),
        CheckConstraint("verdict IN ('passed', 'failed', 'unscored', 'void')", "verdict"),
        CheckConstraint("machine_verdict IN ('passed', 'failed', 'unscored', 'void')", "machine_verdict"),
        Index(None, "kind", "ended_at"),
        Index(None, "scenario", "ended_at"),
        Index(None, "ended_at", "deadline_at"),
    )

    id: Mapped[Key]
    sitting_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_sittings.id", ondelete="CASCADE"))
    place: Mapped[int]
    version_id: Mapped[int] = mapped_column(BIG, ForeignKey("learning_versions.id"), index=True)
    scenario: Mapped[Code]
    kind: Mapped[Code]
    level: Mapped[str] = mapped_column(String(10))
    seed: Mapped[int] = mapped_column(BIG)
    opens_at: Mapped[datetime]
    """Second 0 of the dialogue: when this customer writes in."""
    deadline_at: Mapped[datetime]
    """When it ends by itself; moves by every pause."""
    state: Mapped[dict[str, Any]]
    """``exam.dialogue.State`` at the last change."""
    state_count: Mapped[int] = mapped_column(default=0)
    """Goes up with every change of ``state``; who changes it names the one they have seen."""
    paused_seconds: Mapped[float] = mapped_column(default=0.0)
    """So long the clock stood still in pauses that are over; exact to the microsecond."""
    paused_at: Mapped[datetime | None]
    """Since when it stands still."""
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None] = mapped_column(String(20))
    void_why: Mapped[str | None] = mapped_column(String(60))
    service_score: Mapped[float | None]
    task_score: Mapped[float | None]
    has_critical: Mapped[bool] = mapped_column(default=False)
    needs_mentor: Mapped[bool] = mapped_column(default=False)
    """A reply nobody could read, or no score: a person must look before it stands."""
    machine_verdict: Mapped[str | None] = mapped_column(String(20))
    verdict: Mapped[str | None] = mapped_column(String(20))
    """The one that stands; ``None`` while it runs, and while a person must look first."""
    result: Mapped[dict[str, Any] | None]
    """``exam.result.Result`` without what can be played again."""


class ExamMessage(Base):
    """A message of a dialogue as it was written; what the candidate wrote is what everything else follows from."""

    __tablename__ = "exam_messages"
    __table_args__ = (
        UniqueConstraint("dialogue_id", "sent_key"),
        CheckConstraint("by IN ('candidate', 'customer')", "by"),
    )

    dialogue_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """Place in the dialogue, from 0."""
    by: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10), default="text")
    at_seconds: Mapped[int]
    """Of the dialogue's own clock."""
    sent_key: Mapped[str | None] = mapped_column(String(40))
    """The browser's name for it: the same message sent twice is one."""
    received_at: Mapped[datetime]


class ExamDraft(Base):
    """What stands in a candidate's field and was not sent yet."""

    __tablename__ = "exam_drafts"

    dialogue_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


class ExamPause(Base):
    """The clock of a dialogue stood still, through no fault of the candidate."""

    __tablename__ = "exam_pauses"
    __table_args__ = (Index(None, "dialogue_id", "id"),)

    id: Mapped[Key]
    dialogue_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"))
    why: Mapped[str] = mapped_column(String(60))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class ExamCall(Base):
    """What was asked of a language model that plays the customer, and what came back."""

    __tablename__ = "exam_calls"
    __table_args__ = (Index(None, "dialogue_id", "id"),)

    id: Mapped[Key]
    dialogue_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Of the candidate's message it answers."""
    model: Mapped[Name]
    prompt: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text, default="")
    fault: Mapped[str] = mapped_column(String(100), default="")
    """Why nothing of it was used, as a code: a call's, or what was invented."""
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    money_micros: Mapped[int] = mapped_column(BIG, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    seconds: Mapped[float]
    created_at: Mapped[datetime]


class ExamRuling(Base):
    """What a mentor decided about a dialogue: a criterion, an item of the task, an unread reply, the verdict. Appends."""

    __tablename__ = "exam_rulings"
    __table_args__ = (
        CheckConstraint("kind IN ('criterion', 'task', 'unread', 'verdict', 'comment')", "kind"),
        Index(None, "dialogue_id", "id"),
    )

    id: Mapped[Key]
    dialogue_id: Mapped[int] = mapped_column(BIG, ForeignKey("exam_dialogues.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    subject: Mapped[Code] = mapped_column(default="")
    """The criterion, the item's id, the message's number."""
    decision: Mapped[str] = mapped_column(String(60), default="")
    """``pass``, ``fail``, ``not_applicable``, ``met``, ``not_met``, ``passed``, ``failed``, ``void``; ``machine``: as it was
    before any ruling. Of an unread reply: what it was, as a scenario writes it (``offers refund due``), or ``nothing``."""
    reason: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]


class Certificate(Base):
    """A certificate; ``number`` stands on the paper and can be looked up."""

    __tablename__ = "certificates"
    __table_args__ = (CheckConstraint("kind IN ('mock_exam', 'path', 'rubric')", "kind"),)

    id: Mapped[Key]
    number: Mapped[Code] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    holder: Mapped[Name]
    """The name as it is printed."""
    basis: Mapped[dict[str, Any]]
    """Ids of what it was given for, and the rules of that day."""
    issued_at: Mapped[datetime]
    issued_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """``None``: by the rules alone."""
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    revoked_why: Mapped[str] = mapped_column(Text, default="")

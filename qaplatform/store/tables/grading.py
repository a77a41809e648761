"""Questions to language models: who is asked, runs over conversations, what they answered, and what that cost.

Answers append, as audits and reviews do: each grading of a conversation stands beside the earlier ones. What belongs to a
conversation goes with its words (``store/erasing.py``); sums of tokens and money stay.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from qaplatform.store.tables.base import BIG, Base, Code, Hash, Key, Name


class LlmEndpoint(Base):
    """A model at a service, as :class:`qaplatform.llm.endpoint.Endpoint` takes it."""

    __tablename__ = "llm_endpoints"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    preset: Mapped[str | None] = mapped_column(String(100))
    base_url: Mapped[str] = mapped_column(String(500))
    model: Mapped[Name]
    api_key: Mapped[str] = mapped_column(Text, default="")
    """The key itself, or ``$NAME``: that variable of the environment holds it."""
    input_price: Mapped[str | None] = mapped_column(String(40))
    """A decimal, per million tokens; ``None`` = not known."""
    output_price: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The other fields of an endpoint that differ from their defaults."""
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since then nothing is asked of it; what it answered stays."""


class GradingRun(Base):
    """One order to ask a model about some conversations."""

    __tablename__ = "grading_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('one', 'list', 'plan')", "kind"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'stopped', 'cancelled')", "state"),
    )

    id: Mapped[Key]
    job_id: Mapped[int | None] = mapped_column(BIG, index=True)
    """No foreign key: jobs are tidied away."""
    user_id: Mapped[int] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    endpoint_id: Mapped[int] = mapped_column(BIG, ForeignKey("llm_endpoints.id"), index=True)
    model: Mapped[Name]
    kind: Mapped[str] = mapped_column(String(10))
    wanted: Mapped[dict[str, Any]]
    """Which conversations: a list's filter and how many of it by which seed, or a plan."""
    questions: Mapped[list[Any]] = mapped_column(default=list)
    """Prompts that are asked of every conversation beside the questions of its rubric; advice that never counts."""
    caps: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    ended_why: Mapped[str | None] = mapped_column(String(60))
    """A cap that was reached, or a code of ours."""
    total_count: Mapped[int]
    done_count: Mapped[int] = mapped_column(default=0)
    skipped_count: Mapped[int] = mapped_column(default=0)
    call_count: Mapped[int] = mapped_column(default=0)
    token_count: Mapped[int] = mapped_column(BIG, default=0)
    money_micros: Mapped[int] = mapped_column(BIG, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class GradingItem(Base):
    """A conversation of a run."""

    __tablename__ = "grading_items"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'skipped')", "state"),
        Index(None, "run_id", "state", "place"),
        Index(None, "conversation_id"),
    )

    run_id: Mapped[int] = mapped_column(BIG, ForeignKey("grading_runs.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    problem: Mapped[str | None] = mapped_column(String(60))
    """Why it was skipped: ``forbidden``, ``purged``, ``no_audit``, ``no_questions``."""


class Grading(Base):
    """What a model said of one revision of a conversation; which one is in force: ``store/grades.py``."""

    __tablename__ = "gradings"
    __table_args__ = (Index(None, "conversation_id", "id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(BIG, ForeignKey("grading_runs.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    revision: Mapped[int]
    audit_id: Mapped[int] = mapped_column(BIG, ForeignKey("audits.id"), index=True)
    """Whose questions were asked."""
    language: Mapped[str] = mapped_column(String(5))
    score: Mapped[float | None]
    """The conversation's with the answers that count; the machine's alone where none does."""
    scored_share: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(20))
    failed_count: Mapped[int]
    most_change: Mapped[float]
    """So many points can the answers that count have moved the score at most."""
    counts: Mapped[bool]
    """Whether any answer counts."""
    signs: Mapped[list[Any]] = mapped_column(default=list)
    """Places of words that seem to be written for the model: message, start, end, kind."""
    text_hashes: Mapped[list[Any]] = mapped_column(default=list)
    """What was sent, in parts: ``sent_texts``."""
    call_count: Mapped[int]
    token_count: Mapped[int]
    money_micros: Mapped[int] = mapped_column(BIG)
    currency: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]


class GradeRow(Base):
    """A model's verdict on one question, its evidence verified, or why there is none."""

    __tablename__ = "grades"
    __table_args__ = (
        UniqueConstraint("grading_id", "criterion"),
        Index(None, "prompt", "question_hash", "model", "id"),
        Index(None, "conversation_id", "criterion"),
        CheckConstraint("verdict IN ('yes', 'no', 'not_applicable', 'unsure')", "verdict"),
        CheckConstraint("counts_as IN ('pass', 'fail', 'not_applicable', 'unscored')", "counts_as"),
    )

    id: Mapped[Key]
    grading_id: Mapped[int] = mapped_column(BIG, ForeignKey("gradings.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BIG)
    """Its grading's; no foreign key of its own."""
    criterion: Mapped[Code]
    prompt: Mapped[Code]
    question_hash: Mapped[Hash]
    """Of all words the question was asked in."""
    model: Mapped[Name]
    """As the endpoint named it."""
    verdict: Mapped[str | None] = mapped_column(String(20))
    problem: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(default=list)
    """Verified places: message, start, end, in the text as it was written."""
    part_count: Mapped[int] = mapped_column(default=0)
    parts_read: Mapped[int] = mapped_column(default=0)
    dropped_count: Mapped[int] = mapped_column(default=0)
    """Quotes that were nowhere to be found."""
    is_recalled: Mapped[bool] = mapped_column(default=False)
    is_trusted: Mapped[bool] = mapped_column(default=False)
    """Whether the model was trusted with this question then."""
    counts_as: Mapped[str | None] = mapped_column(String(20))
    """The outcome it is in the score that stands in the conversation's row; ``None``: it counts for nothing there."""
    created_at: Mapped[datetime]


class LlmCall(Base):
    """One call with what came back; ``raw`` is compressed by zlib, and goes with the conversation's words."""

    __tablename__ = "llm_calls"
    __table_args__ = (Index(None, "conversation_id", "id"), Index(None, "run_id", "id"))

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(BIG, ForeignKey("grading_runs.id"))
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"))
    criteria: Mapped[list[Any]]
    part: Mapped[int]
    text_hash: Mapped[Hash]
    model: Mapped[Name]
    answered_by: Mapped[str] = mapped_column(String(200), default="")
    mode: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]]
    is_repair: Mapped[bool]
    prompt_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    money_micros: Mapped[int] = mapped_column(BIG)
    currency: Mapped[str] = mapped_column(String(3))
    seconds: Mapped[float]
    fault: Mapped[str] = mapped_column(String(100), default="")
    """Why nothing of it could be used, as a code."""
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class LlmAnswer(Base):
    """An answer by what was asked (:meth:`qaplatform.llm.grading.Grader.key`), so that the same is never asked twice."""

    __tablename__ = "llm_answers"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BIG, ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    call_id: Mapped[int] = mapped_column(BIG, ForeignKey("llm_calls.id", ondelete="CASCADE"), index=True)
    model: Mapped[Name]
    """As the endpoint named it."""
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class SentText(Base):
    """What was sent of a conversation, masked, without the fence; ``hash`` is the SHA-256 of ``text``."""

    __tablename__ = "sent_texts"

    conversation_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[Hash] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class LlmSpending(Base):
    """Sums of a day (of the workplace's zone) by endpoint, model, rubric and question; a call about several is shared out."""

    __tablename__ = "llm_spending"

    day: Mapped[date] = mapped_column(primary_key=True)
    endpoint: Mapped[Name] = mapped_column(primary_key=True)
    model: Mapped[Name] = mapped_column(primary_key=True)
    rubric: Mapped[Code] = mapped_column(primary_key=True)
    question: Mapped[Code] = mapped_column(primary_key=True)
    """The prompt's id."""
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    call_count: Mapped[float]
    """A call about three questions is a third of a call to each."""
    fault_count: Mapped[float]
    prompt_tokens: Mapped[int] = mapped_column(BIG)
    completion_tokens: Mapped[int] = mapped_column(BIG)
    money_micros: Mapped[int] = mapped_column(BIG)


class LlmTrust(Base):
    """Whether the answers of a model to a question count, by the comparison with people (``audit/trust.py``)."""

    __tablename__ = "llm_trust"

    prompt: Mapped[Code] = mapped_column(primary_key=True)
    question_hash: Mapped[Hash] = mapped_column(primary_key=True)
    model: Mapped[Name] = mapped_column(primary_key=True)
    is_earned: Mapped[bool] = mapped_column(default=False)
    is_held_back: Mapped[bool] = mapped_column(default=False)
    """A lead does not want it to count, whatever it has earned."""
    pair_count: Mapped[int] = mapped_column(default=0)
    agreement: Mapped[float | None]
    kappa: Mapped[float | None]
    changed_at: Mapped[datetime]
    """When it was earned or lost, or a lead decided, last."""
    changed_by: Mapped[int | None] = mapped_column(BIG, ForeignKey("users.id"), index=True)
    """``None``: by the figures alone."""

"""What an audit says: outcomes, findings, observations and the scorecard that carries them.

These values are the audit JSONL form, field for field and in its order. Message numbers count from
0; ``start`` and ``end`` count Python characters of the message's original text, half open.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Outcome = Literal["pass", "fail", "not_applicable", "unscored"]
Verdict = Literal["pass", "fail", "critical", "unscored"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One place that costs points: where, the words, and the facts a person needs to judge it."""

    message: int
    start: int
    end: int
    quote: str
    code: str
    facts: dict[str, Any] = {}
    agent: str | msgspec.UnsetType | None = msgspec.UNSET
    """Set only where several agents took part in the conversation."""


class CriterionResult(msgspec.Struct, frozen=True, gc=False):
    """One criterion's outcome; ``points`` of ``max_points`` were earned (a deduction is negative)."""

    id: str
    outcome: Outcome
    reason: str | None
    points: float
    max_points: float
    agent: str | None
    findings: tuple[Finding, ...] = ()


class Episode(msgspec.Struct, frozen=True, gc=False):
    """A stretch of displeasure, worry or haste; ``at`` is the agent message that acknowledges it."""

    message: int
    kind: Literal["displeased", "worried", "hurried"]
    verdict: Literal["first", "late", "missing", "no_reply"]
    at: int | None


class Span(msgspec.Struct, frozen=True, gc=False):
    """Words in a message."""

    message: int
    start: int
    end: int


class KindSpan(msgspec.Struct, frozen=True, gc=False):
    """Words in a message, of a kind (``blunt`` and ``review_requests``)."""

    message: int
    start: int
    end: int
    kind: str


class Promise(msgspec.Struct, frozen=True, gc=False):
    """What an agent committed to; ``due_at`` is ISO 8601 or unknown, ``kept`` unknown without times."""

    message: int
    start: int
    end: int
    concrete: bool
    due_at: str | None
    kept: bool | None


class Transfer(msgspec.Struct, frozen=True, gc=False):
    """The conversation or the problem moves to another person or department."""

    message: int
    kind: Literal["handover", "escalation", "referral_away"]
    announced: bool
    who_named: bool
    reason_given: bool


class Observations(msgspec.Struct, frozen=True, gc=False):
    """What the checks see before any rule is applied."""

    episodes: tuple[Episode, ...]
    blunt: tuple[KindSpan, ...]
    review_requests: tuple[KindSpan, ...]
    off_platform: tuple[Span, ...]
    absolute: tuple[Span, ...]
    promises: tuple[Promise, ...]
    transfers: tuple[Transfer, ...]
    closing_check: int | None
    unanswered: tuple[int, ...]
    closed: Literal["confirmed", "pending", "open", "unclear"]
    topic: tuple[str, ...]


class Scorecard(msgspec.Struct, frozen=True, gc=False):
    """One conversation's audit; ``score`` is 0–100 or ``None`` where nothing could be scored."""

    id: str
    rubric: str
    score: float | None
    scored_share: float
    verdict: Verdict
    risk: float
    priority: float
    reasons: tuple[str, ...]
    criteria: tuple[CriterionResult, ...]
    observations: Observations

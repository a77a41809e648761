"""What can go wrong between us and a model, by closed reasons."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime
from typing import Literal, get_args

from qaplatform.errors import QAPlatformError
from qaplatform.llm.budget import Usage

Reason = Literal[
    "deadline",
    "too_large",
    "refused_connection",
    "network",
    "resting",
    "http_429",
    "http_5xx",
    "http_4xx",
    "redirect",
    "wrong_content_type",
    "not_json",
    "wrong_types",
    "empty",
    "truncated",
    "refusal",
    "tool_call",
    "duplicate_choices",
]
"""``resting``: the circuit breaker let nothing through; the rest says what came back, or that nothing did."""
REASONS: tuple[Reason, ...] = get_args(Reason)

_RETRYABLE: frozenset[Reason] = frozenset({"deadline", "refused_connection", "network", "http_429", "http_5xx"})
_ABOUT_THE_REPLY: frozenset[Reason] = frozenset(
    {"too_large", "not_json", "wrong_types", "empty", "truncated", "refusal", "tool_call", "duplicate_choices"}
)
ABOUT_THE_ENDPOINT = frozenset(REASONS) - _ABOUT_THE_REPLY
"""It did not serve, or not us; the same request may be answered another time, or by another endpoint."""
_NOT_SERVED: frozenset[Reason] = frozenset({"resting", "refused_connection", "redirect", "http_4xx", "http_429"})
PASSING = _RETRYABLE | {"resting"}
"""What may pass without anybody doing anything."""
MOST_DETAIL_CHARS = 500


class CallError(QAPlatformError):
    """The model gave no reply that can be used."""

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        status: int | None = None,
        retryable: bool | None = None,
        retry_after_seconds: float | None = None,
        raw: bytes = b"",
        usage: Usage | None = None,
    ) -> None:
        """What happened, in words for developers (never the key), and what came back.

        ``usage`` is what the endpoint says the useless reply cost; ``retryable`` only where it is not the reason's own.
        """
        detail = " ".join(detail.split())[:MOST_DETAIL_CHARS]
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail
        self.status = status
        self.retryable = reason in _RETRYABLE if retryable is None else retryable
        self.retry_after_seconds = retry_after_seconds
        self.raw = raw
        self.usage = usage

    @property
    def endpoint_is_at_fault(self) -> bool:
        """The endpoint did not serve at all, or not us; otherwise it works, and only this reply is of no use."""
        if self.reason == "http_4xx":
            return self.status in (401, 402, 403, 404)
        return self.reason not in _ABOUT_THE_REPLY and self.reason != "resting"

    def cost(self, expected: Usage) -> Usage:
        """Tokens that the call has cost: as the endpoint says, none where nobody read it, else what it may have."""
        return self.usage or (Usage(0, 0) if self.reason in _NOT_SERVED else expected)


def reason_of_status(status: int) -> Reason:
    """The reason for an HTTP status that is no success."""
    if status == 429:
        return "http_429"
    if status >= 500:
        return "http_5xx"
    return "redirect" if status < 400 else "http_4xx"


def retry_after_in(value: str | None, date: str | None) -> float | None:
    """Seconds that a ``Retry-After`` asks for, 0 or more; ``None`` where it cannot be told.

    A moment is read against the answer's own ``Date``: the clock of whoever wrote both, and we need none.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(date or "")).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None

"""How a grader asks: with what patience, how many questions at once, and whose secrets make its fences."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from qaplatform.llm.retrying import Breaker, Patience


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How is asked."""

    wait: Callable[[float], object]
    """Sleeps so many seconds between tries; may raise to break off."""
    nonce: Callable[[], str]
    """A new secret for each fence."""
    breaker: Breaker
    """Shared by all who ask the endpoint."""
    patience: Patience = Patience()
    questions_a_call: int = 1
    """A small group; one is the most careful."""

"""What asking a model may cost: reserved before a call, settled after it, capped by day, run and conversation.

Money is counted in whole millionths of the currency's unit (``_micros``), so that sums never drift. A price per
million tokens is therefore also the price of one token in millionths.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from decimal import Decimal
from typing import Literal

import msgspec

from qaplatform.errors import QAPlatformError

Currency = Literal["CNY", "USD"]
Cap = Literal[
    "day_tokens", "day_money", "run_tokens", "run_money", "conversation_tokens", "price_unknown", "other_currency"
]


class BudgetError(QAPlatformError):
    """The grader's budget is used up; raise its caps, or go on tomorrow."""

    def __init__(self, cap: Cap, message: str | None = None) -> None:
        super().__init__(message)
        self.cap: Cap = cap
        """Which cap; ``price_unknown`` and ``other_currency`` mean that a cap on money cannot be held."""


class Usage(msgspec.Struct, frozen=True):
    """Tokens of one call: estimated before it, as the endpoint says after it."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


class Price(msgspec.Struct, frozen=True):
    """What a million tokens cost."""

    input: Decimal
    output: Decimal
    currency: Currency

    def micros(self, usage: Usage) -> int:
        """Millionths of the currency's unit, rounded up."""
        return math.ceil(usage.prompt_tokens * self.input + usage.completion_tokens * self.output)


class Spent(msgspec.Struct, frozen=True):
    """Sums, of a day or a run or a call."""

    tokens: int = 0
    money_micros: int = 0

    def plus(self, tokens: int, money_micros: int) -> Spent:
        """With so much more (or less)."""
        return Spent(self.tokens + tokens, self.money_micros + money_micros)


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """The most that may be spent; ``None`` = no cap."""

    day_tokens: int | None = None
    day_money_micros: int | None = None
    run_tokens: int | None = None
    run_money_micros: int | None = None
    conversation_tokens: int | None = None
    currency: Currency = "CNY"
    """Of the caps on money."""

    @property
    def on_money(self) -> bool:
        """Some cap is on money."""
        return self.day_money_micros is not None or self.run_money_micros is not None


class Reservation(msgspec.Struct, frozen=True):
    """Room kept for one call, until it is settled."""

    number: int
    conversation: str
    tokens: int
    money_micros: int


class Budget:
    """One run's budget, shared by the threads that ask.

    Args:
        caps: the most that may be spent.
        price: of the endpoint asked; ``None`` where it is not known.
        day: what was spent today before this run.
        run: what was spent by this run before it was interrupted.
    """

    def __init__(self, caps: Caps, price: Price | None, *, day: Spent | None = None, run: Spent | None = None) -> None:
        self._caps = caps
        self._price = price
        self._lock = threading.Lock()
        self._day = day or Spent()
        self._run = run or Spent()
        self._conversations: dict[str, int] = defaultdict(int)
        self._open: dict[int, Reservation] = {}
        self._next = 0

    @property
    def day(self) -> Spent:
        """Spent and reserved today."""
        return self._day

    @property
    def run(self) -> Spent:
        """Spent and reserved by this run."""
        return self._run

    def day_is(self, spent: Spent) -> None:
        """So much was spent today by all runs together; the calls under way come on top."""
        with self._lock:
            kept = self._open.values()
            self._day = spent.plus(sum(one.tokens for one in kept), sum(one.money_micros for one in kept))

    def cost_micros(self, usage: Usage) -> int:
        """What a call costs; 0 where the price is not known."""
        return 0 if self._price is None else self._price.micros(usage)

    def reserve(self, estimate: Usage, *, conversation: str) -> Reservation:
        """Keep room for a call that costs at most that.

        Raises:
            BudgetError: it does not fit under a cap, or a cap on money cannot be held because the price is not known.
        """
        if self._caps.on_money:
            if self._price is None:
                raise BudgetError(
                    "price_unknown", "money is capped, but the endpoint's prices are not known; enter them"
                )
            if self._price.currency != self._caps.currency:
                raise BudgetError("other_currency", "the caps on money and the endpoint's prices are in two currencies")
        tokens, money = estimate.tokens, self.cost_micros(estimate)
        with self._lock:
            day, run = self._day.plus(tokens, money), self._run.plus(tokens, money)
            of_conversation = self._conversations[conversation] + tokens
            wanted: tuple[tuple[Cap, int, int | None], ...] = (
                ("conversation_tokens", of_conversation, self._caps.conversation_tokens),
                ("run_tokens", run.tokens, self._caps.run_tokens),
                ("run_money", run.money_micros, self._caps.run_money_micros),
                ("day_tokens", day.tokens, self._caps.day_tokens),
                ("day_money", day.money_micros, self._caps.day_money_micros),
            )
            for cap, sum_, most in wanted:
                if most is not None and sum_ > most:
                    raise BudgetError(cap)
            self._day, self._run = day, run
            self._conversations[conversation] = of_conversation
            self._next += 1
            reservation = Reservation(self._next, conversation, tokens, money)
            self._open[reservation.number] = reservation
            return reservation

    def charge(self, usage: Usage, *, conversation: str) -> Spent:
        """Put down what was spent without room kept for it, whatever the caps say; returns that."""
        spent = Spent(usage.tokens, self.cost_micros(usage))
        with self._lock:
            self._day = self._day.plus(spent.tokens, spent.money_micros)
            self._run = self._run.plus(spent.tokens, spent.money_micros)
            self._conversations[conversation] += spent.tokens
        return spent

    def settle(self, reservation: Reservation, usage: Usage) -> Spent:
        """Put what a call cost in the place of what was reserved for it; returns that.

        Where the endpoint does not say, whoever asks gives what was expected: rather too much than too little.

        Raises:
            ValueError: it was settled before.
        """
        spent = Spent(usage.tokens, self.cost_micros(usage))
        with self._lock:
            if self._open.pop(reservation.number, None) is None:
                raise ValueError(f"reservation {reservation.number} is not open")
            tokens, money = spent.tokens - reservation.tokens, spent.money_micros - reservation.money_micros
            self._day, self._run = self._day.plus(tokens, money), self._run.plus(tokens, money)
            self._conversations[reservation.conversation] += tokens
        return spent

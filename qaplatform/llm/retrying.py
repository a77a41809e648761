"""The one place where calls are tried again, and the breaker that leaves a broken endpoint alone for a while."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar

import msgspec

from qaplatform.llm.faults import CallError

T = TypeVar("T")
State = Literal["closed", "open", "half_open"]


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How often and how long one tries."""

    most_tries: int = 4
    """The first one included."""
    deadline_tries: int = 2
    """Of them so many may end at the deadline: each costs its full time."""
    first_wait_seconds: float = 1.0
    """Doubles with each try; what is waited is between half of it and all of it."""
    longest_wait_seconds: float = 60.0
    """Also the most of what a ``Retry-After`` is obeyed."""


def ask_patiently(
    ask: Callable[[], T],
    *,
    wait: Callable[[float], object],
    seed: int,
    patience: Patience | None = None,
    breaker: Breaker | None = None,
) -> T:
    """What ``ask`` returns, tried again where its fault may pass: 429, 5xx, network, once a deadline; nothing else.

    Args:
        ask: one call, such as ``lambda: client.ask(request)``.
        wait: sleeps so many seconds; may raise to break off.
        seed: of the jitter; another for each call, or all come back at the same moment.
        patience: how often and how long.
        breaker: shared by all calls to the endpoint.

    Raises:
        CallError: the last fault; ``resting`` where the breaker did not even let the first try through.
    """
    patience = patience or Patience()
    chance = random.Random(seed)
    deadlines = 0
    last: CallError | None = None
    for tried in range(1, patience.most_tries + 1):
        try:
            if breaker is None:
                return ask()
            with breaker.guarding():
                return ask()
        except CallError as error:
            if error.reason == "resting" and last is not None:
                raise last from error
            deadlines += error.reason == "deadline"
            spent = tried == patience.most_tries or deadlines >= patience.deadline_tries
            if spent or not error.retryable:
                raise
            last = error
        most = min(patience.first_wait_seconds * 2 ** (tried - 1), patience.longest_wait_seconds)
        seconds = most * (0.5 + chance.random() / 2)
        asked_for = min(last.retry_after_seconds or 0.0, patience.longest_wait_seconds)
        wait(max(seconds, asked_for))
    raise AssertionError("the last try returns or raises")


class Breaker:
    """Lets nothing through to an endpoint that failed some calls in a row; after a rest, one try decides.

    Only faults of the endpoint count; a reply that is no use shows that it works. Shared by threads.

    Args:
        opens_after: so many failures in a row.
        rest_seconds: how long nothing goes through then.
        clock: seconds that only grow.
    """

    def __init__(
        self, *, opens_after: int = 5, rest_seconds: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._opens_after = opens_after
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        """Where it stands; ``half_open`` = the next call is the one that tries, or is under way."""
        with self._lock:
            if self._open_until is None:
                return "closed"
            return "half_open" if self._trying or self._clock() >= self._open_until else "open"

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """One call.

        Raises:
            CallError: ``resting``: it was not let through.
        """
        trying = self._let_through()
        try:
            yield
        except CallError as error:
            self._note(trying=trying, failed=error.endpoint_is_at_fault)
            raise
        except BaseException:
            # Broken off by whoever asked: says nothing about the endpoint, and the next may try.
            with self._lock:
                self._trying = self._trying and not trying
            raise
        self._note(trying=trying, failed=False)

    def _let_through(self) -> bool:
        """Whether this is the call that tries whether the endpoint is back."""
        with self._lock:
            if self._open_until is None:
                return False
            left = self._open_until - self._clock()
            if self._trying or left > 0:
                raise CallError("resting", "the endpoint failed too often", retry_after_seconds=max(left, 1.0))
            self._trying = True
            return True

    def _note(self, *, trying: bool, failed: bool) -> None:
        with self._lock:
            if trying:
                self._trying = False
            elif self._open_until is not None:
                return  # Let through before it opened: an old story.
            if not failed:
                self._failures, self._open_until = 0, None
                return
            self._failures += 1
            if trying or self._failures >= self._opens_after:
                self._open_until = self._clock() + self._rest_seconds

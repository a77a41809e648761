"""Which faults are tried again, how long is waited, and how the breaker spares a broken endpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from qaplatform.llm.faults import REASONS, CallError, Reason
from qaplatform.llm.retrying import Breaker, Patience, ask_patiently


class Asked:
    """Fails with these reasons one after the other, then answers; writes down what was waited."""

    def __init__(self, *faults: Reason | CallError) -> None:
        self.faults = [CallError(fault) if isinstance(fault, str) else fault for fault in faults]
        self.tries = 0
        self.waits: list[float] = []

    def __call__(self) -> str:
        self.tries += 1
        if self.tries <= len(self.faults):
            raise self.faults[self.tries - 1]
        return "answer"

    def patiently(self, *, seed: int = 1, **more) -> str:
        return ask_patiently(self, wait=self.waits.append, seed=seed, **more)


@pytest.mark.parametrize("reason", REASONS)
def test_only_faults_that_may_pass_are_tried_again(reason: Reason) -> None:
    asked = Asked(reason)
    if reason in ("http_429", "http_5xx", "network", "refused_connection", "deadline"):
        assert asked.patiently() == "answer"
        assert asked.tries == 2
    else:
        with pytest.raises(CallError, match=reason):
            asked.patiently()
        assert (asked.tries, asked.waits) == (1, [])


def test_tries_end_and_the_last_fault_is_the_answer() -> None:
    asked = Asked("http_5xx", "network", "http_5xx", "http_429", "network")
    with pytest.raises(CallError, match="http_429"):
        asked.patiently()
    assert asked.tries == 4


def test_a_deadline_is_tried_again_once() -> None:
    asked = Asked("deadline", "network", "deadline")
    with pytest.raises(CallError, match="deadline"):
        asked.patiently(patience=Patience(most_tries=9))
    assert asked.tries == 3


def test_waits_double_with_jitter_of_the_seed_up_to_the_longest() -> None:
    patience = Patience(most_tries=7, first_wait_seconds=1.0, longest_wait_seconds=10.0)
    faults: list[Reason] = ["network"] * 6
    one, same, other = Asked(*faults), Asked(*faults), Asked(*faults)
    assert {asked.patiently(seed=seed, patience=patience) for asked, seed in ((one, 1), (same, 1), (other, 2))} == {
        "answer"
    }
    assert one.waits == same.waits != other.waits
    for waited, most in zip(one.waits, [1, 2, 4, 8, 10, 10], strict=True):
        assert most / 2 <= waited <= most


@pytest.mark.parametrize(("asked_for", "waited"), [(7.0, 7.0), (3600.0, 60.0), (0.0, None)])
def test_what_the_endpoint_asks_for_is_waited_within_reason(asked_for: float, waited: float | None) -> None:
    asked = Asked(CallError("http_429", retry_after_seconds=asked_for))
    asked.patiently()
    [seconds] = asked.waits
    assert seconds == waited if waited else 0.5 <= seconds <= 1


def test_whoever_waits_may_break_off() -> None:
    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    asked = Asked("network")
    with pytest.raises(KeyboardInterrupt):
        ask_patiently(asked, wait=stop, seed=1)
    assert asked.tries == 1


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def call(breaker: Breaker, fault: Reason | None = None) -> None:
    with breaker.guarding():
        if fault:
            raise CallError(fault)


def fail(breaker: Breaker, times: int, fault: Reason = "http_5xx") -> None:
    for _ in range(times):
        with pytest.raises(CallError, match=fault):
            call(breaker, fault)


def test_the_breaker_opens_after_failures_in_a_row_and_one_try_after_the_rest_decides() -> None:
    clock = Clock()
    breaker = Breaker(opens_after=5, rest_seconds=60.0, clock=clock)
    fail(breaker, 4)
    call(breaker)
    fail(breaker, 4, "deadline")
    assert breaker.state == "closed"
    fail(breaker, 1, "refused_connection")
    assert breaker.state == "open"
    clock.now += 59
    with pytest.raises(CallError, match="resting") as caught:
        call(breaker)
    assert caught.value.retry_after_seconds == 1.0
    clock.now += 1
    assert breaker.state == "half_open"
    fail(breaker, 1)
    assert breaker.state == "open"
    clock.now += 60
    with breaker.guarding(), pytest.raises(CallError, match="resting"):
        call(breaker)  # A second one while the first tries.
    assert breaker.state == "closed"
    fail(breaker, 4)
    assert breaker.state == "closed"


def test_replies_of_no_use_show_that_the_endpoint_works() -> None:
    breaker = Breaker(opens_after=2)
    for fault in ("truncated", "refusal", "not_json", "too_large", "empty"):
        fail(breaker, 1, fault)
        fail(breaker, 1, "network")
    assert breaker.state == "closed"


@pytest.mark.parametrize(("status", "opens"), [(401, True), (403, True), (404, True), (400, False), (422, False)])
def test_a_wrong_key_or_address_opens_it_and_a_wrong_request_does_not(status: int, opens: bool) -> None:
    breaker = Breaker(opens_after=1)
    with pytest.raises(CallError), breaker.guarding():
        raise CallError("http_4xx", status=status)
    assert breaker.state == ("open" if opens else "closed")


def test_a_try_that_is_broken_off_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = Breaker(opens_after=1, clock=clock)
    fail(breaker, 1)
    clock.now += 60
    with pytest.raises(KeyboardInterrupt), breaker.guarding():
        raise KeyboardInterrupt
    call(breaker)
    assert breaker.state == "closed"


def test_retries_stop_at_an_open_breaker_with_the_fault_that_opened_it() -> None:
    breaker = Breaker(opens_after=2)
    asked = Asked("http_5xx", "network", "network", "network")
    with pytest.raises(CallError, match="network"):
        asked.patiently(breaker=breaker)
    assert asked.tries == 2
    with pytest.raises(CallError, match="resting"):
        asked.patiently(breaker=breaker)
    assert asked.tries == 2


def test_of_many_threads_one_tries() -> None:
    clock = Clock()
    breaker = Breaker(opens_after=1, clock=clock)
    fail(breaker, 1)
    clock.now += 60
    inside, results = threading.Barrier(8), []

    def attempt(hold: Callable[[], object]) -> None:
        inside.wait()
        try:
            with breaker.guarding():
                hold()
        except CallError as error:
            results.append(error.reason)
        else:
            results.append("through")

    done = threading.Event()
    threads = [threading.Thread(target=attempt, args=(lambda: done.wait(5),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(results) < 7:
        done.wait(0.005)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["resting"] * 7 + ["through"]

"""Replies heard in a process beside this one: the same is heard, whatever becomes of that process."""

from __future__ import annotations

import multiprocessing
from collections.abc import Hashable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import State
from qaplatform.exam.hearing import Heard, Listener
from qaplatform.exam.playing import played
from qaplatform.services.newest import Newest
from qaplatform.services.training import exam_hearing
from qaplatform.services.training.exam_hearing import hear_beside, listener_of
from tests.exam.standing import shipped_auditor
from tests.forked_commands import forked
from tests.services.training.examined import BANNED, DONE, GOOD, instead, scenario
from tests.workplaces import runs, until

SEEDS = iter(range(100, 200))
"""A dialogue that was heard is not heard again."""


@pytest.fixture(scope="module")
def one_beside() -> Iterator[exam_hearing._Beside]:
    """Who hears beside this process, which takes seconds to start; the last test kills it."""
    made = exam_hearing._Beside()
    yield made
    if made._pool is not None:
        made._pool.shutdown()


@pytest.fixture
def beside(one_beside: exam_hearing._Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process as one that serves."""
    monkeypatch.setattr(exam_hearing, "_beside", one_beside)
    monkeypatch.setattr(exam_hearing, "_PATIENCE_SECONDS", 120.0)
    hear_beside()


@pytest.fixture
def heard_here(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many lines this process heard itself."""
    heard: list[int] = []
    hear = Listener.hear

    def counted(self: Listener, *given: object) -> object:
        heard.append(1)
        return hear(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Listener, "hear", counted)
    return heard


def dialogue(seed: int) -> State:
    customer = Customer(scenario(), seed, listener_of(shipped_auditor().rubric, scenario()))
    return played(customer, instead(3, BANNED), until_seconds=DONE)


def alone(seed: int, monkeypatch: pytest.MonkeyPatch) -> State:
    with monkeypatch.context() as here:
        here.setattr(exam_hearing, "_beside", exam_hearing._Beside())
        return dialogue(seed)


@pytest.mark.usefixtures("beside")
def test_what_was_sent_is_heard_before_anybody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Future[Heard]] = []

    class Recorded(Newest[Future[Heard]]):
        def put(self, key: Hashable, value: Future[Heard]) -> Future[Heard]:
            kept.append(value)
            return super().put(key, value)

    monkeypatch.setattr(exam_hearing, "_heard", Recorded(8))
    customer = Customer(scenario(), next(SEEDS), listener_of(shipped_auditor().rubric, scenario()))
    state = customer.begin()
    first = customer.write(state, GOOD[0][1], 22)
    (known,) = kept
    heard = known.result(120)
    assert heard.acts
    assert customer.until(first, 60).acts == heard.acts
    assert kept == [known]


@pytest.mark.usefixtures("beside")
def test_a_process_beside_hears_the_same_and_when_it_dies_another_takes_its_place(
    heard_here: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = next(SEEDS)
    held = dialogue(seed)
    assert not heard_here
    assert held == alone(seed, monkeypatch)
    assert heard_here
    (first,) = multiprocessing.active_children()
    monkeypatch.setattr(exam_hearing, "_REST_SECONDS", 3600)
    first.kill()
    first.join(60)
    heard_here.clear()
    seed = next(SEEDS)
    held = dialogue(seed)
    assert heard_here, "it is too early for another"
    assert held == alone(seed, monkeypatch)
    monkeypatch.setattr(exam_hearing, "_REST_SECONDS", 0)
    heard_here.clear()
    dialogue(next(SEEDS))
    assert not heard_here
    (second,) = multiprocessing.active_children()
    assert second.pid != first.pid


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are found as on Linux")
def test_it_ends_when_the_server_is_killed(repository: Path) -> None:
    with forked(cwd=repository, program="tests.services.training.hearing_beside") as program:
        number = int(program.stdout.readline())
        assert runs(number)
        program.kill()
        until(lambda: not runs(number), "the process beside it ended")

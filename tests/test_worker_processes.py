"""Workers as processes: stopped, signalled, killed and put to sleep."""

from __future__ import annotations

import logging
import random
import re
import signal
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from qaplatform.cli import main
from qaplatform.services.jobs import JobRun
from qaplatform.store.engine import Store
from qaplatform.store.tables import Team
from qaplatform.worker import BESIDE, Periodic, Worker
from tests.conftest import FULL
from tests.counting import ROWS_A_TRANSACTION, count, written
from tests.forked_commands import forked
from tests.working import NOW, HandClock, announce, team_names, the, until, worker


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


# --- stopping ----------------------------------------------------------------------------------------


def test_a_worker_goes_on_when_the_database_was_away(
    store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    calls: list[datetime] = []

    def stumbling() -> datetime:
        # The first look fails as if the connection were gone.
        calls.append(clock.time)
        if len(calls) == 1:
            raise ConnectionError("away")
        return clock.time

    announce(store)
    it = Worker(store, {"do": lambda _run: stop.set()}, clock=stumbling, idle_seconds=0.01)
    it.run_until_stopped(stop)
    assert "cannot go on: away" in caplog.text


@pytest.mark.parametrize("swallows", [False, True], ids=["lets the error pass", "swallows the error"])
def test_a_stopping_worker_gives_its_job_back(store: Store, clock: HandClock, swallows: bool) -> None:
    id = announce(store, payload={"to": 3})
    stop = threading.Event()

    def do(run: JobRun) -> None:
        try:
            for number in range(3):
                with run.writing() as session:
                    session.add(Team(name=str(number), created_at=NOW))
                    stop.set()
        except Exception:
            if not swallows:
                raise

    worker(store, do, clock).run_until_stopped(stop)
    job = the(store, id)
    assert (job.state, job.tries, job.owner, job.leased_until, job.error) == ("waiting", 0, None, None, None)
    assert team_names(store) == {"0"}


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.full)])
def test_a_signal_makes_a_worker_give_its_job_back_and_leave(
    store: Store, store_url: str, repository: Path, number: signal.Signals
) -> None:
    id = announce(store, "count", {"to": 10**6, "pause_seconds": 0.01})
    with forked(store_url, cwd=repository, program="tests.counting") as it:
        until(lambda: the(store, id).done_count > 0)
        it.send_signal(number)
        assert it.ended() == (0, "")
    job = the(store, id)
    assert (job.state, job.tries, job.owner) == ("waiting", 0, None)
    assert written(store) == list(range(job.done_count))
    assert job.done_count % ROWS_A_TRANSACTION == 0


@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
def test_the_command_does_jobs_until_it_is_stopped(store: Store, store_url: str, repository: Path) -> None:
    id = announce(store, "tidy")
    command = ("worker", "--database", store_url, "--lease-seconds", "5")
    with forked(*command, cwd=repository) as it:
        until(lambda: the(store, id).state == "done")
        it.send_signal(signal.SIGTERM)
        code, said = it.ended()
    assert code == 0
    lines = [line.split(" ", 2)[2] for line in said.splitlines()]
    # One for most kinds of jobs, and those that wait for language models beside it.
    assert [re.sub("[0-9a-f]{32}", "ID", line) for line in lines] == [
        *["INFO worker ID started"] * (1 + len(BESIDE)),
        *["INFO worker ID stopped"] * (1 + len(BESIDE)),
    ]


def test_the_command_wants_a_database_of_its_form(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    it = CliRunner().invoke(main, ["worker", "--database", f"sqlite:///{path}"])
    assert (it.exit_code, path.exists()) == (1, False)
    assert "start the server once" in it.output


# --- kills -------------------------------------------------------------------------------------------

_PAUSE_SECONDS = 0.02
_ROWS_A_KILL = 200
"""More than a worker can write until it is killed, so that every kill finds something to interrupt."""


@pytest.mark.parametrize("kills", [2, pytest.param(50, marks=pytest.mark.full)])
def test_a_worker_killed_again_and_again_loses_nothing_and_doubles_nothing(
    store: Store, store_url: str, repository: Path, kills: int
) -> None:
    to = _ROWS_A_KILL * kills
    id = announce(store, "count", {"to": to, "pause_seconds": _PAUSE_SECONDS}, total=to)
    chance = random.Random(f"{kills} {time.time_ns() if FULL else 0}")
    owner: str | None = None
    for _ in range(kills):
        with forked(store_url, cwd=repository, program="tests.counting") as it:
            before = owner
            until(lambda before=before: (the(store, id).owner or before) != before)  # type: ignore[misc]
            time.sleep(chance.uniform(0, 0.3))
            it.kill()
        job = the(store, id)
        owner = job.owner
        assert job.state == "running"
        # PostgreSQL may still be about to commit what the killed one had sent: figures of two looks need not agree.
        rows = written(store)
        assert rows == list(range(len(rows)))
        assert len(rows) % ROWS_A_TRANSACTION == 0
    with forked(store_url, cwd=repository, program="tests.counting"):
        until(lambda: the(store, id).state != "running")
    job = the(store, id)
    assert (job.state, job.done_count, job.error) == ("done", to, None)
    assert written(store) == list(range(to))


@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
def test_workers_that_sleep_through_their_leases_double_nothing(store: Store, store_url: str, repository: Path) -> None:
    to, turns = (1500, 2) if FULL else (400, 1)
    id = announce(store, "count", {"to": to, "pause_seconds": _PAUSE_SECONDS}, total=to)
    chance = random.Random(0)
    with (
        forked(store_url, cwd=repository, program="tests.counting") as one,
        forked(store_url, cwd=repository, program="tests.counting") as other,
    ):
        until(lambda: the(store, id).done_count > 0)
        for asleep in (one, other) * turns:
            # Wherever it is: in a transaction, which others wait for, or between two, where the job is taken over.
            asleep.send_signal(signal.SIGSTOP)
            time.sleep(1.3)
            asleep.send_signal(signal.SIGCONT)
            time.sleep(chance.uniform(0, 0.2))
        until(lambda: the(store, id).state not in {"running", "waiting"})
        for awake in (one, other):
            awake.send_signal(signal.SIGTERM)
            assert awake.ended() == (0, "")
    job = the(store, id)
    assert (job.state, job.done_count, job.error) == ("done", to, None)
    assert written(store) == list(range(to))


def test_an_uninterrupted_run_writes_the_same(store: Store, clock: HandClock) -> None:
    announce(store, "count", {"to": 110})
    Worker(store, {"count": count}, clock=clock).run_one()
    assert written(store) == list(range(110))


def test_what_comes_by_itself_is_worth_a_line_only_where_it_fails(
    store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def fail(_run: JobRun) -> None:
        raise ValueError("no")

    for handler, lines in ((lambda _run: None, 0), (fail, 1)):
        work = Worker(store, {"tick": handler}, clock=clock, periodic=[Periodic("tick", 60)])
        announce(store, "tick")
        assert work.run_one()
        assert len([one for one in caplog.records if one.levelno == logging.INFO]) == lines


def test_nothing_is_said_in_an_empty_loop(store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    caplog.set_level(logging.INFO)
    thread = threading.Thread(
        target=worker(store, lambda _run: None, clock, idle_seconds=0.01).run_until_stopped, args=(stop,)
    )
    thread.start()
    until(lambda: bool(caplog.records))
    stop.set()
    thread.join()
    assert len(caplog.records) == 2

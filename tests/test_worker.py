"""The worker: one job at a time, one worker a job, whatever happens to either."""

from __future__ import annotations

import logging
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from qaplatform.errors import InputError
from qaplatform.services.jobs import JobCancelledError, JobRun, LeaseLostError
from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.tables import Job, LoginFailure, Team, User, UserSession
from qaplatform.worker import HANDLERS, PERIODIC, Handler, Periodic, Worker
from tests.conftest import FULL
from tests.counting import ROWS_A_TRANSACTION, count, written

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


class HandClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> datetime:
        self.time += by
        return self.time


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def announce(store: Store, kind: str = "do", payload: dict[str, Any] | None = None, **more: Any) -> int:
    with store.writing() as session:
        return jobs.announce(session, kind, payload or {}, now=NOW, **more)


def the(store: Store, job_id: int) -> Job:
    with store.reading() as session:
        return session.get_one(Job, job_id)


def team_names(store: Store) -> set[str]:
    with store.reading() as session:
        return set(session.scalars(select(Team.name)))


def until(true: Callable[[], bool]) -> None:
    """Wait for something that must come; a generous end, so that a broken test ends at all."""
    for _ in range(30_000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def worker(store: Store, do: Handler, clock: HandClock, **more: Any) -> Worker:
    return Worker(store, {"do": do}, clock=clock, **more)


# --- one job -----------------------------------------------------------------------------------------


def test_a_job_is_done_with_what_it_was_announced_with(store: Store, clock: HandClock) -> None:
    id = announce(store, payload={"名": "一组"}, total=1)
    seen: list[Any] = []

    def do(run: JobRun) -> None:
        seen.append((run.job_id, run.payload, run.user_id, run.done, run.now(), run.cancel_asked()))
        with run.writing() as session:
            session.add(Team(name=run.payload["名"], created_at=run.now()))
            run.progress(session, 1, note="一组")

    it = worker(store, do, clock)
    assert (it.run_one(), it.run_one()) == (True, False)
    assert seen == [(id, {"名": "一组"}, None, 0, NOW, False)]
    assert team_names(store) == {"一组"}
    job = the(store, id)
    assert (job.state, job.done_count, job.note, job.tries, job.error) == ("done", 1, "一组", 1, None)


def test_an_error_in_a_transaction_leaves_nothing_of_it(store: Store, clock: HandClock) -> None:
    id = announce(store)

    def do(run: JobRun) -> None:
        with run.writing() as session:
            session.add(Team(name="half", created_at=NOW))
            run.progress(session, 1)
            raise ZeroDivisionError

    worker(store, do, clock).run_one()
    assert team_names(store) == set()
    assert the(store, id).done_count == 0


def test_errors_are_retried_later_and_later_until_the_job_has_failed(
    store: Store, clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    id = announce(store)

    def do(_run: JobRun) -> None:
        raise ValueError("no\nnumber")

    it = worker(store, do, clock)
    delays = []
    while it.run_one():
        job = the(store, id)
        delays.append((job.run_after - clock.time).total_seconds())
        assert not it.run_one()
        clock.time = max(clock.time, job.run_after)
    assert delays[:4] == [5, 20, 80, 320]
    assert (job.state, job.tries, job.error, job.finished_at) == ("failed", 5, "ValueError: no", clock.time)
    assert "Traceback" in caplog.text


def test_an_input_that_cannot_be_read_is_not_tried_again(store: Store, clock: HandClock) -> None:
    id = announce(store)

    def do(_run: JobRun) -> None:
        raise InputError("not a table", file="x.csv")

    worker(store, do, clock).run_one()
    assert (the(store, id).state, the(store, id).error) == ("failed", "x.csv: not a table")


def test_a_try_that_got_further_before_its_error_counts_as_the_first(store: Store, clock: HandClock) -> None:
    id = announce(store)

    def do(run: JobRun) -> None:
        with run.writing() as session:
            run.progress(session, run.done + 1, 8)
        if run.done + 1 < 8:
            raise ZeroDivisionError

    it = worker(store, do, clock)
    while it.run_one():
        clock.move(timedelta(seconds=5))
    assert (the(store, id).state, the(store, id).tries) == ("done", 1)


def test_a_try_that_begins_anew_is_counted(store: Store, clock: HandClock) -> None:
    id = announce(store)

    def do(run: JobRun) -> None:
        for done in range(3):
            with run.writing() as session:
                run.progress(session, done)
        raise ZeroDivisionError

    it = worker(store, do, clock)
    while it.run_one():
        clock.move(timedelta(hours=1))
    assert (the(store, id).state, the(store, id).tries) == ("failed", 5)


def test_a_job_asked_to_end_ends_in_the_middle_with_what_it_has_written(store: Store, clock: HandClock) -> None:
    id = announce(store, unique_key="k")

    def do(run: JobRun) -> None:
        with run.writing() as session:
            session.add(Team(name="first", created_at=NOW))
        with store.writing() as session:
            jobs.cancel(session, id, now=NOW)
        if run.cancel_asked():
            with run.writing() as session:
                session.add(Team(name="cleaned up", created_at=NOW))
            raise JobCancelledError

    worker(store, do, clock).run_one()
    job = the(store, id)
    assert (job.state, job.unique_key, job.error) == ("cancelled", None, None)
    assert team_names(store) == {"first", "cleaned up"}


# --- leases ------------------------------------------------------------------------------------------


def test_a_job_of_a_lost_worker_is_taken_over(store: Store, clock: HandClock) -> None:
    id = announce(store)
    with store.writing() as session:
        jobs.claim(session, owner="lost", now=NOW, lease=LEASE, kinds=("do",))
    it = worker(store, lambda _run: None, clock)
    assert not it.run_one()
    clock.move(LEASE + SECOND)
    assert it.run_one()
    assert (the(store, id).state, the(store, id).owner, the(store, id).tries) == ("done", it.owner, 2)


@pytest.mark.parametrize("swallows", [False, True], ids=["lets the error pass", "swallows the error"])
def test_who_lost_the_lease_writes_nothing_more(store: Store, clock: HandClock, swallows: bool) -> None:
    id = announce(store)
    seen: list[str] = []

    def other(run: JobRun) -> None:
        with run.writing() as session:
            session.add(Team(name="other", created_at=NOW))

    def do(run: JobRun) -> None:
        with run.writing() as session:
            session.add(Team(name="before", created_at=NOW))
        clock.move(LEASE + SECOND)
        assert worker(store, other, clock).run_one()
        with pytest.raises(LeaseLostError):
            run.cancel_asked()
        try:
            with run.writing() as session:
                seen.append("was let in")
                session.add(Team(name="after", created_at=NOW))
        except LeaseLostError:
            seen.append("refused")
            if not swallows:
                raise

    worker(store, do, clock).run_one()
    assert seen == ["refused"]
    assert team_names(store) == {"before", "other"}
    assert (the(store, id).state, the(store, id).tries, the(store, id).error) == ("done", 2, None)


def test_an_error_of_who_lost_the_lease_is_nobodys(store: Store, clock: HandClock) -> None:
    id = announce(store)

    def do(_run: JobRun) -> None:
        clock.move(LEASE + SECOND)
        assert worker(store, lambda _run: None, clock).run_one()
        raise ValueError("too late")

    worker(store, do, clock).run_one()
    assert (the(store, id).state, the(store, id).error) == ("done", None)


def test_the_heart_keeps_a_lease_while_the_handler_thinks(store: Store, clock: HandClock) -> None:
    lease_seconds = 0.3
    id = announce(store)
    rival = worker(store, lambda _run: None, clock, lease_seconds=lease_seconds)

    def leased_until() -> datetime:
        moment = the(store, id).leased_until
        assert moment
        return moment

    def do(_run: JobRun) -> None:
        for _ in range(5):
            now = clock.move(timedelta(seconds=lease_seconds * 0.7))
            until(lambda now=now: leased_until() > now + timedelta(seconds=lease_seconds * 0.9))  # type: ignore[misc]
            assert not rival.run_one()

    worker(store, do, clock, lease_seconds=lease_seconds).run_one()
    assert (the(store, id).state, the(store, id).tries) == ("done", 1)


def test_a_transaction_longer_than_the_lease_is_not_interrupted(store: Store, clock: HandClock) -> None:
    id = announce(store)
    ran: list[str] = []
    rival = worker(store, lambda _run: ran.append("rival"), clock)
    taken: list[bool] = []
    thread = threading.Thread(target=lambda: taken.append(rival.run_one()))

    def do(run: JobRun) -> None:
        with run.writing() as session:
            clock.move(10 * LEASE)
            # On SQLite the rival waits for the end of the transaction, on PostgreSQL it passes over the locked row.
            thread.start()
            if not store.is_sqlite:
                thread.join()
            session.add(Team(name="long", created_at=NOW))
        thread.join()
        ran.append("owner")

    worker(store, do, clock).run_one()
    assert (ran, taken) == (["owner"], [False])
    assert (the(store, id).state, the(store, id).tries) == ("done", 1)


def test_several_workers_run_every_job_once(store: Store) -> None:
    made = {announce(store) for _ in range(60)}
    ran: list[int] = []
    running: set[int] = set()

    def do(run: JobRun) -> None:
        assert run.job_id not in running
        running.add(run.job_id)
        with run.writing() as session:
            session.add(Team(name=str(run.job_id), created_at=NOW))
        ran.append(run.job_id)
        running.remove(run.job_id)

    stop = threading.Event()
    threads = [
        threading.Thread(target=Worker(store, {"do": do}, idle_seconds=0.01).run_until_stopped, args=(stop,))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    until(lambda: len(ran) >= len(made))
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(ran) == sorted(made)
    with store.reading() as session:
        assert session.scalar(select(func.max(Job.tries))) == 1
        assert jobs.count_by_state(session) == {"done": len(made)}


# --- periodic jobs and tidying -----------------------------------------------------------------------


def test_a_periodic_job_comes_once_a_round_however_many_workers_there_are(store: Store, clock: HandClock) -> None:
    ran: list[datetime] = []
    every = Periodic("do", 600)
    crew = [Worker(store, {"do": lambda run: ran.append(run.now())}, clock=clock, periodic=[every]) for _ in range(3)]
    for minutes in range(25):
        clock.time = NOW + timedelta(minutes=minutes, seconds=30)
        for it in crew:
            it._announce_periodic()
            it.run_one()
    assert ran == [NOW + timedelta(minutes=minutes, seconds=30) for minutes in (10, 20)]


def test_a_periodic_job_keeps_its_last_rounds_only(store: Store, clock: HandClock) -> None:
    every = Periodic("do", 60)
    it = Worker(store, {"do": lambda _run: None}, clock=clock, periodic=[every])
    for _ in range(40):
        it._announce_periodic()
        it.run_one()
        clock.move(timedelta(seconds=60))
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Job)) in range(20, 24)


def test_a_periodic_job_that_failed_for_good_comes_again(store: Store, clock: HandClock) -> None:
    def do(_run: JobRun) -> None:
        raise InputError

    it = Worker(store, {"do": do}, clock=clock, periodic=[Periodic("do", 60)])
    for _ in range(3):
        it._announce_periodic()
        clock.move(timedelta(seconds=60))
        it.run_one()
    with store.reading() as session:
        assert jobs.count_by_state(session) == {"failed": 3, "waiting": 1}


@pytest.mark.parametrize(
    ("moment", "seconds_on"), [(NOW, 600), (NOW + SECOND, 599), (NOW + timedelta(seconds=599.5), 0.5)]
)
def test_rounds_begin_at_full_multiples(moment: datetime, seconds_on: float) -> None:
    assert Periodic("do", 600).next_after(moment) == moment + timedelta(seconds=seconds_on)


def test_whatever_is_periodic_has_a_handler() -> None:
    assert {one.kind for one in PERIODIC} <= set(HANDLERS)


def test_tidying_removes_what_has_had_its_time_and_nothing_else(store: Store, clock: HandClock) -> None:
    day = timedelta(days=1)
    with store.writing() as session:
        user = User(login="li", name="李", password_hash="", created_at=NOW)
        session.add(user)
        session.flush()
        for token, ends_at in (("ended", NOW - SECOND), ("open", NOW + SECOND)):
            session.add(
                UserSession(
                    token_hash=token, user_id=user.id, address="", created_at=NOW, last_seen_at=NOW, ends_at=ends_at
                )
            )
        session.add_all(LoginFailure(login_hash="old", address="", at=NOW - day - SECOND) for _ in range(1100))
        session.add(LoginFailure(login_hash="new", address="", at=NOW - day + SECOND))
        for kind, finished_at in (("old", NOW - 30 * day - SECOND), ("new", NOW - 30 * day + SECOND)):
            for state in sorted(jobs.ENDED):
                session.add(
                    Job(
                        kind=kind, payload={}, state=state, run_after=finished_at, created_at=finished_at,
                        finished_at=finished_at,
                    )
                )  # fmt: skip
        session.add(Job(kind="waits", payload={}, run_after=NOW - 60 * day, created_at=NOW - 60 * day))
    id = announce(store, "tidy")
    assert Worker(store, HANDLERS, clock=clock).run_one()
    with store.reading() as session:
        assert list(session.scalars(select(UserSession.token_hash))) == ["open"]
        assert list(session.scalars(select(LoginFailure.login_hash))) == ["new"]
        assert sorted(session.scalars(select(Job.kind))) == ["new", "new", "new", "tidy", "waits"]
    assert (the(store, id).state, the(store, id).done_count) == ("done", 1 + 1100 + 3)


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


@contextmanager
def process(repository: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"}
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=repository, env=environment, stderr=subprocess.PIPE
    ) as started:  # fmt: skip
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_makes_a_worker_give_its_job_back_and_leave(
    store: Store, store_url: str, repository: Path, number: signal.Signals
) -> None:
    id = announce(store, "count", {"to": 10**6, "pause_seconds": 0.01})
    with process(repository, "-m", "tests.counting", store_url) as it:
        until(lambda: the(store, id).done_count > 0)
        it.send_signal(number)
        _, said = it.communicate(timeout=60)
        assert (it.returncode, said) == (0, b"")
    job = the(store, id)
    assert (job.state, job.tries, job.owner) == ("waiting", 0, None)
    assert written(store) == list(range(job.done_count))
    assert job.done_count % ROWS_A_TRANSACTION == 0


def test_the_command_does_jobs_until_it_is_stopped(store: Store, store_url: str, repository: Path) -> None:
    id = announce(store, "tidy")
    call = "from qaplatform.cli import main; main()"
    with process(repository, "-c", call, "worker", "--database", store_url, "--lease-seconds", "5") as it:
        until(lambda: the(store, id).state == "done")
        it.send_signal(signal.SIGTERM)
        _, said = it.communicate(timeout=60)
    assert it.returncode == 0
    lines = [line.split(" ", 2)[2] for line in said.decode().splitlines()]
    assert [re.sub("[0-9a-f]{32}", "ID", line) for line in lines] == [
        "INFO worker ID started",
        "INFO worker ID stopped",
    ]
    assert "stopped" in said.decode()


def test_the_command_wants_a_database_of_its_form(repository: Path, tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    call = "from qaplatform.cli import main; main()"
    with process(repository, "-c", call, "worker", "--database", f"sqlite:///{path}") as it:
        _, said = it.communicate(timeout=60)
    assert (it.returncode, path.exists()) == (1, False)
    assert "start the server once" in said.decode()


# --- kills -------------------------------------------------------------------------------------------

_ROWS_A_KILL = 1200
"""More than a worker can write until it is killed, so that every kill finds something to interrupt."""


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.full)])
def test_a_worker_killed_again_and_again_loses_nothing_and_doubles_nothing(
    store: Store, store_url: str, repository: Path, kills: int
) -> None:
    to = _ROWS_A_KILL * kills
    id = announce(store, "count", {"to": to, "pause_seconds": 0.005}, total=to)
    chance = random.Random(f"{kills} {time.time_ns() if FULL else 0}")
    owner: str | None = None
    for _ in range(kills):
        with process(repository, "-m", "tests.counting", store_url) as it:
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
    with process(repository, "-m", "tests.counting", store_url):
        until(lambda: the(store, id).state != "running")
    job = the(store, id)
    assert (job.state, job.done_count, job.error) == ("done", to, None)
    assert written(store) == list(range(to))


def test_workers_that_sleep_through_their_leases_double_nothing(store: Store, store_url: str, repository: Path) -> None:
    to = 6000
    id = announce(store, "count", {"to": to, "pause_seconds": 0.005}, total=to)
    chance = random.Random(0)
    with (
        process(repository, "-m", "tests.counting", store_url) as one,
        process(repository, "-m", "tests.counting", store_url) as other,
    ):
        until(lambda: the(store, id).done_count > 0)
        for asleep in (one, other) * 2:
            # Wherever it is: in a transaction, which others wait for, or between two, where the job is taken over.
            asleep.send_signal(signal.SIGSTOP)
            time.sleep(1.3)
            asleep.send_signal(signal.SIGCONT)
            time.sleep(chance.uniform(0, 0.2))
        until(lambda: the(store, id).state not in {"running", "waiting"})
        for awake in (one, other):
            awake.send_signal(signal.SIGTERM)
            _, said = awake.communicate(timeout=60)
            assert (awake.returncode, said) == (0, b"")
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

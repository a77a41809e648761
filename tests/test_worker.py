"""The worker: one job at a time, one worker a job, whatever happens to either."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from qaplatform.errors import InputError
from qaplatform.services.jobs import JobCancelledError, JobRun, LeaseLostError
from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.tables import Job, LoginFailure, Team, User, UserSession
from qaplatform.worker import HANDLERS, PERIODIC, Periodic, Worker
from tests.working import NOW, HandClock, announce, team_names, the, until, worker

LEASE = timedelta(seconds=60)


SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


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

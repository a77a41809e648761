"""Jobs in the database: announced, leased, ended, by one owner at a time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.tables import Job

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)


def announce(store: Store, kind: str = "count", **more: Any) -> int:
    with store.writing() as session:
        return jobs.announce(session, kind, {"to": 3}, now=more.pop("now", NOW), **more)


def claim(store: Store, owner: str = "a", now: datetime = NOW, kinds: tuple[str, ...] = ("count",)) -> Job | None:
    with store.writing() as session:
        return jobs.claim(session, owner=owner, now=now, lease=LEASE, kinds=kinds)


def lose(store: Store, times: int) -> datetime:
    """Let workers take the job and vanish; the moment when the last lease has run out."""
    for number in range(times):
        assert claim(store, f"lost {number}", NOW + number * 2 * LEASE)
    return NOW + times * 2 * LEASE


def the(store: Store, job_id: int) -> Job:
    with store.reading() as session:
        return session.get_one(Job, job_id)


def change(store: Store, job_id: int, **values: Any) -> None:
    with store.writing() as session:
        session.execute(update(Job).where(Job.id == job_id).values(values))


# --- announcing --------------------------------------------------------------------------------------


def test_an_announced_job_waits_with_all_that_was_said(store: Store) -> None:
    job = the(store, announce(store, total=9, run_after=NOW + SECOND))
    assert (job.kind, job.payload, job.state, job.total_count) == ("count", {"to": 3}, "waiting", 9)
    assert (job.created_at, job.run_after, job.tries, job.owner) == (NOW, NOW + SECOND, 0, None)


def test_a_job_announced_in_a_transaction_that_rolls_back_does_not_exist(store: Store) -> None:
    def half() -> None:
        with store.writing() as session:
            jobs.announce(session, "count", {}, now=NOW, unique_key="k")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert claim(store) is None
    assert announce(store, unique_key="k")


def test_a_busy_key_gives_the_job_that_has_it(store: Store) -> None:
    first = announce(store, unique_key="k")
    assert announce(store, unique_key="k") == first
    assert claim(store)
    assert announce(store, unique_key="k") == first
    assert announce(store, unique_key="other") != first
    assert announce(store) != announce(store)


@pytest.mark.parametrize("end", ["finish", "cancel", "fail"])
def test_a_key_is_free_again_when_its_job_has_ended(store: Store, end: str) -> None:
    first = announce(store, unique_key="k")
    claim(store)
    with store.writing() as session:
        if end == "finish":
            jobs.finish(session, first, owner="a", now=NOW)
        elif end == "cancel":
            jobs.end_cancelled(session, first, owner="a", now=NOW)
        else:
            jobs.fail(session, first, owner="a", now=NOW, error="x", again_at=None)
    assert announce(store, unique_key="k") != first
    assert the(store, first).ended_key == "k"


def test_many_who_announce_one_key_at_once_make_one_job(store: Store) -> None:
    together = threading.Barrier(6)
    made: list[int] = []

    def announce_it() -> None:
        together.wait()
        made.append(announce(store, unique_key="k"))

    in_threads(announce_it, 6)
    assert len(made) == 6
    assert len(set(made)) == 1


def in_threads(act: Any, count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- claiming ----------------------------------------------------------------------------------------


def test_a_claim_takes_what_was_due_first(store: Store) -> None:
    late, early, _future = (announce(store, run_after=NOW + after * SECOND) for after in (0, -5, 1))
    assert [job and job.id for job in (claim(store), claim(store), claim(store))] == [early, late, None]


def test_a_claim_leases_the_job_and_counts_the_try(store: Store) -> None:
    announce(store)
    job = claim(store, "a")
    assert job
    assert (job.state, job.owner, job.leased_until, job.tries, job.started_at) == ("running", "a", NOW + LEASE, 1, NOW)


def test_kinds_the_worker_does_not_know_are_left_for_others(store: Store) -> None:
    announce(store, "other")
    assert claim(store) is None
    assert claim(store, kinds=("count", "other"))


def test_nobody_takes_a_job_whose_lease_still_runs(store: Store) -> None:
    announce(store)
    claim(store, "a")
    assert claim(store, "b", NOW + LEASE) is None


def test_a_job_whose_lease_has_run_out_is_taken_over_before_others(store: Store) -> None:
    lost = announce(store)
    claim(store, "a")
    announce(store, run_after=NOW - SECOND)
    job = claim(store, "b", NOW + LEASE + SECOND)
    assert job
    assert (job.id, job.owner, job.tries) == (lost, "b", 2)


def test_a_job_whose_tries_are_used_up_has_failed_and_says_why(store: Store) -> None:
    lost = announce(store, unique_key="k")
    after = lose(store, 5)
    assert claim(store, "b", after) is None
    job = the(store, lost)
    assert (job.state, job.error, job.finished_at, job.unique_key) == ("failed", jobs.TRIES_USED_UP, after, None)


def test_a_job_to_be_cancelled_is_not_taken_over(store: Store) -> None:
    lost = announce(store)
    after = lose(store, 1)
    with store.writing() as session:
        jobs.cancel(session, lost, now=NOW)
    assert claim(store, "b", after) is None
    assert the(store, lost).state == "cancelled"


def test_no_two_claim_the_same_job(store: Store) -> None:
    made = {announce(store) for _ in range(40)}
    taken: list[int] = []

    def take_all() -> None:
        owner = threading.current_thread().name
        while job := claim(store, owner):
            taken.append(job.id)

    in_threads(take_all, 4)
    assert sorted(taken) == sorted(made)


def test_no_two_take_over_the_same_job(store: Store) -> None:
    made = {announce(store) for _ in range(20)}
    while claim(store, "lost"):
        pass
    taken: list[int] = []

    def take_all() -> None:
        owner = threading.current_thread().name
        while job := claim(store, owner, NOW + 2 * LEASE):
            taken.append(job.id)

    in_threads(take_all, 4)
    assert sorted(taken) == sorted(made)


@pytest.mark.parametrize(
    ("state", "run_after", "leased_until", "due"),
    [
        ("waiting", NOW, None, True),
        ("waiting", NOW + SECOND, None, False),
        ("running", NOW, NOW, False),
        ("running", NOW, NOW - SECOND, True),
        ("done", NOW, None, False),
        ("failed", NOW, None, False),
    ],
)
def test_looking_says_whether_a_claim_may_find_something(
    store: Store, state: str, run_after: datetime, leased_until: datetime | None, due: bool
) -> None:
    change(store, announce(store), state=state, run_after=run_after, leased_until=leased_until)
    with store.reading() as session:
        assert jobs.is_any_due(session, now=NOW, kinds=("count",)) == due


# --- holding -----------------------------------------------------------------------------------------


def test_only_the_owner_renews_holds_and_moves_on(store: Store) -> None:
    id = announce(store)
    claim(store, "a")
    with store.writing() as session:
        assert not jobs.beat(session, id, owner="b", until=NOW + 2 * LEASE)
        assert not jobs.hold_lease(session, id, owner="b")
        assert not jobs.progress(session, id, owner="b", done=1)
        assert jobs.is_cancel_asked(session, id, owner="b") is None
        assert jobs.hold_lease(session, id, owner="a")
        assert jobs.beat(session, id, owner="a", until=NOW + 2 * LEASE)
        assert jobs.progress(session, id, owner="a", done=2, total=7, note="two")
    job = the(store, id)
    assert (job.leased_until, job.done_count, job.total_count, job.note) == (NOW + 2 * LEASE, 2, 7, "two")


def test_progress_without_a_total_keeps_the_total(store: Store) -> None:
    id = announce(store, total=9)
    claim(store)
    with store.writing() as session:
        jobs.progress(session, id, owner="a", done=2)
    assert the(store, id).total_count == 9


def test_a_try_that_got_further_counts_as_the_first(store: Store) -> None:
    id = announce(store)
    after = lose(store, 4)
    claim(store, "a", after)
    with store.writing() as session:
        jobs.progress(session, id, owner="a", done=1, is_further=True)
    again = claim(store, "b", after + 2 * LEASE)
    assert again
    assert (again.tries, again.started_count) == (2, 1)


@pytest.mark.parametrize("text", ["a\0b", "half \ud800 a character", "long" * 1000])
def test_notes_and_errors_of_any_kind_can_be_kept(store: Store, text: str) -> None:
    id = announce(store)
    claim(store)
    with store.writing() as session:
        jobs.progress(session, id, owner="a", done=1, note=text)
        jobs.fail(session, id, owner="a", now=NOW, error=text, again_at=None)
    assert len(the(store, id).note) <= 300


# --- ending ------------------------------------------------------------------------------------------


def test_finishing_twice_is_finishing_once(store: Store) -> None:
    id = announce(store)
    claim(store)
    with store.writing() as session:
        assert not jobs.finish(session, id, owner="b", now=NOW)
        assert jobs.finish(session, id, owner="a", now=NOW)
    with store.writing() as session:
        assert jobs.finish(session, id, owner="a", now=NOW + SECOND)
        assert not jobs.finish(session, id, owner="b", now=NOW + SECOND)
    assert (the(store, id).state, the(store, id).finished_at) == ("done", NOW)


def test_a_failed_try_waits_and_keeps_its_error_until_tries_are_used_up(store: Store) -> None:
    id = announce(store)
    states = []
    for number in range(5):
        now = NOW + number * SECOND
        assert claim(store, now=now)
        with store.writing() as session:
            error = f"error {number}"
            states.append(jobs.fail(session, id, owner="a", now=now, error=error, again_at=now + SECOND))
        assert the(store, id).error == f"error {number}"
        assert claim(store, now=now) is None
    assert states == ["waiting"] * 4 + ["failed"]
    assert (the(store, id).tries, the(store, id).finished_at) == (5, NOW + 4 * SECOND)


@pytest.mark.parametrize(
    ("asked", "again_at", "state"),
    [
        (False, NOW + SECOND, "waiting"),
        (False, None, "failed"),
        (True, NOW + SECOND, "cancelled"),
        (True, None, "cancelled"),
    ],
)
def test_what_a_failed_try_leads_to(store: Store, asked: bool, again_at: datetime | None, state: str) -> None:
    id = announce(store)
    claim(store)
    change(store, id, cancel_asked=asked)
    with store.writing() as session:
        assert jobs.fail(session, id, owner="b", now=NOW, error="x", again_at=again_at) is None
        assert jobs.fail(session, id, owner="a", now=NOW, error="x", again_at=again_at) == state
    assert the(store, id).state == state


@pytest.mark.parametrize(("asked", "state"), [(False, "waiting"), (True, "cancelled")])
def test_a_job_given_back_has_not_been_tried(store: Store, asked: bool, state: str) -> None:
    id = announce(store)
    claim(store)
    change(store, id, cancel_asked=asked)
    with store.writing() as session:
        assert not jobs.give_back(session, id, owner="b", now=NOW)
        assert jobs.give_back(session, id, owner="a", now=NOW)
    assert the(store, id).state == state
    assert the(store, id).leased_until is None
    if not asked:
        again = claim(store, "b")
        assert again
        assert again.tries == 1


@pytest.mark.parametrize(
    ("done", "total", "seconds", "begun", "per_second", "left"),
    [
        (50, 200, 10, 0, 5.0, 30.0),
        (150, 200, 10, 100, 5.0, 10.0),
        (50, None, 10, 0, 5.0, None),
        (200, 200, 10, 0, 20.0, 0.0),
        (300, 200, 10, 0, 30.0, 0.0),
        (50, 200, 10, 100, 5.0, 30.0),  # began anew
        (0, 200, 10, 0, None, None),
        (100, 200, 10, 100, None, None),
        (50, 200, 0, 0, None, None),
        (50, 200, -3, 0, None, None),
        (50, 200, None, 0, None, None),
    ],
)
def test_the_pace_is_that_of_the_newest_try(
    done: int, total: int | None, seconds: int | None, begun: int, per_second: float | None, left: float | None
) -> None:
    started_at = None if seconds is None else NOW - timedelta(seconds=seconds)
    went = jobs.pace(done=done, total=total, started_at=started_at, until=NOW, started_count=begun)
    assert went == jobs.Pace(per_second, left)


def test_old_rounds_of_a_key_are_removed(store: Store) -> None:
    kept = announce(store)
    for number in range(3):
        id = announce(store, unique_key="k", run_after=NOW - SECOND)
        claim(store)
        with store.writing() as session:
            jobs.finish(session, id, owner="a", now=NOW + number * SECOND)
    with store.writing() as session:
        jobs.remove_done_of_key(session, "k", kind="count", before=NOW + 2 * SECOND)
    with store.reading() as session:
        assert set(session.scalars(select(Job.id))) == {kept, id}

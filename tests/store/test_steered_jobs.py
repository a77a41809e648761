"""What people do with jobs: cancel them, try them again, look at their list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.jobs import JobFilter, KeyBusyError
from qaplatform.store.tables import User
from tests.store.test_jobs import NOW, SECOND, announce, claim, lose, the


def test_a_waiting_job_is_cancelled_at_once_a_running_one_is_asked(store: Store) -> None:
    id = announce(store)
    running = announce(store, run_after=NOW - SECOND)
    claim(store)
    with store.writing() as session:
        assert jobs.cancel(session, id, now=NOW) == "cancelled"
        assert jobs.cancel(session, id, now=NOW) is None
        assert jobs.cancel(session, running, now=NOW) == "running"
        assert jobs.cancel(session, 999, now=NOW) is None
        assert jobs.is_cancel_asked(session, running, owner="a")
        assert jobs.end_cancelled(session, running, owner="a", now=NOW)
    assert {the(store, one).state for one in (id, running)} == {"cancelled"}


def test_a_retried_job_waits_with_all_its_tries_and_its_key(store: Store) -> None:
    id = announce(store, unique_key="k")
    assert claim(store, "b", lose(store, 5)) is None
    later = NOW + timedelta(days=1)
    with store.writing() as session:
        assert jobs.retry(session, id, now=later)
        assert not jobs.retry(session, id, now=later)
    job = the(store, id)
    assert (job.state, job.tries, job.run_after, job.error, job.finished_at) == ("waiting", 0, later, None, None)
    assert announce(store, unique_key="k") == id


def test_a_job_is_not_retried_while_another_has_its_key(store: Store) -> None:
    id = announce(store, unique_key="k")
    with store.writing() as session:
        jobs.cancel(session, id, now=NOW)
    other = announce(store, unique_key="k")
    with store.writing() as session:
        with pytest.raises(KeyBusyError):
            jobs.retry(session, id, now=NOW)
        # The transaction goes on.
        assert jobs.cancel(session, other, now=NOW) == "cancelled"
    assert the(store, id).state == "cancelled"
    with store.writing() as session:
        assert jobs.retry(session, id, now=NOW)


def test_lists_are_narrowed_paged_and_newest_first(store: Store) -> None:
    with store.writing() as session:
        user = User(login="li", name="李", password_hash="", created_at=NOW)
        session.add(user)
        session.flush()
        user_id = user.id
    a, b, c = announce(store), announce(store, "other", user_id=user_id), announce(store)
    claim(store)
    with store.reading() as session:
        rows = jobs.listed(session, JobFilter())
        assert [(job.id, name) for job, name in rows] == [(c, None), (b, "李"), (a, None)]
        shown = {
            "page": jobs.listed(session, JobFilter(), before_id=c, limit=1),
            "state": jobs.listed(session, JobFilter(states=frozenset({"running"}))),
            "kind": jobs.listed(session, JobFilter(kinds=frozenset({"count"}))),
            "user": jobs.listed(session, JobFilter(user_id=user_id)),
        }
        assert {name: [job.id for job, _ in rows] for name, rows in shown.items()} == {
            "page": [b], "state": [a], "kind": [c, a], "user": [b],
        }  # fmt: skip
        assert jobs.count_by_state(session) == {"running": 1, "waiting": 2}

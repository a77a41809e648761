"""What people do with jobs, and what handlers' errors come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from qaplatform.errors import InputError, QAPlatformError
from qaplatform.services import jobs as services
from qaplatform.services.jobs import JobHasEndedError, JobKeyBusyError, JobNotFoundError, JobNotToRetryError
from qaplatform.store import jobs
from qaplatform.store.engine import Store
from qaplatform.store.jobs import JobFilter
from qaplatform.store.tables import Activity, Team, User

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)


def announce(store: Store, **more: Any) -> int:
    with store.writing() as session:
        return jobs.announce(session, "count", {}, now=NOW, **more)


def start(store: Store) -> None:
    with store.writing() as session:
        assert jobs.claim(session, owner="a", now=NOW, lease=LEASE, kinds=("count",))


def logged(store: Store) -> list[tuple[str, str, int | None, int | None, dict[str, Any]]]:
    with store.reading() as session:
        lines = session.scalars(select(Activity).order_by(Activity.id))
        return [(one.action, one.subject_kind, one.subject_id, one.user_id, one.details) for one in lines]


@pytest.fixture
def user_id(store: Store) -> int:
    with store.writing() as session:
        user = User(login="li", name="李", password_hash="", created_at=NOW)
        session.add(user)
        session.flush()
        return user.id


def test_cancelling_and_retrying_are_put_into_the_activity_log(store: Store, user_id: int) -> None:
    id = announce(store, user_id=user_id)
    with store.writing() as session:
        cancelled = services.cancel(session, id, now=NOW, user_id=user_id)
        waiting = services.retry(session, id, now=NOW, user_id=None)
    assert (cancelled.state, cancelled.user_name, cancelled.may_cancel, cancelled.may_retry) == (
        "cancelled", "李", False, True,
    )  # fmt: skip
    assert (waiting.state, waiting.may_cancel, waiting.may_retry) == ("waiting", True, False)
    assert logged(store) == [("jobs.cancel", "job", id, user_id, {}), ("jobs.retry", "job", id, None, {})]


def test_a_running_job_is_stopping_until_it_has_stopped(store: Store) -> None:
    id = announce(store)
    start(store)
    with store.writing() as session:
        view = services.cancel(session, id, now=NOW, user_id=None)
    assert (view.state, view.is_stopping, view.may_cancel, view.may_retry) == ("running", True, False, False)


def test_what_cannot_be_done_says_why_and_is_not_logged(store: Store) -> None:
    done, waiting, keyed = announce(store), announce(store), announce(store, unique_key="k")
    start(store)
    with store.writing() as session:
        jobs.finish(session, done, owner="a", now=NOW)
        jobs.cancel(session, keyed, now=NOW)
    announce(store, unique_key="k")
    act: Any
    with store.writing() as session:
        for act, id, error in (
            (services.cancel, done, JobHasEndedError),
            (services.cancel, keyed, JobHasEndedError),
            (services.cancel, 999, JobNotFoundError),
            (services.retry, done, JobNotToRetryError),
            (services.retry, waiting, JobNotToRetryError),
            (services.retry, 999, JobNotFoundError),
            (services.retry, keyed, JobKeyBusyError),
        ):
            with pytest.raises(error) as raised:
                act(session, id, now=NOW, user_id=None)
            assert raised.value.code
        with pytest.raises(JobNotFoundError):
            services.one(session, 999, now=NOW)
    assert logged(store) == []


def test_a_view_has_progress_rate_and_time_left(store: Store) -> None:
    id = announce(store, total=400)
    start(store)
    with store.writing() as session:
        jobs.progress(session, id, owner="a", done=100, note="file 1")
    with store.reading() as session:
        view = services.one(session, id, now=NOW + timedelta(seconds=10))
    assert (view.done, view.total, view.done_ratio, view.note) == (100, 400, 0.25, "file 1")
    assert (view.per_second, view.seconds_left) == (10.0, 30.0)
    with store.writing() as session:
        jobs.progress(session, id, owner="a", done=400)
        jobs.finish(session, id, owner="a", now=NOW + timedelta(seconds=20))
    with store.reading() as session:
        view = services.one(session, id, now=NOW + timedelta(days=1))
    assert (view.per_second, view.seconds_left, view.done_ratio) == (20.0, None, 1.0)


def test_pages_lead_to_each_other_until_the_end(store: Store) -> None:
    made = [announce(store) for _ in range(5)]
    seen: list[int] = []
    before_id: int | None = None
    with store.reading() as session:
        for _ in range(3):
            page = services.listed(session, JobFilter(), now=NOW, before_id=before_id, limit=2)
            seen += [job.id for job in page.jobs]
            before_id = page.before_id
    assert (seen, before_id) == (made[::-1], None)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 5), (2, 20), (3, 80), (4, 320), (5, 900), (1000, 900)])
def test_each_try_comes_later_than_the_one_before(tries: int, seconds: int) -> None:
    again_at = services.next_try_at(ValueError("x"), tries=tries, now=NOW)
    assert again_at == NOW + timedelta(seconds=seconds)


def test_what_is_wrong_with_an_input_is_not_tried_again() -> None:
    assert services.next_try_at(InputError("not a table"), tries=1, now=NOW) is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("no number"), "ValueError: no number"),
        (ValueError("first\nsecond"), "ValueError: first"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (InputError("not a table", file="x.xlsx", line=3), "x.xlsx:3: not a table"),
        (QAPlatformError(), "The work could not be done."),
    ],
)
def test_errors_are_said_in_one_line(error: Exception, said: str) -> None:
    assert services.said_of(error) == said


@pytest.mark.both_databases
def test_what_people_wrote_is_not_in_a_database_error(store: Store) -> None:
    with pytest.raises(IntegrityError) as raised, store.writing() as session:
        session.add_all([Team(name="金丝雀", created_at=NOW) for _ in range(2)])
    assert services.said_of(raised.value).startswith("IntegrityError: ")
    assert "金丝雀" not in services.said_of(raised.value)


@dataclass(frozen=True)
class _Asked:
    """Only what is asked here of a run."""

    asked: bool

    def cancel_asked(self) -> bool:
        return self.asked


def test_a_handler_with_nothing_to_clean_up_stops_when_asked() -> None:
    run: Any = _Asked(asked=False)
    services.stop_if_cancelled(run)
    run = _Asked(asked=True)
    with pytest.raises(services.JobCancelledError):
        services.stop_if_cancelled(run)

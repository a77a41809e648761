"""The jobs page: what is going on, for those it concerns; cancelling and trying again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.services.jobs import BY_ITSELF
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, Import, Job
from qaplatform.web.jobs import KINDS
from qaplatform.worker import HANDLERS, PERIODIC
from tests.web.conftest import SignIn
from tests.web.importing import as_part, confirm, counts_of, csv_of, upload, work


@pytest.fixture
def jobs(store: Store, people: None) -> dict[str, int]:  # noqa: ARG001 - somebody asked for them
    """A job of every state, and some that come by themselves; ids by name."""
    now = clock.now()
    rows = {
        state: Job(kind="reaudit", payload={}, state=state, run_after=now, created_at=now, user_id=2)
        for state in ("waiting", "running", "done", "failed", "cancelled")
    }
    rows["running"].done_count, rows["running"].total_count, rows["running"].tries = 300, 1200, 1
    rows["running"].started_at, rows["running"].note = now - timedelta(seconds=100), "299"
    rows["failed"].error, rows["failed"].tries = "NoSpaceError: the disk is full", 5
    rows["watched"] = Job(kind="watch", payload={}, state="done", run_after=now, created_at=now)
    rows["unwatched"] = Job(kind="watch", payload={}, state="failed", run_after=now, created_at=now)
    rows["unknown"] = Job(kind="something.new", payload={}, state="done", run_after=now, created_at=now)
    with store.writing() as session:
        session.add_all(rows.values())
        session.flush()
        return {name: row.id for name, row in rows.items()}


def test_the_list_names_the_file_of_an_import(signed_in: SignIn) -> None:
    client = signed_in("lead")
    confirm(client, upload(client, "十一月聊天记录.csv", csv_of(), shop="1"))
    assert "十一月聊天记录.csv" in client.get("/jobs").text


def test_every_kind_of_job_has_its_words() -> None:
    assert HANDLERS.keys() <= KINDS.keys()
    assert {one.kind for one in PERIODIC} <= BY_ITSELF


def test_the_list_says_how_far_and_how_fast(signed_in: SignIn, jobs: dict[str, int]) -> None:
    page = signed_in("lead").get("/jobs").text
    for said in (
        "重新质检",
        "something.new",
        "25%",
        "300 / 1,200",
        "每秒 3",
        "还需约 5 分",
        "梁书瑶",
        "5 / 5",
        "NoSpaceError",
    ):
        assert said in page, said
    assert f"/jobs/{jobs['watched']}" not in page


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", {"waiting", "running", "done", "failed", "cancelled", "unknown"}),
        ("?state=running", {"running"}),
        ("?state=done", {"done", "unknown"}),
        ("?state=failed", {"failed", "unwatched"}),
        ("?state=done&all=1", {"done", "unknown", "watched"}),
        ("?state=nonsense", {"waiting", "running", "done", "failed", "cancelled", "unknown"}),
        ("?before=x", {"waiting", "running", "done", "failed", "cancelled", "unknown"}),
    ],
)
def test_tabs_show_their_jobs_and_those_that_come_by_themselves_only_where_they_failed(
    signed_in: SignIn, jobs: dict[str, int], asked: str, shown: set[str]
) -> None:
    page = signed_in("lead").get(f"/jobs{asked}").text
    assert {name for name, id in jobs.items() if f'href="/jobs/{id}"' in page} == shown


def test_the_list_goes_on_behind_its_last_job(signed_in: SignIn, store: Store) -> None:
    now = clock.now()
    with store.writing() as session:
        session.add_all(Job(kind="reaudit", payload={}, state="done", run_after=now, created_at=now) for _ in range(40))
    client = signed_in("lead")
    first = client.get("/jobs").text
    assert 'href="/jobs?before=11"' in first
    assert 'href="/jobs/10"' in client.get("/jobs?before=11").text


def test_the_part_that_changes_renews_itself(signed_in: SignIn, store: Store, jobs: dict[str, int]) -> None:
    client = signed_in("lead")
    part = as_part(client, "/jobs?state=running")
    assert "<html" not in part.text
    assert 'hx-get="/jobs?state=running"' in part.text
    assert "hx-get" not in client.get("/jobs?state=done").text
    assert "hx-get" in as_part(client, f"/jobs/{jobs['running']}").text
    with store.writing() as session:
        session.get_one(Job, jobs["running"]).state = "done"
    assert "hx-get" not in as_part(client, f"/jobs/{jobs['running']}").text


def test_one_job_tells_all_of_it(signed_in: SignIn, jobs: dict[str, int]) -> None:
    client = signed_in("lead")
    page = client.get(f"/jobs/{jobs['failed']}").text
    assert "NoSpaceError: the disk is full" in page
    assert "重试" in page
    assert "取消任务" in client.get(f"/jobs/{jobs['running']}").text
    assert client.get("/jobs/99999").status_code == 404


def test_who_may_only_look_is_shown_no_buttons(signed_in: SignIn, jobs: dict[str, int]) -> None:
    admin = signed_in("admin")
    assert f'action="/jobs/{jobs["failed"]}/retry"' in admin.get("/jobs").text
    inspector = signed_in("inspector")
    assert inspector.get("/jobs").status_code == 403, "an inspector of one shop has no business with the whole house"


def test_jobs_are_cancelled_and_tried_again(signed_in: SignIn, store: Store, jobs: dict[str, int]) -> None:
    client = signed_in("admin")
    for name, act, state in (
        ("waiting", "cancel", "cancelled"),
        ("running", "cancel", "running"),
        ("failed", "retry", "waiting"),
        ("cancelled", "retry", "waiting"),
        ("done", "retry", "done"),
        ("done", "cancel", "done"),
    ):
        answer = client.submit(f"/jobs/{jobs[name]}/{act}", page="/jobs")
        assert (answer.status_code, answer.location) == (303, f"/jobs/{jobs[name]}")
        page = client.get(answer.location).text
        with store.reading() as session:
            assert session.get_one(Job, jobs[name]).state == state, (name, act)
        if name == "done":
            assert "只有失败或已取消的任务可以重试" in page or "任务已经结束" in page
        elif name == "running":
            assert "正在停止" in page
    with store.reading() as session:
        actions = list(
            session.scalars(select(Activity.action).where(Activity.subject_kind == "job").order_by(Activity.id))
        )
    assert actions == ["jobs.cancel", "jobs.cancel", "jobs.retry", "jobs.retry"]
    assert client.submit("/jobs/99999/cancel", page="/jobs").status_code == 404


def test_an_import_hears_of_what_is_made_of_its_job(signed_in: SignIn, store: Store) -> None:
    client = signed_in("boss")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    with store.reading() as session:
        job_id = session.scalars(select(Job.id)).one()
    page = client.get(f"/jobs/{job_id}").text
    assert f'href="/imports/{import_id}"' in page
    assert "0 B / " in page
    client.submit(f"/jobs/{job_id}/cancel", page="/jobs")
    assert counts_of(store, import_id)[0] == "cancelled"
    client.submit(f"/jobs/{job_id}/retry", page="/jobs")
    assert counts_of(store, import_id)[0] == "waiting"
    work(store)
    assert counts_of(store, import_id)[0] == "done"
    with store.reading() as session:
        assert session.get_one(Import, import_id).error is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_job_has_a_sound_page(signed_in: SignIn, jobs: dict[str, int], language: str) -> None:
    client = signed_in("boss")
    client.submit("/language", {"language": language}, page="/me")
    for id in jobs.values():
        assert client.get(f"/jobs/{id}").status_code == 200
    assert client.get("/jobs?all=1").status_code == 200

"""An import while it goes on, and its problems afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Import,
    ImportProblem,
    Job,
)
from tests.stores import count
from tests.web.conftest import SignIn
from tests.web.importing import (
    as_part,
    confirm,
    counts_of,
    csv_of,
    files_in,
    upload,
    work,
)

# --------------------------------------------------------------------------------------------- while it goes on


def test_the_part_that_changes_renews_itself_until_the_end(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    here = f"/imports/{import_id}"
    part = as_part(client, here)
    assert "<html" not in part.text
    assert 'hx-trigger="every 2s"' in part.text
    assert "hx-get" in as_part(client, "/imports").text
    work(store)
    assert as_part(client, here).headers["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(here).text
    assert "hx-get" not in client.get("/imports").text


def test_how_far_an_import_is_stands_on_its_page(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    with store.writing() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.owner, job.started_at = "running", "w", clock.now() - timedelta(seconds=100)
        job.done_count, job.total_count, job.tries = 1000, 4000, 2
        one = session.get_one(Import, import_id)
        one.state, one.position, one.new_count = "running", 500, 480
    page = client.get(f"/imports/{import_id}").text
    for said in ("25%", "每秒 5 通会话", "还需约 5 分", "第 2 次尝试", "480"):
        assert said in page, said
    assert "25%" in client.get("/imports").text


def test_an_import_that_waits_is_stopped_and_goes_on_later(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    here = f"/imports/{import_id}"
    assert "停止导入" in client.get(here).text
    assert client.submit(f"{here}/cancel", page=here).status_code == 303
    assert counts_of(store, import_id)[0] == "cancelled"
    assert work(store) == 0
    page = client.get(here).text
    assert "可以从停下的地方继续" in page
    client.submit(f"{here}/cancel", page=here)
    assert "状态已经变了" in client.get(here).text
    assert client.submit(f"{here}/retry", page=here).status_code == 303
    assert counts_of(store, import_id)[0] == "waiting"
    work(store)
    assert counts_of(store, import_id) == ("done", 2, 0, 0, 0, 1)
    client.submit(f"{here}/retry", page=here)
    assert counts_of(store, import_id)[0] == "done"


def test_an_import_whose_job_was_lost_says_so(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    with store.writing() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.ended_key, job.unique_key, job.error = "failed", job.unique_key, None, "The worker was lost"
    for address in (f"/imports/{import_id}", "/imports"):
        assert "失败" in client.get(address).text.partition("<main")[2]
    assert "The worker was lost" in client.get(f"/imports/{import_id}").text
    with store.writing() as session:
        session.add(Job(kind="uploads", payload={}, run_after=clock.now(), created_at=clock.now()))
    work(store)
    assert counts_of(store, import_id)[0] == "failed"
    here = f"/imports/{import_id}"
    client.submit(f"{here}/retry", page=here)
    work(store)
    assert counts_of(store, import_id)[0] == "done"


def test_nobody_confirms_twice(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    page = client.get(f"/imports/{import_id}/mapping").text
    confirm(client, import_id)
    assert page
    again = client.post(f"/imports/{import_id}/mapping", data={"csrf_token": client.token("/imports/new"), "shop": "1"})
    assert (again.status_code, again.location) == (303, f"/imports/{import_id}")
    assert count(store, Job) == 1


# --------------------------------------------------------------------------------------------- problems


@pytest.fixture
def troubled(store: Store, people: None) -> int:  # noqa: ARG001 - there must be a shop
    """An import with problems; its id."""
    with store.writing() as session:
        one = Import(
            shop_id=1, origin="upload", file_name="a.csv", file_bytes=1, file_hash="", options={}, state="done",
            rejected_count=40, created_at=clock.now(), finished_at=clock.now(),
        )  # fmt: skip
        session.add(one)
        session.flush()
        for place in range(60):
            rejected = place % 3 != 0
            code = ("bad_time", "unknown_role", "bad_value")[place % 3]
            session.add(
                ImportProblem(import_id=one.id, place=place, rejected=rejected, line=place + 2,
                              field="=cmd|calc: role" if place == 1 else "messages[3].sent_at", code=code, reason="why")
            )  # fmt: skip
        session.add(
            ImportProblem(
                import_id=one.id, place=60, rejected=True, line=99, field="x", code="brand_new", reason="=1+1 new"
            )
        )
        session.flush()
        return one.id


def test_problems_have_pages_and_kinds_and_the_worst_come_first(signed_in: SignIn, troubled: int) -> None:
    client = signed_in("lead")
    page = client.get(f"/imports/{troubled}").text
    assert "第 1–25 条，共 61 条" in page
    assert "已导入，请留意" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "第 51–61 条" in client.get(f"/imports/{troubled}?page=3").text
    kind = client.get(f"/imports/{troubled}?code=bad_time").text
    assert "共 20 条" in kind
    assert "messages[3].时间" in kind
    assert "=1+1 new" in client.get(f"/imports/{troubled}?code=brand_new").text
    assert "共 61 条" in client.get(f"/imports/{troubled}?code=nothing").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_problems_are_downloaded_in_ones_language_and_harmless(
    signed_in: SignIn, troubled: int, language: str
) -> None:
    client = signed_in("lead")
    client.submit("/language", {"language": language}, page="/me")
    answer = client.get(f"/imports/{troubled}/problems.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 62
    assert lines[0].startswith("行," if language == "zh" else "Line,")
    assert ("看不出是谁发的" if language == "zh" else "It does not say who wrote this") in lines[2]
    assert "'=cmd|calc" in lines[2]
    assert lines[-1].split(",")[3:5] == ["brand_new", "'=1+1 new"]


def test_nobody_downloads_anothers_problems(signed_in: SignIn, troubled: int) -> None:
    assert signed_in("manager").get(f"/imports/{troubled}/problems.csv").status_code == 404
    assert signed_in("agent").get(f"/imports/{troubled}/problems.csv").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_an_import_is_sound_in_every_state(
    app: Flask, signed_in: SignIn, store: Store, troubled: int, language: str
) -> None:
    client = signed_in("boss")
    client.submit("/language", {"language": language}, page="/me")
    draft = upload(client, "a.csv", csv_of())
    assert client.get(f"/imports/{draft}/mapping").status_code == 200
    assert client.get(f"/imports/{draft}").status_code == 200
    for state in ("waiting", "running", "done", "failed", "cancelled"):
        with store.writing() as session:
            one = session.get_one(Import, troubled)
            one.state, one.error, one.position = state, "the file is broken", 3
        assert client.get(f"/imports/{troubled}").status_code == 200
        assert client.get("/imports").status_code == 200
    assert len(files_in(app)) == 1
    assert all(isinstance(path, Path) for path in files_in(app))


def test_the_name_of_a_file_is_masked_wherever_it_stands(signed_in: SignIn) -> None:
    client = signed_in("boss")
    number = "13911112222"
    import_id = upload(client, f"聊天{number}.csv", csv_of(), shop="1")
    pages = [f"/imports/{import_id}/mapping", "/imports", "/imports/new"]
    shown = [client.get(page).text for page in pages]
    confirm(client, import_id)
    shown += [client.get(page).text for page in (f"/imports/{import_id}", "/imports", "/jobs", "/admin/activity")]
    assert all(number not in page for page in shown)
    assert all("聊天[手机号1].csv" in page for page in shown)

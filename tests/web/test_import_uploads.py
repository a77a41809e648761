"""Uploads: what is refused, what breaks off, and what is left behind."""

from __future__ import annotations

import gc
import io
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform import clock
from qaplatform.app import create_app
from qaplatform.services.uploads import ABANDONED_AFTER
from qaplatform.settings import MEBIBYTE, Settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Import,
    Job,
)
from qaplatform.web.current import store_of
from qaplatform.worker import HANDLERS, Worker
from tests.stores import count
from tests.web.conftest import PageClient, SignIn
from tests.web.importing import (
    csv_of,
    files_in,
    send,
    upload,
)

# Werkzeug's test client leaves the file in which it lays out a large body to the garbage collector.
LARGE_BODY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


# --------------------------------------------------------------------------------------------- uploads


def test_a_file_that_is_empty_or_missing_is_refused(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert "请选择要上传的文件" in send(client).text
    assert "“a.csv”是空文件" in send(client, ("a.csv", b""), ("b.csv", b"x")).text
    assert "请选择会话所属的店铺" in send(client, ("a.csv", csv_of()), shop="").text
    assert "一次最多上传 50 个文件" in send(client, *[("a.csv", b"x")] * 51).text
    assert files_in(app) == []
    assert count(store, Import) == 0


def test_an_upload_that_breaks_off_leaves_nothing(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    token = client.token("/imports/new")
    said = "--x\r\nContent-Disposition: form-data; name="
    head = f'{said}"csrf_token"\r\n\r\n{token}\r\n{said}"files"; filename="a.csv"\r\n\r\n'
    sent = head.encode() + b"x" * MEBIBYTE
    seen: list[int] = []

    class Broken(io.BytesIO):
        """Gives out half of what was promised, and looks into the folder while it does."""

        def readinto(self, room: Any) -> int:
            seen.append(len(files_in(app)))
            return super().readinto(room)

    answer = client.post(
        "/imports/new",
        input_stream=Broken(sent),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(2 * len(sent))},
    )
    assert answer.status_code == 400
    assert max(seen) == 1, "it was written while it came"
    assert files_in(app) == []
    assert count(store, Import) == 0


@LARGE_BODY
def test_an_upload_that_is_too_large_says_so_and_leaves_nothing(settings: Settings, people: None) -> None:  # noqa: ARG001
    app = create_app(replace(settings, upload_limit_bytes=MEBIBYTE))
    app.test_client_class = PageClient
    client = app.test_client()
    client.post("/login", data={"csrf_token": client.token("/login"), "login": "lead", "password": "lead"})

    def sent() -> tuple[int, str]:
        answer = send(client, ("a.csv", b"x" * 2 * MEBIBYTE))
        return answer.status_code, answer.text

    status, page = sent()
    assert status == 413
    assert "1 MB" in page
    assert files_in(app) == []
    store_of(app).close()
    gc.collect(1)  # What is young is enough, and all there is takes seconds.


def test_what_a_crash_left_behind_goes_with_the_next_upload(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("lead")
    kept = upload(client, "a.csv", csv_of())
    [good] = files_in(app)
    folder = good.parent
    long_ago = (clock.now() - ABANDONED_AFTER - timedelta(minutes=1)).timestamp()
    for name in ("old.part", "stray.csv"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (long_ago, long_ago))
    os.utime(good, (long_ago, long_ago))
    (folder / "young.part").write_bytes(b"x")
    upload(client, "b.csv", csv_of())
    names = {path.name for path in files_in(app)}
    assert {"young.part", good.name} < names
    assert not {"old.part", "stray.csv"} & names
    assert client.get(f"/imports/{kept}/mapping").status_code == 200


def test_names_are_shown_as_people_know_them(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    upload(client, "C:\\聊天\\<b>十月.csv", csv_of())
    page = client.get("/imports").text
    assert "&lt;b&gt;十月.csv" in page
    assert "聊天\\" not in page
    with store.reading() as session:
        assert session.scalar(select(Import.file_path)).endswith(".csv")


def test_a_script_that_sends_files_is_told_where_to_go(signed_in: SignIn) -> None:
    client = signed_in("lead")
    answer = client.post(
        "/imports/new",
        data={"csrf_token": client.token("/imports/new"), "files": [(io.BytesIO(csv_of()), "a.csv")], "shop": "1"},
        headers={"X-Requested-With": "upload"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (204, "/imports/1/mapping")


def test_a_draft_can_be_let_go_and_goes_by_itself_in_time(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    first, second = upload(client, "a.csv", csv_of()), upload(client, "b.csv", csv_of())
    answer = client.submit(f"/imports/{first}/discard", page=f"/imports/{first}/mapping")
    assert answer.status_code == 303
    assert client.get(f"/imports/{first}").status_code == 404
    assert len(files_in(app)) == 1
    later = clock.now() + timedelta(days=8)
    with store.writing() as session:
        session.add(Job(kind="uploads", payload={}, run_after=clock.now(), created_at=clock.now()))
    assert Worker(store, HANDLERS, clock=lambda: later).run_one()
    assert client.get(f"/imports/{second}").status_code == 404
    assert files_in(app) == []


def test_a_file_that_is_gone_is_said(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    for path in files_in(app):
        path.unlink()
    answer = client.get(f"/imports/{import_id}/mapping")
    assert answer.status_code == 409
    assert "请重新上传" in answer.text

"""Disks that are full and databases that cannot be used: what people and programs are told, in their language."""

from __future__ import annotations

import gc
import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from qaplatform import clock
from qaplatform.app import create_app
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.push_tokens import create_token
from qaplatform.services.uploads import UploadsFolderError
from qaplatform.settings import Settings
from qaplatform.store.engine import Store
from qaplatform.store.faults import FAULTS, NoSpaceError, StoreFaultError
from qaplatform.store.tables import Import, Job
from qaplatform.web.current import store_of
from qaplatform.web.i18n import LANGUAGES
from qaplatform.web.sentences import SENTENCES, sentence_of_failed
from qaplatform.worker import HANDLERS, Worker
from tests.faults import KINDS, Kind, broken, damage, impatient, small_files
from tests.people import QUICK
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn
from tests.web.importing import confirm, csv_of, files_in, upload

# Werkzeug's test client leaves the file in which it lays out a large body to the garbage collector.
LARGE_BODY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
ENGLISH = {
    "full": "disk is full",
    "busy": "keeps the database locked",
    "read_only": "may not write to its database",
    "disk": "cannot be read or written",
    "damaged": "restore the last backup",
}


CHINESE = {
    "full": "服务器的磁盘满了",
    "busy": "数据库正被另一个程序占用",
    "read_only": "服务器不能写入数据库",
    "disk": "服务器的磁盘读写出错",
    "damaged": "数据库已损坏",
}
WORDS = {"zh": CHINESE, "en": ENGLISH}


@pytest.fixture
def hasty(settings: Settings, people: None) -> Iterator[Flask]:  # noqa: ARG001
    """The application, as served: it waits a fifth of a second for others, and raises nothing at whoever calls it."""
    made = create_app(replace(settings, database_url=impatient(settings.database_url), testing=False), passwords=QUICK)
    made.test_client_class = PageClient
    yield made
    store_of(made).close()


def lead_of(app: Flask, language: str) -> PageClient:
    client = app.test_client()
    assert isinstance(client, PageClient)
    assert client.submit("/login", {"login": "lead", "password": "lead"}).status_code == 303
    client.submit("/language", {"language": language}, page="/")
    return client


def imports(store: Store) -> int:
    with store.reading() as session:
        return session.scalars(select(func.count()).select_from(Import)).one()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("store_url", "kind"),
    # A disk that takes no byte takes no upload either; see the test of full disks.
    [one for one in itertools.product(("sqlite", "postgresql"), KINDS) if one != ("sqlite", "disk")],
    indirect=["store_url"],
)
def test_an_upload_into_a_broken_database_says_why_and_leaves_no_file(
    hasty: Flask, store: Store, kind: Kind, language: str
) -> None:
    client = lead_of(hasty, language)
    token = client.token("/imports/new")
    many = [(io.BytesIO(csv_of()), f"{'很长的名字' * 40}{number}.csv") for number in range(50)]
    with broken(store_of(hasty), kind, "imports"):
        answer = client.post("/imports/new", data={"csrf_token": token, "shop": "1", "files": many})
    assert answer.status_code == 503
    assert WORDS[language][kind] in answer.text
    assert files_in(hasty) == []
    if kind != "damaged":
        assert imports(store) == 0


@LARGE_BODY
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_that_finds_no_room_says_so_and_is_gone(hasty: Flask, store: Store, language: str) -> None:
    client = lead_of(hasty, language)
    token = client.token("/imports/new")
    values = {"csrf_token": token, "shop": "1", "files": (io.BytesIO(b"x" * 400_000), "a.csv")}
    with small_files(200_000):
        answer = client.post("/imports/new", data=values)
    assert answer.status_code == 503
    assert WORDS[language]["full"] in answer.text
    assert files_in(hasty) == []
    assert imports(store) == 0
    gc.collect(1)  # What is young is enough, and all there is takes seconds.


@ONLY_SQLITE  # A server looks after its files itself.
def test_a_damaged_database_has_a_page_that_says_so(hasty: Flask) -> None:
    client = lead_of(hasty, "zh")
    damage(store_of(hasty))
    answer = client.get("/")
    assert answer.status_code == 503
    assert CHINESE["damaged"] in answer.text


@pytest.mark.parametrize("kind", KINDS)
def test_programs_are_told_to_send_it_again_later(hasty: Flask, store: Store, kind: Kind) -> None:
    with store.writing() as session:
        boss = Viewer(1, "Admin", grants=(Grant("admin"),))
        token = create_token(session, 1, "ERP", by=boss, now=clock.now()).token
    message = {"role": "customer", "text": "什么时候发货" + "?" * 300, "sent_at": "2026-11-10T10:00:00+08:00"}
    batch = [{"id": f"c{number}", "messages": [message]} for number in range(100)]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k1"}

    def push() -> tuple[int, dict[str, object]]:
        answer = hasty.test_client().post("/api/v1/conversations", data=json.dumps(batch), headers=headers)
        return answer.status_code, answer.get_json()

    with broken(store_of(hasty), kind, "conversations", "imports"):
        status, said = push()
    assert (status, said["code"]) == (503, "unavailable")
    assert said["message"] == KINDS[kind]().message
    assert "same key" in str(said["way_out"])
    if kind != "damaged" or not store.is_sqlite:
        assert imports(store) == 0
        assert push()[0] == 200


def test_the_pages_of_a_job_and_its_import_say_what_it_waits_for(signed_in: SignIn, store: Store) -> None:
    client = signed_in("boss")
    import_id = upload(client, "a.csv", csv_of())
    assert confirm(client, import_id).status_code == 303

    def fail(_run: object) -> None:
        raise NoSpaceError("database or disk is full")

    assert Worker(store, {**HANDLERS, "import": fail}).run_one()
    with store.reading() as session:
        job_id = session.scalars(select(Job.id).where(Job.kind == "import")).one()
    for address in (f"/jobs/{job_id}", "/jobs", f"/imports/{import_id}"):
        page = client.get(address).text
        assert CHINESE["full"] in page, address
    assert "自动重试" in client.get(f"/imports/{import_id}").text
    client.submit("/language", {"language": "en"}, page="/")
    for address in (f"/jobs/{job_id}", "/jobs", f"/imports/{import_id}"):
        assert ENGLISH["full"] in client.get(address).text, address
    assert Worker(store, HANDLERS, clock=lambda: clock.now() + timedelta(hours=1)).run_one()
    assert CHINESE["full"] not in client.get(f"/imports/{import_id}").text


def test_every_fault_has_a_sentence(app: Flask) -> None:
    kinds: tuple[type[StoreFaultError], ...] = (*FAULTS, UploadsFolderError)
    with app.test_request_context():
        for kind in kinds:
            assert sentence_of_failed(kind("what the driver said").message) == str(SENTENCES[kind.code])
        assert sentence_of_failed("ValueError: something else") is None
        assert sentence_of_failed(None) is None

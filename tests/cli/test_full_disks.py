"""Commands whose disk is full or whose database cannot be used: a sentence, an exit code, and nothing half-written."""

from __future__ import annotations

import http.client
import random
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from qaplatform.services.backing_up import back_up, restore
from qaplatform.store.engine import Store
from tests import filled
from tests.copies import forms_made_once, migrated
from tests.faults import damage
from tests.forked_commands import forked, run_forked
from tests.runs import NOW, chat, write_jsonl

SMALL = 60_000


def run(*arguments: object, cwd: Path, most_bytes: int = 0, stdout: Path | None = None) -> tuple[int, str]:
    code, said = run_forked(*arguments, cwd=cwd, stdout=stdout, most_bytes=most_bytes)
    assert "Traceback" not in said, said
    assert "Exception ignored" not in said, said
    return code, said


def things_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    lines = ("customer 10:00:00 什么时候发货", "agent:a1 10:00:30 没办法" + "。" * 2000)
    return write_jsonl(tmp_path / "chats.jsonl", [chat(f"c{number}", *lines) for number in range(200)])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A data folder with a workplace in it: a database and an upload of 200 kB."""
    folder = tmp_path / "data" / "own"
    (folder / "uploads").mkdir(parents=True)
    (folder / "uploads" / "a.csv").write_bytes(random.Random(1).randbytes(200_000))
    migrated(folder / "workplace.sqlite").close()
    return folder


@pytest.mark.parametrize(
    "suffix",
    # Those that a library of its own writes break first; what we write ourselves meets a full standard output, too.
    [*(pytest.param(one, marks=pytest.mark.full) for one in ("jsonl", "csv", "html")), "xlsx", "parquet"],
)
def test_a_result_that_finds_no_room_is_not_there(chats: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    target = out / f"result.{suffix}"
    target.write_text("what was there before")
    code, said = run("audit", chats, "--out", target, most_bytes=2_000, cwd=tmp_path)
    assert (code, "the disk is full; nothing was written" in said) == (1, True), said
    assert things_in(out) == {target.name}
    assert target.read_text() == "what was there before"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_standard_output_that_is_full_is_said(chats: Path, tmp_path: Path) -> None:
    code, said = run("audit", chats, "--format", "jsonl", cwd=tmp_path, stdout=Path("/dev/full"))
    assert (code, "the disk is full" in said) == (1, True), said


def test_a_backup_that_finds_no_room_is_not_there(own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    arguments = ("backup", "--data", own.parent, "--out", out / "a.zip")
    code, said = run(*arguments, most_bytes=SMALL, cwd=tmp_path)
    assert (code, "the disk is full; nothing was written" in said) == (1, True), said
    assert things_in(out) == set()


def test_a_backup_of_a_damaged_database_is_none(own: Path, tmp_path: Path) -> None:
    damage(Store(f"sqlite:///{own / 'workplace.sqlite'}"))
    code, said = run("backup", "--data", own.parent, "--out", tmp_path / "a.zip", cwd=tmp_path)
    assert (code, "restore the last backup" in said) == (1, True), said
    assert not (tmp_path / "a.zip").exists()
    assert not list(tmp_path.glob(".a.zip*"))


@pytest.mark.usefixtures(forms_made_once.__name__)
@pytest.mark.parametrize("most_bytes", [SMALL, 250_000], ids=["no room for an upload", "no room for the database"])
def test_a_restore_that_finds_no_room_leaves_nothing(own: Path, tmp_path: Path, most_bytes: int) -> None:
    store = Store(f"sqlite:///{own / 'workplace.sqlite'}")
    back_up(store, own, tmp_path / "a.zip", now=NOW)
    store.close()
    there = tmp_path / "there"
    code, said = run("restore", tmp_path / "a.zip", "--data", there, most_bytes=most_bytes, cwd=tmp_path)
    assert code == 1
    assert "nothing was written" in said
    assert things_in(there) <= {"own", "own/uploads"}
    store = Store(f"sqlite:///{there / 'own' / 'workplace.sqlite'}")
    restore(tmp_path / "a.zip", store, there / "own")
    store.close()
    assert (there / "own" / "uploads" / "a.csv").read_bytes() == (own / "uploads" / "a.csv").read_bytes()


def test_a_folder_that_cannot_be_made_is_said(own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = run("start", "--own", "--no-browser", "--data", tmp_path / "file", cwd=tmp_path)
    assert code in {1, 2}
    assert "file" in said
    assert own.exists()


def test_an_import_whose_database_finds_no_room_keeps_what_was_stored(chats: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    arguments = ("import", chats, "--database", url, "--create-shops")
    migrated(tmp_path / "a.sqlite").close()
    code, said = run(*arguments, most_bytes=700_000, cwd=tmp_path)
    assert (code, "nothing was written" in said) == (1, True), said
    assert run(*arguments, cwd=tmp_path)[0] == 0
    with sqlite3.connect(tmp_path / "a.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (200,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("name", ["worker", "web", "backup", "import"])
def test_a_damaged_or_locked_database_is_said_by_every_command(
    own: Path, chats: Path, tmp_path: Path, name: str
) -> None:
    url = f"sqlite:///{own / 'workplace.sqlite'}"
    more: dict[str, Sequence[object]] = {
        "worker": (),
        "web": ("--data", tmp_path / "web", "--port", "0"),
        "backup": ("--out", tmp_path / "a.zip"),
        "import": (chats, "--create-shops"),
    }
    damage(Store(url))
    code, said = run(name, "--database", url, *more[name], cwd=tmp_path)
    assert (code, "restore the last backup" in said) == (1, True), said
    if name == "import":
        path = tmp_path / "b.sqlite"
        migrated(path).close()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        code, said = run(name, "--database", f"sqlite:///{path}?busy_seconds=0.2", *more[name], cwd=tmp_path)
        other.close()
        assert (code, "keeps the database locked" in said) == (1, True), said


@pytest.mark.loopback
def test_a_browser_in_the_middle_of_a_large_file_gets_the_answer(tmp_path: Path) -> None:
    """Whoever still sends when the server has answered would see a broken connection and no sentence."""
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite:///{data / 'qaplatform.sqlite'}"
    store = migrated(data / "qaplatform.sqlite")
    with store.writing() as session:
        filled.fill_people(session, NOW)
    store.close()
    arguments = ("web", "--database", url, "--data", data, "--port", "0")
    with forked(*arguments, cwd=tmp_path, most_bytes=6_000_000) as server:
        port = int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        browser = Browser(port)
        browser.sign_in("lead")
        status, page = browser.upload(b"x" * 40_000_000)
        assert (status, "服务器的磁盘满了" in page) == (503, True)
        assert things_in(data / "uploads") == set()
        status, _ = browser.upload("会话ID,角色,消息内容\n1,买家,在吗\n".encode())
        assert status == 303
        assert server.end()[0] == 0


class Browser:
    """A browser that keeps cookies and form tokens."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def sign_in(self, login: str) -> None:
        body = f"csrf_token={self.token('/login')}&login={login}&password={login}"
        status, _ = self.ask("POST", "/login", body.encode(), "application/x-www-form-urlencoded")
        assert status == 303

    def upload(self, data: bytes) -> tuple[int, str]:
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("csrf_token", self.token("/imports/new")), ("shop", "1"))
        ]
        head = (
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
        )
        return self.ask(
            "POST", "/imports/new", b"".join(parts) + head + data + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
        )

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"', self.ask("GET", page)[1])
        assert found
        return found[1]

    def ask(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection.request(method, address, body, headers | ({"Content-Type": kind} if kind else {}))
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text

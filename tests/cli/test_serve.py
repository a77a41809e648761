"""``qaplatform web``, as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from qaplatform.cli.serve import options, processes_for
from qaplatform.settings import KEY_FILE
from qaplatform.store import migrating
from qaplatform.store.engine import Store
from tests.copies import migrated
from tests.forked_commands import forked, run_forked
from tests.stores import ONLY_POSTGRESQL

ROOT = Path(__file__).resolve().parents[2]
HALF_REQUESTS = (
    b"",
    b"GET /heal",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nlogin=",
)
PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from qaplatform.cli import main; main()"


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The server; killed where whoever started it fails before it was told to end, since it would be waited for without end."""
    command = [sys.executable, "-c", PROGRAM, str(ROOT), "web", "--data", str(folder / "data"), *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def got(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.loopback
@pytest.mark.parametrize("how", [pytest.param(signal.SIGTERM, marks=pytest.mark.full), signal.SIGINT])
def test_it_makes_what_it_needs_says_where_it_is_and_ends_when_told(tmp_path: Path, how: signal.Signals) -> None:
    with started(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert got(f"{address}health") == (200, '{"status":"ok"}\n')
        status, page = got(f"{address}login")
        assert (status, "<h1>" in page) == (200, True)
        assert got(f"{address}nowhere")[0] == 404
        process.send_signal(how)
        assert process.wait(timeout=30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    data = tmp_path / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600
    store = Store(f"sqlite:///{data / 'qaplatform.sqlite'}")
    assert migrating.is_ready(store)
    store.close()


@pytest.mark.loopback
def test_an_assertion_that_fails_beside_a_server_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="as it should"), started(tmp_path, "--port", "0") as process:
        raise AssertionError("as it should")
    assert process.returncode == -signal.SIGKILL


@pytest.mark.loopback
@ONLY_POSTGRESQL
def test_on_postgresql_several_processes_answer_and_all_of_them_end(tmp_path: Path, store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    with forked("web", "--data", tmp_path / "data", "--database", url, "--port", 0, cwd=tmp_path) as server:
        address = server.stdout.readline().strip()
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: got(f"{address}login")[0], range(16))) == {200}
        pid = server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        assert len(children) == processes_for(store)
        assert server.end() == (0, "")
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    store = migrated(tmp_path / "x.sqlite")
    with store.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'far_ahead'")
    store.close()
    url, printed = f"sqlite:///{tmp_path / 'x.sqlite'}", tmp_path / "printed.txt"
    code, errors = run_forked(
        "web", "--data", tmp_path / "data", "--database", url, "--port", 0, cwd=tmp_path, stdout=printed
    )
    assert (code, printed.read_text(encoding="utf-8")) == (1, "")
    assert "newer release" in errors
    assert "Traceback" not in errors


def test_a_folder_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    code, errors = run_forked("web", "--data", tmp_path / "data", "--port", 0, cwd=tmp_path)
    assert code == 2
    assert "--data" in errors
    assert "Traceback" not in errors


def test_addresses_of_both_kinds_can_be_listened_on() -> None:
    assert options("127.0.0.1", 8080, 1)["bind"] == ["127.0.0.1:8080"]
    assert options("::1", 0, 1)["bind"] == ["[::1]:0"]


@pytest.mark.loopback
def test_those_who_send_half_a_request_hold_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    migrated(tmp_path / "data" / "qaplatform.sqlite").close()
    with forked("web", "--data", tmp_path / "data", "--port", 0, cwd=tmp_path) as server:
        address = server.stdout.readline().strip()
        place = urllib.parse.urlsplit(address)
        for sent in HALF_REQUESTS:
            with ExitStack() as open_still:
                for _ in range(48):
                    slow = open_still.enter_context(socket.create_connection((place.hostname, place.port)))
                    slow.sendall(sent)
                assert got(f"{address}health")[0] == 200, sent
                if sent == HALF_REQUESTS[-1]:
                    server.send_signal(signal.SIGTERM)
        assert server.ended()[0] == 0

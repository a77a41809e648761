"""``qaplatform start`` as people run it, in processes that can be killed; a browser and a program that live with that."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.web.importing import mapping_values

PATIENCE_SECONDS = 120.0
_TOKEN = re.compile(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"')
_BROKEN = (OSError, http.client.HTTPException)


def until(true: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def children_of(process: int) -> list[int]:
    """Processes that a process started and that still run."""
    found = []
    for folder in Path("/proc").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError, NotADirectoryError):
            if folder.name.isdigit() and f"\nPPid:\t{process}\n" in (folder / "status").read_text():
                found.append(int(folder.name))
    return found


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(*processes: int) -> None:
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


class Workplace:
    """One's own workplace on a database, kept running by its supervisor."""

    def __init__(self, repository: Path, url: str, folder: Path) -> None:
        self._command = [
            sys.executable, "-m", "qaplatform", "start", "--own", "--no-browser", "--lease-seconds", "2",
            "--database", url, "--data", str(folder), "--port", str(20_000 + os.getpid() % 20_000),
        ]  # fmt: skip
        self._environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONUTF8": "1"}
        self._folder = folder
        self.uploads = folder / "own" / "uploads"
        self._log = folder / "log.txt"
        self.port = 0
        self.supervisor: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, as after a crash; returns when it has said where it is."""
        said = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self.supervisor = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )

        def is_there() -> bool:
            assert self.supervisor is not None
            assert self.supervisor.poll() is None, self.log
            found = re.findall(rb"Workplace: +http://127\.0\.0\.1:(\d+)/", self._log.read_bytes()[said:])
            self.port = int(found[-1]) if found else 0
            return bool(found)

        until(is_there, "the workplace says where it is")

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def processes(self, kind: str) -> list[int]:
        """The children of one kind, ``web`` or ``worker``, and theirs."""
        assert self.supervisor is not None
        found = []
        for child in children_of(self.supervisor.pid):
            with suppress(FileNotFoundError, ProcessLookupError):
                if f"\0{kind}\0" in Path(f"/proc/{child}/cmdline").read_text():
                    found += [child, *children_of(child)]
        return found

    def kill(self, victim: str) -> None:
        """Kill ``web``, ``worker``, ``both`` of them, or the ``supervisor`` alone, which is started again."""
        if victim != "supervisor":
            for kind in ("web", "worker") if victim == "both" else (victim,):
                kill(*self.processes(kind))
            return
        assert self.supervisor is not None
        orphans = [*self.processes("web"), *self.processes("worker")]
        kill(self.supervisor.pid)
        self.supervisor.wait()
        until(lambda: not any(map(runs, orphans)), "nobody outlives the supervisor")
        self.start()

    def stop(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        assert self.supervisor is not None
        left = [*self.processes("web"), *self.processes("worker")]
        self.supervisor.terminate()
        code = self.supervisor.wait(PATIENCE_SECONDS)
        assert not any(map(runs, left))
        return code

    def clear(self) -> None:
        """Leave no process, whatever happened."""
        if self.supervisor is not None and self.supervisor.poll() is None:
            kill(*self.processes("web"), *self.processes("worker"), self.supervisor.pid)
            self.supervisor.wait()


class Person:
    """Somebody at a browser without scripts, who tries again when a connection breaks."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, address: str, body: bytes | Iterator[bytes] | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, http.client.HTTPMessage, str]:
        """Once; whatever breaks is raised."""
        connection = http.client.HTTPConnection("127.0.0.1", self.workplace.port, timeout=30)
        try:
            cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            connection.request(method, address, body, {**cookies, **headers})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status >= 500:
            raise http.client.HTTPException(f"{answer.status} for {address}")
        return answer.status, answer.headers, text

    def again(self, act: Callable[[], Any]) -> Any:
        """Try until it goes through."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return act()
            except _BROKEN:
                assert time.monotonic() < deadline, f"no answer for too long:\n{self.workplace.log}"
                time.sleep(0.1)

    def page(self, address: str) -> tuple[int, str]:
        status, _, text = self.again(lambda: self.ask("GET", address))
        return status, text

    def token(self, address: str) -> str:
        found = _TOKEN.search(self.page(address)[1])
        assert found, address
        return found[1]

    def submit(self, address: str, values: Mapping[str, str]) -> tuple[int, str]:
        """Send a form once."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        status, head, _ = self.ask("POST", address, urlencode(values).encode(), headers)
        return status, head.get("Location", "")

    def sign_in(self, login: str) -> None:
        def act() -> None:
            values = {"csrf_token": self.token("/login"), "login": login, "password": login}
            assert self.submit("/login", values)[0] == 303

        self.again(act)

    def upload(self, name: str, data: bytes, in_the_middle: Callable[[], None]) -> int:
        """Send a file, slowly; the id of its draft. After a break one looks whether it is there, and sends it again."""

        def act() -> int:
            draft = re.search(rf'href="/imports/(\d+)/mapping">{re.escape(name)}<', self.page("/imports/new")[1])
            if draft:
                return int(draft[1])
            body = _form({"csrf_token": self.token("/imports/new"), "shop": "1"}, name, data)
            pieces = [body[at : at + len(body) // 4 + 1] for at in range(0, len(body), len(body) // 4 + 1)]

            def slowly() -> Iterator[bytes]:
                for number, piece in enumerate(pieces):
                    yield piece
                    if number == 0:
                        in_the_middle()
                    time.sleep(0.05)

            headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(len(body))}
            status, head, text = self.ask("POST", "/imports/new", slowly(), headers)
            assert status == 303, text
            return int(head["Location"].split("/")[2])

        return int(self.again(act))

    def confirm(self, import_id: int) -> None:
        """Begin with a draft as it was understood."""
        address = f"/imports/{import_id}/mapping"

        def act() -> None:
            status, page = self.page(address)
            if status == 303:
                return  # It was begun, and the answer did not come.
            assert status == 200, (status, page)
            status, there = self.submit(
                address, mapping_values(page) | {"confirm": "1", "csrf_token": self.token(address)}
            )
            assert (status, "imports" in there) == (303, True)

        self.again(act)

    def push(self, token: str, key: str, body: bytes) -> dict[str, Any]:
        """Push a batch as docs/push.md tells programs to: the same key again until there is an answer."""

        def act() -> dict[str, Any]:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            status, _, text = self.ask("POST", "/api/v1/conversations", body, headers)
            assert status in {200, 202}, text
            return dict(json.loads(text))

        return dict(self.again(act))


def _form(values: Mapping[str, str], name: str, data: bytes) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in values.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
    return b"".join([*parts, head.encode(), data, b"\r\n--b--\r\n"])

"""The real server in a process of its own, and a real browser that talks to it."""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from qaplatform import clock
from qaplatform.services.demo_users import DemoPlaces, create_demo_users
from qaplatform.store.tables import User, UserRole
from qaplatform.store.workplace import set_workplace
from tests import filled, filled_admin
from tests.copies import migrated
from tests.people import QUICK

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop(1)); from qaplatform.cli import main; main()"


ENGLISH = "english"
"""An admin and QA lead whose pages are in English; everybody else's are in Chinese."""


def fill(url: str, *, demo: bool = False, conversations: int = 200) -> None:
    """A migrated database with people of every role and conversations of two weeks."""
    store = migrated(Path(make_url(url).database or ""))
    now = clock.now()
    with store.writing() as session:
        filled.fill_people(session, now)
        filled_admin.fill_admin(session, now)
        reader = User(login=ENGLISH, name="Reader", language="en", password_hash=QUICK.hashed(ENGLISH), created_at=now)
        session.add(reader)
        session.flush()
        session.add_all(UserRole(user_id=reader.id, role=role) for role in ("admin", "qa_lead"))
        if conversations:
            filled.fill_conversations(session, now, count=conversations)
        if demo:
            set_workplace(session, "demo")
            places = DemoPlaces(
                1, 1, agent_id=2, new_hire_agent_id=3, second_team_id=2, second_new_hire_agent_id=5
            )  # fmt: skip
            create_demo_users(session, places, now=now, passwords=QUICK)
    store.close()


@functools.cache
def _forking() -> str:
    """The socket of a program that forks servers (``tests/browser/forked.py``)."""
    folder = TemporaryDirectory(prefix="forking-")
    path = f"{folder.name}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.forked", path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=30)
        folder.cleanup()

    atexit.register(end)
    while not Path(path).exists():
        assert process.poll() is None, "it did not start"
        time.sleep(0.02)
    return path


class Server:
    """A server for a database in processes of its own, which can be killed."""

    def __init__(self, url: str, data: Path, *options: str) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(_forking())
        arguments = ["web", "--database", url, "--data", str(data), *options]
        self._connection.sendall(json.dumps([str(data), arguments]).encode() + b"\n")
        self._said = self._connection.makefile()
        self._process = int(self._said.readline())
        self.address = self._said.readline().strip().rstrip("/")
        assert self.address.startswith("http://"), f"the server did not start: {self.address}"

    def kill(self) -> None:
        """As if the machine had lost its power; returns when nothing of it is left."""
        os.killpg(self._process, signal.SIGKILL)
        self._connection.settimeout(30)
        assert self._said.read() == ""
        self._said.close()
        self._connection.close()


@contextmanager
def serving(url: str, data: Path, *options: str) -> Iterator[str]:
    """The address of a server for a database, until the block ends."""
    server = Server(url, data, "--port", "0", *options)
    try:
        yield server.address
    finally:
        # Told to end, it would first wait for connections that the browser keeps open.
        server.kill()

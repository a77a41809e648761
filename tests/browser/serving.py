"""The real server in a process of its own, and a real browser that talks to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def serving(url: str, data: Path, *options: str) -> Iterator[str]:
    """The address of a server for a database, until the block ends."""
    command = [sys.executable, "-c", PROGRAM, str(ROOT), "web", "--database", url, "--data", str(data), "--port", "0"]
    with subprocess.Popen(
        [*command, *options], cwd=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http://"), f"the server did not start: {address}"
            yield address.rstrip("/")
        finally:
            process.terminate()
            process.wait(timeout=30)

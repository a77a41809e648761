"""The whole workplace, its server, worker and supervisor killed at any moment of uploads, pushes and imports.

A person uploads files and confirms them, a program pushes batches; both try again when a connection breaks. In the end the
database holds what it would hold if nobody had been killed: nothing is lost, nothing doubled, no half file lies about.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.formats.options import ReadOptions
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.intake import ImportOptions, register_upload, upload_of, work_off
from qaplatform.services.push_tokens import create_token
from qaplatform.services.pushing import read_batch, take_batch
from qaplatform.services.uploads import ABANDONED_AFTER
from qaplatform.store.engine import Store
from qaplatform.store.tables import Base, Import, Job, PushBatch, User, UserRole
from tests.conftest import FULL
from tests.people import QUICK
from tests.runs import LEFT_OUT, Run, chat, dump, make_shops
from tests.workplaces import Person, Workplace, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="processes are found as on Linux")
MOMENTS = ("uploading", "taking in", "pushing", "uploaded", "taking in")
VICTIMS = ("web", "worker", "supervisor", "both", "both")
_LATEST_SECONDS = {"uploading": 0.15, "uploaded": 0.3, "taking in": 0.8, "pushing": 0.1}
_FEW, _MANY = 20, 850
"""Conversations of a file; many are stored in two transactions."""
_OTHERS = {
    "users", "user_roles", "user_sessions", "login_failures", "saved_searches", "settings", "activities", "push_tokens", "imports",
    "push_batches",
}  # fmt: skip
"""What is written about people and requests, and not about conversations."""


def conversations(name: str, count: int, day: datetime) -> list[Conversation]:
    """Conversations that were answered; one in ten comes twice, the second time longer."""
    made = []
    for number in range(count):
        first = number - 7 if number % 10 == 9 else number
        lines = [f"customer 10:00:00 什么时候发货?{first}", f"agent:a{first % 5} 10:01:30 没办法,这是规定"]
        if first != number:
            lines += ["customer 10:02:00 我要投诉", f"agent:a{first % 5} 10:02:20 您好,马上为您处理"]
        on = f"{day - timedelta(days=first % 9):%Y-%m-%d}"
        buyer = Customer(f"u{first % 53}")
        made.append(chat(f"{name}-{first}", *lines, shop=None, day=on, customer=buyer, order_id=str(first % 37)))
    return made


def lines_of(some: list[Conversation]) -> bytes:
    lines = [msgspec.json.encode(one) for one in some]
    lines.insert(len(lines) // 2, b'{"id": "broken"')
    return b"\n".join(lines) + b"\n"


@pytest.fixture
def workplace(store: Store, store_url: str, repository: Path, tmp_path: Path) -> Iterator[Workplace]:
    make_shops(store, "s1")
    with store.writing() as session:
        boss = User(login="boss", name="Boss", password_hash=QUICK.hashed("boss"), created_at=datetime.now(UTC))
        session.add(boss)
        session.flush()
        session.add_all([UserRole(user_id=boss.id, role="admin"), UserRole(user_id=boss.id, role="qa_lead")])
    store.engine.dispose()
    folder = tmp_path / "data"
    folder.mkdir()
    made = Workplace(repository, store_url, folder)
    try:
        yield made
    finally:
        made.clear()


class Rounds:
    """What person and program do: in every round a file is sent, confirmed and taken in, and a batch is pushed."""

    def __init__(self, workplace: Workplace, store: Store, token: str, folder: Path, seed: str) -> None:
        self.workplace, self.store, self.token, self.folder = workplace, store, token, folder
        self.person = Person(workplace)
        self.chance = random.Random(seed)
        self.files: list[Path] = []
        self.batches: dict[str, bytes] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.day = datetime.now(UTC) - timedelta(days=20)
        self.kills: list[threading.Thread] = []

    def go(self, moment: str, victim: str) -> None:
        """A round, with a kill at some time after a moment of it."""
        number = len(self.files)
        is_large = moment == "taking in"
        path = self.folder / f"round-{number}.jsonl"
        path.write_bytes(lines_of(conversations(f"f{number}", _MANY if is_large else _FEW, self.day)))
        self.files.append(path)

        def at(this: str) -> Callable[[], None]:
            return self._once(this == moment, moment, victim)

        import_id = self.person.upload(path.name, path.read_bytes(), at("uploading"))
        at("uploaded")()
        self.person.confirm(import_id)
        if is_large:
            until(lambda: self._state(import_id) in {"running", "done"}, "the import begins")
            at("taking in")()
        key = f"batch-{number}"
        self.batches[key] = lines_of(conversations(f"p{number}", _FEW, self.day)).replace(b'{"id": "broken"\n', b"")
        at("pushing")()
        self.answers[key] = self.person.push(self.token, key, self.batches[key])
        for one in self.kills:
            one.join()
        if is_large:
            until(lambda: self._state(import_id) == "done", f"import {import_id} is done\n{self.workplace.log}")

    def _once(self, wanted: bool, moment: str, victim: str) -> Callable[[], None]:
        seconds = self.chance.uniform(0, _LATEST_SECONDS[moment]) if wanted else 0.0
        done: list[int] = []

        def act() -> None:
            time.sleep(seconds)
            self.workplace.kill(victim)

        def begin() -> None:
            if wanted and not done:
                done.append(1)
                self.kills.append(threading.Thread(target=act))
                self.kills[-1].start()

        return begin

    def _state(self, import_id: int) -> str:
        with self.store.reading() as session:
            return str(session.scalar(select(Import.state).where(Import.id == import_id)))

    def all_done(self) -> bool:
        with self.store.reading() as session:
            waiting = select(func.count()).select_from(Import).where(Import.state.in_(("draft", "waiting", "running")))
            left = select(func.count()).select_from(Job).where(Job.kind == "import", Job.state != "done")
            return session.scalars(waiting).one() == session.scalars(left).one() == 0


@pytest.mark.loopback
@pytest.mark.parametrize("store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], indirect=True)
@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.full)])
def test_a_workplace_killed_at_any_moment_loses_nothing_and_doubles_nothing(
    store: Store, other_store: Store, workplace: Workplace, tmp_path: Path, kills: int
) -> None:
    with store.writing() as session:
        user_id = session.scalars(select(User.id)).one()
        token = create_token(
            session, 1, "ERP", by=Viewer(user_id, "Boss", grants=(Grant("admin"),)), now=datetime.now(UTC)
        ).token
    store.engine.dispose()
    workplace.start()
    rounds = Rounds(workplace, store, token, tmp_path, f"{kills} {time.time_ns() if FULL else 0}")
    rounds.person.sign_in("boss")
    ways = list(zip(MOMENTS, VICTIMS, strict=True))
    if FULL:
        ways = list(itertools.product(dict.fromkeys(MOMENTS), dict.fromkeys(VICTIMS)))
        rounds.chance.shuffle(ways)
    for moment, victim in itertools.islice(itertools.cycle(ways), kills):
        rounds.go(moment, victim)
    until(rounds.all_done, f"all is done\n{workplace.log}")

    for key, body in rounds.batches.items():
        assert rounds.person.push(token, key, body) == rounds.answers[key], "the same key gets the same answer"
    # Whatever a killed request left behind, the next upload takes away.
    long_ago = datetime.now(UTC) - ABANDONED_AFTER - timedelta(minutes=1)
    for left in workplace.uploads.iterdir():
        if not left.name.endswith(".part"):
            os.utime(left, (long_ago.timestamp(),) * 2)
    time.sleep(2.1)
    rounds.go("none", "nobody")
    until(rounds.all_done, "all is done")
    until(lambda: not list(workplace.uploads.iterdir()), "no file is left")
    assert workplace.stop() == 0
    assert "Traceback" not in workplace.log, workplace.log

    _uninterrupted(other_store, rounds)
    tables = [*sorted(Base.metadata.tables.keys() - _OTHERS - LEFT_OUT), "search"]
    found, wanted = (dump(one, *tables, times=False, by_number=False) for one in (store, other_store))
    for name in tables:
        assert found[name] == wanted[name], name
    assert _imports(store) == _imports(other_store)
    with store.reading() as session:
        assert session.scalars(select(func.count()).select_from(PushBatch)).one() == len(rounds.batches)


def _uninterrupted(store: Store, rounds: Rounds) -> None:
    """The same files and batches, one after the other."""
    now = datetime.now(UTC)
    make_shops(store, "s1")
    for path, (key, body) in zip(rounds.files, rounds.batches.items(), strict=True):
        with store.writing() as session:
            import_id = register_upload(
                session, upload_of(path), shop_id=1, origin="upload", options=ImportOptions(), user_id=None, now=now
            )
        kept = path.read_bytes()
        work_off(Run(store, now=now), import_id)
        path.write_bytes(kept)
        batch = read_batch(body, ReadOptions(zone="Asia/Shanghai", shop="店s1"))
        take_batch(store, batch, shop_id=1, key=key, now=now)


def _imports(store: Store) -> list[tuple[Any, ...]]:
    """What became of every file and batch."""
    row = Import
    asked = select(
        row.origin, row.file_name, row.file_bytes, row.file_hash, row.state, row.position, row.new_count, row.updated_count,
        row.same_count, row.older_count, row.rejected_count, row.message_count, row.file_path, row.error,
    )  # fmt: skip
    with store.reading() as session:
        return sorted((tuple(one) for one in session.execute(asked)), key=repr)

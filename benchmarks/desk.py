"""The review desk at 10,000 and 200,000 conversations: the work list, the next chat, the desk, submitting; and eight at once.

    python -m benchmarks.desk                        both databases, both sizes; fills them unless they were kept
    python -m benchmarks.desk --only sqlite --keep   the options of benchmarks.store

One inspector: whole requests, as in ``benchmarks.pages``. Eight at once: over HTTP, from a server in a process of its own
as ``qaplatform web`` is, without a pause between an answer and the next request. Floors: the next chat and the desk p95
≤ 60 ms, submitting ≤ 30 ms; with eight inspectors at once p95 ≤ 200 ms for each of these, and no chat is given to two. The
databases are changed: what was reviewed stays so.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from benchmarks.pages import TOKEN, signed_in, somebody
from benchmarks.store import Line, busy_seconds, run
from qaplatform.collecting import collect_seldom, keep_for_good
from qaplatform.services.rubric_versions import in_force, prepare
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, CriterionResult, WorkItem

_NEXT_MS, _DESK_MS, _SUBMIT_MS, _AT_ONCE_MS = 60.0, 60.0, 30.0, 200.0
_INSPECTORS = 8
_WARM_SECONDS = 8.0
"""So long a server that has just started loads, beside its first pages, what later ones need."""
_EACH = 11
"""Chats of each of those who work at once."""


class _Browser:
    """Somebody's browser, as far as it is needed: a session over HTTP that follows no redirect."""

    def __init__(self, address: str, login: str) -> None:
        self._address, self._session = address.rstrip("/"), requests.Session()
        token = TOKEN.search(self.get("/login").text)
        said = {"csrf_token": token[1] if token else "", "login": login, "password": login}
        answer = self.post("/login", data=said)
        if answer.status_code != 303:
            raise RuntimeError(f"{login} could not sign in: {answer.status_code}")

    def get(self, path: str) -> requests.Response:
        return self._session.get(self._address + path, allow_redirects=False, timeout=60)

    def post(self, path: str, data: Mapping[str, str]) -> requests.Response:
        return self._session.post(self._address + path, data=data, allow_redirects=False, timeout=60)


class _Desk:
    """Somebody at work on one database."""

    def __init__(self, store: Store, client: FlaskClient | _Browser) -> None:
        self.store, self.client = store, client
        token = TOKEN.search(client.get("/me").text)
        self.token = token[1] if token else ""
        self.item = 0
        self._form: dict[str, str] = {}

    def make_ready(self, name: str) -> None:
        """Answer what must be answered, before the time of submitting is taken."""
        if name != "submit":
            return
        with self.store.reading() as session:
            item = session.get_one(WorkItem, self.item)
            failed = select(CriterionResult.criterion).where(
                CriterionResult.audit_id == item.audit_id, CriterionResult.outcome == "fail"
            )
            self._form = {f"ruling:{id}": "confirm" for id in session.scalars(failed)}
            self._form |= {"csrf_token": self.token, "version": str(item.version), "seen": "", "action": "submit"}

    def work_list(self) -> None:
        self._read("/desk")

    def take_next(self) -> None:
        answer = self.client.post("/desk/next", data={"csrf_token": self.token})
        self.item = int(answer.headers["Location"].rpartition("/")[2])

    def show(self) -> None:
        self._read(f"/desk/{self.item}")

    def submit(self) -> None:
        # The page that it leads to is another request.
        answer = self.client.post(f"/desk/{self.item}", data=self._form)
        if answer.status_code != 303:
            raise RuntimeError(f"item {self.item}: {answer.status_code}")

    def _read(self, address: str) -> None:
        answer = self.client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")


def measure(stores: Mapping[int, Store], rounds: int) -> Iterator[Line]:
    """One inspector, chat after chat; then eight at once."""
    collect_seldom()
    prepare()
    keep_for_good()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        for store in stores.values():
            _fill_pool(store, rounds + _INSPECTORS * (_EACH + 1) + 20)
        yield from _one_by_one(
            {size: _Desk(store, signed_in(store, "qa_lead", Path(folder), stack)) for size, store in stores.items()},
            rounds,
        )
        yield from _at_once(stores, Path(folder))


@contextmanager
def _served(store: Store, folder: Path) -> Iterator[str]:
    """The address of the product's own server on a database."""
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "qaplatform", "web", "--port", "0", "--database", url, "--data", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield (process.stdout.readline() if process.stdout else "").strip()
        finally:
            process.terminate()


def _one_by_one(desks: Mapping[int, _Desk], rounds: int) -> Iterator[Line]:
    """Chat after chat, the sizes in turns; what a step is made of is got ready before its time is taken."""
    steps: Mapping[str, tuple[Callable[[_Desk], None], float]] = {
        "work list": (_Desk.work_list, _DESK_MS),
        "next chat": (_Desk.take_next, _NEXT_MS),
        "desk": (_Desk.show, _DESK_MS),
        "submit": (_Desk.submit, _SUBMIT_MS),
    }
    wall: dict[str, dict[int, list[float]]] = {name: {size: [] for size in desks} for name in steps}
    busy: dict[str, dict[int, list[float]]] = {name: {size: [] for size in desks} for name in steps}
    for turn in range(-3, rounds):
        for size, desk in desks.items():
            for name, (act, _floor) in steps.items():
                desk.make_ready(name)
                begun, begun_busy = time.perf_counter(), busy_seconds(desk.store)
                act(desk)
                if turn >= 0:
                    wall[name][size].append((time.perf_counter() - begun) * 1000)
                    busy[name][size].append((busy_seconds(desk.store) - begun_busy) * 1000)
    for name, (_act, floor) in steps.items():
        yield Line("inspector", name, wall[name], busy[name], dict.fromkeys(desks, 1), most_p95_ms=floor)


def _at_once(stores: Mapping[int, Store], folder: Path) -> Iterator[Line]:
    """Eight who take, look and submit at the same time, from what nobody has yet."""
    waits: dict[str, dict[int, list[float]]] = {name: {} for name in ("next chat", "desk", "submit")}
    for size, store in stores.items():
        logins = [somebody(store, "qa_lead", place) for place in range(_INSPECTORS)]
        with _served(store, folder) as address, ThreadPoolExecutor(_INSPECTORS) as pool:
            desks = [_Desk(store, _Browser(address, login)) for login in logins]
            for desk in desks:
                desk.take_next()
                desk.show()
            time.sleep(_WARM_SECONDS)
            done = list(pool.map(_work, desks))
        taken = [id for one in done for id in one.items]
        for name, by_size in waits.items():
            by_size[size] = [value for one in done for value in one.waits[name]]
        doubles = len(taken) - len(set(taken))
        print(f"<!-- {size:,}: {len(taken)} chats by {_INSPECTORS} at once, {doubles} given to two -->", flush=True)
        if doubles:
            raise RuntimeError(f"{doubles} chats were given to two")
    for name, by_size in waits.items():
        yield Line(
            "eight at once", name, by_size, by_size, dict.fromkeys(by_size, 1), has_ratio=False,
            most_p95_ms=_AT_ONCE_MS,
        )  # fmt: skip


@dataclass(frozen=True)
class _Done:
    """What one of several has done."""

    items: list[int]
    waits: Mapping[str, list[float]]


def _work(desk: _Desk) -> _Done:
    done = _Done([], {"next chat": [], "desk": [], "submit": []})
    for _ in range(_EACH):
        for name, act in (("next chat", desk.take_next), ("desk", desk.show), ("submit", desk.submit)):
            desk.make_ready(name)
            begun = time.perf_counter()
            act()
            done.waits[name].append((time.perf_counter() - begun) * 1000)
        done.items.append(desk.item)
    return done


def _fill_pool(store: Store, number: int) -> None:
    """So many chats whose failed criteria the rubric knows, for whoever asks next."""
    known = {one.id for rubric in in_force() for one in rubric.criteria}
    now = datetime.now(UTC)
    result, row = CriterionResult, ConversationRow
    with store.writing() as session:
        session.execute(update(WorkItem).where(WorkItem.state.in_(("open", "draft"))).values(state="done", done_at=now))
        last = session.scalar(select(func.max(WorkItem.id))) or 0
        strange = select(result.audit_id).where(
            result.audit_id == row.audit_id, result.outcome == "fail", result.criterion.not_in(known)
        )
        middle = (session.scalar(select(func.max(row.id))) or 0) // 2
        asked = (
            select(row.id, row.audit_id)
            .where(row.id >= middle, row.failed_count > 0, row.review_id.is_(None), ~strange.exists())
            .order_by(row.id)
            .limit(number)
        )
        session.add_all(
            WorkItem(
                id=last + place, conversation_id=id, revision=1, audit_id=audit_id, draw="random", created_at=now,
                due_at=now + timedelta(days=1),
            )
            for place, (id, audit_id) in enumerate(session.execute(asked).all(), start=1)
        )  # fmt: skip


if __name__ == "__main__":
    run("python -m benchmarks.desk", __doc__, measure)

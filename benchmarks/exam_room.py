"""The exam room with 200 candidates at once: how long a sent message and a look at the room take at the server.

    python -m benchmarks.exam_room                       both databases, 200 candidates, 90 seconds each
    python -m benchmarks.exam_room --only sqlite --candidates 50 --seconds 30

Each candidate holds a practice dialogue in real time: looks at the room every 2.5 s, sends a reply every 9 to 15 s, and has
its draft kept three times before that. Processes and threads are as ``qaplatform web`` has them (one process on SQLite, two on
PostgreSQL), each with another beside it that hears the replies; what is measured are the services with their transactions, the
wait for a free thread included, and neither HTTP nor the page. Floor: sending p95 ≤ 300 ms. Looks are printed beside it.
"""

from __future__ import annotations

import argparse
import heapq
import json
import multiprocessing
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.store import postgresql
from qaplatform.collecting import collect_seldom, keep_for_good
from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_hearing import hear_beside
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.store import migrating
from qaplatform.store.engine import Store
from qaplatform.store.tables import User

_MOST_P95_MS = 300.0
_LOOKS_SECONDS, _DRAFTS_SECONDS = 2.5, 4.0
_WRITES_SECONDS = (9.0, 15.0)
_PROCESSES = {"sqlite": 1, "postgresql": 2}
_THREADS = {"sqlite": 3, "postgresql": 8}
_REPLIES = (
    "您好，我是客服小云，看到您反映的问题，您着急我很理解，真的抱歉。",
    "麻烦您发一下订单号，再拍张照片给我看看好吗？",
    "我已经帮您登记了，今天18:00前给您结果。",
    "这种情况可以给您补发，也可以全额退款，您看哪种方便？",
    "运费由我们承担，您不用担心。",
    "请问还有其他可以帮到您的吗？",
)


def _viewer(id: int) -> Viewer:
    return Viewer(id, f"candidate{id}", grants=(Grant("new_hire"),))


class _Candidates:
    """Some candidates of one process, and what they do next."""

    def __init__(self, store: Store, ids: Sequence[int], seconds: float) -> None:
        self._store, self._chance = store, random.Random(ids[0])
        self._lock = threading.Lock()
        self._due: list[tuple[float, int, str]] = []
        self._rooms: dict[int, tuple[int, int]] = {}
        self._sent = dict.fromkeys(ids, 0)
        self.took: dict[str, list[float]] = {"send": [], "look": [], "draft": []}
        self.faults: list[str] = []
        scenarios = sorted(shipped_scenarios())
        for id in ids:
            wanted = SittingWanted(purpose="practice", scenarios=(scenarios[id % len(scenarios)],))
            now = datetime.now(UTC)
            with store.writing() as session:
                sitting_id = exam_room.begin(session, _viewer(id), wanted, now=now, seed=id)
            with store.reading() as session:
                dialogue = exam_room.room(session, _viewer(id), sitting_id, now=now).dialogues[0]
            self._rooms[id] = sitting_id, dialogue.id
        self._ends_at = time.monotonic() + seconds
        for id in ids:
            for what, every in (("look", _LOOKS_SECONDS), ("draft", _DRAFTS_SECONDS), ("send", _WRITES_SECONDS[1])):
                heapq.heappush(self._due, (time.monotonic() + self._chance.uniform(0, every), id, what))

    def work(self) -> None:
        """What a thread of the server does: the next thing that somebody wants, until the time is over."""
        while True:
            with self._lock:
                at, id, what = heapq.heappop(self._due)
            if at >= self._ends_at:
                return
            time.sleep(max(0.0, at - time.monotonic()))
            goes_on = self._do(id, what)
            took = (time.monotonic() - at) * 1000
            with self._lock:
                self.took[what].append(took)
                wait = {
                    "look": _LOOKS_SECONDS,
                    "draft": _DRAFTS_SECONDS,
                    "send": self._chance.uniform(*_WRITES_SECONDS),
                }
                again = max(at + wait[what], time.monotonic()) if goes_on else self._ends_at
                heapq.heappush(self._due, (again, id, what))

    def _do(self, id: int, what: str) -> bool:
        viewer, (sitting_id, dialogue_id), now = _viewer(id), self._rooms[id], datetime.now(UTC)
        try:
            if what == "look":
                with self._store.reading() as session:
                    exam_room.room(session, viewer, sitting_id, now=now)
            elif what == "draft":
                with self._store.writing() as session:
                    exam_room.keep_draft(session, viewer, dialogue_id, _REPLIES[self._sent[id] % 6][:9], now=now)
            else:
                number = self._sent[id] = self._sent[id] + 1
                with self._store.writing() as session:
                    exam_room.write(session, viewer, dialogue_id, _REPLIES[number % 6], f"k{number}", now=now)
        except exam_room.ExamEndedError:
            return False
        except Exception as error:  # noqa: BLE001 - counted, and the run fails
            self.faults.append(f"{type(error).__name__}: {error}")
        return True


def serve(url: str, ids: Sequence[int], threads: int, seconds: float) -> None:
    """One process of the server: prints what took how long."""
    collect_seldom()
    hear_beside()
    exam_room.prepare()
    keep_for_good()
    store = Store(url)
    candidates = _Candidates(store, ids, seconds)
    begun_busy = time.process_time()
    workers = [threading.Thread(target=candidates.work) for _ in range(threads)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    store.close()
    busy = time.process_time() - begun_busy
    json.dump({"took": candidates.took, "faults": candidates.faults[:5], "busy": busy, "beside": _beside()}, sys.stdout)


def _beside() -> float:
    """Seconds of a core that the process took in which replies were heard, its start included; ends it."""
    for one in multiprocessing.active_children():
        one.terminate()
        one.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _database(kind: str, candidates: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="q") as folder:
        if kind == "sqlite":
            url = f"sqlite:///{folder}/exam.sqlite"
            _fill(url, candidates)
            yield url
            return
        with postgresql(Path(folder) / "pg") as urls:
            url = urls(candidates)
            _fill(url, candidates)
            yield url


def _fill(url: str, candidates: int) -> None:
    store, now = Store(url), datetime.now(UTC)
    migrating.upgrade(store)
    with store.writing() as session:
        session.add_all(
            User(id=id, login=f"candidate{id}", name=f"candidate{id}", password_hash="", created_at=now)
            for id in range(1, candidates + 1)
        )
    store.close()


def measure(kind: str, candidates: int, seconds: float) -> bool:
    """Print a row a thing that is done; whether the floor was kept."""
    processes, threads = _PROCESSES[kind], _THREADS[kind]
    with _database(kind, candidates) as url:
        running = []
        for place in range(processes):
            ids = list(range(1, candidates + 1))[place::processes]
            command = [
                sys.executable,
                "-m",
                "benchmarks.exam_room",
                "--serve",
                json.dumps([url, ids, threads, seconds]),
            ]
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        said = [json.loads(one.communicate()[0]) for one in running]
    for fault in [fault for one in said for fault in one["faults"]]:
        print(f"<!-- {fault} -->")
    busy = ", ".join(f"{100 * one['busy'] / seconds:.0f} %" for one in said)
    beside = ", ".join(f"{100 * one['beside'] / seconds:.0f} %" for one in said)
    print(f"<!-- {kind}: the server's processes used {busy} of a core, those that heard beside them {beside} -->")
    good = not any(one["faults"] for one in said)
    for what in ("send", "look", "draft"):
        took = sorted(value for one in said for value in one["took"][what])
        p95 = took[int(0.95 * (len(took) - 1))]
        print(f"| {kind} | {what} | {len(took):,} | {statistics.median(took):.1f} | {p95:.1f} |", flush=True)
        good = good and (what != "send" or p95 <= _MOST_P95_MS)
    return good


def main() -> None:
    """Measure what the command line names; exit code 1 where the floor was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exam_room", description=__doc__)
    parser.add_argument("--only", choices=sorted(_PROCESSES))
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(*json.loads(given.serve))
        return
    print("| database | what | times | p50 ms | p95 ms |\n|---|---|---|---|---|")
    kinds = [given.only] if given.only else sorted(_PROCESSES, reverse=True)
    kept = [measure(kind, given.candidates, given.seconds) for kind in kinds]
    if not all(kept):
        sys.exit(1)


if __name__ == "__main__":
    main()

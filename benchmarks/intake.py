"""Importing against auditing alone: ``python -m benchmarks.intake``.

Importing reads, audits and stores conversations in batches that survive a crash; the audit alone reads the same file and
writes audit JSONL. Floor: importing costs at most four times the audit alone, on SQLite and on PostgreSQL. Cost is processor
time of this process and, for PostgreSQL, of all processes of the server, its writing in the background included.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.corpus import corpus_file
from benchmarks.store import postgresql
from benchmarks.timing import HEAD, Figure, ratios
from benchmarks.whole import audit_to
from qaplatform.cli.foreground import taken_in
from qaplatform.cli.importing import Wanted
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.options import ReadOptions

_FLOOR = 4.0


def main() -> None:
    """Measure and print; exit code 1 where the floor was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    path, figures = corpus_file(given.messages), []
    with tempfile.TemporaryDirectory() as folder, _databases(Path(folder)) as databases:
        sides: dict[str, Callable[[], object]] = {"audit": lambda: audit_to(Path(folder) / "audited.jsonl", path)}
        sides |= {kind: _importing(path, url) for kind, url in databases.items()}
        spent = _alternate(sides, given.rounds)
        for kind in databases:
            costs = ratios([one.busy for one in spent[kind]], [one.busy for one in spent["audit"]])
            figures.append(Figure(f"importing into {kind} over the audit alone", costs, floor=_FLOOR, better="most"))
            rate = statistics.median(given.messages / one.wall for one in spent[kind])
            print(f"{kind}: {rate:,.0f} messages a second on the clock", flush=True)
    print(f"\n{HEAD}\n" + "\n".join(figure.row() for figure in figures))
    sys.exit(not all(figure.kept for figure in figures))


class _Spent:
    """What a side took: seconds on the clock, and of processors."""

    def __init__(self, wall: float, busy: float) -> None:
        self.wall = wall
        self.busy = busy


def _alternate(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[_Spent]]:
    """All sides in turn, forwards and backwards; the first round warms up."""
    spent: dict[str, list[_Spent]] = {name: [] for name in sides}
    for turn in range(-1, rounds):
        for name in list(sides) if turn % 2 else reversed(list(sides)):
            begun, busy = time.perf_counter(), _busy_seconds()
            sides[name]()
            if turn >= 0:
                spent[name].append(_Spent(time.perf_counter() - begun, _busy_seconds() - busy))
    return spent


def _importing(path: Path, url: Callable[[], str]) -> Callable[[], None]:
    def run() -> None:
        wanted = Wanted(url(), None, None, 1, ReadOptions(), create_shops=True)
        rejected = sum(done.rejected for done in taken_in(find_inputs([str(path)]), wanted))
        if rejected:
            raise RuntimeError(f"{rejected} conversations of the corpus were rejected")

    return run


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, Callable[[], str]]]:
    """By name, what gives the address of an empty database."""
    count = iter(range(10**6))
    with ExitStack() as stack:
        server = stack.enter_context(postgresql(folder / "pg" / "data"))
        yield {
            "SQLite": lambda: f"sqlite:///{folder / f'{next(count)}.sqlite'}",
            "PostgreSQL": lambda: server(next(count)),
        }


def _busy_seconds() -> float:
    """Processor time of this process and of all PostgreSQL servers' processes, those that have ended included."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(") ")
        except OSError:  # it has ended meanwhile; its parent has its time
            continue
        if name.endswith("(postgres"):
            ticks += sum(map(int, rest.split()[11:15]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

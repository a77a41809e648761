"""Where the time of an audit goes: µs per message by part, on one core.

    python -m benchmarks.profile [--rubric NAME|PATH] [--messages N | --input FILE] [--rounds N] [--functions N] …

Every moment is charged to one part only: what an observer spends in another observer, in a view or in a scan is
theirs. Masks and second looks (words found again in single messages) stand beside the check or observer that asked
for them. CPU time of the thread is what is measured, so other programs on the machine disturb little; the clock itself
costs some, which is why the plain total above the table is lower than the sum below it. ``calls`` are counted by a
thousand messages.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.corpus import corpus_file
from benchmarks.rules import rows
from benchmarks.whole import decode_whole
from qaplatform.audit import found, scanning
from qaplatform.audit.audited import Audited
from qaplatform.audit.batch import Batch
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.audit.found import Found
from qaplatform.audit.lines import LineWriter
from qaplatform.audit.literals import Literals
from qaplatform.audit.normalise import Joined, View
from qaplatform.audit.observing import KINDS, Observer, ObserverParams, ObserverSet, observers
from qaplatform.audit.scoring import Scoring
from qaplatform.audit.words import Words
from qaplatform.formats.inputs import find_inputs
from qaplatform.formats.reading import open_sources
from qaplatform.services.auditing import BATCH_MESSAGES, batches
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import context_named, rubric_named

_OWN, _MASKS, _LOOKS = range(3)
_encoded = msgspec.json.Encoder().encode
_clock = time.thread_time
Key = tuple[str, int]


@dataclass
class Ledger:
    """Time by (owner, kind); the entry on top of the stack is the one that is charged."""

    spent: dict[Key, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    _stack: list[Key] = field(default_factory=lambda: [("rest", _OWN)])
    _since: float = field(default_factory=_clock)

    def enter(self, owner: str | None, kind: int) -> None:
        """From now on charge ``owner`` (``None``: whoever is charged now, under another kind)."""
        now = _clock()
        top = self._stack[-1]
        self.spent[top] += now - self._since
        key = (owner or top[0], kind)
        self._stack.append(key)
        self.calls[key] += 1
        self._since = now

    def leave(self) -> None:
        """Back to whom was charged before."""
        now = _clock()
        self.spent[self._stack.pop()] += now - self._since
        self._since = now

    @contextmanager
    def part(self, owner: str) -> Iterator[None]:
        """Charge what happens inside to ``owner``."""
        self.enter(owner, _OWN)
        try:
            yield
        finally:
            self.leave()


def _instrument(ledger: Ledger, auditor: Auditor) -> None:
    """Put the clock around the parts of the core, in this process only."""

    def around(
        call: Callable[..., Any], owner: Callable[..., str] | str | None, kind: int = _OWN
    ) -> Callable[..., Any]:
        @wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            ledger.enter(owner(*args) if callable(owner) else owner, kind)
            try:
                return call(*args, **kwargs)
            finally:
                ledger.leave()

        return timed

    def column(where: type, names: str, owner: str) -> None:
        for name in names.split():
            made = vars(where)[name]
            if not isinstance(made, cached_property):
                raise TypeError(f"{where.__name__}.{name} is no cached property any more")
            made.func = around(made.func, owner)

    def method(where: Any, name: str, owner: Callable[..., str] | str | None, kind: int = _OWN) -> None:
        setattr(where, name, around(getattr(where, name), owner, kind))

    scans = {id(sought.patterns): f"scan {side}" for side, sought in auditor.matcher.sought.items()}
    phrases = {id(sought.phrases): f"phrases {side}" for side, sought in auditor.matcher.sought.items()}
    method(Batch, "__init__", "batch: rows")
    method(Batch, "next_of", "batch: next and last")
    method(Batch, "last_of", "batch: next and last")
    column(
        Batch,
        "_kinds is_note is_automatic is_customer is_human is_transfer main_agent several_agents",
        "batch: columns",
    )
    column(Batch, "seconds limit_seconds", "batch: times and limits")
    column(Words, "_sides letters", "batch: sides")
    method(Words, "has", None, _MASKS)
    method(Words, "spans", None, _LOOKS)
    method(Found, "spans", None, _LOOKS)
    method(Joined, "of", "view joined")
    column(Joined, "plain", "view plain")
    column(Joined, "tight", "view tight")
    method(View, "take", "view taken")
    column(View, "utf8 byte_ends char_ends", "view as bytes")
    method(found, "sound_view", "view sound")
    column(Found, "_patterns _phrases", "hits to keys")
    method(scanning.Scan, "run", lambda scan, *_: scans.get(id(scan), "scan asked groups"))
    method(Literals, "find", lambda sought, *_: phrases.get(id(sought), "sounds"))
    method(ObserverSet, "run", lambda _, name, *__: f"observer {name}")
    method(Auditor, "_outcomes", lambda _, __, criterion: f"check {criterion.check or criterion.id}")
    method(Scoring, "score", "scoring")
    method(LineWriter, "lines", "lines")
    method(Audited, "observations", "lines: observations")
    method(Audited, "result", "lines: findings")


def _read(path: Path, ledger: Ledger | None) -> Iterator[tuple[Conversation, ...]]:
    """Blocks of conversations as the command reads them."""
    blocks = (block for source in open_sources(find_inputs([str(path)])) for block in source.blocks())
    while True:
        if ledger:
            ledger.enter("reading: decode and look over", _OWN)
        block = next(blocks, None)
        if ledger:
            ledger.leave()
        if block is None:
            return
        yield tuple(block.conversations)


def _audit(path: Path, auditor: Auditor, writer: LineWriter | None, size: int, ledger: Ledger | None = None) -> int:
    written = 0
    for conversations in _read(path, ledger):
        for batch in batches(conversations, size):
            audited = auditor.audit(batch)
            written += len(writer.lines(audited) if writer else _encoded(list(rows(audited))))
    return written


def _seconds(call: Callable[[], object]) -> float:
    begun = _clock()
    call()
    return _clock() - begun


def _messages(path: Path) -> int:
    return sum(len(one.messages) for block in _read(path, None) for one in block)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rubric", default="ecommerce-service")
    parser.add_argument("--context", help="a context file")
    parser.add_argument("--input", type=Path, help="conversation JSONL; without it a corpus is made")
    parser.add_argument("--messages", type=int, default=40_000, help="size of the corpus (default 40000)")
    parser.add_argument(
        "--batch",
        type=int,
        default=BATCH_MESSAGES,
        help="messages in a batch (default: the command's); 1: each chat alone",
    )
    parser.add_argument(
        "--findings", action="store_true", help="write findings only, as in the comparison of five rules"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--functions", type=int, default=0, help="also the N dearest functions, by cProfile")
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    options = _options()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    missing = [name for name in KINDS if name not in observers()]
    for name in missing:
        observers()[name] = Observer(name, ObserverParams, lambda *_: [])  # type: ignore[index]
    if missing:
        print(f"NOT BUILT YET, seen as empty: {', '.join(missing)}")
    path = options.input or corpus_file(options.messages)
    messages = _messages(path)
    auditor = compiled_auditor(rubric_named(options.rubric), context_named(options.context))
    writer = None if options.findings else LineWriter()
    _audit(path, auditor, writer, options.batch)

    floor, plain = [], []
    for _ in range(options.rounds):
        floor.append(_seconds(lambda: decode_whole(path)))
        plain.append(_seconds(lambda: _audit(path, auditor, writer, options.batch)))
    per = 1e6 / messages
    decode, whole = statistics.median(floor) * per, statistics.median(plain) * per
    ratios = [b / a for a, b in zip(floor, plain, strict=True)]
    print(f"{messages:,} messages, {path.stat().st_size / messages:.0f} bytes a message, {options.rounds} rounds")
    print(f"{decode:8.3f} µs  msgspec alone")
    print(
        f"{whole:8.3f} µs  the audit: {statistics.median(ratios):.2f} times as long "
        f"({min(ratios):.2f}–{max(ratios):.2f})\n"
    )
    if options.functions:
        _functions(options.functions, path, auditor, writer, options.batch)
    _print_parts(_ledger(options.rounds, path, auditor, writer, options.batch), options.rounds * messages)


def _ledger(rounds: int, path: Path, auditor: Auditor, writer: LineWriter | None, size: int) -> Ledger:
    ledger = Ledger()
    _instrument(ledger, auditor)
    for _ in range(rounds):
        with ledger.part("rest"):
            _audit(path, auditor, writer, size, ledger)
    return ledger


def _print_parts(ledger: Ledger, messages: int) -> None:
    per = 1e6 / messages
    owners: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    calls: dict[str, int] = defaultdict(int)
    for (owner, kind), seconds in ledger.spent.items():
        owners[owner][kind] += seconds * per
        calls[owner] += ledger.calls[owner, kind]
    total = sum(map(sum, owners.values()))
    print(f"{'µs':>8} {'share':>6}  {'own':>7} {'masks':>7} {'looks':>7} {'calls':>7}  part")
    for owner, kinds in sorted(owners.items(), key=lambda item: -sum(item[1])):
        columns = " ".join(f"{one:7.3f}" for one in kinds)
        often = calls[owner] * per / 1e3
        print(f"{sum(kinds):8.3f} {sum(kinds) / total:6.1%}  {columns} {often:7.2f}  {owner}")
    print(f"{total:8.3f} 100.0%  with the clocks of this table")


def _functions(count: int, path: Path, auditor: Auditor, writer: LineWriter | None, size: int) -> None:
    import cProfile  # noqa: PLC0415  only where it was asked for
    import pstats  # noqa: PLC0415

    profile = cProfile.Profile()
    profile.runcall(_audit, path, auditor, writer, size)
    pstats.Stats(profile).sort_stats("tottime").print_stats(count)


if __name__ == "__main__":
    main()

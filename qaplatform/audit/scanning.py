"""Hyperscan databases: compiling patterns, keeping them between runs, running them over a block."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

import hyperscan
import numpy as np
from numpy.typing import NDArray


class Store(Protocol):
    """Where compiled databases may be kept between runs."""

    def get(self, key: str) -> bytes | None:
        """What was put under a key, or ``None``."""

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key."""


def compiled(expressions: list[bytes], store: Store | None) -> hyperscan.Database:
    """A database that finds the expressions, numbered in their order."""
    flags = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_MULTILINE
    key = hashlib.sha256(b"\n".join([b"%d" % flags, *expressions])).hexdigest()
    kept = store.get(key) if store else None
    if kept is not None:
        try:
            database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
        except hyperscan.error:
            pass  # of another version or machine: made anew below
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    count = len(expressions)
    database.compile(expressions=expressions, ids=list(range(count)), elements=count, flags=[flags] * count)
    if store:
        store.put(key, hyperscan.dumpb(database))
    return database


@dataclass(frozen=True)
class Scan:
    """One Hyperscan database: for each pattern its group, and whether it only exempts."""

    database: hyperscan.Database
    group: NDArray[np.int64]
    exempts: NDArray[np.bool_]

    @classmethod
    def of(cls, entries: list[tuple[bytes, int, bool]], store: Store | None) -> Scan:
        """Compile (expression, group, exempts) each; there must be some."""
        return cls(
            compiled([entry[0] for entry in entries], store),
            np.asarray([entry[1] for entry in entries], np.int64),
            np.asarray([entry[2] for entry in entries], np.bool_),
        )

    def run(self, text: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pattern numbers and the bytes at which they end, as found."""
        found: list[int] = []
        put = found.extend

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            put((number, end))

        self.database.scan(text, match_event_handler=on_match)
        pairs = np.asarray(found, np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


_NEGATED_CLASS = re.compile(r"(?<!\\)\[\^")


def in_block(pattern: str) -> bytes:
    """A pattern for a block of messages: a negated class never takes the separator."""
    return _NEGATED_CLASS.sub(r"[^\\n", pattern).encode()

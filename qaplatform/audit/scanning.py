"""Hyperscan databases: compiling patterns, keeping them between runs, running them over a block."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property

import hyperscan
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.keeping import Store

_FLAGS = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_MULTILINE
_WORTH = 1_000
"""Looking for a group in one message with RE2 costs a microsecond or two, compiling a pattern some 40 milliseconds, but
what is compiled is kept for later runs."""


class Scan:
    """The patterns of some groups as one Hyperscan database, which is made when there is enough to look through."""

    def __init__(
        self, entries: Sequence[tuple[bytes, int, bool]], store: Store | None, *, compiles: bool = True
    ) -> None:
        """Take (expression, group, whether it only exempts) each; there must be some.

        ``compiles=False``: a database is used where one is kept, and never made unasked.
        """
        self._compiles = compiles
        self._expressions = [entry[0] for entry in entries]
        self._store = store
        self._looked_through = 0
        self.group = np.asarray([entry[1] for entry in entries], np.int64)
        self.exempts = np.asarray([entry[2] for entry in entries], np.bool_)
        self.groups: list[int] = np.unique(self.group).tolist()

    @cached_property
    def _key(self) -> str:
        return hashlib.sha256(b"\n".join([b"%d" % _FLAGS, *self._expressions])).hexdigest()

    @cached_property
    def _kept(self) -> hyperscan.Database | None:
        return self._loaded()

    def _loaded(self) -> hyperscan.Database | None:
        body = self._store.get(self._key) if self._store else None
        if body is None:
            return None
        try:
            database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
        except hyperscan.error:
            return None  # of another version or machine
        return database

    @cached_property
    def _database(self) -> hyperscan.Database:
        if self._kept is not None:
            return self._kept
        if self._store is None:
            return self._compiled()
        with self._store.alone(self._key):
            # Whoever waited here for another finds it made.
            database = self._loaded()
            if database is None:
                database = self._compiled()
                self._store.put(self._key, hyperscan.dumpb(database))
        return database

    def _compiled(self) -> hyperscan.Database:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        count = len(self._expressions)
        flags = [_FLAGS] * count
        database.compile(expressions=self._expressions, ids=list(range(count)), elements=count, flags=flags)
        return database

    def prepare(self) -> None:
        """Make the database now."""
        self._database  # noqa: B018

    def worth_it(self, messages: int) -> bool:
        """Whether the database is there or, with so many more messages, worth making."""
        self._looked_through += messages
        if "_database" in vars(self) or self._kept is not None:
            return True
        return self._compiles and self._looked_through * len(self.groups) > _WORTH * len(self._expressions)

    def run(self, text: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pattern numbers and the bytes at which they end, as found."""
        found: list[int] = []
        put = found.extend

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            put((number, end))

        self._database.scan(text, match_event_handler=on_match)
        pairs = np.asarray(found, np.int64).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]


_NEGATED_CLASS = re.compile(r"(?<!\\)\[\^")


def in_block(pattern: str) -> bytes:
    """A pattern for a block of messages: a negated class never takes the separator."""
    return _NEGATED_CLASS.sub(r"[^\\n", pattern).encode()

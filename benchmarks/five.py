"""(b) Five rules: the engine against the plain per-object program, which must yield the same findings row for row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.corpus import corpus_file
from benchmarks.peer import Peer
from benchmarks.rules import RUBRIC, engine_rows, five_rules_auditor
from benchmarks.timing import Figure, Setup, alternate, one_core, ratios
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor

_encode = msgspec.json.Encoder().encode_lines
_BLOCK_BYTES = 4 << 20


class DifferentFindingsError(Exception):
    """The engine and the peer do not agree."""


def by_engine(path: Path, auditor: Auditor) -> tuple[int, str]:
    """File in, findings out by the engine: how many bytes, and their hash."""
    decode = msgspec.json.Decoder(Conversation).decode_lines
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while lines := file.readlines(_BLOCK_BYTES):
            out = _encode(list(engine_rows(decode(b"".join(lines)), auditor)))
            digest.update(out)
            size += len(out)
    return size, digest.hexdigest()


def by_peer(path: Path, program: Peer) -> tuple[int, str]:
    """The same by the peer."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        for line in file:
            out = _encode(program.findings(line))
            digest.update(out)
            size += len(out)
    return size, digest.hexdigest()


def figures(setup: Setup) -> Iterator[Figure]:
    """The engine's time over the peer's, both cuts of it.

    Raises:
        DifferentFindingsError: the findings differ.
    """
    one_core()
    messages, rounds = (20_000, 3) if setup.quick else (100_000, 7)
    path = corpus_file(messages)
    auditor, plain, tuned = five_rules_auditor(), Peer(RUBRIC), Peer(RUBRIC, tuned=True)
    found = {by_engine(path, auditor), by_peer(path, plain), by_peer(path, tuned)}
    if len(found) != 1 or not next(iter(found))[0]:
        raise DifferentFindingsError(f"engine and peer found different things in {path.name}: {found}")
    seconds = alternate(
        {
            "engine": lambda: by_engine(path, auditor),
            "plain": lambda: by_peer(path, plain),
            "tuned": lambda: by_peer(path, tuned),
        },
        rounds,
    )
    name = f"on {messages:,} messages, same findings"
    yield Figure(f"plain program over engine, {name}", ratios(seconds["plain"], seconds["engine"]), "×", 6.0, "least")
    yield Figure(f"tuned program over engine, {name}", ratios(seconds["tuned"], seconds["engine"]))

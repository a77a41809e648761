"""(e) One conversation alone: how long until its scorecard is there."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from benchmarks.corpus import conversations
from benchmarks.timing import Figure, Setup, one_core
from qaplatform.audit.context import Context
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import rubric_named


def figures(setup: Setup) -> Iterator[Figure]:
    """Median and 95th percentile over different conversations, by CPU time: what the clock shows on a quiet machine."""
    one_core()
    auditor = compiled_auditor(rubric_named(setup.rubric), Context())
    chats = [planted.conversation for planted in conversations(3_000 if setup.quick else 24_000)]
    for chat in chats:
        auditor.audit_one(chat)
    middles, slows, by_wall = [], [], []
    for _ in range(3 if setup.quick else 5):
        waits, walls = [], []
        for chat in chats:
            begun, begun_by_wall = time.thread_time(), time.perf_counter()
            auditor.audit_one(chat)
            waits.append(1000 * (time.thread_time() - begun))
            walls.append(1000 * (time.perf_counter() - begun_by_wall))
        parts = statistics.quantiles(waits, n=20)
        middles.append(parts[9])
        slows.append(parts[18])
        by_wall.append(statistics.quantiles(walls, n=20)[18])
    yield Figure(f"one conversation alone, median of {len(chats):,}", tuple(middles), "ms")
    yield Figure("one conversation alone, 95th percentile", tuple(slows), "ms", 5.0)
    yield Figure("the same by the clock on the wall, whatever else runs", tuple(by_wall), "ms")

"""The figures of a shop's day as columns: how they are packed, and how those of many days are put side by side.

A cell holds what the conversations of one team, agent, topic and queue have in common on a day. Cells are packed as they lie
in memory, so that three months of a large business are read in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

FORM = 1
"""Of the packing; a body of another one is passed over until it is counted anew."""
COUNTS = (
    "conversations", "scored", "passed", "failed", "critical", "pending", "unscored", "csat_count", "csat_low", "replies",
    "within",
)  # fmt: skip
SUMS = ("score_sum", "score_squares", "csat_sum", "csat_squares", "wait_sum")
VALUES = (*COUNTS, *SUMS)
KEYS = ("team", "agent", "topic", "queue")
CELL = np.dtype([("team", "<i4"), ("agent", "<i4"), ("topic", "<i2"), ("queue", "<i2"), *((name, "<u4") for name in COUNTS),
                 *((name, "<f8") for name in SUMS)])  # fmt: skip
HOUR = np.dtype([("cell", "<i4"), ("hour", "u1"), ("begun", "<u2"), ("replies", "<u2"), ("within", "<u2")])
"""``hour`` counts from the beginning of the local day; a chat past midnight goes on to 24 and beyond."""
NOBODY = 0
"""Stands for a team or agent that nobody knows."""
_AT_ONCE = 2_000
UNKNOWN = -1
"""Stands for a topic or queue that was not said."""

Numbers = NDArray[np.int64]


class Body(msgspec.Struct, frozen=True, array_like=True):
    """What is kept of a day."""

    form: int
    topics: tuple[str, ...]
    queues: tuple[str, ...]
    criteria: tuple[str, ...]
    cells: memoryview
    """Memory of what was read, of which nothing is copied."""
    hours: memoryview
    judged: memoryview
    """Conversations by cell and criterion that passed or failed it."""
    missed: memoryview
    """Those that failed."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Body).decode


def packed(body: Body) -> bytes:
    """A day's figures as they are stored."""
    return _encode(body)


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of many days, column by column; topics, queues and criteria are numbers of the lists beside them."""

    topics: Sequence[str]
    queues: Sequence[str]
    criteria: Sequence[str]
    day: Numbers
    """As ``date.toordinal`` gives it."""
    shop: Numbers
    team: Numbers
    agent: Numbers
    topic: Numbers
    queue: Numbers
    values: NDArray[np.float64]
    """A row for each of :data:`VALUES`, with a column a cell: sums go along rows."""
    judged: NDArray[np.uint16]
    """A row a cell, a column a criterion."""
    missed: NDArray[np.uint16]
    hours: NDArray[Any]
    """Rows of :data:`HOUR`, with ``hour_cell`` beside them."""
    hour_cell: Numbers

    def of(self, name: str) -> NDArray[Any]:
        """A column of counts or sums."""
        column: NDArray[np.float64] = self.values[VALUES.index(name)]
        return column

    def where(self, mask: NDArray[np.bool_]) -> Cells:
        """Some of the cells."""
        if mask.all():
            return self
        place = np.cumsum(mask) - 1
        kept = mask[self.hour_cell]
        return Cells(
            self.topics, self.queues, self.criteria, self.day[mask], self.shop[mask], self.team[mask], self.agent[mask],
            self.topic[mask], self.queue[mask], self.values[:, mask], self.judged[mask], self.missed[mask],
            self.hours[kept], place[self.hour_cell[kept]],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.day)


def side_by_side(days: Sequence[tuple[date, int, bytes]]) -> Cells:
    """The figures of days and shops together."""
    bodies = [(day, shop, body) for day, shop, packed_ in days if (body := _decode(packed_)).form == FORM]
    topics = _names(body.topics for _, _, body in bodies)
    queues = _names(body.queues for _, _, body in bodies)
    criteria = _names(body.criteria for _, _, body in bodies)
    rows = np.frombuffer(b"".join(body.cells for _, _, body in bodies), CELL)
    hours = np.frombuffer(b"".join(body.hours for _, _, body in bodies), HOUR)
    sizes = np.array([len(body.cells) // CELL.itemsize for _, _, body in bodies], np.int64)
    hour_sizes = np.array([len(body.hours) // HOUR.itemsize for _, _, body in bodies], np.int64)
    starts = np.cumsum(sizes) - sizes
    return Cells(
        topics=topics,
        queues=queues,
        criteria=criteria,
        day=np.repeat(np.array([day.toordinal() for day, _, _ in bodies], np.int64), sizes),
        shop=np.repeat(np.array([shop for _, shop, _ in bodies], np.int64), sizes),
        team=rows["team"].astype(np.int64),
        agent=rows["agent"].astype(np.int64),
        topic=_renumbered(rows["topic"], [body.topics for _, _, body in bodies], topics, sizes),
        queue=_renumbered(rows["queue"], [body.queues for _, _, body in bodies], queues, sizes),
        values=_columns(rows),
        judged=_matrix([(body.criteria, body.judged) for _, _, body in bodies], criteria, sizes),
        missed=_matrix([(body.criteria, body.missed) for _, _, body in bodies], criteria, sizes),
        hours=hours,
        hour_cell=hours["cell"].astype(np.int64) + np.repeat(starts, hour_sizes),
    )


def _columns(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Counts and sums column by column; some thousand cells at a time, so that they are fetched from memory once."""
    out = np.empty((len(VALUES), len(rows)))
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        for place, name in enumerate(VALUES):
            out[place, start : start + len(some)] = some[name]
    return out


def _names(lists: Any) -> tuple[str, ...]:
    return tuple(sorted({name for names in lists for name in names}))


def _renumbered(numbers: NDArray[Any], own: Sequence[tuple[str, ...]], names: Sequence[str], sizes: Numbers) -> Numbers:
    """Numbers of each day's own list as numbers of the common one."""
    if all(one == names for one in own):
        return numbers.astype(np.int64)
    place = {name: number for number, name in enumerate(names)}
    # One more a day, for what was not said, which stands as -1 before its first.
    common = np.array([n for one in own for n in (UNKNOWN, *(place[name] for name in one))], np.int64)
    lengths = np.array([len(one) + 1 for one in own], np.int64)
    starts = np.repeat(np.cumsum(lengths) - lengths, sizes)
    return np.asarray(common[starts + 1 + numbers], np.int64) if len(numbers) else np.zeros(0, np.int64)


def _matrix(
    parts: Sequence[tuple[tuple[str, ...], memoryview]], criteria: Sequence[str], sizes: Numbers
) -> NDArray[np.uint16]:
    total, width = int(sizes.sum()), len(criteria)
    if all(own == criteria for own, _ in parts):
        return np.frombuffer(b"".join(data for _, data in parts), "<u2").reshape(total, width)
    out = np.zeros((total, width), np.uint16)
    place = {name: number for number, name in enumerate(criteria)}
    begin = 0
    for (own, data), size in zip(parts, sizes.tolist(), strict=True):
        if own:
            out[begin : begin + size, [place[name] for name in own]] = np.frombuffer(data, "<u2").reshape(
                size, len(own)
            )
        begin += size
    return out

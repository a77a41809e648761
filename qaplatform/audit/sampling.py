"""Which conversations people look at: samples drawn by a seed, the same for the same conversations in whatever order they come.

Every conversation has a ticket, a hash of the seed and its id, and whoever draws at random takes the lowest tickets. Nothing
depends on the order of rows, and what comes in or goes away changes nothing about the others' tickets.

Random draws (``random``, ``per_agent``, ``percentage``, ``stratified``) and draws of what looks worst (``priority``, ``outliers``) are
told apart for ever: averages about people come from all conversations or from random draws only (D13).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypeVar, cast

import msgspec
import numpy as np

from qaplatform.audit.outlying import outlying

Kind = Literal["random", "per_agent", "percentage", "stratified", "priority", "outliers", "mixed"]
Draw = Literal["random", "priority"]
By = Literal["topic", "shop", "team", "score_band", "agent"]
Split = Literal["proportional", "equal"]
Key = TypeVar("Key", str, int)

LOOKS_WORST: frozenset[Kind] = frozenset({"priority", "outliers"})
IN_A_MIX: frozenset[Kind] = frozenset({"random", "per_agent", "stratified", "priority", "outliers"})
"""What can be a part of a mix."""
MOST_DRAWN = 1_000
"""At one time."""
_BANDS = (60.0, 70.0, 80.0, 90.0)


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A conversation that can be drawn, with what methods look at."""

    id: int
    agent_id: int | None = None
    shop_id: int | None = None
    team_id: int | None = None
    topic: str | None = None
    score: float | None = None
    risk: float | None = None
    priority: float | None = None
    hired_days: int | None = None
    """Days since its agent was hired; ``None`` = not known."""
    message_count: int = 0
    duration_seconds: float | None = None


class Part(msgspec.Struct, frozen=True):
    """A part of a mix: a method that is no mix itself, and its share of the whole."""

    share_percent: int
    kind: Kind
    by: By = "topic"
    split: Split = "proportional"
    quota: int = 1


class Method(msgspec.Struct, frozen=True):
    """How to draw; what a kind does not need is left alone."""

    kind: Kind
    count: int = 20
    """How many; with ``per_agent`` at most so many in all; ``percentage`` has no need of it."""
    percent: float = 5.0
    """Of all candidates, for ``percentage``."""
    quota: int = 2
    """An agent, for ``per_agent``."""
    new_hire_days: int = 90
    """Whoever was hired within so many days is new."""
    new_hire_factor: int = 2
    """So many times the quota of the others for new hires."""
    by: By = "topic"
    split: Split = "proportional"
    parts: tuple[Part, ...] = ()


class Drawn(msgspec.Struct, frozen=True):
    """A conversation that was drawn, and why."""

    candidate: Candidate
    draw: Draw
    kind: Kind
    """The method, in a mix that of the part."""
    part: int
    """Which part of a mix, from 0."""
    rank: int
    """Its place among what this part drew, from 1."""
    pool_count: int
    """Candidates there were."""
    stratum: str | None = None
    stratum_count: int | None = None
    """Candidates of its stratum (of its agent, with ``per_agent``)."""
    stratum_drawn: int | None = None
    is_new_hire: bool = False
    unusual: str | None = None
    """What is unusual about it: ``score``, ``duration`` or ``messages``."""
    deviation: float | None = None
    """By how many robust standard deviations."""
    compared_with: str | None = None
    """Those of the same ``agent``, the same ``topic``, or ``all``."""


def ticket_of(seed: int, word: str) -> int:
    """The ticket of something with a name."""
    digest = hashlib.blake2b(f"{seed}:{word}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def seed_of(seed: int, word: str) -> int:
    """Another seed, for another time or another part; it fits a database's integers."""
    return ticket_of(seed, word) >> 1


def tickets(seed: int, ids: Iterable[int]) -> Mapping[int, int]:
    """The tickets of conversations (splitmix64 over the id, started by the seed)."""
    known = list(ids)
    with np.errstate(over="ignore"):
        z = np.array(known, dtype=np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z += np.uint64(ticket_of(seed, "tickets"))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return dict(zip(known, z.tolist(), strict=True))


def draw(
    candidates: Sequence[Candidate], method: Method, seed: int, *, coverage: Mapping[int, float] | None = None
) -> tuple[Drawn, ...]:
    """Draw a sample.

    Args:
        candidates: each conversation once, in any order.
        method: how.
        seed: the same draws the same.
        coverage: by agent, which share (0–1) of their conversations people have looked at lately; who is not in it was
            never looked at, and comes first where not everybody can be drawn.

    Returns:
        What was drawn, none twice; random parts of a mix first, from all candidates, so that they stay random.
    """
    if method.kind != "mixed":
        return _draw(candidates, method, seed, 0, coverage or {})
    counts = apportion(
        min(method.count, MOST_DRAWN), {n: part.share_percent for n, part in enumerate(method.parts)}, seed
    )
    in_turn = sorted(range(len(method.parts)), key=lambda n: (method.parts[n].kind in LOOKS_WORST, n))
    left, out = list(candidates), list[Drawn]()
    for n in in_turn:
        part = method.parts[n]
        own = msgspec.structs.replace(
            method, kind=part.kind, count=counts[n], by=part.by, split=part.split, quota=part.quota, parts=()
        )
        found = _draw(left, own, seed_of(seed, f"part {n}"), n, coverage or {})
        taken = {one.candidate.id for one in found}
        left = [one for one in left if one.id not in taken]
        out += [msgspec.structs.replace(one, pool_count=len(candidates)) for one in found]
    return tuple(out)


def _draw(
    candidates: Sequence[Candidate], method: Method, seed: int, part: int, coverage: Mapping[int, float]
) -> tuple[Drawn, ...]:
    kind, pool = method.kind, len(candidates)
    count = min(max(method.count, 0), MOST_DRAWN)
    ticket = tickets(seed, (one.id for one in candidates))

    def plain(found: Sequence[Candidate], draw: Draw = "random") -> tuple[Drawn, ...]:
        return tuple(Drawn(one, draw, kind, part, rank, pool) for rank, one in enumerate(found, 1))

    if kind == "random":
        return plain(sorted(candidates, key=lambda one: ticket[one.id])[:count])
    if kind == "percentage":
        count = min(math.ceil(round(pool * method.percent / 100, 6)), MOST_DRAWN)
        return plain(sorted(candidates, key=lambda one: ticket[one.id])[:count])
    if kind == "priority":
        ranked = [one for one in candidates if one.priority is not None]
        ranked.sort(key=lambda one: (-cast("float", one.priority), ticket[one.id]))
        return plain(ranked[:count], "priority")
    if kind == "outliers":
        found = outlying(candidates)
        by_id = {one.id: one for one in candidates}
        ids = sorted(found, key=lambda id: (-abs(found[id].deviation), ticket[id]))[:count]
        return tuple(
            Drawn(
                by_id[id], "priority", kind, part, rank, pool, unusual=found[id].what, deviation=found[id].deviation,
                compared_with=found[id].compared_with,
            )
            for rank, id in enumerate(ids, 1)
        )  # fmt: skip
    if kind == "stratified":
        return _by_stratum(candidates, method, seed, part, ticket, count)
    return _by_agent(candidates, method, seed, part, ticket, coverage, count)


def _by_stratum(
    candidates: Sequence[Candidate], method: Method, seed: int, part: int, ticket: Mapping[int, int], count: int
) -> tuple[Drawn, ...]:
    strata = _grouped(candidates, lambda one: stratum_of(one, method.by))
    sizes = {name: len(some) for name, some in strata.items()}
    share = apportion if method.split == "proportional" else evenly
    counts = share(min(count, len(candidates)), sizes, seed)
    chosen = []
    for name, some in strata.items():
        some.sort(key=lambda one: ticket[one.id])
        chosen += [(one, name) for one in some[: counts[name]]]
    chosen.sort(key=lambda pair: ticket[pair[0].id])
    return tuple(
        Drawn(
            one, "random", "stratified", part, rank, len(candidates), stratum=f"{method.by}:{name}", stratum_count=sizes[name],
            stratum_drawn=counts[name],
        )
        for rank, (one, name) in enumerate(chosen, 1)
    )  # fmt: skip


def _by_agent(
    candidates: Sequence[Candidate],
    method: Method,
    seed: int,
    part: int,
    ticket: Mapping[int, int],
    coverage: Mapping[int, float],
    count: int,
) -> tuple[Drawn, ...]:
    """In rounds: a conversation of everybody before a second one of anybody, who was looked at least first."""
    agents = _grouped((one for one in candidates if one.agent_id is not None), lambda one: str(one.agent_id))
    sizes = {name: len(some) for name, some in agents.items()}
    turns = []
    for name, some in agents.items():
        some.sort(key=lambda one: ticket[one.id])
        is_new = _is_new_hire(some[0], method)
        quota = method.quota * (method.new_hire_factor if is_new else 1)
        # Of new hires more is expected, so that the same share counts for less.
        seen = coverage.get(int(name), 0.0) / (method.new_hire_factor if is_new else 1)
        turns += [(turn, seen, ticket_of(seed, name), one, is_new) for turn, one in enumerate(some[: max(quota, 0)])]
    turns.sort(key=lambda one: (*one[:3], one[3].id))
    turns = turns[:count]
    drawn: dict[int | None, int] = {}
    for *_turn, one, _is_new in turns:
        drawn[one.agent_id] = drawn.get(one.agent_id, 0) + 1
    return tuple(
        Drawn(
            one, "random", "per_agent", part, rank, len(candidates), stratum=f"agent:{one.agent_id}",
            stratum_count=sizes[str(one.agent_id)], stratum_drawn=drawn[one.agent_id], is_new_hire=is_new,
        )
        for rank, (*_turn, one, is_new) in enumerate(turns, 1)
    )  # fmt: skip


def next_of(
    candidates: Sequence[Candidate], method: Method, seed: int, *, part: int = 0, stratum: str | None = None
) -> Drawn | None:
    """What the same method, part and stratum would have drawn next, of candidates that were not drawn; ``None`` = nothing."""
    if method.kind == "mixed":
        if not 0 <= part < len(method.parts):
            return None
        one = method.parts[part]
        method = msgspec.structs.replace(method, kind=one.kind, by=one.by, split=one.split, quota=one.quota, parts=())
        seed = seed_of(seed, f"part {part}")
    if stratum is not None:
        by = cast("By", stratum.partition(":")[0])
        candidates = [one for one in candidates if f"{by}:{stratum_of(one, by)}" == stratum]
    if method.kind == "percentage":
        method = msgspec.structs.replace(method, kind="random")
        found = _draw(candidates, msgspec.structs.replace(method, count=1), seed, part, {})
        return msgspec.structs.replace(found[0], kind="percentage") if found else None
    found = _draw(candidates, msgspec.structs.replace(method, count=1), seed, part, {})
    return found[0] if found else None


def stratum_of(one: Candidate, by: By) -> str:
    """The stratum of a conversation: a topic, an id, or the lower end of a band of scores; empty where it has none."""
    if by == "score_band":
        if one.score is None:
            return ""
        return str(next((int(least) for least in reversed(_BANDS) if one.score >= least), 0))
    value = one.topic if by == "topic" else getattr(one, f"{by}_id")
    return "" if value is None else str(value)


def apportion(count: int, sizes: Mapping[Key, int], seed: int) -> dict[Key, int]:
    """A count, shared out in proportion by largest remainders; a draw decides between equals. No share is left out of the sum."""
    total = sum(sizes.values())
    if total <= 0:
        return dict.fromkeys(sizes, 0)
    out = {name: count * size // total for name, size in sizes.items()}
    by_rest = sorted(sizes, key=lambda name: (-(count * sizes[name] % total), ticket_of(seed, f"rest {name}")))
    for name in by_rest[: count - sum(out.values())]:
        out[name] += 1
    return out


def evenly(count: int, sizes: Mapping[Key, int], seed: int) -> dict[Key, int]:
    """A count, shared out evenly; what one has not the others take."""
    out = dict.fromkeys(sizes, 0)
    count = min(count, sum(sizes.values()))
    open_ones = sorted(sizes, key=lambda name: ticket_of(seed, f"even {name}"))
    while count > 0:
        open_ones = [name for name in open_ones if out[name] < sizes[name]]
        each = max(count // len(open_ones), 1)
        for name in open_ones:
            more = min(each, sizes[name] - out[name], count)
            out[name] += more
            count -= more
    return out


def _is_new_hire(one: Candidate, method: Method) -> bool:
    return one.hired_days is not None and one.hired_days <= method.new_hire_days


def _grouped(some: Iterable[Candidate], key: Callable[[Candidate], str]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = {}
    for one in some:
        groups.setdefault(key(one), []).append(one)
    return groups

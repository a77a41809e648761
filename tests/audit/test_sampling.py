"""Samples: the same seed and the same conversations give the same sample, and every method keeps what it promises."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.sampling import (
    IN_A_MIX,
    LOOKS_WORST,
    By,
    Candidate,
    Kind,
    Method,
    Part,
    Split,
    apportion,
    draw,
    evenly,
    next_of,
    stratum_of,
)

_TOPICS = st.sampled_from([None, "order", "refund", "logistics"])
_UNIT = st.one_of(st.none(), st.floats(0, 1))
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 2**40),
        agent_id=st.one_of(st.none(), st.integers(1, 6)),
        shop_id=st.integers(1, 3),
        team_id=st.one_of(st.none(), st.integers(1, 3)),
        topic=_TOPICS,
        score=st.one_of(st.none(), st.floats(0, 100)),
        priority=_UNIT,
        hired_days=st.one_of(st.none(), st.integers(0, 400)),
        message_count=st.integers(1, 200),
        duration_seconds=st.one_of(st.none(), st.floats(0, 1e5)),
    ),
    max_size=60,
    unique_by=lambda one: one.id,
)
_PARTS = st.builds(
    Part,
    share_percent=st.just(0),
    kind=st.sampled_from(sorted(IN_A_MIX)),
    by=st.sampled_from(get_args(By)),
    split=st.sampled_from(get_args(Split)),
)


@st.composite
def methods(made: st.DrawFn) -> Method:
    kind: Kind = made(st.sampled_from(get_args(Kind)))
    parts: list[Part] = made(st.lists(_PARTS, min_size=1, max_size=4)) if kind == "mixed" else []
    shares = apportion(100, dict.fromkeys(range(len(parts)), 1), 0)
    return Method(
        kind=kind,
        count=made(st.integers(1, 70)),
        percent=made(st.floats(0.5, 100)),
        quota=made(st.integers(1, 5)),
        by=made(st.sampled_from(get_args(By))),
        split=made(st.sampled_from(get_args(Split))),
        parts=tuple(Part(shares[n], one.kind, one.by, one.split) for n, one in enumerate(parts)),
    )


@given(CANDIDATES, methods(), st.integers(0, 2**53), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(some: list[Candidate], method: Method, seed: int, random: Random) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)
    assert draw(some, method, seed) == draw(shuffled, method, seed)


@given(CANDIDATES, methods(), st.integers(0, 2**53))
def test_nothing_is_drawn_twice_nor_more_than_asked_for(some: list[Candidate], method: Method, seed: int) -> None:
    drawn = draw(some, method, seed)
    ids = [one.candidate.id for one in drawn]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {one.id for one in some}
    if method.kind != "percentage":
        assert len(ids) <= method.count
    assert all((one.draw == "priority") == (one.kind in LOOKS_WORST) for one in drawn)
    assert all(one.pool_count == len(some) for one in drawn)
    for part in {one.part for one in drawn}:
        assert [one.rank for one in drawn if one.part == part] == list(range(1, 1 + sum(o.part == part for o in drawn)))


@given(CANDIDATES, st.integers(1, 70), st.integers(0, 2**53))
def test_random_draws_take_as_many_as_there_are(some: list[Candidate], count: int, seed: int) -> None:
    assert len(draw(some, Method("random", count=count), seed)) == min(count, len(some))
    for split in get_args(Split):
        assert len(draw(some, Method("stratified", count=count, split=split), seed)) == min(count, len(some))


@given(CANDIDATES, st.integers(1, 30), st.integers(0, 2**53))
def test_whoever_comes_in_pushes_out_at_most_one(some: list[Candidate], count: int, seed: int) -> None:
    if not some:
        return
    method = Method("random", count=count)
    before = {one.candidate.id for one in draw(some[1:], method, seed)}
    after = {one.candidate.id for one in draw(some, method, seed)}
    assert len(before - after) <= 1
    assert after - before <= {some[0].id}


@given(CANDIDATES, st.integers(1, 4), st.integers(0, 2**53))
def test_quotas_hold_and_new_hires_have_a_multiple(some: list[Candidate], quota: int, seed: int) -> None:
    people = [Candidate(one.id, one.agent_id, hired_days=10 if one.agent_id in (1, 2) else None) for one in some]
    drawn = draw(people, Method("per_agent", count=1000, quota=quota, new_hire_factor=3), seed)
    there = Counter(one.agent_id for one in people if one.agent_id is not None)
    taken = Counter(one.candidate.agent_id for one in drawn)
    for agent_id, count in there.items():
        assert taken[agent_id] == min(count, quota * (3 if agent_id in (1, 2) else 1))
    assert {one.is_new_hire for one in drawn if one.candidate.agent_id in (1, 2)} <= {True}


def test_where_not_everybody_can_be_drawn_those_never_looked_at_come_first() -> None:
    people = [Candidate(agent * 100 + n, agent) for agent in range(1, 7) for n in range(5)]
    seen = {1: 0.5, 2: 0.1, 3: 0.3}
    drawn = draw(people, Method("per_agent", count=4, quota=2), 1, coverage=seen)
    assert {one.candidate.agent_id for one in drawn} == {4, 5, 6, 2}
    again = draw(people, Method("per_agent", count=7, quota=2), 1, coverage=seen)
    assert Counter(one.candidate.agent_id for one in again).most_common(1)[0][1] == 2
    assert {one.candidate.agent_id for one in again} == {1, 2, 3, 4, 5, 6}


@given(st.integers(0, 500), st.dictionaries(st.text(max_size=3), st.integers(0, 90), max_size=9), st.integers(0, 2**53))
def test_shares_make_the_whole(count: int, sizes: dict[str, int], seed: int) -> None:
    total = sum(sizes.values())
    shares = apportion(count, sizes, seed)
    assert sum(shares.values()) == (count if total else 0)
    for name, size in sizes.items():
        exact = count * size / total if total else 0
        assert abs(shares[name] - exact) < 1
    even = evenly(count, sizes, seed)
    assert sum(even.values()) == min(count, total)
    assert all(even[name] <= size for name, size in sizes.items())
    full = [even[name] for name, size in sizes.items() if even[name] < size]
    assert not full or max(even.values()) - min(full) <= 1


@pytest.mark.parametrize("by", get_args(By))
def test_strata_get_their_share(by: By) -> None:
    some = [
        Candidate(
            n,
            agent_id=n % 3 + 1,
            shop_id=n % 2 + 1,
            team_id=n % 4 or None,
            topic=("a", "b", None)[n % 3],
            score=float(n),
        )
        for n in range(1, 101)
    ]
    drawn = draw(some, Method("stratified", count=20, by=by), 5)
    sizes = Counter(stratum_of(one, by) for one in some)
    for stratum, count in Counter(stratum_of(one.candidate, by) for one in drawn).items():
        assert abs(count - 20 * sizes[stratum] / 100) < 1
    assert all(one.stratum == f"{by}:{stratum_of(one.candidate, by)}" for one in drawn)


@pytest.mark.parametrize(
    ("score", "band"), [(None, ""), (0.0, "0"), (59.9, "0"), (60.0, "60"), (79.99, "70"), (80.0, "80"), (100.0, "90")]
)
def test_bands_of_scores(score: float | None, band: str) -> None:
    assert stratum_of(Candidate(1, score=score), "score_band") == band


def test_a_mix_keeps_its_shares_and_draws_its_random_part_from_all() -> None:
    some = [Candidate(n, n % 5, priority=n / 1000) for n in range(1, 501)]
    mixed = Method("mixed", count=50, parts=(Part(40, "priority"), Part(60, "random")))
    drawn = draw(some, mixed, 9)
    assert Counter(one.draw for one in drawn) == {"random": 30, "priority": 20}
    random = [one.candidate.id for one in drawn if one.draw == "random"]
    worst = [one.candidate.id for one in drawn if one.draw == "priority"]
    assert worst == sorted(set(range(1, 501)) - set(random), reverse=True)[:20]
    assert {one.part for one in drawn if one.draw == "random"} == {1}


def test_the_highest_priority_comes_first_and_what_has_none_never() -> None:
    some = [Candidate(1, priority=0.2), Candidate(2), Candidate(3, priority=0.9), Candidate(4, priority=0.2)]
    found = [one.candidate.id for one in draw(some, Method("priority", count=9), 1)]
    assert found[0] == 3
    assert set(found) == {1, 3, 4}


def test_a_percentage_is_rounded_up() -> None:
    some = [Candidate(n) for n in range(1, 202)]
    assert len(draw(some, Method("percentage", percent=5), 1)) == 11
    assert len(draw(some[:1], Method("percentage", percent=0.5), 1)) == 1
    assert draw([], Method("percentage", percent=5), 1) == ()


def test_what_is_unusual_beside_the_same_agents_is_found() -> None:
    usual = [
        Candidate(n, n % 2 + 1, topic="order", score=80.0 + n % 5, message_count=10 + n % 3, duration_seconds=300.0 + n)
        for n in range(1, 60)
    ]
    low = Candidate(1000, 1, topic="order", score=5.0, message_count=11, duration_seconds=320.0)
    long = Candidate(1001, 2, topic="order", score=82.0, message_count=11, duration_seconds=90_000.0)
    perfect = Candidate(1002, 2, topic="order", score=100.0, message_count=11, duration_seconds=320.0)
    found = {one.candidate.id: one for one in draw([*usual, low, long, perfect], Method("outliers", count=9), 1)}
    assert found.keys() == {1000, 1001}
    assert (found[1000].unusual, found[1001].unusual) == ("score", "duration")
    assert (found[1000].deviation or 0) < -3.5 < 3.5 < (found[1001].deviation or 0)


def test_where_all_are_alike_nothing_is_unusual() -> None:
    some = [Candidate(n, 1, topic="a", score=80.0, message_count=10, duration_seconds=60.0) for n in range(1, 40)]
    assert draw(some, Method("outliers", count=9), 1) == ()


@given(CANDIDATES, st.integers(1, 20), st.integers(0, 2**53))
def test_the_next_one_is_who_would_have_been_next(some: list[Candidate], count: int, seed: int) -> None:
    more = draw(some, Method("random", count=count + 1), seed)
    drawn = draw(some, Method("random", count=count), seed)
    taken = {one.candidate.id for one in drawn}
    found = next_of([one for one in some if one.id not in taken], Method("random", count=count), seed)
    assert (found.candidate if found else None) == (more[count].candidate if len(more) > count else None)


def test_the_next_one_is_of_the_same_part_and_stratum() -> None:
    some = [Candidate(n, n % 4 + 1, topic="ab"[n % 2], priority=n / 100) for n in range(1, 80)]
    method = Method("mixed", count=10, parts=(Part(50, "priority"), Part(50, "stratified", by="topic")))
    first = next_of(some, method, 3, part=0)
    assert first is not None
    assert (first.candidate.id, first.kind, first.draw) == (79, "priority", "priority")
    second = next_of(some, method, 3, part=1, stratum="topic:b")
    assert second is not None
    assert (second.candidate.topic, second.draw, second.part) == ("b", "random", 1)
    assert next_of(some, method, 3, part=1, stratum="topic:c") is None
    third = next_of(some, Method("per_agent"), 3, stratum="agent:2")
    assert third is not None
    assert third.candidate.agent_id == 2

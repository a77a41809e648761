"""The benchmark of the store fills and asks both databases, and its rows are such as the product writes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from benchmarks import fill, pages
from benchmarks import store as benchmark
from qaplatform.services.browsing import browse
from qaplatform.store import marks
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import ConversationAgent, ConversationMark

COUNT = 80


def _marks(store: Store) -> list[list[tuple[Any, ...]]]:
    tables = (ConversationAgent.__table__, ConversationMark.__table__)
    with store.reading() as session:
        return [sorted(map(tuple, session.execute(select(table)))) for table in tables]


def test_it_fills_and_asks_and_says_what_was_found(empty_store: Store) -> None:
    assert not fill.is_filled(empty_store)
    fill.fill(empty_store, COUNT)
    assert fill.is_filled(empty_store)

    filled = _marks(empty_store)
    with empty_store.writing() as session:
        marks.refresh(session, range(1, COUNT + 1))
    assert _marks(empty_store) == filled
    assert all(filled)

    with empty_store.reading() as session:
        found = browse(session, Scope(everything=True), ConversationFilter(text=fill.RARE), limit=200).rows
    assert len(found) == fill.RARE_COUNT

    lines = list(benchmark.measure({COUNT: empty_store}, rounds=1))
    assert len(lines) == 3 * len(benchmark.ASKED)
    lead = {line.name: line.rows[COUNT] for line in lines if line.role == "lead"}
    assert (lead["first page"], lead["nothing to be found"], lead["conversation page"]) == (50, 0, 1)
    assert lead["search 退款"] > 10


@pytest.mark.full
@pytest.mark.parametrize("empty_store", ["sqlite"], indirect=True)
def test_it_takes_whole_pages_of_every_role(empty_store: Store) -> None:
    fill.fill(empty_store, 5 * COUNT)
    lines = [(line.role, line.name) for line in pages.measure({5 * COUNT: empty_store}, rounds=1)]
    assert len(lines) == len(set(lines))
    assert {role for role, name in lines if name == "conversation"} == {
        "qa_lead",
        "store_manager",
        "team_lead",
        "agent",
    }
    assert ("agent", "jobs") not in lines, "an agent may not open it"


def test_a_line_is_kept_by_its_slowest_twentieth_and_its_ratio() -> None:
    def line(slow: float, busy: float, rows: int = 50) -> benchmark.Line:
        wall = {10: [1.0] * 20, 200: [1.0] * 18 + [slow] * 2}
        return benchmark.Line("lead", "x", wall, {10: [1.0], 200: [busy]}, {10: 50, 200: rows})

    assert line(80.0, 1.25).is_kept([10, 200])
    assert not line(80.5, 1.0).is_kept([10, 200])
    assert not line(1.0, 1.3).is_kept([10, 200])
    assert line(1.0, 1.3, rows=49).is_kept([10, 200])

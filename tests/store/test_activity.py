"""The activity log: it takes ids only, is only ever added to, and is read by page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from qaplatform.store.activity import (
    ActivityFilter,
    NotForTheLogError,
    actions,
    activity_page,
    note_down,
)
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope
from tests.people import NOW, hire, open_company

EVERYTHING = Scope(everything=True)
LINE = "activities (id, at, action, subject_kind, details) VALUES (1, '2026-11-11', 'x', 'x', '{}')"


def write(store: Store, action: str = "conversation.unmasked", *, hours: int = 0, **more: Any) -> None:
    line = {"user_id": None, "subject_kind": "conversation", "subject_id": 1, **more}
    with store.writing() as session:
        note_down(session, now=NOW + timedelta(hours=hours), action=action, **line)


def read(store: Store, scope: Scope = EVERYTHING, **wanted: Any) -> list[tuple[str, int | None]]:
    with store.reading() as session:
        lines = activity_page(session, scope, ActivityFilter(**wanted)).lines
    return [(line.action, line.subject_id) for line in lines]


@pytest.mark.parametrize(
    "details",
    [
        None,
        {},
        {"count": 3, "ratio": 0.5, "whole": True, "nothing": None},
        {"roles": ["inspector.shop.3", "mentor.team.1"], "ids": [1, 2, 3]},
        {"rubric": "ecommerce-service:v1"},
    ],
)
def test_ids_numbers_and_codes_are_taken(store: Store, details: dict[str, Any] | None) -> None:
    write(store, details=details)
    with store.reading() as session:
        [line] = activity_page(session, EVERYTHING, ActivityFilter()).lines
    assert line.details == (details or {})
    assert line.at == NOW


@pytest.mark.parametrize(
    "line",
    [
        {"details": {"text": "我要退款"}},
        {"details": {"text": "I want my money back"}},
        {"details": {"phone": "13800138000"}},
        {"details": {"mail": "li@example.com"}},
        {"details": {"order": ["a", "JD-00123"]}},
        {"details": {"deep": {"text": "x"}}},
        {"details": {"deep": [[1]]}},
        {"details": {"long": "a" * 81}},
        {"details": {"姓名": 1}},
        {"details": {"not a number": float("nan")}},
        {"details": {"nan": float("nan")}},
        {"details": {"many": list(range(201))}},
        {"details": {f"n{number}": number for number in range(21)}},
        {"action": "Deleted everything"},
        {"action": "a" * 61},
        {"action": ""},
        {"subject_kind": "客户"},
    ],
)
def test_text_is_refused_and_not_repeated(store: Store, line: dict[str, Any]) -> None:
    with pytest.raises(NotForTheLogError) as refusal:
        write(store, **line)
    assert "退款" not in str(refusal.value)
    assert "138" not in str(refusal.value)
    assert read(store) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE activities SET action = 'nothing'",
        "DELETE FROM activities",
        "DELETE FROM activities WHERE id = 1",
        f"INSERT OR REPLACE INTO {LINE}",
        f"INSERT INTO {LINE} ON CONFLICT (id) DO UPDATE SET action = excluded.action",
        "TRUNCATE activities",
    ],
)
def test_the_database_itself_refuses_to_change_a_line(store: Store, statement: str) -> None:
    write(store)
    if store.is_sqlite and statement.startswith("TRUNCATE"):
        return  # there is no such statement
    if not store.is_sqlite and "OR REPLACE" in statement:
        return  # nor this
    with pytest.raises(DBAPIError, match="only ever added to"), store.writing() as session:
        session.execute(text(statement))
    assert read(store) == [("conversation.unmasked", 1)]


def test_the_newest_come_first_and_pages_go_on_where_they_ended(store: Store) -> None:
    for number in range(7):
        # Two at a time have the same moment.
        write(store, hours=number // 2, subject_id=number)
    seen, before = [], None
    with store.reading() as session:
        while True:
            page = activity_page(session, EVERYTHING, ActivityFilter(), before=before, limit=3)
            seen.append([line.subject_id for line in page.lines])
            before = page.next_before
            if before is None:
                break
    assert seen == [[6, 5, 4], [3, 2, 1], [0]]


@pytest.fixture
def busy(store: Store) -> Store:
    open_company(store)
    hire(store, "wang")
    write(store, "conversation.unmasked", hours=1, user_id=1, subject_id=1, shop_id=1)
    write(store, "conversation.exported", hours=2, user_id=1, subject_id=2, shop_id=2)
    write(store, "import.made", hours=3, subject_kind="import", subject_id=3, shop_id=2)
    return store


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, [3, 2, 1, 1]),
        ({"since": NOW + timedelta(hours=2)}, [3, 2]),
        ({"until": NOW + timedelta(hours=2)}, [1, 1]),
        ({"user_id": 1}, [2, 1]),
        ({"action": "conversation.exported"}, [2]),
        ({"action": "conversation."}, [2, 1]),
        ({"action": "conversation"}, []),
        ({"subject_kind": "import"}, [3]),
        ({"subject_kind": "conversation", "subject_id": 2}, [2]),
        ({"shop_id": 2}, [3, 2]),
        ({"shop_id": 2, "user_id": 1}, [2]),
        ({"user_id": 99}, []),
    ],
)
def test_a_filter_lets_through(busy: Store, wanted: dict[str, Any], ids: list[int]) -> None:
    assert [id for _, id in read(busy, **wanted)] == ids


def test_whoever_is_bound_to_a_shop_reads_of_that_shop_only(busy: Store) -> None:
    assert [id for _, id in read(busy, Scope(shop_ids=frozenset({1})))] == [1]
    assert read(busy, Scope(team_ids=frozenset({1}), agent_id=1)) == []


def test_a_line_has_the_names_of_today(busy: Store) -> None:
    with busy.reading() as session:
        lines = activity_page(session, EVERYTHING, ActivityFilter(action="conversation.unmasked")).lines
    assert [(line.user_name, line.shop_name) for line in lines] == [("Wang", "店铺1")]


def test_the_actions_one_can_ask_for(busy: Store) -> None:
    with busy.reading() as session:
        assert actions(session) == ["conversation.exported", "conversation.unmasked", "import.made", "user.created"]


def test_an_empty_log_has_no_actions(store: Store) -> None:
    with store.reading() as session:
        assert actions(session) == []

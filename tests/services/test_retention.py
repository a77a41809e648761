"""Texts that a shop keeps for so long and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from qaplatform.services.erasing import (
    erase_customer,
    purge_texts,
)
from qaplatform.store import erasing
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Activity,
    ConversationRow,
    Customer,
    FindingRow,
    MessageRow,
    Shop,
)
from tests.plain_run import LostError, PlainRun
from tests.searching import ids_holding
from tests.services.traces import (
    NICK,
    NOW,
    WORDS,
    data_folder,
    figures,
    fill,
    leaks,
)

NIGHT = datetime(2026, 11, 10, 19, 0, tzinfo=UTC)
"""Three in the morning in Shanghai."""


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Path:
    return data_folder(tmp_path, store)


@pytest.fixture
def filled(store: Store, folder: Path) -> Store:
    return fill(store, folder)


# --- retention -------------------------------------------------------------------------------------------


@pytest.fixture
def kept_a_year(filled: Store) -> Iterator[Store]:
    """Shop 1 keeps texts for a year; ten of its conversations are younger."""
    with filled.writing() as session:
        session.get_one(Shop, 1).text_retention_days = 365
        for id in range(51, 61):
            session.get_one(ConversationRow, id).ended_at = NIGHT - timedelta(days=365)
    return filled


def test_texts_go_when_their_shop_keeps_them_no_longer_and_nothing_else(kept_a_year: Store, folder: Path) -> None:
    before = figures(kept_a_year)
    purge_texts(PlainRun(kept_a_year, {}, NIGHT))
    assert figures(kept_a_year) == before
    with kept_a_year.reading() as session:
        row, said = ConversationRow, MessageRow
        purged = session.scalars(select(row.id).where(row.text_purged_at == NIGHT).order_by(row.id)).all()
        assert purged == list(range(1, 51))
        kept = session.scalars(select(said.conversation_id).where(said.text != "").distinct()).all()
        assert sorted(kept) == list(range(51, 61))
        assert session.get_one(Customer, 1).source_key == NICK
        assert session.scalars(select(FindingRow.facts).where(FindingRow.audit_id < 51)).all() == [{}] * 50
        assert ids_holding(session, "别人") != []
        assert ids_holding(session, WORDS[:2]) == [51, 56]
        log = session.execute(select(Activity.action, Activity.subject_id, Activity.details)).all()
        assert log == [("conversations.purged", 1, {"conversations": 50})]
    assert (folder / "uploads" / "1.txt").exists()


def test_by_day_only_what_a_night_has_missed_is_purged(kept_a_year: Store) -> None:
    with kept_a_year.writing() as session:
        session.get_one(ConversationRow, 1).ended_at = NOW - timedelta(days=366, seconds=1)
        for id in range(2, 61):
            session.get_one(ConversationRow, id).ended_at = NOW - timedelta(days=366)
    purge_texts(PlainRun(kept_a_year, {}, NOW))
    with kept_a_year.reading() as session:
        purged = session.scalars(select(ConversationRow.id).where(ConversationRow.text_purged_at.is_not(None)))
        assert purged.all() == [1]


def test_a_purge_again_finds_nothing_to_do_and_an_erasure_may_follow(kept_a_year: Store, folder: Path) -> None:
    purge_texts(PlainRun(kept_a_year, {}, NIGHT))
    again = PlainRun(kept_a_year, {}, NIGHT)
    purge_texts(again)
    assert again.said == []
    erase_customer(PlainRun(kept_a_year, {"customer_id": 1}, NOW))
    assert leaks(kept_a_year, folder) == []


def test_a_purge_that_is_lost_goes_on_where_it_was(kept_a_year: Store) -> None:
    for lost_at in range(20):
        run = PlainRun(kept_a_year, {}, NIGHT, lost_at=lost_at)
        try:
            purge_texts(run)
        except LostError:
            continue
        break
    with kept_a_year.reading() as session:
        assert erasing.ended_before(session, {1: NIGHT - timedelta(days=365)}, limit=10) == []
        assert (
            session.scalar(select(func.sum(func.length(MessageRow.text))).where(MessageRow.conversation_id < 51)) == 0
        )

"""The list with its words, searches that are kept, choices for the filters, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from qaplatform.services.browsing import (
    MOST_SEARCHES,
    BadFilterError,
    NotThereError,
    SearchNameError,
    TooManySearchesError,
    browse,
    drop_search,
    filter_choices,
    keep_search,
    kept_searches,
    view_conversation,
)
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.engine import Store
from qaplatform.store.scopes import Scope
from tests.copies import fill_once
from tests.listed_world import CRITERIA, FIRST, TAGS, Known, open_business, random_conversation, write
from tests.queries import counted_statements

NOW = datetime(2026, 11, 11, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
EVERYTHING = Scope(everything=True)


@pytest.fixture
def known(store: Store) -> list[Known]:
    return list(fill_once(store, _fill))


def _fill(store: Store) -> list[Known]:
    random = Random(2)
    known = [random_conversation(random, id) for id in range(1, 121)]
    known[0] = replace(
        known[0],
        texts=("你好", "我要退款", "Refund 退款", "好的"),
        agent_ids=frozenset({6}),
        started_at=FIRST,
        tags=frozenset({"独有"}),
    )
    known[1] = replace(known[1], texts=("我要退貨", "好的"), agent_ids=frozenset({5}))
    with store.writing() as session:
        open_business(session)
        write(session, known)
    return known


def test_pages_follow_each_other_by_their_places(store: Store, known: list[Known]) -> None:
    ids: list[int] = []
    after: str | None = None
    with store.reading() as session:
        while True:
            page = browse(session, EVERYTHING, ConversationFilter(), order="score", after=after, limit=50)
            ids += [row.conversation.id for row in page.rows]
            assert (page.count.at_least, page.count.exact) == (120, True)
            if page.next is None:
                break
            after = page.next
    assert sorted(ids) == [one.id for one in known]


def test_a_row_shows_what_the_customer_wrote_first(store: Store, known: list[Known]) -> None:
    with store.reading() as session:
        rows = browse(session, EVERYTHING, ConversationFilter(), limit=200).rows
    texts = {row.conversation.id: row.excerpt.text for row in rows if row.excerpt}
    assert texts == {one.id: one.texts[0] for one in known}


@pytest.mark.parametrize(
    ("words", "id", "text", "marked"),
    [
        ("退款", 1, "我要退款", "退款"),
        ("REFUND", 1, "Refund 退款", "Refund"),
        ("refund 退款", 1, "我要退款", "退款"),
        ("退货", 2, "我要退貨", ""),
    ],
)
@pytest.mark.usefixtures("known")
def test_a_search_shows_a_message_that_holds_its_words(store: Store, words, id, text, marked) -> None:
    with store.reading() as session:
        rows = browse(session, EVERYTHING, ConversationFilter(text=words), limit=200).rows
    excerpt = next(row.excerpt for row in rows if row.conversation.id == id)
    assert excerpt is not None
    assert (excerpt.text, excerpt.text[excerpt.start : excerpt.end]) == (text, marked)


@pytest.mark.usefixtures("known")
def test_a_page_with_its_words_takes_few_statements(store: Store) -> None:
    for scope, wanted in ((EVERYTHING, ConversationFilter()), (Scope(agent_id=4), ConversationFilter(text="退款"))):
        with store.reading() as session, counted_statements(store) as seen:
            browse(session, scope, wanted, limit=10)
        assert len(seen) <= 5
        with store.reading() as session, counted_statements(store) as seen:
            filter_choices(session, scope)
        assert len(seen) <= 7


@pytest.mark.usefixtures("known")
def test_what_is_not_in_the_scope_is_not_there(store: Store) -> None:
    with store.reading() as session:
        assert view_conversation(session, Scope(agent_id=6), 1).listed.id == 1
        for scope, id in ((Scope(agent_id=5), 1), (EVERYTHING, 999)):
            with pytest.raises(NotThereError):
                view_conversation(session, scope, id)


@pytest.mark.usefixtures("known")
def test_whoever_sees_everything_chooses_from_everything(store: Store) -> None:
    with store.reading() as session:
        choices = filter_choices(session, EVERYTHING)
    assert [one.name for one in choices.shops] == ["店1", "店2", "店3"]
    assert [one.id for one in choices.teams] == [1, 2, 3]
    assert len(choices.agents) == 6
    assert (choices.channels, choices.queues, choices.languages) == (
        ("chat", "phone"), ("after_sale", "pre_sale"), ("en", "zh"),
    )  # fmt: skip
    assert choices.topics == ("complaint", "order", "refund")
    assert choices.criteria == tuple(sorted(CRITERIA))
    assert choices.tags == tuple(sorted([*TAGS, "独有"]))


@pytest.mark.both_databases
def test_others_choose_from_what_is_theirs(store: Store, known: list[Known]) -> None:
    own = [one for one in known if 5 in one.agent_ids]
    with store.reading() as session:
        choices = filter_choices(session, Scope(agent_id=5))
        of_team = filter_choices(session, Scope(team_ids=frozenset({2})))
        of_nothing = filter_choices(session, Scope())
    assert {one.id for one in choices.shops} == {one.shop_id for one in own}
    assert 5 in {one.id for one in choices.agents}
    assert set(choices.tags) == {tag for one in own for tag in one.tags}
    assert choices.topics == ("complaint", "order", "refund")
    assert [one.id for one in of_team.teams] == [2]
    assert {1, 4} <= {one.id for one in of_team.agents}
    assert of_nothing.shops == ()


@pytest.fixture
def business(store: Store) -> Store:
    with store.writing() as session:
        open_business(session)
    return store


def test_searches_are_kept_by_name_and_are_ones_own(business: Store) -> None:
    with business.writing() as session:
        first = keep_search(session, 1, " 退款  投诉 ", "q=退款&page=3&after=x&sort=priority", zone=ZONE, now=NOW)
        keep_search(session, 1, "a", "shop=2", zone=ZONE, now=NOW)
        other = keep_search(session, 2, "退款 投诉", "q=别人", zone=ZONE, now=NOW)
    with business.writing() as session:
        assert keep_search(session, 1, "退款 投诉", "q=退货", zone=ZONE, now=NOW) == first
        with pytest.raises(NotThereError):
            drop_search(session, 1, other)
    with business.reading() as session:
        kept = {one.name: one.query for one in kept_searches(session, 1)}
    assert kept == {"a": "shop=2", "退款 投诉": "q=%E9%80%80%E8%B4%A7"}
    with business.writing() as session:
        drop_search(session, 1, first)
        with pytest.raises(NotThereError):
            drop_search(session, 1, first)
        assert [one.name for one in kept_searches(session, 1)] == ["a"]
        assert [one.name for one in kept_searches(session, 2)] == ["退款 投诉"]


def test_the_order_is_kept_with_the_filter(business: Store) -> None:
    with business.writing() as session:
        keep_search(session, 1, "x", "sort=priority", zone=ZONE, now=NOW)
        keep_search(session, 1, "y", "sort=score&q=a", zone=ZONE, now=NOW)
        assert [one.query for one in kept_searches(session, 1)] == ["sort=priority", "q=a&sort=score"]


@pytest.mark.both_databases
def test_a_search_that_cannot_be_kept_is_refused(business: Store) -> None:
    with business.writing() as session:
        for name in ("", "   ", "x" * 101, "a\0b"):
            with pytest.raises(SearchNameError):
                keep_search(session, 1, name, "q=a", zone=ZONE, now=NOW)
        for query in ("shop=x", "sort=oldest"):
            with pytest.raises(BadFilterError):
                keep_search(session, 1, "x", query, zone=ZONE, now=NOW)
        for number in range(MOST_SEARCHES):
            keep_search(session, 1, f"n{number}", "q=a", zone=ZONE, now=NOW)
        with pytest.raises(TooManySearchesError):
            keep_search(session, 1, "one more", "q=a", zone=ZONE, now=NOW)
        keep_search(session, 1, "n7", "q=b", zone=ZONE, now=NOW)

"""The list of conversations says what a plain loop over all of them says, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import cycle, islice, product
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select, update

from qaplatform.store import marks
from qaplatform.store.conversation_filters import ConversationFilter, within_scope
from qaplatform.store.engine import Store
from qaplatform.store.listing import Bounds, Cursor, Order, count_conversations, list_conversations, neighbours
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import ConversationRow, CriterionResult, MessageRow
from qaplatform.store.week_hours import WeekHours
from tests.conftest import FULL
from tests.copies import fill_once
from tests.listed_world import FIRST, TAGS, Known, in_order, is_meant, open_business, random_conversation, write
from tests.queries import counted_statements, sqlite_plans
from tests.stores import ONLY_SQLITE

T = TypeVar("T")
EVERYTHING = Scope(everything=True)
ORDERS: tuple[Order, ...] = ("newest", "priority", "score")
COLUMNS = ("started_at", "priority", "score")
TIGHT = Bounds(most_counted=20, most_read=10, few=15, windows=(8, 12), most_hits=10)
"""So small that a few hundred conversations take every way."""
FILTERS: dict[str, ConversationFilter] = {
    "nothing": ConversationFilter(),
    "one shop": ConversationFilter(shop_ids=frozenset({2})),
    "two shops": ConversationFilter(shop_ids=frozenset({1, 3})),
    "one team": ConversationFilter(team_ids=frozenset({3})),
    "two teams": ConversationFilter(team_ids=frozenset({1, 2})),
    "one agent": ConversationFilter(agent_ids=frozenset({4})),
    "two agents": ConversationFilter(agent_ids=frozenset({4, 5})),
    "an agent nobody knows": ConversationFilter(agent_ids=frozenset({99})),
    "since": ConversationFilter(since=FIRST + timedelta(hours=30)),
    "until": ConversationFilter(until=FIRST + timedelta(hours=30)),
    "an hour": ConversationFilter(since=FIRST + timedelta(hours=30), until=FIRST + timedelta(hours=31)),
    "an hour of every day": ConversationFilter(begun_in=WeekHours(None, 14, ZoneInfo("Asia/Shanghai"))),
    "a weekday": ConversationFilter(begun_in=WeekHours(1, None, ZoneInfo("America/New_York"))),
    "an hour of a weekday where the clocks change": ConversationFilter(
        begun_in=WeekHours(7, 1, ZoneInfo("America/New_York")), since=FIRST - timedelta(days=9)
    ),
    "channel": ConversationFilter(channels=frozenset({"phone"})),
    "queue": ConversationFilter(queues=frozenset({"pre_sale", "after_sale"})),
    "language": ConversationFilter(languages=frozenset({"en"})),
    "topic": ConversationFilter(topics=frozenset({"refund"})),
    "verdicts": ConversationFilter(verdicts=frozenset({"fail", "critical"})),
    "pending": ConversationFilter(verdicts=frozenset({"pending"})),
    "score": ConversationFilter(min_score=55.5, max_score=80.0),
    "least score": ConversationFilter(min_score=0.0),
    "priority": ConversationFilter(min_priority=0.25),
    "failed": ConversationFilter(failed="insult"),
    "csat": ConversationFilter(min_csat=3.0, max_csat=4.0),
    "import": ConversationFilter(import_id=2),
    "first agent": ConversationFilter(first_agent_id=2),
    "an import nobody knows": ConversationFilter(import_id=99),
    "customer": ConversationFilter(customer_id=7),
    "case": ConversationFilter(case_id=3),
    "order": ConversationFilter(order_id="D7"),
    "tag": ConversationFilter(tag="升级"),
    "open work": ConversationFilter(open_work=True),
    "no open work": ConversationFilter(open_work=False),
    "reviewed": ConversationFilter(reviewed=True),
    "not reviewed": ConversationFilter(reviewed=False),
    "word": ConversationFilter(text="退款"),
    "character": ConversationFilter(text="退"),
    "phrase": ConversationFilter(text="退款到账"),
    "two words": ConversationFilter(text="退款 宁波"),
    "number": ConversationFilter(text="9123154007"),
    "latin": ConversationFilter(text="refund"),
    "what nobody said": ConversationFilter(text="琥珀"),
    "marks": ConversationFilter(text="?!"),
}
SCOPES: dict[str, Scope] = {
    "everything": EVERYTHING,
    "nothing": Scope(),
    "one shop": Scope(shop_ids=frozenset({2})),
    "two shops": Scope(shop_ids=frozenset({1, 2})),
    "one team": Scope(team_ids=frozenset({3})),
    "an agent": Scope(agent_id=4),
    "an agent nobody knows": Scope(agent_id=99),
    "shop or team": Scope(shop_ids=frozenset({1}), team_ids=frozenset({2})),
    "team or own": Scope(team_ids=frozenset({2}), agent_id=4),
}


class Filled(msgspec.Struct, frozen=True):
    """A database and what is in it."""

    store: Store
    known: Sequence[Known]

    def ids(
        self, wanted: ConversationFilter, scope: Scope = EVERYTHING, *, order: Order = "newest",
        limit: int = 61, bounds: Bounds = TIGHT,
    ) -> list[int]:  # fmt: skip
        """All pages of a list, one after the other."""
        ids: list[int] = []
        after: Cursor | None = None
        with self.store.reading() as session:
            while True:
                page = list_conversations(session, wanted, scope, order=order, after=after, limit=limit, bounds=bounds)
                ids += [row.id for row in page.rows]
                if page.next is None:
                    return ids
                assert len(page.rows) == limit
                after = page.next

    def ids_backwards(
        self, wanted: ConversationFilter, scope: Scope, *, order: Order, limit: int, bounds: Bounds
    ) -> list[int]:
        """The same, found from the last page back to the first."""
        with self.store.reading() as session:
            page = list_conversations(session, wanted, scope, order=order, limit=limit, bounds=bounds)
            while page.next is not None:
                page = list_conversations(
                    session, wanted, scope, order=order, after=page.next, limit=limit, bounds=bounds
                )
            ids = [row.id for row in page.rows]
            while page.previous is not None:
                page = list_conversations(
                    session, wanted, scope, order=order, before=page.previous, limit=limit, bounds=bounds
                )
                ids = [row.id for row in page.rows] + ids
        return ids

    def meant(self, wanted: ConversationFilter, scope: Scope = EVERYTHING, order: Order = "newest") -> list[int]:
        """What the oracle says."""
        return in_order((one for one in self.known if is_meant(one, wanted, scope)), order)


@pytest.fixture
def filled(store: Store) -> Filled:
    return Filled(store, fill_once(store, _fill))


def _fill(store: Store) -> list[Known]:
    random = Random(11)
    # Numbers that are no order of time.
    known = [random_conversation(random, id) for id in random.sample(range(1, 2000), 300)]
    with store.writing() as session:
        open_business(session)
        write(session, known)
    return known


def by_turns(lists: Iterable[T]) -> Iterator[tuple[T, Order]]:
    """Each list in one of the orders, and with --full in every one."""
    return product(lists, ORDERS) if FULL else zip(lists, cycle(ORDERS), strict=False)


def any_filter(random: Random) -> ConversationFilter:
    """Two to four filters together."""
    fields: dict[str, object] = {}
    for name in random.sample(sorted(FILTERS), random.randint(2, 4)):
        one = FILTERS[name]
        fields |= {key: getattr(one, key) for key in one.__struct_fields__ if getattr(one, key) != getattr(_NONE, key)}
    return ConversationFilter(**fields)  # type: ignore[arg-type]


_NONE = ConversationFilter()


def test_every_filter_alone_in_every_order(filled: Filled) -> None:
    ways = product(FILTERS.items(), ORDERS) if filled.store.is_sqlite else by_turns(FILTERS.items())
    for (name, wanted), order in ways:
        meant = filled.meant(wanted, order=order)
        assert filled.ids(wanted, order=order) == meant, (name, order)
        if order == "newest":
            assert filled.ids(wanted, order=order, limit=200, bounds=Bounds()) == meant, (name, order)


def test_every_scope_in_every_order(filled: Filled) -> None:
    for (name, scope), order in product(SCOPES.items(), ORDERS):
        assert filled.ids(_NONE, scope, order=order) == filled.meant(_NONE, scope, order), (name, order)


def test_filters_together_in_any_scope(filled: Filled) -> None:
    random = Random(5)
    found = 0
    draws = 120 if FULL else 60
    for _ in range(draws):
        wanted, scope, order = any_filter(random), random.choice(list(SCOPES.values())), random.choice(ORDERS)
        meant = filled.meant(wanted, scope, order)
        found += len(meant)
        bounds = random.choice((TIGHT, Bounds()))
        assert filled.ids(wanted, scope, order=order, limit=random.choice((3, 40, 200)), bounds=bounds) == meant, (
            wanted, scope, order,
        )  # fmt: skip
    assert found > 2 * draws


def test_pages_lead_back_through_the_same_rows(filled: Filled) -> None:
    for (name, wanted), order in by_turns(FILTERS.items()):
        meant = filled.meant(wanted, order=order)
        found = filled.ids_backwards(wanted, EVERYTHING, order=order, limit=61, bounds=TIGHT)
        # The first page is a whole one, and may show again some of the second.
        assert list(dict.fromkeys(found)) == meant, (name, order)


def test_the_neighbours_of_each_are_those_before_and_behind_it(filled: Filled) -> None:
    random = Random(8)
    lists = [(wanted, EVERYTHING) for wanted in FILTERS.values()]
    lists += [(any_filter(random), random.choice(list(SCOPES.values()))) for _ in range(20)]
    for (wanted, scope), order in by_turns(lists):
        meant: list[int | None] = [None, *filled.meant(wanted, scope, order), None]
        for place in {1, 2, len(meant) // 2, len(meant) - 2} & set(range(1, len(meant) - 1)):
            known = next(one for one in filled.known if one.id == meant[place])
            value = {"newest": known.started_at, "priority": known.priority, "score": known.score}[order]
            with filled.store.reading() as session:
                found = neighbours(
                    session,
                    wanted,
                    scope,
                    Cursor(value, known.id),
                    order=order,
                    bounds=random.choice((TIGHT, Bounds())),
                )
            assert [found.previous_id, found.next_id] == [meant[place - 1], meant[place + 1]], (wanted, scope, order)


def test_neighbours_take_one_statement_beside_that_which_chooses_the_way(filled: Filled) -> None:
    most = {"nothing": 1, "one shop": 1, "one agent": 1, "failed": 1, "verdicts": 1, "order": 1, "two agents": 2}
    known = filled.known[0]
    for (name, statements), order in product(most.items(), ORDERS):
        value = {"newest": known.started_at, "priority": known.priority, "score": known.score}[order]
        with filled.store.reading() as session, counted_statements(filled.store) as seen:
            neighbours(session, FILTERS[name], EVERYTHING, Cursor(value, known.id), order=order)
        assert len(seen) <= statements, (name, seen)


def test_a_count_is_exact_or_too_small(filled: Filled) -> None:
    random = Random(6)
    exact = 0
    for bounds in (TIGHT, Bounds()):
        lists = [*FILTERS.items(), *((str(n), any_filter(random)) for n in range(20))]
        # Where there is room for all, the ways are few.
        for name, wanted in lists if FULL or bounds is TIGHT else lists[::3]:
            scope = random.choice(list(SCOPES.values()))
            meant = len(filled.meant(wanted, scope))
            with filled.store.reading() as session:
                page = list_conversations(session, wanted, scope, limit=10, bounds=bounds)
                again = count_conversations(session, wanted, scope, limit=10, bounds=bounds)
            for count in (page.count, again):
                assert count is not None
                assert count.at_least == meant if count.exact else count.at_least <= meant, (name, scope)
                assert count.exact or bounds is TIGHT or wanted.text
            assert page.count is not None
            assert page.count.at_least >= len(page.rows)
            assert page.count.exact or page.next is not None
            exact += page.count.exact
    assert exact > 30


def test_a_count_goes_no_further_than_it_may(filled: Filled) -> None:
    with filled.store.reading() as session:
        page = list_conversations(session, _NONE, EVERYTHING, limit=5, bounds=TIGHT)
    assert page.count is not None
    assert (page.count.at_least, page.count.exact) == (20, False)


def test_a_page_has_the_names_of_what_it_belongs_to(filled: Filled) -> None:
    known = next(one for one in filled.known if one.agent_ids and one.team_id and one.customer_id and one.verdict)
    wanted = ConversationFilter(customer_id=known.customer_id)
    with filled.store.reading() as session:
        row = next(row for row in list_conversations(session, wanted, EVERYTHING).rows if row.id == known.id)
    assert (row.shop, row.team, row.agent) == (
        f"店{known.shop_id}", f"{known.team_id}组", f"客服{min(known.agent_ids)}",
    )  # fmt: skip
    assert (row.customer, row.timezone, row.started_at) == (
        f"客户{known.customer_id}",
        "Asia/Shanghai",
        known.started_at,
    )
    assert (row.verdict, row.score, row.priority, row.topic) == (
        known.verdict, known.score, known.priority, known.topic,
    )  # fmt: skip
    assert (row.tags, row.failed_count, row.message_count) == (
        sorted(known.tags), len(known.failed), len(known.texts),
    )  # fmt: skip


@pytest.mark.parametrize("order", ORDERS)
def test_pages_show_every_row_once_while_others_come_in(filled: Filled, order: Order) -> None:
    random = Random(3)
    new_id = 5000
    # Each list in one of the orders, and with --full in every one.
    names = ("nothing", "one agent", "failed", "word", "phrase", "one shop", "two agents")
    for name in names if FULL else names[ORDERS.index(order) :: len(ORDERS)]:
        seen: list[int] = []
        after: Cursor | None = None
        while True:
            with filled.store.reading() as session:
                page = list_conversations(
                    session, FILTERS[name], EVERYTHING, order=order, after=after, limit=19, bounds=TIGHT
                )
            seen += [row.id for row in page.rows]
            if page.next is None:
                break
            after = page.next
            with filled.store.writing() as session:
                write(session, [random_conversation(random, new_id + n) for n in range(3)])
            new_id += 3
        assert len(seen) == len(set(seen))
        assert [id for id in seen if id < 5000] == filled.meant(FILTERS[name], order=order)


def test_a_scope_narrows_any_select_of_conversations(filled: Filled) -> None:
    for name, scope in SCOPES.items():
        with filled.store.reading() as session:
            ids = session.scalars(within_scope(select(ConversationRow.id), scope)).all()
        assert sorted(ids) == sorted(filled.meant(_NONE, scope)), name


def test_a_page_takes_a_fixed_number_of_statements(filled: Filled) -> None:
    most = {"nothing": 3, "one shop": 3, "one agent": 3, "failed": 3, "verdicts": 3, "order": 3, "two agents": 4}
    most |= {"word": 5, "phrase": 5, "what nobody said": 5, "number": 5}
    for name, statements in most.items():
        for limit, scope in (
            (2, EVERYTHING),
            (50, EVERYTHING),
            (50, Scope(agent_id=4)),
            (50, Scope(team_ids=frozenset({1}))),
        ):
            with filled.store.reading() as session, counted_statements(filled.store) as seen:
                list_conversations(session, FILTERS[name], scope, limit=limit)
            assert len(seen) <= statements + (scope.agent_id is not None), (name, seen)


@ONLY_SQLITE
def test_sqlite_takes_the_way_it_is_told(filled: Filled) -> None:
    steps: set[str] = set()
    known = filled.known[0]
    # An eighth of them in the ordinary run: of every filter, in every order, in some scopes.
    ways = islice(product(FILTERS.items(), SCOPES.values(), ORDERS), 0, None, 1 if FULL else 8)
    for (name, wanted), scope, order in ways:
        with sqlite_plans(filled.store) as seen, filled.store.reading() as session:
            list_conversations(session, wanted, scope, order=order, limit=5, bounds=TIGHT)
            value = known.started_at if order == "newest" else None
            neighbours(session, wanted, scope, Cursor(value, known.id), order=order, bounds=TIGHT)
        # Nothing is gone through row by row; what is sorted are few.
        bad = [step for step in seen if step.startswith("SCAN conversation") and "COVERING INDEX" not in step]
        assert bad == [], (name, scope, order)
        assert "USE TEMP B-TREE FOR ORDER BY" not in seen or "MATERIALIZE few" in seen, (name, scope, order, seen)
        steps |= set(seen)
    used = {match for step in steps for match in re.findall(r"ix_conversation\w+", step)}
    assert {f"ix_{table}_by_{order}" for table in ("conversations", "conversation_agents") for order in COLUMNS} <= used
    assert {f"ix_conversations_{key}_started_at_id" for key in ("shop_id", "team_id", "case_id", "customer_id")} <= used


def test_marks_follow_what_they_are_made_of(filled: Filled) -> None:
    one = next(one for one in filled.known if one.verdict and one.agent_ids == {4} and not one.failed and not one.tags)
    agents, failed = ConversationFilter(agent_ids=frozenset({6})), ConversationFilter(failed="insult")
    tag = ConversationFilter(tag=TAGS[0])
    with filled.store.writing() as session:
        session.execute(update(MessageRow).where(MessageRow.conversation_id == one.id).values(agent_id=6))
        session.execute(
            update(CriterionResult)
            .where(CriterionResult.audit_id == one.id, CriterionResult.criterion == "insult")
            .values(outcome="fail")
        )
        session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == one.id)
            .values(tags=[TAGS[0], TAGS[0]], priority=1.0, started_at=FIRST + timedelta(days=30))
        )
        marks.refresh(session, [one.id])
    for wanted, order in product((agents, failed, tag), ("newest", "priority")):
        assert filled.ids(wanted, order=order)[0] == one.id
    assert one.id not in filled.ids(ConversationFilter(agent_ids=frozenset({4})))

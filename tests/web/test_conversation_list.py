"""The list of conversations: rows, filters, paging, kept searches, exports."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select, update

from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, Customer
from qaplatform.web.current import store_of
from tests.conftest import FULL
from tests.copies import fill_once
from tests.queries import counted_statements
from tests.web.chats import PHONE, chat, good, quarrel, said, take_in
from tests.web.conftest import SignIn
from tests.web.test_conversations import words_of

PAGE = 50


@pytest.fixture
def chats(store: Store, people: None) -> None:  # noqa: ARG001 - whose conversations they are
    """A bad one and three good ones of shop 1, one of shop 2."""
    fill_once(store, _fill)


def _fill(store: Store) -> None:
    elsewhere = chat(
        "elsewhere",
        said("customer", "ring light 退款", 7000),
        said("agent", "Hello", 7010, agent="a05"),
        shop="s2", queue="pre_sale", channel="email", language="en",
    )  # fmt: skip
    take_in(store, quarrel(), *(good(number) for number in range(3)), elsewhere)


def rows_of(page: str) -> list[str]:
    """What stands in the rows."""
    return [words_of(row) for row in re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)]


def addresses_of(page: str) -> list[str]:
    """Where the rows lead."""
    return re.findall(r'class="conv-words" href="([^"?]+)', page)


def place_of(page: str) -> str:
    """What the addresses of its rows say of the list."""
    [place] = set(re.findall(r'class="conv-words" href="[^"?]+([^"]*)"', page))
    return html.unescape(place)


def links(page: str, css: str) -> list[str]:
    """The addresses of links of a class."""
    return [html.unescape(one) for one in re.findall(rf'<a class="{css}"[^>]*? href="([^"]+)"', page)]


@pytest.mark.usefixtures("chats")
def test_a_row_says_what_it_is_about(signed_in: SignIn) -> None:
    page = signed_in("lead").get("/conversations").text
    [row] = [one for one in rows_of(page) if "怎么还没发货" in one]
    for expected in (
        "2026-11-10", "10:00", "晴空家居旗舰店", "苏晓棠", "C-", "金卡", "¥399.5", "11 条消息", "物流", "待确认", "引流站外", "[手机号1]",
    ):  # fmt: skip
        assert expected in row, expected
    assert PHONE not in page
    assert "buyer-" not in page
    assert "共 5 通会话" in words_of(page)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("q=退款", 1),
        ("q=发货", 1),
        ("q=2026111190817263", 1),
        ("q=没有的词", 0),
        ("shop=1", 4),
        ("agent=2", 1),  # who came in by a transfer
        ("team=2", 1),
        ("queue=pre_sale", 4),
        ("channel=email", 1),
        ("language=en", 1),
        ("verdict=pending", 1),
        ("verdict=pending&verdict=fail", None),
        ("failed=off_platform", 1),
        ("topic=delivery", None),
        ("score_to=60", None),
        ("csat_to=2", 1),
        ("order=2026111190817263", 1),
        ("tag=催发货", 1),
        ("from=2026-11-10&to=2026-11-10", 5),
        ("from=2026-11-11", 0),
        ("open_work=yes", 0),
        ("reviewed=yes", 0),
        ("priority_from=0.2", None),
    ],
)
@pytest.mark.usefixtures("chats")
def test_filters_narrow_the_list_and_stand_as_chips(signed_in: SignIn, query: str, count: int | None) -> None:
    client = signed_in("lead")
    page = client.get(f"/conversations?{query}").text
    found = addresses_of(page)
    assert count is None or len(found) == count
    chips = links(page, "chip-clear")
    assert len(chips) == (query.count("=") if query else 0)
    if chips:  # Without any of them it is the whole list again.
        for _ in range(len(chips)):
            page = client.get(links(page, "chip-clear")[0]).text
        assert links(page, "chip-clear") == []
        assert len(addresses_of(page)) == 5


@pytest.mark.usefixtures("chats")
def test_the_form_shows_what_is_filtered(signed_in: SignIn) -> None:
    query = "q=发货&verdict=pending&shop=1&score_to=90&from=2026-11-01&priority_from=0.2"
    page = signed_in("lead").get(f"/conversations?{query}").text
    form = page.partition('class="filters"')[2].partition("</form>")[0]
    for expected in (
        'value="发货"', 'value="pending" checked', '<option value="1" selected>', 'name="score_to" value="90"',
        'value="2026-11-01"', '<details class="further" open>', '<option value="0.2" selected>',
    ):  # fmt: skip
        assert expected in form, expected


@pytest.mark.parametrize(
    "query",
    [
        "score_to=x",
        "from=gestern",
        "shop=a",
        "verdict=best",
        "after=x",
        "before=x",
        "sort=age",
        "q=%00",
        "q=" + "字" * 500,
    ],
)
@pytest.mark.usefixtures("chats")
def test_nonsense_in_an_address_is_said_and_left_out(signed_in: SignIn, query: str) -> None:
    page = signed_in("lead").get(f"/conversations?{query}&queue=pre_sale").text
    assert "已忽略" in page
    assert len(addresses_of(page)) == 4


@pytest.mark.usefixtures("chats")
def test_words_that_were_found_are_marked_behind_the_mask(signed_in: SignIn, store: Store) -> None:
    take_in(
        store,
        chat(
            "long", said("customer", "您好", 9000), said("customer", f"说来话长{'，真的' * 60}电话{PHONE}要退款", 9010)
        ),
    )
    page = signed_in("lead").get("/conversations?q=退款").text
    assert page.count('<mark class="hit hit-found">退款</mark>') == 2
    assert '<mark class="hit hit-masked">[手机号1]</mark>要<mark class="hit hit-found">退款</mark>' in page
    assert PHONE not in page
    traditional = signed_in("lead").get("/conversations?q=发货").text
    assert '没<mark class="hit hit-found">发货</mark>' in traditional


@pytest.mark.usefixtures("chats")
def test_orders_and_the_part_that_htmx_swaps(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    with store.reading() as session:
        by_priority = session.scalars(
            select(ConversationRow).order_by(ConversationRow.priority.desc(), ConversationRow.id.desc())
        ).all()
    page = client.get("/conversations?sort=priority").text
    assert addresses_of(page) == [f"/conversations/{one.id}" for one in by_priority]
    part = client.get("/conversations?sort=priority", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert addresses_of(part) == addresses_of(page)


@pytest.mark.usefixtures("people")
def test_pages_go_on_where_the_one_before_ended(signed_in: SignIn, store: Store) -> None:
    take_in(store, *(good(number) for number in range(PAGE + 7)))
    client = signed_in("lead")
    first = client.get("/conversations?queue=pre_sale").text
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(html.unescape(following)).text
    assert (len(addresses_of(first)), len(addresses_of(second))) == (PAGE, 7)
    assert not set(addresses_of(first)) & set(addresses_of(second))
    assert "共 57 通会话" in words_of(second)
    assert 'rel="next"' not in second
    assert "回到第一页" in second


def way(page: str, rel: str) -> str | None:
    """The address of the page before or behind, or of the conversation."""
    found = re.findall(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[0]) if found else None


@pytest.mark.parametrize("query", ["queue=pre_sale", "q=有货", "sort=score", "sort=priority&verdict=pass"])
@pytest.mark.usefixtures("people")
def test_pages_lead_back_as_they_led_on(signed_in: SignIn, store: Store, query: str) -> None:
    fill_once(store, _more_than_two_pages)
    client = signed_in("lead")
    address: str | None = f"/conversations?{query}"
    forth, back = [], []
    while address:
        last = address
        page = client.get(address).text
        forth.append(addresses_of(page))
        address = way(page, "next")
    assert [len(one) for one in forth] == [PAGE, PAGE, 7]
    address = last
    while address:
        page = client.get(address).text
        back.append(addresses_of(page))
        assert "共 107 通会话" in words_of(page) or query.startswith("q=")
        address = way(page, "prev")
    assert back == forth[::-1]
    assert "回到第一页" not in page
    assert way(page, "next")


@pytest.mark.usefixtures("people")
def test_a_page_that_has_come_near_the_beginning_is_the_first(signed_in: SignIn, store: Store) -> None:
    take_in(store, *(good(number) for number in range(PAGE + 7)))
    client = signed_in("lead")
    first = client.get("/conversations").text
    [tenth] = re.findall(r"/(\d+)$", addresses_of(first)[10])
    with store.reading() as session:
        moment = session.get_one(ConversationRow, int(tenth)).started_at
    page = client.get("/conversations", query_string={"before": f"{moment.isoformat()}~{tenth}"}).text
    assert addresses_of(page) == addresses_of(first)
    assert way(page, "prev") is None


def _more_than_two_pages(store: Store) -> None:
    take_in(store, *(good(number) for number in range(2 * PAGE + 7)))


def _more_than_a_page(store: Store) -> None:
    chats = (good(number, queue="pre_sale" if number % 9 else "after_sale") for number in range(PAGE + 7))
    take_in(store, quarrel(), *chats)


@pytest.mark.parametrize(
    ("query", "more"), [("", 1), ("queue=pre_sale&sort=score", 1), ("failed=greeting", 1), ("q=有货", 8)]
)
@pytest.mark.usefixtures("people")
def test_one_goes_from_conversation_to_conversation_as_they_stand_in_the_list(
    signed_in: SignIn, store: Store, query: str, more: int
) -> None:
    fill_once(store, _more_than_a_page)
    client = signed_in("lead")
    address: str | None = f"/conversations?{query}"
    listed: list[str] = []
    places = set()
    while address:
        page = client.get(address).text
        listed += addresses_of(page)
        places.add(place_of(page))
        address = way(page, "next")
    [place] = [one for one in places if "after" not in one]
    # Some from the first one on, and the last ones, between two of which a page of the list ends; with --full all of them.
    for first in sorted({0, max(0, min(PAGE, len(listed)) - 3)}):
        number, address = first, listed[first] + place
        while address and (FULL or number < first + 12):
            here = address.partition("?")[0]
            assert here == listed[number]
            with counted_statements(store_of(client.application)) as statements:
                page = client.get(address).text
            client.looks = number < 2
            if number in (0, 10):
                with counted_statements(store_of(client.application)) as alone:
                    client.get(here)
                assert len(statements) - len(alone) <= more, statements
            assert way(page, "prev") == (listed[number - 1] + place if number else None)
            number, address = number + 1, way(page, "next")
    assert number == len(listed)
    assert "已是最后一通" in page
    # And to the page of the list one came from.
    for one in places:
        back = re.findall(r'class="page-back" href="([^"]+)"', client.get(listed[0] + one).text)
        assert listed[0 if "after" not in one else -1] in addresses_of(client.get(html.unescape(back[0])).text)


@pytest.mark.usefixtures("chats")
def test_the_list_one_came_from_is_kept_by_what_one_does(signed_in: SignIn) -> None:
    client = signed_in("lead")
    address = "/conversations/1?list=shop%3D1"
    for path, values in (("notes", {"text": "好"}), ("reaudit", {})):
        answer = client.submit(f"/conversations/1/{path}?list=shop%3D1", values, page=address)
        assert answer.location.partition("#")[0] == address
    assert "上一通" in client.submit("/conversations/1/unmask?list=shop%3D1", page=address).text
    page = client.get("/conversations/1").text
    assert "上一通" not in page
    assert "已是第一通" not in page
    assert client.get("/conversations/1?list=%00&list=%26after%3Dx%26sort%3D8").status_code == 200


@pytest.mark.parametrize(
    ("login", "count"),
    [("lead", 5), ("inspector", 4), ("teamlead", 4), ("manager", 1), ("mentor", 1), ("agent", 4), ("newhire", 0)],
)
@pytest.mark.usefixtures("chats")
def test_everybody_finds_what_is_theirs(signed_in: SignIn, login: str, count: int) -> None:
    page = signed_in(login).get("/conversations").text
    assert len(addresses_of(page)) == count
    assert ('name="shop"' in page) == (login not in {"agent", "newhire"})
    assert ("导出" in page) == (login in {"lead", "teamlead", "manager"})


@pytest.mark.usefixtures("chats")
def test_erased_customers_and_purged_texts_stand_in_the_list(signed_in: SignIn, store: Store) -> None:
    from qaplatform.store.tables import MessageRow  # noqa: PLC0415

    with store.writing() as session:
        now = session.scalars(select(ConversationRow.updated_at)).first()
        session.execute(update(ConversationRow).values(text_purged_at=now))
        session.execute(update(MessageRow).values(text=""))
        session.execute(update(Customer).values(source_key=None, erased_at=now))
    page = signed_in("lead").get("/conversations").text
    assert page.count("原文已清除") == 5


@pytest.mark.parametrize("query", ["", "q=有货", "verdict=pass&sort=score"])
@pytest.mark.usefixtures("people")
def test_a_list_costs_the_same_queries_however_long_it_is(signed_in: SignIn, store: Store, query: str) -> None:
    client, counts = signed_in("lead"), []
    for batch in (range(3), range(3, 60)):
        take_in(store, *(good(number) for number in batch))
        client.get(f"/conversations?{query}")
        with counted_statements(store_of(client.application)) as statements:
            assert len(addresses_of(client.get(f"/conversations?{query}").text)) == min(PAGE, batch.stop)
        counts.append(len(statements))
    assert counts[1] - counts[0] in (0, 1), counts  # a full page is counted as well
    assert max(counts) <= 20


@pytest.mark.parametrize("query", ["a=1&" * 450, "q=x&" * 450, "shop=1&" * 450, "q=x&team=y&" * 450])
@pytest.mark.parametrize("address", ["/conversations?", "/conversations?list="])
def test_an_address_with_too_many_filters_is_answered_all_the_same(signed_in: SignIn, address: str, query: str) -> None:
    client = signed_in("lead")
    assert client.get(address + query).status_code == 200
    kept = client.submit("/conversations/searches", {"name": "x", "query": query}, page="/me")
    assert kept.location == "/conversations"

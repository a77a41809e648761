"""Pages, sorting, and addresses that keep what was asked for."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from flask import Flask

from qaplatform.web.access import permitted
from qaplatform.web.paging import page_of, sort_of


@pytest.fixture(scope="module")
def listing(bare_app: Flask) -> Flask:
    """A list to page through."""
    bare_app.add_url_rule("/list/<int:shop>", endpoint="list", view_func=permitted("self.manage")(lambda **_: {}))
    return bare_app


@pytest.mark.parametrize(
    ("query", "rows", "first", "last", "before", "after"),
    [
        ("", 3, 1, 2, None, "/list/7?page=2"),
        ("?page=2&q=退款", 3, 3, 4, "/list/7?q=退款", "/list/7?page=3&q=退款"),
        ("?page=3", 1, 5, 5, "/list/7?page=2", None),
        ("?page=-1", 2, 1, 2, None, None),
        ("?page=x", 2, 1, 2, None, None),
        ("?page=99999999", 0, 19_999, 19_998, "/list/7?page=9999", None),
        ("?tag=a&tag=b", 3, 1, 2, None, "/list/7?tag=a&tag=b&page=2"),
    ],
)
def test_a_page_knows_where_it_stands_and_how_to_go_on(
    listing: Flask, query: str, rows: int, first: int, last: int, before: str | None, after: str | None
) -> None:
    with listing.test_request_context(f"/list/7{query}"):
        page = page_of(list(range(rows)), 2)
        ways = [unquote(way) if way else None for way in (page.previous_url, page.next_url)]
        assert (page.first, page.last, *ways) == (first, last, before, after)


@pytest.mark.parametrize(("query", "total", "more"), [("", 4, True), ("", 2, False), ("?page=2", 4, False)])
def test_where_the_list_was_counted_the_count_says_how_to_go_on(
    listing: Flask, query: str, total: int, more: bool
) -> None:
    with listing.test_request_context(f"/list/7{query}"):
        page = page_of([1, 2], 2, total)
        assert (page.next_url is not None, page.total) == (more, total)


@pytest.mark.parametrize(
    ("query", "key", "descending"),
    [
        ("", "started", True),
        ("?sort=score", "score", False),
        ("?sort=-score", "score", True),
        ("?sort=x", "started", True),
    ],
)
def test_a_list_is_sorted_by_a_column_it_has(listing: Flask, query: str, key: str, descending: bool) -> None:
    with listing.test_request_context(f"/list/7{query}"):
        sort = sort_of(("started", "score"), "-started")
        assert (sort.key, sort.descending) == (key, descending)


def test_sorting_begins_with_the_highest_then_turns_and_goes_back_to_the_first_page(listing: Flask) -> None:
    with listing.test_request_context("/list/7?page=3&sort=-score&q=a"):
        sort = sort_of(("started", "score"), "-started")
        assert sort.url("score") == "/list/7?sort=score&q=a"
        assert sort.url("started") == "/list/7?sort=-started&q=a"
        assert (sort.aria("score"), sort.aria("started")) == ("descending", "none")

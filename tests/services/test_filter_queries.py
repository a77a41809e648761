"""Filters come back from query strings as they went in, and what cannot be read says where and why."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.services.filter_queries import (
    PARAMETERS,
    VERDICTS,
    BadFilterError,
    format_cursor,
    format_filter,
    parse_cursor,
    parse_filter,
    parse_order,
)
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.listing import Cursor
from qaplatform.store.week_hours import WeekHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
_DAY = datetime(2026, 11, 1, tzinfo=UTC)
_SCORES = st.floats(0, 100).filter(lambda value: value == 0 or value > 1e-5)

ids = st.frozensets(st.integers(0, 10**15), max_size=3)
codes = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1, max_size=20)
words = st.lists(codes, max_size=3).map(" ".join)
figures = st.none() | st.floats(-1000, 1000, allow_nan=False, allow_infinity=False).filter(
    lambda value: value == 0 or abs(value) > 1e-5
)
moments = st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(lambda span: _DAY + span)


@st.composite
def filters(draw: st.DrawFn) -> ConversationFilter:
    least, most = sorted(draw(st.tuples(_SCORES, _SCORES)))
    since = draw(moments)
    until = draw(
        st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=900)).map(lambda span: (since or _DAY) + span)
    )
    return ConversationFilter(
        text=draw(words), shop_ids=draw(ids), team_ids=draw(ids), agent_ids=draw(ids), since=since, until=until,
        channels=draw(st.frozensets(codes, max_size=2)), queues=draw(st.frozensets(codes, max_size=2)),
        languages=draw(st.frozensets(codes, max_size=2)), topics=draw(st.frozensets(codes, max_size=2)),
        verdicts=draw(st.frozensets(st.sampled_from(VERDICTS))), min_score=draw(st.sampled_from([None, least])),
        max_score=draw(st.sampled_from([None, most])), min_priority=draw(figures), min_csat=draw(figures),
        failed=draw(st.none() | codes), customer_id=draw(st.none() | st.integers(0, 10**15)),
        case_id=draw(st.none() | st.integers(0, 10**15)), order_id=draw(st.none() | codes),
        tag=draw(st.none() | codes), open_work=draw(st.sampled_from([None, True, False])),
        reviewed=draw(st.sampled_from([None, True, False])),
    )  # fmt: skip


@given(filters(), st.sampled_from([SHANGHAI, BERLIN, UTC]))
def test_a_filter_comes_back_as_it_went(wanted: ConversationFilter, zone: ZoneInfo) -> None:
    assert parse_filter(format_filter(wanted, zone), zone) == wanted


@given(st.lists(st.tuples(st.sampled_from(sorted(PARAMETERS)) | st.text(), st.text())).map(urlencode) | st.text())
def test_any_query_string_is_a_filter_or_a_complaint(query: str) -> None:
    with suppress(BadFilterError):
        wanted = parse_filter(query, SHANGHAI)
        assert parse_filter(format_filter(wanted, SHANGHAI), SHANGHAI) == wanted


def test_days_are_those_of_the_zone_and_both_included() -> None:
    wanted = parse_filter("from=2026-11-01&to=2026-11-01", SHANGHAI)
    assert (wanted.since, wanted.until) == (
        datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC),
    )  # fmt: skip
    assert format_filter(wanted, SHANGHAI) == "from=2026-11-01&to=2026-11-01"


def test_a_day_of_a_changed_clock_has_its_own_length() -> None:
    wanted = parse_filter("from=2026-10-25&to=2026-10-25", BERLIN)
    assert wanted.since is not None
    assert wanted.until is not None
    assert wanted.until - wanted.since == timedelta(hours=25)


def test_a_moment_is_taken_as_it_stands() -> None:
    wanted = parse_filter("from=2026-11-01T10:00:00%2B08:00&to=2026-11-01T12:30", SHANGHAI)
    assert wanted.since == datetime(2026, 11, 1, 2, tzinfo=UTC)
    assert wanted.until == datetime(2026, 11, 1, 4, 30, tzinfo=UTC)


def test_hours_are_those_of_the_zone() -> None:
    wanted = parse_filter("weekday=7&hour=08&wait_hour=0", BERLIN)
    assert (wanted.begun_in, wanted.waited_in) == (WeekHours(7, 8, BERLIN), WeekHours(None, 0, BERLIN))
    assert format_filter(wanted, BERLIN) == "weekday=7&hour=8&wait_hour=0"


def test_what_is_empty_or_unknown_is_ignored() -> None:
    query = "q=&shop=&shop=3&page=7&sort=score&after=x&utm_source=mail&from=&score_from=+&verdict=&csrf=1"
    assert parse_filter(query, SHANGHAI) == ConversationFilter(shop_ids=frozenset({3}))


def test_the_last_of_several_single_values_counts() -> None:
    assert parse_filter("q=a&q=b", SHANGHAI).text == "b"


@pytest.mark.parametrize(
    ("query", "field", "complaint"),
    [
        ("shop=x", "shop", "number"),
        ("shop=1&shop=-1", "shop", "number"),
        ("agent=1234567890123456789", "agent", "number"),
        ("score_from=nan", "score_from", "number"),
        ("score_to=1e999", "score_to", "number"),
        ("priority_from=,5", "priority_from", "number"),
        ("score_from=80&score_to=60", "score_to", "range"),
        ("csat_from=5&csat_to=1", "csat_to", "range"),
        ("from=2026-11-02&to=2026-11-01", "to", "range"),
        ("from=2026-02-30", "from", "day"),
        ("from=yesterday", "from", "day"),
        ("from=0001-01-01", "from", "day"),
        ("to=9999-12-31", "to", "day"),
        ("weekday=0", "weekday", "choice"),
        ("wait_weekday=8", "wait_weekday", "choice"),
        ("hour=24", "hour", "choice"),
        ("wait_hour=x", "wait_hour", "number"),
        ("verdict=good", "verdict", "choice"),
        ("open_work=maybe", "open_work", "choice"),
        ("q=" + "x" * 201, "q", "long"),
        ("tag=" + "x" * 301, "tag", "long"),
        ("tag=a%00b", "tag", "letters"),
        ("order=a%0Ab", "order", "letters"),
        ("&".join(f"shop={n}" for n in range(201)), "shop", "many"),
        ("&".join(f"shop={n}" for n in range(500)), "q", "many"),
    ],
)
def test_a_complaint_says_where_and_why(query: str, field: str, complaint: str) -> None:
    with pytest.raises(BadFilterError) as caught:
        parse_filter(query, SHANGHAI)
    assert (caught.value.field, caught.value.complaint) == (field, complaint)


@pytest.mark.parametrize(
    ("cursor", "order"),
    [
        (Cursor(datetime(2026, 11, 1, 2, 3, 4, 567, tzinfo=UTC), 7), "newest"),
        (Cursor(0.1 + 0.2, 8), "priority"),
        (Cursor(None, 9), "priority"),
        (Cursor(82.5, 10), "score"),
        (Cursor(0.0, 0), "score"),
    ],
)
def test_a_place_comes_back_as_it_went(cursor: Cursor, order) -> None:
    assert parse_cursor(format_cursor(cursor), order) == cursor


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("x", "newest"), ("~", "newest"), ("~5", "newest"), ("2026-11-01T00:00:00~5", "newest"), ("0.5~5", "newest"),
        ("2026-11-01T00:00:00+00:00~x", "newest"), ("0001-01-01T00:00:00+14:00~1", "newest"), ("nan~5", "score"),
        ("2026-11-01T00:00:00+00:00~5", "score"), ("1~99999999999999999999", "score"),
    ],
)  # fmt: skip
def test_a_place_that_there_cannot_be_is_refused(text: str, order) -> None:
    with pytest.raises(BadFilterError):
        parse_cursor(text, order)


def test_orders_have_names() -> None:
    assert [parse_order(text) for text in (None, "", "score")] == ["newest", "newest", "score"]
    with pytest.raises(BadFilterError):
        parse_order("oldest")

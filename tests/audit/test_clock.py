"""Times of a block, read without a loop, against the standard library's own reading."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.clock import block_seconds, seconds_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
ODD = [
    "", "x", "2026-11-11", "2026-02-30T10:00:00+08:00", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z",
    "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z", "2026-01-01T23:59:60Z",
    "2026-01-01T10:00:00+24:00", "2026-01-01T10:00:00+08:60", "2026-01-01T10:00:00+99:99", "0000-01-01T00:00:00Z",
    "2026-01-01T10:00:00*08:00", "2026/01/01T10:00:00+08:00", "２０２６-01-01T10:00:00Z", "2026-01-01t10:00:00Z",
    "2026-01-01T10:00:00z", "2026-01-01_10:00:00Z", "20260101T100000Z", "2026-W01-1T10:00:00Z", "\ud800" * 20,
    "2026-01-01T10:00:00.5Z", "2026-01-01T10:00:00.123456", "2026-01-01T10:00", "2026-01-01T10", "2026-01-01 10:00:00",
    "2026-01-01T10:00:00", "2026-01-01T10:00:00-23:59", "2026-01-01 10:00:00+08:00", "2024-02-29T10:00:00+08:00",
    "2023-02-29T10:00:00+08:00", "1900-02-29T10:00:00Z", "2000-02-29T10:00:00Z", "1969-12-31T23:59:59Z",
    "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2026-01-01T10:00:00,5Z", "2026-01-01T10:00:00 08:00",
    "0001-01-01T00:00:00", "9999-12-31T23:59:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00",
]  # fmt: skip


def slow(text: str, zone: ZoneInfo = SHANGHAI) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return math.nan
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize("text", ODD)
def test_an_odd_time_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert same(block_seconds([text], SHANGHAI)[0], slow(text))
    assert same(seconds_of(text, SHANGHAI), slow(text))


def test_a_block_of_all_kinds_is_read_time_by_time() -> None:
    times: list[str | None] = [None, *ODD, None]
    read = block_seconds(times, SHANGHAI).tolist()
    assert all(same(one, slow(text or "")) for one, text in zip(read, times, strict=True))


def test_no_time_and_no_block() -> None:
    assert block_seconds([], SHANGHAI).shape == (0,)
    assert math.isnan(block_seconds([None], SHANGHAI)[0])


def test_every_day_of_leap_and_common_years_in_every_form() -> None:
    day, times = date(1999, 12, 31), []
    while day <= date(2001, 1, 1) or date(2099, 12, 30) <= day <= date(2101, 1, 2):
        times += [f"{day}T23:59:59Z", f"{day}T00:00:00+08:00", f"{day} 12:30:00-05:30"]
        day = date(2099, 12, 30) if day == date(2001, 1, 1) else day + timedelta(days=1)
    assert block_seconds(times, SHANGHAI).tolist() == [slow(text) for text in times]


_ZONES = st.one_of(st.none(), st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))))


@given(
    st.lists(
        st.datetimes(datetime(1901, 1, 1), datetime(2200, 1, 1), timezones=_ZONES, allow_imaginary=True),  # noqa: DTZ001
        max_size=8,
    ),
    st.sampled_from(["seconds", "microseconds", "minutes"]),
    st.sampled_from(["T", " "]),
)
def test_any_time_is_read_as_the_standard_library_reads_it(moments: list[datetime], form: str, between: str) -> None:
    times = [moment.isoformat(between, form).replace("+00:00", "Z") for moment in moments]
    assert block_seconds(times, SHANGHAI).tolist() == pytest.approx([slow(text) for text in times], abs=1e-5)


@pytest.mark.parametrize("text", ["2026-03-08T02:30:00", "2026-11-01T01:30:00"])
def test_a_time_without_zone_falls_where_the_zone_puts_it(text: str) -> None:
    zone = ZoneInfo("America/New_York")
    assert block_seconds([text], zone)[0] == datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()

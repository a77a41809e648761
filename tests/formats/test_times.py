"""Times as people and programs write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qaplatform.formats.times import BadTimeError, all_canonical, canonical, read_time, written

SHANGHAI = ZoneInfo("Asia/Shanghai")

UNDERSTOOD = [
    ("2025-9-1 8:03:05", "2025-09-01T08:03:05+08:00"),
    ("2025/9/1 8:03", "2025-09-01T08:03:00+08:00"),
    ("2025.09.01 08:03:05", "2025-09-01T08:03:05+08:00"),
    ("2025年9月1日 8:03:05", "2025-09-01T08:03:05+08:00"),
    ("2025年9月1日8时03分05秒", "2025-09-01T08:03:05+08:00"),
    ("2025年9月1日 星期一 下午3:04", "2025-09-01T15:04:00+08:00"),
    ("2025-09-01 中午12:30", "2025-09-01T12:30:00+08:00"),
    ("2025-09-01 中午1:30", "2025-09-01T13:30:00+08:00"),
    ("2025-09-01 凌晨12:30", "2025-09-01T00:30:00+08:00"),
    ("2025-09-01 晚上8:30", "2025-09-01T20:30:00+08:00"),
    ("2025-09-01 12:05 AM", "2025-09-01T00:05:00+08:00"),
    ("2025-09-01 1:05 PM", "2025-09-01T13:05:00+08:00"),
    ("2025-09-01T08:03:05Z", "2025-09-01T08:03:05+00:00"),
    ("2025-09-01T08:03:05.25-05:00", "2025-09-01T08:03:05.250000-05:00"),
    ("2025-09-01 08:03:05 +0800", "2025-09-01T08:03:05+08:00"),
    ("2025-09-01 08:03:05 UTC", "2025-09-01T08:03:05+00:00"),
    ("2025-09-01 08:03:05,123", "2025-09-01T08:03:05.123000+08:00"),
    ("\uff12\uff10\uff12\uff15-9-1 8\uff1a03", "2025-09-01T08:03:00+08:00"),
    ("20250901080305", "2025-09-01T08:03:05+08:00"),
    ("Mon, 01 Sep 2025 08:03:05 +0800", "2025-09-01T08:03:05+08:00"),
    (1756684985, "2025-09-01T08:03:05+08:00"),
    ("1756684985", "2025-09-01T08:03:05+08:00"),
    (1756684985123, "2025-09-01T08:03:05.123000+08:00"),
    (1756684985.5, "2025-09-01T08:03:05.500000+08:00"),
    (datetime(2025, 9, 1, 8, 3, 5, tzinfo=UTC), "2025-09-01T08:03:05+00:00"),
]


@pytest.mark.parametrize(("value", "expected"), UNDERSTOOD, ids=range(len(UNDERSTOOD)))
def test_a_time_that_people_write_is_understood(value: object, expected: str) -> None:
    moment = read_time(value, SHANGHAI)
    assert moment is not None
    assert written(moment) == expected
    assert canonical(expected)


IMPOSSIBLE = [
    "2025-02-29 08:00", "2025-13-01 08:00", "2025-09-01 25:00", "2025-09-01 08:61", "2025-09-01", "08:03:05",
    "昨天 8:03",
    "1989-12-31 23:59:59", "2101-01-01 00:00", "0", 0, 12, -5, 1e30, float("nan"), float("inf"), True, [],
    date(2025, 9, 1), "12", "9/1/2025 8:03", "2025-09-01 08:03:05+99:00",
]  # fmt: skip


@pytest.mark.parametrize("value", IMPOSSIBLE, ids=range(len(IMPOSSIBLE)))
def test_a_time_that_cannot_be_or_could_mean_two_things_is_refused(value: object) -> None:
    with pytest.raises(BadTimeError):
        read_time(value, SHANGHAI)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_no_time_is_no_mistake(value: object) -> None:
    assert read_time(value, SHANGHAI) is None


def test_serial_dates_are_read_in_spreadsheets_only() -> None:
    moment = read_time(45901.335474537, SHANGHAI, spreadsheet=True)
    assert moment is not None
    assert written(moment) == "2025-09-01T08:03:05+08:00"
    with pytest.raises(BadTimeError):
        read_time(45901.335474537, SHANGHAI)


MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2110, 1, 1), timezones=st.just(SHANGHAI) | st.just(UTC))  # noqa: DTZ001
FORMS = st.sampled_from(["microseconds", "milliseconds", "seconds"])
SPOILERS = st.sampled_from([
    "", "Z", "x", "2025-02-29T10:00:00+08:00", "2025-04-31T10:00:00Z", "2025-00-10T10:00:00Z", "2025-01-01T24:00:00Z",
    "2025-01-01T10:00:00,08:00", "2025-01-01T10:00:00+24:00", "2025-01-01T10:00:00.Z", "2025-01-01 10:00:00Z",
    "2000-02-29T10:00:00Z", "2100-02-29T10:00:00Z", "\uff12025-01-01T10:00:00Z", "2025-01-01T10:60:00Z",
])  # fmt: skip
CANONICAL = st.builds(lambda moment, form: moment.isoformat(timespec=form), MOMENTS, FORMS)


@given(st.lists(st.none() | CANONICAL | SPOILERS, max_size=12))
def test_many_times_at_once_are_judged_like_one_by_one(texts: list[str | None]) -> None:
    assert all_canonical(texts) == all(text is None or canonical(text) for text in texts)


@given(st.lists(CANONICAL, min_size=1, max_size=30), FORMS)
def test_times_of_one_shape_are_judged_like_one_by_one(texts: list[str], form: str) -> None:
    shaped = [datetime.fromisoformat(text).isoformat(timespec=form) for text in texts]
    assert all_canonical(shaped) == all(map(canonical, shaped))


@given(MOMENTS.filter(lambda moment: 1990 <= moment.year <= 2100))
@example(datetime(1991, 4, 14, 2, tzinfo=SHANGHAI))
@example(datetime(1991, 9, 15, 1, 30, tzinfo=SHANGHAI))
@example(datetime(1991, 9, 15, 1, 30, tzinfo=SHANGHAI, fold=1))
def test_a_written_moment_is_read_back(moment: datetime) -> None:
    read = read_time(written(moment), SHANGHAI)
    # Compared in UTC: Python calls clock times that summer time skips or repeats unequal to any in another zone.
    assert read is not None
    assert read.astimezone(UTC) == moment.astimezone(UTC)
    assert read.utcoffset() == moment.utcoffset()
    whole = moment.replace(microsecond=0)
    if moment.tzinfo is SHANGHAI and whole.fold == 0:
        spoken = f"{whole.year}年{whole.month}月{whole.day}日 {whole.hour}:{whole.minute:02d}:{whole.second:02d}"
        assert read_time(spoken, SHANGHAI) == whole

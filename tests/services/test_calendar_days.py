"""Promotion days and holidays: reading what people write, many at once, of one shop or of all."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from qaplatform.services import calendar_days
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.calendar_days import (
    DayKindError,
    DayNoteError,
    DaysFormError,
    NoDaysError,
    TooManyDaysError,
    read_days,
)
from qaplatform.services.shops import UnknownShopError
from qaplatform.store.engine import Store
from tests.people import NOW
from tests.services.admins import OUTSIDER, log_of

NOVEMBER = date(2026, 11, 1)


def add(store: Store, admin: Viewer, shop_id: int | None, text: str, kind: str = "promotion", note: str = "") -> int:
    with store.writing() as session:
        return calendar_days.add_days(session, shop_id, read_days(text, year=2026), kind, note, by=admin, now=NOW)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026-11-11", ["2026-11-11"]),
        ("2026/11/11", ["2026-11-11"]),
        ("2026.1.1", ["2026-01-01"]),
        ("20261111", ["2026-11-11"]),
        ("2026年11月11日", ["2026-11-11"]),
        ("2026 年 11 月 11 日", ["2026-11-11"]),
        ("11-11", ["2026-11-11"]),
        ("11月11日", ["2026-11-11"]),
        ("2026-11-11\n\n2026-11-10\r\n2026-11-11\n", ["2026-11-10", "2026-11-11"]),
        ("2026-11-11、2026-11-12，11-13;11-14；", ["2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14"]),
        ("2026-11-09 ~ 2026-11-11", ["2026-11-09", "2026-11-10", "2026-11-11"]),
        ("2026-11-09～11-10", ["2026-11-09", "2026-11-10"]),
        ("2026-11-09至2026-11-10", ["2026-11-09", "2026-11-10"]),
        ("11月9日到11月10日", ["2026-11-09", "2026-11-10"]),
        ("2026-11-09 - 2026-11-10", ["2026-11-09", "2026-11-10"]),
        ("2026-11-09 to 2026-11-10", ["2026-11-09", "2026-11-10"]),
        ("2026-11-09—2026-11-10", ["2026-11-09", "2026-11-10"]),
        ("2026-11-09..2026-11-10", ["2026-11-09", "2026-11-10"]),
        ("2026-12-31 ~ 01-01", ["2026-12-31", "2027-01-01"]),
        ("2028-02-29", ["2028-02-29"]),
        ("2026-11-09 ~ 2026-11-09", ["2026-11-09"]),
    ],
)
def test_dates_and_ranges_are_read_as_people_write_them(text: str, days: list[str]) -> None:
    assert [day.isoformat() for day in read_days(text, year=2026)] == days


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("双十一", ("双十一",)),
        ("2026-11-11, 2026-13-01, 2026-02-30", ("2026-13-01", "2026-02-30")),
        ("2026-11-12 ~ 2026-11-11", ("2026-11-12 ~ 2026-11-11",)),
        ("2026-11-01 ~ 11-02 ~ 11-03", ("2026-11-01 ~ 11-02 ~ 11-03",)),
        ("1999-12-31", ("1999-12-31",)),
        ("2101-01-01", ("2101-01-01",)),
        ("~ 2026-11-11", ("~ 2026-11-11",)),
        ("02-29", ("02-29",)),
        ("1111", ("1111",)),
    ],
)
def test_what_is_no_date_is_named(text: str, pieces: tuple[str, ...]) -> None:
    with pytest.raises(DaysFormError) as refused:
        read_days(text, year=2026)
    assert refused.value.pieces == pieces


def test_nothing_and_too_much_are_refused() -> None:
    for text in ("", " \n, "):
        with pytest.raises(NoDaysError):
            read_days(text, year=2026)
    assert len(read_days("2026-01-01 ~ 2027-02-04", year=2026)) == 400
    for text in ("2026-01-01 ~ 2027-02-05", "2026-01-01 ~ 2026-12-31, 2028-01-01 ~ 2028-02-05"):
        with pytest.raises(TooManyDaysError):
            read_days(text, year=2026)


def test_days_of_all_shops_stand_beside_a_shops_own(company: Store, admin: Viewer) -> None:
    assert add(company, admin, 1, "2026-11-10 ~ 2026-11-11", note=" 双十一 ") == 2
    assert add(company, admin, None, "2026-11-21", kind="holiday") == 1
    assert add(company, admin, 2, "2026-11-11, 2026-12-12") == 2
    with company.reading() as session:
        days = calendar_days.month_of_days(session, admin, 1, date(2026, 11, 30))
        assert [(one.shop_id, one.day.day, one.kind, one.note) for one in days] == [
            (1, 10, "promotion", "双十一"),
            (1, 11, "promotion", "双十一"),
            (None, 21, "holiday", ""),
        ]
        assert [one.day.day for one in calendar_days.month_of_days(session, admin, None, NOVEMBER)] == [21]
        assert calendar_days.months_around(session, admin, 2, NOVEMBER) == {NOVEMBER: 2, date(2026, 12, 1): 1}


def test_days_that_are_there_are_passed_over(company: Store, admin: Viewer) -> None:
    for shop_id in (1, None):
        assert add(company, admin, shop_id, "2026-11-10 ~ 2026-11-11") == 2
        assert add(company, admin, shop_id, "2026-11-11 ~ 2026-11-12") == 1
        assert add(company, admin, shop_id, "2026-11-11") == 0
        assert add(company, admin, shop_id, "2026-11-11", kind="holiday") == 1
    assert log_of(company, "shop.")[:2] == [
        ("shop.days_added", 1, 1, {"kind": "promotion", "count": 2, "first": "d2026-11-10", "last": "d2026-11-11"}),
        ("shop.days_added", 1, 1, {"kind": "promotion", "count": 1, "first": "d2026-11-11", "last": "d2026-11-12"}),
    ]


@pytest.mark.both_databases
@pytest.mark.parametrize("shop_id", [1, None])
def test_two_who_add_the_same_day_at_once_add_one(company: Store, admin: Viewer, shop_id: int | None) -> None:
    start = threading.Barrier(2)

    def act() -> None:
        start.wait()
        add(company, admin, shop_id, "2026-11-11")

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with company.reading() as session:
        assert len(calendar_days.month_of_days(session, admin, shop_id, NOVEMBER)) == 1


@pytest.mark.both_databases
def test_days_are_removed_from_their_own_calendar_only(company: Store, admin: Viewer) -> None:
    for shop_id in (1, 2, None):
        add(company, admin, shop_id, "2026-11-11")
    with company.reading() as session:
        ids = [one.id for one in calendar_days.month_of_days(session, admin, 1, NOVEMBER)]
    assert len(ids) == 2
    with company.writing() as session:
        assert calendar_days.remove_days(session, 1, [*ids, 999], by=admin, now=NOW) == 1
        assert calendar_days.remove_days(session, 1, ids, by=admin, now=NOW) == 0
    with company.reading() as session:
        assert [one.shop_id for one in calendar_days.month_of_days(session, admin, 1, NOVEMBER)] == [None]
        assert len(calendar_days.month_of_days(session, admin, 2, NOVEMBER)) == 2
    assert log_of(company, "shop.days_removed") == [("shop.days_removed", 1, 1, {"count": 1})]


def test_what_cannot_be_is_refused(company: Store, admin: Viewer) -> None:
    with company.writing() as session:
        days = [date(2026, 11, 11)]
        for shop_id, kind, note, error in (
            (1, "weekend", "", DayKindError),
            (1, "holiday", "x" * 201, DayNoteError),
            (1, "holiday", "a\nb", DayNoteError),
            (99, "holiday", "", UnknownShopError),
        ):
            with pytest.raises(error):
                calendar_days.add_days(session, shop_id, days, kind, note, by=admin, now=NOW)
        with pytest.raises(UnknownShopError):
            calendar_days.remove_days(session, 99, [1], by=admin, now=NOW)
        with pytest.raises(AccessError):
            calendar_days.add_days(session, 1, days, "holiday", "", by=OUTSIDER, now=NOW)
        with pytest.raises(AccessError):
            calendar_days.remove_days(session, 1, [1], by=OUTSIDER, now=NOW)
        with pytest.raises(AccessError):
            calendar_days.month_of_days(session, OUTSIDER, 1, NOVEMBER)

"""Promotion days and holidays in the browser: a month at a time, many days at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import CalendarDay
from tests.web.conftest import SignIn

SHOP, SHARED = "/admin/shops/1/days", "/admin/shops/shared/days"


def days(store: Store) -> list[tuple[int | None, str, str, str]]:
    with store.reading() as session:
        found = session.scalars(select(CalendarDay).order_by(CalendarDay.day, CalendarDay.kind))
        return [(one.shop_id, one.day.isoformat(), one.kind, one.note) for one in found]


@pytest.mark.parametrize("page", [SHOP, SHARED])
def test_dates_and_ranges_are_added_at_once_and_shown_in_their_month(
    signed_in: SignIn, store: Store, page: str
) -> None:
    client = signed_in("admin")
    values = {"kind": "promotion", "days": "11-11\n2026-12-10 ~ 12-12", "note": "双十一"}
    answer = client.submit(f"{page}?month=2026-11", values)
    assert (answer.status_code, answer.location) == (303, f"{page}?month=2026-11")
    shop_id = 1 if page == SHOP else None
    assert days(store) == [
        (shop_id, day, "promotion", "双十一") for day in ("2026-11-11", "2026-12-10", "2026-12-11", "2026-12-12")
    ]
    shown = client.get(answer.location).text
    assert "已添加 4 天。" in shown
    assert "11月11日周三" in shown
    assert "12月10日" not in shown
    again = client.submit(f"{page}?month=2026-11", {**values, "days": "2026-11-10 ~ 2026-11-11"})
    assert "已添加 1 天，另有 1 天原来就有。" in client.get(again.location).text
    client.submit(f"{page}?month=2026-11", values)
    assert "这些日期都已经有了。" in client.get(f"{page}?month=2026-11").text


def test_days_of_all_shops_are_shown_with_a_shops_and_changed_elsewhere(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    client.submit(f"{SHARED}?month=2026-10", {"kind": "holiday", "days": "10-01", "note": "国庆节"})
    client.submit(f"{SHOP}?month=2026-10", {"kind": "promotion", "days": "10-31"})
    shown = client.get(f"{SHOP}?month=2026-10").text
    assert "国庆节" in shown
    assert "所有店铺" in shown
    assert shown.count('name="day"') == 1
    with store.reading() as session:
        ids = session.scalars(select(CalendarDay.id)).all()
    removed = client.submit(f"{SHOP}/remove?month=2026-10", {"day": [str(id) for id in ids]}, page=SHOP)
    assert (removed.status_code, removed.location) == (303, f"{SHOP}?month=2026-10")
    assert [day[0] for day in days(store)] == [None]
    client.submit(f"{SHOP}/remove?month=2026-10", page=SHOP)
    assert "请先勾选要删除的日期。" in client.get(SHOP).text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"days": ""}, "请至少填写一个日期。"),
        ({"days": ",\n"}, "请至少填写一个日期。"),
        ({"days": "双十一\n2026-11-11\n2026-13-01"}, "看不懂这些内容：双十一、2026-13-01。"),
        ({"days": "2026-01-01 ~ 2030-01-01"}, "一次最多添加 400 天。"),
        ({"note": "x" * 201}, "不能超过 200 个字符。"),
        ({"kind": "weekend"}, "field-errors"),
    ],
)
def test_what_cannot_be_added_says_why(signed_in: SignIn, store: Store, values: dict[str, str], said: str) -> None:
    answer = signed_in("admin").submit(SHOP, {"kind": "holiday", "days": "2026-11-11", **values})
    assert answer.status_code == 400
    assert said in answer.text
    assert days(store) == []


@pytest.mark.parametrize("month", ["2026-02", "2000-01", "2100-12", "x", "2026-13", "1999-12", "9999-99", "²-¹", ""])
def test_any_month_in_the_address_is_a_sound_page(signed_in: SignIn, month: str) -> None:
    assert signed_in("admin").get(f"{SHOP}?month={month}").status_code == 200

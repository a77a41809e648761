"""Clock bands as a table that needs no JavaScript."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import ClockBandRow
from tests.web.conftest import SignIn

PAGES = ["/admin/shops/1/bands", "/admin/shops/shared/bands"]
Row = tuple[str, str, str, str, str]
"""From, to, on duty, limit, limit on promotion days."""
DAY: tuple[Row, ...] = (
    ("00:00", "9:00", "", "", ""),
    ("09：00", "20:00", "y", "60", ""),
    ("20:00", "24:00", "y", "60", "30"),
)


def table(*rows: Row) -> dict[str, str]:
    names = ("start", "end", "on_duty", "limit", "promotion_limit")
    return {
        f"bands-{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in zip(names, row, strict=True)
        if name != "on_duty" or value
    }


def bands(store: Store) -> list[tuple[int | None, int, int, bool, float, float | None]]:
    with store.reading() as session:
        rows = session.scalars(select(ClockBandRow).order_by(ClockBandRow.shop_id, ClockBandRow.start_minute))
        return [
            (row.shop_id, row.start_minute, row.end_minute, row.on_duty, row.limit_seconds, row.promotion_limit_seconds)
            for row in rows
        ]


@pytest.mark.parametrize("page", PAGES)
def test_bands_are_written_and_shown_again(signed_in: SignIn, store: Store, page: str) -> None:
    client = signed_in("admin")
    assert "默认值" in client.get(page).text
    answer = client.submit(page, table(*DAY, ("", "", "y", "", "")))
    assert (answer.status_code, answer.location) == (303, page)
    shop_id = 1 if "/1/" in page else None
    assert bands(store) == [
        (shop_id, 0, 540, False, 60.0, None),
        (shop_id, 540, 1200, True, 60.0, None),
        (shop_id, 1200, 1440, True, 60.0, 30.0),
    ]
    shown = client.get(page).text
    assert all(f'value="{value}"' in shown for value in ("00:00", "09:00", "20:00", "24:00", "60", "30"))
    assert "默认值" not in shown


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (DAY[:2], "20:00–24:00 没有归入任何时段。"),
        ((DAY[0], DAY[2]), "09:00–20:00 没有归入任何时段。"),
        ((DAY[0], ("08:00", "20:00", "y", "60", ""), DAY[2]), "08:00–09:00 同时归入了另一个时段。"),
        ((*DAY, ("20:00", "20:00", "y", "60", "")), "结束必须晚于开始。"),
        ((*DAY[:2], ("20:00", "24:00", "y", "", "")), "请填写此项。"),
        ((*DAY[:2], ("20:00", "24:00", "y", "0", "")), "时限应在 1 到 86400 秒之间。"),
        ((*DAY[:2], ("20:00", "24:00", "y", "60", "99999")), "时限应在 1 到 86400 秒之间。"),
        ((*DAY[:2], ("20:00", "24:00", "y", "一分钟", "")), "field-errors"),
        ((*DAY[:2], ("20:00", "24:30", "y", "60", "")), "请按 09:30 的写法填写"),
        ((*DAY[:2], ("晚上", "24:00", "y", "60", "")), "请按 09:30 的写法填写"),
        ((*DAY[:2], ("20:00", "", "y", "60", "")), "请填写此项。"),
        ((("", "", "", "", ""),), "请至少填写一个时段。"),
        ((), "请至少填写一个时段。"),
    ],
)
def test_a_table_that_cannot_be_says_where_and_stays_as_it_was_written(
    signed_in: SignIn, store: Store, rows: tuple[Row, ...], said: str
) -> None:
    answer = signed_in("admin").submit(PAGES[0], table(*rows))
    assert answer.status_code == 400
    assert said in answer.text
    assert all(f'value="{value}"' in answer.text for row in rows for value in (row[0], row[1], row[3]) if value)
    assert bands(store) == []


def test_a_row_is_added_without_saving(signed_in: SignIn, store: Store) -> None:
    answer = signed_in("admin").submit(PAGES[0], {**table(*DAY[:2]), "more": "1"})
    assert answer.status_code == 200
    assert 'name="bands-2-start"' in answer.text
    assert bands(store) == []


def test_a_shop_without_bands_shows_the_shared_ones_and_goes_back_to_them(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    client.submit(PAGES[1], table(("0", "24", "y", "45", "")))
    assert "下面是通用时段" in client.get(PAGES[0]).text
    client.submit(PAGES[0], table(*DAY))
    shown = client.get(PAGES[0]).text
    assert "/admin/shops/1/bands/drop" in shown
    assert "改用通用时段吗" in client.get("/admin/shops/1/bands/drop").text
    assert client.submit("/admin/shops/1/bands/drop").status_code == 303
    assert [row[0] for row in bands(store)] == [None]
    assert client.submit("/admin/shops/shared/bands/drop").status_code == 303
    assert bands(store) == []

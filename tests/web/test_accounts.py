"""Platform accounts in the browser: who writes under them, by days and shifts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, AccountHolder
from tests.web.conftest import SignIn

HOLDER = {"agent": "1", "from_day": "", "last_day": "", "start": "", "end": ""}


@pytest.fixture
def free(store: Store, people: None) -> list[int]:  # noqa: ARG001 - shops and agents
    """Accounts that conversations have brought, which nobody holds."""
    names = ("晴空家居:晓棠", "晴空家居:立峰", "晴空家居:夜班")
    with store.writing() as session:
        rows = [Account(shop_id=1, name=name) for name in names]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def holders(store: Store) -> list[tuple[int, int, date | None, date | None, int, int]]:
    with store.reading() as session:
        rows = session.scalars(select(AccountHolder).order_by(AccountHolder.id))
        return [
            (one.account_id, one.agent_id, one.from_day, one.until_day, one.start_minute, one.end_minute)
            for one in rows
        ]


def test_free_accounts_stand_out_in_the_list(signed_in: SignIn, store: Store, free: list[int]) -> None:
    client = signed_in("admin")
    page = client.get("/admin/accounts").text
    assert "有 3 个子账号不知道是谁在用" in page
    assert page.count("未分配</span>") == 3
    client.submit(f"/admin/accounts/{free[0]}", HOLDER)
    assert [row[0] for row in holders(store)] == [free[0]]
    page = client.get("/admin/accounts?state=free").text
    assert "晴空家居:晓棠" not in page
    assert "苏晓棠" in client.get("/admin/accounts?state=held&shop=1").text
    assert "没有符合条件的子账号" in client.get("/admin/accounts?shop=2").text


@pytest.mark.parametrize(
    ("values", "stored", "shown"),
    [
        ({}, (None, None, 0, 1440), "一直 · 全天"),
        ({"from_day": "2026-03-01"}, (date(2026, 3, 1), None, 0, 1440), "2026-03-01 起 · 全天"),
        (
            {"from_day": "2026-03-01", "last_day": "2026-03-31", "start": "9", "end": "17:30"},
            (date(2026, 3, 1), date(2026, 4, 1), 540, 1050),
            "2026-03-01 至 2026-03-31 · 09:00–17:30",
        ),
        ({"last_day": "2026-03-31"}, (None, date(2026, 4, 1), 0, 1440), "至 2026-03-31 · 全天"),
        ({"start": "22:00", "end": "06:00"}, (None, None, 1320, 1800), "22:00–次日 06:00"),
        ({"start": "18:00", "end": "00:00"}, (None, None, 1080, 1440), "18:00–24:00"),
        ({"start": "18:00"}, (None, None, 1080, 1440), "18:00–24:00"),
        ({"end": "09:00"}, (None, None, 0, 540), "00:00–09:00"),
        ({"start": "9", "end": "9"}, (None, None, 540, 1980), "09:00–次日 09:00"),
    ],
)
def test_a_holder_is_given_by_days_that_count_and_shifts(
    signed_in: SignIn, store: Store, free: list[int], values: dict[str, str], stored: tuple[Any, ...], shown: str
) -> None:
    client, page = signed_in("admin"), f"/admin/accounts/{free[0]}"
    assert client.submit(page, {**HOLDER, **values}).location == page
    assert holders(store) == [(free[0], 1, *stored)]
    text = client.get(page).text
    assert shown in text
    with store.reading() as session:
        id = session.scalars(select(AccountHolder.id)).one()
    form = client.get(f"{page}/holders/{id}").text
    assert all(f'value="{value}"' in form for key, value in values.items() if key.endswith("day"))
    # What the form shows means the same when it is sent again.
    same = {name: found for name in HOLDER if (found := _value(form, name)) is not None}
    assert client.submit(f"{page}/holders/{id}", {**same, "agent": "1"}).location == page
    assert holders(store) == [(free[0], 1, *stored)]


def _value(form: str, name: str) -> str | None:
    _before, _name, after = form.partition(f'name="{name}"')
    tag = after.partition(">")[0]
    return tag.partition('value="')[2].partition('"')[0] if 'value="' in tag else None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"agent": ""}, "请选择客服。"),
        ({"agent": "99"}, "field-errors"),
        ({"from_day": "2026-03-02", "last_day": "2026-03-01"}, "最后一天不能早于开始日期。"),
        ({"start": "24:00", "end": "25:00"}, "请按 09:30 的写法填写"),
        ({"start": "24:00"}, "班次从 24:00 之前开始"),
        (
            {"from_day": "2026-11-01"},
            "苏晓棠 在这段时间也使用这个子账号（2026-09-01 起 · 22:00–次日 06:00），请先修改他的日期或班次。",
        ),
    ],
)
def test_a_holder_that_cannot_be_says_why_and_an_overlap_with_whom(
    signed_in: SignIn, store: Store, free: list[int], values: dict[str, str], said: str
) -> None:
    client, page = signed_in("admin"), f"/admin/accounts/{free[2]}"
    client.submit(page, {**HOLDER, "from_day": "2026-09-01", "start": "22:00", "end": "06:00"})
    answer = client.submit(page, {**HOLDER, "agent": "2", **values})
    assert answer.status_code == 400
    assert said in answer.text
    assert len(holders(store)) == 1


def test_a_holder_is_changed_and_removed_after_a_question(signed_in: SignIn, store: Store, free: list[int]) -> None:
    client, page = signed_in("admin"), f"/admin/accounts/{free[0]}"
    client.submit(page, HOLDER)
    client.submit(f"/admin/accounts/{free[1]}", {**HOLDER, "agent": "2"})
    with store.reading() as session:
        id, other = session.scalars(select(AccountHolder.id).order_by(AccountHolder.id))
    assert client.submit(f"{page}/holders/{id}", {**HOLDER, "agent": "3"}).location == page
    assert holders(store)[0][1] == 3
    assert "如果此人只是不再使用" in client.get(f"{page}/holders/{id}/remove").text
    assert client.submit(f"{page}/holders/{id}/remove").location == page
    assert [row[1] for row in holders(store)] == [2]
    for address in (f"{page}/holders/{other}", f"{page}/holders/{other}/remove"):
        assert client.get(address).status_code == 404
        assert client.submit(address, HOLDER, page=page).status_code == 404


def test_free_accounts_are_given_on_one_page(signed_in: SignIn, store: Store, free: list[int]) -> None:
    client = signed_in("admin")
    page = client.get("/admin/accounts/free").text
    assert '<td data-label="可能是">苏晓棠</td>' in page
    values = {f"account-{free[0]}": "1", f"account-{free[1]}": "2", f"account-{free[2]}": "", "account-x": "1"}
    assert client.submit("/admin/accounts/free", values).status_code == 303
    assert [row[:2] for row in holders(store)] == [(free[0], 1), (free[1], 2)]
    assert "已分配 2 个子账号。" in client.get("/admin/accounts/free").text
    client.submit("/admin/accounts/free", {f"account-{free[2]}": ""})
    assert "请先为子账号选择客服。" in client.get("/admin/accounts/free").text
    client.submit("/admin/accounts/free", {f"account-{free[2]}": "999"})
    assert "店铺、团队或客服不存在" in client.get("/admin/accounts/free").text
    client.submit("/admin/accounts/free", {f"account-{free[2]}": "3"})
    assert "所有子账号都已分配" in client.get("/admin/accounts/free").text


def test_an_account_is_added_by_hand_and_removed(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    answer = client.submit("/admin/accounts/new", {"shop": "2", "name": "青柠数码:子昂"})
    assert answer.status_code == 303
    assert "还不知道是谁在用" in client.get(answer.location).text
    again = client.submit("/admin/accounts/new", {"shop": "2", "name": "青柠数码:子昂"})
    assert "这个店铺已有同名的子账号" in again.text
    assert client.submit("/admin/accounts/new", {"shop": "99", "name": "x"}).status_code == 400
    assert "会自动重新登记" in client.get(f"{answer.location}/remove").text
    assert client.submit(f"{answer.location}/remove").location == "/admin/accounts"
    with store.reading() as session:
        assert session.scalars(select(Account)).all() == []
    assert client.get(answer.location).status_code == 404

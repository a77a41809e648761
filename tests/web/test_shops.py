"""Shops in the browser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import Account, ConversationRow, Job, Shop
from tests.web.chats import good, take_in
from tests.web.conftest import SignIn

FIELDS = {"name": "暖橙母婴", "code": "s9", "shop_class": "A", "timezone": "Asia/Shanghai", "active": "y"}
SHOP_1 = {**FIELDS, "name": "晴空家居旗舰店", "code": "s1", "shop_class": "B"}


def shop(store: Store, code: str) -> Shop | None:
    with store.reading() as session:
        return session.scalar(select(Shop).where(Shop.code == code))


def test_the_list_says_what_is_missing(signed_in: SignIn, store: Store) -> None:
    with store.writing() as session:
        session.add(Account(shop_id=1, name="晴空家居:晓棠"))
    page = signed_in("admin").get("/admin/shops").text
    assert "晴空家居旗舰店" in page
    assert "1 个未分配" in page
    assert "一直保留" in page
    assert "青柠" not in signed_in("admin").get("/admin/shops?q=s1").text
    assert "没有符合条件的店铺" in signed_in("admin").get("/admin/shops?state=inactive").text


def test_a_shop_is_made_and_leads_to_its_page(signed_in: SignIn, store: Store, tmp_path: Path) -> None:
    folder = tmp_path.parent / f"{tmp_path.name}-in"
    folder.mkdir()
    client = signed_in("admin")
    answer = client.submit("/admin/shops/new", {**FIELDS, "retention_days": "90", "folder": f" {folder}/ "})
    made = shop(store, "s9")
    assert made is not None
    assert (answer.status_code, answer.location) == (303, f"/admin/shops/{made.id}")
    assert (made.text_retention_days, made.watched_folder, made.active) == (90, str(folder), True)
    page = client.get(answer.location).text
    assert "店铺已创建" in page
    assert all(part in page for part in ("时段与回复时限", "促销日与假日", "退货地址", "推送令牌"))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "请填写此项。"),
        ({"code": "x" * 101}, "不能超过 100 个字符。"),
        ({"code": "s1"}, "另一个店铺已使用这个编号，请换一个。"),
        ({"shop_class": "Z"}, "field-errors"),
        ({"timezone": "Asia/Nowhere"}, "没有这个时区"),
        ({"timezone": "../../etc/passwd"}, "没有这个时区"),
        ({"retention_days": "0"}, "应在 1 到 3650 之间。"),
        ({"retention_days": "半年"}, "field-errors"),
        ({"folder": "in"}, "请填写服务器上的完整路径"),
        ({"folder": "/nowhere/in"}, "服务器上没有这个文件夹"),
        ({"folder": "/dev/null"}, "这是一个文件，不是文件夹。"),
    ],
)
def test_a_shop_that_cannot_be_says_why_beside_the_field(
    signed_in: SignIn, store: Store, values: dict[str, str], said: str
) -> None:
    answer = signed_in("admin").submit("/admin/shops/new", {**FIELDS, **values})
    assert answer.status_code == 400
    assert said in answer.text
    assert shop(store, "s9") is None


def test_the_workplaces_own_folder_is_not_watched(signed_in: SignIn, tmp_path: Path) -> None:
    answer = signed_in("admin").submit("/admin/shops/new", {**FIELDS, "folder": str(tmp_path)})
    assert "这是平台存放自身数据的地方" in answer.text


def test_a_shorter_retention_asks_before_it_removes_text(signed_in: SignIn, store: Store) -> None:
    old = clock.now() - timedelta(days=40)
    with store.writing() as session:
        session.add(
            ConversationRow(
                shop_id=1, source_id="c", content_hash="", message_count=1, started_at=old, ended_at=old,
                created_at=old, updated_at=old,
            )
        )  # fmt: skip
    client = signed_in("admin")
    wanted = {**SHOP_1, "retention_days": "30"}
    asked = client.submit("/admin/shops/1", wanted)
    assert asked.status_code == 409
    assert "1 通会话的原文将在下次清理时清除" in asked.text
    assert 'name="accepts_purge"' in asked.text
    assert 'value="30"' in asked.text
    kept = shop(store, "s1")
    assert kept is not None
    assert kept.text_retention_days is None
    assert client.submit("/admin/shops/1", {**wanted, "accepts_purge": "y"}).status_code == 303
    kept = shop(store, "s1")
    assert kept is not None
    assert kept.text_retention_days == 30
    assert "accepts_purge" not in client.get("/admin/shops/1").text


def test_a_closed_shop_is_one_whose_box_is_empty(signed_in: SignIn, store: Store) -> None:
    client = signed_in("admin")
    values = {key: value for key, value in SHOP_1.items() if key != "active"}
    assert client.submit("/admin/shops/1", values).status_code == 303
    closed = shop(store, "s1")
    assert closed is not None
    assert not closed.active
    assert "已停用" in client.get("/admin/shops").text


@pytest.mark.parametrize("path", ["", "/bands", "/days", "/addresses", "/tokens"])
def test_a_shop_that_is_not_there_has_no_pages(signed_in: SignIn, path: str) -> None:
    client = signed_in("admin")
    assert client.get(f"/admin/shops/99{path}").status_code == 404
    values = {**FIELDS, "days": "2026-11-11", "kind": "holiday", "bands-0-start": "0", "bands-0-end": "24",
              "bands-0-on_duty": "y", "bands-0-limit": "60"}  # fmt: skip
    assert client.submit(f"/admin/shops/99{path}", values, page="/admin/shops/new").status_code == 404


@pytest.mark.parametrize(("place", "shop_ids"), [("1", [1]), ("shared", None)])
def test_after_a_change_of_settings_what_is_there_is_audited_anew_on_demand(
    signed_in: SignIn, store: Store, place: str, shop_ids: list[int] | None
) -> None:
    client, address = signed_in("admin"), f"/admin/shops/{place}/reaudit"
    assert address in client.get(f"/admin/shops/{place}/days").text
    assert "要按现在的设置重新质检" in client.get(address).text
    answer = client.submit(address)
    assert "没有可以重新质检的会话" in client.get(answer.location).text
    take_in(store, good(1))
    answer = client.submit(address)
    with store.reading() as session:
        [job] = session.scalars(select(Job).where(Job.kind == "reaudit")).all()
        assert (job.payload["shop_ids"], job.total_count) == (shop_ids, 1)
    assert answer.location == f"/jobs/{job.id}"

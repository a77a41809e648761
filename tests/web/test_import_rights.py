"""Whose shop an import may fill, and whose imports somebody sees."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import event, select, update

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Import,
    Shop,
    User,
    UserRole,
)
from qaplatform.web.current import store_of
from tests.services.admins import leave_room
from tests.stores import count
from tests.web.conftest import SignIn
from tests.web.importing import (
    confirm,
    counts_of,
    csv_of,
    files_in,
    problems_of,
    send,
    upload,
    work,
)

# --------------------------------------------------------------------------------------------- whose shop


def test_nobody_imports_into_a_shop_that_is_not_theirs(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("inspector")
    page = client.get("/imports/new").text
    assert "晴空家居旗舰店" in page
    assert "青柠数码专营店" not in page
    assert "新建一个店铺" not in page
    for shop in ("2", "each-new", "new", "99999999999999999999"):
        answer = send(client, ("a.csv", csv_of()), shop=shop, new_shop="新店")
        assert answer.status_code == (400 if len(shop) > 10 else 403), shop
    import_id = upload(client, "a.csv", csv_of())
    assert confirm(client, import_id, shop="2").status_code == 403
    assert counts_of(store, import_id)[0] == "draft"
    assert len(files_in(app)) == 1


def test_a_shop_that_is_not_there_is_no_place_for_an_import(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    answer = send(client, ("a.csv", csv_of()), shop="999999")
    assert answer.status_code == 400
    assert "请选择" in answer.text
    assert not files_in(app)
    import_id = upload(client, "a.csv", csv_of())
    assert confirm(client, import_id, shop="999999").status_code == 400
    assert counts_of(store, import_id)[0] == "draft"


def test_conversations_that_name_their_shops_go_into_ones_own_only(signed_in: SignIn, store: Store) -> None:
    client = signed_in("inspector")
    rows = [(id, "买家", shop, "在吗") for id, shop in (("a", "s1"), ("b", "s2"), ("c", "nowhere"), ("d", ""))]
    import_id = upload(client, "a.csv", csv_of(rows, ("会话ID", "角色", "店铺", "内容")), shop="each")
    assert confirm(client, import_id, shop="each").status_code == 303
    work(store)
    assert counts_of(store, import_id) == ("done", 1, 0, 0, 0, 3)
    assert [code for _, _, code in problems_of(store, import_id)] == ["forbidden_shop", "unknown_shop", "missing_shop"]
    assert "店铺不在您的权限内" in client.get(f"/imports/{import_id}").text
    assert f"/imports/{import_id}" in client.get("/imports").text, "one's own import without a shop is listed"
    assert signed_in("manager").get(f"/imports/{import_id}").status_code == 404


def test_an_import_that_goes_on_fills_no_shop_that_was_lost_since(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    rows = [("a", "买家", "s1", "在吗"), ("b", "买家", "s2", "在吗")]
    import_id = upload(client, "a.csv", csv_of(rows, ("会话ID", "角色", "店铺", "内容")), shop="each")
    confirm(client, import_id, shop="each")
    here = f"/imports/{import_id}"
    client.submit(f"{here}/cancel", page=here)
    with store.writing() as session:
        lead = session.scalars(select(User.id).where(User.login == "lead")).one()
        session.execute(update(UserRole).where(UserRole.user_id == lead).values(shop_id=1))
    assert client.submit(f"{here}/retry", page=here).status_code == 303
    work(store)
    assert counts_of(store, import_id) == ("done", 1, 0, 0, 0, 1)
    assert [code for _, _, code in problems_of(store, import_id)] == ["forbidden_shop"]
    answer = client.get(f"{here}/problems.csv")
    assert "店铺不在您的权限内" in answer.data.decode("utf-8-sig")


def test_an_admin_sets_up_shops_by_the_way(signed_in: SignIn, store: Store) -> None:
    leave_room(store)
    client = signed_in("boss")
    rows = [("a", "买家", "新开的店", "在吗"), ("b", "买家", "s1", "在吗")]
    import_id = upload(client, "a.csv", csv_of(rows, ("会话ID", "角色", "店铺", "内容")), shop="each-new")
    confirm(client, import_id)
    work(store)
    assert counts_of(store, import_id)[:2] == ("done", 2)
    answer = send(client, ("b.csv", csv_of()), shop="new", new_shop=" ")
    assert "请填写店铺名称" in answer.text
    assert "已有这个名称的店铺" in send(client, ("b.csv", csv_of()), shop="new", new_shop="新开的店").text
    other = upload(client, "b.csv", csv_of(), shop="new", new_shop="第四家店")
    with store.reading() as session:
        codes = set(session.scalars(select(Shop.code)))
        shop_id = session.get_one(Import, other).shop_id
        assert session.get_one(Shop, shop_id).name == "第四家店"
    assert {"新开的店", "第四家店"} < codes


def test_the_list_shows_what_one_may_see(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    upload(lead, "家居.csv", csv_of(), shop="1")
    upload(lead, "数码.csv", csv_of(), shop="2")
    pages = {login: signed_in(login).get("/imports").text for login in ("inspector", "manager", "admin")}
    assert ["家居.csv" in page for page in pages.values()] == [True, False, True]
    assert ["数码.csv" in page for page in pages.values()] == [False, True, True]
    assert signed_in("teamlead").get("/imports").status_code == 403
    assert signed_in("manager").get("/imports/1").status_code == 404
    assert "家居.csv" not in lead.get("/imports?shop=2").text
    assert "没有符合条件的导入" in lead.get("/imports?state=failed").text
    assert "家居.csv" in lead.get("/imports?state=draft&origin=upload").text
    assert lead.get("/imports?state=x&shop=x&origin=x&page=-1").status_code == 200
    assert count(store, Import) == 2


def test_a_list_costs_the_same_however_long_it_is(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    asked = []
    for _ in range(2):
        for number in range(10):
            with store.writing() as session:
                session.add(
                    Import(shop_id=1, origin="push", file_name=f"{number}", file_bytes=1, file_hash="", options={},
                           state="running", created_at=clock.now())
                )  # fmt: skip
        asked.append(_statements(app, lambda: client.get("/imports")))
    assert asked[0] == asked[1]
    assert asked[0] <= 8


def _statements(app: Flask, act: object) -> int:
    seen: list[str] = []
    engine = store_of(app).engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        act()  # type: ignore[operator]
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)

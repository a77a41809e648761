"""Imports in the browser: from an upload through its columns to what came of it, and what nobody may do with others' shops."""

from __future__ import annotations

import gc
import gzip
import io
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from qaplatform import clock
from qaplatform.app import create_app
from qaplatform.services.uploads import ABANDONED_AFTER
from qaplatform.settings import MEBIBYTE, Settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Activity,
    AuditRow,
    ConversationRow,
    Import,
    ImportProblem,
    Job,
    Shop,
    User,
    UserRole,
)
from qaplatform.web.current import store_of
from qaplatform.worker import HANDLERS, Worker
from tests.services.admins import leave_room
from tests.stores import count
from tests.web.conftest import PageClient, SignIn
from tests.web.importing import (
    ROWS,
    as_part,
    confirm,
    counts_of,
    csv_of,
    files_in,
    messy_workbook,
    problems_of,
    send,
    upload,
    work,
)

# Werkzeug's test client leaves the file in which it lays out a large body to the garbage collector.
LARGE_BODY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_messy_workbook_is_mapped_taken_in_and_its_problems_told(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "十一月聊天记录.xlsx", messy_workbook())
    page = client.get(f"/imports/{import_id}/mapping").text
    assert "没有认出内容列或发送方列" in page
    for name in ("对话流水", "谁说的", "说了什么"):
        assert f'value="{name}"' in page
    assert "13812345678" not in page, "what is shown is masked"

    assert "请选择哪一列是消息内容" in confirm(client, import_id).text
    columns = {"column_0": "conversation", "column_1": "role", "column_2": "agent", "column_4": "time"}
    answer = confirm(client, import_id, look=True, **columns, column_3="text", column_5="order")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "[手机号1]" in page
    assert "看不出是谁发的" in page
    assert count(store, Job) == 0

    answer = confirm(client, import_id)
    assert (answer.status_code, answer.location) == (303, f"/imports/{import_id}")
    assert "正在等候后台任务" in client.get(answer.location).text
    assert work(store) == 1
    assert counts_of(store, import_id) == ("done", 2, 0, 0, 0, 1)
    assert (7 + 1, "明细: role", "unknown_role") in problems_of(store, import_id)
    page = client.get(f"/imports/{import_id}").text
    assert "2 通会话已导入并完成质检" in page
    assert "明细 · 发送方角色" in page
    assert files_in(app) == []
    assert count(store, AuditRow) == 2
    with store.reading() as session:
        assert session.scalar(select(Activity.action).where(Activity.subject_kind == "import")) == "import.started"
        assert "202611101234567890" in set(session.scalars(select(ConversationRow.order_id)))


def test_a_gb18030_table_needs_no_word(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "售后.csv", csv_of(encoding="gb18030"))
    page = client.get(f"/imports/{import_id}/mapping").text
    assert "GB18030" in page
    assert "我要退款" in page
    assert confirm(client, import_id).status_code == 303
    work(store)
    assert counts_of(store, import_id) == ("done", 2, 0, 0, 0, 1)
    with store.reading() as session:
        assert "columns" not in session.get_one(Import, import_id).options.get("reading", {}), "all was as guessed"
        assert session.scalars(select(ConversationRow.started_at).order_by(ConversationRow.id)).first().hour == 2


def test_settings_hold_for_the_job(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    rows = [("k1", "1", "", "在吗", "2026-11-10 10:00:00", ""), ("k1", "2", "", "在的", "2026-11-10 13:00:00", "")]
    import_id = upload(client, "a.csv", csv_of(rows))
    settings = {"zone": "Asia/Tokyo", "gap_minutes": "60", "agent_words": "2", "customer_words": "1， 3"}
    assert confirm(client, import_id, look=True, **settings).status_code == 303
    page = client.get(f"/imports/{import_id}/mapping").text
    assert 'value="60"' in page
    assert confirm(client, import_id).status_code == 303
    work(store)
    assert counts_of(store, import_id) == ("done", 2, 0, 0, 0, 0)
    with store.reading() as session:
        assert sorted(one.hour for one in session.scalars(select(ConversationRow.started_at))) == [1, 4]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"column_3": ""}, "请选择哪一列是消息内容"),
        ({"column_1": ""}, "请选择哪一列说明是谁发的"),
        ({"column_5": "text"}, "“消息内容”选了两次"),
        ({"shop": ""}, "请选择会话所属的店铺"),
        ({"gap_minutes": "0"}, "应在 1 到"),
        ({"encoding": "klingon"}, "is-invalid"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_begins(
    signed_in: SignIn, store: Store, changes: dict[str, str], said: str
) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    answer = confirm(client, import_id, **changes)
    assert answer.status_code == 400
    assert said in answer.text
    assert counts_of(store, import_id)[0] == "draft"
    assert count(store, Job) == 0


def test_several_files_come_one_after_the_other_and_alike_ones_together(
    app: Flask, signed_in: SignIn, store: Store
) -> None:
    client = signed_in("lead")
    other = csv_of([("x1", "买家", "在吗")], ("编号甲", "角色", "内容"))
    more = [(f"m{row[0]}", *row[1:]) for row in ROWS]
    answer = send(client, ("一.csv", csv_of()), ("二.csv", csv_of(more)), ("三.csv", other))
    assert answer.location == "/imports/1/mapping"
    page = client.get(answer.location).text
    assert "另有 2 个文件等待核对" in page
    answer = confirm(client, 1, alike="y")
    assert answer.location == "/imports/3/mapping"
    page = client.get(answer.location).text
    assert "另有 1 个列名相同的文件也已开始导入" in page
    assert confirm(client, 3).location == "/imports/3"
    assert work(store) == 3
    assert [counts_of(store, one)[:2] for one in (1, 2, 3)] == [("done", 2), ("done", 2), ("done", 1)]
    assert files_in(app) == []


def test_the_same_file_again_is_told_and_changes_nothing(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    confirm(client, upload(client, "a.csv", csv_of()))
    work(store)
    again = upload(client, "b.csv", csv_of())
    assert "同样内容的文件已经导入过" in client.get(f"/imports/{again}/mapping").text
    confirm(client, again)
    work(store)
    assert counts_of(store, again) == ("done", 0, 0, 2, 0, 1)
    assert "没有新的会话" in client.get(f"/imports/{again}").text


def test_ids_that_are_taken_are_told_before_they_are_updated(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    confirm(client, upload(client, "a.csv", csv_of()))
    work(store)
    other = upload(client, "b.csv", csv_of([("k1", "买家", "", "另一个客户", "2026-11-12 10:00:00", "")]))
    assert "有 1 通会话的编号在这个店铺已经存在" in client.get(f"/imports/{other}/mapping").text


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("复制.txt", "tb1 2025-9-1 8:03:05\n在吗\n茶叶店:小王 2025-9-1 8:03:15\n在的\n".encode(), "聊天文本"),
        ("a.jsonl", b'{"id":"a","messages":[{"role":"customer","text":"hi"}]}\n', "JSON, JSONL"),
        ("a.csv.gz", gzip.compress(csv_of()), "表格"),
        ("没有后缀", csv_of(), "表格"),
    ],
)
def test_other_forms_are_told_by_themselves(signed_in: SignIn, store: Store, name: str, data: bytes, kind: str) -> None:
    client = signed_in("lead")
    import_id = upload(client, name, data)
    assert kind in client.get(f"/imports/{import_id}/mapping").text
    confirm(client, import_id)
    work(store)
    assert counts_of(store, import_id)[0] == "done"


@pytest.mark.parametrize("name", ["图片.png", "坏.xlsx"])
def test_what_cannot_be_read_is_said_before_and_after(signed_in: SignIn, store: Store, name: str) -> None:
    client = signed_in("lead")
    data = b"PK\x03\x04 broken" if name.endswith("x") else bytes(range(256)) * 20
    import_id = upload(client, name, data)
    said = "表格文件已损坏" if name.endswith("x") else "文字编码无法识别"
    assert said in client.get(f"/imports/{import_id}/mapping").text
    confirm(client, import_id)
    work(store)
    assert counts_of(store, import_id)[0] == "failed"
    page = client.get(f"/imports/{import_id}").text
    assert "导入没有完成" in page
    assert said in page


# --------------------------------------------------------------------------------------------- uploads


def test_a_file_that_is_empty_or_missing_is_refused(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert "请选择要上传的文件" in send(client).text
    assert "“a.csv”是空文件" in send(client, ("a.csv", b""), ("b.csv", b"x")).text
    assert "请选择会话所属的店铺" in send(client, ("a.csv", csv_of()), shop="").text
    assert "一次最多上传 50 个文件" in send(client, *[("a.csv", b"x")] * 51).text
    assert files_in(app) == []
    assert count(store, Import) == 0


def test_an_upload_that_breaks_off_leaves_nothing(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    token = client.token("/imports/new")
    said = "--x\r\nContent-Disposition: form-data; name="
    head = f'{said}"csrf_token"\r\n\r\n{token}\r\n{said}"files"; filename="a.csv"\r\n\r\n'
    sent = head.encode() + b"x" * MEBIBYTE
    seen: list[int] = []

    class Broken(io.BytesIO):
        """Gives out half of what was promised, and looks into the folder while it does."""

        def readinto(self, room: Any) -> int:
            seen.append(len(files_in(app)))
            return super().readinto(room)

    answer = client.post(
        "/imports/new",
        input_stream=Broken(sent),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(2 * len(sent))},
    )
    assert answer.status_code == 400
    assert max(seen) == 1, "it was written while it came"
    assert files_in(app) == []
    assert count(store, Import) == 0


@LARGE_BODY
def test_an_upload_that_is_too_large_says_so_and_leaves_nothing(settings: Settings, people: None) -> None:  # noqa: ARG001
    app = create_app(replace(settings, upload_limit_bytes=MEBIBYTE))
    app.test_client_class = PageClient
    client = app.test_client()
    client.post("/login", data={"csrf_token": client.token("/login"), "login": "lead", "password": "lead"})

    def sent() -> tuple[int, str]:
        answer = send(client, ("a.csv", b"x" * 2 * MEBIBYTE))
        return answer.status_code, answer.text

    status, page = sent()
    assert status == 413
    assert "1 MB" in page
    assert files_in(app) == []
    store_of(app).close()
    gc.collect()


def test_what_a_crash_left_behind_goes_with_the_next_upload(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("lead")
    kept = upload(client, "a.csv", csv_of())
    [good] = files_in(app)
    folder = good.parent
    long_ago = (clock.now() - ABANDONED_AFTER - timedelta(minutes=1)).timestamp()
    for name in ("old.part", "stray.csv"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (long_ago, long_ago))
    os.utime(good, (long_ago, long_ago))
    (folder / "young.part").write_bytes(b"x")
    upload(client, "b.csv", csv_of())
    names = {path.name for path in files_in(app)}
    assert {"young.part", good.name} < names
    assert not {"old.part", "stray.csv"} & names
    assert client.get(f"/imports/{kept}/mapping").status_code == 200


def test_names_are_shown_as_people_know_them(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    upload(client, "C:\\聊天\\<b>十月.csv", csv_of())
    page = client.get("/imports").text
    assert "&lt;b&gt;十月.csv" in page
    assert "聊天\\" not in page
    with store.reading() as session:
        assert session.scalar(select(Import.file_path)).endswith(".csv")


def test_a_script_that_sends_files_is_told_where_to_go(signed_in: SignIn) -> None:
    client = signed_in("lead")
    answer = client.post(
        "/imports/new",
        data={"csrf_token": client.token("/imports/new"), "files": [(io.BytesIO(csv_of()), "a.csv")], "shop": "1"},
        headers={"X-Requested-With": "upload"},
    )
    assert (answer.status_code, answer.headers["Location"]) == (204, "/imports/1/mapping")


def test_a_draft_can_be_let_go_and_goes_by_itself_in_time(app: Flask, signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    first, second = upload(client, "a.csv", csv_of()), upload(client, "b.csv", csv_of())
    answer = client.submit(f"/imports/{first}/discard", page=f"/imports/{first}/mapping")
    assert answer.status_code == 303
    assert client.get(f"/imports/{first}").status_code == 404
    assert len(files_in(app)) == 1
    later = clock.now() + timedelta(days=8)
    with store.writing() as session:
        session.add(Job(kind="uploads", payload={}, run_after=clock.now(), created_at=clock.now()))
    assert Worker(store, HANDLERS, clock=lambda: later).run_one()
    assert client.get(f"/imports/{second}").status_code == 404
    assert files_in(app) == []


def test_a_file_that_is_gone_is_said(app: Flask, signed_in: SignIn) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    for path in files_in(app):
        path.unlink()
    answer = client.get(f"/imports/{import_id}/mapping")
    assert answer.status_code == 409
    assert "请重新上传" in answer.text


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


# --------------------------------------------------------------------------------------------- while it goes on


def test_the_part_that_changes_renews_itself_until_the_end(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    here = f"/imports/{import_id}"
    part = as_part(client, here)
    assert "<html" not in part.text
    assert 'hx-trigger="every 2s"' in part.text
    assert "hx-get" in as_part(client, "/imports").text
    work(store)
    assert as_part(client, here).headers["HX-Refresh"] == "true"
    assert "hx-get" not in client.get(here).text
    assert "hx-get" not in client.get("/imports").text


def test_how_far_an_import_is_stands_on_its_page(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    with store.writing() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.owner, job.started_at = "running", "w", clock.now() - timedelta(seconds=100)
        job.done_count, job.total_count, job.tries = 1000, 4000, 2
        one = session.get_one(Import, import_id)
        one.state, one.position, one.new_count = "running", 500, 480
    page = client.get(f"/imports/{import_id}").text
    for said in ("25%", "每秒 5 通会话", "还需约 5 分", "第 2 次尝试", "480"):
        assert said in page, said
    assert "25%" in client.get("/imports").text


def test_an_import_that_waits_is_stopped_and_goes_on_later(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    here = f"/imports/{import_id}"
    assert "停止导入" in client.get(here).text
    assert client.submit(f"{here}/cancel", page=here).status_code == 303
    assert counts_of(store, import_id)[0] == "cancelled"
    assert work(store) == 0
    page = client.get(here).text
    assert "可以从停下的地方继续" in page
    client.submit(f"{here}/cancel", page=here)
    assert "状态已经变了" in client.get(here).text
    assert client.submit(f"{here}/retry", page=here).status_code == 303
    assert counts_of(store, import_id)[0] == "waiting"
    work(store)
    assert counts_of(store, import_id) == ("done", 2, 0, 0, 0, 1)
    client.submit(f"{here}/retry", page=here)
    assert counts_of(store, import_id)[0] == "done"


def test_an_import_whose_job_was_lost_says_so(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    confirm(client, import_id)
    with store.writing() as session:
        job = session.scalars(select(Job)).one()
        job.state, job.ended_key, job.unique_key, job.error = "failed", job.unique_key, None, "The worker was lost"
    for address in (f"/imports/{import_id}", "/imports"):
        assert "失败" in client.get(address).text.partition("<main")[2]
    assert "The worker was lost" in client.get(f"/imports/{import_id}").text
    with store.writing() as session:
        session.add(Job(kind="uploads", payload={}, run_after=clock.now(), created_at=clock.now()))
    work(store)
    assert counts_of(store, import_id)[0] == "failed"
    here = f"/imports/{import_id}"
    client.submit(f"{here}/retry", page=here)
    work(store)
    assert counts_of(store, import_id)[0] == "done"


def test_nobody_confirms_twice(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    import_id = upload(client, "a.csv", csv_of())
    page = client.get(f"/imports/{import_id}/mapping").text
    confirm(client, import_id)
    assert page
    again = client.post(f"/imports/{import_id}/mapping", data={"csrf_token": client.token("/imports/new"), "shop": "1"})
    assert (again.status_code, again.location) == (303, f"/imports/{import_id}")
    assert count(store, Job) == 1


# --------------------------------------------------------------------------------------------- problems


@pytest.fixture
def troubled(store: Store, people: None) -> int:  # noqa: ARG001 - there must be a shop
    """An import with problems; its id."""
    with store.writing() as session:
        one = Import(
            shop_id=1, origin="upload", file_name="a.csv", file_bytes=1, file_hash="", options={}, state="done",
            rejected_count=40, created_at=clock.now(), finished_at=clock.now(),
        )  # fmt: skip
        session.add(one)
        session.flush()
        for place in range(60):
            rejected = place % 3 != 0
            code = ("bad_time", "unknown_role", "bad_value")[place % 3]
            session.add(
                ImportProblem(import_id=one.id, place=place, rejected=rejected, line=place + 2,
                              field="=cmd|calc: role" if place == 1 else "messages[3].sent_at", code=code, reason="why")
            )  # fmt: skip
        session.add(
            ImportProblem(
                import_id=one.id, place=60, rejected=True, line=99, field="x", code="brand_new", reason="=1+1 new"
            )
        )
        session.flush()
        return one.id


def test_problems_have_pages_and_kinds_and_the_worst_come_first(signed_in: SignIn, troubled: int) -> None:
    client = signed_in("lead")
    page = client.get(f"/imports/{troubled}").text
    assert "第 1–25 条，共 61 条" in page
    assert "已导入，请留意" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "第 51–61 条" in client.get(f"/imports/{troubled}?page=3").text
    kind = client.get(f"/imports/{troubled}?code=bad_time").text
    assert "共 20 条" in kind
    assert "messages[3].时间" in kind
    assert "=1+1 new" in client.get(f"/imports/{troubled}?code=brand_new").text
    assert "共 61 条" in client.get(f"/imports/{troubled}?code=nothing").text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_problems_are_downloaded_in_ones_language_and_harmless(
    signed_in: SignIn, troubled: int, language: str
) -> None:
    client = signed_in("lead")
    client.submit("/language", {"language": language}, page="/me")
    answer = client.get(f"/imports/{troubled}/problems.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 62
    assert lines[0].startswith("行," if language == "zh" else "Line,")
    assert ("看不出是谁发的" if language == "zh" else "It does not say who wrote this") in lines[2]
    assert "'=cmd|calc" in lines[2]
    assert lines[-1].split(",")[3:5] == ["brand_new", "'=1+1 new"]


def test_nobody_downloads_anothers_problems(signed_in: SignIn, troubled: int) -> None:
    assert signed_in("manager").get(f"/imports/{troubled}/problems.csv").status_code == 404
    assert signed_in("agent").get(f"/imports/{troubled}/problems.csv").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_of_an_import_is_sound_in_every_state(
    app: Flask, signed_in: SignIn, store: Store, troubled: int, language: str
) -> None:
    client = signed_in("boss")
    client.submit("/language", {"language": language}, page="/me")
    draft = upload(client, "a.csv", csv_of())
    assert client.get(f"/imports/{draft}/mapping").status_code == 200
    assert client.get(f"/imports/{draft}").status_code == 200
    for state in ("waiting", "running", "done", "failed", "cancelled"):
        with store.writing() as session:
            one = session.get_one(Import, troubled)
            one.state, one.error, one.position = state, "the file is broken", 3
        assert client.get(f"/imports/{troubled}").status_code == 200
        assert client.get("/imports").status_code == 200
    assert len(files_in(app)) == 1
    assert all(isinstance(path, Path) for path in files_in(app))


def test_the_name_of_a_file_is_masked_wherever_it_stands(signed_in: SignIn) -> None:
    client = signed_in("boss")
    number = "13911112222"
    import_id = upload(client, f"聊天{number}.csv", csv_of(), shop="1")
    pages = [f"/imports/{import_id}/mapping", "/imports", "/imports/new"]
    shown = [client.get(page).text for page in pages]
    confirm(client, import_id)
    shown += [client.get(page).text for page in (f"/imports/{import_id}", "/imports", "/jobs", "/admin/activity")]
    assert all(number not in page for page in shown)
    assert all("聊天[手机号1].csv" in page for page in shown)

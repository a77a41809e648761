"""Imports in the browser: from an upload through its columns to what came of it, and what nobody may do with others' shops."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    Activity,
    AuditRow,
    ConversationRow,
    Import,
    Job,
)
from tests.stores import count
from tests.web.conftest import SignIn
from tests.web.importing import (
    ROWS,
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

"""What is done with a list of conversations: it is kept as a search, exported, audited anew."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator

import msgspec
import pytest
import python_calamine
from sqlalchemy import select

from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, Job, SavedSearch
from tests.web.chats import PHONE, chat, said, take_in
from tests.web.conftest import PageClient, SignIn
from tests.web.test_conversation_list import addresses_of, chats, links  # noqa: F401 - a fixture


@pytest.mark.usefixtures("chats")
def test_a_search_is_kept_opened_and_dropped(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    address = "/conversations?verdict=pending&shop=1&sort=priority"
    page = client.get(address).text
    [query] = {html.unescape(one) for one in re.findall(r'name="query" value="([^"]+)"', page)}
    answer = client.submit("/conversations/searches", {"name": " 红线 ", "query": query}, page=address)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "已保存搜索“红线”。" in page
    assert "保存搜索</summary>" not in page  # it is kept already
    [opened] = [one for one in links(page, "kept-one") if "?" in one]
    assert addresses_of(client.get(opened).text) == addresses_of(page)
    assert len(addresses_of(page)) == 1
    # Nobody else has it, or can drop it.
    [id] = re.findall(r"/conversations/searches/(\d+)/drop", page)
    other = signed_in("inspector")
    assert "红线" not in other.get("/conversations").text
    other.submit(f"/conversations/searches/{id}/drop", page="/conversations")
    assert "红线" in client.get("/conversations").text
    client.submit(f"/conversations/searches/{id}/drop", {"query": query}, page=opened)
    assert "已删除搜索。" in client.get("/conversations").text
    with store.reading() as session:
        assert session.scalars(select(SavedSearch)).all() == []


@pytest.mark.parametrize(("name", "says"), [("", "请填写搜索的名称"), ("长" * 101, "请填写搜索的名称")])
@pytest.mark.usefixtures("chats")
def test_a_search_without_a_name_is_not_kept(signed_in: SignIn, name: str, says: str) -> None:
    client = signed_in("lead")
    answer = client.submit("/conversations/searches", {"name": name, "query": "shop=1"}, page="/conversations?shop=1")
    assert answer.location == "/conversations?shop=1"
    assert says in client.get(answer.location).text


def exported(client: PageClient, form: str, query: str = "") -> list[list[str]]:
    """The rows of an export."""
    answer = client.submit(f"/conversations/export/{form}?{query}", page="/conversations")
    assert answer.status_code == 200
    assert f'.{form}"' in answer.headers["Content-Disposition"] or f".{form}" in answer.headers["Content-Disposition"]
    if form == "csv":
        return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    sheet = python_calamine.load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python()]


def dicts(rows: list[list[str]]) -> Iterator[dict[str, str]]:
    """Rows by the titles of their columns."""
    return (dict(zip(rows[0], row, strict=True)) for row in rows[1:])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.usefixtures("chats")
def test_an_export_holds_the_filtered_list_masked_and_harmless(signed_in: SignIn, store: Store, form: str) -> None:
    formula = chat("formula", said("customer", f"=1+1 {PHONE}", 9500), said("agent", "您好", 9510), tags=("+tag",))
    take_in(store, msgspec.structs.replace(formula, order_id="00012345678901234567"))
    client = signed_in("lead")
    found = {one["客户最初的话"]: one for one in dicts(exported(client, form, "shop=1"))}
    assert len(found) == 3  # the three good ones begin with the same words
    assert not any(PHONE in value for one in found.values() for value in one.values())
    bad = found["怎么还没发货？！急死了😡 我的电话[手机号1]"]
    assert (bad["结论"], bad["客服"], bad["订单号"]) == ("待确认", "苏晓棠", "2026111190817263")
    assert "引流站外" in bad["未通过项"]
    harmless = found["'=1+1 [手机号1]"]
    assert (harmless["标签"], harmless["订单号"]) == ("'+tag", "00012345678901234567")
    with store.reading() as session:
        [line] = session.scalars(select(Activity).where(Activity.action == "conversations.exported")).all()
        assert line.details == {"count": 5, "form": form}


@pytest.mark.usefixtures("chats")
def test_an_export_reaches_no_further_than_its_permission(signed_in: SignIn) -> None:
    assert len(exported(signed_in("manager"), "csv")) == 2
    assert signed_in("inspector").submit("/conversations/export/csv", page="/conversations").status_code == 403
    assert signed_in("lead").submit("/conversations/export/pdf", page="/conversations").status_code == 404
    assert signed_in("lead").get("/conversations/export/csv").status_code == 405


@pytest.mark.usefixtures("chats")
def test_a_filtered_list_is_audited_anew_by_a_job(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    assert "/conversations/reaudit?shop=2" in client.get("/conversations?shop=2").text
    answer = client.submit("/conversations/reaudit?shop=2", page="/conversations?shop=2")
    with store.reading() as session:
        [job] = session.scalars(select(Job).where(Job.kind == "reaudit")).all()
        assert (job.payload["shop_ids"], job.total_count) == ([2], 1)
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    assert "已提交重新质检，共 1 通会话" in client.get(answer.location).text
    answer = client.submit("/conversations/reaudit?q=没有的话", page="/conversations")
    assert "没有可以重新质检的会话" in client.get(answer.location).text
    assert "/conversations/reaudit" not in signed_in("manager").get("/conversations").text

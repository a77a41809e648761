"""The review desk without JavaScript: the work list, ruling, adding, drafts, conflicts, and a blind review."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import AddedFinding, ConversationRow, Note, Review, Ruling, User, WorkItem
from qaplatform.web.current import store_of
from tests.copies import fill_once
from tests.queries import counted_statements
from tests.web.chats import PHONE, endless, good, quarrel, take_in
from tests.web.conftest import PageClient, SignIn

_CARD = re.compile(r'<li class="rule[^"]*" id="criterion-(\w+)".*?</fieldset>', re.DOTALL)


@pytest.fixture
def chats(app: Flask, store: Store) -> None:  # noqa: ARG001 - it makes the people
    """Three conversations of shop 1."""
    fill_once(store, _fill)


def _fill(store: Store) -> None:
    take_in(store, quarrel(), good(0), good(1))


@pytest.fixture
def client(signed_in: SignIn, chats: None) -> PageClient:  # noqa: ARG001
    """The QA lead's browser."""
    found = signed_in("lead")
    assert isinstance(found, PageClient)
    return found


def id_of(store: Store, source_id: str) -> int:
    with store.reading() as session:
        return session.scalars(select(ConversationRow.id).where(ConversationRow.source_id == source_id)).one()


def begun(client: PageClient, store: Store, source_id: str = "quarrel") -> str:
    """The address of the desk with a conversation that was chosen on its page."""
    page = f"/conversations/{id_of(store, source_id)}"
    answer = client.submit(f"{page}/review", page=page)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the desk."""
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    return {name: found[name] for name in ("csrf_token", "version", "seen")}


def required_in(page: str) -> list[str]:
    """The criteria that must be answered."""
    return [one[1] for one in _CARD.finditer(page) if 'value="confirm"' in one[0]]


def confirmed(page: str) -> dict[str, str]:
    return {f"ruling:{id}": "confirm" for id in required_in(page)}


def test_a_chat_is_reviewed_from_its_page_and_the_next_opens(client: PageClient, store: Store) -> None:
    address = begun(client, store)
    shown = client.get(address).text
    assert PHONE not in shown
    assert "引流站外" in shown
    done = client.post(address, data={**fields_of(shown), **confirmed(shown), "action": "submit", "summary": "先安抚"})
    assert (done.status_code, done.headers["Location"]) == (303, "/desk")
    with store.reading() as session:
        review = session.scalars(select(Review)).one()
        assert (review.summary, review.verdict) == ("先安抚", "critical")
    assert client.get(address).headers["Location"] == f"/conversations/{id_of(store, 'quarrel')}"
    assert "今天已完成 1 通" in client.get("/desk").text


def test_what_is_missing_is_shown_at_its_place_and_what_was_typed_stays(client: PageClient, store: Store) -> None:
    address = begun(client, store)
    shown = client.get(address).text
    sent = {**fields_of(shown), "ruling:off_platform": "pass", "reason:response_time": "仓库断电了", "action": "submit"}
    answer = client.post(address, data={**sent, "ruling:response_time": "not_the_agent"})
    assert answer.status_code == 422
    assert answer.text.count("请裁定这一项。") == len(required_in(shown)) - 2
    assert answer.text.count("请写明理由或原因。") == 2
    assert "仓库断电了" in answer.text
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_words_are_added_by_quoting_them_and_found_in_the_original(client: PageClient, store: Store) -> None:
    address = begun(client, store)
    shown = client.get(address).text
    new = {"new-message": "3", "new-words": "这是规定", "new-criterion": "greeting", "new-comment": "开口就是规定"}
    answer = client.post(address, data={**fields_of(shown), **new, "action": "add"})
    assert answer.headers["Location"].endswith("#added")
    shown = client.get(address).text
    assert "“这是规定”" in shown
    assert "开口就是规定" in shown
    comment = {"comment-message": "2", "comment-kind": "praise", "comment-text": "回得快", "action": "comment"}
    client.post(address, data={**fields_of(shown), **comment})
    shown = client.get(address).text
    assert "回得快" in shown
    client.post(address, data={**fields_of(shown), **confirmed(shown), "action": "submit"})
    with store.reading() as session:
        added = session.scalars(select(AddedFinding)).one()
        assert (added.criterion, added.message_number, added.start, added.end) == ("greeting", 3, 0, 4)
        note = session.scalars(select(Note)).one()
        assert (note.kind, note.message_number, note.text) == ("praise", 2, "回得快")


def test_words_behind_a_mask_lie_where_they_lay_before_it(client: PageClient, store: Store) -> None:
    address = begun(client, store)
    shown = client.get(address).text
    words = re.search(r"我的电话[^<]*", client.get(f"/conversations/{id_of(store, 'quarrel')}").text)
    assert words
    new = {"new-message": "0", "new-words": "我的电话", "new-criterion": "greeting", "action": "add"}
    client.post(address, data={**fields_of(shown), **new})
    shown = client.get(address).text
    wrong = client.post(address, data={**fields_of(shown), **new, "new-words": "没有说过的话"})
    assert wrong.status_code == 422
    assert "没有在这条消息中找到这些文字" in wrong.text
    with store.reading() as session:
        draft = session.scalars(select(WorkItem.draft)).one()
        assert draft["added"] == [{"criterion": "greeting", "message": 0, "start": 13, "end": 17}]
    removed = client.post(address, data={**fields_of(shown), "action": "remove added:0"})
    assert removed.status_code == 303
    assert "“我的电话”" not in client.get(address).text


def test_drafts_are_kept_in_the_background_by_version(client: PageClient, store: Store) -> None:
    address = begun(client, store)
    sent = {**fields_of(client.get(address).text), "ruling:response_time": "confirm", "summary": "写到一半"}
    kept = client.post(f"{address}/draft", data=sent)
    assert kept.json == {"version": 2, "message": "草稿已保存"}
    stale = client.post(f"{address}/draft", data={**sent, "summary": "另一个窗口"})
    assert stale.status_code == 409
    assert "已在别处更新" in stale.json["message"]  # type: ignore[index]
    shown = client.get(address).text
    assert "写到一半" in shown
    assert re.search(r'name="ruling:response_time" value="confirm" checked', shown)
    assert client.get("/desk?shelf=draft").text.count("desk-item-name") == 1
    late = client.post(address, data={**sent, **confirmed(shown), "action": "submit"})
    assert late.status_code == 409
    assert "打开最新的状态" in late.text


def test_somebody_who_was_quicker_is_shown_before_anything_is_written(
    client: PageClient, signed_in: SignIn, store: Store
) -> None:
    address = begun(client, store)
    seen = client.get(address).text
    other = signed_in("inspector")
    theirs = begun(other, store)
    shown = other.get(theirs).text
    assert other.post(theirs, data={**fields_of(shown), **confirmed(shown), "action": "submit"}).status_code == 303
    answer = client.post(address, data={**fields_of(seen), **confirmed(seen), "action": "submit"})
    assert answer.status_code == 409
    assert "您处理期间，顾安然 已提交复核" in answer.text
    again = client.post(address, data={**fields_of(answer.text), **confirmed(answer.text), "action": "submit"})
    assert again.status_code == 303
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 2


def test_blind_work_tells_nothing_of_the_machine(client: PageClient, signed_in: SignIn, store: Store) -> None:
    address = begun(client, store)
    with store.writing() as session:
        item = session.scalars(select(WorkItem)).one()
        item.is_blind, item.draw, item.due_at = True, "priority", clock.now() - timedelta(days=1)
    shown = client.get(address).text
    for told in ("spot-", "扣分点 1", "机器 ", "按风险抽取", "客户不满", "等了", 'value="confirm"', 'data-key="o"'):
        assert told not in shown, told
    listed = client.get("/desk").text
    assert "盲评" in listed
    assert "不合格" not in listed
    # Nor do the other lists, but to others.
    for who, is_told in ((client, False), (signed_in("boss"), True)):
        for page in ("/conversations", "/"):
            shown_there = who.get(page).text
            row = next(one for one in shown_there.split("<tr>") if f"/conversations/{id_of(store, 'quarrel')}" in one)
            assert ("盲评中" not in row, "待确认" in row) == (is_told, is_told), page
            for told in ("引流站外", 'conv-score figures"><span class="points'):
                assert told not in row or is_told, (page, told)
        rows = who.submit("/conversations/export/csv", page="/conversations").text.splitlines()
        row = next(one for one in rows if "怎么还没发货" in one)
        assert ("盲评中" not in row, "引流站外" in row) == (is_told, is_told)
    answers = {"ruling:off_platform": "fail", "action": "submit"}
    assert client.post(address, data={**fields_of(shown), **answers}).status_code == 303
    with store.reading() as session:
        kinds = dict(session.execute(select(Ruling.criterion, Ruling.kind)).all())
        assert kinds["off_platform"] == "confirm"
        assert kinds["response_time"] == "overrule"
    assert "盲评中" not in client.get("/conversations").text
    # A critical failure that the inspector saw as well is one, however good the rest.
    assert "一票否决" in client.get("/desk?shelf=done").text


def test_the_work_list_has_its_shelves_and_an_end(client: PageClient, store: Store) -> None:
    assert "没有待处理的会话" in client.get("/desk").text
    with store.writing() as session:
        lead = session.scalars(select(User.id).where(User.login == "lead")).one()
        now = clock.now()
        for row, days in zip(
            session.scalars(select(ConversationRow).order_by(ConversationRow.id)).all(), (-1, 1, None), strict=True
        ):
            session.add(
                WorkItem(
                    conversation_id=row.id, revision=1, audit_id=row.audit_id, draw="random", created_at=now,
                    user_id=None if days is None else lead, due_at=None if days is None else now + timedelta(days=days),
                )
            )  # fmt: skip
    page = client.get("/desk").text
    assert page.count("desk-item-name") == 2
    assert "另有 1 通待领取" in page
    assert client.get("/desk?shelf=overdue").text.count("desk-item-name") == 1
    addresses = []
    for _ in range(3):
        address = client.submit("/desk/next", page="/desk").headers["Location"]
        shown = client.get(address).text
        addresses.append(address)
        client.post(address, data={**fields_of(shown), **confirmed(shown), "action": "submit"})
    assert len(set(addresses)) == 3
    assert client.submit("/desk/next", page="/conversations/1").headers["Location"] == "/desk"
    assert "待办都处理完了" in client.get("/desk").text
    assert client.get("/desk?shelf=done").text.count("desk-item-name") == 3


def test_another_persons_work_is_not_there(client: PageClient, signed_in: SignIn, store: Store) -> None:
    address = begun(client, store)
    other = signed_in("inspector")
    assert other.get(address).status_code == 404
    assert other.submit(f"{address}/draft", page="/conversations/1").status_code == 404
    assert other.submit(address, page="/conversations/1").status_code == 404


def test_a_desk_asks_the_database_equally_often_whatever_the_length(
    client: PageClient, app: Flask, store: Store
) -> None:
    take_in(store, endless(500))
    counts = []
    for source_id in ("good-0", "endless"):
        address = begun(client, store, source_id)
        client.get(address)
        with counted_statements(store_of(app)) as seen:
            assert client.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


def test_an_agent_is_told_sees_acknowledges_and_answers(client: PageClient, signed_in: SignIn, store: Store) -> None:
    address = begun(client, store)
    shown = client.get(address).text
    words = {"comment-kind": "praise", "comment-text": "后面接得好", "action": "comment"}
    client.post(address, data={**fields_of(shown), **words})
    shown = client.get(address).text
    ruled = {**confirmed(shown), "ruling:response_time": "not_the_agent", "cause:response_time": "system"}
    client.post(address, data={**fields_of(shown), **ruled, "action": "submit", "summary": "先安抚"})
    page = f"/conversations/{id_of(store, 'quarrel')}"
    for reader in (client, signed_in("agent")):
        seen = reader.get(page).text
        for told in ("人工裁定", "正式结果", "先安抚", "后面接得好", "非客服责任", "系统或平台"):
            assert told in seen, told
    agent = signed_in("agent")
    with store.writing() as session:
        session.scalars(select(Review)).one().seen_at = None
    listed = agent.get("/results").text
    assert listed.count("1 条新结果") == 2  # On the page and in the navigation.
    assert "先安抚后解决" in listed
    assert "机器初判（全部会话）" in listed
    for who, address in ((agent, "/results/export/csv"), (client, "/desk/export/csv?shelf=done")):
        sheet = who.submit(address, page=address.partition("/export")[0])
        assert sheet.status_code == 200
        assert "先安抚" in sheet.text or address.startswith("/desk")
        assert PHONE not in sheet.text
        assert sheet.text.count("\n") == 2, sheet.text
    assert "确认结果" in agent.get(page).text
    assert "条新结果" not in agent.get("/results").text
    with store.reading() as session:
        id = session.scalars(select(Review.id)).one()
    assert agent.submit(f"/results/{id}/acknowledge", {"conversation": "1"}, page=page).status_code == 303
    assert agent.submit(f"/results/{id}/reply", {"text": " "}, page=page).status_code == 303
    assert agent.submit(f"/results/{id}/reply", {"text": "当时系统卡住了"}, page=page).status_code == 303
    seen = client.get(page).text
    assert "当时系统卡住了" in seen
    assert "客服已于" in seen
    with store.reading() as session:
        assert session.scalars(select(Review.acknowledged_at)).one() is not None
    assert signed_in("newhire").submit(f"/results/{id}/acknowledge", page="/results").status_code == 404
    assert signed_in("newhire").submit(f"/results/{id}/reply", {"text": "x"}, page="/results").status_code == 404

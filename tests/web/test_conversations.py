"""One conversation: the chat with its marks, the scorecard, masks, revisions, notes, re-audits."""

from __future__ import annotations

import html
import re

import msgspec
import pytest
from sqlalchemy import func, select, update

from qaplatform.audit.conversation import Customer
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, AuditRow, ConversationRow, Job, MessageRow, Note, User, WorkItem
from qaplatform.web.current import store_of
from tests.copies import fill_once
from tests.queries import counted_statements
from tests.web.chats import PHONE, chat, endless, good, longer, quarrel, said, take_in
from tests.web.conftest import SignIn

MARK = re.compile(r'<mark class="hit ([^"]*)"[^>]*>(.*?)</mark>')


def marks_in(page: str) -> list[tuple[str, str]]:
    """Kinds and words of what is marked in the chat, as a browser shows them."""
    chat_only = page.partition('<ol class="chat">')[2].partition("</ol>")[0]
    return [(css, html.unescape(words)) for css, words in MARK.findall(chat_only)]


def line_of(page: str, number: int) -> str:
    """The HTML of one message."""
    return page.partition(f'id="m{number}"')[2].partition("</li>")[0]


def words_of(markup: str) -> str:
    """What a person reads of it."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@pytest.fixture
def quarrelled(store: Store, people: None) -> str:  # noqa: ARG001 - whose conversation it is
    """The address of a bad conversation of shop 1, team 1 and agent 1."""
    return str(fill_once(store, _fill))


def _fill(store: Store) -> str:
    take_in(store, quarrel())
    with store.reading() as session:
        return f"/conversations/{session.scalars(select(ConversationRow.id)).one()}"


def test_the_chat_shows_every_message_on_its_side(signed_in: SignIn, quarrelled: str) -> None:
    page = signed_in("lead").get(quarrelled).text
    assert re.findall(r'<li class="line line-(\w+)', page) == [
        "customer", "bot", "agent", "agent", "customer", "transfer", "note", "agent", "customer", "auto", "customer",
    ]  # fmt: skip
    assert "苏晓棠" in line_of(page, 2)
    assert "韩立峰" in line_of(page, 7)
    assert "bubble-stand-in" in line_of(page, 8)
    assert "自动回复" in line_of(page, 9)
    assert page.count('class="chat-break"') == 3  # two days, and a silence within the second
    assert "11月10日周二" in page


def test_waits_stand_against_their_limits(signed_in: SignIn, quarrelled: str) -> None:
    page = signed_in("lead").get(quarrelled).text
    assert "等了 3 分 20 秒 · 限 1 分钟" in words_of(line_of(page, 2))
    assert "wait-late" in line_of(page, 2)
    assert "wait" not in line_of(page, 3)
    assert "wait-late" in line_of(page, 7)


def test_findings_are_marked_at_their_words_and_lead_to_their_criteria(signed_in: SignIn, quarrelled: str) -> None:
    page = signed_in("lead").get(quarrelled).text
    marks = marks_in(page)
    assert ("hit-critical", "加我微信") in marks
    assert ("hit-masked", "[手机号1]") in marks
    numbers = re.findall(r'id="spot-(\d+)"', page)
    assert numbers
    assert sorted(numbers) == sorted(re.findall(r'id="finding-(\d+)"', page))
    leads = set(re.findall(r'href="([^"]+)"', page))
    assert {f"#{end}-{number}" for number in numbers for end in ("finding", "spot")} <= leads


def test_the_scorecard_speaks_the_rubrics_words(signed_in: SignIn, quarrelled: str) -> None:
    client = signed_in("lead")
    card = words_of(client.get(quarrelled).text.partition('id="card-title"')[2])
    for expected in (
        "一票否决", "机器初判", "合格线 80", "引流站外", "把客户引到平台之外", "建议", "规则", "项通过", "承诺 · 有时限", "客户不满",
        "转接 · ", "扬言投诉、曝光或差评",
    ):  # fmt: skip
        assert expected in card, expected
    client.submit("/language", {"language": "en"}, page="/me")
    card = words_of(client.get(quarrelled).text.partition('id="card-title"')[2])
    for expected in ("Critical", "Machine verdict", "Pass mark 80", "Better", "criteria passed", "Displeased"):
        assert expected in card, expected


def test_personal_data_is_masked_everywhere_and_foreign_markup_is_text(signed_in: SignIn, quarrelled: str) -> None:
    client = signed_in("lead")
    client.submit(f"{quarrelled}/notes", {"text": f"电话{PHONE}"}, page=quarrelled)
    page = client.get(quarrelled).text
    for secret in (PHONE, "wx_sunny88", "１３９８７６５４３２１", "buyer-quarrel"):
        assert secret not in page
    assert (
        page.count("[手机号1]") >= 3
    )  # the message, the internal note, the note beside it: the same number throughout
    assert "2026111190817263" in page  # the shop's own people cannot work without it
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_mask_is_lifted_once_and_noted(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    client = signed_in("lead")
    answer = client.submit(f"{quarrelled}/unmask", page=quarrelled)
    assert answer.status_code == 200
    assert PHONE in answer.text
    assert "１３９８７６５４３２１" in answer.text
    assert "正在显示个人信息" in answer.text
    assert ("hit-critical", "加我微信") in marks_in(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    with store.reading() as session:
        [line] = session.scalars(select(Activity).where(Activity.action == "conversation.unmasked")).all()
        assert (line.subject_kind, f"/conversations/{line.subject_id}", line.shop_id) == ("conversation", quarrelled, 1)
    assert PHONE not in client.get(quarrelled).text
    assert client.get(f"{quarrelled}/unmask").status_code == 405


@pytest.mark.parametrize(
    ("login", "sees", "unmasks", "notes", "reaudits"),
    [
        ("lead", 200, 200, 303, 303),
        ("inspector", 200, 200, 303, 303),
        ("teamlead", 200, 403, 303, 403),
        ("manager", 404, 403, 404, 403),  # of the other shop
        ("mentor", 404, 403, 404, 403),  # of the other team
        ("agent", 200, 403, 403, 403),  # their own
        ("newhire", 404, 403, 403, 403),  # somebody else's
        ("admin", 403, 403, 403, 303),
    ],
)
def test_everybody_reaches_what_is_theirs(
    signed_in: SignIn, quarrelled: str, login: str, sees: int, unmasks: int, notes: int, reaudits: int
) -> None:
    client = signed_in(login)
    page = client.get(quarrelled)
    assert page.status_code == sees
    if sees == 200:
        assert ("显示个人信息" in page.text) == (unmasks == 200)
        assert ("重新质检" in page.text) == (reaudits == 303)
        assert ("添加备注" in page.text) == (notes == 303)
    for path, values, expected in (
        ("unmask", {}, unmasks),
        ("notes", {"text": "好"}, notes),
        ("reaudit", {}, reaudits),
    ):
        assert client.submit(f"{quarrelled}/{path}", values, page="/me").status_code == expected, path


def test_what_reviewers_note_is_not_read_by_whom_it_is_about(signed_in: SignIn, quarrelled: str) -> None:
    signed_in("lead").submit(f"{quarrelled}/notes", {"text": "新人，先不扣"}, page="/me")
    for login, reads in (("inspector", True), ("teamlead", True), ("agent", False)):
        page = signed_in(login).get(quarrelled)
        assert page.status_code == 200
        assert ("新人，先不扣" in page.text, 'id="notes"' in page.text) == (reads, reads), login


def test_whoever_took_over_sees_the_chat_as_their_own(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    with store.writing() as session:  # The second agent, who came in by the transfer.
        session.execute(update(User).where(User.login == "newhire").values(agent_id=2))
    assert signed_in("newhire").get(quarrelled).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "0",
        "999",
        "9" * 18,
        "9" * 30,
        "-1",
        "x",
        "{id}?revision=7",
        "{id}?audit=999",
        "{id}?audit=" + "9" * 30,
        "{id}?revision=-5",
    ],
)
def test_what_is_not_there_is_not_found(signed_in: SignIn, quarrelled: str, path: str) -> None:
    id = quarrelled.rpartition("/")[2]
    assert signed_in("lead").get(f"/conversations/{path.replace('{id}', id)}").status_code == 404


def test_an_earlier_revision_says_that_more_has_come(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    take_in(store, longer(quarrel(), said("customer", "还是没收到", 100_000)))
    client = signed_in("lead")
    newest = client.get(quarrelled).text
    assert "还是没收到" in newest
    assert "之后又有新消息" not in newest
    first = client.get(f"{quarrelled}?revision=1").text
    assert "还是没收到" not in first
    assert "这是第 1 版，共 2 版：之后又有新消息。" in first
    with store.reading() as session:
        audits = session.scalars(select(AuditRow.id).order_by(AuditRow.id)).all()
    assert len(audits) == 2
    assert all(f"audit={id}" in newest for id in audits)
    assert "还是没收到" not in client.get(f"{quarrelled}?audit={audits[0]}").text


def test_an_open_review_leads_to_what_it_was_given(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    with store.writing() as session:
        row = session.scalars(select(ConversationRow)).one()
        given = row.audit_id
        lead = session.scalars(select(User.id).where(User.login == "lead")).one()
        session.add(
            WorkItem(
                conversation_id=row.id,
                revision=1,
                audit_id=given,
                user_id=lead,
                state="open",
                created_at=row.created_at,
            )
        )
    pinned = f"{quarrelled}?revision=1&amp;audit={given}"
    assert pinned not in signed_in("lead").get(quarrelled).text
    take_in(store, longer(quarrel(), said("customer", "还是没收到", 100_000)))
    client = signed_in("lead")
    assert pinned in client.get(quarrelled).text
    first = client.get(html.unescape(pinned)).text
    assert "还是没收到" not in first
    assert "您的复核任务" not in first
    assert "您的复核任务" not in signed_in("inspector").get(quarrelled).text


def test_purged_text_says_so(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    with store.writing() as session:
        now = session.scalars(select(ConversationRow.updated_at)).one()
        session.execute(update(ConversationRow).values(text_purged_at=now))
        session.execute(update(MessageRow).values(text=""))
    page = signed_in("lead").get(quarrelled).text
    assert "原文已于" in page
    assert page.count("原文已清除") == 11
    assert "显示个人信息" not in page
    assert "引流站外" in page
    numbers = re.findall(r'id="spot-(\d+)"', page)
    assert sorted(numbers) == sorted(re.findall(r'id="finding-(\d+)"', page))


def test_without_an_audit_the_chat_is_shown_all_the_same(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    with store.writing() as session:
        session.execute(update(ConversationRow).values(audit_id=None, verdict=None))
        for row in session.scalars(select(AuditRow)).all():
            session.delete(row)
    page = signed_in("lead").get(quarrelled).text
    assert "还没有质检结果" in page
    assert "等了 3 分 20 秒" in words_of(line_of(page, 2))


@pytest.mark.usefixtures("people")
def test_messages_without_times_and_unknown_people_are_shown(signed_in: SignIn, store: Store) -> None:
    take_in(store, chat("plain", said("customer", "在吗", None), said("agent", "在", None, agent="店:小新")))
    page = signed_in("lead").get("/conversations/1").text
    assert "店:小新" in line_of(page, 1)
    assert "无时间" in page


def test_a_note_is_written_beside_a_message(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    client = signed_in("inspector")
    answer = client.submit(f"{quarrelled}/notes", {"text": " 下周讲 ", "message": "3"}, page=quarrelled)
    assert (answer.status_code, answer.location) == (303, f"{quarrelled}#notes")
    page = client.get(quarrelled).text
    assert "下周讲" in page
    assert "顾安然" in page
    assert 'href="#m3"' in page
    with store.reading() as session:
        assert session.scalars(select(Note.text)).all() == ["下周讲"]
        assert session.scalar(select(func.count()).where(Activity.action == "note.written")) == 1


@pytest.mark.parametrize(
    ("values", "status", "says"),
    [
        ({"text": "  "}, 400, "请填写此项。"),
        ({"text": "好" * 2001}, 400, "不能超过 2000 个字符。"),
        ({"text": "好", "message": "11"}, 303, "没有这条消息"),
        ({"text": "好", "message": "-1"}, 303, "没有这条消息"),
        ({"text": "好", "message": "三"}, 400, ""),
    ],
)
def test_a_note_that_is_none_is_not_written(
    signed_in: SignIn, quarrelled: str, store: Store, values: dict[str, str], status: int, says: str
) -> None:
    client = signed_in("lead")
    answer = client.submit(f"{quarrelled}/notes", values, page=quarrelled)
    assert answer.status_code == status
    assert says in (answer.text if status == 400 else client.get(quarrelled).text)
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Note)) == 0


def test_a_new_audit_is_a_job_asked_for_once(signed_in: SignIn, quarrelled: str, store: Store) -> None:
    client = signed_in("lead")
    for _ in range(2):
        assert client.submit(f"{quarrelled}/reaudit", page=quarrelled).status_code == 303
    assert "已提交重新质检" in client.get(quarrelled).text
    with store.reading() as session:
        [job] = session.scalars(select(Job).where(Job.kind == "reaudit")).all()
        assert [f"/conversations/{id}" for id in job.payload["conversation_ids"]] == [quarrelled]
        assert job.total_count == 1


@pytest.mark.usefixtures("people")
def test_other_chats_of_the_customer_are_one_click_away(signed_in: SignIn, store: Store) -> None:
    take_in(store, quarrel(), chat("later", said("customer", "又来了", 200_000), customer=quarrel().customer))
    page = signed_in("lead").get("/conversations/1").text
    assert 'href="/conversations/2"' in page.partition('id="others-title"')[2]
    assert "同一事项" not in page


@pytest.mark.usefixtures("people")
def test_a_case_joins_conversations_of_a_shop_and_order_whoever_wrote(signed_in: SignIn, store: Store) -> None:
    order = msgspec.structs.replace(good(1), order_id="5544332211")
    of_another = msgspec.structs.replace(good(2), order_id="5544332211", customer=Customer("another"))
    take_in(store, order, of_another, msgspec.structs.replace(of_another, id="elsewhere", shop="s2"))
    client = signed_in("lead")
    others = client.get("/conversations/1").text.partition('id="others-title"')[2]
    assert others.startswith(">同一事项的其他会话")
    take_in(store, msgspec.structs.replace(good(3), customer=order.customer))
    assert 'id="others-title">该客户和同一事项的其他会话' in client.get("/conversations/1").text
    assert 'href="/conversations/2"' in others
    assert 'href="/conversations/3"' not in others
    [whole] = re.findall(r'href="(/conversations\?case=\d+)"', others)
    assert "共 2 通会话" in client.get(whole).text


@pytest.mark.parametrize("count", [20, 500])
@pytest.mark.usefixtures("people")
def test_a_page_costs_the_same_queries_however_long_the_chat(signed_in: SignIn, store: Store, count: int) -> None:
    take_in(store, endless(count), good())
    client = signed_in("lead")
    client.get("/conversations/1")
    with counted_statements(store_of(client.application)) as statements:
        answer = client.get("/conversations/1")
    assert answer.text.count('class="line line-') == count
    assert len(statements) == 16, statements


def test_an_agent_whom_nobody_named_is_called_by_their_side(signed_in: SignIn, store: Store) -> None:
    take_in(store, chat("bare", said("customer", "在吗", 0), said("agent", "在的", 10, agent=None)))
    page = signed_in("lead").get("/conversations/1")
    assert page.status_code == 200
    assert "<b>客服</b>" in page.text

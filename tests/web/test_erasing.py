"""Erasing a customer from the browser: what is said before, what is typed, the job, and what is left to read."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from qaplatform import clock
from qaplatform.store import jobs as job_rows
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, ConversationRow, Customer, Job, Note, Shop, User, UserRole
from qaplatform.worker import HANDLERS, Worker
from tests.people import QUICK
from tests.web.chats import PHONE, good, quarrel, take_in
from tests.web.conftest import SignIn
from tests.web.test_conversations import words_of

CANARY = "急死了"


@pytest.fixture
def buyer(store: Store, people: None) -> Customer:  # noqa: ARG001 - whose shop it is
    """A customer of shop 1 with one conversation, which is number 1; there are others."""
    take_in(store, quarrel(), good())
    with store.reading() as session:
        return session.scalars(
            select(Customer).join(ConversationRow, ConversationRow.customer_id == Customer.id)
            .where(ConversationRow.source_id == "quarrel")
        ).one()  # fmt: skip


def address_of(buyer: Customer) -> str:
    """Where the customer is erased, come to from the conversation."""
    return f"/admin/customers/{buyer.id}/erase?conversation=1"


def test_from_the_conversation_to_the_job_and_back(signed_in: SignIn, store: Store, buyer: Customer) -> None:
    client, address = signed_in("lead"), address_of(buyer)
    client.submit("/conversations/1/notes", {"text": f"回电 {PHONE}"}, page="/conversations/1")
    page = client.get("/conversations/1").text
    assert f'href="{address}"' in page
    page = words_of(client.get(address).text)
    for said in (
        f"删除 {buyer.pseudonym} 的全部文字", "1 通会话的全部原文：11 条消息", "1 条备注的文字", "删除后无法恢复",
        "评分、结论、扣分项", "只有编号", "docs/erasure.md", f"代号是 {buyer.pseudonym}。",
    ):  # fmt: skip
        assert said in page, said

    answer = client.submit(address, {"typed": f" {buyer.pseudonym.lower()} "})
    with store.reading() as session:
        job = session.scalars(select(Job).where(Job.kind == "customers.erase")).one()
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    assert (job.payload, job.state) == ({"customer_id": buyer.id}, "waiting")
    shown = client.get(answer.location).text
    assert "删除客户的全部文字" in shown
    assert "取消任务" in shown, "it has not begun"
    assert "正在删除其全部文字" in client.get("/conversations/1").text
    page = client.get(address).text
    assert f'href="/jobs/{job.id}"' in page
    assert 'name="typed"' not in page

    assert Worker(store, HANDLERS).run_one()
    shown = client.get(f"/jobs/{job.id}").text
    assert "已完成" in shown
    assert "重试" not in shown
    assert "取消任务" not in shown
    answer = client.get("/conversations/1")
    page = words_of(answer.text)
    for gone in (CANARY, PHONE, "[手机号1]", "2026111190817263", "催发货", "回电", buyer.pseudonym):
        assert gone not in answer.text, gone
    assert "应这位客户的要求，其全部文字已于" in page
    assert page.count("原文已清除") == 12, "eleven messages and a note"
    for stays in ("引流站外", "一票否决", f"E-{buyer.id} 已删除", "苏晓棠"):
        assert stays in page, stays
    for needless in ("显示个人信息", "重新质检", "删除这位客户"):
        assert needless not in page, needless
    page = client.get(address).text
    assert "这位客户的全部文字已于" in page
    assert 'name="typed"' not in page
    assert "共 0 通会话" in client.get(f"/conversations?q={CANARY}").text
    assert "共 1 通会话" in client.get("/conversations?q=有货").text
    with store.reading() as session:
        actions = session.scalars(select(Activity.action).where(Activity.subject_kind == "customer")).all()
        assert list(actions) == ["customer.erasure_asked", "customer.erased"]
        assert session.scalars(select(Note.text)).all() == [""]


@pytest.mark.parametrize("said", ["shown", " c-lower ", "2026111190817263", "the source's own name"])
def test_who_asks_for_it_is_found_by_what_they_say(signed_in: SignIn, buyer: Customer, said: str) -> None:
    known_as = {"shown": buyer.pseudonym, " c-lower ": f" {buyer.pseudonym.lower()} "}
    said = buyer.source_key or "" if said.startswith("the source") else known_as.get(said, said)
    page = signed_in("admin").get("/admin/customers", query_string={"said": said}).text
    assert f'href="/admin/customers/{buyer.id}/erase"' in page
    assert words_of(page).count("删除其全部文字…") == 1


def test_nobody_else_is_found(signed_in: SignIn, store: Store, buyer: Customer) -> None:
    with store.writing() as session:
        session.add(Customer(id=77, shop_id=2, pseudonym="C-ELSE", source_key="别处的买家", created_at=clock.now()))
        user = User(login="here", name="本店主管", password_hash=QUICK.hashed("here"), created_at=clock.now())
        session.add(user)
        session.flush()
        session.add(UserRole(user_id=user.id, role="qa_lead", shop_id=1))
    client = signed_in("here")
    assert "没有找到这位客户" in client.get("/admin/customers?said=别处的买家").text
    assert "没有找到这位客户" in client.get("/admin/customers?said=C-").text
    assert "要找谁" in client.get("/admin/customers").text
    assert buyer.pseudonym in client.get("/admin/customers", query_string={"said": buyer.pseudonym}).text
    assert "C-ELSE" in signed_in("admin").get("/admin/customers?said=别处的买家").text


@pytest.mark.parametrize("typed", ["", "  ", "是", "C-", "C-0000000", "字" * 101])
def test_nothing_is_asked_for_unless_the_name_was_typed(
    signed_in: SignIn, store: Store, buyer: Customer, typed: str
) -> None:
    answer = signed_in("lead").submit(address_of(buyer), {"typed": typed})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    if 1 < len(typed.strip()) < 20:
        assert "没有删除任何内容" in answer.text
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(Job.kind == "customers.erase")) == 0


def test_asked_twice_it_is_one_job_and_once_erased_none(signed_in: SignIn, store: Store, buyer: Customer) -> None:
    client, address = signed_in("lead"), address_of(buyer)
    token = client.token(address)
    sent = {"typed": buyer.pseudonym, "csrf_token": token}
    answers = {client.post(address, data=sent).location for _ in range(2)}
    assert len(answers) == 1
    with store.writing() as session:
        # As after a first round, while an import holds it up: the next one waits.
        session.execute(update(Job).values(unique_key=f"customers.erase:{buyer.id}:2", payload={"round": 2}))
    assert client.post(address, data=sent).location in answers
    with store.writing() as session:
        assert session.scalar(select(func.count()).where(Activity.action == "customer.erasure_asked")) == 1
        session.execute(update(Job).values(state="done", unique_key=None))
        session.execute(update(Customer).where(Customer.id == buyer.id).values(erased_at=clock.now()))
    answer = client.post(address, data=sent)
    assert answer.status_code == 400
    assert "已经删除过了" in answer.text


def test_a_failed_erasure_is_said_and_may_be_tried_again(signed_in: SignIn, store: Store, buyer: Customer) -> None:
    client, address = signed_in("lead"), address_of(buyer)
    job = client.submit(address, {"typed": buyer.pseudonym}).location
    with store.writing() as session:
        session.execute(update(Job).values(state="failed", ended_key=Job.unique_key, unique_key=None, error="no space"))
    page = client.get(address).text
    assert "上次删除没有完成" in page
    assert f'href="{job}"' in page
    assert 'name="typed"' in page
    assert "重试" in client.get(job).text
    assert client.submit(f"{job}/retry", page=job).status_code == 303
    assert "正在删除" in client.get("/conversations/1").text
    assert "重试" not in client.get(job).text


def test_what_has_begun_is_not_cancelled_and_what_was_cancelled_is_asked_for_anew(
    signed_in: SignIn, store: Store, buyer: Customer
) -> None:
    client, address = signed_in("lead"), address_of(buyer)
    job = client.submit(address, {"typed": buyer.pseudonym}).location
    client.submit(f"{job}/cancel", page=job)
    page = client.get(job).text
    assert "已取消" in page
    assert "重试" not in page
    client.submit(f"{job}/retry", page="/me")
    assert "只有失败或已取消的任务可以重试" in client.get(job).text
    assert 'name="typed"' in client.get(address).text

    job = client.submit(address, {"typed": buyer.pseudonym}).location
    with store.writing() as session:
        now = clock.now()
        assert job_rows.claim(
            session, owner="me", now=now, lease=timedelta(minutes=1), kinds=frozenset({"customers.erase"})
        )
    page = client.get(job).text
    assert "取消任务" not in page
    client.submit(f"{job}/cancel", page="/me")
    assert "不能撤销" in client.get(job).text
    with store.reading() as session:
        newest = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
        assert (newest.state, newest.cancel_asked) == ("running", False)


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ("lead", 200),
        ("admin", 200),
        ("boss", 200),
        ("inspector", 403),
        ("manager", 403),
        ("teamlead", 403),
        ("agent", 403),
    ],
)
def test_only_who_may_finds_the_way(signed_in: SignIn, buyer: Customer, login: str, status: int) -> None:
    client = signed_in(login)
    assert client.get(address_of(buyer)).status_code == status
    page = client.get("/conversations/1")
    if page.status_code == 200:
        assert ("删除这位客户" in page.text) == (status == 200)


def test_whoever_leads_one_shop_erases_there_and_without_seeing_jobs(
    signed_in: SignIn, store: Store, buyer: Customer
) -> None:
    with store.writing() as session:
        user = User(login="here", name="本店主管", password_hash=QUICK.hashed("here"), created_at=clock.now())
        session.add(user)
        session.flush()
        session.add(UserRole(user_id=user.id, role="qa_lead", shop_id=1))
        session.add(Customer(id=77, shop_id=2, pseudonym="C-ELSE", created_at=clock.now()))
    client, address = signed_in("here"), address_of(buyer)
    assert (
        client.get("/admin/customers/77/erase").status_code
        == client.get("/admin/customers/78/erase").status_code
        == 404
    )
    assert client.submit("/admin/customers/77/erase", {"typed": "C-ELSE"}, page="/me").status_code == 404
    answer = client.submit(address, {"typed": buyer.pseudonym})
    assert (answer.status_code, answer.location) == (303, address)
    page = client.get(address).text
    assert "正在删除这位客户" in page
    assert "/jobs/" not in page


@pytest.mark.parametrize(
    "address", ["/admin/customers/0/erase", "/admin/customers/999999/erase", f"/admin/customers/{2**63 - 1}/erase"]
)
@pytest.mark.usefixtures("buyer")
def test_nobody_is_not_found(signed_in: SignIn, address: str) -> None:
    client = signed_in("lead")
    assert client.get(address).status_code == 404
    assert client.submit(address, {"typed": "x"}, page="/me").status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_customer_without_a_conversation_is_told_as_well(signed_in: SignIn, store: Store, language: str) -> None:
    with store.writing() as session:
        assert session.get(Shop, 1)
        session.add(Customer(id=78, shop_id=1, pseudonym="C-ALONE", created_at=clock.now()))
    client = signed_in("admin")
    client.submit("/language", {"language": language}, page="/me")
    page = client.get("/admin/customers/78/erase?conversation=x").text
    assert "C-ALONE" in page
    assert re.search(r'class="page-back" href="/admin/customers"', page), "an admin sees no conversations"

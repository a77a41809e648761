"""The pages of the exam without JavaScript: what may be taken, the room and its JSON, results, reviews, statistics."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from qaplatform import clock
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.settings import TrainingSettings, keep_training_settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import Enrolment, ExamDialogue, ExamMessage, ExamRuling
from qaplatform.store.training.exam_calls import NewExamCall, add_call
from qaplatform.web.current import store_of
from tests.copies import fill_once
from tests.graded import endpoint_at
from tests.queries import counted_statements
from tests.services.training.examined import GOOD, KIND, LEAD, NEW_HIRE, UNREAD, VAGUE, instead
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn

MOST = 20
_KEY = re.compile(r'name="sent_key" value="([0-9a-f]{32})"')


@pytest.fixture
def results(app: Flask, store: Store) -> tuple[int, int]:  # noqa: ARG001 - it makes the people
    """Dialogues of the new hire: one that failed lately, and one with a reply that nobody could read."""
    found: tuple[int, int] = fill_once(store, _fill)
    return found


def _fill(store: Store) -> tuple[int, int]:
    spoiled = instead(2, "不可能，是您自己弄错了，我也没办法")
    unread = _held(store, instead(3, UNREAD), hours=40)
    return _held(store, instead(3, VAGUE, spoiled), hours=9), unread


def _held(store: Store, texts: tuple[tuple[int, str], ...], *, hours: float) -> int:
    begun = clock.now() - timedelta(hours=hours)
    with store.writing() as session:
        sitting_id = exam_room.begin(session, NEW_HIRE, SittingWanted(kind=KIND), now=begun, seed=3)
        id = exam_room.room(session, NEW_HIRE, sitting_id, now=begun).dialogues[0].id
        for second, text in texts:
            moment = begun + timedelta(seconds=second)
            try:
                exam_room.write(session, NEW_HIRE, id, text, f"k{second}", now=moment)
            except exam_room.ExamEndedError:
                break
        exam_room.leave(session, NEW_HIRE, sitting_id, now=begun + timedelta(seconds=200))
    return id


def opened(client: PageClient, address: str) -> str:
    """A page, which asks little of the database."""
    with counted_statements(store_of(client.application)) as statements:
        answer = client.get(address)
    assert answer.status_code == 200, address
    assert len(statements) <= MOST, (address, statements)
    return answer.text


@ONLY_SQLITE
def test_a_candidate_takes_an_exam_by_forms_alone(store: Store, signed_in: SignIn) -> None:
    client = signed_in("newhire")
    assert "还没有记录" in opened(client, "/exams")
    begun = client.submit("/exams", {"purpose": "exam", "kind": KIND, "at_once": "1"})
    room = str(begun.headers["Location"])
    shown = opened(client, room)
    dialogue = re.findall(r'data-pane="(\d+)"', shown)[0]
    desk = f"{room}/{dialogue}"
    assert client.submit("/exams", {"purpose": "exam"}, page=room).headers["Location"] == room
    # The same form sent twice is one message; so is what a script sends again after it heard no answer.
    for _ in range(2):
        client.submit(f"{desk}/send", {"text": GOOD[0][1], "sent_key": _KEY.findall(shown)[0]}, page=room)
    headers = {"Accept": "application/json"}
    token, key = client.token(room), "a" * 32
    asked = {"csrf_token": token, "text": "请您把订单号发我", "sent_key": key, "seen": f"{dialogue}:1"}
    told = [client.post(f"{desk}/send", data=asked, headers=headers).get_json() for _ in range(2)]
    assert told[0]["number"] == told[1]["number"]
    assert told[1]["news"]["dialogues"][0]["lines"].count("请您把订单号发我") == 1
    with store.reading() as session:
        by_candidate = select(func.count()).select_from(ExamMessage).where(ExamMessage.by == "candidate")
        assert session.scalar(by_candidate) == 2
    refused = client.post(f"{desk}/send", data=asked | {"sent_key": "b", "text": " "}, headers=headers)
    assert (refused.status_code, refused.get_json()["message"]) == (409, "请先写点内容再发送。")
    # A draft, a quick phrase behind it, and a page that has seen nothing yet.
    client.submit(f"{desk}/draft", {"text": "写到一半，", "insert": "sorry"}, page=room)
    news = client.get(f"{room}/news").get_json()
    assert (news["ended"], news["dialogues"][0]["draft"]) == (False, "写到一半，非常抱歉，")
    assert "写到一半，非常抱歉，" in news["dialogues"][0]["pane"]
    assert "现在交卷吗" in client.get(f"{room}/leave").text
    client.submit(f"{room}/leave", page=f"{room}/leave")
    assert "考核已结束" in opened(client, room)
    assert client.get(f"{room}/news").get_json()["ended"] is True
    late = client.post(f"{desk}/send", data=asked | {"sent_key": "c"}, headers=headers).get_json()
    assert late["message"] == "这段对话已经结束，不能再发送。"
    assert "任务分低于合格线" in opened(client, f"/exams/results/{dialogue}")
    assert "起可以补考" in opened(client, "/exams")
    other = signed_in("agent")
    for address in (room, f"{room}/news", f"/exams/results/{dialogue}"):
        assert other.get(address).status_code == 404, address


@ONLY_SQLITE
def test_a_result_says_what_was_lost_where_and_how_it_is_said_better(
    signed_in: SignIn, results: tuple[int, int]
) -> None:
    client = signed_in("newhire")
    failed, unread = (opened(client, f"/exams/results/{id}") for id in results)
    assert "没有通过，因为" in failed
    assert re.search(r'<mark class="hit[^>]*>[^<]*不可能', failed)
    for words in ("服务禁语", "更好的说法", "直接不通过", "起可以补考这一类", "通过后可以看参考对话"):
        assert words in failed, words
    assert "待带教复核" in unread
    assert "机器没有读懂这一句" in unread


@ONLY_SQLITE
def test_a_result_offers_no_retake_that_the_path_still_locks(store: Store, signed_in: SignIn) -> None:
    client = signed_in("newhire")
    failed = _held(store, instead(3, VAGUE, instead(2, "不可能，是您自己弄错了，我也没办法")), hours=40)
    assert "现在可以补考这一类" in opened(client, f"/exams/results/{failed}")
    with store.writing() as session:
        today = clock.now().date()
        session.add(Enrolment(agent_id=4, path="new-hire", hired_on=today, user_id=2, created_at=clock.now()))
    locked = client.get(f"/exams/results/{failed}").text
    assert "现在可以补考这一类" not in locked
    assert "还没有开放。先完成：" in locked


def test_a_mentor_reads_what_the_machine_could_not_and_overrules_it(
    store: Store, signed_in: SignIn, results: tuple[int, int]
) -> None:
    failed, unread = results
    lead = signed_in("lead")
    waits = opened(lead, "/exam-reviews")
    assert f"/exam-reviews/{unread}" in waits
    assert f"/exam-reviews/{failed}" not in waits
    page = f"/exam-reviews/{unread}"
    assert "读这一句" in opened(lead, page)
    number = re.findall(
        r'name="kind" value="unread"><input type="hidden" name="subject" value="(\d+)"', lead.get(page).text
    )
    rulings = [
        {"kind": "unread", "subject": number[0], "decision": "explains", "reason": "说清了取件"},
        {"kind": "criterion", "subject": "greeting", "decision": "fail", "reason": "没有报店名"},
        {"kind": "task", "subject": "nothing of it", "decision": "met", "reason": "看错"},
        {"kind": "verdict", "decision": "passed", "reason": ""},
        {"kind": "verdict", "decision": "passed", "reason": "换个说法也对"},
        {"kind": "comment", "reason": "下次再短一些"},
        {"kind": "something"},
    ]  # fmt: skip
    for one in rulings:
        assert lead.submit(page, one).status_code == 303
    with store.reading() as session:
        kinds = session.scalars(select(ExamRuling.kind).order_by(ExamRuling.id)).all()
    assert kinds == ["unread", "criterion", "verdict", "comment"]
    assert "没有等待复核的考核" in lead.get("/exam-reviews").text
    whole = opened(lead, "/exam-reviews?shelf=all&person=8&scenario=wrong-parcel&verdict=passed")
    assert f"/exam-reviews/{unread}" in whole
    assert f"/exam-reviews/{failed}" not in whole
    assert "没有符合条件的结果" in lead.get("/exam-reviews?shelf=all&purpose=practice").text
    told = opened(signed_in("newhire"), f"/exams/results/{unread}")
    for words in ("换个说法也对", "下次再短一些", "参考对话", "梁书瑶"):
        assert words in told, words
    # Who sees them but coaches nobody reads; who has nothing to do with them finds nothing.
    assert f"/exams/results/{failed}" in signed_in("newhire").get("/exam-reviews?shelf=all").text
    assert signed_in("mentor").get(page).status_code == 404
    assert "数据不足" in opened(lead, "/exam-reviews/scenarios")
    assert "失误率" in opened(lead, "/exam-reviews/scenarios/wrong-parcel")
    assert lead.get("/exam-reviews/scenarios/nothing").status_code == 404


@ONLY_SQLITE
def test_who_finds_the_customers_words_is_chosen_shown_and_can_be_read_up(
    app: Flask,  # noqa: ARG001 - it makes the people
    store: Store,
    signed_in: SignIn,
) -> None:
    with store.writing() as session:
        rules = TrainingSettings(llm_customer=True, llm_customer_certifies=True)
        keep_training_settings(session, rules, by=LEAD, now=clock.now())
    new_hire = signed_in("newhire")
    assert 'value="llm"' not in opened(new_hire, "/exams"), "no endpoint, no choice"
    endpoint_at(store, "http://127.0.0.1:9/v1")
    page = opened(new_hire, "/exams")
    assert page.count('<option value="llm">') == 3
    assert f'form="exam-start" name="kind" value="{KIND}"' in page
    given = {"purpose": "exam", "kind": KIND, "customer": "llm"}
    room = new_hire.submit("/exams", given).headers["Location"]
    assert "语言模型措辞" in opened(new_hire, room)
    with store.writing() as session:
        id = session.scalars(select(ExamDialogue.id)).one()
        exam_room.write(session, NEW_HIRE, id, GOOD[0][1], "k", now=clock.now() + timedelta(seconds=22))
        exam_room.hang_up(session, NEW_HIRE, id, now=clock.now() + timedelta(seconds=60))
        for fault in ("", "words:number", "call:deadline"):
            call = NewExamCall(
                dialogue_id=id, number=3, model="m-1", prompt="问", reply="<b>答</b>", fault=fault, currency="CNY"
            )
            add_call(session, call, now=clock.now())
    own = opened(new_hire, f"/exams/results/{id}")
    assert "客户由语言模型措辞" in own
    assert "发送了什么" not in own
    lead = signed_in("lead")
    assert f'href="/exam-reviews/{id}/calls"' in opened(lead, f"/exam-reviews/{id}")
    calls = opened(lead, f"/exam-reviews/{id}/calls")
    assert "用了剧本：编造数字" in calls
    assert "用了剧本：模型没有在时限内答完" in calls
    assert "&lt;b&gt;答" in calls

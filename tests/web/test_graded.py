"""What a model said of a conversation: on its page and on the desk, as foreign words, for those who may see it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, GradingRun, Job, Review, Ruling, SentText, User, WorkItem
from tests.graded_chats import EMPATHY, SENT_HASH, SOLUTION, endpoint, grade, new_grade, publish_and_take_in
from tests.web.conftest import SignIn

pytestmark = pytest.mark.usefixtures("app", "asked")
_SAID = "客服只说了规定。"


@pytest.fixture
def asked(store: Store, people: None) -> None:  # noqa: ARG001 - they publish it
    """A quarrel and good conversations whose rubric asks two questions."""
    publish_and_take_in(store)


def id_of(store: Store, source_id: str = "quarrel") -> int:
    with store.reading() as session:
        return session.scalars(select(ConversationRow.id).where(ConversationRow.source_id == source_id)).one()


def item_of(store: Store, login: str, *, is_blind: bool = False) -> int:
    with store.writing() as session:
        row = session.scalars(select(ConversationRow).where(ConversationRow.source_id == "quarrel")).one()
        user_id = session.scalars(select(User.id).where(User.login == login)).one()
        item = WorkItem(
            conversation_id=row.id, revision=row.revision, audit_id=row.audit_id, user_id=user_id, draw="random",
            is_blind=is_blind, created_at=clock.now(),
        )  # fmt: skip
        session.add(item)
        session.flush()
        return item.id


def test_answers_are_shown_with_their_reason_their_evidence_and_whether_they_count(
    store: Store, signed_in: SignIn
) -> None:
    grade(
        store,
        [
            new_grade(EMPATHY, "no", is_trusted=True),
            new_grade(SOLUTION, "yes", part_count=3, parts_read=2, evidence=((7, 2, 6),)),
        ],
        signs=((10, 0, 4, "instruction"),),
    )
    id = id_of(store)
    page = signed_in("lead").get(f"/conversations/{id}").text
    part = page.partition('id="graded"')[2].partition("</section>")[0]
    assert _SAID + "&lt;i&gt;" in part
    assert "计入评分" in part
    assert "只作参考" in part
    assert "只读了部分（2 / 3 段）" in part
    assert "judge-7b" in part
    assert "¥0.0123" in part
    assert re.search(r'href="#cited-1"[^>]*>“', part)
    assert 'id="cited-1" href="#citing-1"' in page
    assert "hit-cited" in page
    assert "hit-sign" in page
    assert "有 1 处疑似写给模型的话" in part
    # Nobody has asked, and that is no fault.
    assert "见模型判断" in page
    good = signed_in("lead").get(f"/conversations/{id_of(store, 'good-0')}").text
    assert "2 个判断题" in good
    assert "未问" in good
    assert "判断题还没有问过模型。" in good


def test_agents_see_what_counts_and_nothing_else(store: Store, signed_in: SignIn) -> None:
    grade(store, [new_grade(EMPATHY, "no", is_trusted=True), new_grade(SOLUTION, "yes")])
    id = id_of(store)
    client = signed_in("agent")
    part = client.get(f"/conversations/{id}").text.partition('id="graded"')[2].partition("</section>")[0]
    assert f'id="answer-{EMPATHY}"' in part
    assert f'id="answer-{SOLUTION}"' not in part
    assert "¥" not in part
    assert "计入后 · 机器 " in part
    assert client.get(f"/conversations/{id}/sent/{SENT_HASH}").status_code == 403


def test_what_was_sent_is_shown_word_for_word_until_it_is_purged(store: Store, signed_in: SignIn) -> None:
    grade(store, [new_grade(EMPATHY, "no")])
    id, client = id_of(store), signed_in("lead")
    assert f'href="/conversations/{id}/sent/{SENT_HASH}"' in client.get(f"/conversations/{id}").text
    assert "as they were sent [手机号1] &lt;b&gt;" in client.get(f"/conversations/{id}/sent/{SENT_HASH}").text
    assert client.get(f"/conversations/{id}/sent/{'b' * 64}").status_code == 404
    assert client.get(f"/conversations/{id}/sent/b%00").status_code == 404
    with store.writing() as session:
        session.delete(session.get_one(SentText, (id, SENT_HASH)))
        session.get_one(ConversationRow, id).text_purged_at = clock.now()
    gone = client.get(f"/conversations/{id}/sent/{SENT_HASH}")
    assert gone.status_code == 200
    assert "文字已清除" in gone.text


def test_the_desk_suggests_and_an_inspector_takes_over(store: Store, signed_in: SignIn) -> None:
    grade(store, [new_grade(EMPATHY, "no"), new_grade(SOLUTION, None, problem="call:deadline", evidence=(), reason="")])
    item, client = item_of(store, "lead"), signed_in("lead")
    page = client.get(f"/desk/{item}").text
    rule = page.partition(f'id="criterion-{EMPATHY}"')[2].partition('</li>\n<li class="rule')[0]
    assert 'data-suggested="fail"' in rule
    assert _SAID in rule
    assert "只作参考，不采纳就不计分" in rule
    assert "模型没有在时限内答完。" in page
    assert page.index(f'id="criterion-{EMPATHY}"') < page.index("data-others")
    required = set(re.findall(r'name="ruling:(\w+)" value="confirm"', page))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    values = {f"ruling:{one}": "confirm" for one in required} | {f"ruling:{EMPATHY}": "fail"}
    sent = client.submit(f"/desk/{item}", {**values, "version": version[1], "seen": "", "action": "submit"})
    assert sent.status_code == 303
    with store.reading() as session:
        [ruling] = session.scalars(select(Ruling).where(Ruling.criterion == EMPATHY))
        assert (ruling.kind, ruling.from_outcome, ruling.to_outcome) == ("answer", "unscored", "fail")
        assert session.scalars(select(Review)).one().failed_count == len(required) + 1


def test_a_blind_review_tells_nothing_of_the_model(store: Store, signed_in: SignIn) -> None:
    endpoint(store)
    grade(store, [new_grade(EMPATHY, "no", is_trusted=True)])
    item, client = item_of(store, "lead", is_blind=True), signed_in("lead")
    page = client.get(f"/desk/{item}").text
    assert _SAID not in page
    assert "data-suggested" not in page
    assert 'value="ask"' not in page
    assert "hit-cited" not in page
    headers = {"HX-Request": "true"}
    assert client.get(f"/desk/{item}/asked", headers=headers).status_code == 404
    assert client.get(f"/conversations/{id_of(store)}/asked", headers=headers).status_code == 404


def test_asking_is_offered_where_there_is_a_model_and_keeps_the_draft(store: Store, signed_in: SignIn) -> None:
    item, client = item_of(store, "lead"), signed_in("lead")
    id = id_of(store)
    assert 'value="ask"' not in client.get(f"/desk/{item}").text
    assert f"/conversations/{id}/ask" not in client.get(f"/conversations/{id}").text
    endpoint(store)
    assert f"/conversations/{id}/ask" in client.get(f"/conversations/{id}").text
    values = {"version": "1", "summary": "先存着", "action": "ask"}
    assert client.submit(f"/desk/{item}", values).status_code == 303
    page = client.get(f"/desk/{item}").text
    assert "先存着" in page
    assert "等待模型的回答" in page
    headers = {"HX-Request": "true"}
    live = client.get(f"/desk/{item}/asked", headers=headers).text
    assert f'hx-get="/desk/{item}/asked"' in live
    assert "0 次调用" in live
    assert "正在问模型" in client.get(f"/conversations/{id}/asked", headers=headers).text
    grade(store, [new_grade(EMPATHY, "no")])
    with store.writing() as session:
        run = session.scalars(select(GradingRun).where(GradingRun.job_id.is_not(None))).one()
        run.state, run.ended_at = "done", clock.now()
        session.get_one(Job, run.job_id).state = "done"
    ended = client.get(f"/desk/{item}/asked", headers=headers).text
    assert "hx-get" not in ended
    assert f'id="suggestion-{EMPATHY}" hx-swap-oob="true" data-suggested="fail"' in ended
    part = client.get(f"/conversations/{id}/asked", headers=headers)
    assert part.headers["HX-Retarget"] == "#graded"
    assert _SAID in part.text

"""The shipped questions at the rubric desk: one action takes them into a draft, another out again."""

from __future__ import annotations

import re

from qaplatform.services.replaying import run_replay
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubric_questions import SECTION_PATH
from qaplatform.services.rubrics import rubrics_in_force
from qaplatform.store.engine import Store
from qaplatform.store.tables import RubricDraft
from tests.runs import Run
from tests.web.chats import good, quarrel, take_in
from tests.web.conftest import SignIn

CODE = "ecommerce-service"
DRAFT = "/rubrics/drafts/1"


def test_questions_are_taken_into_a_draft_edited_taken_out_and_published(signed_in: SignIn, store: Store) -> None:
    client = signed_in("lead")
    client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    assert "没有人的分数会因此改变" in client.get(DRAFT).text

    def change(what: str, version: int, page: str = DRAFT) -> int:
        return client.submit(f"{DRAFT}/{what}", {"version": str(version)}, page=page).status_code

    def files() -> dict[str, str]:
        with store.reading() as session:
            return dict(session.get_one(RubricDraft, 1).files)

    assert change("questions", 1) == 303
    shown = client.get(DRAFT).text
    for said in (
        "已加入模型判断题",
        "共情真诚而具体",
        f"<code>{SECTION_PATH}</code>",
        "include: sections/questions.yaml",
    ):
        assert said in shown, said
    assert change("questions", 1) == 303, "over a version that is not the newest"
    assert "别人刚刚修改了这份草稿" in client.get(DRAFT).text
    form = f"{DRAFT}/edit/form"
    sent = {"file": SECTION_PATH, "item": "tone", "version": "2", "f:weight": "5", "f:question|evidence": "optional"}
    assert client.submit(form, sent, page=f"{DRAFT}/edit?file={SECTION_PATH}&item=tone").status_code == 303
    assert (
        files()[SECTION_PATH].count(
            "weight: 5\n    severity: major\n    question: {prompt: tone, good: yes, evidence: optional}"
        )
        == 1
    )
    form_shown = client.get(f"{DRAFT}/edit?file={SECTION_PATH}&item=tone").text
    assert "哪个回答算好" in form_shown
    assert "f:critical" not in form_shown, "a question cannot be critical"
    assert "会一起丢掉" in client.get(f"{DRAFT}/questions/remove").text
    assert change("questions/remove?version=3", 3, f"{DRAFT}/questions/remove") == 303
    assert files() == dict(rubrics_in_force()[0].files)
    assert change("questions", 4) == 303

    page = client.get(f"{DRAFT}/publish").text
    against, day = (re.search(rf'name="{name}"[^>]*value="([\w-]+)"', page) for name in ("against", "from_day"))
    assert against
    assert day
    said_too = {"version": "5", "against": against[1], "from_day": day[1], "note": ""}
    assert client.submit(f"{DRAFT}/publish", said_too).status_code == 303
    with store.reading() as session:
        newest = rubric_book(session).newest(CODE)
    assert newest
    assert [one.id for one in newest.rubric.criteria if one.kind == "question"]
    client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    assert "取出</a>" in client.get("/rubrics/drafts/2").text


def test_inspectors_are_not_offered_what_they_may_not_do(signed_in: SignIn) -> None:
    signed_in("lead").submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    client = signed_in("inspector")
    assert "加入模型判断题" not in client.get(DRAFT).text


def test_a_replay_of_a_draft_with_questions_moves_no_score(signed_in: SignIn, store: Store) -> None:
    take_in(store, quarrel(), good(), good(1))
    client = signed_in("lead")
    client.submit(f"/rubrics/{CODE}/drafts", page="/rubrics")
    client.submit(f"{DRAFT}/questions", {"version": "1"}, page=DRAFT)
    chat = "customer 10:00:00 到底什么时候发货,急死了\nagent 10:00:20 您好,今晚七点前发出"
    tried = client.submit(f"{DRAFT}/try", {"chat": chat})
    assert tried.status_code == 200
    assert "共情真诚而具体" in tried.text
    days = {"since": "2026-11-01", "until": "2026-11-20", "shop": ""}
    assert client.submit(f"{DRAFT}/replays", days).status_code == 303
    run_replay(Run(store, {"replay_id": 1}))
    shown = client.get("/rubrics/replays/1").text
    assert "没有一通会话的结论改变" in shown

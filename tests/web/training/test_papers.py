"""Theory tests in the browser, without a script: nothing tells what is right before it is over."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from qaplatform import clock
from qaplatform.services.access import Grant, Viewer
from qaplatform.services.training.paper_answers import right_answer, shown_answer
from qaplatform.services.training.paper_attempts import kept_bank, paper_of
from qaplatform.services.training.texts import Writing, write_text
from qaplatform.store.engine import Store
from qaplatform.store.tables import LearningVersion, PaperAttempt
from qaplatform.store.training import papers as stored
from qaplatform.training.drawing import PaperItem
from qaplatform.training.question_loading import shipped_questions
from qaplatform.training.questions import AnyQuestion, JudgeChat, Ordering, ShortAnswer
from tests.services.training.taking import IDS
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn

_CHANGING = re.compile(r'name="csrf_token" value="[^"]+"|data-left-seconds="\d+"|data-clock>[\d:]+')


def publish(store: Store, ids: tuple[str, ...], *, shows: str = "true", code: str = "every") -> None:
    """A test of certain questions."""
    text = (
        f"id: {code}\ntitle: {{zh: 全, en: All}}\npass_ratio: 0.9\ntime_limit_minutes: 30\nattempts: 1\n"
        f"shows_answers: {shows}\nsections:\n  - {{count: {len(ids)}, questions: [{', '.join(ids)}]}}\n"
    )
    lead = Viewer(user_id=2, name="", grants=(Grant("qa_lead"),))
    with store.writing() as session:
        write_text(session, lead, Writing(kind="paper", code=code, text=text), state="published", now=clock.now())


def attempt_of(store: Store) -> stored.StoredAttempt:
    """The newest attempt."""
    with store.reading() as session:
        found = stored.attempt_of(
            session, session.scalars(select(PaperAttempt.id).order_by(PaperAttempt.id.desc())).first() or 0
        )
    assert found is not None
    return found


def put(store: Store, attempt_id: int, contents: dict[str, dict[str, Any]]) -> None:
    """Have an attempt ask other questions under the same ids."""
    with store.writing() as session:
        attempt = session.get(PaperAttempt, attempt_id)
        assert attempt is not None
        for one in session.scalars(select(LearningVersion)):
            one.content = contents[one.code]
        prints = {id: msgspec.convert(one, AnyQuestion).fingerprint for id, one in contents.items()}
        items = [{**one, "fingerprint": prints[one["question"]]} for one in attempt.drawn["items"]]
        attempt.drawn = {**attempt.drawn, "items": items}


@ONLY_SQLITE
def test_a_test_is_taken_and_nothing_tells_what_is_right_before_its_end(store: Store, signed_in: SignIn) -> None:
    ids = (*IDS, _marking_id())
    publish(store, ids)
    client = signed_in("newhire")
    assert "全" in client.get("/papers").text
    sheet = client.submit("/papers/every/begin", page="/papers/every").location or ""
    attempt = attempt_of(store)
    assert sheet == f"/papers/attempts/{attempt.id}"
    assert client.get(sheet).location == f"{sheet}?q=1", "whoever loads the page again stays at the question"
    with store.reading() as session:
        answers = stored.answers_of(session, attempt.id)
        bank = kept_bank(session, answers)
    pages = {n: client.get(f"{sheet}?q={n}").text for n in range(1, len(ids) + 1)}

    # Nothing of the answer stands in the page …
    for number, item in enumerate(paper_of(attempt).items, start=1):
        question = bank.questions[item.question]
        secrets = [question.id, item.fingerprint, question.explanation.zh]
        secrets += [question.model_answer.zh] if isinstance(question, ShortAnswer) else []
        secrets += [point.title.zh for point in getattr(question, "points", ())]
        secrets += [fault.criterion for fault in getattr(question, "faults", ())]
        secrets += [accepted for blank in getattr(question, "blanks", ()) for accepted in blank]
        page = pages[number].replace(question.text.zh, "")
        assert [one for one in secrets if len(one) > 1 and one in page] == [], question.id

    # … and the page would be the same with other answers.
    put(store, attempt.id, {id: _twisted(msgspec.to_builtins(one)) for id, one in bank.questions.items()})
    for number, page in pages.items():
        assert _CHANGING.sub("", client.get(f"{sheet}?q={number}").text) == _CHANGING.sub("", page)
    put(store, attempt.id, {id: msgspec.to_builtins(one) for id, one in bank.questions.items()})

    # Answered by forms as they are without a script, and handed in.
    for number, item in enumerate(paper_of(attempt).items, start=1):
        form = _form_of(bank.questions[item.question], item)
        answer = client.submit(
            f"{sheet}/questions/{number}", {**form, "go": str(number + 1)}, page=f"{sheet}?q={number}"
        )
        assert answer.location == f"{sheet}?q={number + 1}", item.question
    assert "所有题目都已作答" in client.get(f"{sheet}/end").text
    result = client.submit(f"{sheet}/end").location or ""
    shown = client.get(result).text
    assert "通过" in shown
    assert attempt_of(store).least_ratio == 1.0
    assert all(one.explanation.zh.replace("“", "")[:6] in shown.replace("“", "") for one in bank.questions.values())
    # It is nobody else's business, but for those who teach them.
    assert [signed_in(login).get(result).status_code for login in ("agent", "mentor", "lead", "teamlead")] == [
        404,
        404,
        200,
        200,
    ]


def _marking_id() -> str:
    chats = (one for one in shipped_questions().questions.values() if isinstance(one, JudgeChat))
    return next(one.id for one in chats if one.task == "mark")


def _twisted(content: dict[str, Any]) -> dict[str, Any]:
    """The same question with another answer."""
    changed = dict(content)
    answer, verdicts = content.get("answer"), content.get("verdicts")
    if isinstance(answer, bool):
        changed["answer"] = not answer
    elif isinstance(answer, list) and answer:
        changed["answer"] = ["b" if answer[0] == "a" else "a", *answer[1:]] if len(answer) == 1 else ["a", "b"]
    if content.get("blanks"):
        changed["blanks"] = [["别的"]] * len(content["blanks"])
    if content.get("points"):
        changed["points"] = []
    if isinstance(verdicts, dict):
        changed["verdicts"] = {key: "pass" if value == "fail" else "fail" for key, value in verdicts.items()}
    if content.get("faults"):
        changed["faults"] = [{**content["faults"][0], "quote": content["faults"][0]["quote"][:1]}]
    changed["explanation"] = {"zh": "别的", "en": "" if not content["text"]["en"] else "other"}
    return changed


def _form_of(question: AnyQuestion, item: PaperItem) -> dict[str, Any]:
    """The fields that answer a question right."""
    given = shown_answer(item, right_answer(question))
    form: dict[str, Any] = {f"blank-{n}": text for n, text in enumerate(given.blanks, start=1)}
    if isinstance(question, Ordering):
        form |= {f"step-{place}": n for n, place in enumerate(given.places, start=1)}
    elif given.places:
        form["choice"] = list(given.places)
    if given.said is not None:
        form["said"] = str(given.said).lower()
    if given.text:
        form["text"] = given.text
    if isinstance(question, JudgeChat):
        form |= {f"verdict-{id}": said for id, said in given.verdicts.items()}
        form |= {"score": question.score} if question.score is not None else {}
        for fault in question.faults:
            form[f"quote-{fault.message}"] = f"{form.get(f'quote-{fault.message}', '')}\n{fault.quote}"
    return form


@ONLY_SQLITE
def test_the_time_is_over_wherever_somebody_comes_by(store: Store, signed_in: SignIn) -> None:
    publish(store, ("empathy-04", "empathy-01"), shows="false")
    client = signed_in("newhire")
    sheet = client.submit("/papers/every/begin", page="/papers/every").location or ""
    kept = client.submit(f"{sheet}/questions/1/draft", {"choice": "1", "said": "true"}, page=f"{sheet}?q=1")
    assert kept.json is not None
    assert kept.json["answered"]
    assert "还有 1 题没有作答" in client.get(f"{sheet}/end").text
    with store.writing() as session:
        past = clock.now() - timedelta(hours=2)
        session.execute(update(PaperAttempt).values(started_at=past, deadline_at=past + timedelta(minutes=30)))
    token = {"csrf_token": client.token("/me")}
    late = client.post(f"{sheet}/questions/2/draft", data={**token, "choice": "1"})
    assert (late.status_code, late.json and late.json["over"]) == (409, True)
    assert client.post(f"{sheet}/questions/2", data={**token, "choice": "1", "go": "1"}).location == sheet
    result = client.get(sheet).location or ""
    shown = client.get(result).text
    assert "测验已自动结束" in shown
    assert "这份测验通过之后才显示正确答案" in shown
    assert "解析" not in shown
    ended = attempt_of(store)
    assert ended.ended_at == past + timedelta(minutes=30)
    assert "次数已用完" in client.get("/papers/every").text


@pytest.fixture
def coached(store: Store) -> str:
    """A free answer of a new hire that waits; the address of its attempt."""
    publish(store, ("empathy-09",), code="free")
    return "/papers/free"


@ONLY_SQLITE
def test_a_mentor_gives_points_and_the_learner_reads_why(store: Store, signed_in: SignIn, coached: str) -> None:
    client = signed_in("newhire")
    sheet = client.submit(f"{coached}/begin", page=coached).location or ""
    client.submit(f"{sheet}/questions/1", {"text": "您稍等一下", "go": "end"}, page=f"{sheet}?q=1")
    result = client.submit(f"{sheet}/end").location or ""
    assert "待批阅" in client.get(result).text
    lead = signed_in("teamlead")
    assert result in lead.get("/papers/waiting").text
    assert "没有找到全部要点" in lead.get(result).text
    bad = lead.submit(f"{sheet}/rulings", {"points-1": "120"}, page=result)
    assert "给分应在 0 到 100% 之间" in lead.get(bad.location or "").text
    done = lead.submit(f"{sheet}/rulings", {"points-1": "100", "comment-1": "下次说时间"}, page=result)
    assert done.location == "/papers/waiting"
    shown = client.get(result).text
    assert "下次说时间" in shown
    assert attempt_of(store).standing == "passed"


@ONLY_SQLITE
def test_questions_and_papers_are_written_imported_and_taken_along(signed_in: SignIn) -> None:
    client: PageClient = signed_in("lead")
    assert "急死人了" in client.get("/questions?q=急死&kind=single").text
    text = client.get("/questions/new?kind=fill_in").text
    assert "own-001" in text
    faulty = client.submit("/questions/own-001/edit", {"text": "topic: x", "act": "publish"}, page="/questions/new")
    assert faulty.status_code == 400
    assert "own-001.yaml:1:1" in faulty.text
    for act, status in (("check", 200), ("draft", 303)):
        sent = client.submit("/questions/own-001/edit", {"text": "topic: x", "act": act}, page="/questions/new")
        assert sent.status_code == status
    assert client.get("/questions/own-001").status_code == 200
    assert "放弃草稿" in client.get("/questions/own-001/edit").text
    asked = client.get("/questions/own-001/drop").text
    assert "已发布的内容" not in asked
    stale = client.submit("/questions/own-001/drop", page="/questions/own-001/drop")
    assert stale.location == "/questions/own-001"
    action = re.search(r'action="([^"]+/drop\?base=\d+)"', asked)
    assert action is not None
    assert client.submit(action[1], page="/questions/own-001/drop").location == "/questions"
    assert client.get("/questions/own-001").status_code == 404
    assert client.get("/questions/empathy-01/drop").status_code == 404, "there is no draft"
    for code in (*IDS, _marking_id()):
        assert client.get(f"/questions/{code}").status_code == 200
    assert "type: judge_chat" in client.get("/questions/judging-01/edit").text
    sheet = client.get("/questions/export/xlsx?topic=privacy")
    assert sheet.data[:2] == b"PK"
    gift = client.get("/questions/export/gift?topic=privacy").text.replace("privacy-01", "privacy-x1")
    assert gift.startswith("// privacy-")
    page = "/questions/import"
    nothing = client.submit(page)
    assert (nothing.status_code, "请先选择一个文件。" in nothing.text) == (400, True)
    plan = client.post(
        page,
        data={"csrf_token": client.token(page), "file": (io.BytesIO(gift.encode()), "q.txt")},
        content_type="multipart/form-data",
    )
    assert "privacy-x1" in plan.text
    parcel = re.search(r'name="parcel" value="([^"]+)"', plan.text)
    assert parcel is not None
    taken = client.submit("/questions/import/take", {"parcel": parcel[1], "act": "publish"}, page=page)
    assert taken.location == "/questions"
    assert client.get("/questions/privacy-x1").status_code == 200
    assert client.submit("/questions/privacy-x1/withdraw").location == "/questions"

    paper = re.sub(r"(?s).*name=\"text\"[^>]*>\n(.*?)</textarea>.*", r"\1", client.get("/papers/authored/new").text)
    wrong = client.submit(
        "/papers/authored/own-1",
        {"text": paper.replace("count: 8", "counts: 8"), "act": "publish"},
        page="/papers/authored/new",
    )
    assert "own-1.yaml:10:" in wrong.text
    right = client.submit("/papers/authored/own-1", {"text": paper, "act": "publish"}, page="/papers/authored/new")
    assert right.status_code == 303
    assert "own-1" in client.get("/papers/authored").text
    assert client.submit("/papers/authored/own-1/withdraw").status_code == 303

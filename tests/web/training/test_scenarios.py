"""Scenarios in the browser's eyes: read, written with their mistakes, tried, published, taken back; made of a real chat."""

from __future__ import annotations

import html
import json
import re

import pytest

from qaplatform import clock
from qaplatform.services.training.scenario_drafts import shipped_text, with_id
from qaplatform.store.engine import Store
from qaplatform.store.erasing import purge
from qaplatform.store.tables import User, UserRole
from tests.people import QUICK
from tests.stores import ONLY_SQLITE
from tests.web.chats import PHONE, quarrel, take_in
from tests.web.conftest import PageClient, SignIn

pytestmark = ONLY_SQLITE
CODE = "wrong-parcel"


@pytest.fixture(autouse=True)
def author(store: Store, people: None) -> None:  # noqa: ARG001 - they write them
    """A mentor of team 1, who drafts for everybody; ``mentor`` is of team 2."""
    with store.writing() as session:
        session.add(
            User(id=77, login="author", name="林若水", password_hash=QUICK.hashed("author"), created_at=clock.now())
        )
        session.flush()
        session.add(UserRole(user_id=77, role="mentor", team_id=1))


def version(client: PageClient, code: str = CODE) -> str:
    found = re.search(r'name="version" value="(\d+)"', client.get(f"/scenarios/{code}/edit").text)
    assert found is not None
    return found[1]


def written(client: PageClient, text: str, code: str = CODE) -> int:
    values = {"text": text, "version": version(client, code)}
    return client.submit(f"/scenarios/{code}/edit", values).status_code


def test_the_guide_is_read_where_scenarios_are_written_in_both_languages(signed_in: SignIn) -> None:
    client = signed_in("author")
    for page in ("/scenarios", f"/scenarios/{CODE}/edit"):
        assert 'href="/scenarios/guide"' in client.get(page).text
    chinese = client.get("/scenarios/guide").text
    assert "<h1>三十分钟写出第一个场景</h1>" in re.sub(r"<h1[^>]*>", "<h1>", chinese)
    assert "id: missing-part" in chinese
    assert "The guide in English" not in chinese
    client.submit("/language", {"language": "en"}, page="/scenarios/guide")
    english = client.get("/scenarios/guide").text
    assert "id: missing-screws" in english
    assert "<td>" in english
    assert "looking into it" in english
    assert "中文指南" not in english


def test_the_list_is_filtered_and_one_is_read_as_a_story_with_its_references_scored(signed_in: SignIn) -> None:
    client = signed_in("author")
    shown = client.get("/scenarios").text
    assert "空气炸锅第一次用就冒烟" in shown
    of_a_kind = client.get("/scenarios?kind=order").text
    assert "促" in of_a_kind
    assert of_a_kind.count("售前与订单") > 4, "in the list as in the filter, in words"
    assert "空气炸锅" not in client.get("/scenarios?kind=promotion&level=hard&origin=shipped&q=优惠").text
    assert "没有符合条件的场景" in client.get("/scenarios?state=draft").text
    story = html.unescape(client.get("/scenarios/defective-fryer").text)
    for said in (
        "着急的妈妈",
        "给出方案（换货、补发）",
        "问到：",
        "要在“给出方案”之前，晚了算一半",
        "达到要求",
        "100.0",
        "出现即不通过",
    ):
        assert said in story
    assert "没达到要求" not in story
    assert client.get("/scenarios/nowhere").status_code == 404


def test_mistakes_stand_at_their_place_and_two_authors_see_each_others_words(signed_in: SignIn) -> None:
    first, second = signed_in("lead"), signed_in("author")
    text = shipped_text(CODE)
    seen = version(second)
    assert written(first, text.replace("level: easy", "level: simple")) == 303
    shown = html.unescape(first.get(f"/scenarios/{CODE}/edit").text)
    assert f"{CODE}.yaml:6:8" in shown
    assert 'id="line-6" class="yaml-line yaml-faulty"' in shown
    assert "改正之前不能试" in first.get(f"/scenarios/{CODE}/try").text
    refused = second.submit(f"/scenarios/{CODE}/edit", {"text": text + "# 我的\n", "version": seen})
    assert refused.status_code == 409
    assert "+# 我的" in html.unescape(refused.text)
    assert "+level: simple" in first.get(f"/scenarios/{CODE}/versions?version=1").text
    assert first.submit(f"/scenarios/{CODE}/drop?base=1", page=f"/scenarios/{CODE}/drop").status_code == 303
    assert (
        "有草稿" not in first.get("/scenarios?q=wrong-parcel&origin=shipped&state=standing").text.split("</form>")[-1]
    )


def test_a_changed_scenario_is_published_taken_back_and_taken_up_again(signed_in: SignIn) -> None:
    lead, mentor = signed_in("lead"), signed_in("author")
    text = shipped_text(CODE)
    written(mentor, text.replace("summary: {zh: ", "summary: {zh: TODO ", 1))
    page = lead.get(f"/scenarios/{CODE}/publish").text
    assert "继续编辑" in page
    assert mentor.get(f"/scenarios/{CODE}/publish").status_code == 403
    refused = lead.submit(f"/scenarios/{CODE}/publish", {"version": version(lead)}, page=f"/scenarios/{CODE}/edit")
    assert refused.status_code == 400
    written(mentor, text.replace("zh: ", "zh: 新", 1))
    done = lead.submit(f"/scenarios/{CODE}/publish", {"version": version(lead)})
    assert done.status_code == 303
    assert "随平台提供，已修改" in lead.get(f"/scenarios/{CODE}").text
    back = lead.submit(f"/scenarios/{CODE}/withdraw?version={version(lead)}", page=f"/scenarios/{CODE}/withdraw")
    assert back.status_code == 303
    assert "这个场景已撤下" in lead.get(f"/scenarios/{CODE}").text
    assert lead.submit(f"/scenarios/{CODE}/versions/0/draft", page=f"/scenarios/{CODE}/versions").status_code == 303
    assert lead.submit(f"/scenarios/{CODE}/publish", {"version": version(lead)}).status_code == 303
    assert "使用中" in lead.get(f"/scenarios/{CODE}").text


def test_a_copy_gets_an_id_of_its_own(signed_in: SignIn) -> None:
    client = signed_in("author")
    for bad in ("defective-fryer", "Große Sache", ""):
        assert client.submit(f"/scenarios/{CODE}/copy", {"code": bad}).status_code == 400
    assert client.submit(f"/scenarios/{CODE}/copy", {"code": "missing-part"}).location == "/scenarios/missing-part/edit"
    assert "id: missing-part" in client.get("/scenarios/missing-part/edit").text
    assert "没有错误" not in client.get("/scenarios/missing-part").text
    assert "未发布" in client.get("/scenarios?q=missing-part").text


def test_a_trial_goes_move_by_move_and_becomes_a_reference(signed_in: SignIn) -> None:
    client, address = signed_in("author"), f"/scenarios/{CODE}/try"
    assert "用了几秒" in client.get(address).text
    moves: list[dict[str, object]] = []

    def sent(does: str, text: str = "", seconds: int = 12) -> str:
        values = {"moves": json.dumps(moves), "seed": "1", "do": does, "text": text, "seconds": str(seconds)}
        answer = client.submit(address, values)
        assert answer.status_code == 200
        kept = re.search(r'name="moves" value="([^"]*)"', answer.text)
        assert kept is not None
        moves[:] = json.loads(html.unescape(kept[1]))
        return html.unescape(answer.text)

    said = sent("send", "您好，我是小周，收错东西您着急我理解，很抱歉")
    assert all(word in said for word in ("安抚", "致歉", "问候"))
    assert "喂" in sent("wait", seconds=80) or len(moves) == 2
    assert "禁语" in sent("send", "催什么催，自己不会看啊")
    assert len(moves) == 3
    sent("back")
    assert len(moves) == 2
    ended = sent("end")
    assert "任务分" in ended
    assert "存为好的参考" in ended
    kept = client.submit(
        f"{address}/keep", {"moves": json.dumps(moves), "as": "good", "version": version(client)}, page=address
    )
    assert kept.status_code == 303
    assert "收错东西您着急我理解，很抱歉" in client.get(f"/scenarios/{CODE}/edit").text
    long = client.submit(address, {"moves": json.dumps([{"after_seconds": 1, "text": "好"}] * 61), "do": "wait"})
    assert long.status_code == 400
    assert client.submit(address, {"moves": "no json", "do": "wait"}).status_code == 200


@pytest.mark.usefixtures("people")
def test_a_real_chat_becomes_a_draft_that_is_published_once_somebody_vouches_for_it(
    signed_in: SignIn, store: Store
) -> None:
    take_in(store, quarrel())
    lead = signed_in("lead")
    assert "做成场景" in lead.get("/conversations/1").text
    made = lead.submit("/scenarios/from-chat/1", page="/conversations/1")
    assert made.location == "/scenarios/from-chat-1/edit"
    shown = html.unescape(lead.get(made.location).text)
    assert "还没写" in shown
    assert PHONE not in shown
    assert "由一通真实会话改编" in shown
    assert "由会话改编" in lead.get("/scenarios?state=unborn").text
    # Until somebody has vouched for it, it is there for those who may see the chat.
    of_the_team, of_another = signed_in("author"), signed_in("mentor")
    assert of_the_team.get(made.location).status_code == 200
    assert of_another.get(made.location).status_code == 404
    assert "from-chat-1" not in of_another.get("/scenarios").text
    assert of_another.submit("/scenarios/from-chat/1", page="/scenarios").status_code == 404
    finished = with_id(shipped_text(CODE), "from-chat-1")
    assert written(lead, finished, "from-chat-1") == 303
    values = {"version": version(lead, "from-chat-1")}
    page = "/scenarios/from-chat-1/publish"
    refused = lead.submit(page, values)
    assert refused.status_code == 400
    assert "要有人通读确认后才能发布" in refused.text
    assert lead.submit(page, {**values, "is_invented": "y"}).status_code == 303
    assert of_another.get("/scenarios/from-chat-1").status_code == 200
    assert lead.submit("/scenarios/from-chat/1", page="/conversations/1").location == "/scenarios/from-chat-2/edit"
    with store.writing() as session:
        purge(session, [1], now=clock.now())
    assert lead.get("/scenarios/from-chat-2").status_code == 404
    assert lead.get("/scenarios/from-chat-1").status_code == 200
    assert lead.submit("/scenarios/from-chat/1", page="/scenarios").status_code == 303

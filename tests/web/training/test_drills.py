"""Drills, skills and criteria in the browser: the example stays hidden until an answer, and pages belong to those they are for."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from qaplatform.store.engine import Store
from qaplatform.store.tables import DrillAnswer
from qaplatform.training.drill_loading import shipped_drills
from tests.stores import ONLY_SQLITE
from tests.web.conftest import SignIn

NEW_HIRE = 8
"""The user of ``newhire`` in ``tests/filled.py``."""


@ONLY_SQLITE
def test_a_drill_is_started_answered_explained_and_found_again(signed_in: SignIn, store: Store) -> None:
    client = signed_in("newhire")
    begun = client.submit("/drills/next", {"criterion": "banned_phrase"}, page="/drills")
    assert begun.status_code == 303
    address, _, kept = begun.location.partition("?")
    assert kept == "criterion=banned_phrase"
    good = shipped_drills().of("banned_phrase")[0].situation("zh").good
    page = client.get(address).text
    assert re.search(r'data-drill="(60|59)"', page)
    assert good not in page
    assert "继续未答的一题" in client.get("/drills").text
    narrowed = client.get("/drills?criterion=insult&criterion=nothing").text
    assert "辱骂讽刺" in narrowed
    assert "结束确认" not in narrowed
    assert client.submit("/drills/next", page="/drills").location == address, "a second tab has the same clock"
    assert "请写一句回复再发送。" in client.submit(address, {"text": " "}).text
    assert client.submit(address, {"text": "这是规定，不可能改的<b>"}).status_code == 303
    shown = client.get(address).text
    for words in ("未通过", "服务禁语", good, "autofocus", "&lt;b&gt;"):
        assert words in shown, words
    again = client.submit(f"{address}/again", page=address).location
    with store.writing() as session:
        session.execute(update(DrillAnswer).values(deadline_at=DrillAnswer.shown_at))
    client.submit(again, {"text": "已经发货改不了，可以帮您联系快递改派，今天18点前告诉您结果"})
    assert "练习记录" in client.get("/drills/history").text
    assert signed_in("agent").get(address).status_code == 404
    for login, status in (("teamlead", 200), ("lead", 200), ("mentor", 404), ("agent", 404)):
        for path in (f"/skills/{NEW_HIRE}", f"/skills/{NEW_HIRE}/drills"):
            assert signed_in(login).get(path).status_code == status, (login, path)
    assert "服务禁语" in client.get("/skills").text
    assert "这是规定" in signed_in("lead").get(f"/skills/{NEW_HIRE}/drills").text
    english = signed_in("boss")
    english.submit("/language", {"language": "en"}, page="/me")
    assert "Change the address after dispatch" in english.get("/training/criteria/banned_phrase").text
    assert english.get("/training/criteria/nothing").status_code == 404


@ONLY_SQLITE
def test_ones_own_card_is_answered_at_once_and_a_mentor_gives_one_from_an_exam(signed_in: SignIn) -> None:
    client = signed_in("newhire")
    given = client.submit("/drills/give", {"criterion": "insult"}, page="/drills")
    assert given.location.startswith("/drills/answers/")
    assert client.submit("/drills/give", {"criterion": "nothing"}, page="/drills").status_code == 404
    by = {"user_id": str(NEW_HIRE), "criterion": "banned_phrase", "back": "/exam-reviews"}
    lead = signed_in("lead")
    assert lead.submit("/drills/give", by, page="/me").location == "/exam-reviews"
    assert lead.submit("/drills/give", {**by, "back": "//elsewhere"}, page="/me").location == "/"
    assert signed_in("agent").submit("/drills/give", by, page="/me").status_code == 404
    for name in ("user_id", "dialogue_id"):
        assert lead.submit("/drills/give", {**by, name: "9" * 23}, page="/me").status_code in {303, 404}, name
    assert "服务禁语" in client.get("/drills").text


@ONLY_SQLITE
def test_whoever_comes_from_a_step_keeps_to_its_criteria(signed_in: SignIn) -> None:
    client, asked = signed_in("newhire"), "criterion=insult&criterion=off_platform"
    begin = f"/drills?{asked}"
    had = []
    for _ in range(4):
        form = client.get(begin).text.partition('action="/drills/next"')[2].partition("</form>")[0]
        narrowed = re.findall(r'name="criterion" value="(\w+)">', form)
        assert narrowed == ["insult", "off_platform"]
        address = client.submit("/drills/next", {"criterion": narrowed}, page=begin).location
        assert address.endswith(asked)
        had.append(re.findall(r"辱骂讽刺|引流站外", client.get(address).text.partition("<h1")[2])[0])
        assert client.submit(address, {"text": "您好，让您久等了，我马上帮您查"}).location == address
        begin = address
    assert sorted(had) == ["引流站外", "引流站外", "辱骂讽刺", "辱骂讽刺"], "other criteria would come first otherwise"


@pytest.mark.usefixtures("conversations")
@ONLY_SQLITE
def test_a_criterion_that_has_no_drill_leads_back_with_a_word(signed_in: SignIn) -> None:
    client = signed_in("newhire")
    answer = client.submit("/drills/next", {"criterion": "promise_kept"}, page="/drills")
    assert answer.location == "/drills"
    assert "这一项没有可练的题。" in client.get("/drills").text

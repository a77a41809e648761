"""Writing drills in the browser: a form and the YAML behind it, mistakes at their places, trying, publishing, putting back."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from qaplatform import clock
from qaplatform.store.engine import Store
from qaplatform.store.tables import DrillAnswer, DrillCard, LearningText, User, UserRole
from tests.people import QUICK
from tests.stores import ONLY_SQLITE
from tests.web.conftest import PageClient, SignIn

pytestmark = ONLY_SQLITE
HOME = "/drills/authored"
GOOD = "包裹已经出库，颜色我这边改不了，到货后可以免费给您换蓝色，您看可以吗？"
FORM: dict[str, Any] = {
    "code": "banned-colour",
    "title_zh": "要换颜色",
    "title_en": "Another colour",
    "criterion": "banned_phrase",
    "musts-0-acts": ["offers", "explains"],
    "must_not": ["banned", "insult", "curt", "off_platform", "review", "absolute", "private"],
    "queue": "after_sale",
    "zh-chat": "客户：昨天拍的红色\r\n客服：您好\r\n客户 我想换成蓝色的",
    "zh-panel": "已出库；可到货后免费换色\r\n满 99 包邮",
    "zh-good": GOOD,
    "zh-bad": "不可能，已经发货了。",
}


@pytest.fixture(autouse=True)
def author(store: Store, people: None) -> None:  # noqa: ARG001 - they write them
    """A mentor who is bound to no team: drills are written for everywhere."""
    with store.writing() as session:
        session.add(
            User(id=77, login="author", name="林若水", password_hash=QUICK.hashed("author"), created_at=clock.now())
        )
        session.flush()
        session.add(UserRole(user_id=77, role="mentor"))


def base_of(client: PageClient, page: str) -> str:
    found = re.search(r'name="base" value="(\d+)"', client.get(page).text)
    assert found is not None
    return found[1]


def sent(client: PageClient, page: str, form: dict[str, Any]) -> Any:
    return client.submit(page, {**form, "base": base_of(client, page)})


def beside(field: str, page: str) -> str:
    """What is said of a field."""
    found = re.search(rf'id="{field}-errors".*?</ul>', page, re.DOTALL)
    assert found is not None
    return " ".join(html.unescape(re.sub(r"<svg.*?</svg>|<[^>]*>", " ", found[0])).split())


def test_a_drill_is_written_by_a_form_tried_published_and_practised(signed_in: SignIn, store: Store) -> None:
    author = signed_in("author")
    assert "banned-change-address" in author.get(f"{HOME}?criterion=banned_phrase").text
    assert "新练习题" in author.get(f"{HOME}/new?criterion=banned_phrase").text
    taken = author.submit(f"{HOME}/new", {**FORM, "code": "banned-you-did-it"})
    assert (taken.status_code, "已经有这个编号" in taken.text) == (400, True)
    assert "编号由小写字母" in author.submit(f"{HOME}/new", {**FORM, "code": "A b"}).text
    page = f"{HOME}/banned-colour"
    unfinished = {**FORM, "zh-chat": "客户：我想换\r\n客服：不行", "zh-bad": ""}
    assert author.submit(f"{HOME}/new", unfinished).location == f"{page}/edit"
    shown = author.get(f"{page}/edit").text
    for words in ("最后一条消息必须是客户的", "请填写此项。", "YAML 第 7 行第 13 列", "2 处要改"):
        assert words in shown, words
    for part in ("", "/yaml", "/try"):
        assert author.get(page + part).status_code == 200
    assert "没有发布过" in author.get(page).text

    checked = sent(author, f"{page}/edit", {**FORM, "act": "check"})
    assert (checked.status_code, "没有错误。" in checked.text, GOOD in checked.text) == (200, True, True)
    assert sent(author, f"{page}/edit", {**FORM, "act": "draft"}).location == page
    kept = author.get(f"{page}/yaml").text
    assert "customer 10:00:40 我想换成蓝色的" in kept, "who is understood in Chinese, and times are added"
    assert sent(author, f"{page}/edit", {**FORM, "act": "publish"}).status_code == 403

    tried = author.get(f"{page}/try").text
    assert 'data-drill="60"' in tried
    assert GOOD not in tried
    began = re.search(r'name="began" value="([\d.]+)"', tried)
    assert began is not None
    bad = author.submit(f"{page}/try", {"text": "不可能改的，这是规定", "began": began[1]}).text
    assert all(words in bad for words in ("未通过", "服务禁语", GOOD, "您的回复"))
    late = author.submit(f"{page}/try", {"text": GOOD, "began": float(began[1]) - 90}).text
    assert "超时" in late
    assert author.submit(f"{page}/try", {"text": " ", "began": began[1]}).status_code == 400
    assert "passed" not in author.get(f"{page}/try").text
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(DrillAnswer)) == 0, "nothing is kept"

    lead = signed_in("lead")
    wrong = sent(lead, f"{page}/edit", {**FORM, "zh-good": "不可能的事", "act": "publish"})
    assert wrong.status_code == 400
    assert sent(lead, f"{page}/edit", {**FORM, "act": "publish"}).location == page
    assert "要换颜色" in lead.get("/training/criteria/banned_phrase").text
    assert re.search(r"banned-colour.*?自建.*?使用中", lead.get(f"{HOME}?origin=own").text, re.DOTALL)
    newhire = signed_in("newhire")
    for _ in range(3):
        address = newhire.submit("/drills/next", {"criterion": "banned_phrase"}, page="/drills").location
        newhire.submit(address, {"text": GOOD})
    with store.reading() as session:
        assert "banned-colour" in session.scalars(select(DrillCard.code)).all()
    assert "1 次" in lead.get(f"{HOME}?q=banned-colour").text


def test_a_mistake_in_an_example_is_said_in_words_as_the_column_beside_it_says_them(signed_in: SignIn) -> None:
    author = signed_in("author")
    author.submit(f"{HOME}/new", {**FORM, "zh-good": "不可能的事"})
    page = author.get(f"{HOME}/banned-colour/edit").text
    said = "这句回答应当通过这个练习，却没有：没有做到“说明情况 / 给出方案”；出现了“服务禁语”；服务禁语：「不可能」把客户顶回去"
    assert said in beside("zh-good", page)
    assert all(words in page for words in ("要做到：说明情况 / 给出方案", "不能有：服务禁语"))
    author.submit("/language", {"language": "en"}, page="/")
    page = author.get(f"{HOME}/banned-colour/edit").text
    said = "must pass the drill: 'explains / offers' is not done; it has 'banned words'; Banned phrases: “不可能” turns"
    assert said in beside("zh-good", page)
    assert all(words in page for words in ("Must: explains / offers", "Must not have: banned words"))


def test_a_shipped_drill_is_replaced_in_its_yaml_and_put_back(signed_in: SignIn, store: Store) -> None:
    lead = signed_in("lead")
    page = f"{HOME}/greeting-first-words"
    text = lead.get(f"{page}/yaml").text
    yaml = html.unescape(text.split('spellcheck="false" wrap="off">\n')[1].split("</textarea>")[0])
    assert yaml.startswith("criterion: greeting\ndrills:\n  - id: greeting-first-words\n")
    assert "恢复原版" not in lead.get(page).text

    faulty = sent(lead, f"{page}/yaml", {"text": yaml.replace("must: [greets", "must: [greats"), "act": "publish"})
    assert faulty.status_code == 400
    assert "greeting-first-words.yaml:5:12" in faulty.text
    assert "是不是想写“greets”？" in faulty.text
    draft = "# Ours.\n" + yaml.replace("must: [greets", "must: [greats")
    assert sent(lead, f"{page}/yaml", {"text": draft, "act": "draft"}).status_code == 303
    beyond = lead.get(f"{page}/edit")
    assert beyond.location == f"{page}/yaml", "what no form can show"
    assert "表单显示不了" in lead.get(beyond.location).text

    own = "# Ours.\n" + yaml.replace("客户第一次来问", "第一句话  # x").replace("zh: 第一句话  # x", "zh: 第一句话")
    assert sent(lead, f"{page}/yaml", {"text": own, "act": "publish"}).status_code == 303
    assert "第一句话" in lead.get(HOME).text
    assert re.search(r"greeting-first-words.*?已改动", lead.get(f"{HOME}?origin=changed").text, re.DOTALL)
    stale = lead.submit(f"{page}/yaml", {"text": own, "act": "draft", "base": "0"})
    assert (stale.status_code, "别人刚刚保存了另一个版本" in stale.text) == (409, True)
    commented = own.replace("    zh:", "    # inside\n    zh:")
    assert sent(lead, f"{page}/yaml", {"text": commented, "act": "draft"}).status_code == 303
    assert "只保留开头的注释" not in lead.get(f"{page}/edit").text
    assert sent(lead, f"{page}/edit", {**FORM, "act": "draft"}).status_code == 303
    kept = html.unescape(lead.get(f"{page}/yaml").text)
    assert all(one in kept for one in ("# Ours.\n", "    # inside\n    zh:\n", "要换颜色", GOOD)), (
        "comments inside stay"
    )
    narrow = "criterion: greeting\ndrills:\n  # inside\n  - {id: greeting-first-words, zh: {good: 您好}}\n"
    assert sent(lead, f"{page}/yaml", {"text": narrow, "act": "draft"}).status_code == 303
    shown = lead.get(f"{page}/edit").text
    assert "只保留开头的注释" in shown
    assert "写在对应的栏下面" not in shown, "what is missing altogether belongs to no field"

    assert "恢复成随平台提供的原版" in lead.get(f"{page}/put-back").text
    assert lead.submit(f"{page}/put-back").location == page
    after = lead.get(page).text
    assert "客户第一次来问" in after
    assert "恢复原版" in after, "among the versions"
    assert lead.submit(f"{page}/put-back", page=page).status_code == 404
    assert lead.submit(f"{page}/withdraw").location == page
    assert "这道题已撤下" in lead.get(page).text
    assert lead.submit(f"{page}/withdraw", page=page).status_code == 404
    assert "greeting-first-words" in lead.get(f"{HOME}?state=withdrawn").text
    assert lead.submit(f"{page}/put-back").location == page
    assert "greeting-first-words" not in lead.get(f"{HOME}?state=withdrawn").text
    with store.reading() as session:
        states = session.scalars(select(LearningText.state).order_by(LearningText.id)).all()
        assert list(states) == ["draft", "published", *["draft"] * 3, "published", "withdrawn", "published"]
    assert "恢复随平台提供的培训内容" in signed_in("admin").get("/admin/activity").text


def test_a_draft_is_put_aside_once_somebody_is_sure(signed_in: SignIn) -> None:
    client = signed_in("author")
    page = f"{HOME}/banned-colour"
    assert client.submit(f"{HOME}/new", {**FORM, "zh-bad": ""}).location == f"{page}/edit"
    assert "放弃草稿" in client.get(page).text
    asked = client.get(f"{page}/drop").text
    assert "它还没有发布过" in asked
    stale = client.submit(f"{page}/drop?base=0", page=f"{page}/drop")
    assert stale.location == page
    action = re.search(r'action="([^"]+/drop\?base=\d+)"', asked)
    assert action is not None
    assert client.submit(action[1], page=f"{page}/drop").location == HOME
    assert "草稿已放弃。" in client.get(HOME).text
    assert client.get(page).status_code == 404

    shipped = f"{HOME}/greeting-first-words"
    assert client.get(f"{shipped}/drop").status_code == 404, "there is no draft"
    assert sent(client, f"{shipped}/yaml", {"text": "half", "act": "draft"}).location == shipped
    asked = client.get(f"{shipped}/drop").text
    assert "已发布的内容不受影响。" in asked
    action = re.search(r'action="([^"]+/drop\?base=\d+)"', asked)
    assert action is not None
    assert client.submit(action[1], page=f"{shipped}/drop").location == shipped
    after = client.get(shipped).text
    assert "客户第一次来问" in after
    assert "放弃草稿" not in after
    assert "放弃培训内容的草稿" in signed_in("admin").get("/admin/activity").text


def test_a_copy_has_an_id_of_its_own(signed_in: SignIn) -> None:
    client = signed_in("author")
    page = client.get(f"{HOME}/new?like=empathy-five-days").text
    assert 'value="empathy-five-days-2"' in page
    assert client.get(f"{HOME}/new?like=nothing").status_code == 404
    assert client.get(f"{HOME}/nothing").status_code == 404
    assert client.get(f"{HOME}/nothing/edit").status_code == 404
    assert signed_in("newhire").get(HOME).status_code == 403

"""A real chat becomes a draft in which nothing of a real person is left, which can be tried at once and says what to write."""

from __future__ import annotations

import re
import unicodedata

import pytest

from qaplatform.audit.conversation import Message
from qaplatform.audit.finding import Episode, Observations
from qaplatform.exam.from_chat import RealChat, scenario_draft
from qaplatform.exam.from_chat_words import draft_words
from qaplatform.exam.inventing import Inventor
from qaplatform.exam.references import references_played
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import check_scenarios, shipped_scenarios, shipped_voices
from tests.exam.standing import shipped_auditor, stand_in

NASTY = [
    ("我的电话13812345678，打这个", ["13812345678"]),
    ("我的电话１３８１２３４５６７８", ["13812345678"]),
    ("1 3 8 1 2 3 4 5 6 7 8 加我", ["13812345678"]),
    ("138-1234-5678 或者 138.1234.5678", ["13812345678"]),
    ("一三八一二三四五六七八是我号码", ["一三八一二三四五六七八", "13812345678"]),
    ("①③⑧①②③④⑤⑥⑦⑧", ["13812345678", "①③⑧"]),
    ("13\u200b812345\u200b678 隐形的", ["13812345678", "812345"]),
    ("订单2610140012345少一包", ["2610140012345"]),
    ("订单尾号 8 8 9 9 那个", ["8899"]),
    ("单号 YT2026101100123 和 SF1234567890123", ["2026101100123", "1234567890123", "YT2026"]),
    ("寄到杭州市余杭区良渚街道荷花苑三栋二单元五零一，王小明收", ["余杭", "荷花苑", "五零一", "王小明", "良渚"]),
    ("地址：上海市浦东新区世纪大道1001号 李四收", ["浦东", "世纪大道", "1001", "李四"]),
    ("王女士说可以退，你们李先生不认", ["王女士", "李先生"]),
    ("欧阳经理答应的，让小赵给我打电话", ["小赵"]),
    ("昆山的，发到广东省要几天", ["昆山", "广东"]),
    ("微信 abc_12345 邮箱 someone@qq.com", ["abc_12345", "12345", "someone"]),
    ("身份证330106199001011234", ["330106199001011234", "19900101"]),
    ("https://item.taobao.com/item.htm?id=998877 这个链接", ["998877", "taobao"]),
    ("2026年10月12日买的，329元，退¥1,299.50", ["10月12日", "2026", "329", "1,299", "1299"]),
    ("10月12号14:30签收，三百二十九块", ["10月12", "14:30", "三百二十九"]),
    ("型号K7500 编号 AB12CD34EF", ["7500", "AB12CD34EF"]),
    ("买家小熊维尼 的单", ["小熊维尼"]),
    ("找你们晴空家居旗舰店的苏晓棠", ["晴空家居", "苏晓棠"]),
]
HARMLESS = ["调到180度之前5分钟就冒烟", "7天无理由不是可以退吗", "老方法，买了一个小包", "白银色的，东方不败款"]


def flat(text: str) -> str:
    """A text as somebody looks for numbers in it: without width, gaps and marks between digits."""
    return re.sub(r"(?<=\d)[\s\-.,:·]+(?=\d)", "", unicodedata.normalize("NFKC", text))


def chat(*texts: str, **more: object) -> RealChat:
    messages = [Message("customer", text, sent_at=f"2026-10-14T10:{n:02d}:00+08:00") for n, text in enumerate(texts)]
    messages.insert(
        1, Message("agent", "您好，麻烦提供一下订单号和照片，我是苏晓棠", sent_at="2026-10-14T10:00:30+08:00")
    )
    names = {"known_names": ("小熊维尼", "苏晓棠"), "shop_names": ("晴空家居旗舰店", "晴空家居")}
    return RealChat(tuple(messages), **{**names, **more})  # type: ignore[arg-type]


def loaded(text: str, code: str = "from-chat-1") -> tuple[Scenario, list[str]]:
    scenarios, problems = check_scenarios({**shipped_voices(), f"{code}.yaml": text})
    assert [str(one) for one in problems if one.severity == "error"] == []
    return scenarios[code], [one.message for one in problems]


@pytest.mark.parametrize(("said", "gone"), NASTY, ids=range(len(NASTY)))
def test_nothing_of_a_real_person_is_left(said: str, gone: list[str]) -> None:
    draft = scenario_draft(chat(said, f"{said} 怎么处理？", f"还是那句：{said}"), "from-chat-1")
    loaded(draft)
    for one in gone:
        assert one not in draft, one
        assert flat(one) not in flat(draft), one
    # Whatever the table forgets: no longer number of the chat stands anywhere in the draft.
    for run in re.findall(r"\d{4,}", flat(said)):
        assert run not in flat(draft), run


def test_numbers_that_are_the_story_stay() -> None:
    for said in HARMLESS:
        kept = said.replace("180", "{number}")
        assert Inventor([said]).texts == (kept,)


def test_the_same_value_is_the_same_slot_and_every_variant_fills_all_of_them() -> None:
    inventor = Inventor(["电话13812345678", "1 3812345678？", "换成13987654321", "10月12日买，10月15日到", "一共329元"])
    first, again, other, days, amount = inventor.texts
    assert (first, again, other) == ("电话{phone}", "{phone}？", "换成{phone_b}")
    assert days == "{day}买，{day_b}到"
    assert amount == "一共{amount}元"
    one, two = inventor.variants()
    assert one.keys() == two.keys() == {"phone", "phone_b", "day", "day_b", "amount"}
    assert one["phone"] != two["phone"]
    month, day = map(int, re.findall(r"\d+", one["day"]))
    assert (month, day + 3) == tuple(map(int, re.findall(r"\d+", one["day_b"])))
    assert inventor.variants() == inventor.variants()


def test_a_draft_has_what_was_told_when_asked_and_what_went_wrong() -> None:
    seen = Observations(
        episodes=(Episode(0, "displeased", "missing", None),), blunt=(), review_requests=(), off_platform=(), absolute=(),
        promises=(), transfers=(), closing_check=None, unanswered=(), closed="open", topic=("after_sale", "damaged"),
    )  # fmt: skip
    messages = (
        Message("bot", "您好，欢迎光临"),
        Message("customer", "杯子碎了！！气死我了"),
        Message("customer", "怎么赔？"),
        Message("agent", "麻烦拍张照片给我，订单号也发一下"),
        Message("customer", "[图片]", kind="image"),
        Message("customer", "订单2610140012345"),
        Message("agent", "我给您补发一个"),
        Message("customer", "什么时候能到？"),
        Message("agent", "客户很凶", kind="note"),
        Message("agent", "尽快"),
    )  # fmt: skip
    draft = scenario_draft(RealChat(messages, seen, ("empathy_first", "concrete_promise", "curt_reply")), "from-chat-7")
    scenario, warnings = loaded(draft, "from-chat-7")
    assert (scenario.kind, scenario.mood.start, scenario.voice.id) == ("damaged", 3, "hurried")
    assert scenario.opening == (("杯子碎了！！气死我了", "怎么赔？"),)
    assert {fact.id: fact.kind for fact in scenario.facts} == {"photo": "image", "order_id": "text"}
    assert [one.says for one in scenario.questions] == [("怎么赔？",), ("什么时候能到？",)]
    assert [one.kind for one in scenario.interruptions] == ["second_question"]
    assert {one.id for one in scenario.required} == {"soothes", "checks_end"}
    assert {one.id for one in scenario.forbidden} == {"rebuffs", "vague", "curt"}
    assert "补发" in draft
    assert "客户很凶" not in draft
    assert {one.partition(":")[0] for one in warnings} == {
        "still to be written", "title has no 'en' text", "summary has no 'en' text", "the opening has one wording only",
    }  # fmt: skip
    played = references_played(scenario, shipped_auditor(), stand_in(scenario))
    assert played is not None
    assert played.bad.fits
    assert not played.fit


def test_an_english_chat_becomes_an_english_draft() -> None:
    said = ("My name is John Smith and my parcel never came, order 2610140012345", "Where is it? Call 13812345678")
    draft = scenario_draft(chat(*said, language="en"), "from-chat-1")
    scenario, _ = loaded(draft)
    assert (scenario.language, scenario.voice.language) == ("en", "en")
    for gone in ("John", "Smith", "2610140012345", "13812345678"):
        assert gone not in draft


@pytest.mark.parametrize(
    ("topic", "kind"),
    [
        (("return_refund", "faulty", "wrong_item"), "wrong-goods"),
        (("return_refund", "refund", "pending"), "refund"),
        (("delivery", "transit", "stuck"), "delay"),
        (("own", "tree"), "tree"),
    ],
)
def test_a_draft_is_of_a_kind_that_ships_so_that_it_takes_turns_with_those(topic: tuple[str, ...], kind: str) -> None:
    seen = Observations(
        episodes=(), blunt=(), review_requests=(), off_platform=(), absolute=(), promises=(), transfers=(),
        closing_check=None, unanswered=(), closed="open", topic=topic,
    )  # fmt: skip
    draft = scenario_draft(RealChat((Message("customer", "在吗"), Message("agent", "您好")), seen, ()), "from-chat-9")
    assert f"\nkind: {kind} " in draft


def test_whatever_kind_a_topic_leads_to_ships() -> None:
    assert set(draft_words().kinds.values()) <= {one.kind for one in shipped_scenarios().values()}

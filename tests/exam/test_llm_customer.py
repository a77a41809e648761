"""Words that a model gives the customer, held against what the script says."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from qaplatform.exam.dialogue import Line
from qaplatform.exam.llm_customer import ToWord, fault_of, prompt_of, read_words, to_word, worded
from qaplatform.exam.scenario_loading import shipped_scenarios
from tests.exam.small import customer, talk

ZH = ToWord(
    lines=("换一个也行", "可周六女儿生日 八个小朋友要来 赶得上吗？"),
    before=(Line("customer", "炸锅冒烟了!!", 0, 3), Line("candidate", "林女士，给您免费换一个新的，3天内到", 20, 3)),
    mood=4, language="zh", name="林女士", about="给女儿生日会准备", voice="急性子",
    untold=("就是插上电 调到180度 五分钟左右底下开始冒白烟 我赶紧拔了", "订单号2610130087145", "在{周日}前"),
    known="林女士\n小满家居\n炸锅冒烟了!!\n林女士，给您免费换一个新的，3天内到\n换一个也行\n可周六女儿生日 八个小朋友要来 赶得上吗？",
)  # fmt: skip
EN = ToWord(
    lines=("A new one is fine", "But the party is on Saturday, can it be here in two days?"),
    before=(Line("customer", "The lamp came broken", 0, 3), Line("candidate", "We can send a new lamp", 20, 3)),
    mood=4, language="en", name="Mr Reed", about="", voice="plain", untold=("The order is 2610130087145 and Paula ordered it",),
    known="Mr Reed\nA new one is fine\nBut the party is on Saturday, can it be here in two days?\nThe lamp came broken\nsend a new lamp",
)  # fmt: skip
ASKS, AGREES = "周六女儿生日，8个小朋友要来，能赶得上吗", "换一个新的也行吧"
EN_ASKS = "The party's Saturday though, can it be here in two days"
CASES: Sequence[tuple[ToWord, tuple[str, ...], str | None]] = (
    (ZH, (AGREES, ASKS), None),
    (ZH, ("那就换一个呗", "可是我女儿礼拜六生日，八个小朋友都要来的，还赶得上吗？"), None),
    (ZH, (AGREES,), "count"),
    (ZH, (AGREES, ASKS, "好"), "count"),
    (ZH, ("", ASKS), "empty"),
    (ZH, (AGREES * 9, ASKS), "too_long"),
    (ZH, (f"**{AGREES}**", ASKS), "markup"),
    (ZH, (f"客户：{AGREES}", ASKS), "markup"),
    (ZH, (f"{AGREES}[图片]", ASKS), "markup"),
    (ZH, (f"{AGREES} www.abc.com", ASKS), "contact"),
    (ZH, ("Sure, a new one is fine", ASKS), "language"),
    (ZH, (f"{AGREES}はい", ASKS), "language"),
    (ZH, (f"{AGREES}，作为AI我同意", ASKS), "system_talk"),
    (ZH, (f"{AGREES}，我这就为您处理", ASKS), "other_side"),
    (ZH, (f"{AGREES}，花了329元呢", ASKS), "number"),
    (ZH, (f"{AGREES}，我等了五天", ASKS), "number"),
    (ZH, (f"{AGREES}，尾号13800138000", ASKS), "number"),
    (ZH, (f"{AGREES}，明天就要", ASKS), "day"),
    (ZH, (f"{AGREES}，单号2610130087145", ASKS), "leak"),
    (ZH, (f"{AGREES}，当时底下开始冒白烟", ASKS), "leak"),
    (ZH, (f"{AGREES}，型号AF-X", ASKS), "code"),
    (ZH, (f"{AGREES}，王经理说的", ASKS), "name"),
    (ZH, (f"{AGREES}，寄到良渚街道", ASKS), "place"),
    (ZH, (f"{AGREES}，要“豪华版”", ASKS), "quoted"),
    (ZH, (f"{AGREES}，要给差评", ASKS), "stakes"),
    (ZH, ("换一个不行", ASKS), "meaning"),
    (ZH, (AGREES, "周六女儿生日，八个小朋友要来，得赶上"), "question"),
    (ZH, (AGREES, "女儿生日，八个小朋友要来，赶得上吗"), "lost"),
    (ZH, ("嗯好", ASKS), "lost"),
    (EN, ("Fine, a new one then", EN_ASKS), None),
    (EN, ("Fine, a new one then", "The party is Saturday, hope it will be here in two days"), "question"),
    (EN, ("Fine, a new one from Berlin then", EN_ASKS), "name"),
    (EN, ("Fine, a new one, I paid forty", EN_ASKS), "number"),
    (EN, ("Fine, a new one, since Monday", EN_ASKS), "day"),
    (EN, ("Fine, a new one, and Paula ordered it", EN_ASKS), "leak"),
    (EN, ("A new one is not fine", EN_ASKS), "meaning"),
    (EN, ("Fine, a new one 或者", EN_ASKS), "language"),
    (EN, ("Fine, a new one. I will tell my lawyer", EN_ASKS), "stakes"),
)


def test_words_are_used_only_where_they_say_what_the_script_says() -> None:
    found = [(messages, fault_of(wanted, messages)) for wanted, messages, _ in CASES]
    assert found == [(messages, fault) for _, messages, fault in CASES]


def test_the_customers_name_before_a_message_is_no_part_of_it() -> None:
    for sign in (":", "： "):
        reply = json.dumps({"messages": [f"林女士{sign}{AGREES}", ASKS]}, ensure_ascii=False)
        assert read_words(ZH, reply) == ((AGREES, ASKS), None)
    other = json.dumps({"messages": [f"客服：{AGREES}", ASKS]}, ensure_ascii=False)
    assert read_words(ZH, other)[1] == "markup"


@pytest.mark.parametrize(
    "reply", ["", "好的", '{"messages": "换"}', '{"messages": [1]}', "[" * 5000, '{"words": ["换"]}']
)
def test_garbage_is_no_reply(reply: str) -> None:
    assert read_words(ZH, reply) == ((), "garbage")


def test_what_the_script_itself_says_would_always_do() -> None:
    for wanted in (ZH, EN):
        reply = f"```json\n{json.dumps({'messages': wanted.lines}, ensure_ascii=False)}\n```"
        assert read_words(wanted, reply) == (wanted.lines, None)


def test_pictures_stay_the_scripts_and_nothing_in_a_dialogue_is_filled_in() -> None:
    state = talk((5, "[asks photo] [asks order_id] 请发照片和单号"), until=5)
    one = customer()
    while not state.coming:
        moment = one.next_moment(state)
        assert moment is not None
        state = one.until(state, moment)
    wanted = to_word(one.scenario, state)
    assert wanted is not None
    assert len(state.coming) == len(wanted.lines) + 1
    other = worded(state.coming, [f"嗯{text}" for text in wanted.lines])
    assert [(a.text == b.text, a.at_seconds == b.at_seconds) for a, b in zip(state.coming, other, strict=True)] == [
        (a.kind == "image", True) for a in state.coming
    ]
    told = prompt_of(wanted, "{name} {lines}", "====")
    assert (told.user.count("{name} {lines}"), told.system.count("====")) == (1, 1)
    assert to_word(one.scenario, replace(state, coming=())) is None


@pytest.mark.parametrize("id", ["invoice-title", "late-gift-en"])
def test_no_line_of_a_shipped_script_is_refused_as_its_own_wording(id: str) -> None:
    scenario = shipped_scenarios()[id]
    assert scenario.references is not None
    one = customer(2, scenario)
    state, filler, count = one.begin(), "嗯，" if scenario.language == "zh" else "Well, ", 0
    for reply in scenario.references.good.replies:
        spelled = f"{' '.join(f'[{act}]' for act in reply.acts)} {reply.says}"
        state = one.write(state, spelled, (state.lines[-1].at_seconds if state.lines else 0) + 20)
        while state.ended is None and (state.unheard or state.coming):
            before, moment = state.coming, one.next_moment(state)
            assert moment is not None
            state = one.until(state, moment)
            wanted = to_word(scenario, state) if state.coming and not before else None
            if wanted is not None:
                count += 1
                assert fault_of(wanted, wanted.lines) is None
                assert fault_of(wanted, [filler + line for line in wanted.lines]) is None
    assert count > 2

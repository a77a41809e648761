"""The scripted customer: what is written calms, stings, draws out facts, and decides how it ends."""

from __future__ import annotations

import msgspec
import pytest

from qaplatform.exam.dialogue import State
from qaplatform.exam.playing import played
from qaplatform.exam.scenario_loading import shipped_scenarios
from tests.exam.small import customer, said_by_customer, small_scenario, talk

VOICE = small_scenario().voice


def wordings(key: str) -> set[str]:
    """All texts a line of the voice can have."""
    ways = [*VOICE.lines[key], *VOICE.angry_lines.get(key, ())]  # type: ignore[index]
    return {text for way in ways for text in ((way,) if isinstance(way, str) else way)}


def test_a_fact_is_told_when_it_is_asked_for_and_never_before() -> None:
    untold = talk((10, "[soothes] 非常理解您的心情"), until=60)
    told = talk((10, "[soothes] [asks photo] 理解您的心情，请拍张照片"), until=60)
    assert "[图片：碎片]" not in said_by_customer(untold)
    assert [line.kind for line in told.lines if line.text == "[图片：碎片]"] == ["image"]
    assert told.has("fact", "photo")


def test_whoever_asks_twice_for_the_same_is_told_so_and_pays_with_the_mood() -> None:
    state = talk((10, "[soothes] [asks photo] 理解您，请拍照"), (60, "[asks photo] 请拍照"), until=100)
    assert said_by_customer(state, after=60)[0] in wordings("told_already")
    assert [mood for _, mood in state.moods][-1] < max(mood for _, mood in state.moods)


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("[soothes] 非常理解您的心情，让您失望了，很抱歉", True),
        ("[rebuffs] 这是规定，不可能的，我也没办法", False),
        ("不可能，这是规定", False),
        ("[offers coupon] 给您一张券", False),
        ("[asks_off_platform] 加我微信吧", False),
        ("[asks_for_review] 改成好评返您10元", False),
    ],
)
def test_comfort_calms_and_banned_or_cold_words_escalate(text: str, rises: bool) -> None:
    state = talk((10, text), until=50)
    assert (state.mood > 4) == rises
    assert rises or state.mood < 4


def test_comfort_wears_off() -> None:
    texts = [(10 + 40 * number, "[soothes] 非常理解您的心情") for number in range(6)]
    state = talk(*texts, until=290)
    assert state.mood <= 4 + VOICE.rules["soothes"] + 1


def test_a_vague_promise_brings_the_question_when() -> None:
    state = talk((10, "[soothes] [promises check] 理解您，尽快给您处理"), until=60)
    assert set(said_by_customer(state, after=10)) & wordings("when")
    dated = talk((10, "[soothes] [promises check due] 理解您，今天18:00前给您答复"), until=60)
    assert not set(said_by_customer(dated, after=10)) & wordings("when")


def test_whoever_goes_and_looks_has_promised_nothing_vague() -> None:
    state = talk((10, "[soothes] [promises check] 理解您，我帮您查一下"), until=60)
    said = set(said_by_customer(state, after=10))
    assert not said & wordings("when")
    assert said & wordings("waits")


def test_a_bare_greeting_is_waited_upon_and_passes_no_question_by() -> None:
    state = talk((10, "[greets] 在的亲"), (30, "[soothes] 理解您的心情，真的很抱歉让您失望了"), until=60)
    assert said_by_customer(state, after=10)[0] in wordings("soothed")
    assert "到底怎么处理" not in said_by_customer(state)


@pytest.mark.parametrize(("text", "asks"), [("[offers postage] 运费我们出", False), ("", True)])
def test_what_this_very_reply_has_answered_is_not_asked(text: str, asks: bool) -> None:
    one = customer(scenario=shipped_scenarios()["tight-shoes"])
    texts = [(10, "[soothes] [asks size] 挤脚难受吧，脚多长呢"), (50, f"[offers exchange] 给您换大一码的 {text}")]
    state = one.until(played(one, texts), 100)
    assert any("运费" in said for said in said_by_customer(state, after=50)) == asks
    assert state.has("answered", "postage") != asks


def test_whoever_gets_what_is_private_does_not_refuse_to_give_it() -> None:
    one = customer(scenario=shipped_scenarios()["privacy-trap"])
    state = one.until(played(one, [(20, "[explains] 江月路12号3幢502")]), 60)
    assert state.has("answered", "her_address")
    assert not set(said_by_customer(state, after=20)) & (wordings("private_asked") | {"就要个地址，很快的"})


def test_a_question_passed_by_comes_again_until_it_is_answered() -> None:
    texts = [(10, "[soothes] 理解您"), (50, "[explains] 是这样的"), (90, "[explains] 您看")]
    again = talk(*texts, until=130)
    assert "到底怎么处理" in said_by_customer(again)
    answered = talk((10, "[soothes] [offers coupon] 理解您，补您一张券"), *texts[1:], until=130)
    assert "到底怎么处理" not in said_by_customer(answered)
    assert answered.has("answered", "what_now")


def test_several_messages_in_a_row_are_read_together() -> None:
    state = talk((10, "[soothes] 理解您"), (12, "[offers refund] 给您退款"), until=60)
    assert state.replies == 1
    assert state.step == "done"


def test_silence_is_asked_about_and_ends_it() -> None:
    state = talk(until=600)
    assert set(said_by_customer(state, after=10)) & wordings("silence")
    assert (state.ended, state.has("step", "done")) == ("left", False)


def test_whoever_promised_to_look_is_waited_for_longer() -> None:
    hurried = talk((10, "[soothes] 理解您"), until=150)
    patient = talk((10, "[soothes] [stalls] 理解您，我去查一下，五分钟内回您"), until=150)
    assert set(said_by_customer(hurried, after=60)) & wordings("silence")
    assert not set(said_by_customer(patient, after=60)) & wordings("silence")


def test_interruptions_come_once_and_at_their_time() -> None:
    asked = talk((10, "[soothes] [asks order_id] 理解您，请给单号"), (60, "[explains] 好"), until=100)
    assert said_by_customer(asked).count("有发票吗") == 1
    angry = talk((10, "[offers coupon] 给您一张券"), (40, "[explains] 就这样"), until=100)
    assert said_by_customer(angry).count("我要投诉") == 1
    quiet = talk((10, "[soothes] [offers refund] 理解您，给您退款"), until=50)
    assert said_by_customer(quiet, after=10) == []


def test_what_nobody_can_read_moves_nothing_but_is_kept_for_the_mentor() -> None:
    state = talk((10, "呜啦呜啦"), until=50)
    assert (state.mood, state.unread, state.step) == (4, (1,), "start")
    assert said_by_customer(state, after=10)[0] in wordings("unread")


def test_goodbye_only_once_it_is_settled() -> None:
    early = talk((10, "[soothes] [closes] 理解您，请问还有其他可以帮您的吗"), until=50)
    assert set(said_by_customer(early, after=10)) & wordings("not_yet")
    texts = [(10, "[soothes] [offers refund] 理解您，给您退款"), (90, "[closes] 请问还有其他可以帮您的吗")]
    solved = talk(*texts, until=160)
    assert solved.ended == "solved"
    assert set(said_by_customer(solved, after=90)) <= wordings("bye")


def test_the_time_that_is_over_is_the_end_whatever_was_coming() -> None:
    one = customer()
    texts = [(at, "[soothes] [offers coupon] 理解您，补您一张券") for at in range(10, 598, 45)]
    state = one.until(played(one, texts), 10_000)
    assert (state.ended, state.ended_at_seconds) == ("time_out", 600)
    assert max(line.at_seconds for line in state.lines) <= 600
    assert one.write(state, "[offers refund] 给您退款", 601) == state


TEXTS = [
    (14, "[soothes] [asks photo] 理解您，请拍照"),
    (17, "[asks order_id] 单号发我"),
    (80, "[offers refund] 给您退款"),
]


def test_looking_often_changes_nothing() -> None:
    one = customer(seed=3)
    seldom = one.until(played(one, TEXTS), 300)
    state = one.begin()
    for second in range(301):
        for at, text in TEXTS:
            if at == second:
                state = one.write(state, text, at)
        state = one.until(state, second)
    assert state == seldom


def test_a_dialogue_goes_on_from_what_was_written_down() -> None:
    one = customer(seed=3)
    state = one.begin()
    for at, text in TEXTS:
        state = msgspec.json.decode(msgspec.json.encode(one.write(state, text, at)), type=State)
    assert one.until(state, 300) == one.until(played(one, TEXTS), 300)


def test_seeds_word_it_differently() -> None:
    said = {tuple(line.text for line in talk(*TEXTS, until=300, seed=seed).lines) for seed in range(12)}
    assert len(said) >= 8

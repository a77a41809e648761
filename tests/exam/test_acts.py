"""What a candidate's reply does: offers, questions, promises, and what cannot be read."""

from __future__ import annotations

import pytest

from benchmarks.acts import halves, labels_of, measure, replies
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.exam.acts import ABOUTS, ACTS, recognise
from qaplatform.exam.hearing import Listener
from qaplatform.exam.pieces import pieces
from tests.exam.standing import shipped_auditor

_SAYS = [
    ("非常抱歉,给您换一个新的", {("apologises", None), ("offers", "exchange")}),
    ("麻烦拍张照片", {("asks", "photo")}),
    ("已经拆封了,没法退货", {("explains", None), ("refuses", "return")}),
    ("您是要退款还是换货", {("asks", "choice")}),
    ("我请示一下经理", {("escalates", None)}),
    ("加我微信吧", {("asks_off_platform", None)}),
    ("好的", set()),
    ("床前明月光疑是地上霜", {("unread", None)}),
    ("您好请问订单号是多少我帮您查询一下", {("greets", None), ("asks", "order_id"), ("promises", "check")}),
]


@pytest.mark.parametrize(("text", "wanted"), _SAYS)
def test_a_reply_does_what_it_says(text: str, wanted: set[tuple[str, str | None]]) -> None:
    assert labels_of(recognise(text, ())) == wanted


def test_a_promise_knows_whether_its_time_can_be_resolved() -> None:
    due = {
        text: [one.due for one in recognise(text, ()) if one.act == "promises"]
        for text in ("2小时内给您回复", "稍后给您回复")
    }
    assert due == {"2小时内给您回复": [True], "稍后给您回复": [False]}


def test_places_are_characters_of_what_was_written() -> None:
    text = "  您好!😭 麻烦拍张照片"
    said = recognise(text, ())
    assert [(one.act, text[one.start : one.end]) for one in said] == [("greets", "您好!"), ("asks", "麻烦拍张照片")]


@pytest.mark.parametrize(("asked", "signs"), [("我的快递到底什么时候到?", {"curt"}), ("那我等着", set())])
def test_a_curt_word_is_curt_only_to_a_question_and_rebuffs_nobody(asked: str, signs: set[str]) -> None:
    chat = Conversation("c", (Message("customer", asked), Message("agent", "嗯")))
    heard = Listener(shipped_auditor(), recognise).hear(chat, [1])
    assert ({one.sign for one in heard.signs}, heard.acts, not heard.unread) == (signs, (), bool(signs))


def test_what_the_rubric_sees_counts_unless_the_reply_is_written_for_the_marking() -> None:
    chat = Conversation("c", (Message("customer", "怎么还没到"), Message("agent", "对不起,今天18点前给您结果")))
    listener = Listener(shipped_auditor(), recognise)
    assert {(one.act, one.due) for one in listener.hear(chat, [1]).acts} == {
        ("apologises", False),
        ("promises", True),
    }
    deaf = Listener(shipped_auditor(), lambda *_: ())
    assert deaf.hear(chat, [1]).acts == ()


@pytest.mark.parametrize(
    ("reply", "certain"),
    [
        ("微信加不了的哦 平台规定不让私下交易 万一出问题你也没保障呀", False),
        ("好的看到了 给您补发一个新的 碎片不用寄回来 您自己小心别划着手", False),
        ("给你补一个行了吧 谁知道您怎么弄坏的", True),
        ("你自己不会看吗 就是加不了", True),
    ],
)
def test_what_helps_or_gives_its_reason_is_no_rebuff_beyond_doubt(reply: str, certain: bool) -> None:
    chat = Conversation("c", (Message("customer", "加个微信呗 私下便宜点"), Message("agent", reply)))
    heard = Listener(shipped_auditor(), recognise).hear(chat, [1])
    assert ("rebuffs" in {one.act for one in heard.acts}) == certain
    assert certain or "rebuffs" in {one.act for one in heard.doubts}


def test_a_time_the_rubric_sees_makes_a_promise_that_was_read_without_one_due() -> None:
    text = "我给您重新约明天上午9点到11点 师傅提前半小时给您打电话"
    chat = Conversation("c", (Message("customer", "说好今天来装书柜 人呢"), Message("agent", text)))
    heard = Listener(shipped_auditor(), recognise).hear(chat, [1])
    assert any(one.act == "promises" and one.due for one in heard.acts)


def test_what_is_on_the_customers_matter_is_read_as_an_explanation() -> None:
    before = [Message("customer", "加湿器的雾化片怎么老是积垢")]
    text = "雾化片积垢多半跟水里的钙有关系"
    assert labels_of(recognise(text, before)) == {("explains", None)}


def test_nothing_written_does_nothing() -> None:
    assert [recognise(text, ()) for text in ("", "   ", "!!!", "😀😀")] == [(), (), (), ()]


def test_the_same_reply_is_always_read_the_same() -> None:
    text = "抱歉,给您补发一个,明天发出,请问地址还是原来的吗"
    assert recognise(text, ()) == recognise(text, ())


def test_acts_and_abouts_are_of_the_agreed_sets() -> None:
    labelled = {label for reply in replies() for label in reply.labels}
    assert {act for act, _ in labelled} == set(ACTS)
    assert {about for _, about in labelled} - {None} <= ABOUTS


def test_the_held_out_replies_are_read_as_well_as_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    every = replies()
    assert len(every) >= 300
    figures = measure(halves(every)[1], show=False)
    assert figures["F1 of acts"] >= 0.87
    assert figures["replies exactly right, doubtful ones included"] >= 0.62
    assert "F1 of acts" in capsys.readouterr().out


def test_pieces_end_at_marks_spaces_and_new_beginnings() -> None:
    assert [one.text for one in pieces("3.5折 您好 在的。好🙏行")] == ["3.5折 ", "您好 ", "在的。", "好🙏", "行"]
    assert [one.text for one in pieces("麻烦您提供一下订单号我帮您查")] == ["麻烦您提供一下订单号", "我帮您查"]

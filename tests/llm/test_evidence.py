"""Quotes are found where they were written, whatever small slips they have, and nowhere else."""

from __future__ import annotations

import pytest

from qaplatform.audit.masking import mask_all
from qaplatform.llm.evidence import Span, locate
from qaplatform.llm.transcript import Said
from tests.llm.quotes import ALTERED, SLIPS, Quoted, altered, made_up, slipped, wrong_message, wrong_speaker

SAID = (
    Said(0, "agent", "您好,欢迎光临", auto=True),
    Said(1, "customer", "衣服破了个洞,能退吗?都等了3天了"),
    Said(2, "agent", "很抱歉让您等了三天。破洞是质检没做好,今天18:30前给您退款199.5元,运费我们出"),
    Said(3, "customer", "好"),
    Said(4, "agent", "不过吊牌剪了的话,我们不能给您退全款"),
    Said(5, "customer", "好"),
    Said(6, "agent", "We can't refund the express fee, but the 2 jackets are free to return."),
    Said(7, "agent", "步骤:\n1. 按住电源键\n2. 长按五秒\n3. 松手"),
    Said(8, "system", "会话已结束,请评价"),
    Said(9, "customer", "👍"),
    Said(10, "agent", "运费由我们承担,优惠券减￥20,明天10 am call you back, we owe you £15 in total"),
)


def found(quote: str, message: int, speaker: str = "any") -> str | None:
    """The words that were found, as written."""
    span = locate(quote, message, SAID, speaker=speaker)
    return SAID[span.message].text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("quote", "message", "speaker", "words"),
    [
        ("破洞是质检没做好", 2, "agent", "破洞是质检没做好"),
        ("  “破洞是质检沒做好” ", 2, "agent", "破洞是质检没做好"),
        ("客服 a03 10:20:31:破 洞 是质检没做好。", 2, "agent", "破洞是质检没做好"),
        ("[2] 客服: 破洞是质检没做好", 2, "agent", "破洞是质检没做好"),
        ("2. 破洞是质检没做好", 2, "agent", "破洞是质检没做好"),
        ("> 破洞是质检没做好", 2, "agent", "破洞是质检没做好"),
        ("很抱歉让你等了三天", 2, "agent", "很抱歉让您等了三天"),
        ("很抱歉……今天18:30前给您退款199.5元", 2, "agent", None),  # Three characters are too few for a piece.
        ("很抱歉让您等了三天……今天18:30前给您退款199.5元", 2, "agent", "很抱歉让您等了三天。破洞是质检没做好,今天18:30前给您退款199.5元"),
        ("今天18:30前给您退款...很抱歉让您等了三天", 2, "agent", None),
        ("能退吗", 1, "customer", None),
        ("能退", 1, "customer", None),
        ("破了个洞,能退", 1, "customer", "破了个洞,能退吗?"),  # What makes it a question is shown with it.
        ("好", 3, "customer", "好"),
        ("好", 4, "customer", None),
        ("👍", 9, "customer", "👍"),
        ("1.按住电源键 2.长按五秒", 7, "agent", "1. 按住电源键\n2. 长按五秒"),
        ("今天18:30前给您退款199.5元", 4, "agent", "今天18:30前给您退款199.5元"),
        ("the 2 jackets are free to retrun", 6, "agent", None),
        ("the 2 jackets are free to retur", 6, "agent", "the 2 jackets are free to return"),
        ("会话已结束,请评价", 8, "any", None),
        ("您好,欢迎光临", 0, "agent", None),
        ("您好,欢迎光临", 0, "any", "您好,欢迎光临"),
        ("优惠券减¥20", 10, "agent", "优惠券减￥20"),
        ("优惠券减20", 10, "agent", "优惠券减￥20"),
        ("we owe you 15 in total", 10, "agent", "we owe you £15 in total"),
        ("£15 in total", 10, "agent", "£15 in total"),
        ("", 2, "any", None),
        ("x" * 5_000, 2, "any", None),
    ],
)  # fmt: skip
def test_a_quote_is_found_as_it_was_written(quote: str, message: int, speaker: str, words: str | None) -> None:
    assert found(quote, message, speaker) == words


@pytest.mark.parametrize(
    ("quote", "message"),
    [
        ("能给您退全款", 4),
        ("我们能给您退全款", 4),
        ("给您退全款", 4),
        ("我们不能给您退款", 4),
        ("今天16:30前给您退款199.5元", 2),
        ("今天18:30前给您退款1995元", 2),
        ("今天18:30前给您退款199", 2),
        ("今天18:30前给您退款99.5元", 2),
        ("很抱歉让您等了四天", 2),
        ("破洞是质检没做好,明天18:30前给您退款", 2),
        ("破洞是仓库没做好,今天18:30前给您退款", 2),
        ("破洞是质检做好", 2),
        ("refund the express fee", 6),
        ("We can refund the express fee", 6),
        ("the 3 jackets are free to return", 6),
        ("the 2 jackets are free to retain", 6),
        ("4. 松手", 7),
        ("16:20 破洞是质检没做好", 2),
        ("我们……给您退全款", 4),
        ("很抱歉让您等了三天", 1),
        ("运费由你们承担,优惠券减￥20", 10),
        ("运费由我们承担,优惠券减$20", 10),
        ("明天10 pm call you back", 10),
        ("we owe you $15 in total", 10),
    ],
)
def test_a_quote_that_says_something_else_is_found_nowhere(quote: str, message: int) -> None:
    assert found(quote, message, "customer" if message == 1 else "agent") is None


def test_a_wrong_number_is_forgiven_only_next_to_the_one_message_that_holds_the_words() -> None:
    said = [Said(n, "agent", text) for n, text in enumerate(["马上为您查", "有货的", "马上为您查", "明天发货", "再见"])]
    assert locate("明天发货", 1, said, speaker="agent") == Span(3, 0, 4)
    assert locate("明天发货", 0, said, speaker="agent") is None
    assert locate("马上为您查", 1, said, speaker="agent") is None
    assert locate("马上为您查", 2, said, speaker="agent") == Span(2, 0, 5)


def test_a_span_leads_through_the_masking_to_the_original_words() -> None:
    text = "我电话13800138000,明天上午十点送到"
    [masked] = mask_all([text])
    span = locate("[手机号1],明天上午十点", 0, [Said(0, "customer", masked.text)], speaker="customer")
    assert span is not None
    original = span.in_original(masked)
    assert text[original.start : original.end] == "13800138000,明天上午十点"


@pytest.mark.parametrize(
    "text", ["\u200b", "\ud800坏", "…", "“”", "[", "第一百条…" * 99, "\n" * 50, "1:", "客服:", "a" * 999]
)
def test_whatever_a_quote_holds_nothing_breaks(text: str) -> None:
    assert locate(text, 2, SAID, speaker="any") is None


def is_right(one: Quoted) -> bool:
    span = locate(one.text, one.number, one.said, speaker=one.speaker)
    return span is not None and span.message == one.number


@pytest.mark.parametrize("kind", SLIPS)
def test_true_quotes_with_a_small_slip_are_located(kind: str) -> None:
    # One wrong character may make another word, which is no slip to a reader either: two of a hundred do.
    count, least = (240, 0.96) if kind in ("wrong character", "typing error", "missing character") else (80, 1)
    right = sum(map(is_right, slipped(kind, count, seed=20)))
    assert right >= count * least


def test_of_true_quotes_with_all_kinds_of_slips_98_of_100_are_located() -> None:
    quotes = [one for kind in SLIPS for one in slipped(kind, 40, seed=21)]
    assert sum(map(is_right, quotes)) >= 0.98 * len(quotes)


@pytest.mark.parametrize("kind", [*ALTERED, "made up", "wrong speaker", "wrong message"])
def test_no_false_quote_is_accepted(kind: str) -> None:
    others = {"made up": made_up, "wrong speaker": wrong_speaker, "wrong message": wrong_message}
    quotes = others[kind](80, 22) if kind in others else altered(kind, 80, 22)
    accepted = [one.text for one in quotes if locate(one.text, one.number, one.said, speaker=one.speaker) is not None]
    assert accepted == []

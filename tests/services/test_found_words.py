"""The words of a search are found in the characters that were written."""

from __future__ import annotations

import pytest

from qaplatform.services.found_words import spans_in


@pytest.mark.parametrize(
    ("text", "query", "words"),
    [
        ("我要退款，快退款", "退款", ["退款", "退款"]),
        ("我要退 款", "退款", ["退 款"]),
        ("我要退款", "退  快", ["退"]),
        ("投诉你们不发货", "投诉 发货", ["投诉", "发货"]),
        ("請退費", "请退费", ["請退費"]),
        ("ＹＴ２０２６到哪了", "yt2026", ["ＹＴ２０２６"]),
        ("单号YT2026101100123", "yt20261", ["YT20261"]),
        ("Refund please, refunds", "refund", ["Refund", "refund"]),
        ("prerefund", "refund", []),
        ("iPhone 15 手机壳", "iphone15 手机", ["手机"]),
        ("iPhone15手机壳", "iphone15手机", ["iPhone15手机"]),
        ("😡退款😡", "退款", ["退款"]),
        ("没有", "退款", []),
        ("什么都行", "！？", []),
        ("", "退款", []),
        ("a.b*c", "a.b*c", ["a.b*c"]),
    ],
)
def test_words_are_found_where_they_stand(text: str, query: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in spans_in(text, query)] == words

"""Words are marked exactly where they stand, however marks lie over each other."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.audit.masking import mask
from qaplatform.web.conversations.marked_text import MOST_MARKS, Mark, marked
from qaplatform.web.conversations.rows import snippet

NUMBER = "扣分点 %s"
TEXTS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("<>&\"'\n\u200d\ufe0f"),
    max_size=60,
)
KINDS = st.sampled_from(["critical", "severe", "major", "minor", "promise", "found", "masked"])


def spoken(markup: str) -> str:
    """The text without numbers and tags."""
    return html.unescape(re.sub(r"<[^>]*>", "", re.sub(r'<a class="spot.*?</a>', "", str(markup))))


def pieces(markup: str) -> list[tuple[str, str]]:
    """What is marked, with its classes."""
    return [
        (html.unescape(words), css)
        for css, words in re.findall(r'<mark class="hit ([^"]*)"[^>]*>(.*?)</mark>', str(markup))
    ]


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("我尽快处理", [Mark(1, 3, "major", 1)], [("尽快", "hit-major")]),
        ("不可能的", [Mark(0, 4, "minor", 1)], [("不可能的", "hit-minor")]),
        # One inside the other, and one across the end of another: the heavier one is drawn.
        ("这是规定我也没办法", [Mark(0, 9, "minor", 1), Mark(2, 4, "critical", 2)],
         [("这是", "hit-minor"), ("规定", "hit-critical"), ("我也没办法", "hit-minor")]),
        ("这是规定我也没办法", [Mark(0, 4, "major", 1), Mark(2, 6, "promise")],
         [("这是", "hit-major"), ("规定", "hit-major"), ("我也", "hit-promise")]),
        # Two of the same place and kind, and one that lies beside another.
        ("尽快", [Mark(0, 2, "major", 1), Mark(0, 2, "major", 2)], [("尽快", "hit-major")]),
        ("尽快稍后", [Mark(0, 2, "major", 1), Mark(2, 4, "major", 2)], [("尽快", "hit-major"), ("稍后", "hit-major")]),
        # Full width, beyond the basic plane, and whole signs where half an emoji was meant.
        ("加我ＷＸ：ａｂ", [Mark(2, 7, "critical", 1)], [("ＷＸ：ａｂ", "hit-critical")]),
        ("𠮷野家退😡款", [Mark(4, 6, "major", 1)], [("😡款", "hit-major")]),
        ("好👨\u200d👩\u200d👧吧", [Mark(2, 3, "major", 1)], [("👨\u200d👩\u200d👧", "hit-major")]),
        ("行👍🏽的", [Mark(1, 2, "major", 1)], [("👍🏽", "hit-major")]),
        # What does not lie in the text is not there.
        ("短", [Mark(0, 5, "major", 1), Mark(1, 1, "major", 2), Mark(-1, 1, "major", 3)], []),
    ],
)  # fmt: skip
def test_marks_stand_at_exactly_their_words(text: str, marks: list[Mark], expected: list[tuple[str, str]]) -> None:
    shown = marked(text, marks, NUMBER)
    assert pieces(shown) == expected
    assert spoken(shown) == text


def test_a_numbered_mark_leads_to_its_finding_and_can_be_led_to() -> None:
    assert str(marked("我尽快处理", [Mark(1, 3, "major", 4, "承诺: 没有“时限”")], NUMBER)) == (
        '我<mark class="hit hit-major" data-numbers="4" title="承诺: 没有“时限”">尽快</mark>'
        '<a class="spot spot-major" id="spot-4" href="#finding-4" aria-label="扣分点 4">4</a>处理'
    )


def test_a_masked_span_under_a_finding_shows_both() -> None:
    masked = mask("加我电话13812345678说")
    start, end = masked.to_masked(2, 9)
    [span] = masked.spans
    shown = marked(
        masked.text, [Mark(start, end, "critical", 1), Mark(span.masked_start, span.masked_end, "masked")], NUMBER
    )
    assert pieces(shown) == [("电话", "hit-critical"), ("[手机号1]", "hit-critical hit-masked")]
    assert "138" not in shown


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&lt;b&gt;", "{{ 7*7 }}"]
)
def test_foreign_markup_is_shown_and_not_obeyed(text: str) -> None:
    shown = str(marked(text, [Mark(0, 3, "major", 1, text)], NUMBER))
    assert spoken(shown) == text
    assert set(re.findall(r"<(/?\w+)", shown)) == {"mark", "/mark", "a", "/a"}


@given(TEXTS, st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70), KINDS, st.booleans()), max_size=8))
def test_whatever_is_marked_the_text_stays_whole_and_the_tags_balanced(
    text: str, spans: list[tuple[int, int, str, bool]]
) -> None:
    marks = [
        Mark(start, end, kind, place if numbered else 0)  # type: ignore[arg-type]
        for place, (start, end, kind, numbered) in enumerate(spans, start=1)
    ]
    shown = str(marked(text, marks, NUMBER))
    plain = re.sub(r'<i class="ctl">U\+([0-9A-F]+)</i>', lambda one: chr(int(one[1], 16)), shown)
    assert spoken(plain) == text
    assert shown.count("<mark ") == shown.count("</mark>")
    assert not re.search(r"<mark [^>]*>[^<]*<mark", shown)
    for one in marks:
        if one.number and 0 <= one.start < one.end <= len(text):
            assert shown.count(f'id="spot-{one.number}"') == 1


def test_marks_beyond_measure_are_left_to_the_scorecard() -> None:
    text = "哦" * 5000
    marks = [Mark(place, place + 40, "major", place + 1) for place in range(4000)]
    begun = time.process_time()
    shown = str(marked(text, marks, NUMBER))
    assert shown.count('class="spot') == MOST_MARKS
    # A page of five hundred such messages must still come: what is quadratic takes minutes here.
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("在吗？我要退款", "退款", "在吗？我要退款"),
        ("很长的开头，" * 20 + "我要退款，快点", "退款", "…的开头，很长的开头，很长的开头，很长的开头，我要退款，快点"),
        ("我的电话13812345678" + "，很长的结尾" * 20, "电话", "我的电话[手机号1]" + "，很长的结尾" * 11 + "，很长的…"),
        ("两\n行", "行", "两 行"),
    ],
)
def test_a_snippet_is_one_line_around_the_words(text: str, words: str, expected: str) -> None:
    masked, place = mask(text), text.find(words)
    shown = snippet(masked, [masked.to_masked(place, place + len(words))])
    assert spoken(shown) == expected
    assert (words, "hit-found") in pieces(shown)


def test_a_snippet_never_cuts_a_placeholder() -> None:
    for length in range(60, 90):
        masked = mask("字" * length + "电话13812345678，字字字")
        shown = spoken(snippet(masked, []))
        assert "[手机号1]" in shown or "[" not in shown

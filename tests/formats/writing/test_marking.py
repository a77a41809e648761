import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qaplatform.formats.writing.plain import visible
from qaplatform.formats.writing.report.marking import MESSAGE_CHARS, Mark, marked

TEXTS = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]) | st.sampled_from("<>&\"'\n"), max_size=60
)


def mark(start, end, number=1):
    return Mark(start, end, number, number % 8, f"tip {number}")


def spoken(markup) -> str:
    without_numbers = re.sub(r"<sup.*?</sup>", "", str(markup))
    return html.unescape(re.sub(r"<[^>]*>", "", without_numbers))


def test_words_are_marked_in_place_with_their_number():
    assert str(marked("我尽快处理", [mark(1, 3)], "case-1-n", "{n}")) == (
        '我<mark class="h1" data-n="1" title="tip 1">尽快</mark><sup class="h1"><a href="#case-1-n-1">1</a></sup>处理'
    )


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "</script>", "<!--", '"><img src=x onerror=alert(1)>', "&lt;", "{{ 7*7 }}"]
)
def test_foreign_markup_is_shown_and_not_obeyed(text):
    shown = str(marked(text, [mark(0, 3)], "a", "{n}"))
    assert spoken(shown) == text
    assert set(re.findall(r"<(/?\w+)", shown)) == {"mark", "/mark", "sup", "/sup", "a", "/a"}


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\x1b", "\u200f"])
def test_invisible_characters_are_named(char):
    assert f"U+{ord(char):04X}" in visible(f"加{char}我")
    assert char not in visible(f"加{char}我")


def test_emoji_sequences_lines_and_spaces_stay():
    text = "👨\u200d👩\u200d👧 好\u00a0的\n再见\u3000"
    assert str(visible(text)) == text


@given(TEXTS, st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6))
def test_whatever_is_marked_the_text_stays_whole_and_the_tags_balanced(text, spans):
    marks = [mark(start, end, number) for number, (start, end) in enumerate(spans, start=1)]
    shown = str(marked(text, marks, "a", "{n}"))
    assert spoken(shown) == text
    assert shown.count("<mark ") == shown.count("</mark>")
    assert not re.search(r"<mark [^>]*>[^<]*<mark", shown)
    for one in marks:
        if 0 <= one.start < one.end <= len(text):
            assert f'href="#a-{one.number}"' in shown


def test_a_long_message_is_cut_around_its_marks():
    text = "前" * 5_000 + "没办法" + "后" * 5_000
    shown = spoken(marked(text, [mark(5_000, 5_003)], "a", "({n} left out)"))
    assert "没办法" in shown
    assert len(shown) < MESSAGE_CHARS + 60
    left_out = int(re.search(r"\((\S+) left out\)", shown)[1].replace(",", ""))
    assert left_out == len(text) - sum(shown.count(char) for char in "前后没办法")


def test_marks_without_end_do_not_make_a_message_endless():
    text = "啊" * 100_000
    marks = [mark(place, place + 50_000, place // 1_000 + 1) for place in range(0, 50_000, 1_000)]
    assert len(spoken(marked(text, marks, "a", "({n})"))) < MESSAGE_CHARS + 200

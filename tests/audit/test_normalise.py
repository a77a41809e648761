"""Folding: what becomes of characters, and that every folded span leads back to the characters it came from."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qaplatform.audit.normalise import View, fold, fold_table, fold_tight, plain_view, sound_view, sounds, tight_view

_SLY = (
    "\u200b\ufeff\u3000\ud800\udfff\n\r\u2028\x00①㈱㍻ﬁ½ＡａＺ０發後臺裏著髮ßİ\ue001\uf8ff"
    "É\u0301ﾊﾟ。,，！…「」👍\U0001f3fd👨\u200d👩\ufe0f\u20e3𠮷"
)
_CHARACTERS = st.one_of(
    st.sampled_from(_SLY),
    st.sampled_from("不可能没办法退货物流abcXYZ019 ,.!?"),
    st.characters(exclude_categories=()),
)
_TEXTS = st.lists(st.text(_CHARACTERS, max_size=12), max_size=6)


def sound(text: str) -> str:
    """One text in the sound view."""
    return sounds([text])[0]


def _views(texts: list[str]) -> list[tuple[str, View]]:
    plain = plain_view(texts)
    tight = tight_view(texts)
    return [("plain", plain), ("tight", tight), ("sound", sound_view(tight))]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("繁體發貨", "繁体发货"),
        ("這是規定", "这是规定"),
        ("好的。！？；：", "好的.!?;:"),
        ("“引”‘号’「框」《书》", '"引"\'号\'"框""书"'),
        ("不\u200b可\ufeff能", "不可能"),
        ("一\u3000二\xa0三\t四", "一 二 三 四"),
        ("①㈱㍻", "1(株)平成"),
        ("ﬁ½", "fi1⁄2"),
        ("上\n下\r\n左\u2028右", "上;下;;左;右"),
        ("e\u0301", "e"),
        ("a\ud800b\udfffc", "abc"),
        ("a\x00\x07b", "ab"),
        ("", ""),
        ("\u200b", ""),
        ("👍好", "👍好"),
        ("👨\u200d👩", "👨👩"),
        ("𠮷", "𠮷"),
    ],
)
def test_a_text_folds_to(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("written", "tight"),
    [
        ("没 有,办*法!", "没有办法"),
        ("没👍办🏽法", "没办法"),
        ("V X:１２３", "vx123"),
        ("……", ""),
        ("没\n办法", "没办法"),
        ("㈱", "株"),
    ],
)
def test_the_tight_view_keeps_letters_and_digits_only(written: str, tight: str) -> None:
    assert fold_tight(written) == tight


@pytest.mark.parametrize(
    ("one", "other"), [("微信", "威信"), ("没办法", "煤伴发"), ("支付宝", "知府保"), ("繁體", "凡体")]
)
def test_words_that_sound_alike_have_one_sound(one: str, other: str) -> None:
    assert sound(one) == sound(other)


def test_different_syllables_have_different_sounds() -> None:
    assert len({sound(char) for char in "不可能没办法"}) == 6


def test_a_private_character_is_never_taken_for_a_sound() -> None:
    heard = sound("没办法")
    assert fold_tight(heard) == ""


def test_no_message_is_an_empty_view() -> None:
    for _, view in _views([]):
        assert view.utf8 == b""
        assert view.byte_ends.size == view.char_ends.size == 0


@given(_TEXTS)
@example([""])
@example(["\n", "", "a\nb"])
@example(["\ud83d", "\ude00"])
@example(["㈱", "①㍻①"])
def test_every_message_keeps_its_own_text_in_a_block(texts: list[str]) -> None:
    alone = {"plain": fold, "tight": fold_tight, "sound": sound}
    for name, view in _views(texts):
        assert view.byte_ends.size == view.char_ends.size == len(texts), name
        assert [view.text_of(number) for number in range(len(texts))] == [alone[name](text) for text in texts], name
        assert view.place.size == view.codes.size


@given(_TEXTS, st.data())
@example(["㈱会社", "x①"], None)
def test_a_folded_span_leads_back_to_characters_whose_fold_holds_it(
    texts: list[str], data: st.DataObject | None
) -> None:
    """Exact, but where a bound cuts a form of several characters: then the whole form is given."""
    alone = {"plain": fold, "tight": fold_tight, "sound": sound}
    for name, view in _views(texts):
        for number, text in enumerate(texts):
            folded = view.text_of(number)
            if not folded:
                continue
            start = data.draw(st.integers(0, len(folded) - 1)) if data else 0
            end = data.draw(st.integers(start + 1, len(folded))) if data else len(folded)
            first, last = view.original(number, start, end)
            assert 0 <= first < last <= len(text)
            back = alone[name](text[first:last])
            assert folded[start:end] in back, (name, text, folded)
            if not any(_is_form(char) for char in text):
                assert back == folded[start:end], (name, text, folded)
                assert alone[name](text[first]), "a span does not begin with a dropped character"
                assert alone[name](text[last - 1]), "a span does not end with a dropped character"


@given(st.text(_CHARACTERS, max_size=30))
def test_all_of_a_text_leads_back_to_all_that_was_not_dropped(text: str) -> None:
    view = plain_view([text])
    places = view.place[:-1].tolist()
    assert places == sorted(places)
    assert [fold(text[place]) for place in dict.fromkeys(places)] == [fold(char) for char in text if fold(char)]


@given(st.text(_CHARACTERS, max_size=30))
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    """But 薴: its simplified form 苧 is also the traditional form of another character, 苎."""
    text = text.replace("薴", "")
    assert fold(fold(text)) == fold(text)
    assert fold_tight(fold_tight(text)) == fold_tight(text)


def test_no_character_folds_to_a_separator_or_to_upper_case() -> None:
    table = fold_table()
    assert not (table.fold == 10).any()
    for code in [*range(0x300), *range(0xFF00, 0xFFF0), *range(0x4E00, 0x5000)]:
        folded = fold(chr(code))
        assert folded == folded.lower()
        assert not any(unicodedata.category(char) in ("Cf", "Cc", "Cs") for char in folded)


def test_forms_of_several_characters_hold_no_separator_and_nothing_dropped() -> None:
    table = fold_table()
    assert table.many
    for code, pieces in table.many.items():
        assert pieces.size > 1, hex(code)
        assert not np.isin(pieces, (0, 10)).any(), hex(code)


def _is_form(char: str) -> bool:
    return ord(char) in fold_table().many

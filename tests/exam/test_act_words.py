"""Words for what the reader of replies, the live rubric and the marking can tell."""

from __future__ import annotations

from typing import get_args

import pytest

from qaplatform.exam.act_names import ABOUTS, ACTS
from qaplatform.exam.act_words import act_words, gaming_word, sign_word, wanted_words
from qaplatform.exam.gaming import Kind
from qaplatform.exam.scenario import Sign


def test_whatever_can_be_told_has_words_in_both_languages() -> None:
    words = act_words()
    for kind, known in (
        (words.acts, ACTS),
        (words.abouts, ABOUTS),
        (words.signs, get_args(Sign)),
        (words.gaming, get_args(Kind)),
    ):
        assert set(kind) == set(known)
        for said in (words.with_time, *kind.values()):
            assert said.zh
            assert said.en
            assert said.en.isascii()


@pytest.mark.parametrize(
    ("acts", "abouts", "due", "zh", "en"),
    [
        (("soothes", "apologises"), (), False, "安抚 / 致歉", "soothes / apologises"),
        (("asks",), ("photo", "reason"), False, "询问 · 照片 / 原因", "asks for · picture / reason"),
        (("promises",), ("refund",), True, "承诺 · 退款，并说明时间", "promises · refund, with a time"),
        (("later",), (), False, "later", "later"),
    ],
)
def test_what_is_to_be_done_is_said_in_words(
    acts: tuple[str, ...], abouts: tuple[str, ...], due: bool, zh: str, en: str
) -> None:
    assert wanted_words(acts, abouts, "zh", due=due) == zh
    assert wanted_words(acts, abouts, "en", due=due) == en


def test_signs_and_gaming_are_said_in_words() -> None:
    assert (sign_word("banned", "zh"), sign_word("banned", "en")) == ("服务禁语", "banned words")
    assert (gaming_word("stuffed", "zh"), gaming_word("stuffed", "en")) == ("堆砌关键词", "heaps of key words")

"""Acts, what they are about, signs and gaming in words, and an answer with its findings in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from qaplatform.audit.context import Context
from qaplatform.audit.finding import Finding
from qaplatform.exam import act_names
from qaplatform.exam.act_words import about_word, act_word, gaming_word, sign_word, wanted_words
from qaplatform.exam.scenario import Sign
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training.drill_examples import Example
from qaplatform.services.training.drill_shown import Shown
from qaplatform.training.drill_judging import FoundIn, Judged
from qaplatform.training.drills import Must, Situation
from qaplatform.web.conversations.vocabulary import rubrics_known
from qaplatform.web.i18n import LazyText, LazyWord, language, lazy

ACTS: Mapping[str, LazyText] = {one: LazyWord(act_word, one) for one in act_names.ACTS}
ABOUTS: Mapping[str, LazyText] = {
    one: LazyWord(about_word, one) for one in (*act_names.REMEDIES, *act_names.ASKED, *act_names.PROMISED)
}
SIGNS: Mapping[str, LazyText] = {one: LazyWord(sign_word, one) for one in get_args(Sign)}
STATES: Mapping[str, LazyText] = {
    "open": lazy("未作答"),
    "passed": lazy("通过"),
    "failed": lazy("未通过"),
    "unread": lazy("没读懂，不计"),
    "gone": lazy("已清除"),
}
ORIGINS: Mapping[str, LazyText] = {
    "shipped": lazy("练习库"),
    "finding": lazy("真实会话的扣分点"),
    "exam": lazy("模拟考核的扣分点"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as it is shown beside the answer."""

    number: int
    title: str
    sentence: str
    policy: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of the answer; ``number``: of the finding that stands in it."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an answer."""

    musts: Sequence[tuple[str, bool]]
    signs: Sequence[str]
    gaming: Sequence[str]
    acts: Sequence[str]
    marks: Sequence[Mark]
    bits: Sequence[Bit]
    better: str
    policy: str


def must_words(must: Must) -> str:
    """What has to be done."""
    return must.in_language(language())


def result_of(shown: Shown) -> Result | None:
    """What came of an answer, in words; ``None`` where it was not judged, or its chat is gone."""
    if shown.judged is None or shown.situation is None:
        return None
    return _result(shown.situation, shown.text, shown.judged)


def result_of_example(example: Example) -> Result:
    """What comes of an example of a drill, in words."""
    return _result(example.situation, example.text, example.judged)


def _result(situation: Situation, text: str, judged: Judged) -> Result:
    wording = Wording(rubrics_known()[0], Context(), language())
    return Result(
        musts=[(must_words(one), met) for one, met in zip(situation.must, judged.met, strict=False)],
        signs=[sign_word(one, language()) for one in judged.signs],
        gaming=[gaming_word(one, language()) for one in judged.gaming],
        acts=_acts(judged),
        marks=[_mark(n, one, text, wording) for n, one in enumerate(judged.findings, start=1)],
        bits=_bits(text, judged.findings),
        better=wording.better(situation.criterion),
        policy=wording.policy(situation.criterion),
    )


def _acts(judged: Judged) -> list[str]:
    found = (wanted_words((one.act,), (one.about,) if one.about else (), language(), due=False) for one in judged.acts)
    return list(dict.fromkeys(found))


def _mark(number: int, one: FoundIn, text: str, wording: Wording) -> Mark:
    finding = Finding(0, one.start, one.end, text[one.start : one.end], one.code, one.facts)
    return Mark(
        number, wording.title(one.criterion), wording.sentence(one.criterion, finding), wording.policy(one.criterion),
        one.counts,
    )  # fmt: skip


def _bits(text: str, findings: Sequence[FoundIn]) -> list[Bit]:
    """The answer in pieces; what points at all of it marks nothing."""
    bits, done = [], 0
    numbered = sorted((one.start, one.end, n) for n, one in enumerate(findings, start=1))
    for start, end, number in numbered:
        if start < done or end <= start or (start, end) == (0, len(text)):
            continue
        bits += [Bit(text[done:start]), Bit(text[start:end], number)]
        done = end
    return [one for one in (*bits, Bit(text[done:])) if one.text]

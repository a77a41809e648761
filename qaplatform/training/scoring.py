"""An answer → points from 0 to 1, with what was right, wrong and missed.

Partial credit, so that guessing gains nothing on average:

* single, true_false, *better*: 1 or 0.
* multiple: (right chosen − wrong chosen) / right there are, never below 0. All chosen is no way to points.
* order: Kendall's τ of the order given (pairs the right way round minus pairs the wrong way round, over all pairs), never below 0.
* fill_in: the share of blanks that hold something accepted. Width, case, traditional characters and blanks don't matter.
* short_answer: 1 where every required point is said. Otherwise, and wherever a point is said behind a negation or the answer is
  little more than the points' own words, a person decides: there are no points, and the parts say what was found.
* *mark*: (faults found − marks that hit none) / faults, never below 0. A mark finds a fault where it lies in the fault's message,
  covers at least half of its characters, and is at most twice as long or of 20 characters: marking whole messages finds little.
* *score*: as multiple, with the criteria that fail as what is right. The difference to the rubric's score is shown and costs nothing.

What was left empty is missed, not wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Literal

import msgspec

from qaplatform.audit.normalise import fold, fold_tight
from qaplatform.training.chat_keys import ChatKey, KeySpan, written_key
from qaplatform.training.questions import (
    AnyQuestion,
    FillIn,
    JudgeChat,
    MultipleChoice,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    Verdict,
)

State = Literal["right", "wrong", "missed"]
PersonReason = Literal["points_missing", "negated", "only_keywords", "no_points"]
_DENIAL = re.compile(
    r"(?:(?<![要差])不(?!起|好意|仅|但|过|管|光|多|一会)|没(?!问题|事|关系)|(?<!淹)未(?!来)|(?<![特分个告区])别|勿|无需|无须|禁止"
    r"|\b(?:never|not|without)\b|n't)[^,.;:!?]{0,2}$"
)
"""What denies the words that follow; 特别, 对不起, 没问题 and their like don't."""
_LONGEST_MARK_CHARS = 20
"""A mark may be this long however short the fault is: about one clause."""
_KEYWORDS_RATIO = 0.7
"""An answer of which the points' words make up more than this is a list of keywords."""


class Chosen(msgspec.Struct, frozen=True, tag="chosen"):
    """Ids of options: for single, multiple and the task *better*."""

    options: tuple[str, ...] = ()


class Said(msgspec.Struct, frozen=True, tag="said"):
    """True or false; ``None`` where nothing was said."""

    value: bool | None = None


class Ordered(msgspec.Struct, frozen=True, tag="ordered"):
    """Ids of steps in the order given."""

    steps: tuple[str, ...] = ()


class Filled(msgspec.Struct, frozen=True, tag="filled"):
    """What was written into the blanks, in their order."""

    blanks: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True, tag="written"):
    """A free answer."""

    text: str = ""


class Mark(msgspec.Struct, frozen=True, order=True):
    """Marked characters of a message, half open."""

    message: int
    start: int
    end: int


class Marked(msgspec.Struct, frozen=True, tag="marked"):
    """Marked words of a dialogue."""

    marks: tuple[Mark, ...] = ()


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """A dialogue judged: criteria, and a score from 0 to 100 where one was given."""

    verdicts: Mapping[str, Verdict] = {}
    score: float | None = None


Answer = Chosen | Said | Ordered | Filled | Written | Marked | Judged


class Part(msgspec.Struct, frozen=True):
    """One piece of an answer: an option, step, blank (its number), point (its number), fault or criterion."""

    what: str
    state: State
    given: str = ""
    wanted: str = ""


class Result(msgspec.Struct, frozen=True):
    """Points from 0 to 1; ``None`` where a person must decide, for the reason in ``for_a_person``."""

    points: float | None
    parts: tuple[Part, ...] = ()
    for_a_person: PersonReason | None = None
    score_difference: float | None = None
    """The candidate's score minus the rubric's (task *score*)."""


class WrongAnswerKindError(TypeError):
    """This answer is not of the kind its question asks for."""


def score(question: AnyQuestion, answer: Answer, key: ChatKey | None = None) -> Result:
    """The points of an answer.

    Args:
        question: what was asked.
        answer: of the kind that belongs to it.
        key: for a dialogue, what the rubric in force finds (:func:`qaplatform.training.chat_keys.live_key`); the key
            written in the question without it.

    Raises:
        WrongAnswerKindError: the answer belongs to another kind of question.
    """
    result: Result | None = None
    match question, answer:
        case (SingleChoice() | JudgeChat(task="better"), Chosen()):
            result = _choice(question.answer, answer.options)
            result = msgspec.structs.replace(result, points=float(answer.options == question.answer))
        case MultipleChoice(), Chosen():
            result = _choice(question.answer, answer.options)
        case TrueFalse(), Said():
            result = _said(question, answer)
        case Ordering(), Ordered():
            result = _ordered(question, answer)
        case FillIn(), Filled():
            result = _filled(question, answer)
        case ShortAnswer(), Written():
            result = _written(question, answer)
        case JudgeChat(task="mark"), Marked():
            result = _marked(question, answer, key or written_key(question))
        case JudgeChat(task="score"), Judged():
            result = _judged(answer, key or written_key(question))
    if result is None:
        raise WrongAnswerKindError(f"a question of type {question.kind} takes no {type(answer).__name__}")
    return result


def _choice(right: Sequence[str], chosen: Sequence[str]) -> Result:
    taken = tuple(dict.fromkeys(chosen))
    parts = [Part(one, "right" if one in right else "wrong") for one in taken]
    parts += [Part(one, "missed") for one in right if one not in taken]
    return Result(_net(parts, len(right)), tuple(parts))


def _net(parts: Sequence[Part], total: int) -> float:
    states = [one.state for one in parts]
    if not total:
        return float("wrong" not in states)
    return max(0.0, (states.count("right") - states.count("wrong")) / total)


def _said(question: TrueFalse, answer: Said) -> Result:
    wanted = str(question.answer).lower()
    if answer.value is None:
        return Result(0.0, (Part("answer", "missed", "", wanted),))
    is_right = answer.value == question.answer
    return Result(
        float(is_right), (Part("answer", "right" if is_right else "wrong", str(answer.value).lower(), wanted),)
    )


def _ordered(question: Ordering, answer: Ordered) -> Result:
    wanted = [one.id for one in question.steps]
    given = [one for one in dict.fromkeys(answer.steps) if one in wanted]
    parts = tuple(
        Part(str(place), "right" if got == want else "wrong" if got else "missed", got, want)
        for place, (want, got) in enumerate(zip(wanted, [*given, *[""] * len(wanted)], strict=False), start=1)
    )
    pairs = len(wanted) * (len(wanted) - 1) // 2
    ways = [1 if wanted.index(one) < wanted.index(other) else -1 for one, other in combinations(given, 2)]
    return Result(max(0.0, sum(ways) / pairs), parts)


def _loose(text: str) -> str:
    """A blank's content without what does not matter: width, case, script, blanks, quotes around, a stop at the end."""
    return re.sub(r"\s+", "", fold(text)).strip("\"'“”‘’「」.。,!")


def _filled(question: FillIn, answer: Filled) -> Result:
    parts = []
    given = [*answer.blanks, *[""] * len(question.blanks)]
    for number, (accepted, text) in enumerate(zip(question.blanks, given, strict=False), start=1):
        state: State = "missed"
        if _loose(text):
            state = "right" if _loose(text) in map(_loose, accepted) else "wrong"
        parts.append(Part(str(number), state, text.strip(), accepted[0]))
    return Result(sum(one.state == "right" for one in parts) / len(parts), tuple(parts))


def _written(question: ShortAnswer, answer: Written) -> Result:
    text = fold(answer.text)
    wanted = [(str(number), point) for number, point in enumerate(question.points, start=1)]
    if not text.strip():
        return Result(0.0, tuple(Part(number, "missed", "", point.title.zh) for number, point in wanted))
    if not question.points:
        return Result(None, (), "no_points")
    parts: list[Part] = []
    said: list[str] = []
    found_count, negated = 0, False
    for number, point in wanted:
        found = [phrase for phrase in point.phrases if fold(phrase) in text]
        free = [phrase for phrase in found if _is_affirmed(text, fold(phrase))]
        negated = negated or (bool(found) and not free)
        said += free
        found_count += bool(free)
        parts.append(Part(number, "right" if free else "missed", free[0] if free else "", point.title.zh))
    reason: PersonReason | None = None
    if found_count < len(wanted):
        reason = "negated" if negated else "points_missing"
    elif _share_of(said, fold_tight(answer.text)) > _KEYWORDS_RATIO:
        reason = "only_keywords"
    return Result(None if reason else 1.0, tuple(parts), reason)


def _share_of(phrases: Sequence[str], text: str) -> float:
    """The share of a text's characters that phrases make up; both without blanks and punctuation."""
    covered = {
        place
        for phrase in map(fold_tight, phrases)
        for match in re.finditer(re.escape(phrase), text)
        for place in range(*match.span())
    }
    return len(covered) / max(1, len(text))


def _is_affirmed(text: str, phrase: str) -> bool:
    """Whether the phrase stands anywhere without a negation right before it."""
    return any(not _DENIAL.search(text[: match.start()]) for match in re.finditer(re.escape(phrase), text))


def _finds(mark: Mark, span: KeySpan) -> bool:
    length = span.end - span.start
    shared = min(mark.end, span.end) - max(mark.start, span.start)
    return (
        mark.message == span.message
        and shared * 2 >= length
        and mark.end - mark.start <= max(2 * length, _LONGEST_MARK_CHARS)
    )


def _marked(question: JudgeChat, answer: Marked, key: ChatKey) -> Result:
    texts = [one.text for one in question.conversation.messages]
    parts, spare = [], list(dict.fromkeys(answer.marks))
    for span in key.spans:
        mark = next((one for one in spare if _finds(one, span)), None)
        if mark is not None:
            spare.remove(mark)
        parts.append(
            Part(
                span.criterion,
                "right" if mark else "missed",
                _words(texts, mark),
                texts[span.message][span.start : span.end],
            )
        )
    # A second mark on a fault that was found already is neither right nor wrong.
    wrong = [one for one in spare if not any(_finds(one, span) for span in key.spans)]
    parts += [Part("mark", "wrong", _words(texts, one)) for one in wrong]
    return Result(_net(parts, len(key.spans)), tuple(parts))


def _words(texts: Sequence[str], mark: Mark | None) -> str:
    return texts[mark.message][max(0, mark.start) : mark.end] if mark and 0 <= mark.message < len(texts) else ""


def _judged(answer: Judged, key: ChatKey) -> Result:
    parts = []
    for criterion, wanted in key.verdicts.items():
        given = answer.verdicts.get(criterion)
        state: State = "missed" if given is None else "right" if given == wanted else "wrong"
        parts.append(Part(criterion, state, given or "", wanted))
    failing = [one for one in parts if one.wanted == "fail"]
    hits = sum(one.state == "right" for one in failing)
    false = sum(one.state == "wrong" for one in parts if one.wanted == "pass")
    unsaid = sum(one.state == "missed" for one in parts)
    net = max(0.0, (hits - false) / len(failing)) if failing else float(not false and not unsaid)
    difference = None if answer.score is None or key.score is None else round(answer.score - key.score, 1)
    return Result(net, tuple(parts), None, difference)

"""Grades and rulings → pairs of verdicts: what a person's ruling says to the question that a model was asked.

- A person who passes the criterion gave the question's good verdict, one who fails it the other; ``not_applicable`` is
  itself. ``not_the_agent`` is the verdict that is not good: whoever says whose fault it was does not say that nothing was
  wrong, and that is how the figures of checks count it (``services/checks.py``). The model was asked what was said in the
  chat, and not whom to blame.
- A ruling that leaves the criterion unscored answers nothing, and so does one under a rubric whose criterion of that name
  asks something else.
- Compared are verdicts on the same revision of a conversation. Of the model the newest counts, of the people the newest
  ruling, blind ones and others apart: a conversation gives at most one pair of each.
- A ruling is blind where the review was, or where no model had said anything on the criterion yet.
- A double review are the newest rulings of two people on one revision.
- Sureness, for the curve: the share of the quotes that were found in the chat, times the share of the chat's parts that
  were read. Both are counted by the program; what models say of their own sureness is not asked. A verdict without any
  quote has none, and comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import cast

import msgspec

from qaplatform.audit.graded import Verdict
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.trust import DoubleReview, Pair, PersonVerdict
from qaplatform.store.trust import GradeOf, RuledOn

_OTHER: dict[str, PersonVerdict] = {"yes": "no", "no": "yes"}
_MOST_KNOWN = 10_000
_goods: dict[tuple[str, str, str], PersonVerdict | None] = {}
"""Good verdicts by rubric's hash, criterion and prompt: an old version takes a second to load, and never changes."""


class RuledVerdict(msgspec.Struct, frozen=True):
    """What a person's ruling says to the question."""

    conversation_id: int
    revision: int
    user_id: int
    verdict: PersonVerdict
    was_blind: bool
    decided_at: datetime


def verdicts_of(
    rulings: Iterable[RuledOn], criterion: str, prompt: str, rubric_of: Callable[[RuledOn], Rubric | None]
) -> list[RuledVerdict]:
    """The rulings on a question, in the order they come in."""
    found = []
    for one in rulings:
        key = (one.rubric_hash, criterion, prompt)
        if key not in _goods:
            if len(_goods) >= _MOST_KNOWN:
                _goods.clear()
            _goods[key] = _good(rubric_of(one), criterion, prompt)
        good = _goods.get(key)
        said = None if good is None else _said(one.kind, one.to_outcome, good)
        if said is not None:
            found.append(
                RuledVerdict(one.conversation_id, one.revision, one.user_id, said, one.was_blind, one.decided_at)
            )
    return found


def _good(rubric: Rubric | None, criterion: str, prompt: str) -> PersonVerdict | None:
    """The good verdict of a rubric's question; ``None`` where it asks something else, or cannot be read any more."""
    for one in rubric.criteria if rubric else ():
        if one.id == criterion and one.question is not None and one.question.prompt == prompt:
            return cast("PersonVerdict", one.question.good)
    return None


def _said(kind: str, to_outcome: str, good: PersonVerdict) -> PersonVerdict | None:
    if kind == "not_the_agent":
        return _OTHER[good]
    known: dict[str, PersonVerdict] = {"pass": good, "fail": _OTHER[good], "not_applicable": "not_applicable"}
    return known.get(to_outcome)


class PairOf(msgspec.Struct, frozen=True):
    """A pair, with the grade it is made of."""

    grade: GradeOf
    ruled: RuledVerdict
    is_blind: bool


def pairs_of(
    grades: Iterable[GradeOf], rulings: Sequence[RuledVerdict], first_graded: dict[int, datetime]
) -> list[PairOf]:
    """Pairs by conversation; both grades and rulings come the newest first."""
    by_state: dict[tuple[int, int], dict[bool, RuledVerdict]] = {}
    for one in rulings:
        first = first_graded.get(one.conversation_id)
        is_blind = one.was_blind or first is None or first > one.decided_at
        by_state.setdefault((one.conversation_id, one.revision), {}).setdefault(is_blind, one)
    found: dict[int, list[PairOf]] = {}
    for grade in grades:
        ruled = by_state.get((grade.conversation_id, grade.revision))
        if ruled and grade.conversation_id not in found:
            found[grade.conversation_id] = [PairOf(grade, one, is_blind) for is_blind, one in ruled.items()]
    return [pair for some in found.values() for pair in some]


def as_pairs(pairs: Iterable[PairOf], week_of: Callable[[datetime], str]) -> list[Pair]:
    """Pairs as the statistics take them."""
    return [
        Pair(
            grader=cast("Verdict", one.grade.verdict), person=one.ruled.verdict, conversation=one.grade.conversation_id,
            week=week_of(one.grade.created_at), is_blind=one.is_blind, confidence=sureness(one.grade),
        )
        for one in pairs
    ]  # fmt: skip


def doubles_of(rulings: Iterable[RuledVerdict]) -> list[DoubleReview]:
    """Two people's verdicts on one revision of a conversation: of each the newest, of more people the newest two."""
    by_state: dict[tuple[int, int], dict[int, PersonVerdict]] = {}
    for one in rulings:
        by_state.setdefault((one.conversation_id, one.revision), {}).setdefault(one.user_id, one.verdict)
    doubles = []
    for (conversation, _revision), said in by_state.items():
        if len(said) > 1:
            first, second, *_others = said.values()
            doubles.append(DoubleReview(first, second, conversation))
    return doubles


def sureness(grade: GradeOf) -> float | None:
    """How well a verdict is founded, 0–1; ``None`` where it quoted nothing."""
    quotes = grade.quote_count + grade.dropped_count
    if not quotes or not grade.part_count:
        return None
    return round(grade.quote_count / quotes * grade.parts_read / grade.part_count, 4)

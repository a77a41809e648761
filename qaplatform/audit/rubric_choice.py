"""Which rubric scores a conversation: the most specific that applies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Applies, ConversationFacts, Rubric
from qaplatform.audit.saying import say

_SINGLE = ("channel", "queue")
_MANY = ("topic", "tags")


def specificity(applies: Applies) -> int:
    """How many conditions are stated (0–4)."""
    return sum(bool(getattr(applies, name)) for name in (*_SINGLE, *_MANY))


def applies_to(applies: Applies, facts: ConversationFacts) -> bool:
    """Whether every stated condition is met."""
    return all(
        not getattr(applies, name) or getattr(facts, name) in getattr(applies, name) for name in _SINGLE
    ) and all(
        not getattr(applies, name) or set(getattr(applies, name)).intersection(getattr(facts, name)) for name in _MANY
    )


def select_rubric(rubrics: Iterable[Rubric], facts: ConversationFacts) -> Rubric | None:
    """The most specific rubric that applies, ``None`` where none does.

    Ties are lint errors (:func:`lint_set`); should one get here, the first by id and version wins, so that the
    same conversation always meets the same rubric.
    """
    fitting = [rubric for rubric in rubrics if applies_to(rubric.applies, facts)]
    return min(fitting, key=lambda one: (-specificity(one.applies), one.id, one.version), default=None)


def _can_meet(one: Applies, other: Applies) -> bool:
    """Whether some conversation meets both (a conversation has one channel and queue, but many tags)."""
    return all(
        not getattr(one, name) or not getattr(other, name) or set(getattr(one, name)).intersection(getattr(other, name))
        for name in _SINGLE
    )


def lint_set(rubrics: Sequence[Rubric]) -> tuple[Problem, ...]:
    """Ids used twice, and pairs between which no conversation could be decided; placed at the later rubric."""
    problems: list[Problem] = []
    for first, second in combinations(rubrics, 2):
        mark = second.mark
        if first.id == second.id:
            message = say("rubric id {id!r} is also used by {path}", id=second.id, path=first.mark.path)
        elif specificity(first.applies) == specificity(second.applies) and _can_meet(first.applies, second.applies):
            message = say(
                "tie: {second!r} and {first!r} can apply to the same conversation and are equally specific",
                second=second.id,
                first=first.id,
            )
        else:
            continue
        problems.append(Problem(mark.path, mark.line, mark.column, message))
    return tuple(problems)

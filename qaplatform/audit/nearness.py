"""How hits of phrase groups stand to each other in one message: near, in one clause, taken back by a refusal.

A frame such as 加…微信 made into one pattern of all verbs and all names grows beyond what can be compiled; so verbs and
names are groups of their own, and this says whether they belong together. Characters are those of the original text.
"""

from __future__ import annotations

from collections.abc import Iterable

from qaplatform.audit.matching import Hit

_MARKS = frozenset(",.!?;\n，。！？；…")


def same_clause(text: str, start: int, end: int) -> bool:
    """Whether no clause ends in ``start:end``."""
    return not any(char in _MARKS for char in text[start:end])


def beside(text: str, before: Iterable[Hit], hit: Hit, most_chars: int) -> bool:
    """Whether one of ``before`` ends at most so many characters before the hit, in its clause, or runs into it."""
    return any(
        one.start < hit.start
        and one.end >= hit.start - most_chars
        and (one.end >= hit.start or same_clause(text, one.end, hit.start))
        for one in before
    )


def denied(text: str, hit: Hit, refusals: Iterable[Hit], before_chars: int, after_chars: int) -> bool:
    """Whether a refusal stands at most so many characters before or after the hit, with no clause or space between."""
    for one in refusals:
        ahead = one.start <= hit.start
        first, last = (one.end, hit.start) if ahead else (hit.end, one.start)
        near = last - first <= (before_chars if ahead else after_chars)
        if near and same_clause(text, first, last) and " " not in text[first:last]:
            return True
    return False


def clause_has(text: str, hit: Hit, others: Iterable[Hit]) -> bool:
    """Whether one of the others stands in the hit's clause or overlaps it."""
    return any(same_clause(text, min(one.end, hit.end), max(one.start, hit.start)) for one in others)

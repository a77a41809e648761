"""Where the words of a search stand in messages, in the characters that were written.

The search index says which conversations hold them (``store/search.py``); this says where, for the reader's eye. Both look
at folded text: 退款 is found in 退 款 and in full width as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from qaplatform.audit.normalise import Joined, fold
from qaplatform.store.search import MOST_QUERY_CHARS

_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_MOST_HITS = 50


class FoundWords(msgspec.Struct, frozen=True):
    """A message that holds some of the words, and where (characters of the message, half open)."""

    message: int
    """Its place among those that were looked at."""
    spans: tuple[tuple[int, int], ...]


@lru_cache(maxsize=64)
def _patterns(query: str) -> tuple[re.Pattern[str], ...]:
    """One pattern a part of the query (parts are told by spaces)."""
    out = []
    for part in query[:MOST_QUERY_CHARS].split():
        runs = _RUNS.findall(fold(part).lower())
        if runs:
            out.append(re.compile(r"[\W_]*".join(map(_pattern_of, runs))))
    return tuple(out)


def _pattern_of(run: str) -> str:
    if "\u3400" <= run[0] <= "\ufaff":
        return r"[^\S\n]*".join(map(re.escape, run))
    return r"(?<![^\W_\u3400-\u9fff\uf900-\ufaff])" + re.escape(run)


def spans_in(text: str, query: str) -> tuple[tuple[int, int], ...]:
    """Where the parts of a query stand in one text."""
    best = best_of([text], query)
    return best.spans if best else ()


def best_of(texts: Sequence[str], query: str) -> FoundWords | None:
    """The first message that holds most parts of a query; ``None`` where none holds any."""
    patterns = _patterns(query)
    if not patterns or not texts:
        return None
    joined = Joined.of(texts)
    best, most = None, 0
    for place in range(len(texts)):
        folded = joined.plain.text_of(place).lower()
        hits = [[match.span() for match in pattern.finditer(folded)] for pattern in patterns]
        count = sum(bool(one) for one in hits)
        if count > most:
            best, most = FoundWords(place, _spans(joined, place, hits)), count
            if count == len(patterns):
                break
    return best


def _spans(joined: Joined, place: int, hits: Sequence[Sequence[tuple[int, int]]]) -> tuple[tuple[int, int], ...]:
    found = sorted({joined.original(place, start, end) for one in hits for start, end in one if end > start})
    return tuple(found[:_MOST_HITS])

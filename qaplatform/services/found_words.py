"""Where the words of a search stand in messages, in the characters that were written.

The search index says which conversations hold them (``store/search.py``); this says where, for the reader's eye. Both look
at folded text: 退款 is found in 退 款 and in full width as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

from qaplatform.audit.normalise import Joined, fold
from qaplatform.store.search import MOST_QUERY_CHARS

_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_MOST_HITS = 50


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
    """Where the parts of a query stand in a text (characters of it, half open), in order."""
    patterns = _patterns(query)
    if not patterns or not text:
        return ()
    joined = Joined.of([text])
    folded = joined.plain.text_of(0).lower()
    found = {match.span() for pattern in patterns for match in pattern.finditer(folded) if match.end() > match.start()}
    return tuple(sorted({joined.original(0, start, end) for start, end in found})[:_MOST_HITS])

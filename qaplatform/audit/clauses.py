"""Where the clause around some words of an original text begins and ends.

Chat clauses end at punctuation and at emoji, and at a space after a closing particle (好的呢 我帮您看), which
many agents write instead of a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

_ENDS = re.compile(
    r"[,\uff0c;\uff1b!\uff01?\uff1f\u3002\n~\uff5e\u2026]|\.(?!\d)|#[eE]-s|(?<=[呢哦哈的了啦呀哟吧噢嘛]) |(?<=[呢哦哈啦])(?=[\[如我您这那亲请到])"
)  # fmt: skip
_SENTENCE_ENDS = re.compile(r"[!\uff01?\uff1f\u3002\n]|\.(?!\d)|#[eE]-s|(?<=[呢哦哈的了啦呀哟吧噢嘛]) ")
_TAG_REACH_CHARS = 6


class Words(Protocol):
    """Characters ``start:end`` of a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around ``start:end``, its closing mark included."""
    low = 0
    for mark in _ENDS.finditer(text, 0, start):
        low = mark.end()
    after = _ENDS.search(text, end)
    return low, after.end() if after else len(text)


def same_sentence(text: str, start: int, end: int) -> bool:
    """Whether no sentence ends between two characters."""
    return _SENTENCE_ENDS.search(text, start, end) is None


def voided(
    text: str, hit: Words, before: Iterable[Words], after: Iterable[Words], reach_chars: int, tags: bool = True
) -> bool:
    """Whether words of ``before`` stand in or before a hit, or words of ``after`` in or after it, in its clause.

    They must begin or end at most ``reach_chars`` away. With ``tags`` a question tag behind the clause (…,可以吗)
    belongs to it.
    """
    low, high = clause(text, hit.start, hit.end)
    low, stop = max(low, hit.start - reach_chars), min(high, hit.end + reach_chars)
    if any(low < word.end and word.start < hit.end for word in before):
        return True
    return any(
        hit.start < word.end and (word.start < stop or tags and high <= word.start < high + _TAG_REACH_CHARS) for word in after
    )

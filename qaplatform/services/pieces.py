"""An input cut into pieces, each of which is stored in one transaction; the same input always gives the same pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qaplatform.audit.conversation import Conversation
from qaplatform.formats.report import Block
from qaplatform.services.problems import problems_in
from qaplatform.store.imports import Problem

MOST_CONVERSATIONS = 800
MOST_MESSAGES = 10_000
"""A transaction is to last a part of a second: on SQLite nobody else writes meanwhile."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some conversations with the lines they begin on, the problems to keep with them, and how far the input is read."""

    conversations: Sequence[Conversation]
    lines: Sequence[int]
    problems: Sequence[Problem]
    read_bytes: int
    is_last: bool = False
    """It has no conversations, and whatever problems were left."""


def pieces(blocks: Iterable[Block], name: str, most: int = MOST_CONVERSATIONS) -> Iterator[Piece]:
    """The pieces of an input, of so many conversations at most; the last one ends it.

    What is wrong with a block comes with the first of its conversations, or with the next one's of those that have any.
    """
    left: list[Problem] = []
    read = 0
    for block in blocks:
        left += problems_in(block, name)
        count = len(block.conversations)
        for begin, end in _cuts(block.conversations, most):
            so_far = read + block.raw_bytes * end // count
            yield Piece(block.conversations[begin:end], block.lines[begin:end], left, so_far)
            left = []
        read += block.raw_bytes
    yield Piece((), (), left, read, is_last=True)


def without_stored(every: Iterable[Piece], position: int) -> Iterator[Piece]:
    """The pieces behind the first ``position`` conversations, which are stored with all that came with them."""
    seen = 0
    for one in every:
        count = len(one.conversations)
        stored = min(count, max(0, position - seen))
        seen += count
        if one.is_last or not stored:
            yield one
        elif stored < count:
            # Another release may have cut the input in other places.
            yield replace(one, conversations=one.conversations[stored:], lines=one.lines[stored:], problems=())


def _cuts(conversations: Sequence[Conversation], most: int) -> Iterator[tuple[int, int]]:
    begin = messages = 0
    for place, one in enumerate(conversations):
        messages += len(one.messages)
        if place + 1 - begin >= most or messages >= MOST_MESSAGES:
            yield begin, place + 1
            begin, messages = place + 1, 0
    if begin < len(conversations):
        yield begin, len(conversations)

"""Clauses of chat text, and which phrase groups end where in them: whole columns at once.

Chat clauses end at punctuation, at emoji, and where a closing particle is followed by a space or a new subject
(好的呢 我帮您看), which many agents write instead of a comma. A sentence frame is judged by what else
stands in its clause: :class:`Clauses` has the ends of all hits of some groups in some messages, so that this
is a binary search and no second look at the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch
from qaplatform.audit.found import Found
from qaplatform.audit.normalise import View

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_SIZE = 0x10000


def _table(characters: str) -> Bools:
    table = np.zeros(_SIZE, np.bool_)
    table[[ord(char) for char in characters]] = True
    return table


_MARK = _table(",.!?;~\n")
_STOP = _table(".!?\n")
_PARTICLE = _table("呢哦哈的了啦呀哟吧噢嘛")
_SOFT_PARTICLE = _table("呢哦哈啦")
_OPENER = _table("[如我您这那亲请到")
_SUBJECT = _table("您你请亲")
_DIGIT = _table("0123456789")


@dataclass(frozen=True)
class Ends:
    """Hits of one group: the folded character each ends with (index into the view's codes), sorted."""

    last: Ints

    def any_between(self, low: Ints, high: Ints) -> Bools:
        """For each pair of bounds whether a hit ends in ``low`` ≤ end ≤ ``high``."""
        return np.searchsorted(self.last, low, "left") < np.searchsorted(self.last, high, "right")


class Clauses:
    """Some messages of the shop, folded, cut into clauses, with the ends of all phrase hits."""

    def __init__(self, batch: Batch, rows: Ints, groups: tuple[str, ...]) -> None:
        """Fold the messages of ``rows`` (all of the shop's side) for a look at ``groups``."""
        self._looked: Found = batch.shop_part(rows, groups)
        self.rows = rows
        self.texts = self._looked.texts
        self.view: View = self._looked.plain

    def message(self, char: int) -> int:
        """The local message a character belongs to."""
        return int(np.searchsorted(self.view.char_ends, char))

    def messages(self, chars: Ints) -> tuple[Ints, Ints]:
        """For each character the first and last one of its message."""
        ends = self.view.char_ends
        index = np.searchsorted(ends, chars)
        return np.where(index > 0, ends[np.maximum(index - 1, 0)] + 1, 0), ends[index]

    def latin(self, chars: Ints) -> Bools:
        """For each character whether most letters of its message are those of English."""
        codes = self.view.codes
        letter = ((codes >= ord("a")) & (codes <= ord("z"))).astype(np.int64)
        balance = np.concatenate([[0], np.cumsum(letter - (codes >= 0x3000))])
        first, mark = self.messages(chars)
        latin: Bools = balance[mark] > balance[first]
        return latin

    def begin(self, message: int) -> int:
        """The first character of a local message."""
        return int(self.view.char_ends[message - 1]) + 1 if message else 0

    def folded(self, first: int, stop: int) -> str:
        """Folded characters ``first:stop``."""
        return self.view.codes[first:stop].tobytes().decode("utf-32-le")

    def original(self, message: int, first: int, stop: int) -> tuple[int, int]:
        """Folded characters ``first:stop`` of the view as characters of the message's original text."""
        begin = self.begin(message)
        return self.view.original(message, first - begin, stop - begin)

    @cached_property
    def _boundaries(self) -> tuple[Bools, Bools]:
        """For each character whether a clause, and a sentence, ends with it."""
        codes = np.minimum(self.view.codes, _SIZE - 1)
        following = np.append(codes[1:], 10)
        digit = _DIGIT[following]
        emoji = (codes == ord("#")) & (following == ord("e"))
        space = _PARTICLE[codes] & (following == ord(" ")) | (codes == ord(" ")) & _SUBJECT[following]
        han = (codes >= 0x4E00) & (codes < 0xA000)
        pause = np.zeros(codes.size, np.bool_)  # 好的 我马上登记: a space instead of a comma
        pause[1:-1] = han[:-2] & (codes[1:-1] == ord(" ")) & han[2:]
        point = (codes == ord(".")) & digit
        sentence = (_STOP[codes] & ~point) | emoji | space
        clause = (_MARK[codes] & ~point) | emoji | space | pause | (_SOFT_PARTICLE[codes] & _OPENER[following])
        return clause, sentence

    @cached_property
    def _clause_ends(self) -> Ints:
        return np.flatnonzero(self._boundaries[0])

    @cached_property
    def _sentence_ends(self) -> Ints:
        return np.flatnonzero(self._boundaries[1])

    def bounds(self, chars: Ints) -> tuple[Ints, Ints]:
        """For each character the first one of its clause and the mark its clause ends with."""
        ends = self._clause_ends
        index = np.searchsorted(ends, chars, "left")
        first = np.where(index > 0, ends[np.maximum(index - 1, 0)] + 1, 0)
        return first, ends[np.minimum(index, ends.size - 1)]

    def same_sentence(self, first: int, last: int) -> bool:
        """Whether no sentence ends from one character up to just before another."""
        low, high = np.searchsorted(self._sentence_ends, (first, last)).tolist()
        return bool(low == high)

    def ends(self, group: str) -> Ends:
        """Where a group's hits end; exempting patterns are not looked at."""
        return Ends(self._looked.ends(group))


def one_of(groups: Sequence[Ends]) -> tuple[Ints, Ints]:
    """All ends of some groups in order, and which group each is of."""
    last = np.concatenate([group.last for group in groups])
    which = np.repeat(np.arange(len(groups)), [group.last.size for group in groups])
    order = np.argsort(last, kind="stable")
    return last[order], which[order]

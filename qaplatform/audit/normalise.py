r"""Folding text for looking, with every character's place in what was written.

Two views of one block of messages are made, both joined by ``\\n`` and encoded as UTF-8:

``plain``
    half width, lower case, simplified characters, punctuation reduced to one ASCII mark of its
    kind, invisible characters gone, a line break inside a message turned into ``;``. Patterns run here.
``tight``
    the plain view's letters and digits only: spaces, punctuation and emoji between the characters of
    a phrase do not hide it. Literal phrases run here.

Normalised text is for looking only: :meth:`View.original` leads every hit back to the original.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

SEPARATOR = 10
_MANY = 0xFFFFFFFF


@dataclass(frozen=True)
class FoldTable:
    """``fold[code]`` is the folded code point (0 drops it); ``letter[code]`` says it stays in the tight view."""

    fold: NDArray[np.uint32]
    letter: NDArray[np.bool_]
    many: dict[int, NDArray[np.uint32]]
    tight: NDArray[np.uint32]
    """Like ``fold``, but 0 for what is no letter."""


def _load(name: str) -> dict[str, NDArray[np.generic]]:
    with resources.files("qaplatform.audit").joinpath("tables", name).open("rb") as file, np.load(file) as data:
        return {key: data[key] for key in data.files}


@lru_cache(maxsize=1)
def fold_table() -> FoldTable:
    """The shipped folding table (made by ``scripts/build_fold_tables.py``)."""
    data = _load("fold.npz")
    fold = np.arange(0x110000, dtype=np.uint32)
    fold[data["codes"]] = data["targets"]
    fold[data["many_codes"]] = _MANY
    letter = np.zeros(0x110000, np.bool_)
    for first, last in data["letters"].T.tolist():
        letter[first:last] = True
    texts = str(data["many_text"]).split("\n")
    many = {
        int(code): np.frombuffer(text.encode("utf-32-le"), np.uint32)
        for code, text in zip(data["many_codes"].tolist(), texts, strict=True)
    }
    tight = np.where(letter[np.minimum(fold, 0x10FFFF)], fold, 0)
    lettered = [code for code, piece in many.items() if letter[piece].any()]
    tight[lettered] = _MANY
    return FoldTable(fold, letter, many, tight.astype(np.uint32))


@lru_cache(maxsize=1)
def sound_table() -> tuple[NDArray[np.uint16], int]:
    """Character → toneless syllable number + 1 (0: no Chinese character), and how many syllables there are."""
    data = _load("sound.npz")
    table = np.zeros(0x10000, np.uint16)
    table[data["codes"]] = data["syllable"].astype(np.uint16) + 1
    return table, str(data["names"]).count("\n") + 1


@dataclass(frozen=True)
class View:
    """Folded code points of a block of messages, message after message, each closed by a separator."""

    codes: NDArray[np.uint32]
    place: NDArray[np.int32]
    """For each folded character, its index in the block's original joined text."""
    origin: NDArray[np.int64]
    """For each message, where its original text begins in the joined text."""

    @cached_property
    def utf8(self) -> bytes:
        """The view as UTF-8, for scanning."""
        return self.codes.tobytes().decode("utf-32-le").encode()

    @cached_property
    def byte_ends(self) -> NDArray[np.int64]:
        """For each message, the byte at which its separator stands."""
        return np.flatnonzero(np.frombuffer(self.utf8, np.uint8) == SEPARATOR)

    @cached_property
    def char_ends(self) -> NDArray[np.int64]:
        """For each message, the folded character at which its separator stands."""
        return np.flatnonzero(self.codes == SEPARATOR)

    @cached_property
    def byte_bounds(self) -> list[int]:
        """Where each message begins in ``utf8``, and where the next one would."""
        return [0, *(self.byte_ends + 1).tolist()]

    @cached_property
    def _char_begins(self) -> list[int]:
        return [0, *(self.char_ends + 1).tolist()]

    @cached_property
    def _places(self) -> memoryview[int]:
        return memoryview(self.place)  # type: ignore[arg-type]

    def take(self, messages: NDArray[np.int64]) -> View:
        """The view of some of the messages (ascending)."""
        ends = self.char_ends[messages] + 1
        begins = np.where(messages > 0, self.char_ends[messages - 1] + 1, 0)
        sizes = ends - begins
        chars = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes) + np.arange(int(sizes.sum()))
        return View(self.codes[chars], self.place[chars], self.origin[messages])

    def bytes_of(self, message: int) -> bytes:
        """One message's folded text."""
        bounds = self.byte_bounds
        return self.utf8[bounds[message] : bounds[message + 1] - 1]

    def text_of(self, message: int) -> str:
        """One message's folded text."""
        return self.bytes_of(message).decode()

    @property
    def texts(self) -> list[str]:
        """Every message's folded text: in one go, for small messages many times as fast as one after the other."""
        return self.utf8.decode().split(chr(SEPARATOR))[:-1]

    def original(self, message: int, start: int, end: int) -> tuple[int, int]:
        """Characters ``start:end`` of a message's folded text → the same words in its original text."""
        base, origin, places = self._char_begins[message], int(self.origin[message]), self._places
        return places[base + start] - origin, places[base + end - 1] - origin + 1


def _expanded(
    folded: NDArray[np.uint32], place: NDArray[np.int32], original: NDArray[np.uint32], table: FoldTable
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Put the several characters of each compatibility form where the marker stands."""
    marked = np.flatnonzero(folded == _MANY)
    pieces = [table.many[int(original[index])] for index in marked.tolist()]
    sizes = np.ones(folded.size, np.int64)
    sizes[marked] = [piece.size for piece in pieces]
    target = np.cumsum(sizes) - sizes
    out = np.repeat(folded, sizes)
    for begin, piece in zip(target[marked].tolist(), pieces, strict=True):
        out[begin : begin + piece.size] = piece
    return out, np.repeat(place, sizes)


@dataclass(frozen=True)
class Joined:
    """A block of messages as written, one code point after the other, each message closed by a separator."""

    codes: NDArray[np.uint32]
    ends: NDArray[np.int64]
    """For each message, where its separator stands."""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Joined:
        """Join the messages."""
        text = "\n".join(texts) + "\n" if texts else ""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        ends = np.flatnonzero(codes == SEPARATOR)
        if ends.size != len(texts):  # A message has line ends of its own.
            ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1) - 1
        return cls(codes, ends)

    @cached_property
    def origin(self) -> NDArray[np.int64]:
        """For each message, where it begins."""
        origin = np.zeros(self.ends.size, np.int64)
        origin[1:] = self.ends[:-1] + 1
        return origin

    @cached_property
    def plain(self) -> View:
        """Folded (see the module)."""
        table = fold_table()
        folded = table.fold.take(self.codes)
        folded[self.ends] = SEPARATOR
        place = np.arange(folded.size, dtype=np.int32)
        if (folded == _MANY).any():
            folded, place = _expanded(folded, place, self.codes, table)
        kept = folded != 0
        if not kept.all():
            folded, place = folded[kept], place[kept]
        return View(folded, place, self.origin)

    @property
    def utf8(self) -> bytes:
        """The plain view as UTF-8, for scanning."""
        return self.plain.utf8

    @property
    def byte_ends(self) -> NDArray[np.int64]:
        """For each message, the byte of the plain view at which its separator stands."""
        return self.plain.byte_ends

    def bytes_of(self, message: int) -> bytes:
        """One message's folded text."""
        return self.plain.bytes_of(message)

    def original(self, message: int, start: int, end: int) -> tuple[int, int]:
        """See :meth:`View.original`, of the plain view."""
        return self.plain.original(message, start, end)

    def part(self, messages: NDArray[np.int64]) -> Part:
        """Some of the messages (ascending)."""
        return Part(self, messages)

    @cached_property
    def tight(self) -> View:
        """The letters and digits of the plain view."""
        table = fold_table()
        folded = table.tight.take(self.codes)
        folded[self.ends] = SEPARATOR
        if (folded == _MANY).any():
            plain = self.plain
            kept = np.flatnonzero(table.letter[plain.codes] | (plain.codes == SEPARATOR))
            return View(plain.codes[kept], plain.place[kept], self.origin)
        kept = np.flatnonzero(folded != 0)
        return View(folded.take(kept), kept.astype(np.int32), self.origin)


@dataclass(frozen=True)
class Part:
    """Some of a block's messages (ascending); what is not asked for is not made."""

    whole: Joined
    messages: NDArray[np.int64]

    @cached_property
    def _listed(self) -> list[int]:
        listed: list[int] = self.messages.tolist()
        return listed

    @cached_property
    def origin(self) -> NDArray[np.int64]:
        """For each message, where its original text begins in the block's."""
        return self.whole.origin[self.messages]

    @cached_property
    def plain(self) -> View:
        """Their plain view."""
        return self.whole.plain.take(self.messages)

    @cached_property
    def tight(self) -> View:
        """Their tight view."""
        return self.whole.tight.take(self.messages)

    @cached_property
    def _pieces(self) -> list[bytes]:
        plain = self.whole.plain
        text, bounds = plain.utf8, plain.byte_bounds
        return [text[bounds[message] : bounds[message + 1]] for message in self._listed]

    @cached_property
    def utf8(self) -> bytes:
        """Their plain view as UTF-8, for scanning."""
        return b"".join(self._pieces)

    @cached_property
    def byte_ends(self) -> NDArray[np.int64]:
        """For each message, the byte of the plain view at which its separator stands."""
        return np.fromiter(accumulate(map(len, self._pieces)), np.int64, len(self._pieces)) - 1

    def bytes_of(self, message: int) -> bytes:
        """One message's folded text."""
        return self.whole.plain.bytes_of(self._listed[message])

    def original(self, message: int, start: int, end: int) -> tuple[int, int]:
        """See :meth:`View.original`, of the plain view."""
        return self.whole.plain.original(self._listed[message], start, end)

    def part(self, messages: NDArray[np.int64]) -> Part:
        """Some of these messages (ascending)."""
        return Part(self.whole, self.messages[messages])


def plain_view(texts: Sequence[str]) -> View:
    """Fold a block of messages (see the module)."""
    return Joined.of(texts).plain


def tight_view(texts: Sequence[str]) -> View:
    """Fold a block of messages and keep only letters and digits."""
    return Joined.of(texts).tight


def sound_view(tight: View) -> View:
    """A tight view with each Chinese character replaced by the private code point of its syllable."""
    table, _ = sound_table()
    small = np.where(tight.codes < table.size, tight.codes, 0)
    syllable = table.take(small).astype(np.uint32)
    return View(np.where(syllable > 0, SOUND_BASE + syllable, tight.codes), tight.place, tight.origin)


SOUND_BASE = 0xE000
"""Private-use code point before the first syllable's."""


def fold(text: str) -> str:
    """One text in the plain view."""
    return plain_view([text]).text_of(0)


def fold_tight(text: str) -> str:
    """One text in the tight view."""
    return tight_view([text]).text_of(0)


def folded_tight(texts: Sequence[str]) -> list[str]:
    """Several texts in the tight view, much faster than one by one."""
    return tight_view(texts).texts


def sounds(texts: Sequence[str]) -> list[str]:
    """Several texts in the sound view."""
    return sound_view(tight_view(texts)).texts


def mostly_latin(text: str) -> bool:
    """Whether most letters of a text are those of English; digits of numbers and codes count for nothing."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(char < "\x80" for char in letters) > len(letters)

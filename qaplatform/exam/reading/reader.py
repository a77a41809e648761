"""What a reply does, as the shipped network reads it: each label with how sure it is and where it stands.

The network is multilingual-e5-small (MIT licence) cut to its lower layers and trained on replies invented for it; ``reader/`` has
the replies, the guide by which they were labelled and the training. Source: docs/decisions/0004.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.conversation import Message
from qaplatform.exam.reading.network import Network, network_of
from qaplatform.exam.reading.word_pieces import Placed, WordPieces
from qaplatform.resources import shipped_file

FILE = "reply_reader.npz"
"""Of ``packs/``."""
BEFORE_CHARS = 60
"""So much of what the customer said last is read with a reply, from its end."""
_VERSION = 1


class Reading(msgspec.Struct, frozen=True):
    """A label in characters ``start:end`` of a reply, where most of the evidence for it stands."""

    act: str
    about: str | None
    probability: float
    """0–1."""
    start: int
    end: int


class About(msgspec.Struct, frozen=True):
    """What the file says of itself."""

    version: int
    heads: int
    labels: tuple[tuple[str, str | None], ...]
    unknown: int
    """The number of the piece that stands for what no piece holds."""
    begin: int
    end: int


class ReplyReader:
    """The network with its pieces and labels; make it once and keep it. Threads may share it."""

    def __init__(self, about: About, words: WordPieces, network: Network) -> None:
        self._about = about
        self._words = words
        self._network = network

    @property
    def labels(self) -> tuple[tuple[str, str | None], ...]:
        """All it can tell, as (act, about)."""
        return self._about.labels

    def read(self, text: str, asked: str) -> tuple[Reading, ...]:
        """Every label with its probability, in the order of :attr:`labels`; nothing for a text without pieces.

        Args:
            text: The candidate's message.
            asked: What the customer said last (:func:`last_words`).
        """
        own = self._words.cut(text)
        if not own:
            return ()
        first = [self._about.begin, *(piece.number for piece in self._words.cut(asked)), self._about.end]
        own = own[: len(self._network.positions) - len(first) - 1]
        numbers = np.array([*first, *(piece.number for piece in own), self._about.end], np.int64)
        logits, shares = self._network(numbers, len(first))
        probabilities = 1 / (1 + np.exp(-logits.astype(np.float64)))
        places = shares[: len(own)].argmax(axis=0)
        return tuple(
            _reading(label, float(probability), own[place])
            for label, probability, place in zip(self._about.labels, probabilities, places, strict=True)
        )


def _reading(label: tuple[str, str | None], probability: float, place: Placed) -> Reading:
    # Rounded, so that the last bits of a sum, which differ by machine, decide nothing.
    return Reading(*label, round(probability, 4), place.start, place.end)


def last_words(before: Sequence[Message]) -> str:
    """The end of what the customer said since the last reply, or last of all."""
    said: list[str] = []
    for message in reversed(before):
        if message.role == "customer":
            said.append(message.text)
        elif message.role == "agent" and said:
            break
    return " ".join(reversed(said))[-BEFORE_CHARS:]


def reader_of(data: bytes) -> ReplyReader:
    """A reader out of the bytes of its file.

    Raises:
        ValueError: for the file of another version of the program.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays: dict[str, NDArray[np.generic]] = dict(file)
    about = msgspec.convert(json.loads(arrays["about"].tobytes()), About)
    if about.version != _VERSION:
        raise ValueError(f"packs/{FILE} has version {about.version}; this program reads version {_VERSION}")
    texts = arrays["piece_texts"].tobytes().decode("utf-8").split("\n")
    numbers = {text: number for number, text in enumerate(texts) if text}
    scores = {text: float(score) for text, score in zip(texts, arrays["piece_scores"], strict=True) if text}
    words = WordPieces(numbers, scores, about.unknown)
    return ReplyReader(about, words, network_of(arrays, about.heads))


@lru_cache(maxsize=4096)
def read_reply(text: str, asked: str) -> tuple[Reading, ...]:
    """A reply as the shipped reader reads it; the same reply is computed once."""
    return shipped_reader().read(text, asked)


@lru_cache(maxsize=1)
def shipped_reader() -> ReplyReader:
    """The reader that ships with the program."""
    return reader_of(shipped_file("packs", FILE).read_bytes())

"""What does a candidate's reply do: greet, soothe, ask for a photo, offer an exchange, promise by when?

Why: the scripted customer answers to what was done, and the scenario's goals are acts. Source: D25, D3–D9.

A small network that ships (:mod:`qaplatform.exam.reading`) says of each act how likely it is in the reply and where it stands.
What the live rubric sees beside it, :mod:`qaplatform.exam.hearing` adds. Whether a promise names a time is for the network
*and* for the words of time to say. Nothing is guessed: an act that may be there and may not is doubtful, for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan, prod
from typing import Literal

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Message
from qaplatform.audit.deadlines import deadlines
from qaplatform.audit.normalise import fold
from qaplatform.exam.act_names import ABOUTS, ACTS, DUE, Act
from qaplatform.exam.gaming import suspicions
from qaplatform.exam.pieces import Piece, pieces
from qaplatform.exam.reading.reader import Reading, last_words, read_reply

__all__ = ["ABOUTS", "ACTS", "Act", "Said", "recognise"]

_THERE = 0.5
"""From this probability on an act is read in a reply."""
_DOUBTFUL = (0.25, 0.75)
"""Between these it is for a person to say whether it is there, if that matters."""
_FAMILY = 0.6
"""From this probability on one of an act's subjects is read, the likeliest, though each alone is in doubt."""
_FAMILIES: tuple[Act, ...] = ("asks", "offers", "refuses", "promises")
_OFFENCES: frozenset[str] = frozenset({"rebuffs", "asks_off_platform", "asks_for_review"})
"""What is held against a candidate only where it is beyond doubt."""
_SECONDS = 1_750_000_000.0
"""Some moment, so that words of time can be resolved; which one does not matter."""
Doubt = Literal["likely", "unlikely"]


class Said(msgspec.Struct, frozen=True, order=True):
    """One thing a reply does, in characters ``start:end`` of what was written."""

    act: Act
    about: str | None
    """What is asked for, offered, refused or promised; one of :data:`ABOUTS`."""
    due: bool
    """Whether a promise names a time that can be resolved to a moment."""
    start: int
    end: int
    doubt: Doubt | None = None
    """Whether it may not be there (``likely``), or is not taken to be there though it may (``unlikely``)."""

    @property
    def counts(self) -> bool:
        """Whether it is taken to be there."""
        return self.doubt != "unlikely"


def recognise(text: str, before: Sequence[Message], *, references: Sequence[str] = ()) -> tuple[Said, ...]:
    """What a reply does, in the order it is written; each act about the same thing once, doubtful ones among them.

    A reply that is written for the marking does nothing: whoever gets an empty tuple asks
    :func:`qaplatform.exam.gaming.suspicions` with the same arguments why, and keeps the signs for the mentor.

    Args:
        text: The candidate's message.
        before: The conversation so far.
        references: Texts the candidate may have seen and must not paste (good dialogues, the scenario).
    """
    parts = pieces(text)
    if not parts or suspicions(text, before, references):
        return ()
    readings = read_reply(text, last_words(before))
    return tuple(
        sorted(_read(readings, text, parts), key=lambda one: (one.start, one.end, ACTS.index(one.act), one.about or ""))
    )


def _read(readings: Sequence[Reading], text: str, parts: Sequence[Piece]) -> Iterator[Said]:
    """What the network reads, each act in the piece of the reply where it stands."""
    is_timed = any(not isnan(one.due) for one in deadlines(fold(text), _SECONDS, Context()))
    timed = {one.about for one in readings if is_timed and one.act == DUE and one.probability >= _THERE}
    least, most = _DOUBTFUL
    likeliest = set(_likeliest_of_families(readings))
    for one in readings:
        if one.act == DUE or (one.probability <= least and one not in likeliest):
            continue
        doubt: Doubt | None = None
        if one.probability < most:
            taken = one in likeliest or (one.probability >= _THERE and one.act not in _OFFENCES)
            doubt = "likely" if taken else "unlikely"
        part = next((part for part in parts if part.start <= one.start < part.end), None)
        start, end = (part.start, part.end) if part else (one.start, one.end)
        due = one.act == "promises" and one.about in timed
        yield Said(one.act, one.about, due, start, end, doubt)  # type: ignore[arg-type]


def _likeliest_of_families(readings: Sequence[Reading]) -> Iterator[Reading]:
    """Of an act that is there while what it is about is in doubt, the likeliest."""
    for act in _FAMILIES:
        family = [one for one in readings if one.act == act]
        best = max(family, key=lambda one: one.probability)
        none = prod(1 - one.probability for one in family)
        if best.probability < _THERE and 1 - none >= _FAMILY:
            yield best

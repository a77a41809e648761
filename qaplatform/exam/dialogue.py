"""A mock dialogue as it stands: a frozen state that can be written down, read back and gone on from.

Together with scenario and seed it says everything about the dialogue; there is nothing beside it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from qaplatform.exam.scenario import ActName, Ending


class Line(msgspec.Struct, frozen=True):
    """A message; ``mood`` is the customer's when it was written."""

    by: Literal["customer", "candidate"]
    text: str
    at_seconds: int
    mood: int
    kind: Literal["text", "image"] = "text"


class Done(msgspec.Struct, frozen=True):
    """An act of the candidate: in which line, at which characters of it."""

    act: ActName
    about: str | None
    due: bool
    line: int
    start: int
    end: int


class Seen(msgspec.Struct, frozen=True):
    """A sign that the live rubric's checks gave in a line of the candidate."""

    sign: str
    line: int


class Happening(msgspec.Struct, frozen=True):
    """A step entered, a fact told, a question answered: after which line of the candidate, and when."""

    what: Literal["step", "fact", "answered", "interruption", "reaction"]
    id: str
    line: int
    at_seconds: int


class Open(msgspec.Struct, frozen=True):
    """A question that waits for its answer; ``replies`` of the candidate have passed it by."""

    id: str
    replies: int = 0


class State(msgspec.Struct, frozen=True):
    """The dialogue so far."""

    seed: int
    mood: int
    step: str
    lines: tuple[Line, ...] = ()
    coming: tuple[Line, ...] = ()
    """What the customer is typing: to be sent at its time."""
    unheard: tuple[int, ...] = ()
    """Numbers of candidate lines the customer has not reacted to."""
    reads_at_seconds: int = 0
    acts: tuple[Done, ...] = ()
    signs: tuple[Seen, ...] = ()
    happened: tuple[Happening, ...] = ()
    open: tuple[Open, ...] = ()
    unread: tuple[int, ...] = ()
    """Candidate lines the recogniser could not read: for the mentor, never for the score."""
    doubts: tuple[Done, ...] = ()
    """Acts that may or may not be there; the likelier ones stand among ``acts`` as well."""
    moods: tuple[tuple[int, int], ...] = ()
    """(seconds, mood) whenever it changed."""
    used: tuple[tuple[str, int], ...] = ()
    """How often each kind of line was said."""
    events: tuple[tuple[str, int], ...] = ()
    """How often each thing that moves a mood was met."""
    replies: int = 0
    """Turns of the candidate that were heard."""
    settled_replies: int = 0
    nudges: int = 0
    patient: bool = False
    """The candidate's last words asked for patience or promised something."""
    ending: Ending | None = None
    """How it will end once what is coming was said."""
    ended: Ending | None = None
    ended_at_seconds: int | None = None

    def has(self, what: str, id: str) -> bool:
        """Whether it happened."""
        return any(one.what == what and one.id == id for one in self.happened)

    def times(self, event: str) -> int:
        """How often something that moves a mood was met."""
        return dict(self.events).get(event, 0)

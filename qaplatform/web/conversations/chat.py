"""A conversation as a chat: lines in order, with day breaks, waits against their limits, marks, and what was observed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from markupsafe import Markup

from qaplatform.audit.finding import Observations
from qaplatform.audit.masking import Masked
from qaplatform.formats.writing.sightings import Sighting, sightings
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.reply_waits import Wait, is_reply
from qaplatform.store.reading_conversations import ReadMessage
from qaplatform.web.conversations.marked_text import Mark, letter_of, marked
from qaplatform.web.conversations.scorecard import Spot

Side = Literal["customer", "agent", "auto", "bot", "system", "note", "transfer"]
_LONG_SILENCE_SECONDS = 600
SHOP_SIDE: frozenset[Side] = frozenset({"agent", "auto", "bot"})
BETWEEN: frozenset[Side] = frozenset({"system", "note", "transfer"})
_MOST_CHIPS = 6
# Sources that know only text write [图片] and the like for what was no text.
_STAND_IN = re.compile(r"\s*[\[【][^\[\]【】\n]{1,12}[\]】]\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A message as it is shown; what stands before it (a day, a silence) belongs to it."""

    number: int
    side: Side
    kind: str
    who: str
    is_turn: bool
    """The first of several that one side wrote: it stands a little apart."""
    is_introduced: bool
    """Somebody else than before writes on this side: it says who that is."""
    at: datetime | None
    day: date | None
    silence_seconds: float | None
    wait: Wait | None
    text: Markup
    is_stand_in: bool
    """It stands for a picture, a card or the like."""
    spots: tuple[Spot, ...]
    """Findings on the whole of it."""
    chips: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class ModelMarks:
    """Places that answers of a model rest on, by number, and those of words that seem to be written for it."""

    cited: Sequence[tuple[int, int, int, int]] = ()
    """Number, message, start, end, in the text that is shown."""
    signs: Sequence[tuple[int, int, int]] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A conversation's messages with all that is drawn on them."""

    messages: Sequence[ReadMessage]
    masked: Sequence[Masked]
    moments: Sequence[datetime | None]
    spots: Sequence[Spot]
    observations: Observations | None
    waits: Mapping[int, Wait]
    zone: ZoneInfo
    models: ModelMarks = ModelMarks()


@dataclass(frozen=True, slots=True)
class ChatWords:
    """What marks are called, for screen readers and under the mouse; ``%s`` stands for a number or letter."""

    number: str
    promise: str
    cited: str
    sign: str


def lines_of(said: Said, wording: Wording, called: ChatWords) -> Iterator[Line]:
    """The lines of a chat, in order.

    Args:
        said: The messages with what belongs to them.
        wording: The rubric's words in the reader's language.
        called: What marks are called.
    """
    marks, whole = _marks(said, called)
    chips = _by_message(sightings(said.observations, wording)) if said.observations else {}
    before: datetime | None = None
    last: Side | None = None
    known: dict[bool, tuple[Side, str]] = {}
    for message, masked, at in zip(said.messages, said.masked, said.moments, strict=True):
        number, side = message.number, _side(message)
        who = _who(message)
        silence = (at - before).total_seconds() if at and before else None
        day = at.astimezone(said.zone).date() if at else None
        is_new_day = day is not None and (before is None or before.astimezone(said.zone).date() != day)
        of_shop = side in SHOP_SIDE
        yield Line(
            number=number,
            side=side,
            kind=message.kind,
            who=who,
            is_turn=side != last or is_new_day,
            is_introduced=side in BETWEEN or known.get(of_shop) != (side, who),
            at=at,
            day=day if is_new_day else None,
            silence_seconds=silence if silence is not None and silence >= _LONG_SILENCE_SECONDS else None,
            wait=said.waits.get(number),
            text=marked(masked.text, marks.get(number, ()), called.number, called.cited),
            is_stand_in=message.kind in ("image", "card") or _STAND_IN.fullmatch(message.text) is not None,
            spots=tuple(whole.get(number, ())),
            chips=tuple(chips.get(number, ())[:_MOST_CHIPS]),
        )
        before, last = at or before, side
        if side not in BETWEEN:
            known[of_shop] = (side, who)


def _marks(said: Said, called: ChatWords) -> tuple[dict[int, list[Mark]], dict[int, list[Spot]]]:
    """Marks by message, findings before all else; and the findings that concern whole messages."""
    marks: dict[int, list[Mark]] = {}
    whole: dict[int, list[Spot]] = {}
    for spot in said.spots:
        there = len(said.masked[spot.message].text) if 0 <= spot.message < len(said.masked) else 0
        if spot.is_whole or not spot.start < spot.end <= there:
            whole.setdefault(spot.message, []).append(spot)
        else:
            tip = f"{spot.title}: {spot.sentence}"
            marks.setdefault(spot.message, []).append(Mark(spot.start, spot.end, spot.kind, spot.number, tip))
    for promise in said.observations.promises if said.observations else ():
        if 0 <= promise.message < len(said.masked):
            start, end = said.masked[promise.message].to_masked(promise.start, promise.end)
            marks.setdefault(promise.message, []).append(Mark(start, end, "promise", tip=called.promise))
    for number, message, start, end in said.models.cited:
        tip = called.cited % letter_of(number)
        marks.setdefault(message, []).append(Mark(start, end, "cited", number, tip))
    for message, start, end in said.models.signs:
        marks.setdefault(message, []).append(Mark(start, end, "sign", tip=called.sign))
    for number, masked in enumerate(said.masked):
        if masked.spans:
            here = [Mark(one.masked_start, one.masked_end, "masked") for one in masked.spans]
            marks.setdefault(number, []).extend(here)
    return marks, whole


def _by_message(seen: Iterable[Sighting]) -> dict[int, list[Sighting]]:
    out: dict[int, list[Sighting]] = {}
    for one in seen:
        out.setdefault(one.message, []).append(one)
    return out


def _side(message: ReadMessage) -> Side:
    if message.kind == "note":
        return "note"
    if message.kind == "transfer":
        return "transfer"
    match message.role:
        case "customer":
            return "customer"
        case "agent":
            return "agent" if is_reply(message) else "auto"
        case "bot":
            return "bot"
        case _:
            return "system"


def _who(message: ReadMessage) -> str:
    """The person's name, else the account's; empty for customers and machines, whose name the template knows."""
    return (message.agent or message.account or "") if message.role == "agent" else ""

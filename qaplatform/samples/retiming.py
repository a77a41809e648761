"""The same chat on another day, at another hour, answered at another agent's pace.

What the author planted stays: a reply that was in time stays in time (unless the new agent is known to be slow), a
late one stays late, night stays night, a promotion evening one, and a promised hour is met or missed as before.
"""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from qaplatform.audit.conversation import Message
from qaplatform.samples.world import World
from qaplatform.samples.writing_out import at, moment

_PAUSE_SECONDS = 240
"""After a pause of this length the chat goes on at its own time, so that slower replies don't push deadlines."""
_OVERTIME = timedelta(minutes=20)
_HOUR = re.compile(r"(\d{1,2}|十[一二]?|[一二两三四五六七八九])点(半)?")
_HOURS = {
    word: hour
    for hour, word in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), 1)
} | {"两": 2}
_PARTS_OF_DAY = (660, 720, 780, 1080, 1140)
"""Minutes at which 早上, 上午, 中午, 下午, 傍晚 and 晚上 pass into each other."""


def _human(message: Message) -> bool:
    return message.role == "agent" and not message.auto and message.kind != "note"


class Course:
    """A chat as it went: its moments, and the limits that held then, looked up once for however many tries."""

    def __init__(self, messages: Sequence[Message], world: World) -> None:
        self.messages, self.world = messages, world
        self.moments = [moment(message) for message in messages]
        self.limits = [_limit(world, when) for when in self.moments]
        self.seconds = [(when - self.moments[0]).total_seconds() for when in self.moments]
        """Since it began."""
        self.human = [_human(message) for message in messages]

    def at(self, moments: Sequence[datetime]) -> tuple[Message, ...]:
        """The messages at other moments."""
        return tuple(at(message, when) for message, when in zip(self.messages, moments, strict=True))


def retimed(
    chat: Course, shift: timedelta, rng: random.Random, *, paces: Mapping[str, float], slow: bool
) -> list[datetime]:
    """The messages' moments moved by ``shift``; replies of agent X take ``paces[X]`` times as long.

    ``slow``: the agent may miss limits that were kept.
    """
    old, moved = chat.seconds, shift.total_seconds()
    new: list[float] = []
    asked: int | None = None
    for index, message in enumerate(chat.messages):
        when = old[index] + moved
        gap = old[index] - old[index - 1] if index else 0.0
        if index and gap < _PAUSE_SECONDS:
            when = new[-1] + _scaled(chat, index, gap, paces, rng)
        if asked is not None and chat.human[index]:
            waited = old[index] - old[asked]
            limit = chat.limits[asked]
            if limit is not None and not (slow and waited <= limit):
                when = new[asked] + _same_side(when - new[asked], waited, limit, rng)
        if new:
            when = max(when, new[-1] + (1 if gap else 0))
        new.append(when)
        if message.role == "customer":
            asked = index
        elif chat.human[index]:
            asked = None
    return [chat.moments[0] + timedelta(seconds=when) for when in new]


def _scaled(chat: Course, index: int, gap: float, paces: Mapping[str, float], rng: random.Random) -> int:
    """A pause in whole seconds as this person would make it; machines are as quick as ever."""
    message = chat.messages[index]
    if message.role == "customer":
        return max(1, round(gap * rng.lognormvariate(0, 0.22)))
    if not chat.human[index]:
        return round(gap)
    pace = paces.get(message.agent or "", 1.0)
    if chat.messages[index - 1].role != "customer":
        pace **= 0.5
    return max(2, round(gap * pace * rng.lognormvariate(0, 0.16)))


def _limit(world: World, when: datetime) -> float | None:
    return world.context.limit_seconds(when)


def _same_side(now: float, before: float, limit: float, rng: random.Random) -> float:
    """Seconds a customer waits, on the same side of the limit as before."""
    if before <= limit < now:
        return limit - rng.randint(0, 8)
    if now <= limit < before:
        return limit + rng.randint(3, 15)
    return now


def borders(spoken: str) -> tuple[int, ...]:
    """Minutes of the day that no message may cross: the hours people speak of, and where parts of the day meet."""
    found = set(_PARTS_OF_DAY)
    for word, half in _HOUR.findall(spoken):
        hour = _HOURS.get(word) or int(word)
        found |= {hour * 60 + 30 * bool(half), (hour + 12) * 60 + 30 * bool(half)}
    return tuple(sorted(found))


def fits(chat: Course, new: Sequence[datetime], days: int, uncrossed: Sequence[int] = ()) -> bool:
    """Whether a retimed chat lies in the samples' weeks, under the same limits as before, begun in its agents' shifts.

    No message may have crossed one of the minutes ``uncrossed`` (see :func:`borders`).
    """
    world = chat.world
    for was, now in zip(chat.moments, new, strict=True):
        if (now.date() - was.date()).days != days or not world.first_day <= now.date() <= world.last_day:
            return False
        if bisect(uncrossed, was.hour * 60 + was.minute) != bisect(uncrossed, now.hour * 60 + now.minute):
            return False
    if any(limit != _limit(world, now) for limit, now in zip(chat.limits, new, strict=True)):
        return False
    return _in_step(new) and all(on_shift(message, world) for message in openings(chat.at(new)))


def openings(messages: Sequence[Message]) -> list[Message]:
    """The first message of each person on each day; who has begun a case may stay to finish it."""
    first: dict[tuple[str, date], Message] = {}
    for message in messages:
        if _human(message) and message.agent is not None:
            first.setdefault((message.agent, moment(message).date()), message)
    return list(first.values())


def _in_step(times: Sequence[datetime]) -> bool:
    """Whether times never run backwards."""
    return all(first <= second for first, second in pairwise(times))


def on_shift(message: Message, world: World) -> bool:
    """Whether a human message falls in its agent's shift or at most 20 minutes after it; else true."""
    if not _human(message) or message.agent is None:
        return True
    when = moment(message)
    hired = world.context.agents[message.agent].hired_on
    if hired is not None and when.date() < hired:
        return False
    return any(message.agent in (world.context.agents_on_duty(then) or ()) for then in (when, when - _OVERTIME))


def same_kind_of_day(first: date, second: date, world: World) -> bool:
    """Both weekend or both not, and where the first is a promotion day, the second too.

    An ordinary chat may come on a promotion day (:func:`fits` keeps it out of the evening, when limits differ).
    """
    promotion = world.context.promotion_days
    return (first.weekday() > 4) == (second.weekday() > 4) and (first not in promotion or second in promotion)

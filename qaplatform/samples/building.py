"""All written dialogues, and as many seeded variations around them as are wanted."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from qaplatform.audit.conversation import Conversation
from qaplatform.samples.varying import swappable, varied
from qaplatform.samples.world import World, WrittenDialogue
from qaplatform.samples.writing_out import as_written, moment

Unit = tuple[WrittenDialogue, ...]
"""One dialogue, or all dialogues of one case in the order of their days."""

ENGLISH_RATIO = 0.1
_MOST_USES = 5
_HARDLY = 1e-9
"""The share of those who get nothing while others can."""
_MOST_USES_ON_ONE_DAY = 2
_CASE_WEIGHT = 0.25
_DAY_BOUND_WEIGHT = 0.4
_SAME_STORY_WEIGHT = 200
_MOST_OF_A_STORY_A_DAY = 3
"""However few days fit it: a list of a day's conversations in which one story comes again and again is not like life."""
_BORROWED_FAULTY_WEIGHT = 0.8
_BORROWED_GOOD_WEIGHT = 0.5


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """What some people of the world handled in some weeks."""

    agents: Collection[str]
    days: tuple[date, date]
    """First and last."""
    count: int
    first_number: int
    """Of the variations; those of two stretches must not meet, so that ids, customers and orders differ."""
    most_uses: int = _MOST_USES
    """So often a dialogue is varied at most."""
    mistakes: frozenset[str] | None = None
    """The criteria they still miss; ``None``: all they are known for."""
    learnt: frozenset[str] = frozenset()
    """The criteria they were trained in and miss no more."""
    often: Mapping[str, float] = {}
    """Dialogues, by id, that come so many times as gladly as others; 0: never."""
    faulty: float = 1.0
    """How gladly a dialogue with mistakes is taken; 1: as in the samples."""
    hurry: float = 1.0
    """They answer so much faster than they are known for."""
    ordinary: bool = False
    """No day is one of promotion: the demo moves them to days that are none."""


class TooFewError(ValueError):
    """There are not enough written dialogues to vary, or no day and hour fits them."""


def build_samples(
    written: Sequence[WrittenDialogue], world: World, *, seed: int, count: int = 400
) -> list[Conversation]:
    """The written dialogues as they stand and variations of them, ``count`` in all, by the time they begin.

    The same input and seed give the same conversations in every process. At least a tenth is English if any is;
    the agents' shares are those of ``world``. With fewer wanted than are written, all written ones come.

    Raises:
        TooFewError: variations ran out before ``count``.
    """
    units = list(_units(written))
    out = [one for unit in units for one in as_written(unit, world)]
    maker = _Maker(units, world, seed, out)
    english = any(dialogue.language == "en" for dialogue in written)
    while english and len(out) < count and sum(one.language == "en" for one in out) < count * ENGLISH_RATIO:
        maker.add_english(count - len(out))
    while len(out) < count:
        maker.add(count - len(out))
    return sorted(out, key=lambda one: (one.messages[0].sent_at or "", one.id))


def build_stretch(
    written: Sequence[WrittenDialogue], world: World, one: Stretch, *, seed: int, beside: Sequence[Conversation] = ()
) -> list[Conversation]:
    """Variations of Chinese dialogues that some agents have, hardly ever the same story twice a day.

    None says the same as one of ``beside``, or as a written one.

    Raises:
        TooFewError: variations ran out before there were enough.
    """
    habits = {
        id: replace(it, share=1.0, pace=it.pace / one.hurry) if id in one.agents else replace(it, share=_HARDLY)
        for id, it in world.agents.items()
    }
    promotions = frozenset() if one.ordinary else world.context.promotion_days
    context = replace(world.context, promotion_days=promotions)
    there = replace(world, agents=habits, first_day=one.days[0], last_day=one.days[1], context=context)
    units = [unit for unit in _units(written) if unit[0].language != "en" and _is_theirs(unit[0], one)]
    told = [it for unit in units for it in as_written(unit, world)]
    maker = _Maker(
        units,
        there,
        seed,
        list(told),
        first_number=one.first_number,
        most_uses=one.most_uses,
        faulty=one.faulty,
        often=one.often,
        beside=beside,
    )
    while len(maker.made) < one.count:
        maker.add(one.count - len(maker.made))
    return sorted(maker.made, key=lambda it: (it.messages[0].sent_at or "", it.id))


def _is_theirs(first: WrittenDialogue, one: Stretch) -> bool:
    """Whether what goes wrong in a dialogue may still happen to the people of a stretch."""
    may_miss = one.mistakes is None or first.planted <= one.mistakes
    return may_miss and not first.planted & one.learnt and one.often.get(first.id, 1.0) > 0


def _units(written: Sequence[WrittenDialogue]) -> Iterator[Unit]:
    cases: dict[str, list[WrittenDialogue]] = {}
    for dialogue in written:
        if dialogue.case is None:
            yield (dialogue,)
        else:
            cases.setdefault(dialogue.case, []).append(dialogue)
    for dialogues in cases.values():
        yield tuple(sorted(dialogues, key=lambda dialogue: dialogue.day))


def _day(one: Conversation) -> date:
    return moment(one.messages[0]).date()


def _told(one: Conversation) -> tuple[str, ...]:
    """The words of a conversation; no two have the same."""
    return tuple(message.text for message in one.messages)


class _Maker:
    """Adds one variation after the other, each time for the agent who is furthest below their share."""

    def __init__(  # noqa: PLR0913 - what a stretch may ask for
        self,
        units: Sequence[Unit],
        world: World,
        seed: int,
        out: list[Conversation],
        *,
        first_number: int = 1,
        most_uses: int = _MOST_USES,
        faulty: float = 1.0,
        often: Mapping[str, float] = {},
        beside: Sequence[Conversation] = (),
    ) -> None:
        self.made: list[Conversation] = []
        self._first_number, self._most_uses, self._faulty, self._often = first_number, most_uses, faulty, often
        self._units, self._world, self._out = units, world, out
        self._rng = random.Random(f"samples:{seed}")
        self._uses: Counter[str] = Counter()
        self._load: Counter[str] = Counter()
        self._begun: Counter[date] = Counter()
        """How many began on each day."""
        self._told_on: defaultdict[str, Counter[date]] = defaultdict(Counter)
        """How many on each day tell a written dialogue."""
        self._note(out)
        self._note_stories({one.id: one for one in (*out, *beside)}.values())
        self._told = {_told(one) for one in (*out, *beside)}
        self._dead: set[tuple[str, str]] = set()
        self._suits = {(unit[0].id, agent): swappable(unit, world, agent) for unit in units for agent in world.agents}

    def add_english(self, room: int) -> None:
        """One more English variation, of what was varied least, by the agent it was written for."""
        units = [unit for unit in self._units if unit[0].language == "en" and len(unit) <= room]
        for unit in sorted(units, key=lambda unit: (self._uses[unit[0].id], self._rng.random())):
            if self._made(unit, unit[0].agents[0]):
                return
        raise TooFewError(f"no English dialogue can be varied further; {len(self._out)} conversations so far")

    def add(self, room: int) -> None:
        """One more variation, not English, no larger than ``room`` conversations."""
        load = self._load
        for agent in sorted(self._world.agents, key=lambda one: (load[one] / self._world.agents[one].share, one)):
            units = [unit for unit in self._units if self._open(unit, agent, room)]
            while units:
                unit = self._rng.choices(units, [self._weight(unit, agent) for unit in units])[0]
                if self._made(unit, agent):
                    return
                units.remove(unit)
        raise TooFewError(f"no written dialogue can be varied further; {len(self._out)} conversations so far")

    def _made(self, unit: Unit, agent: str) -> bool:
        """Whether a variation that says something new could be made; it is added."""
        made = varied(
            unit, self._world, self._first_number + self._uses[unit[0].id], agent, self._busy(unit), self._rng
        )
        if made is None:
            self._dead.add((unit[0].id, agent))
        if made is None or self._told.intersection(map(_told, made)):
            return False
        self._uses[unit[0].id] += 1
        self._told.update(map(_told, made))
        self._out += made
        self.made += made
        self._note(made)
        self._note_stories(made)
        return True

    def _note(self, some: Sequence[Conversation]) -> None:
        """Note down whose conversations these are, and when they begin."""
        self._load.update(agent for one in some for agent in {m.agent for m in one.messages if m.agent})
        self._begun.update(_day(one) for one in some)

    def _note_stories(self, some: Iterable[Conversation]) -> None:
        for one in some:
            self._told_on[one.meta.get("varies", one.id)][_day(one)] += 1

    def _busy(self, unit: Unit) -> Mapping[date, float]:
        """Conversations that begin on each day; those of the same dialogue weigh heavily, so that they don't meet.

        A day that has told it often enough is infinitely busy.
        """
        busy: dict[date, float] = dict(self._begun)
        for dialogue in unit:
            for day, times in self._told_on[dialogue.id].items():
                same = math.inf if times >= _MOST_OF_A_STORY_A_DAY else times * (_SAME_STORY_WEIGHT - 1)
                busy[day] = busy.get(day, 0) + same
        return busy

    def _open(self, unit: Unit, agent: str, room: int) -> bool:
        key = (unit[0].id, agent)
        most = _MOST_USES_ON_ONE_DAY if self._world.ties.bind("day", unit[0].chat) else self._most_uses
        fresh = unit[0].language != "en" and len(unit) <= room and self._uses[unit[0].id] < most
        return fresh and self._suits[key] and key not in self._dead

    def _weight(self, unit: Unit, agent: str) -> float:
        """Fresh dialogues first; one's own before a colleague's; cases seldom."""
        weight = self._often.get(unit[0].id, 1.0) / (1 + self._uses[unit[0].id]) ** 3
        if len(unit) > 1:
            weight *= _CASE_WEIGHT
        if self._world.ties.bind("day", unit[0].chat):
            weight *= _DAY_BOUND_WEIGHT
        if unit[0].planted:
            weight *= self._faulty
        if agent == unit[0].agents[0]:
            return weight
        if unit[0].planted:
            return weight * _BORROWED_FAULTY_WEIGHT
        return weight * _BORROWED_GOOD_WEIGHT * self._world.agents[agent].skill ** 2

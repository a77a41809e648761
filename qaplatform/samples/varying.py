"""One seeded variation of a written dialogue, or of all dialogues of one case together."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.samples.retiming import Course, borders, fits, retimed, same_kind_of_day
from qaplatform.samples.world import Wording, World, WrittenDialogue
from qaplatform.samples.writing_out import conversation, messages_of, order_in, order_of, renumbered

_SMALL_SHIFT_SECONDS = 100
_HOUR_SHIFT_SECONDS = 50 * 60
_FREE_SHIFT_SECONDS = 150 * 60
_TRIES = 80
_LEARNING_DAYS = 24
_SURGE = 4
_UNRATED_SHARE = 0.12


def varied(
    unit: Sequence[WrittenDialogue],
    world: World,
    number: int,
    agent: str,
    busy: Mapping[date, float],
    rng: random.Random,
) -> tuple[Conversation, ...] | None:
    """Variation ``number`` (from 1) with ``agent`` in the first agent's place; ``None`` where no day and hour fit.

    ``busy`` counts the conversations that begin on a day already; quiet days are preferred, infinitely busy ones full.
    """
    key = f"{unit[0].case or unit[0].id}-v{number}"
    swap = {unit[0].agents[0]: agent}
    chats = _placed(unit, world, number, swap, busy, rng)
    if chats is None:
        return None
    order, known = order_of(unit, world, key), {}
    written = order_in(unit, world)
    if written and order:
        known[written] = order
    retell = renumbered(key, known)
    voice = _voice(unit[0].language, world, rng)
    tier, factor = _tier(unit, world, rng), rng.uniform(0.75, 1.3)
    out = []
    for dialogue, messages in zip(unit, chats, strict=True):
        frame = _reframed(dialogue, tier, factor, rng)
        texts = _reworded(messages, world, dialogue.language, rng)
        signed = [voice(message) for message in _signed(texts, world, swap)]
        final = [msgspec.structs.replace(message, text=retell(message.text)) for message in signed]
        case = f"{dialogue.case}-v{number}" if dialogue.case else None
        made = conversation(frame, world, final, id=f"{dialogue.id}-v{number}", key=key, order=order, case=case)
        out.append(msgspec.structs.replace(made, meta={"varies": dialogue.id}))
    return tuple(out)


def _spoken(unit: Sequence[WrittenDialogue], world: World) -> str:
    """All that is said, without the times of the notation."""
    return "\n".join(message.text for dialogue in unit for message in messages_of(dialogue, world))


def swappable(unit: Sequence[WrittenDialogue], world: World, agent: str) -> bool:
    """Whether another agent could have led this dialogue just so: same team, and known for the faults planted."""
    first = unit[0]
    if agent == first.agents[0]:
        return True
    people = world.context.agents
    return (
        len(unit) == 1
        and len(first.agents) == 1
        and people[agent].team == people[first.agents[0]].team
        and first.planted <= set(world.agents[agent].faults)
        and not world.ties.bind("agent", _spoken(unit, world))
    )


def _placed(
    unit: Sequence[WrittenDialogue],
    world: World,
    number: int,
    swap: dict[str, str],
    busy: Mapping[date, float],
    rng: random.Random,
) -> list[tuple[Message, ...]] | None:
    """The unit's chats on another day and hour that suits them, or ``None``."""
    chats = [
        Course([_served(message, swap) for message in messages_of(dialogue, world, number)], world) for dialogue in unit
    ]
    paces = {new: world.agents[new].pace / world.agents[old].pace for old, new in swap.items()}
    slow = any("response_time" in world.agents[new].faults for new in swap.values())
    spoken = _spoken(unit, world)
    days = _before_they_learnt(_days(unit, world, spoken), unit, world, swap.values())
    quiet = [_room(unit[0].day + timedelta(days=shift), world, busy) for shift in days]
    if not any(quiet):
        return None
    uncrossed, reach = _reach(spoken, world)
    for attempt in range(_TRIES):
        days_on = rng.choices(days, quiet)[0]
        if attempt > _TRIES // 2:
            reach = _SMALL_SHIFT_SECONDS
        made = []
        for chat in chats:
            shift = timedelta(days=days_on, seconds=rng.randint(-reach, reach))
            there = retimed(chat, shift, rng, paces=paces, slow=slow)
            if fits(chat, there, days_on, uncrossed):
                made.append(chat.at(there))
        if len(made) == len(chats):
            return made
    return None


def _reach(spoken: str, world: World) -> tuple[tuple[int, ...], int]:
    """Minutes of the day not to be crossed, and by how many seconds the chat may move within its day."""
    if world.ties.bind("minute", spoken):
        return (), _SMALL_SHIFT_SECONDS
    if world.ties.bind("hour", spoken):
        return borders(spoken), _HOUR_SHIFT_SECONDS
    return (), _FREE_SHIFT_SECONDS


def _days(unit: Sequence[WrittenDialogue], world: World, spoken: str) -> list[int]:
    """By how many days the unit may move."""
    if world.ties.bind("day", spoken):
        return [0]
    step = 7 if world.ties.bind("weekday", spoken) else 1
    touched = [dialogue.day for dialogue in unit]
    first, last = (world.first_day - min(touched)).days, (world.last_day - max(touched)).days
    moved = [days for days in range(first, last + 1) if days % step == 0]
    fitting = [days for days in moved if all(_alike(day, days, world) for day in touched)]
    return fitting or [0]


def _room(day: date, world: World, busy: Mapping[date, float]) -> float:
    """How gladly a day takes one more conversation; promotion days have several times as many."""
    usual = _SURGE if day in world.context.promotion_days else 1
    return (usual / (1 + busy.get(day, 0))) ** 2


def _alike(day: date, days: int, world: World) -> bool:
    return same_kind_of_day(day, day + timedelta(days=days), world)


def _before_they_learnt(
    days: list[int], unit: Sequence[WrittenDialogue], world: World, agents: Iterable[str]
) -> list[int]:
    """New hires make most of their mistakes in their first weeks."""
    hired = [one for one in (world.context.agents[agent].hired_on for agent in agents) if one is not None]
    if not hired or max(hired) < world.first_day or not unit[0].planted:
        return days
    until = max(hired) + timedelta(days=_LEARNING_DAYS)
    return [shift for shift in days if unit[0].day + timedelta(days=shift) <= until] or days


def _served(message: Message, swap: dict[str, str]) -> Message:
    if message.agent is None or message.agent not in swap:
        return message
    return msgspec.structs.replace(message, agent=swap[message.agent])


def _signed(messages: Sequence[Message], world: World, swap: dict[str, str]) -> list[Message]:
    """Everybody calls the new agent by the new agent's names."""
    names: dict[str, str] = {}
    for old, new in swap.items():
        if old != new:
            before, after = world.agents[old], world.agents[new]
            names |= {before.nick: after.nick, before.latin: after.latin}
            names[world.context.agents[old].name or before.nick] = world.context.agents[new].name or after.nick
    if not names:
        return list(messages)
    pattern = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))

    def renamed(message: Message) -> Message:
        return msgspec.structs.replace(message, text=pattern.sub(lambda match: names[match[0]], message.text))

    return [renamed(message) for message in messages]


def _reworded(messages: Sequence[Message], world: World, language: str, rng: random.Random) -> list[Message]:
    """About half of the common lines put another way."""
    usable = [wording for wording in world.wordings if wording.language == language]
    return [
        msgspec.structs.replace(message, text=_put_another_way(message, usable, rng))
        if message.kind == "text" and not message.auto
        else message
        for message in messages
    ]


def _put_another_way(message: Message, wordings: Sequence[Wording], rng: random.Random) -> str:
    text = message.text
    for wording in wordings:
        if wording.role != message.role or rng.random() < 0.5:
            continue
        others = [words for words in wording.words if words != text]
        if wording.whole and len(others) < len(wording.words):
            return rng.choice(others)
        found = next((words for words in sorted(wording.words, key=len, reverse=True) if words in text), None)
        if not wording.whole and found:
            text = text.replace(found, rng.choice([words for words in wording.words if words != found]), 1)
    return text


def _voice(language: str, world: World, rng: random.Random) -> Callable[[Message], Message]:
    """How the customer of this variation types."""
    instead = rng.choice([voice for voice in world.voices if voice.language == language]).instead
    if not instead:
        return lambda message: message
    pattern = re.compile("|".join(map(_as_word, sorted(instead, key=len, reverse=True))))

    def spoken(message: Message) -> Message:
        if message.role != "customer" or message.text.startswith("["):
            return message
        text = pattern.sub(lambda match: instead[match[0]], message.text).strip()
        return msgspec.structs.replace(message, text=text or message.text)

    return spoken


def _as_word(text: str) -> str:
    """A pattern for a text; Latin letters match whole words only."""
    before = r"(?<![A-Za-z])" if re.match("[A-Za-z]", text) else ""
    return before + re.escape(text) + (r"(?![A-Za-z])" if re.search("[A-Za-z]$", text) else "")


def _tier(unit: Sequence[WrittenDialogue], world: World, rng: random.Random) -> str | None:
    """Another customer's tier, unless the chat speaks of it."""
    if world.ties.bind("tier", _spoken(unit, world)):
        return unit[0].customer.tier
    drawn = rng.choices(list(world.tiers), list(world.tiers.values()))[0]
    return None if drawn == "none" else drawn


def _reframed(dialogue: WrittenDialogue, tier: str | None, factor: float, rng: random.Random) -> WrittenDialogue:
    """Another customer with another order, satisfied or not as the first one was; some don't rate."""
    value = dialogue.customer.order_value
    if value and str(round(value)) not in dialogue.chat:
        value = round(value * factor)
    csat = dialogue.csat
    if csat is not None and csat != 3:
        low, high = (1, 2) if csat < 3 else (4, 5)
        csat = csat if rng.random() < 0.65 else low + high - csat
    if rng.random() < _UNRATED_SHARE:
        csat = None
    customer = msgspec.structs.replace(dialogue.customer, tier=tier, order_value=value)
    return msgspec.structs.replace(dialogue, customer=customer, csat=csat)

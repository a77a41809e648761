"""What the samples are made of: dialogues as written, and the invented world they play in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.context_loading import load_context
from qaplatform.audit.problem import Report, SourceError
from qaplatform.audit.saying import say
from qaplatform.audit.yaml_source import compose
from qaplatform.audit.yaml_structs import read_struct
from qaplatform.audit.yaml_values import Values

Outcome = Literal["pass", "fail", "not_applicable"]


class WrittenCustomer(msgspec.Struct, frozen=True):
    """``order_value`` in yuan, or in the customer's currency; ``None`` before anything was ordered."""

    tier: Literal["silver", "gold", "diamond"] | None = None
    order_value: float | None = None


class WrittenDialogue(msgspec.Struct, frozen=True):
    """One dialogue as its author wrote it; ``{slot}`` in ``chat`` stands for the first value of that slot."""

    id: str
    story: str
    """For the reader: what happens, and what it is a test of."""
    shop: str
    queue: Literal["pre_sale", "after_sale"]
    day: date
    agents: tuple[str, ...]
    """Who serves; the first is meant where a line says only ``agent``."""
    customer: WrittenCustomer
    language: Literal["zh", "en"]
    chat: str
    """In the transcript notation; every line has its time."""
    csat: int | None = None
    case: str | None = None
    tags: tuple[str, ...] = ()
    slots: dict[str, tuple[str, ...]] = {}
    """Lists of equal length in one dialogue move together, so that what belongs together stays together."""
    expect: dict[str, Outcome] = {}

    def __post_init__(self) -> None:
        if not self.agents:
            raise ValueError("agents is empty")
        if self.csat is not None and not 1 <= self.csat <= 5:
            raise ValueError(f"csat must be from 1 to 5, not {self.csat}")
        used = set(SLOT.findall(self.chat))
        if used != set(self.slots) or not all(self.slots.values()):
            raise ValueError(f"slots {sorted(self.slots)} and the names used in the chat {sorted(used)} differ")

    @property
    def planted(self) -> frozenset[str]:
        """Criteria the author made fail."""
        return frozenset(name for name, outcome in self.expect.items() if outcome == "fail")

    def text(self, number: int = 0) -> str:
        """The chat with its slots filled; number 0 is the chat as written, the next ones go round the values."""
        return SLOT.sub(lambda match: self.slots[match[1]][number % len(self.slots[match[1]])], self.chat)


SLOT = re.compile(r"\{(\w+)\}")


class Shop(msgspec.Struct, frozen=True):
    """``order_prefix``: the two digits its order numbers begin with."""

    name: str
    source: str
    order_prefix: str
    about: str


class Habits(msgspec.Struct, frozen=True):
    """How an agent works; see ``world.yaml`` for the fields."""

    nick: str
    latin: str
    pace: float
    share: float
    faults: tuple[str, ...] = ()

    @property
    def skill(self) -> float:
        """0–1: how often this agent gets a dialogue in which all goes well."""
        return max(0.1, 1 - len(self.faults) / 10)


class Ties(msgspec.Struct, frozen=True, dict=True):
    """Regular expressions for words that tie a dialogue to its day, weekday, hour, minute, agent or customer tier."""

    day: tuple[str, ...]
    weekday: tuple[str, ...]
    hour: tuple[str, ...]
    minute: tuple[str, ...]
    agent: tuple[str, ...]
    tier: tuple[str, ...]

    @cached_property
    def _compiled(self) -> dict[str, re.Pattern[str]]:
        names = ("day", "weekday", "hour", "minute", "agent", "tier")
        return {name: re.compile("|".join(f"(?:{_inline(one)})" for one in getattr(self, name))) for name in names}

    @cached_property
    def _known(self) -> dict[tuple[str, str], bool]:
        return {}

    def bind(self, kind: Literal["day", "weekday", "hour", "minute", "agent", "tier"], text: str) -> bool:
        """Whether a text is tied to what ``kind`` names; every variation of a dialogue asks this of the same text."""
        if (kind, text) not in self._known:
            self._known[kind, text] = self._compiled[kind].search(text) is not None
        return self._known[kind, text]


def _inline(pattern: str) -> str:
    """A leading ``(?i)`` as flags of its own group, so that patterns can be joined."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else pattern


class Wording(msgspec.Struct, frozen=True):
    """Ways to say one thing; ``whole`` = the message is exactly one of them."""

    language: Literal["zh", "en"]
    role: Literal["customer", "agent"]
    whole: bool
    words: tuple[str, ...]


class Voice(msgspec.Struct, frozen=True):
    """How one kind of customer types: ``instead`` maps what was written to what they write."""

    language: Literal["zh", "en"]
    instead: dict[str, str] = {}


class _WorldFile(msgspec.Struct, frozen=True):
    first_day: date
    last_day: date
    shops: dict[str, Shop]
    agents: dict[str, Habits]
    tiers: dict[str, float]
    ties: Ties
    wordings: tuple[Wording, ...]
    voices: tuple[Voice, ...]


class World(msgspec.Struct, frozen=True):
    """Shops, people, calendar and words; days from ``first_day`` to ``last_day``, both included."""

    first_day: date
    last_day: date
    shops: Mapping[str, Shop]
    agents: Mapping[str, Habits]
    tiers: Mapping[str, float]
    ties: Ties
    wordings: Sequence[Wording]
    voices: Sequence[Voice]
    context: Context


def load_world(world: tuple[str, str], context: tuple[str, str]) -> World:
    """The world from (path name, text) of ``world.yaml`` and of ``context.yaml``.

    Raises:
        SourceError: with every mistake in either file.
    """
    known = load_context(*context)
    report = Report()
    root = compose(*world, report)
    read = read_struct(Values(report), root, _WorldFile, say("the world")) if root is not None else None
    if read is not None and root is not None and set(read.agents) != set(known.agents):
        report.error(
            root, say("agents differ from the context's: {names}", names=sorted(set(read.agents) ^ set(known.agents)))
        )
    if read is None or report.failed:
        raise SourceError(report.problems)
    fields = {field: getattr(read, field) for field in _WorldFile.__struct_fields__}
    return World(**fields, context=known)


def load_written(files: Iterable[tuple[str, str]]) -> tuple[WrittenDialogue, ...]:
    """All dialogues of several (path name, text) YAML lists, in their order.

    Raises:
        SourceError: with every mistake in any file, ids that stand twice among them.
    """
    report = Report()
    values = Values(report)
    dialogues: list[WrittenDialogue] = []
    seen: set[str] = set()
    for path, text in files:
        report.opened(path)
        for node in values.items(compose(path, text, report), say("a file of written dialogues")):
            dialogue = read_struct(values, node, WrittenDialogue, say("a dialogue"))
            if dialogue is None:
                continue
            if dialogue.id in seen:
                report.error(node, say("id {id!r} stands twice", id=dialogue.id))
            seen.add(dialogue.id)
            dialogues.append(dialogue)
    if report.failed:
        raise SourceError(report.problems)
    return tuple(dialogues)

"""A seeded corpus of conversations of any size, as conversation JSONL, and where what was planted stands.

The same size and seed give the same bytes on every machine. Sentences are templates with random slots
(``vocabulary.yaml``), so that texts rarely repeat; lengths, bursts, gaps between messages and the share of
conversations with emotion, promises, transfers and red lines are those of an ordinary shop. A third of the planted
words is disguised: full width, marks or invisible characters put in between, traditional characters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from benchmarks import sentences as _sentences
from benchmarks.sentences import VOCABULARY, Sentences
from qaplatform.audit.conversation import Conversation, Customer, Message, Role

OUT = Path(__file__).resolve().parent.parent / "out" / "benchmarks"
SEED = 20261111

_FIRST = datetime(2026, 10, 5, tzinfo=UTC)
_DAYS = 42
_SHOPS = (("s1", "taobao"), ("s2", "jd"), ("s3", "douyin"), ("s4", "pdd"))
_TIERS = (None, None, "silver", "gold", "diamond")
_TAGS: tuple[tuple[str, ...], ...] = ((), (), ("会员日",), ("催发货",), ("售后", "已回访"))
_BLOCK = 500


class _Row(Message, frozen=True, omit_defaults=False, gc=False):
    """A message that is written with all its fields, as most exporting programs do."""


@dataclass(frozen=True, slots=True)
class Plant:
    """Planted words: message number, characters ``start:end`` of its text, the group they belong to."""

    message: int
    start: int
    end: int
    group: str
    disguised: bool


@dataclass(frozen=True, slots=True)
class Planted:
    """A conversation and what was planted in it."""

    conversation: Conversation
    plants: tuple[Plant, ...]


@dataclass(slots=True)
class _Draft:
    """A conversation being written."""

    random: Random
    sentences: Sentences
    agent: str
    seconds: float
    """Since the first day, UTC."""
    messages: list[Message] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)

    def add(self, role: Role, text: str, wait: float, *, kind: Any = "text", auto: bool = False) -> None:
        self.seconds += wait
        local = _FIRST + timedelta(hours=8, seconds=int(self.seconds))
        self.messages.append(
            _Row(
                role=role,
                text=text,
                id=f"{self.random.getrandbits(128):032x}",
                agent=self.agent if role == "agent" else None,
                sent_at=f"{local:%Y-%m-%dT%H:%M:%S}+08:00",
                auto=auto,
                kind=kind,
            )
        )

    def plant(self, role: Role, group: str, before: str, after: str, wait: float) -> None:
        text, disguised = self.sentences.planted(group)
        self.plants.append(Plant(len(self.messages), len(before), len(before) + len(text), group, disguised))
        self.add(role, before + text + after, wait)

    def gap(self) -> float:
        """Seconds until the other side writes: mostly quick, one in sixteen too slow."""
        chance = self.random.random()
        return 65 + 240 * chance * 16 if chance < 1 / 16 else 6 + 48 * self.random.random()

    def customer(self) -> None:
        """A customer turn of one to three messages."""
        wait = self.gap()
        for _ in range(1 + (self.random.random() < 0.22) + (self.random.random() < 0.06)):
            chance = self.random.random()
            text = self.sentences.say("customer", "ask" if chance < 0.62 else "short" if chance < 0.82 else "more")
            if chance < 0.66:
                text = f"{self.sentences.say('customer', 'more')} {text}"
            self.add("customer", text, wait)
            wait = 3 + 9 * self.random.random()

    def answer(self) -> None:
        """An agent turn of one or two messages."""
        wait = self.gap()
        for _ in range(1 + (self.random.random() < 0.25)):
            chance = self.random.random()
            self.agent_says("answer" if chance < 0.78 else "ask" if chance < 0.9 else "short", wait)
            wait = 4 + 15 * self.random.random()

    def agent_says(self, kind: str, wait: float) -> None:
        text = self.sentences.say("agent", kind)
        if kind in ("answer", "solve", "vague", "timed", "ask"):
            chance = self.random.random()
            if chance < 0.6:
                text = f"{self.sentences.say('agent', 'lead')},{text}"
            if chance < 0.42:
                text = f"{text}。{self.sentences.say('agent', 'answer')}"
            text += self.sentences.say("agent", "tail")
        self.add("agent", text, wait)


def _emotion(draft: _Draft) -> None:
    """The customer is upset; half the agents say so first, the others come late to it or never."""
    draft.plant("customer", "emotion", "", draft.sentences.emotion_tail(), draft.gap())
    chance = draft.random.random()
    if chance < 0.5:
        draft.agent_says("soothe", draft.gap())
        draft.agent_says("solve", 12.0)
    elif chance < 0.75:
        draft.agent_says("solve", draft.gap())
        draft.agent_says("soothe", 14.0)
    else:
        draft.agent_says("solve", draft.gap())


def _promise(draft: _Draft) -> None:
    """Half name a time at once; of the others half name it in the next message."""
    chance = draft.random.random()
    if chance < 0.5:
        draft.agent_says("timed", draft.gap())
        return
    draft.agent_says("vague", draft.gap())
    if chance < 0.75:
        draft.agent_says("timed", 9.0)


def _transfer(draft: _Draft) -> None:
    """Passed on to somebody else; three in five are told."""
    if draft.random.random() < 0.6:
        draft.agent_says("announce", draft.gap())
    other = f"a{1 + int(draft.random.random() * 40):02d}"
    draft.add("system", f"{draft.agent} → {other}", 5.0, kind="transfer")
    draft.agent = other
    draft.agent_says("taken_over", draft.gap())


def _red_line(draft: _Draft) -> None:
    """An agent writes what nobody should, or only what looks like it."""
    group = ("banned", "banned", "off_platform", "review", "absolute")[int(draft.random.random() * 5)]
    if group in ("banned", "off_platform") and draft.random.random() < 0.3:
        draft.add("agent", draft.sentences.near_miss(group), draft.gap())
    else:
        draft.plant("agent", group, *draft.sentences.around(group), draft.gap())


_EVENTS: tuple[tuple[float, Callable[[_Draft], None]], ...] = (
    (0.12, _emotion), (0.15, _promise), (0.05, _transfer), (0.01, _red_line),
)  # fmt: skip


def _conversation(number: int, random: Random, sentences: Sentences) -> Planted:
    """One conversation, begun between 09:00 and 23:00 of a day in the six weeks."""
    begun = int(random.random() * _DAYS) * 86_400 + 3_600 + random.random() * 50_400
    name = f"{26_000_000_000 + number}"
    draft = _Draft(random, sentences, f"a{1 + int(random.random() * 40):02d}", begun)
    wanted = min(60, 4 + int(random.expovariate(1 / 7.2)))
    events = [event for share, event in _EVENTS if random.random() < share]
    random.shuffle(events)
    draft.add("customer", sentences.say("customer", "open"), 0.0)
    if random.random() < 0.25:
        draft.customer()
    draft.agent_says("greet", draft.gap())
    parting = wanted > 5
    while len(draft.messages) < wanted - 2 * parting or events:
        draft.customer()
        if events:
            events.pop()(draft)
        else:
            draft.answer()
    if parting:
        if random.random() < 0.5:
            draft.agent_says("check", draft.gap())
        draft.add("customer", sentences.say("customer", "thanks"), draft.gap())
        draft.agent_says("bye", 8.0)
    shop, source = _SHOPS[int(random.random() * len(_SHOPS))]
    tier = _TIERS[int(random.random() * len(_TIERS))]
    conversation = Conversation(
        id=name,
        messages=tuple(draft.messages),
        source=source,
        shop=shop,
        queue="after_sale" if random.random() < 0.6 else "pre_sale",
        language="zh",
        customer=Customer(f"c{int(random.random() * 900_000):06d}", tier, float(20 + int(random.random() * 900))),
        order_id=f"{26_000_000_000_000_000 + int(random.random() * 10**15)}",
        case_id=f"case-{int(random.random() * 10**8):08d}" if random.random() < 0.4 else None,
        csat=float(1 + int(random.random() * 5)) if random.random() < 0.3 else None,
        tags=_TAGS[int(random.random() * len(_TAGS))],
        meta={"entry": "order_detail", "device": "android", "session": f"{random.getrandbits(128):032x}"},
    )
    return Planted(conversation, tuple(draft.plants))


def conversations(messages: int, seed: int = SEED) -> Iterator[Planted]:
    """Conversations of together at least so many messages (the last one may run over)."""
    random = Random(seed)
    sentences = Sentences(random)
    count = number = 0
    while count < messages:
        planted = _conversation(number, random, sentences)
        number += 1
        count += len(planted.conversation.messages)
        yield planted


def write_corpus(path: Path, messages: int, seed: int = SEED) -> None:
    """Write a corpus as conversation JSONL, a few hundred conversations in memory at a time."""
    encoder = msgspec.json.Encoder()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        waiting: list[Conversation] = []
        for planted in conversations(messages, seed):
            waiting.append(planted.conversation)
            if len(waiting) >= _BLOCK:
                file.write(encoder.encode_lines(waiting))
                waiting.clear()
        file.write(encoder.encode_lines(waiting))
    part.replace(path)


def _generator() -> str:
    """A short hash of everything a corpus depends on."""
    files = (Path(__file__), Path(str(_sentences.__file__)), VOCABULARY)
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


def corpus_file(messages: int, seed: int = SEED) -> Path:
    """The corpus of a size, made on the first call and kept in ``out/benchmarks`` until the generator changes."""
    path = OUT / f"corpus-{messages}-{seed}-{_generator()}.jsonl"
    if not path.is_file():
        for old in OUT.glob(f"corpus-{messages}-{seed}-*.jsonl"):
            old.unlink()
        write_corpus(path, messages, seed)
    return path

"""A rubric: what a conversation is judged by, as frozen values.

Values come from YAML through :mod:`qaplatform.audit.rubric_loading`; how a score is made of them is the engine's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Outcome
from qaplatform.audit.phrases import PhraseBook, Words
from qaplatform.audit.problem import Mark

CriterionKind = Literal["check", "question", "manual"]
Severity = Literal["minor", "major", "severe"]


class CheckLike(Protocol):
    """What the loader must know of a check: its parameter class and the codes it can emit."""

    @property
    def id(self) -> str:
        """The check's id."""

    @property
    def params(self) -> type[msgspec.Struct]:
        """Its parameter class."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code its findings can carry; unknown where empty."""


class CheckSpec(msgspec.Struct, frozen=True):
    """The plainest :class:`CheckLike`."""

    id: str
    params: type[msgspec.Struct]
    codes: tuple[str, ...] = ()


class Applies(msgspec.Struct, frozen=True, gc=False):
    """Where a rubric applies; an empty tuple means any. ``topic`` holds ids of any level of the tag tree."""

    channel: tuple[str, ...] = ()
    queue: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Gate(msgspec.Struct, frozen=True, gc=False):
    """When a criterion applies; an empty tuple means any. Elsewhere its outcome is ``not_applicable``."""

    queue: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    min_order_value: float | None = None
    """In the shop's currency; a conversation without an order value does not pass this gate."""

    def refusal(self, facts: ConversationFacts) -> str | None:
        """The name of the first condition the conversation does not meet, or ``None``."""
        for name in ("queue", "channel", "tier", "language"):
            wanted: tuple[str, ...] = getattr(self, name)
            if wanted and getattr(facts, name) not in wanted:
                return name
        for name in ("topic", "tags"):
            some: tuple[str, ...] = getattr(self, name)
            if some and not set(some).intersection(getattr(facts, name)):
                return name
        if self.min_order_value is None:
            return None
        known = facts.order_value
        return "min_order_value" if known is None or known < self.min_order_value else None


class ConversationFacts(msgspec.Struct, frozen=True, gc=False):
    """What gates and :func:`select_rubric` look at; ``topic`` is the path of tag ids, ``()`` while unknown."""

    channel: str | None = "chat"
    queue: str | None = None
    topic: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tier: str | None = None
    language: str | None = None
    order_value: float | None = None

    @classmethod
    def of(cls, conversation: Conversation, topic: tuple[str, ...] = ()) -> ConversationFacts:
        """The facts of a conversation."""
        customer = conversation.customer
        return cls(
            channel=conversation.channel,
            queue=conversation.queue,
            topic=topic,
            tags=conversation.tags,
            tier=customer.tier if customer else None,
            language=conversation.language,
            order_value=customer.order_value if customer else None,
        )


class Effective(msgspec.Struct, frozen=True, gc=False):
    """Local days on which a criterion holds: ``since`` ≤ day < ``until``; ``None`` is open."""

    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the criterion is in force on a local day."""
        return (self.since is None or day >= self.since) and (self.until is None or day < self.until)


class Option(msgspec.Struct, frozen=True, gc=False):
    """One answer of a manual or question criterion, where pass and fail are too coarse."""

    id: str
    title: Words
    points: float


class Question(msgspec.Struct, frozen=True, gc=False):
    """A question for a language model: the prompt's id, the good answer, whether evidence must be quoted."""

    prompt: str
    good: str = "yes"
    evidence: Literal["required", "optional", "none"] = "required"


class Example(msgspec.Struct, frozen=True):
    """A transcript that must have an outcome under its criterion (run by ``rubric test``)."""

    outcome: Outcome
    conversation: Conversation
    code: str | None = None
    as_of: datetime | None = None
    """The moment of judging, aware; ``None`` = unknown."""
    mark: Mark = Mark()


class Criterion(msgspec.Struct, frozen=True):
    """One thing that is judged.

    ``weight`` points are earned on a pass. A failure loses them all, or ``deduction`` a finding where both are
    given; a ``deduction`` without a weight is taken off the whole score. ``options`` carry points of their own.
    """

    id: str
    title: Words
    kind: CriterionKind = "check"
    check: str | None = None
    """The check's id; ``None`` unless the kind is ``check``."""
    params: msgspec.Struct | None = None
    """The check's own ``Params``, complete with defaults."""
    weight: float = 0.0
    """Points earned on a pass; with options, the points of the best one."""
    deduction: float = 0.0
    """Points taken off a finding (positive)."""
    max_deduction: float | None = None
    severity: Severity = "major"
    critical: bool = False
    hint: bool = False
    """Its findings are shown and count for nothing: no points, no verdict, no failure. See :mod:`qaplatform.audit.hints`."""
    when: Gate = Gate()
    effective: Effective = Effective()
    wording: Mapping[str, Words] = {}
    """Code → sentence with ``{facts}`` to fill in."""
    policy: Words | None = None
    better: Words | None = None
    options: tuple[Option, ...] = ()
    question: Question | None = None
    examples: tuple[Example, ...] = ()
    mark: Mark = Mark()


class Section(msgspec.Struct, frozen=True):
    """A titled run of criteria."""

    id: str
    title: Words
    criteria: tuple[Criterion, ...]


class Rubric(msgspec.Struct, frozen=True):
    """A whole rubric; ``content_hash`` (12 hex digits) is given by :func:`sealed`."""

    id: str
    version: str
    title: Words
    sections: tuple[Section, ...]
    applies: Applies = Applies()
    pass_mark: float = 80.0
    """0–100."""
    scored_share_floor: float = 0.5
    """0–1; below it the verdict is ``unscored``."""
    phrases: PhraseBook = PhraseBook()
    observe: Mapping[str, msgspec.Struct] = {}
    """Observer id → its ``Params``, complete with defaults, for every observer the loader was given."""
    forbids_llm: bool = False
    """Conversations it judges are never sent to a language model, whatever it asks."""
    content_hash: str = ""
    mark: Mark = Mark()

    @property
    def name(self) -> str:
        """``id@hash``: the version a score belongs to for ever."""
        return f"{self.id}@{self.content_hash}"

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the file."""
        return tuple(criterion for section in self.sections for criterion in section.criteria)

    def criterion(self, id: str) -> Criterion:
        """One criterion.

        Raises:
            KeyError: the rubric has none of that id.
        """
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        raise KeyError(id)


_OWN = (Rubric, Section, Criterion, Example)


def _semantic(value: object) -> object:
    """Plain values of everything a result or its wording can depend on (no examples, no marks)."""
    if isinstance(value, PhraseBook):
        return value.content_hash
    if isinstance(value, msgspec.Struct):
        left_out: tuple[str, ...] = ("mark", "examples", "content_hash") if isinstance(value, _OWN) else ()
        if isinstance(value, Criterion) and not value.hint:
            # Rubrics without hints keep the hash they had before there were any.
            left_out += ("hint",)
        if isinstance(value, Rubric) and not value.forbids_llm:
            left_out += ("forbids_llm",)
        return {name: _semantic(getattr(value, name)) for name in value.__struct_fields__ if name not in left_out}
    if isinstance(value, Mapping):
        return {str(key): _semantic(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_semantic(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted((_semantic(item) for item in value), key=repr)
    return msgspec.to_builtins(value)


def sealed(rubric: Rubric) -> Rubric:
    """The rubric with its content hash: same hash, same criteria, parameters, words and word lists."""
    content = msgspec.json.encode(_semantic(rubric), order="deterministic")
    return msgspec.structs.replace(rubric, content_hash=hashlib.sha256(content).hexdigest()[:12])

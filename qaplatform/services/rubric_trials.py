"""Trying a draft out: on a chat that somebody pastes, and on the examples it brings along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import CriterionResult, Scorecard
from qaplatform.audit.notation import NotationError, parse_messages
from qaplatform.audit.rubric import Rubric
from qaplatform.errors import QAPlatformError
from qaplatform.formats.chat import ChatReader
from qaplatform.formats.drafts import RefusedError
from qaplatform.formats.options import ReadOptions
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_testing import Trial, try_rubric

MOST_CHARS = 100_000


class PastedChatError(QAPlatformError):
    """No chat can be read out of this; paste lines such as ``customer 10:00:00 …``, or a copied chat window."""

    code: ClassVar[str] = "rubrics.pasted"


@dataclass(frozen=True)
class Compared:
    """One criterion under both rubrics; ``None`` where one of them has none such."""

    id: str
    old: CriterionResult | None
    new: CriterionResult | None

    @property
    def differs(self) -> bool:
        """Whether outcome, points or findings are not the same."""
        return self.old is None or self.new is None or _told(self.old) != _told(self.new)


@dataclass(frozen=True)
class Tried:
    """A pasted chat under what holds and under the draft."""

    conversation: Conversation
    old: Scorecard
    new: Scorecard
    criteria: tuple[Compared, ...]


def pasted_chat(text: str, zone: str) -> Conversation:
    """A chat in the notation of the docs, or as it is copied out of a chat window.

    Raises:
        PastedChatError: it is neither, or empty, or longer than 100,000 characters.
    """
    text = text.strip()
    if not text or len(text) > MOST_CHARS:
        raise PastedChatError
    try:
        messages = parse_messages(text, zone=zone)
    except NotationError:
        return _copied(text, zone)
    if not messages:
        raise PastedChatError
    return Conversation("pasted", messages, channel="chat")


def _copied(text: str, zone: str) -> Conversation:
    try:
        block = ChatReader("pasted", "pasted", ReadOptions(kind="chat", zone=zone)).read(text, len(text.encode()))
    except RefusedError as error:
        raise PastedChatError from error
    if not block.conversations:
        raise PastedChatError
    return block.conversations[0]


def try_chat(conversation: Conversation, old: Rubric, new: Rubric, context: Context) -> Tried:
    """A chat under both rubrics."""
    before, after = (compiled_auditor(rubric, context).audit_one(conversation) for rubric in (old, new))
    was, now = ({one.id: one for one in card.criteria} for card in (before, after))
    order = dict.fromkeys((*now, *was))
    return Tried(
        conversation, before, after, tuple(Compared(id, was.get(id), now.get(id)) for id in order)
    )  # fmt: skip


def _told(one: CriterionResult) -> tuple[object, ...]:
    return one.outcome, one.points, one.max_points, [(f.message, f.start, f.end, f.code) for f in one.findings]


@dataclass(frozen=True)
class ExampleRun:
    """The examples of a rubric, run: how many, and those that did not come out as they say."""

    count: int
    failed: tuple[Trial, ...]


def run_examples(rubric: Rubric) -> ExampleRun:
    """Run every example, and the hits and misses of every word list; it takes some seconds."""
    trials = list(try_rubric(rubric, Context()))
    return ExampleRun(len(trials), tuple(one for one in trials if one.fault is not None))

"""What an answer to a drill is worth: the live rubric's checks and the recogniser of acts, as in chats and exams.

The answer is appended to the situation as a message; the whole is audited, and only what stands in the answer's own turn
counts. An answer that is written for the marking earns nothing; one that cannot be read is neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import Scorecard
from qaplatform.exam.acts import recognise
from qaplatform.exam.dialogue import Done
from qaplatform.exam.gaming import suspicions
from qaplatform.exam.hearing import Heard, Listener
from qaplatform.training.drills import Must, Situation

Verdict = Literal["passed", "failed", "unread"]
ZONE = "Asia/Shanghai"
_AFTER_SECONDS = 30
"""So long after the answer what comes next stands, each message after the other."""
_ANSWERED_BY = "trainee"


class FoundIn(msgspec.Struct, frozen=True):
    """A finding in the answer; ``counts``: it fails the drill, others are only worth knowing."""

    criterion: str
    code: str
    start: int
    end: int
    counts: bool
    facts: dict[str, Any] = {}
    """Figures, and words of the answer itself: none of the customer's, which may have to go some day."""


class SaidIn(msgspec.Struct, frozen=True):
    """An act in characters ``start:end`` of the answer."""

    act: str
    about: str | None
    due: bool
    start: int
    end: int


class Judged(msgspec.Struct, frozen=True):
    """An answer judged; time is no part of it."""

    verdict: Verdict
    met: tuple[bool, ...]
    """Whether each thing that must be done was done, in their order."""
    acts: tuple[SaidIn, ...] = ()
    signs: tuple[str, ...] = ()
    """Of those the drill forbids."""
    findings: tuple[FoundIn, ...] = ()
    gaming: tuple[str, ...] = ()
    """Kinds of signs that it was written for the marking."""
    rubric: str = ""
    """``id@hash`` of the rubric that judged."""
    is_judged: bool = True
    """Whether the rubric knows the criterion; where it does not, acts and signs alone decide."""


@dataclass(frozen=True)
class Marker:
    """A compiled rubric that marks answers; ``of`` makes one."""

    auditor: Auditor

    def mark(self, situation: Situation, text: str, *, seconds: int = 20, references: Sequence[str] = ()) -> Judged:
        """Judge an answer.

        Args:
            situation: What is answered.
            text: The answer.
            seconds: After so many it was sent: what the clocks of the rubric see.
            references: Texts the learner was shown before and must not paste.
        """
        conversation, line = conversation_with(situation, text, seconds=seconds)
        before = conversation.messages[:line]
        auditor = Auditor(self.auditor.rubric, _context(situation), matcher=self.auditor.matcher)
        listener = Listener(auditor, partial(recognise, references=references))
        card = auditor.audit_one(conversation)
        heard = listener.hear(conversation, [line], card)
        gaming = tuple(dict.fromkeys(one.kind for one in suspicions(text, before, references)))
        findings = _findings(card, auditor, situation, text, begin=_turn_begin(before), line=line)
        signs = tuple(one.sign for one in heard.signs if one.sign in situation.must_not)
        met = tuple(_is_met(one, heard) for one in situation.must)
        may_be_met = bool(heard.doubts) and all(
            done or any(_fits(must, one) for one in heard.doubts)
            for must, done in zip(situation.must, met, strict=True)
        )
        return Judged(
            verdict=_verdict(
                met,
                is_wrong=bool(gaming or signs or any(_points(one, text) for one in findings)),
                is_missing=any(one.counts for one in findings),
                is_unread=may_be_met or bool(heard.unread),
            ),
            met=met,
            acts=tuple(SaidIn(one.act, one.about, one.due, one.start, one.end) for one in heard.acts),
            signs=signs,
            findings=findings,
            gaming=gaming,
            rubric=card.rubric,
            is_judged=any(one.id == situation.criterion for one in auditor.rubric.criteria),
        )


def conversation_with(situation: Situation, text: str, *, seconds: int) -> tuple[Conversation, int]:
    """The situation with the answer in it, and the answer's number."""
    line, messages = len(situation.messages), list(situation.messages)
    sent = [one.sent_at for one in messages if one.sent_at]
    at = datetime.fromisoformat(sent[-1]) + timedelta(seconds=max(0, seconds)) if sent else None
    messages.append(Message("agent", text, agent=_agent_of(situation), sent_at=at.isoformat() if at else None))
    for number, one in enumerate(situation.then, start=1):
        later = at + timedelta(seconds=number * _AFTER_SECONDS) if at else None
        messages.append(msgspec.structs.replace(one, sent_at=later.isoformat() if later else None))
    conversation = Conversation(
        id="drill", messages=tuple(messages), source="drill", shop=situation.shop or None, queue=situation.queue,
        language=situation.language,
    )  # fmt: skip
    return conversation, line


def _agent_of(situation: Situation) -> str:
    """Who answers: whoever wrote last, unless the chat was passed on since."""
    for one in reversed(situation.messages):
        if one.kind == "transfer":
            break
        if one.role == "agent" and one.agent and not one.auto and one.kind != "note":
            return one.agent
    return _ANSWERED_BY


def _context(situation: Situation) -> Context:
    sent = next((one.sent_at for one in situation.messages if one.sent_at), None)
    base = Context(timezone=ZONE)
    days = frozenset({datetime.fromisoformat(sent).astimezone(base.zone).date()}) if sent else frozenset()
    addresses = {situation.shop: situation.return_addresses} if situation.return_addresses else {}
    return Context(
        timezone=ZONE, promotion_days=days if situation.promotion else frozenset(), return_addresses=addresses
    )


def _turn_begin(before: Sequence[Message]) -> int:
    """The first message since the last human one: what the answer answers."""
    human = [n for n, one in enumerate(before) if one.role == "agent" and not one.auto and one.kind != "note"]
    return human[-1] + 1 if human else 0


def _findings(
    card: Scorecard, auditor: Auditor, situation: Situation, text: str, *, begin: int, line: int
) -> tuple[FoundIn, ...]:
    """What was found in the answer's turn under the criterion; under others, the words of the answer they point at.

    What others find in the answer as a whole, such as that nobody said hello, belongs to a chat and not to a drill.
    """
    whole = (0, len(text))
    critical = {one.id for one in auditor.rubric.criteria if one.critical}
    found = []
    for result in card.criteria:
        is_trained = result.id == situation.criterion
        if result.outcome != "fail":
            continue
        for one in result.findings:
            counts = is_trained or result.id in critical
            is_here = one.message == line and (counts or (one.start, one.end) != whole)
            if is_here or (is_trained and one.message >= begin):
                places = (one.start, one.end) if one.message == line else (0, 0)
                facts = {name: fact for name, fact in one.facts.items() if not isinstance(fact, str) or fact in text}
                found.append(FoundIn(result.id, one.code, *places, counts, facts))
    return tuple(found)


def _is_met(must: Must, heard: Heard) -> bool:
    if heard.soothed and "soothes" in must.acts and not must.abouts:
        return True
    return any(_fits(must, one) for one in heard.acts)


def _fits(must: Must, done: Done) -> bool:
    return done.act in must.acts and (not must.abouts or done.about in must.abouts) and (done.due or not must.due)


def _points(one: FoundIn, text: str) -> bool:
    """Whether a finding that counts points at words, not at the answer as a whole."""
    return one.counts and one.end > one.start and (one.start, one.end) != (0, len(text))


def _verdict(met: Sequence[bool], *, is_wrong: bool, is_missing: bool, is_unread: bool) -> Verdict:
    """What cannot be read may have done what seems to be missing in it: only wrong words fail it."""
    if is_wrong:
        return "failed"
    if is_unread and (is_missing or not all(met)):
        return "unread"
    return "passed" if all(met) and not is_missing else "failed"

"""What a candidate's replies are to the customer: acts, by the recogniser, and signs, by the live rubric's own checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, Protocol, cast

import msgspec

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import KindSpan, Promise, Scorecard, Span
from qaplatform.exam.dialogue import Done, Seen
from qaplatform.exam.scenario import ActName


class SaidLike(Protocol):
    """An act in a text, as :mod:`qaplatform.exam.acts` says it."""

    @property
    def act(self) -> str:
        """Which act."""

    @property
    def about(self) -> str | None:
        """What is asked for, offered, refused and so on."""

    @property
    def due(self) -> bool:
        """Whether a time is named."""

    @property
    def start(self) -> int:
        """Where it begins, in characters."""

    @property
    def end(self) -> int:
        """Where it ends."""

    @property
    def doubt(self) -> Literal["likely", "unlikely"] | None:
        """Whether it may not be there, or is not taken to be there though it may."""


Recognise = Callable[[str, Sequence[Message]], Sequence[SaidLike]]
"""(text, messages before it) → acts."""


_KINDER: frozenset[str] = frozenset({"refuses", "escalates", "offers", "apologises"})
"""Where a reply does one of these, words that only sound dismissive (我做不了主) are none."""
_HELPS: frozenset[str] = frozenset({"soothes", "apologises", "offers", "promises", "escalates", "transfers"})


class Heard(msgspec.Struct, frozen=True):
    """What some lines of the candidate were."""

    acts: tuple[Done, ...]
    signs: tuple[Seen, ...]
    soothed: bool
    """Whether the live rubric sees a feeling acknowledged in them."""
    unread: tuple[int, ...]
    """Lines in which nothing was read, or which have nothing to do with the matter."""
    doubts: tuple[Done, ...] = ()
    """Acts that may or may not be there; the likelier ones stand among ``acts`` as well."""


class Hears(Protocol):
    """Who hears for a customer."""

    @property
    def auditor(self) -> Auditor:
        """What the replies are judged by."""

    def ahead(self, conversation: Conversation, lines: Sequence[int]) -> None:
        """Take note of what will probably be heard in a while: the customer reads some seconds after it was written."""

    def hear(self, conversation: Conversation, lines: Sequence[int]) -> Heard:
        """What the messages with these numbers, the candidate's newest, are."""


class Listener:
    """Hears replies by a rubric's checks and a recogniser of acts; make one and keep it."""

    def __init__(self, auditor: Auditor, recognise: Recognise) -> None:
        self.auditor = auditor
        self._recognise = recognise

    def ahead(self, conversation: Conversation, lines: Sequence[int]) -> None:
        """Nothing: hears when it is time to."""

    def hear(self, conversation: Conversation, lines: Sequence[int], card: Scorecard | None = None) -> Heard:
        """What the messages with these numbers, the candidate's newest, are; ``card``: what the audit said already."""
        acts: list[Done] = []
        unread: list[int] = []
        doubts: list[Done] = []
        for line in lines:
            before, message = conversation.messages[:line], conversation.messages[line]
            said = self._recognise(message.text, before)
            counted = [one for one in said if one.doubt != "unlikely"]
            acts += [_done(one, line) for one in counted if one.act != "unread"]
            doubts += [_done(one, line) for one in said if one.doubt and one.act != "unread"]
            if not counted or any(one.act == "unread" for one in counted):
                unread.append(line)
        card = card or self.auditor.audit_one(conversation)
        chosen = set(lines)
        softened = [one for one in acts if _may_only_sound_like_it(one, acts)]
        acts = [one for one in acts if one not in softened]
        doubts += [one for one in softened if one not in doubts]
        seen = tuple(_seen_in(card, chosen, acts))
        acts += seen
        soothed = any(one.at in chosen for one in card.observations.episodes if one.at is not None)
        signs = self._signs(card, chosen)
        read = {one.line for one in seen} | {one.line for one in signs if one.sign == "curt"}
        unread = [line for line in unread if line not in read]
        if any(one.act in ("offers", "asks") for one in acts):
            # Who offers or asks waits for an answer: a time is asked for after that.
            signs = tuple(one for one in signs if one.sign != "vague")
        return Heard(tuple(acts), signs, soothed, tuple(unread), tuple(doubts))

    def _signs(self, card: Scorecard, lines: set[int]) -> tuple[Seen, ...]:
        seen = card.observations
        found: set[tuple[int, str]] = set()
        for one in seen.blunt:
            found.add((one.message, one.kind if one.kind in ("insult", "curt") else "banned"))
        for request in seen.review_requests:
            if request.kind != "invite":
                found.add((request.message, "review"))
        found |= {(span.message, "off_platform") for span in seen.off_platform}
        found |= {(span.message, "absolute") for span in seen.absolute}
        concrete = any(one.concrete for one in seen.promises if one.message in lines)
        found |= {(one.message, "vague") for one in seen.promises if not one.concrete and not concrete}
        checks = {one.id: one.check for one in self.auditor.rubric.criteria}
        for result in card.criteria:
            sign = {"personal_data": "private", "banned_phrase": "banned"}.get(checks.get(result.id) or "")
            if sign and result.outcome == "fail":
                found |= {(finding.message, sign) for finding in result.findings}
        return tuple(Seen(sign, line) for line, sign in sorted(found) if line in lines)


def _may_only_sound_like_it(one: Done, acts: Sequence[Done]) -> bool:
    """Whether a rebuff was read in a reply that helps, or refuses and says why: a person must say whether it is one.

    您自己小心别划着手 and 运费我们出您别管 sound like rebuffs; what is blunt beyond doubt the live rubric sees itself.
    """
    beside = {other.act for other in acts if other.line == one.line}
    return one.act == "rebuffs" and bool(_HELPS & beside or {"refuses", "explains"} <= beside)


def _done(one: SaidLike, line: int) -> Done:
    return Done(cast("ActName", one.act), one.about, one.due, line, one.start, one.end)


def _seen_in(card: Scorecard, lines: set[int], acts: Sequence[Done]) -> Iterator[Done]:
    """What the live rubric's observers see and the recogniser did not read: there a list is surer."""
    done: dict[int, set[str]] = {line: {one.act for one in acts if one.line == line} for line in lines}
    timed = {one.line for one in acts if one.act == "promises" and one.due}
    seen = card.observations
    found: list[tuple[ActName, Span | KindSpan | Promise]] = [
        *(
            ("rebuffs", one)
            for one in seen.blunt
            if one.kind != "curt" and (one.kind != "dismissive" or not _KINDER & done.get(one.message, set()))
        ),
        *(("asks_off_platform", one) for one in seen.off_platform),
        *(("asks_for_review", one) for one in seen.review_requests if one.kind != "invite"),
        *(("promises", one) for one in seen.promises if one.concrete),
    ]
    for act, one in found:
        already = done.get(one.message)
        if already is None:
            continue
        # A reply that is written for the marking is read as nothing: no promise is found in it either.
        is_new = one.message not in timed and bool(already) if act == "promises" else act not in already
        if is_new:
            timed |= {one.message} if act == "promises" else set()
            already.add(act)
            yield Done(act, None, act == "promises", one.message, one.start, one.end)

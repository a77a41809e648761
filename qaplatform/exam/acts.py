"""What does a candidate's reply do? Greets, soothes, asks for a photo, offers an exchange, promises by when …

Why: the scripted customer answers to what was done, and the scenario's goals are acts. Source: D25, D3–D9.

A reply is cut into clauses (:mod:`qaplatform.exam.pieces`). Word lists say what stands in each; a remedy that is named is
offered, refused, promised or only told about by the frame it stands in. What spans a reply (blunt words, a lure off the
platform, a wish for a good review, a transfer) is what the observers of the audit core see in it. Nothing is guessed: where
most of a reply is not understood, that part is ``unread``, for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isnan

import msgspec

from qaplatform.audit.batch import Batch
from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.deadlines import deadlines
from qaplatform.audit.matching import Found
from qaplatform.audit.normalise import fold
from qaplatform.audit.observing import SeenSpan, SeenTransfer
from qaplatform.exam.act_rules import (
    ABOUTS,
    ACTS,
    FACTS,
    FROM_RUBRIC,
    PROMISED,
    REMEDIES,
    Act,
    ActLists,
    shipped_act_lists,
)
from qaplatform.exam.pieces import Piece, letters, pieces

__all__ = ["ABOUTS", "ACTS", "Act", "Said", "recognise"]

_SHORT_LETTERS = 8
"""So short a clause that names a remedy needs no words of giving: 退了, 补发一个."""
_SUBSTANCE_LETTERS = 4
_FACT_LETTERS = 6
_BEFORE_MESSAGES = 6
_SECONDS = 1_750_000_000.0
"""Some moment, so that words of time can be resolved; which one does not matter."""
_QUESTION = re.compile(r"(?:[?吗么]|行不|成不|好伐|可不可以|能不能)[?!.~ ]*$")
_FILLER = re.compile(
    r"^(?:好[的滴哒呀嘞]?|嗯+|哦+|啊|亲+|ok(?:ay)?|行|得嘞|没问题|哈+|么么哒|是这样|对|嘿|sure|yes|no|先生|女士|客官|老铁|姐|哥|[您你]看|这样|in fact)*$"
)
_DIRECT: tuple[Act, ...] = (
    "greets", "soothes", "apologises", "thanks", "closes", "confirms", "stalls", "rebuffs", "escalates", "transfers",
    "asks_off_platform", "asks_for_review",
)  # fmt: skip
_OFFENCES: tuple[Act, ...] = ("rebuffs", "asks_off_platform", "asks_for_review")


class Said(msgspec.Struct, frozen=True, order=True):
    """One thing a reply does, in characters ``start:end`` of what was written."""

    act: Act
    about: str | None
    """What is asked for, offered, refused or promised; one of :data:`ABOUTS`."""
    due: bool
    """Whether a promise names a time that can be resolved to a moment."""
    start: int
    end: int


def recognise(
    text: str, before: Sequence[Message], language: str = "zh", *, lists: ActLists | None = None
) -> tuple[Said, ...]:
    """What a reply does, in the order it is written; each act about the same thing once.

    Args:
        text: The candidate's message.
        before: The conversation so far.
        language: Of the dialogue; the lists hold both languages, and replies mix them.
        lists: Other lists than those that ship.
    """
    del language
    lists = lists or shipped_act_lists()
    parts = pieces(text)
    if not parts:
        return ()
    found = lists.own.look("shop", [part.text for part in parts])
    said: list[Said] = []
    unread: list[Piece] = []
    for number, part in enumerate(parts):
        here = list(_Clause(found, number, part).said())
        said += here
        if not here and part.letters >= _SUBSTANCE_LETTERS and not _FILLER.match(fold(part.text).strip(" ,.!?~;")):
            unread.append(part)
    said = _with_core(said, text, before, lists)
    if unread and 2 * sum(part.letters for part in unread) > letters(text):
        said.append(Said("unread", None, due=False, start=unread[0].start, end=unread[-1].end))
    return _each_once(said)


class _Clause:
    """One clause and the groups that stand in it."""

    def __init__(self, found: Found, number: int, part: Piece) -> None:
        self._part = part
        self._folded = fold(part.text)
        self._spans = {
            name: spans[0] for name in found.matcher.names if (spans := found.spans(name, number))
        }
        self._due = any(not isnan(one.due) for one in deadlines(self._folded, _SECONDS, Context()))
        self._asks = {
            name.partition("/")[2] for name in self._spans if name.startswith("asks/")
        } | {name.partition("/")[2] for name, groups in FROM_RUBRIC.items() if "/" in name and self._any(*groups)}

    def _any(self, *names: str) -> bool:
        return any(name in self._spans for name in names)

    def _say(self, act: Act, about: str | None = None, *, due: bool = False) -> Said:
        return Said(act, about, due, self._part.start, self._part.end)

    def said(self) -> Iterator[Said]:
        """What the clause does."""
        direct = [act for act in _DIRECT if self._any(act, *FROM_RUBRIC.get(act, ()))]
        for act in direct:
            yield self._say(act)
        if any(act in _OFFENCES for act in direct):
            yield from self._remedies(facts=False)
            return
        for about in sorted(self._asks):
            yield self._say("asks", about)
        done = list(self._remedies(facts=True))
        yield from done
        promised = list(self._promises(remedies={one.about for one in done}))
        yield from promised
        busy = bool(done or promised or self._asks or direct)
        if self._explains(busy=busy, refused=any(one.act == "refuses" for one in done)):
            yield self._say("explains")

    def _remedies(self, *, facts: bool) -> Iterator[Said]:
        asked = bool(_QUESTION.search(self._folded))
        refused = self._any("frame/refusal")
        giving = self._any("frame/giving") or self._part.letters <= _SHORT_LETTERS
        for about in REMEDIES:
            if not self._any(f"about/{about}"):
                continue
            if refused and facts and not (asked and about != "privacy"):
                yield self._say("refuses", about)
            elif about == "privacy" or (self._any("frame/told") and "choice" not in self._asks):
                continue
            elif self._asks - {"choice"}:
                if about == "invoice" and giving:
                    yield self._say("offers", about)
            else:
                given = giving or "choice" in self._asks
                if given:
                    yield self._say("offers", about)
                if self._due and not asked and about not in ("product", "price"):
                    yield self._say("promises", about, due=True)

    def _promises(self, *, remedies: set[str | None]) -> Iterator[Said]:
        if self._asks or self._any("frame/refusal"):
            return
        some = False
        for about in PROMISED:
            timed = self._due and self._any(f"result/{about}") and not remedies and not self._any("fact/state")
            if self._any(f"promises/{about}") or timed:
                some = True
                yield self._say("promises", about, due=self._due)
        if self._due and not remedies and not some and self._any("result/refund"):
            some = True
            yield self._say("promises", "refund", due=True)
        if not some and self._any("promises"):
            yield self._say("promises", None, due=self._due)

    def _explains(self, *, busy: bool, refused: bool) -> bool:
        facts = self._any(*(f"fact/{fact}" for fact in FACTS))
        if self._any("fact/reason") or (refused and facts):
            return not self._asks
        if busy or self._any("frame/refusal") and not facts and not self._any("domain"):
            return False
        if facts or self._any("frame/told"):
            return True
        return self._any("domain") and self._part.letters >= _FACT_LETTERS and not _QUESTION.search(self._folded)


def _with_core(said: list[Said], text: str, before: Sequence[Message], lists: ActLists) -> list[Said]:
    """What the observers of the audit core see in the reply, added."""
    messages = (*before[-_BEFORE_MESSAGES:], Message("agent", text))
    batch = Batch([Conversation("reply", messages)], lists.core, Context(), lists.observers)
    row = len(messages) - 1
    kinds: tuple[tuple[Act, str], ...] = (
        ("rebuffs", "blunt"),
        ("asks_off_platform", "off_platform"),
        ("asks_for_review", "review_requests"),
    )
    for act, observer in kinds:
        spans: list[SeenSpan] = batch.observe(observer)
        said += [Said(act, None, due=False, start=one.start, end=one.end) for one in spans if one.row == row]
    moves: list[SeenTransfer] = batch.observe("transfers")
    for move in moves:
        if move.row == row and move.announced and move.kind != "referral_away":
            act: Act = "escalates" if move.kind == "escalation" else "transfers"
            said.append(Said(act, None, due=False, start=move.start, end=move.end))
    return said


def _each_once(said: Sequence[Said]) -> tuple[Said, ...]:
    """Each act about the same thing once, where it first stands; a promise with a time before one without."""
    kept: dict[tuple[str, str | None], Said] = {}
    for one in sorted(said, key=lambda one: (one.start, not one.due, one.end)):
        key = one.act, one.about
        if key not in kept or (one.due and not kept[key].due):
            kept[key] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.start, one.end, ACTS.index(one.act), one.about or "")))

"""What does a candidate's reply do: greet, soothe, ask for a photo, offer an exchange, promise by when?

Why: the scripted customer answers to what was done, and the scenario's goals are acts. Source: D25, D3–D9.

A reply is cut into clauses (:mod:`qaplatform.exam.pieces`). Word lists say what stands in each; a remedy that is named is
offered, refused, promised or only told about by the frame it stands in. What spans a reply (blunt words, a lure off the
platform, a wish for a good review, a transfer) is what the observers of the audit core see in it. Nothing is guessed: where
most of a reply is not understood, that part is ``unread``, for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
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
    FALLBACKS,
    FROM_RUBRIC,
    PROMISED,
    REMEDIES,
    Act,
    ActLists,
    shipped_act_lists,
)
from qaplatform.exam.gaming import suspicions
from qaplatform.exam.pieces import Piece, letters, pieces

__all__ = ["ABOUTS", "ACTS", "Act", "Said", "recognise"]

_SHORT_LETTERS = 8
"""So short a clause that names a remedy needs no words of giving: 退了, 补发一个."""
_SUBSTANCE_LETTERS = 4
_FACT_LETTERS = 6
_BARE_LETTERS = 6
_BEFORE_MESSAGES = 6
_SECONDS = 1_750_000_000.0
"""Some moment, so that words of time can be resolved; which one does not matter."""
_QUESTION = re.compile(r"(?:[?吗么]|行不|成不|好伐|可不可以|能不能)[?!.~ ]*$")
_FILLER = re.compile(
    r"^(?:看到您的消息了?|好[的滴哒呀嘞]?|嗯+|哦+|啊|亲+|ok(?:ay)?|行|得嘞|没问题|哈+|么么哒|是这样|对|嘿|sure|yes|no"
    r"|先生|女士|客官|老铁|姐|哥|[您你]看|这样)*$"
)
_DIRECT: tuple[Act, ...] = (
    "greets", "soothes", "apologises", "thanks", "closes", "confirms", "stalls", "rebuffs", "escalates", "transfers",
    "asks_off_platform", "asks_for_review",
)  # fmt: skip
_PAST = re.compile("已经?|刚刚?(?!好)|昨天|前天|上周|显示|查到")
_GENTLE: frozenset[Act] = frozenset({"apologises", "soothes", "greets", "thanks"})
"""Beside these a clause may tell a fact as well: 是我们发错了."""
_COURTESY: frozenset[Act] = frozenset({"greets", "thanks"})
_MILDER: frozenset[Act] = frozenset({"refuses", "escalates", "stalls", "promises"})
"""A clause that does one of these is not blunt for the words it takes."""
_HEARD = re.compile("理解|体会|明白|感受|别|放心|心情|understand|worry")
_BARE_NO = re.compile(
    "(?:亲|抱歉|不好意思|这个|真的?|暂时|确实|,)*(?:不可以|不行|不能|不支持|办不了|做不到|[改退换补取]不了|没法[改退换补])"
)
_ASKING = re.compile(r"有没有|是不是|还是|[?]|[吗么呢没][?~ ]*$|哪|什么|多少|几[个次天]|怎么|what|which|how|did")
_INQUIRY = re.compile("^请问|有没有|是不是|是否")
_MATTER = re.compile(
    "漏|坏|摔|磕|碰|裂|响|断|烫|松|掉|洗|装|插|充|用|穿|吃|开机|按|灯|屏|盖|底|水|电|味|色|缝|线|broken|leak|crack"
)
"""What goes wrong with goods: a question about it asks for details."""
_WILL = re.compile(
    "^(?:那|好|行|嗯)?[, ]?(?:我|我们|俺|咱)(?:这边|这就|马上|现在|先|再|也)?(?:去|来|让|向|会|就去|帮|替|想|尽)"
)
_LOOK = re.compile("查|看|翻|核|问|弄明白|弄清|搞清|了解|确认|落实")
_RESULTS = (
    ("refund", re.compile("退|钱|款|花呗|卡里|余额|refund|money")),
    ("delivery", re.compile("[发寄送到装]|出库|用上|上门|arriv|deliver|ship|doorstep|there")),
    ("callback", re.compile("[说讲回答]|告诉|结果|汇报|打|联系|通知|call|reply|answer|hear")),
    ("check", re.compile("[查核看]|check")),
)
"""What a time is promised for, by the words beside it; the first that fits."""
_HAN = re.compile("[\u3400-\u9fff]+")
_EMPTY = frozenset(
    "的了呢哦哈啊呀吧吗嘛么是有在我您你们他她它这那个些和跟与给为帮就都也还再会能可以要不没好请把被让对到上下里来去说什怎多少几一"
)
"""Characters that name no matter."""
_GIVEN = re.compile("给|帮|为|办|申请|通过|refund you")
_DONE_BY = re.compile("[发寄]|到账|上门")
_NO_TIME = re.compile("[大小]一号")
_RETOLD = re.compile("^(?:就?是|您|你)")
_WEAK = frozenset({"problem", "need", "time", "reason", "choice"})
"""Named in passing when something else is asked for."""
_KINDER: frozenset[Act] = frozenset({"refuses", "escalates", "offers", "apologises"})
"""Where a reply does one of these, words that only sound dismissive (我做不了主) are none."""
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
    text: str,
    before: Sequence[Message],
    language: str = "zh",
    *,
    references: Sequence[str] = (),
    lists: ActLists | None = None,
) -> tuple[Said, ...]:
    """What a reply does, in the order it is written; each act about the same thing once.

    A reply that is written for the marking does nothing: whoever gets an empty tuple asks
    :func:`qaplatform.exam.gaming.suspicions` with the same arguments why, and keeps the signs for the mentor.

    Args:
        text: The candidate's message.
        before: The conversation so far.
        language: Of the dialogue; the lists hold both languages, and replies mix them.
        references: Texts the candidate may have seen and must not paste (good dialogues, the scenario).
        lists: Other lists than those that ship.
    """
    del language
    lists = lists or shipped_act_lists()
    parts = pieces(text)
    if not parts or suspicions(text, before, references):
        return ()
    matters = frozenset(pair for one in before if one.role == "customer" for pair in _pairs(one.text))
    found = lists.own.look("shop", [part.text for part in parts])
    said: list[Said] = []
    unread: list[Piece] = []
    here: list[Said] = []
    for number, part in enumerate(parts):
        here = list(_Clause(found, number, part, after=here, matters=matters).said())
        said += here
        if not here and part.letters >= _SUBSTANCE_LETTERS and not _FILLER.match(fold(part.text).strip(" ,.!?~;")):
            unread.append(part)
    said = _with_core(said, text, before, lists)
    courtesy = all(one.act in _COURTESY for one in said)
    if courtesy and 2 * sum(part.letters for part in unread) > letters(text):
        said.append(Said("unread", None, due=False, start=unread[0].start, end=unread[-1].end))
    return _each_once(said)


def _pairs(text: str) -> Iterator[str]:
    """Pairs of Chinese characters that may name a matter."""
    folded = fold(text)
    for first, second in pairwise(folded):
        if _EMPTY.isdisjoint((first, second)) and _HAN.fullmatch(first + second):
            yield first + second


class _Clause:
    """One clause and the groups that stand in it."""

    def __init__(
        self, found: Found, number: int, part: Piece, *, after: Sequence[Said], matters: frozenset[str]
    ) -> None:
        self._part = part
        self._after = frozenset(one.act for one in after)
        self._offered = frozenset(one.about for one in after if one.act == "offers")
        self._is_on_topic = not matters.isdisjoint(_pairs(part.text))
        self._folded = fold(part.text)
        self._spans = {name: spans[0] for name in found.matcher.names if (spans := found.spans(name, number))}
        self._due = any(not isnan(one.due) for one in deadlines(_NO_TIME.sub("", self._folded), _SECONDS, Context()))
        self._is_past = bool(_PAST.search(self._folded))
        self._is_question = bool(_QUESTION.search(self._folded))
        self._asks = self._asked()

    def _asked(self) -> set[str]:
        if self._any("frame/refusal") and not self._is_question:
            return set()
        own = {name.partition("/")[2] for name in self._spans if name.startswith("asks/")}
        core = {name.partition("/")[2] for name, names in FROM_RUBRIC.items() if "/" in name and self._any(*names)}
        named = {name.partition("/")[2] for name in self._spans if name.startswith("asked/")}
        if named and self._any("frame/request") and not self._any("frame/handing", "rebuffs", "closes"):
            own |= named - _WEAK if own | core else named
        if "order_id" in named and "phone" in own and not self._any("asks/phone"):
            own -= {"phone"}
        if "tracking_no" in own | core:
            own, core = own - {"order_id"}, core - {"order_id"}
        asks = own | core
        if self._any("promises/callback"):
            asks -= {"phone"}
        told = not (self._is_question or self._any("frame/request", "asks/problem") or _ASKING.search(self._folded))
        if asks - {"problem"} or told:
            asks -= {"problem"}
        if self._any("confirms") and not self._any(*(f"asks/{about}" for about in asks)):
            return set()
        return asks - ({"problem"} if self._any("greets", "greeting") else set())

    def _direct(self) -> list[Act]:
        acts = [act for act in _DIRECT if self._any(act, *FROM_RUBRIC.get(act, ()))]
        if "soothes" in acts and "apologises" in acts and not _HEARD.search(self._folded):
            acts.remove("soothes")
        if "apologises" in acts and self._any("promises/check") and not self._any("apologises"):
            acts.remove("apologises")
        return acts

    def _any(self, *names: str) -> bool:
        return any(name in self._spans for name in names)

    def _say(self, act: Act, about: str | None = None, *, due: bool = False) -> Said:
        return Said(act, about, due, self._part.start, self._part.end)

    def said(self) -> Iterator[Said]:
        """What the clause does."""
        direct = self._direct()
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
        if not (done or promised or self._asks or direct) and self._bare_refusal():
            yield self._say("refuses")
        elif self._explains(bool(done or promised or self._asks), direct, {one.act for one in done}):
            yield self._say("explains")
        elif not (done or promised or self._asks or direct):
            yield from self._otherwise()

    def _otherwise(self) -> Iterator[Said]:
        """What the shape of the clause tells where no list does."""
        felt = [act for act, group in FALLBACKS if self._felt(group)]
        if felt and not self._is_question:
            yield from map(self._say, felt)
        elif self._is_about_them and _ASKING.search(self._folded):
            yield self._say("asks", "problem")
        elif self._due and not self._is_past and not self._is_question:
            guess = next((about for about, words in _RESULTS if words.search(self._folded)), None)
            if guess is not None:
                yield self._say("promises", guess, due=True)
        elif _WILL.search(self._folded) and not self._is_past and not self._is_question:
            yield self._say("promises", "check" if _LOOK.search(self._folded) else None)
        elif self._is_on_topic and self._part.letters >= _FACT_LETTERS and not self._is_question:
            yield self._say("explains")

    @property
    def _is_about_them(self) -> bool:
        named = self._is_on_topic or _INQUIRY.search(self._folded) or _MATTER.search(self._folded)
        return self._part.letters >= _FACT_LETTERS and bool(named)

    def _felt(self, group: str) -> bool:
        return not self._folded.startswith("您") and self._any(group) and self._part.letters > _SUBSTANCE_LETTERS

    def _bare_refusal(self) -> bool:
        short = self._part.letters <= _BARE_LETTERS and not self._is_question
        return short and bool(_BARE_NO.match(self._folded))

    def _remedies(self, *, facts: bool) -> Iterator[Said]:
        refused = self._any("frame/refusal") and facts
        for about in REMEDIES:
            if not self._any(f"about/{about}"):
                continue
            if refused and (about == "privacy" or not self._is_question):
                yield self._say("refuses", about)
            elif not self._only_named(about):
                yield from self._remedy(about)

    def _only_named(self, about: str) -> bool:
        """Whether a remedy is named without being offered: told about, asked about, or meant otherwise."""
        if about == "privacy" or (about == "product" and self._is_question):
            return True
        if about == "resend" and "replacement" in self._folded:
            return True
        if about == "change" and self._any("promises/urge"):
            return True
        if self._asks - {"choice"}:
            return about != "invoice" or not self._is_given(about)
        return self._any("frame/told") and not self._any("frame/handing") and "choice" not in self._asks

    def _is_given(self, about: str) -> bool:
        timed = self._due and not self._is_question and not self._is_past
        if timed and about == "refund" and not _GIVEN.search(self._folded):
            return False
        giving = self._any("frame/giving", "frame/handing") or self._part.letters <= _SHORT_LETTERS
        return giving or "choice" in self._asks or (timed and about in ("resend", "exchange"))

    def _remedy(self, about: str) -> Iterator[Said]:
        if self._is_given(about):
            yield self._say("offers", about)
        timed = self._due and not self._is_question and not self._is_past and not self._asks
        if timed and about not in ("product", "price"):
            yield self._say("promises", about, due=True)

    def _follows(self) -> str | None:
        """The remedy of the clause before, where this one tells by when: 给您补发一个,今天就发出."""
        if not self._due or self._is_past or not _DONE_BY.search(self._folded):
            return None
        return next(
            (about for about in ("resend", "exchange", "refund", "compensation") if about in self._offered), None
        )

    def _promises(self, *, remedies: set[str | None]) -> Iterator[Said]:
        if self._asks or self._any("frame/refusal"):
            return
        some = False
        follows = self._follows()
        if follows and not remedies:
            yield self._say("promises", follows, due=True)
            return
        for about in PROMISED:
            timed = self._due and not self._is_past and self._any(f"result/{about}") and not remedies
            if about == "check" and self._any("escalates"):
                continue
            if about == "delivery" and self._any("promises/urge") and not timed:
                continue
            if self._any(f"promises/{about}") or timed:
                some = True
                yield self._say("promises", about, due=self._due)
        if self._due and not self._is_past and not remedies and not some and self._any("result/refund"):
            some = True
            yield self._say("promises", "refund", due=True)
        if not some and self._any("promises") and "transfers" not in self._after:
            yield self._say("promises", None, due=self._due)

    def _explains(self, busy: bool, direct: Sequence[Act], done: set[Act]) -> bool:  # noqa: FBT001
        facts = self._any(*(f"fact/{fact}" for fact in FACTS))
        if self._asks:
            return False
        if self._any("fact/reason") or (facts and "refuses" in done) or (self._any("frame/told") and "offers" in done):
            return True
        if "confirms" in self._after and _RETOLD.match(self._folded):
            return False
        if busy or not _GENTLE.issuperset(direct):
            return False
        if facts or self._any("frame/told"):
            return not _INQUIRY.search(self._folded)
        plain = not direct and not self._is_question and "confirms" not in self._after
        return plain and self._any("domain") and self._part.letters >= _FACT_LETTERS


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
        milder = _MILDER if act == "rebuffs" else frozenset[Act]()
        said += [
            Said(act, None, due=False, start=one.start, end=one.end)
            for one in spans
            if one.row == row
            and not any(_overlap(one, other) and other.act in milder for other in said)
            and not (one.kind == "dismissive" and any(other.act in _KINDER for other in said))
        ]
    if any(one.act in _OFFENCES for one in said):
        said = [one for one in said if one.act != "explains"]
    moves: list[SeenTransfer] = batch.observe("transfers")
    for move in moves:
        if move.row == row and move.announced and move.kind != "referral_away":
            moved: Act = "escalates" if move.kind == "escalation" else "transfers"
            taken = _GENTLE | {"explains"}
            if not any(_overlap(move, other) and other.act not in taken for other in said):
                said.append(Said(moved, None, due=False, start=move.start, end=move.end))
    return said


def _overlap(one: SeenSpan | SeenTransfer, other: Said) -> bool:
    return one.start < other.end and other.start < one.end


def _each_once(said: Sequence[Said]) -> tuple[Said, ...]:
    """Each act about the same thing once, where it first stands; a promise with a time before one without."""
    kept: dict[tuple[str, str | None], Said] = {}
    for one in sorted(said, key=lambda one: (one.start, not one.due, one.end)):
        key = one.act, one.about
        if key not in kept or (one.due and not kept[key].due):
            kept[key] = one
    return tuple(sorted(kept.values(), key=lambda one: (one.start, one.end, ACTS.index(one.act), one.about or "")))

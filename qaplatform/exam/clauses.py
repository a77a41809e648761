"""One clause of a candidate's reply: which acts its words make it do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isnan

import msgspec

from qaplatform.audit.context import Context
from qaplatform.audit.deadlines import deadlines
from qaplatform.audit.matching import Found
from qaplatform.audit.normalise import fold
from qaplatform.exam.act_rules import FACTS, FALLBACKS, FROM_RUBRIC, PROMISED, REMEDIES, Act
from qaplatform.exam.clause_marks import (
    ADVICE,
    ALL_RIGHT,
    ASKING,
    BARE_LETTERS,
    BARE_NO,
    DECLINED,
    DIFFERENCE,
    DIRECT,
    DONE_BY,
    ENGLISH_FACT,
    ENGLISH_QUESTION,
    FACT_LETTERS,
    GENTLE,
    GIVEN,
    HEARD,
    INQUIRY,
    LIVING,
    LOOK,
    LURES_ANYWAY,
    MATTER,
    MORE_OF_IT,
    NO_TIME,
    NO_WITHOUT_A_NAME,
    OFFENCES,
    PAST,
    PLAIN_FACT,
    POSTAGE,
    QUESTION,
    RESULTS,
    RETOLD,
    SECONDS,
    SETTLES,
    SHORT_LETTERS,
    SPEAKS_OF_US_OR_THEM,
    SUBSTANCE_LETTERS,
    THEN_LOOKS,
    TIMETABLE,
    TOLD_TO_THEM,
    WEAK,
    WILL,
    matters_in,
)
from qaplatform.exam.pieces import Piece


class Said(msgspec.Struct, frozen=True, order=True):
    """One thing a reply does, in characters ``start:end`` of what was written."""

    act: Act
    about: str | None
    """What is asked for, offered, refused or promised; one of :data:`ABOUTS`."""
    due: bool
    """Whether a promise names a time that can be resolved to a moment."""
    start: int
    end: int


class Then(msgspec.Struct, frozen=True):
    """What was said before a clause."""

    matters: frozenset[str]
    """What the customer speaks of."""
    topics: tuple[str, ...]
    """Remedies that were named, the newest last."""
    end: int
    """Where the clause before ends."""


class Clause:
    """One clause and the groups that stand in it."""

    def __init__(
        self, found: Found, rows: Sequence[int], part: Piece, plain: str, *, earlier: Sequence[Said], then: Then
    ) -> None:
        """Take a clause.

        Args:
            found: What stands in the rows that were looked through.
            rows: Those with this clause: as it is written, and in plain words.
            part: The clause.
            plain: It in plain words.
            earlier: What the reply has done so far.
            then: What else is known before it.
        """
        self._part = part
        self._then = then
        self._after = frozenset(one.act for one in earlier if one.end == then.end)
        self._so_far = frozenset(one.act for one in earlier)
        self._offered = frozenset(one.about for one in earlier if one.act == "offers" and one.end == then.end)
        self._folded = fold(plain)
        self._is_on_topic = not then.matters.isdisjoint(matters_in(plain))
        self._names = frozenset(name for name in found.matcher.names if any(found.spans(name, row) for row in rows))
        self._due = any(not isnan(one.due) for one in deadlines(NO_TIME.sub("", self._folded), SECONDS, Context()))
        self._is_past = bool(PAST.search(self._folded))
        self._is_question = bool(QUESTION.search(self._folded))
        self._asks = self._asked()

    def _asked(self) -> set[str]:
        if (self._any("frame/refusal") and not self._is_question) or TOLD_TO_THEM.search(self._folded):
            return set()
        own = {name.partition("/")[2] for name in self._names if name.startswith("asks/")}
        core = {name.partition("/")[2] for name, names in FROM_RUBRIC.items() if "/" in name and self._any(*names)}
        named = {name.partition("/")[2] for name in self._names if name.startswith("asked/")}
        if named and self._any("frame/request") and not self._any("frame/handing", "rebuffs", "closes"):
            own |= named - WEAK if own | core else named
        if "order_id" in named and "phone" in own and not self._any("asks/phone"):
            own -= {"phone"}
        if "tracking_no" in own | core:
            own, core = own - {"order_id"}, core - {"order_id"}
        asks = own | core
        if self._any("promises/callback"):
            asks -= {"phone"}
        told = not (self._is_question or self._any("frame/request", "asks/problem") or ASKING.search(self._folded))
        if asks - {"problem"} or told:
            asks -= {"problem"}
        if self._any("confirms") and not self._any(*(f"asks/{about}" for about in asks)):
            return set()
        if LIVING.search(self._folded) and asks & {"size", "problem"}:
            return {"need"}
        if "choice" in asks:
            asks -= {"need"}
        return asks - ({"problem"} if self._any("greets", "greeting") else set())

    def _direct(self) -> list[Act]:
        acts = [act for act in DIRECT if self._any(act, *FROM_RUBRIC.get(act, ()))]
        if "soothes" in acts and "apologises" in acts and not HEARD.search(self._folded):
            acts.remove("soothes")
        if "apologises" in acts and self._any("promises/check") and not self._any("apologises"):
            acts.remove("apologises")
        if "closes" in acts and ALL_RIGHT.search(self._folded):
            acts.remove("closes")
        if self.declines:
            acts = [act for act in acts if act not in ("asks_off_platform", "asks_for_review")]
        return acts

    @property
    def declines(self) -> bool:
        """Whether what the clause names is not wanted of the customer: 私下转账没有保障."""
        if LURES_ANYWAY.search(self._folded):
            return False
        return self._any("frame/refusal") or bool(DECLINED.search(self._folded))

    def _any(self, *names: str) -> bool:
        return any(name in self._names for name in names)

    def _say(self, act: Act, about: str | None = None, *, due: bool = False) -> Said:
        return Said(act, about, due, self._part.start, self._part.end)

    def said(self) -> Iterator[Said]:
        """What the clause does."""
        direct = self._direct()
        for act in direct:
            yield self._say(act)
        if any(act in OFFENCES for act in direct):
            yield from self._remedies(facts=False)
            return
        for about in sorted(self._asks):
            yield self._say("asks", about)
        done = list(self._remedies(facts=True))
        yield from done
        promised = list(self._promises(remedies={one.about for one in done}))
        yield from promised
        if not (done or promised or self._asks or direct) and self._bare_refusal():
            named = NO_WITHOUT_A_NAME.search(self._folded) and self._then.topics
            yield self._say("refuses", self._then.topics[-1] if named else None)
        elif self._explains(bool(done or promised or self._asks), direct, {one.act for one in done}):
            yield self._say("explains")
        elif not (done or promised or self._asks or direct):
            yield from self._otherwise()

    def _otherwise(self) -> Iterator[Said]:
        """What the shape of the clause tells where no list does."""
        if ADVICE.search(self._folded) and self._tells():
            yield self._say("explains")
            return
        felt = [act for act, group in FALLBACKS if self._felt(group)]
        if felt and not self._is_question:
            yield from map(self._say, felt)
        elif self._is_about_them and ASKING.search(self._folded):
            yield self._say("asks", "problem")
        elif self._due and not (self._is_past or self._is_question or TIMETABLE.search(self._folded)):
            guess = next((about for about, words in RESULTS if words.search(self._folded)), None)
            if guess is not None:
                yield self._say("promises", guess, due=True)
        elif WILL.search(self._folded) and not self._is_past and not self._is_question:
            yield self._say("promises", "check" if LOOK.search(self._folded) else None)
        elif ENGLISH_QUESTION.search(self._folded) and not SETTLES.search(self._folded):
            yield self._say("asks", "problem")
        elif self._tells() and "rebuffs" not in self._so_far:
            yield self._say("explains")

    def _tells(self) -> bool:
        """Whether the clause tells how things are, as far as its shape shows."""
        if self._is_question or ("asks" in self._after and MORE_OF_IT.search(self._folded)):
            return False
        if not self._then.matters:
            return False
        if ADVICE.search(self._folded) or (ENGLISH_FACT.search(self._folded) and "confirms" not in self._after):
            return True
        if self._part.letters < FACT_LETTERS:
            return False
        return (self._is_on_topic and "confirms" not in self._after) or bool(
            PLAIN_FACT.search(self._folded) and not SPEAKS_OF_US_OR_THEM.search(self._folded)
        )

    @property
    def _is_about_them(self) -> bool:
        named = self._is_on_topic or INQUIRY.search(self._folded) or MATTER.search(self._folded)
        return self._part.letters >= FACT_LETTERS and bool(named)

    def _felt(self, group: str) -> bool:
        return not self._folded.startswith("您") and self._any(group) and self._part.letters > SUBSTANCE_LETTERS

    def _bare_refusal(self) -> bool:
        short = self._part.letters <= BARE_LETTERS and not self._is_question
        return short and bool(BARE_NO.match(self._folded))

    def _remedies(self, *, facts: bool) -> Iterator[Said]:
        refused = self._any("frame/refusal") and facts
        for about in REMEDIES:
            if not self._any(f"about/{about}"):
                continue
            if refused and (about == "privacy" or not self._is_question):
                yield self._say("refuses", self._refused(about))
            elif about in self._part_of_it():
                continue
            elif about == "resend" and "exchange" in self._offered and self._due:
                yield self._say("promises", "exchange", due=True)
            elif not self._only_named(about):
                yield from self._remedy(about)

    def _refused(self, about: str) -> str:
        """What is refused where the word alone may mean several things: 价保过了,补不了."""
        topic = self._then.topics[-1] if self._then.topics else about
        return topic if about == "resend" and topic in ("price", "gift", "coupon", "compensation") else about

    def _part_of_it(self) -> tuple[str, ...]:
        """Remedies that are only how another is carried out: 退您运费, 退差价."""
        if self._any("about/postage") and POSTAGE.search(self._folded):
            return ("refund", "compensation")
        if self._any("about/price") and DIFFERENCE.search(self._folded):
            return ("refund", "compensation")
        return ()

    def _only_named(self, about: str) -> bool:
        """Whether a remedy is named without being offered: told about, asked about, or meant otherwise."""
        if about == "privacy" or (about == "product" and self._is_question):
            return True
        if about == "resend" and "replacement" in self._folded:
            return True
        if (about == "change" and self._any("promises/urge")) or (about == "price" and self._any("escalates")):
            return True
        if self._asks - {"choice"}:
            return about != "invoice" or not self._is_given(about)
        return self._any("frame/told") and not self._any("frame/handing") and "choice" not in self._asks

    def _is_given(self, about: str) -> bool:
        timed = self._due and not self._is_question and not self._is_past
        if timed and about == "refund" and not GIVEN.search(self._folded):
            return False
        giving = self._any("frame/giving", "frame/handing") or self._part.letters <= SHORT_LETTERS
        return giving or "choice" in self._asks or (timed and about in ("resend", "exchange"))

    def _remedy(self, about: str) -> Iterator[Said]:
        if self._is_given(about):
            yield self._say("offers", about)
        timed = self._due and not self._is_question and not self._is_past and not self._asks
        if timed and about not in ("product", "price"):
            yield self._say("promises", about, due=True)

    def _follows(self) -> str | None:
        """The remedy of the clause before, where this one tells by when: 给您补发一个,今天就发出."""
        if not self._due or self._is_past or not DONE_BY.search(self._folded):
            return None
        return next(
            (about for about in ("resend", "exchange", "refund", "compensation") if about in self._offered), None
        )

    def _promises(self, *, remedies: set[str | None]) -> Iterator[Said]:
        if self._asks or self._any("frame/refusal"):
            if self._asks and THEN_LOOKS.search(self._folded):
                yield self._say("promises", "check", due=self._due)
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
            if about == "delivery" and (self._any("result/refund") or (self._any("promises/urge") and not timed)):
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
        if "confirms" in self._after and RETOLD.match(self._folded):
            return False
        if busy or not GENTLE.issuperset(direct):
            return False
        if facts or self._any("frame/told"):
            return not INQUIRY.search(self._folded)
        plain = not direct and not self._is_question and "confirms" not in self._after
        plain = plain and not ("asks" in self._after and MORE_OF_IT.search(self._folded))
        return plain and self._any("domain") and self._part.letters >= FACT_LETTERS

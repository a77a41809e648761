"""What the customer makes of a reply: the new state, and what is said, as keys and ways of saying.

In this order: what hurt; facts that were asked for; the scenario's own reaction; a vague promise or a refusal; the end;
questions that still wait. At least one thing is said, at most three; only to a bare greeting whoever has asked already
says nothing and waits for what follows.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from qaplatform.exam.conditions import fits, holds
from qaplatform.exam.dialogue import Done, Happening, Open, State
from qaplatform.exam.hearing import Heard
from qaplatform.exam.moods import events_of, moved
from qaplatform.exam.scenario import Event, Fact, Interruption, Reaction, Says, Scenario

Part = tuple[str, Says, str]
"""(key, ways of saying it; empty: the voice's, ``text`` or ``image``)."""

_HURTS: tuple[tuple[Event, str], ...] = (
    ("insult", "insulted"),
    ("banned", "stung"),
    ("rebuffs", "stung"),
    ("off_platform", "lured"),
    ("review", "review_asked"),
    ("private", "private_asked"),
)
_MOST_PARTS = 3
_PATIENCE = 2
"""Replies that may pass a question by before it is asked again."""
_LINGERS = 2
"""Replies after which the customer says goodbye by themselves once everything is settled."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A state and what is to be said."""

    state: State
    parts: tuple[Part, ...] = ()
    silent_seconds: int = 0


def answered(scenario: Scenario, state: State, heard: Heard, moment: int) -> Answer:
    """The customer's answer to what was just heard."""
    return _Turn(scenario, state, heard, moment).answer()


class _Turn:
    """One reaction; collects what is said while the state goes on."""

    def __init__(self, scenario: Scenario, state: State, heard: Heard, moment: int) -> None:
        self._scenario, self._heard, self._moment = scenario, heard, moment
        self._line = max(state.unheard, default=len(state.lines) - 1)
        self._signs = {one.sign for one in heard.signs}
        self._parts: list[Part] = []
        self._state = replace(
            state,
            unheard=(),
            replies=state.replies + 1,
            acts=(*state.acts, *heard.acts),
            signs=(*state.signs, *heard.signs),
            unread=(*state.unread, *heard.unread),
            doubts=(*state.doubts, *heard.doubts),
            patient=any(one.act in ("stalls", "promises", "escalates") for one in heard.acts),
            nudges=0,
        )

    def answer(self) -> Answer:
        """React."""
        heard, scenario = self._heard, self._scenario
        if not heard.acts and not heard.signs:
            return self._not_understood()
        asked = self._asked_facts()
        again = [fact for fact in asked if self._state.has("fact", fact.id)]
        greets_only = not heard.signs and all(one.act == "greets" for one in heard.acts)
        self._questions_answered(passed_by=not asked and not greets_only)
        waiting = [one for one in self._state.open if one.replies >= _PATIENCE]
        events = events_of(heard, self._state, asked_again=bool(again), not_answered=bool(waiting))
        name, reaction = self._reaction(self._state.step) or ("", None)
        further = self._further(reaction)
        more = sum(one.mood for one in (reaction, further and further[1]) if one)
        mood, counts = moved(scenario, self._state, events, more)
        self._state = replace(self._state, mood=mood, events=counts)
        asks = any(one.act == "asks" for one in heard.acts)
        # Data that is shown is nothing the customer could refuse to give.
        hurt = next((key for event, key in _HURTS if event in events and (event != "private" or asks)), None)
        if mood <= scenario.mood.leaves_at:
            return self._leaves(hurt)
        if hurt and not (reaction and any(when.sign for when in reaction.when)):
            self._add(hurt)
        self._tell(asked, again)
        if reaction is not None:
            self._react(name, reaction, asks=further is None)
        if further is not None:
            self._react(*further)
        if "vague" in events and not hurt:
            self._add("when")
        if {"refuses", "refuses_explained"} & set(events) and reaction is None:
            self._add("refused")
        silent = self._interrupted()
        self._close()
        self._ask_again(waiting)
        if not self._parts and not (greets_only and self._state.open):
            self._add(self._small_talk(events))
        return Answer(self._state, tuple(self._parts), silent)

    def _add(self, key: str, says: Says = (), kind: str = "text") -> None:
        if len(self._parts) < _MOST_PARTS:
            self._parts.append((key, says, kind))

    def _happened(self, what: str, id: str) -> None:
        happening = Happening(what, id, self._line, self._moment)  # type: ignore[arg-type]
        self._state = replace(self._state, happened=(*self._state.happened, happening))

    def _not_understood(self) -> Answer:
        """Nothing could be read: say so, or ask the open question once more. No mood, no score."""
        self._add("unread")
        if self._state.open:
            question = self._scenario.question(self._state.open[0].id)
            self._add(f"again:{question.id}", question.again)
        return Answer(self._state, tuple(self._parts))

    def _leaves(self, hurt: str | None) -> Answer:
        if hurt:
            self._add(hurt)
        self._add("leaves")
        return Answer(replace(self._state, ending="left"), tuple(self._parts))

    def _asked_facts(self) -> list[Fact]:
        """Facts a question was about, in the order of the questions."""
        about = [one.about for one in self._heard.acts if one.act == "asks"]
        facts = [fact for one in about for fact in self._scenario.facts if one in (fact.asked_by or (fact.id,))]
        return list(dict.fromkeys(facts))

    def _tell(self, asked: list[Fact], again: list[Fact]) -> None:
        for fact in asked:
            if fact in again:
                continue
            if self._state.mood < fact.mood_at_least:
                self._add(f"hides:{fact.id}" if fact.refuses_to_tell else "no_idea", fact.refuses_to_tell)
                continue
            self._add(f"fact:{fact.id}", fact.says, fact.kind)
            self._happened("fact", fact.id)
        if again and len(again) == len(asked):
            self._add("told_already")

    def _questions_answered(self, *, passed_by: bool) -> None:
        """Close what was answered; count a reply that passed the others by. Who asks what matters is on the way."""
        still = []
        for one in self._state.open:
            question = self._scenario.question(one.id)
            if any(holds(when, self._heard.acts, self._signs, self._state) for when in question.answered_by):
                self._happened("answered", one.id)
            else:
                still.append(replace(one, replies=one.replies + passed_by))
        self._state = replace(self._state, open=tuple(still))

    def _reaction(self, id: str) -> tuple[str, Reaction] | None:
        """The first reaction of a step, then of anywhere, that holds, and its name."""
        step = self._scenario.step(id)
        for place, reactions in ((f"{step.id}:", step.reactions), ("anywhere:", self._scenario.anywhere)):
            for number, reaction in enumerate(reactions):
                name = f"{place}{number}"
                if reaction.once and self._state.has("reaction", name):
                    continue
                if any(holds(when, self._heard.acts, self._signs, self._state) for when in reaction.when):
                    self._happened("reaction", name)
                    return name, reaction
        return None

    def _further(self, first: Reaction | None) -> tuple[str, Reaction] | None:
        """The next step's reaction, where this very reply has answered what the first one would ask.

        Only what names a subject is taken for such an answer: 运费我们出 is one to 运费谁出呀, any promise with a time is not.
        """
        if first is None or first.asks is None or first.goto is None or self._state.has("answered", first.asks):
            return None
        whens = [when for when in self._scenario.question(first.asks).answered_by if when.about]
        if not any(holds(when, self._heard.acts, self._signs, self._state) for when in whens):
            return None
        return self._reaction(first.goto)

    def _react(self, name: str, reaction: Reaction, *, asks: bool = True) -> None:
        """Say it and go on; where it is not to ask, its question was answered before it came."""
        if reaction.says and asks:
            self._add(name, reaction.says)
        if reaction.goto is not None and reaction.goto != self._state.step:
            self._state = replace(self._state, step=reaction.goto, settled_replies=0)
            self._happened("step", reaction.goto)
        if reaction.asks is not None and asks:
            self._open(reaction.asks, said=bool(reaction.says))
        elif reaction.asks is not None:
            self._happened("answered", reaction.asks)

    def _open(self, id: str, *, said: bool) -> None:
        """Ask a question, unless it was asked before; the reaction's own words may have done it (``said``)."""
        if self._state.has("answered", id) or any(one.id == id for one in self._state.open):
            return
        if not said:
            self._add(f"question:{id}", self._scenario.question(id).says)
        self._state = replace(self._state, open=(*self._state.open, Open(id)))

    def _interrupted(self) -> int:
        """The first interruption whose time has come; how long it is silent."""
        for one in self._scenario.interruptions:
            if self._state.has("interruption", one.id):
                continue
            if any(holds(when, self._heard.acts, self._signs, self._state) for when in one.when):
                self._happened("interruption", one.id)
                return self._interrupt(one)
        return 0

    def _interrupt(self, one: Interruption) -> int:
        if one.says:
            self._add(f"interruption:{one.id}", one.says, "image" if one.kind == "photo" else "text")
        if one.asks is not None:
            self._open(one.asks, said=bool(one.says))
        return one.silent_seconds

    def _close(self) -> None:
        """Goodbye where everything is settled; a protest where it is not."""
        closes = any(one.act == "closes" for one in self._heard.acts)
        settled = self._scenario.step(self._state.step).settled
        if settled and not self._state.open:
            self._state = replace(self._state, settled_replies=self._state.settled_replies + 1)
            if closes or self._state.settled_replies > _LINGERS:
                self._add("bye")
                self._state = replace(self._state, ending="solved")
        elif closes and not settled and not self._parts:
            self._add("not_yet")

    def _ask_again(self, waiting: list[Open]) -> None:
        for one in waiting:
            if any(still.id == one.id for still in self._state.open):
                question = self._scenario.question(one.id)
                self._add("again")
                self._add(f"again:{question.id}", question.again)
                opened = [replace(still, replies=0) if still.id == one.id else still for still in self._state.open]
                self._state = replace(self._state, open=tuple(opened))
                return

    def _small_talk(self, events: tuple[Event, ...]) -> str:
        """What is said where nothing else is: to comfort, to an explanation, to patience asked for, to a greeting."""
        acts: tuple[Done, ...] = self._heard.acts
        asks = any(one.act == "asks" for one in acts)
        if asks and not self._asked_facts() and not any(fits(one, "closes", (), None) for one in acts):
            return "no_idea"
        if {"stalls", "promises"} & set(events):
            return "waits"
        if {"soothes", "apologises"} & set(events):
            return "soothed"
        if "explains" in events:
            return "explained"
        return "greeted" if "greets" in events else "goes_on"

"""The scripted customer: reads what the candidate wrote, is calmed or stung, answers, asks again, leaves.

Same scenario, seed, texts and times → the same dialogue, byte for byte, whenever and however often anybody looks. The
customer reads a reply some seconds after its last message, types, and goes on with what came meanwhile. All times are
whole seconds since the dialogue began; whoever keeps the real clock passes them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.exam.attempt import context_of, conversation_of
from qaplatform.exam.dialogue import Happening, Line, Open, State
from qaplatform.exam.hearing import Heard, Hears, Listener, Recognise
from qaplatform.exam.moods import moved
from qaplatform.exam.reacting import Answer, answered
from qaplatform.exam.scenario import Ending, Says, Scenario
from qaplatform.exam.wording import drawn, filled, stable_number, variant

_LOOKS_AGAIN_SECONDS = 2
"""After the customer's own last words, before what came meanwhile is read."""


def listener_for(scenario: Scenario, auditor: Auditor, recognise: Recognise) -> Listener:
    """A listener that judges by an auditor's rubric and the scenario's own calendar and addresses."""
    own = Auditor(auditor.rubric, context_of(scenario, timezone=auditor.context.timezone), matcher=auditor.matcher)
    return Listener(own, recognise)


class Customer:
    """One scenario's customer with one seed; keeps nothing but these, the dialogue is in the state.

    Args:
        scenario: whose customer it is.
        seed: of all that is drawn.
        listener: who reads what the candidate writes.
        worded: other words for lines by their numbers in the dialogue, for one that is played again after a model had
            worded some of it.
    """

    def __init__(
        self, scenario: Scenario, seed: int, listener: Hears, *, worded: Mapping[int, str] | None = None
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self._worded = worded or {}
        self._listener = listener
        self._slots = variant(scenario, seed)

    @property
    def auditor(self) -> Auditor:
        """What the dialogue is judged by: the rubric, with the scenario's calendar and addresses."""
        return self._listener.auditor

    @property
    def context(self) -> Context:
        """What the audit of this dialogue may know beside it."""
        return self.auditor.context

    def begin(self) -> State:
        """The dialogue with the customer's opening, the first message at second 0."""
        scenario = self.scenario
        start = scenario.steps[0].id
        state = State(
            seed=self.seed,
            mood=scenario.mood.start,
            step=start,
            happened=(Happening("step", start, -1, 0),),
            moods=((0, scenario.mood.start),),
        )
        state = self._type(state, [("opening", scenario.opening, "text")], 0, first_at_once=True)
        if scenario.opening_asks:
            state = replace(state, open=(Open(scenario.opening_asks),))
        return self.until(state, 0)

    def write(self, state: State, text: str, at_seconds: int) -> State:
        """The candidate sends a message. After the end nothing is taken any more: look at ``ended`` first."""
        state = self.until(state, at_seconds)
        if state.ended is not None:
            return state
        at = max(at_seconds, state.lines[-1].at_seconds if state.lines else 0)
        line = Line("candidate", text, at, state.mood)
        reads_at = at + self._reading_seconds(state)
        if state.coming:
            reads_at = max(reads_at, state.coming[-1].at_seconds + _LOOKS_AGAIN_SECONDS)
        state = replace(
            state,
            lines=(*state.lines, line),
            unheard=(*state.unheard, len(state.lines)),
            reads_at_seconds=max(reads_at, state.reads_at_seconds if state.unheard else 0),
        )
        self._will_hear(state)
        return state

    def stop(self, state: State, at_seconds: int) -> State:
        """The candidate ends the dialogue: solved where the customer has what they came for."""
        state = self.until(state, at_seconds)
        if state.ended is not None:
            return state
        return self._end(state, self.given_up_ending(state), at_seconds)

    def given_up_ending(self, state: State) -> Ending:
        """What it is when the candidate goes: solved in a settled step, else stopped."""
        return state.ending or ("solved" if self.scenario.step(state.step).settled else "stopped")

    def until(self, state: State, at_seconds: int) -> State:
        """The dialogue at a moment: everything the customer did up to it, this second included."""
        while state.ended is None:
            moment, happens = self._next(state)
            if moment > at_seconds:
                break
            if happens == "end":
                state = self._end(state, state.ending or "time_out", moment)
            elif happens == "send":
                state = self._said(state)
                if state.ending is not None and not state.coming:
                    state = self._end(state, state.ending, moment)
            elif happens == "read":
                state = self._read(state, moment)
            else:
                state = self._wait(state, moment)
        return state

    def next_moment(self, state: State) -> int | None:
        """When the customer does something next if nobody writes; ``None`` after the end."""
        return None if state.ended is not None else self._next(state)[0]

    def _next(self, state: State) -> tuple[int, str]:
        moments = [(self.scenario.clock.ends_after_seconds, 0, "end")]
        if state.coming:
            moments.append((state.coming[0].at_seconds, 1, "send"))
        elif state.unheard and state.ending is None:
            moments.append((state.reads_at_seconds, 2, "read"))
        elif state.lines:
            clock = self.scenario.clock
            waits = clock.waits_after_stalling_seconds if state.patient else clock.waits_seconds
            moments.append((state.lines[-1].at_seconds + waits, 3, "wait"))
        moment, _, happens = min(moments)
        return moment, happens

    def _said(self, state: State) -> State:
        """Send what is coming first."""
        line = state.coming[0]
        words = self._worded.get(len(state.lines))
        if words is not None and line.kind == "text":
            line = replace(line, text=words)
        return replace(state, lines=(*state.lines, line), coming=state.coming[1:])

    def _reading_seconds(self, state: State) -> int:
        return self.scenario.voice.least_seconds + stable_number(self.seed, "reads", str(len(state.lines))) % 5

    def _typing_seconds(self, state: State, text: str) -> int:
        voice = self.scenario.voice
        place = str(len(state.lines) + len(state.coming))
        seconds = 1 + int(len(text) / voice.chars_per_second) + stable_number(self.seed, "types", place) % 3
        return min(voice.most_seconds, seconds)

    def _read(self, state: State, moment: int) -> State:
        """React to everything the candidate wrote since the last reaction."""
        return self._say(state, answered(self.scenario, state, self._hear(state), moment), moment)

    def _hear(self, state: State) -> Heard:
        return self._listener.hear(conversation_of(self.scenario, state.lines, self.context), state.unheard)

    def _will_hear(self, state: State) -> None:
        """Tell the listener what there will be to hear if nobody writes anything more: all that is coming is sent before."""
        while state.coming:
            state = self._said(state)
        self._listener.ahead(conversation_of(self.scenario, state.lines, self.context), state.unheard)

    def _wait(self, state: State, moment: int) -> State:
        """Nothing came for a while: ask whether anybody is there, say goodbye, or leave."""
        if self.scenario.step(state.step).settled:
            answer = Answer(replace(state, ending="solved"), parts=(("bye", (), "text"),))
            return self._say(state, answer, moment, at_once=True)
        mood, events = moved(self.scenario, state, ("silence",))
        nudged = replace(state, mood=mood, events=events, nudges=state.nudges + 1, patient=False)
        leaves = nudged.nudges > self.scenario.clock.nudges or mood <= self.scenario.mood.leaves_at
        if leaves:
            nudged = replace(nudged, ending="left")
        key = "leaves" if leaves else "silence"
        return self._say(state, Answer(nudged, parts=((key, (), "text"),)), moment, at_once=True)

    def _say(self, before: State, answer: Answer, moment: int, *, at_once: bool = False) -> State:
        state = answer.state
        if state.mood != before.mood:
            state = replace(state, moods=(*state.moods, (moment, state.mood)))
        return self._type(state, answer.parts, moment + answer.silent_seconds, first_at_once=at_once)

    def _type(
        self, state: State, parts: Sequence[tuple[str, Says, str]], moment: int, *, first_at_once: bool = False
    ) -> State:
        """Put words into what is coming: each part by its key, drawn from its ways or from the voice's."""
        at = moment
        for key, says, kind in parts:
            ways = says or self._ways(state, key)
            used = dict(state.used)
            way = drawn(ways, self.seed, f"{self.scenario.id}:{key}", used.get(key, 0))
            used[key] = used.get(key, 0) + 1
            state = replace(state, used=tuple(sorted(used.items())))
            for text in (way,) if isinstance(way, str) else way:
                words = filled(text, self._slots)
                at += 0 if first_at_once else self._typing_seconds(state, words)
                first_at_once = False
                line = Line("customer", words, at, state.mood, "image" if kind == "image" else "text")
                state = replace(state, coming=(*state.coming, line))
        if not state.coming and state.ending is not None:
            return self._end(state, state.ending, moment)
        return state

    def _ways(self, state: State, key: str) -> Says:
        scenario, voice = self.scenario, self.scenario.voice
        own: Says = scenario.lines.get(key, ())  # type: ignore[call-overload]
        angry: Says = voice.angry_lines.get(key, ()) if state.mood <= voice.angry_at_most else ()  # type: ignore[call-overload]
        return own or angry or voice.lines[key]  # type: ignore[index]

    def _end(self, state: State, ending: Ending, moment: int) -> State:
        """The end: what was typed and not sent is dropped, what was not heard is still read for the score."""
        if state.unheard:
            heard = self._hear(state)
            state = replace(
                state,
                acts=(*state.acts, *heard.acts),
                signs=(*state.signs, *heard.signs),
                unread=(*state.unread, *heard.unread),
                doubts=(*state.doubts, *heard.doubts),
                unheard=(),
            )
        return replace(state, coming=(), ending=ending, ended=ending, ended_at_seconds=moment)

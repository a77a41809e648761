"""A scenario of the mock-dialogue exam, as frozen values: who writes in, what they hide, how they react, what counts.

Values come from YAML through :mod:`qaplatform.exam.scenario_loading`. Moods go from 0 (leaves in anger) to 10
(delighted). Times are whole seconds since the dialogue began.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from qaplatform.audit.phrases import Words

ActName = Literal[
    "greets", "soothes", "apologises", "explains", "asks", "offers", "refuses", "promises", "escalates", "transfers",
    "closes", "thanks", "confirms", "stalls", "rebuffs", "asks_off_platform", "asks_for_review", "unread",
]  # fmt: skip
"""What a candidate's words do; the words of :mod:`qaplatform.exam.acts`."""
Sign = Literal["banned", "insult", "curt", "vague", "off_platform", "review", "absolute", "private"]
"""What the live rubric's checks see in a reply; ``vague`` is a promise without a time, ``private`` data asked or shown."""
Event = Literal[
    "greets", "soothes", "apologises", "explains", "promises", "refuses", "refuses_explained", "stalls", "rebuffs",
    "banned", "insult", "curt", "vague", "off_platform", "review", "private", "cold", "asked_again", "not_answered", "silence",
]  # fmt: skip
"""What moves a mood."""
LineKey = Literal[
    "greeted", "soothed", "explained", "goes_on", "stung", "insulted", "refused", "when", "waits", "again", "told_already",
    "no_idea", "silence", "lured", "review_asked", "private_asked", "not_yet", "unread", "leaves", "bye",
]  # fmt: skip
"""What any customer may have to say; a voice words every one of them."""
Ending = Literal["solved", "left", "time_out", "stopped"]
Says = tuple[str | tuple[str, ...], ...]
"""Ways of saying it, one of which is drawn; a list is said in several messages."""

MOST_MOOD = 10


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition on a reply and the state of the dialogue; what is left empty is not asked for."""

    act: ActName | tuple[ActName, ...] = ()
    about: str | tuple[str, ...] = ()
    due: bool | None = None
    sign: Sign | tuple[Sign, ...] = ()
    told: str | tuple[str, ...] = ()
    """Facts that were told already, all of them."""
    not_told: str | tuple[str, ...] = ()
    """Facts none of which was told yet."""
    done: str | tuple[str, ...] = ()
    """Steps that were entered before, all of them."""
    mood_at_least: int | None = None
    mood_at_most: int | None = None
    replies_at_least: int | None = None
    """So many turns the candidate has taken, this one included."""

    @property
    def hears(self) -> bool:
        """Whether it asks for anything in the reply itself."""
        return bool(self.act or self.about or self.sign or self.due is not None)


def several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One word or many, as many."""
    return (value,) if isinstance(value, str) else value


class Persona(msgspec.Struct, frozen=True):
    """Who writes in; ``voice`` is the id of a voice, ``about`` is for people who read the scenario."""

    name: str
    voice: str
    about: Words


class Clock(msgspec.Struct, frozen=True):
    """When the dialogue begins and how long the customer waits."""

    starts_at: datetime
    """Local where it has no zone."""
    ends_after_seconds: int = 900
    waits_seconds: int = 75
    """So long without a word the customer asks whether anybody is there."""
    waits_after_stalling_seconds: int = 240
    """The same after a promise or a request for patience."""
    nudges: int = 2
    """So often, then the customer leaves."""
    promotion: bool = False
    """Whether the day is a promotion day, with shorter limits."""


class Mood(msgspec.Struct, frozen=True):
    """Where a mood begins and what moves it, where it differs from the voice."""

    start: int
    leaves_at: int = 0
    rules: Mapping[Event, int] = {}


class Fact(msgspec.Struct, frozen=True):
    """What only the customer knows. It is told when asked for, not before."""

    id: str
    says: Says
    asked_by: tuple[str, ...] = ()
    """What a question must be about; the fact's id where empty."""
    kind: Literal["text", "image"] = "text"
    mood_at_least: int = 0
    """Below it the customer does not tell (and says ``refuses_to_tell``)."""
    refuses_to_tell: Says = ()


class Question(msgspec.Struct, frozen=True):
    """What the customer wants to know; it comes again until it is answered."""

    id: str
    says: Says
    again: Says
    """How it is asked once more; begins a message of its own."""
    answered_by: tuple[When, ...]


class Reaction(msgspec.Struct, frozen=True):
    """What follows where a condition holds: words, a change of mood, another step."""

    when: tuple[When, ...]
    """Any of them."""
    says: Says = ()
    mood: int = 0
    goto: str | None = None
    asks: str | None = None
    """The id of a question that is asked now."""
    once: bool = False


class Step(msgspec.Struct, frozen=True):
    """A state of the dialogue; in a ``settled`` one the customer has what they came for."""

    id: str
    reactions: tuple[Reaction, ...] = ()
    settled: bool = False


class Interruption(msgspec.Struct, frozen=True):
    """What comes unasked: silence, a second question, a picture, a threat. Once, with the first reply that fits."""

    id: str
    kind: Literal["silence", "second_question", "photo", "threat"]
    when: tuple[When, ...]
    says: Says = ()
    asks: str | None = None
    silent_seconds: int = 0
    """So much longer than usual the customer says nothing."""


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happens in a dialogue, for order: the first act of a kind, a fact told, a step entered."""

    act: ActName | tuple[ActName, ...] = ()
    about: str | tuple[str, ...] = ()
    fact: str | None = None
    step: str | None = None


class Goal(msgspec.Struct, frozen=True):
    """A state to reach: a step, a fact learned, a mood at the end, an ending. All that is named must hold."""

    id: str
    title: Words
    points: float
    step: str | None = None
    fact: str | None = None
    mood_at_least: int | None = None
    ended: Ending | None = None
    answered: str | None = None
    """A question that must have been answered."""
    before: Moment | None = None
    """A step or fact must be reached before this; holds where this never happens."""


class Required(msgspec.Struct, frozen=True):
    """An act the candidate must do."""

    id: str
    title: Words
    points: float
    act: ActName | tuple[ActName, ...]
    about: str | tuple[str, ...] = ()
    due: bool | None = None
    before: Moment | None = None


class Forbidden(msgspec.Struct, frozen=True):
    """What must not be done. ``costs`` points of 100; ``fails`` ends every hope of a pass."""

    id: str
    title: Words
    costs: float
    act: ActName | tuple[ActName, ...] = ()
    about: str | tuple[str, ...] = ()
    sign: Sign | tuple[Sign, ...] = ()
    fails: bool = False
    before: Moment | None = None
    """Forbidden only before this has happened."""


class PanelEntry(msgspec.Struct, frozen=True):
    """A line of the side panel: what the candidate can look up."""

    title: Words
    text: str


class Panel(msgspec.Struct, frozen=True):
    """What the candidate is given, like a support desk's side panel."""

    order: tuple[PanelEntry, ...] = ()
    logistics: tuple[PanelEntry, ...] = ()
    policy: tuple[PanelEntry, ...] = ()


class Chat(msgspec.Struct, frozen=True):
    """What the conversation carries beside its messages."""

    shop: str
    queue: str = "after_sale"
    tier: str | None = None
    order_value: float | None = None
    return_addresses: tuple[str, ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """A line of a reference dialogue: so long after the customer's last message (or, ``at_once``, after the line before)."""

    says: str
    after_seconds: int = 20
    at_once: bool = False
    acts: tuple[str, ...] = ()
    """What must be read in it, e.g. ``asks photo`` or ``promises refund due``."""


class Reference(msgspec.Struct, frozen=True):
    """A dialogue that is run as a test."""

    replies: tuple[Reply, ...]
    seed: int = 1


class References(msgspec.Struct, frozen=True):
    """How it is done (≥ 90) and how it is not (≤ 40)."""

    good: Reference
    bad: Reference


class Voice(msgspec.Struct, frozen=True):
    """How a sort of person talks, types and takes things; shared by scenarios."""

    id: str
    title: Words
    lines: Mapping[LineKey, Says]
    angry_lines: Mapping[LineKey, Says] = {}
    """Instead, while the mood is at most ``angry_at_most``."""
    angry_at_most: int = 3
    rules: Mapping[Event, int] = {}
    language: Literal["zh", "en"] = "zh"
    chars_per_second: float = 2.5
    least_seconds: int = 5
    most_seconds: int = 30


class Scenario(msgspec.Struct, frozen=True):
    """A whole scenario; ``content_hash`` (12 hex digits) changes with whatever a dialogue or a score depends on."""

    id: str
    title: Words
    summary: Words
    kind: str
    """Scenarios of one kind stand in for one another at a retake."""
    level: Literal["easy", "medium", "hard"]
    chat: Chat
    persona: Persona
    voice: Voice
    clock: Clock
    mood: Mood
    opening: Says
    steps: tuple[Step, ...]
    goals: tuple[Goal, ...]
    language: Literal["zh", "en"] = "zh"
    opening_asks: str | None = None
    variants: tuple[Mapping[str, str], ...] = ()
    """Names and figures that differ by seed; ``{name}`` in any text of the scenario."""
    facts: tuple[Fact, ...] = ()
    questions: tuple[Question, ...] = ()
    anywhere: tuple[Reaction, ...] = ()
    """Reactions of every step, asked after the step's own."""
    interruptions: tuple[Interruption, ...] = ()
    required: tuple[Required, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    panel: Panel = Panel()
    lines: Mapping[LineKey, Says] = {}
    """Instead of the voice's."""
    pass_mark: float = 80.0
    references: References | None = None
    content_hash: str = ""

    def step(self, id: str) -> Step:
        """The step of that id (the loader has made sure there is one)."""
        return next(one for one in self.steps if one.id == id)

    def question(self, id: str) -> Question:
        """The question of that id."""
        return next(one for one in self.questions if one.id == id)

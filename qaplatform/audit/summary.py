"""What many scorecards say together: counts by criterion, agent, day, verdict and observation.

One streaming pass fills a ``Summary``; the parts of a split job are put together with ``merge``, in any
order, with the same result. Only counts, the ``keep`` conversations of highest priority and a few
addresses for each criterion are held, so the size does not grow with the number of conversations.

Whose is it? A conversation's score counts for the agent who wrote most of its messages (the first of
equals); a failed criterion counts for each agent its findings name, else for the agent of the result,
else for that same agent. Averages are over every conversation that was added, never a choice of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from qaplatform.audit.clock import seconds_of
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.finding import CriterionResult, Scorecard
from qaplatform.audit.tallies import (
    AgentTally,
    Case,
    CriterionTally,
    Foremost,
    GapTally,
    ObservationTally,
    ScoreTally,
)

UNNAMED = ""
"""The agent of messages that name nobody."""
BINS = 20
"""Classes of the score distribution, each ``100 / BINS`` points wide; 100 falls in the last."""
MENTIONS = 50
"""Conversations remembered for each criterion that failed."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def by_agent(message: Message) -> bool:
    """Did a person of the shop write this to the customer (no automatic reply, no internal note)?"""
    return message.role == "agent" and not message.auto and message.kind != "note"


def agents_of(conversation: Conversation) -> tuple[str, ...]:
    """The agents who wrote to the customer: who wrote most first, then in order of appearance."""
    wrote = Counter(message.agent or UNNAMED for message in conversation.messages if by_agent(message))
    return tuple(agent for agent, _ in wrote.most_common())


def reply_gaps(conversation: Conversation, zone: ZoneInfo) -> Iterator[tuple[str, float]]:
    """(agent, seconds) from the last message of each customer turn to the first human reply.

    Notes, bots and automatic replies do not answer; turns whose times are unknown or run backwards are left out.
    """
    waiting: str | None = None
    for message in conversation.messages:
        if message.role == "customer":
            waiting = message.sent_at
        elif waiting is not None and by_agent(message):
            if message.sent_at is not None:
                gap = seconds_of(message.sent_at, zone) - seconds_of(waiting, zone)
                if gap >= 0:  # not NaN either
                    yield message.agent or UNNAMED, gap
            waiting = None


def _started(conversation: Conversation, zone: ZoneInfo) -> float | None:
    for message in conversation.messages:
        if message.sent_at is not None:
            seconds = seconds_of(message.sent_at, zone)
            if not math.isnan(seconds):
                return seconds
    return None


def _case_order(case: Case) -> tuple[float | str, ...]:
    return (-case.scorecard.priority, case.scorecard.id)


class Summary:
    """The counts of everything added so far; ``zone`` decides where a day begins."""

    def __init__(self, *, zone: ZoneInfo = SHANGHAI, keep: int = 30) -> None:
        self.zone = zone
        self.keep = keep
        self.messages = 0
        self.without_times = 0
        self.share_total = 0.0
        self.scores = ScoreTally()
        self.histogram = [0] * BINS
        self.rubrics: Counter[str] = Counter()
        self.criteria: dict[str, CriterionTally] = {}
        self.agents: dict[str, AgentTally] = {}
        self.days: dict[str, ScoreTally] = {}
        self.topics: dict[tuple[str, ...], ScoreTally] = {}
        self.gaps = GapTally()
        self.observations = ObservationTally()
        self.first_seconds: float | None = None
        self.last_seconds: float | None = None
        self._worst: Foremost[Case] = Foremost(keep, _case_order)

    @property
    def conversations(self) -> int:
        """How many were added."""
        return self.scores.conversations

    @property
    def mean_share(self) -> float | None:
        """Average scored share, 0–1."""
        return self.share_total / self.conversations if self.conversations else None

    @property
    def worst(self) -> list[Case]:
        """The conversations a person should see first: highest priority, then by id."""
        return self._worst.items()

    @property
    def started_at(self) -> datetime | None:
        """Start of the earliest conversation, UTC."""
        return None if self.first_seconds is None else datetime.fromtimestamp(self.first_seconds, UTC)

    @property
    def ended_at(self) -> datetime | None:
        """Start of the latest conversation, UTC."""
        return None if self.last_seconds is None else datetime.fromtimestamp(self.last_seconds, UTC)

    def add(self, conversation: Conversation, card: Scorecard) -> None:
        """Count one conversation and its scorecard."""
        self.messages += len(conversation.messages)
        self.share_total += card.scored_share
        self.scores.add(card)
        if card.score is not None:
            self.histogram[max(0, min(BINS - 1, int(card.score * BINS / 100)))] += 1
        self.rubrics[card.rubric] += 1
        self.observations.add(card.observations)
        for depth in range(1, len(card.observations.topic) + 1):
            self.topics.setdefault(card.observations.topic[:depth], ScoreTally()).add(card)
        self._add_time(conversation, card)
        self._add_people(conversation, card)
        self._worst.add(Case(conversation, card))

    def _add_time(self, conversation: Conversation, card: Scorecard) -> None:
        started = _started(conversation, self.zone)
        if started is None:
            self.without_times += 1
            return
        day = datetime.fromtimestamp(started, self.zone).date().isoformat()
        self.days.setdefault(day, ScoreTally()).add(card)
        self._widen(started, started)

    def _widen(self, first: float, last: float) -> None:
        self.first_seconds = first if self.first_seconds is None else min(first, self.first_seconds)
        self.last_seconds = last if self.last_seconds is None else max(last, self.last_seconds)

    def _agent(self, agent: str) -> AgentTally:
        tally = self.agents.get(agent)
        if tally is None:
            tally = self.agents[agent] = AgentTally()
        return tally

    def _criterion(self, criterion: str) -> CriterionTally:
        tally = self.criteria.get(criterion)
        if tally is None:
            tally = self.criteria[criterion] = CriterionTally(MENTIONS)
        return tally

    def _add_people(self, conversation: Conversation, card: Scorecard) -> None:
        people = agents_of(conversation)
        for name in people:
            self._agent(name).took_part += 1
        if people:
            self._agent(people[0]).led.add(card)
        for name, seconds in reply_gaps(conversation, self.zone):
            self.gaps.add(seconds)
            self._agent(name).gaps.add(seconds)
        for result in card.criteria:
            self._criterion(result.id).add(result, card)
            if result.outcome in ("pass", "fail"):
                for name in blamed(result, people):
                    agent = self._agent(name)
                    agent.applicable[result.id] += 1
                    if result.outcome == "fail":
                        agent.failed[result.id] += 1

    def merge(self, other: Summary) -> None:
        """Take in the counts of another part of the same job."""
        self.messages += other.messages
        self.without_times += other.without_times
        self.share_total += other.share_total
        self.scores.merge(other.scores)
        self.histogram = [mine + theirs for mine, theirs in zip(self.histogram, other.histogram, strict=True)]
        self.rubrics.update(other.rubrics)
        for name, criterion in other.criteria.items():
            self._criterion(name).merge(criterion)
        for name, tally in other.agents.items():
            self._agent(name).merge(tally)
        for day, scores in other.days.items():
            self.days.setdefault(day, ScoreTally()).merge(scores)
        for topic, scores in other.topics.items():
            self.topics.setdefault(topic, ScoreTally()).merge(scores)
        self.gaps.merge(other.gaps)
        self.observations.merge(other.observations)
        if other.first_seconds is not None and other.last_seconds is not None:
            self._widen(other.first_seconds, other.last_seconds)
        self._worst.merge(other._worst)


def blamed(result: CriterionResult, people: tuple[str, ...]) -> tuple[str, ...]:
    """The agents a result counts for; ``people`` are the conversation's agents, the one who wrote most first."""
    if result.outcome == "fail":
        named = dict.fromkeys(f.agent for f in result.findings if isinstance(f.agent, str))
        if named:
            return tuple(named)
    if result.agent is not None:
        return (result.agent,)
    return people[:1]


def summarise(pairs: Iterable[tuple[Conversation, Scorecard]], *, zone: ZoneInfo = SHANGHAI, keep: int = 30) -> Summary:
    """Count every pair."""
    summary = Summary(zone=zone, keep=keep)
    for conversation, card in pairs:
        summary.add(conversation, card)
    return summary

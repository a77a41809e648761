"""The counters a summary is made of, each of which can take in another of its kind.

They are the only changing values of the core: a frozen copy for every conversation would cost more than
the audit itself. Only ``summary.py`` fills them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import CriterionResult, Observations, Scorecard

SLOWEST_SECONDS = 3600
"""Longer replies are counted as this long, so that a tally of seconds stays small."""


class Interval(NamedTuple):
    """A ratio's bounds, 0–1."""

    low: float
    high: float


def wilson(hits: int, total: int, z: float = 1.959964) -> Interval | None:
    """The Wilson score interval of a ratio (Wilson 1927), 95 % by default; ``None`` when nothing was counted."""
    if total <= 0:
        return None
    share, squared = hits / total, z * z / total
    centre = (share + squared / 2) / (1 + squared)
    half = z / (1 + squared) * math.sqrt(share * (1 - share) / total + squared / (4 * total))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


Item = TypeVar("Item")


class Foremost(Generic[Item]):
    """The ``keep`` items that ``order`` puts first."""

    def __init__(self, keep: int, order: Callable[[Item], tuple[float | str, ...]]) -> None:
        self.keep = keep
        self._order = order
        self._items: list[Item] = []

    def add(self, item: Item) -> None:
        """Take the item in; what falls behind is let go of now and then."""
        self._items.append(item)
        if len(self._items) >= 2 * self.keep + 64:
            self._items = self.items()

    def items(self) -> list[Item]:
        """The first ones, in order."""
        return sorted(self._items, key=self._order)[: self.keep]

    def merge(self, other: Foremost[Item]) -> None:
        """Take the other's in."""
        for item in other.items():
            self.add(item)


class Case(NamedTuple):
    """A conversation kept whole."""

    conversation: Conversation
    scorecard: Scorecard


class Mention(NamedTuple):
    """Where a criterion failed: enough to find the conversation again."""

    conversation: str
    priority: float
    score: float | None
    message: int | None
    quote: str


def _case_order(case: Case) -> tuple[float | str, ...]:
    return (-case.scorecard.priority, case.scorecard.id)


def _mention_order(mention: Mention) -> tuple[float | str, ...]:
    return (-mention.priority, mention.conversation)


@dataclass(slots=True)
class ScoreTally:
    """Scores (0–100) and verdicts of some conversations."""

    conversations: int = 0
    scored: int = 0
    total: float = 0.0
    squares: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, card: Scorecard) -> None:
        """Count one conversation."""
        self.conversations += 1
        self.verdicts[card.verdict] += 1
        if card.score is not None:
            self.scored += 1
            self.total += card.score
            self.squares += card.score * card.score

    def merge(self, other: ScoreTally) -> None:
        """Add the other's counts."""
        self.conversations += other.conversations
        self.scored += other.scored
        self.total += other.total
        self.squares += other.squares
        self.verdicts.update(other.verdicts)

    @property
    def mean(self) -> float | None:
        """Average score, 0–100."""
        return self.total / self.scored if self.scored else None

    @property
    def mean_margin(self) -> float | None:
        """Half the 95 % interval of the mean (normal approximation), in points."""
        if self.scored < 2:
            return None
        variance = max(0.0, (self.squares - self.total * self.total / self.scored) / (self.scored - 1))
        return 1.959964 * math.sqrt(variance / self.scored)

    @property
    def judged(self) -> int:
        """Conversations with a verdict other than ``unscored``."""
        return self.conversations - self.verdicts["unscored"]

    @property
    def passed(self) -> int:
        """Conversations that passed."""
        return self.verdicts["pass"]


class GapTally:
    """Reply times in whole seconds, exact up to ``SLOWEST_SECONDS``."""

    def __init__(self) -> None:
        self.seconds: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Count one reply."""
        self.seconds[min(int(seconds), SLOWEST_SECONDS)] += 1

    def merge(self, other: GapTally) -> None:
        """Add the other's counts."""
        self.seconds.update(other.seconds)

    @property
    def count(self) -> int:
        """How many replies."""
        return sum(self.seconds.values())

    def quantile(self, share: float) -> int | None:
        """The smallest number of seconds within which at least ``share`` (0–1) of the replies came."""
        need, seen = share * self.count, 0
        for value in sorted(self.seconds):
            seen += self.seconds[value]
            if seen >= need:
                return value
        return None

    def between(self, low: int, high: int | None) -> int:
        """Replies of ``low`` ≤ seconds < ``high``."""
        return sum(n for value, n in self.seconds.items() if value >= low and (high is None or value < high))


class CriterionTally:
    """How often a criterion was met, broken, did not apply or could not be judged."""

    def __init__(self, keep: int) -> None:
        self.outcomes: Counter[str] = Counter()
        self.findings = 0
        self.codes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.mentions: Foremost[Mention] = Foremost(keep, _mention_order)

    def add(self, result: CriterionResult, card: Scorecard) -> None:
        """Count one result of the scorecard."""
        self.outcomes[result.outcome] += 1
        if result.findings and result.outcome == "fail":
            self.findings += len(result.findings)
            self.codes.update(finding.code for finding in result.findings)
        if result.outcome == "unscored" and result.reason:
            self.reasons[result.reason] += 1
        if result.outcome == "fail":
            first = result.findings[0] if result.findings else None
            where = (first.message, first.quote[:60]) if first else (None, "")
            self.mentions.add(Mention(card.id, card.priority, card.score, *where))

    def merge(self, other: CriterionTally) -> None:
        """Add the other's counts."""
        self.outcomes.update(other.outcomes)
        self.findings += other.findings
        self.codes.update(other.codes)
        self.reasons.update(other.reasons)
        self.mentions.merge(other.mentions)

    @property
    def failed(self) -> int:
        """Conversations that broke it."""
        return self.outcomes["fail"]

    @property
    def applicable(self) -> int:
        """Conversations in which it was judged (met or broken)."""
        return self.outcomes["pass"] + self.outcomes["fail"]


class AgentTally:
    """One agent: conversations taken part in, scores of those led, criteria, reply times."""

    def __init__(self) -> None:
        self.took_part = 0
        self.led = ScoreTally()
        self.applicable: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.gaps = GapTally()

    def merge(self, other: AgentTally) -> None:
        """Add the other's counts."""
        self.took_part += other.took_part
        self.led.merge(other.led)
        self.applicable.update(other.applicable)
        self.failed.update(other.failed)
        self.gaps.merge(other.gaps)


@dataclass(slots=True)
class ObservationTally:
    """What the checks saw, before any rule. Keys are the words of the audit form."""

    episodes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(kind, verdict)"""
    promises: Counter[tuple[bool, bool | None]] = field(default_factory=Counter)
    """(concrete, kept)"""
    transfers: Counter[tuple[str, bool, bool, bool]] = field(default_factory=Counter)
    """(kind, announced, who named, reason given)"""
    closed: Counter[str] = field(default_factory=Counter)
    spans: Counter[tuple[str, str]] = field(default_factory=Counter)
    """("blunt" or "review_requests", kind); ("off_platform" or "absolute", "")"""
    with_closing_check: int = 0
    with_unanswered: int = 0
    unanswered: int = 0
    with_episode: int = 0

    def add(self, seen: Observations) -> None:
        """Count one conversation's."""
        for episode in seen.episodes:
            self.episodes[episode.kind, episode.verdict] += 1
        for promise in seen.promises:
            self.promises[promise.concrete, promise.kept] += 1
        for move in seen.transfers:
            self.transfers[move.kind, move.announced, move.who_named, move.reason_given] += 1
        self.closed[seen.closed] += 1
        for span in seen.blunt:
            self.spans["blunt", span.kind] += 1
        for span in seen.review_requests:
            self.spans["review_requests", span.kind] += 1
        for name, found in (("off_platform", seen.off_platform), ("absolute", seen.absolute)):
            if found:
                self.spans[name, ""] += len(found)
        self.with_closing_check += seen.closing_check is not None
        self.with_unanswered += bool(seen.unanswered)
        self.unanswered += len(seen.unanswered)
        self.with_episode += bool(seen.episodes)

    def merge(self, other: ObservationTally) -> None:
        """Add the other's counts."""
        self.episodes.update(other.episodes)
        self.promises.update(other.promises)
        self.transfers.update(other.transfers)
        self.closed.update(other.closed)
        self.spans.update(other.spans)
        self.with_closing_check += other.with_closing_check
        self.with_unanswered += other.with_unanswered
        self.unanswered += other.unanswered
        self.with_episode += other.with_episode

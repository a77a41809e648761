"""What a replay adds up: verdicts that flip, score moves of agents and teams, failures of criteria."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_SHOWN = 200
"""So many conversations of each flip are kept by id, those whose score moved furthest."""
LEAST_COUNT = 10
"""Of fewer conversations nobody says how a score moved."""
_Z95 = 1.96
_LEVELS = {"critical": 0, "fail": 1, "unscored": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class Both:
    """What both versions say of one conversation; a missing score is ``None``."""

    conversation_id: int
    agent_id: int | None
    team_id: int | None
    old_score: float | None
    new_score: float | None
    old_verdict: str | None
    new_verdict: str | None


@dataclass(slots=True)
class Moves:
    """Scores of the same conversations before and after."""

    count: int = 0
    before: float = 0.0
    after: float = 0.0
    squares: float = 0.0
    moved: int = 0

    def add(self, old: float, new: float) -> None:
        """Add one conversation."""
        self.count += 1
        self.before += old
        self.after += new
        self.squares += (new - old) ** 2
        self.moved += old != new

    def figures(self) -> dict[str, Any]:
        """Means, and the move with the half-width of its 95 % interval (``None``: too few to say)."""
        mean = (self.after - self.before) / self.count if self.count else 0.0
        half = None
        if self.count >= LEAST_COUNT:
            variance = max(self.squares - self.count * mean**2, 0.0) / (self.count - 1)
            half = round(_Z95 * math.sqrt(variance / self.count), 3)
        return {
            "n": self.count,
            "before": round(self.before / self.count, 2) if self.count else None,
            "after": round(self.after / self.count, 2) if self.count else None,
            "move": round(mean, 2),
            "half": half,
            "moved": self.moved,
        }


@dataclass(slots=True)
class Tally:
    """A replay on its way; its size does not grow with the conversations."""

    count: int = 0
    flips: Counter[tuple[str, str]] = field(default_factory=Counter)
    shown: dict[tuple[str, str], list[tuple[float, int, float | None, float | None]]] = field(default_factory=dict)
    whole: Moves = field(default_factory=Moves)
    agents: dict[int, Moves] = field(default_factory=dict)
    teams: dict[int, Moves] = field(default_factory=dict)
    failed_before: Counter[str] = field(default_factory=Counter)
    failed_after: Counter[str] = field(default_factory=Counter)
    left: int = 0
    """Conversations that the old version judges and the new one no longer does."""
    joined: int = 0
    """Conversations that only the new version judges."""
    reused: int = 0
    """Conversations whose stored audit could be used."""

    def add(self, one: Both) -> None:
        """Add one conversation."""
        self.count += 1
        if one.old_score is not None and one.new_score is not None:
            self.whole.add(one.old_score, one.new_score)
            for moves, key in ((self.agents, one.agent_id), (self.teams, one.team_id)):
                if key is not None:
                    moves.setdefault(key, Moves()).add(one.old_score, one.new_score)
        if one.old_verdict != one.new_verdict:
            flip = (one.old_verdict or "none", one.new_verdict or "none")
            self.flips[flip] += 1
            kept = self.shown.setdefault(flip, [])
            move = abs((one.new_score or 0.0) - (one.old_score or 0.0))
            entry = (move, -one.conversation_id, one.old_score, one.new_score)
            if len(kept) < MOST_SHOWN:
                heapq.heappush(kept, entry)
            else:
                heapq.heappushpop(kept, entry)

    def figures(self) -> dict[str, Any]:
        """All of it as JSON: ids and numbers only."""
        return {
            "count": self.count,
            "reused": self.reused,
            "left": self.left,
            "joined": self.joined,
            "whole": self.whole.figures(),
            "flips": [self._flip(flip) for flip in sorted(self.flips, key=self._order)],
            "agents": _by_move(self.agents),
            "teams": _by_move(self.teams),
            "criteria": [
                {"id": id, "before": self.failed_before[id], "after": self.failed_after[id]}
                for id in sorted(self.failed_before | self.failed_after)
            ],
        }

    def _order(self, flip: tuple[str, str]) -> tuple[bool, int, str, str]:
        return flip_is_better(flip), -self.flips[flip], *flip

    def _flip(self, flip: tuple[str, str]) -> dict[str, Any]:
        kept = sorted(self.shown[flip], reverse=True)
        return {
            "old": flip[0],
            "new": flip[1],
            "n": self.flips[flip],
            "shown": [[-number, old, new] for _, number, old, new in kept],
        }


def flip_is_better(flip: tuple[str, str]) -> bool:
    """Whether a verdict turns to the better."""
    return _LEVELS.get(flip[1], 2) > _LEVELS.get(flip[0], 2)


def _by_move(moves: Mapping[int, Moves]) -> list[dict[str, Any]]:
    out = [{"id": id, **one.figures()} for id, one in moves.items()]
    return sorted(out, key=lambda one: (-abs(one["move"]), one["id"]))

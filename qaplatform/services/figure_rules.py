"""What counts in a figure about people: the two rules that every average of a dashboard keeps to.

- **All chats or random draws** (D13): what was drawn because it looked bad says nothing about the average. Machine figures are
  counted over all chats; of what people have ruled, only random draws speak.
- **A machine's critical is no verdict** (D14): until a person has confirmed it, it counts neither as a failure nor in a score.
"""

from __future__ import annotations

from typing import Final, Literal

Counted = Literal["passed", "failed", "critical", "pending", "unscored"]
SPEAKS_FOR_PEOPLE: Final = frozenset({"random"})
"""The ways a chat can be drawn for a review after which its ruling may go into an average about people."""


def counted_as(verdict: str | None, *, is_upheld: bool) -> Counted:
    """As what a machine's verdict counts; ``is_upheld``: a person says that what made it critical is so."""
    if verdict == "pass":
        return "passed"
    if verdict == "fail":
        return "failed"
    if verdict == "critical":
        return "critical" if is_upheld else "pending"
    return "unscored"


def score_counts(counted: Counted) -> bool:
    """Whether the score of a conversation that counts as such goes into an average."""
    return counted in ("passed", "failed", "critical")


def speaks_for_people(draw: str) -> bool:
    """Whether the ruling on a chat that was drawn so may go into an average about people."""
    return draw in SPEAKS_FOR_PEOPLE

"""What a row of the matrix of routes is made of: see ``routes.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OWN_AGENT = 2
"""The agent that the viewers are who are one; of shop 1 and team 1."""
SPARE = 1000
"""The number of things that only the matrix uses; those that a route takes away have the numbers after it."""


@dataclass(frozen=True)
class Example:
    """A thing to ask a route about, and the shop, team and agent it belongs to; ``None`` throughout: it lies nowhere."""

    values: Mapping[str, int | str] = field(default_factory=dict)
    shop_id: int | None = None
    team_id: int | None = None
    agent_id: int | None = None
    is_absent: bool = False
    """The page is not there at all in the workplace of the tests; whoever lacks the permission is refused all the same."""

    @property
    def lies_nowhere(self) -> bool:
        """Whether only the permission counts."""
        return self.shop_id is None and self.team_id is None and self.agent_id is None


@dataclass(frozen=True)
class Row:
    """A route: the permission it must ask for, and what it is asked about."""

    permission: str
    examples: Sequence[Example]
    reach: str | None = None
    """The permission by which its things are seen, where that is another one."""


def plain(permission: str, *endpoints: str, **values: int) -> dict[str, Row]:
    """Routes whose things lie nowhere."""
    return {endpoint: Row(permission, (Example(values),)) for endpoint in endpoints}

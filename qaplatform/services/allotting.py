"""Who gets which of the drawn conversations: evenly, within quotas, never one's own chats nor what one may not see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from qaplatform.audit.sampling import Candidate, ticket_of
from qaplatform.store.scopes import Scope


class Hand(msgspec.Struct, frozen=True):
    """Somebody who is given work."""

    user_id: int
    quota: int | None
    """At most so many of a draw; ``None`` = an even share."""
    scope: Scope
    own: frozenset[int] = frozenset()
    """Conversations in which they wrote themselves."""

    def may_take(self, one: Candidate) -> bool:
        """Whether a conversation may be theirs."""
        return one.id not in self.own and (
            self.scope.everything or self.scope.holds(shop_id=one.shop_id, team_id=one.team_id)
        )


def takeable(candidates: Sequence[Candidate], hands: Sequence[Hand]) -> list[Candidate]:
    """Those that somebody may be given; all of them where whoever asks gets them."""
    if not hands or any(hand.scope.everything and not hand.own for hand in hands):
        return list(candidates)
    return [one for one in candidates if any(hand.may_take(one) for hand in hands)]


def allot(drawn: Iterable[Candidate], hands: Sequence[Hand], seed: int) -> Mapping[int, int | None]:
    """By conversation whose it becomes; what nobody has room for is left out. Without hands it is nobody's yet.

    Whoever has least gets the next one, those conversations first that the fewest may take.
    """
    known = list(drawn)
    if not hands:
        return dict.fromkeys((one.id for one in known), None)
    takers = {one.id: [hand for hand in hands if hand.may_take(one)] for one in known}
    turn = {hand.user_id: ticket_of(seed, f"hand {hand.user_id}") for hand in hands}
    load = dict.fromkeys(turn, 0)
    out: dict[int, int | None] = {}
    for one in sorted(known, key=lambda one: len(takers[one.id])):
        free = [hand for hand in takers[one.id] if hand.quota is None or load[hand.user_id] < hand.quota]
        if free:
            chosen = min(free, key=lambda hand: (load[hand.user_id], turn[hand.user_id]))
            load[chosen.user_id] += 1
            out[one.id] = chosen.user_id
    return out

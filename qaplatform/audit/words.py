"""What stands where in the messages of a batch: phrase groups as masks over all messages, and as words in one.

Customer and shop are looked through apart, because most groups are words of one side. What was searched once is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.matching import Found, Hit, Matcher, Side

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class _Look:
    """A search for ``asked`` groups: in which messages, and what was found by side, in ``rows`` of the batch."""

    within: Bools
    rows: dict[Side, Ints] = field(default_factory=dict)
    found: dict[Side, Found] = field(default_factory=dict)

    @cached_property
    def places(self) -> dict[int, tuple[Found, int]]:
        """For each message that was searched, what was found and the message's number there."""
        return {
            row: (found, place)
            for side, found in self.found.items()
            for place, row in enumerate(self.rows[side].tolist())
        }


class Words:
    """The texts of messages, and what a matcher found in them."""

    def __init__(self, texts: Sequence[str], by_customer: Bools, matcher: Matcher) -> None:
        self.texts = texts
        self.matcher = matcher
        self._by_customer = by_customer
        self._masks: dict[tuple[str, ...], Bools] = {}
        self._looks: dict[str, list[_Look]] = {}

    @cached_property
    def _sides(self) -> dict[Side, tuple[Ints, Found, Ints]]:
        customer = np.flatnonzero(self._by_customer)
        shop = np.flatnonzero(~self._by_customer)
        local = np.zeros(len(self.texts), np.int64)
        out: dict[Side, tuple[Ints, Found, Ints]] = {}
        sides: tuple[tuple[Side, Ints], ...] = (("customer", customer), ("shop", shop))
        for side, rows in sides:
            local[rows] = np.arange(rows.size)
            out[side] = rows, self.matcher.look(side, _chosen(self.texts, rows)), local
        return out

    def has(self, *groups: str, within: Bools | None = None) -> Bools:
        """For each message whether any of the phrase groups stands in it (whoever wrote it: see the masks).

        ``within`` narrows the look to some messages. Groups marked ``asked`` are searched only there, which is what
        makes them cheap; without it they are searched everywhere. Whoever asks for several of them, or for one in
        ever fewer messages, asks first for all together in all these messages: they are searched once.
        """
        eager, asked = self.matcher.split(groups)
        mask = self._eager(eager)
        if within is not None and mask is not self._none:
            mask = mask & within
        if asked:
            found = self._asked(asked, within)
            mask = found if mask is self._none else mask | found
        # Whoever narrows a look may go on narrowing what it gave.
        return mask if within is None or mask.flags.writeable else mask.copy()

    @cached_property
    def _none(self) -> Bools:
        """No message at all."""
        mask = np.zeros(len(self.texts), np.bool_)
        mask.flags.writeable = False
        return mask

    @cached_property
    def _present(self) -> frozenset[str]:
        """Groups of which anything was found in any message: of a conversation alone, few."""
        return frozenset().union(*(found.present for _, found, _ in self._sides.values()))

    def _eager(self, groups: tuple[str, ...]) -> Bools:
        if self._present.isdisjoint(groups):
            return self._none
        mask = self._masks.get(groups)
        if mask is None:
            mask = self._none
            for rows, found, _ in self._sides.values():
                for group in groups:
                    standing = found.standing(group)
                    if standing.size:
                        mask = mask.copy() if mask is self._none else mask
                        mask[rows[standing]] = True
            mask.flags.writeable = False
            self._masks[groups] = mask
        return mask

    def _asked(self, groups: tuple[str, ...], within: Bools | None) -> Bools:
        """Search ``asked`` groups in some messages; what is found is kept."""
        if within is None:
            within = ~self._none
        elif not within.any():
            return self._none
        looks = [look for group in groups if (look := self._look_that_covers(group, within))]
        if len(looks) < len(groups):
            look = _Look(within)
            for side, (rows, found, _) in self._sides.items():
                chosen = np.flatnonzero(within[rows])
                if chosen.size:
                    look.rows[side] = rows[chosen]
                    look.found[side] = found.part(groups, chosen)
            for group in groups:
                self._looks.setdefault(group, []).append(look)
            looks = [look] * len(groups)
        mask = self._none
        for group, one in zip(groups, looks, strict=True):
            for side, found in one.found.items():
                standing = found.standing(group)
                if standing.size:
                    mask = mask.copy() if mask is self._none else mask
                    mask[one.rows[side][standing]] = True
        return mask if mask is self._none else mask & within

    def _look_that_covers(self, group: str, within: Bools) -> _Look | None:
        return next((one for one in self._looks.get(group, ()) if not (within & ~one.within).any()), None)

    def shop_part(self, rows: Ints, groups: tuple[str, ...]) -> Found:
        """What some groups find in some rows (ascending), none of them the customer's; local messages in their order."""
        _, found, local = self._sides["shop"]
        return found.part(groups, local[rows])

    def family(self, prefix: str) -> tuple[tuple[str, ...], Ints, Ints]:
        """The groups whose id begins with ``prefix``, and every (group, row) where one stands, once each.

        Groups are given as indices into the first value. They are asked in runs as they stand in the book, so a
        family of many groups costs hardly more than one.
        """
        family = self.matcher.family(prefix)
        columns, found_rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for rows, found, _ in self._sides.values():
            for first, last in family.runs:
                group, message = found.pairs(first, last)
                columns.append(family.position[group])
                found_rows.append(rows[message])
        return family.names, np.concatenate(columns), np.concatenate(found_rows)

    def spans(self, row: int, *groups: str) -> tuple[Hit, ...]:
        """Where the groups stand in one message, in order of their start."""
        if len(groups) == 1:
            return self._spans(row, groups[0])
        hits = [hit for group in groups for hit in self._spans(row, group)]
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end)))

    def _spans(self, row: int, group: str) -> tuple[Hit, ...]:
        if group not in self.matcher.asked:
            _, found, local = self._sides["customer" if self._by_customer[row] else "shop"]
            return found.spans(group, int(local[row]))
        for look in self._looks.get(group, ()):
            there = look.places.get(row)
            if there is not None:
                return there[0].spans(group, there[1])
        only = np.zeros(len(self.texts), np.bool_)
        only[row] = True
        self._asked((group,), only)
        return self._spans(row, group)

    def folded(self, row: int) -> str:
        """A message's text in the plain view (see ``normalise``)."""
        _, found, local = self._sides["customer" if self._by_customer[row] else "shop"]
        return found.plain.text_of(int(local[row]))

    @cached_property
    def letters(self) -> Ints:
        """For each message, how many letters and digits its text has (0: only marks, emoji or nothing)."""
        out = np.zeros(len(self.texts), np.int64)
        for rows, found, _ in self._sides.values():
            if rows.size:
                ends = found.tight.char_ends
                out[rows] = np.diff(ends, prepend=-1) - 1
        return out


def _chosen(texts: Sequence[str], rows: Ints) -> Sequence[str]:
    if rows.size < 2:
        return [texts[row] for row in rows.tolist()]
    return itemgetter(*rows.tolist())(texts)  # type: ignore[no-any-return]

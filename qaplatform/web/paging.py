"""Pages of a list: which one is asked for, how to go on, how it is sorted. Whatever comes in the address is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from qaplatform.web.navigation import url_with

Row = TypeVar("Row")
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list; ``total`` is ``None`` where counting would cost more than it tells."""

    rows: Sequence[Row]
    number: int
    size: int
    has_next: bool
    total: int | None = None

    @property
    def first(self) -> int:
        """The place of its first row in the whole list, from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The place of its last row."""
        return self.first + len(self.rows) - 1

    @property
    def previous_url(self) -> str | None:
        """The page before, if there is one."""
        return url_with(page=self.number - 1 if self.number > 2 else None) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after, if there is one."""
        return url_with(page=self.number + 1) if self.has_next else None


def page_number() -> int:
    """The page that is asked for, from 1."""
    number = request.args.get("page", 1, type=int)
    return min(max(number, 1), MOST_PAGES)


def page_of(rows: Sequence[Row], size: int, total: int | None = None) -> Page[Row]:
    """The page that was asked for, of ``size`` rows.

    Where the whole list was not counted, one row more than ``size`` tells whether there is a next page.
    """
    number = page_number()
    has_next = len(rows) > size if total is None else number * size < total
    return Page(rows[:size], number, size, has_next, total)


@dataclass(frozen=True, slots=True)
class Sort:
    """The column a list is sorted by."""

    key: str
    descending: bool

    def url(self, key: str) -> str:
        """The address that sorts by a column, or the other way round if it is the one already; from the first page."""
        other_way = key == self.key and self.descending
        return url_with(sort=key if other_way else f"-{key}", page=None)

    def aria(self, key: str) -> str:
        """What screen readers are told of the column."""
        if key != self.key:
            return "none"
        return "descending" if self.descending else "ascending"


def sort_of(keys: Sequence[str], default: str) -> Sort:
    """The sorting that is asked for, one of ``keys``; ``-key`` is descending."""
    asked = request.args.get("sort", default)
    if asked.removeprefix("-") not in keys:
        asked = default
    return Sort(asked.removeprefix("-"), asked.startswith("-"))

"""Hours of the day and days of the week in a zone, as conditions that both databases understand.

Neither database's own zones are asked: SQLite has none. A zone's offsets in the span that is looked at become numbers in the
statement; mostly it is one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import FunctionElement

from qaplatform.store.tables import FindingRow, MessageRow

_DAY, _WEEK = 86_400, 604_800
_MONDAY = 3 * _DAY
"""The first of January 1970 was a Thursday."""
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
"""Between these the offsets of a zone are looked up where a filter names no days."""
_SLACK_SECONDS = 7_200
"""More than any change of the clock."""
_UNANSWERED = "unanswered"


class WeekHours(msgspec.Struct, frozen=True):
    """An hour of the day, a day of the week, or an hour of that day, on the clocks of a zone."""

    weekday: int | None
    """1 = Monday … 7 = Sunday."""
    hour: int | None
    """0–23: from then until the next."""
    zone: tzinfo

    @property
    def span(self) -> tuple[int, int, int]:
        """How often it comes, when it begins in each turn (weeks begin on Mondays), and how long it is, in seconds."""
        day = 0 if self.weekday is None else (self.weekday - 1) * _DAY
        hour = 0 if self.hour is None else self.hour * 3600
        return _DAY if self.weekday is None else _WEEK, day + hour, _DAY if self.hour is None else 3600

    def phase(self, seconds: ColumnElement[int], since: datetime | None, until: datetime | None) -> ColumnElement[int]:
        """How long ago it last began at a moment, in seconds."""
        turn, begin, _length = self.span
        local = seconds + _offset(self.zone, seconds, since, until)
        return (local + (_MONDAY + _WEEK - begin)) % turn


Columns = ReadOnlyColumnCollection[str, Any]


def begun_in(hours: WeekHours, c: Columns, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """Whether a conversation, known to have begun in a span of time, began in these hours."""
    return hours.phase(_Moment(c.started_at), since, until) < hours.span[2]


def waited_in(hours: WeekHours, c: Columns, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    """Whether the customer of a conversation, known to have begun in a span of time, began to wait in these hours.

    That is, whether the last message before a person's reply is of then, or one that the check of response times found
    unanswered: what the dashboard counts replies by. A wait that it leaves out, since it was no matter of limits, is one as well.
    """
    turn, _begin, length = hours.span
    # What was over before such an hour came is left out first; of it no message is read.
    ago = hours.phase(_Moment(c.started_at), since, until)
    lasted = _Moment(c.ended_at) - _Moment(c.started_at)
    reaches = or_(ago < length, lasted >= turn - _SLACK_SECONDS - ago)
    said, later, found = MessageRow.__table__.alias("said"), MessageRow.__table__.alias("later"), FindingRow.__table__
    is_reply = and_(later.c.role == "agent", ~later.c.auto, later.c.kind.not_in(("note", "transfer")))
    following = (
        select(later.c.role)
        .where(
            later.c.conversation_id == said.c.conversation_id,
            later.c.number > said.c.number,
            later.c.last_revision.is_(None),
            or_(is_reply, and_(later.c.role == "customer", later.c.sent_at.is_not(None))),
        )
        .order_by(later.c.number)
        .limit(1)
        .correlate(said)
        .scalar_subquery()
    )
    unanswered = (
        select(1)
        .where(found.c.audit_id == c.audit_id, found.c.code == _UNANSWERED, found.c.message_number == said.c.number)
        .correlate_except(found)
        .exists()
    )
    asked = and_(said.c.role == "customer", said.c.sent_at.is_not(None), following == "agent")
    moment: ColumnElement[int] = func.coalesce(_Written(said.c.sent_at), _Moment(c.started_at), type_=BigInteger)
    # A chat goes on after the span in which it began.
    last = None if until is None else min(until, _LAST) + timedelta(days=400)
    return and_(
        reaches,
        select(1)
        .where(
            said.c.conversation_id == c.id,
            said.c.last_revision.is_(None),
            hours.phase(moment, since, last) < length,
            or_(asked, unanswered),
        )
        .correlate_except(said)
        .exists(),
    )


def _offset(
    zone: tzinfo, seconds: ColumnElement[int], since: datetime | None, until: datetime | None
) -> ColumnElement[int]:
    """How far a zone's clocks are ahead of UTC at a moment, in seconds."""
    first, last_day = (
        min(max(one, _FIRST), _LAST).astimezone(UTC).toordinal() for one in (since or _FIRST, until or _LAST)
    )
    changes = _changes(zone, first, last_day)
    return _held(changes, seconds)


def _held(changes: Sequence[tuple[int, int]], seconds: ColumnElement[int]) -> ColumnElement[int]:
    """The offset of the last change before a moment, found by halves: a zone may have changed its clocks eighty times."""
    if len(changes) == 1:
        return _number(changes[0][1])
    middle = len(changes) // 2
    earlier, later = _held(changes[:middle], seconds), _held(changes[middle:], seconds)
    return case((seconds < _number(changes[middle][0]), earlier), else_=later)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), BigInteger)


@functools.lru_cache(maxsize=256)
def _changes(zone: tzinfo, first_day: int, last_day: int) -> tuple[tuple[int, int], ...]:
    """A zone's offsets between two days, each with the moment from which it holds."""

    def offset(second: int) -> int:
        found = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
        return 0 if found is None else round(found.total_seconds())

    epoch = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
    begin, end = ((day - epoch) * _DAY for day in (first_day - 1, last_day + 2))
    out = [(begin, offset(begin))]
    for day in range(begin, end, _DAY):
        after = offset(day + _DAY)
        if after != out[-1][1]:
            low, high = day, day + _DAY
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if offset(middle) == after else (middle, high)
            out.append((high, after))
    return tuple(out)


class _Moment(FunctionElement[int]):
    """The whole seconds since 1970 of a column of moments."""

    type = BigInteger()
    name = "seconds_of_moment"
    inherit_cache = True


class _Written(FunctionElement[int]):
    """The same of a message's time, in the one form that readers give times (``formats/times.py``); else nothing."""

    type = BigInteger()
    name = "seconds_of_text"
    inherit_cache = True


@compiles(_Moment, "sqlite")
@compiles(_Written, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **rest: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **rest)}) AS INTEGER)"


@compiles(_Moment, "postgresql")
def _moment_in_postgresql(element: Any, compiler: Any, **rest: Any) -> str:
    return f"CAST(floor(EXTRACT(epoch FROM {compiler.process(element.clauses, **rest)})) AS BIGINT)"


@compiles(_Written, "postgresql")
def _text_in_postgresql(element: Any, compiler: Any, **rest: Any) -> str:
    text = compiler.process(element.clauses, **rest)

    def part(first: int, length: int = 2) -> str:
        return f"CAST(substr({text}, {first}, {length}) AS INTEGER)"

    # By intervals: unlike a cast to a time they take the 30th of February too, instead of ending the statement.
    moment = f"make_interval({part(1, 4)} - 2000, {part(6)} - 1, 0, {part(9)} - 1, {part(12)}, {part(15)}, {part(18)})"
    zone = f"CAST(right({text}, 6) AS INTERVAL HOUR TO MINUTE)"
    return (
        f"CASE WHEN {text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}' THEN "
        f"CAST(EXTRACT(epoch FROM TIMESTAMP '2000-01-01 00:00:00' + {moment} - "
        f"CASE WHEN {text} ~ '[+-][0-9]{{2}}:[0-9]{{2}}$' THEN {zone} ELSE INTERVAL '0' END) AS BIGINT) END"
    )

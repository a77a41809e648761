"""Counting the daily figures: from conversations, their newest audits and what people have ruled, a shop's day at a time.

How long customers waited is measured as the conversation's page shows it (``services/reply_waits.py``), by what the audit knew
of limits; which of the replies were late, the check of response times has said, be it scored or a hint. Nothing here reads a text, so a
conversation whose words were purged counts as it did before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.rubric import Rubric
from qaplatform.services import figure_cells
from qaplatform.services.figure_cells import CELL, COUNTS, HOUR, NOBODY, SUMS, UNKNOWN, Body
from qaplatform.services.figure_rules import counted_as, score_counts
from qaplatform.services.jobs import JobCancelledError, JobRun
from qaplatform.services.reply_waits import LATE, channel_limit, moments_of, timing_criteria, waits
from qaplatform.services.rubric_versions import context_of, rubric_of
from qaplatform.store import figure_days as store
from qaplatform.store.conversation_words import rubric_files
from qaplatform.store.engine import Store
from qaplatform.store.figure_days import Base, Due, Sent, Told

FIGURES_KIND = "figures"
LOW_CSAT = 2
"""Of five: a rating up to this is a low one (D19)."""
_UNANSWERED = "unanswered"
_AT_ONCE = 500
"""Days in a round; the next round comes within a minute."""
_MOST = 65_535

Key = tuple[int, int, int, int]


@dataclass(slots=True)
class _Cell:
    """A cell in the making."""

    counts: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*COUNTS, *SUMS), 0))
    judged: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)
    hours: dict[int, list[int]] = field(default_factory=dict)

    def hour(self, number: int) -> list[int]:
        """Begun, replies and replies in time of an hour."""
        return self.hours.setdefault(min(max(number, 0), 255), [0, 0, 0])


@dataclass(frozen=True, slots=True)
class Judging:
    """The rubrics and contexts that a day was judged by, by the ids of their versions."""

    rubrics: Mapping[int, Rubric | None]
    contexts: Mapping[int, Context | None]

    @property
    def timing(self) -> frozenset[str]:
        """The criteria that judge response times."""
        return frozenset().union(*(timing_criteria(one) for one in self.rubrics.values()))

    @property
    def criticals(self) -> frozenset[str]:
        """The criteria that fail a conversation alone."""
        return frozenset(
            one.id for rubric in self.rubrics.values() if rubric for one in rubric.criteria if one.critical
        )


def run_figures(run: JobRun) -> None:
    """Handler of the periodic job ``figures``.

    Raises:
        JobCancelledError: somebody asked for it to stop, between two days.
    """
    with run.store.reading() as session:
        due = store.due_days(session, limit=_AT_ONCE)
    for done, one in enumerate(due, start=1):
        if done % 10 == 0 and run.cancel_asked():
            raise JobCancelledError
        with run.store.reading() as session:
            body = counted(session, one)
        with run.writing() as session:
            store.keep(session, one, body, now=run.now())
            run.progress(session, done, len(due), "")


def count_all(at: Store, *, now: datetime) -> int:
    """Count all days that are due, at once; how many there were. For a workplace that is just being made."""
    total = 0
    while True:
        with at.reading() as session:
            due = store.due_days(session, limit=_AT_ONCE)
            bodies = [counted(session, one) for one in due]
        if not due:
            return total
        with at.writing() as session:
            for one, body in zip(due, bodies, strict=True):
                store.keep(session, one, body, now=now)
        total += len(due)


def counted(session: Session, due: Due) -> bytes | None:
    """The figures of a shop's day as they are stored; ``None`` where no conversation began on it."""
    zone = ZoneInfo(store.zone_of(session, due.shop_id))
    since = datetime.combine(due.day, time(), zone)
    until = datetime.combine(due.day + timedelta(days=1), time(), zone)
    judging = _judging(session, due.shop_id, since, until)
    base = store.base_of(session, due.shop_id, since, until, judging.timing, judging.criticals)
    if not base.conversations:
        return None
    contexts = store.context_bodies(
        session, {one.context_version_id for one in base.conversations if one.context_version_id}
    )
    known = Judging(judging.rubrics, {id: context_of(body) for id, body in contexts.items()})
    return figure_cells.packed(_body(base, known, since, zone))


def _judging(session: Session, shop_id: int, since: datetime, until: datetime) -> Judging:
    versions = store.rubrics_used(session, store.rubrics_of_days(session, shop_id, since, until))
    rubrics = {
        id: rubric_of(content_hash, code, lambda id=id: rubric_files(session, id))  # type: ignore[misc]
        for id, (content_hash, code) in versions.items()
    }
    return Judging(rubrics, {})


def _body(base: Base, judging: Judging, since: datetime, zone: ZoneInfo) -> Body:
    topics = tuple(sorted({one.topic for one in base.conversations if one.topic}))
    queues = tuple(sorted({one.queue for one in base.conversations if one.queue}))
    topic_of = {name: number for number, name in enumerate(topics)}
    queue_of = {name: number for number, name in enumerate(queues)}
    cells: dict[Key, _Cell] = {}
    told = {one.id: one for one in base.conversations}

    def cell(one: Told, agent_id: int | None) -> _Cell:
        key = (
            one.team_id or NOBODY, agent_id or NOBODY, topic_of.get(one.topic or "", UNKNOWN),
            queue_of.get(one.queue or "", UNKNOWN),
        )  # fmt: skip
        return cells.setdefault(key, _Cell())

    upheld = {id for id, _ in base.upheld}
    for one in base.conversations:
        _count(cell(one, one.agent_id), one, is_upheld=one.id in upheld)
        cell(one, one.agent_id).hour(_hour(one.started_at, since))[0] += 1
    for result in base.judged:
        if result.outcome == "unscored":
            continue
        one = told[result.conversation_id]
        # Where several wrote, a criterion is whose part it was, in the team whose conversation it is.
        own = cell(one, result.agent_id or one.agent_id)
        own.judged[result.criterion] = own.judged.get(result.criterion, 0) + 1
        if result.outcome == "fail":
            own.missed[result.criterion] = own.missed.get(result.criterion, 0) + 1
    _count_replies(base, told, judging, cell, since, zone)
    return _packed(cells, topics, queues)


def _count(cell: _Cell, one: Told, *, is_upheld: bool) -> None:
    counts = cell.counts
    counts["conversations"] += 1
    counted = counted_as(one.verdict, is_upheld=is_upheld)
    counts[counted] += 1
    if one.score is not None and score_counts(counted):
        counts["scored"] += 1
        counts["score_sum"] += one.score
        counts["score_squares"] += one.score**2
    if one.csat is not None:
        counts["csat_count"] += 1
        counts["csat_low"] += one.csat <= LOW_CSAT
        counts["csat_sum"] += one.csat
        counts["csat_squares"] += one.csat**2


def _hour(moment: datetime, since: datetime) -> int:
    """Hours of the wall clock since the beginning of the day."""
    local = moment.astimezone(since.tzinfo)
    return (local.date() - since.date()).days * 24 + local.hour


def _count_replies(
    base: Base,
    told: Mapping[int, Told],
    judging: Judging,
    cell: Callable[[Told, int | None], _Cell],
    since: datetime,
    zone: ZoneInfo,
) -> None:
    """Replies against their limits, by the hour in which the customer began to wait."""
    timing = judging.timing
    late: dict[int, set[int]] = {}
    unanswered: dict[int, set[int]] = {}
    for place in base.places:
        kind = late if place.code == LATE else unanswered if place.code == _UNANSWERED else None
        if kind is not None:
            kind.setdefault(place.conversation_id, set()).add(place.number)
    judged = {one.conversation_id for one in base.judged if one.criterion in timing}
    for id, group in groupby(base.messages, key=lambda said: said.conversation_id):
        messages: list[Sent] = list(group)
        one = told[id]
        if one.audit_id is None or id not in judged:
            continue
        moments = moments_of([said.sent_at for said in messages], zone)
        rubric = judging.rubrics.get(one.rubric_version_id or 0)
        context = judging.contexts.get(one.context_version_id or 0)
        found = waits(messages, moments, context=context, channel_limit_seconds=channel_limit(rubric, one.channel))
        own = cell(one, one.agent_id)
        slow = late.get(id, set())
        for number, wait in found.items():
            is_late = number in slow
            # Over the limit and yet no fault (thanks need no answer), or while nobody was on duty: no matter of limits.
            if not is_late and wait.state != "within":
                continue
            replied = moments[number] or one.started_at
            _count_reply(own, _hour(replied - timedelta(seconds=wait.seconds), since), in_time=not is_late)
            own.counts["wait_sum"] += wait.seconds
        for number in unanswered.get(id, ()):
            asked = moments[number] if number < len(moments) else None
            _count_reply(own, _hour(asked or one.started_at, since), in_time=False)


def _count_reply(cell: _Cell, hour: int, *, in_time: bool) -> None:
    cell.counts["replies"] += 1
    cell.counts["within"] += in_time
    cell.hour(hour)[1] += 1
    cell.hour(hour)[2] += in_time


def _packed(cells: Mapping[Key, _Cell], topics: tuple[str, ...], queues: tuple[str, ...]) -> Body:
    criteria = tuple(sorted({name for one in cells.values() for name in one.judged}))
    ordered = sorted(cells.items())
    rows = [(*key, *(one.counts[name] for name in (*COUNTS, *SUMS))) for key, one in ordered]
    hours = [
        (number, hour, *(min(count, _MOST) for count in counts))
        for number, (_, one) in enumerate(ordered)
        for hour, counts in sorted(one.hours.items())
    ]

    def matrix(name: str) -> memoryview:
        table = [[min(getattr(one, name).get(it, 0), _MOST) for it in criteria] for _, one in ordered]
        return memoryview(np.array(table, "<u2").tobytes())

    return Body(
        figure_cells.FORM, topics, queues, criteria, memoryview(np.array(rows, CELL).tobytes()),
        memoryview(np.array(hours, HOUR).tobytes()), matrix("judged"), matrix("missed"),
    )  # fmt: skip

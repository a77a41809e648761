"""Daily figures: which days are due, what they are counted from, and the figures as they are kept."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, delete, func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, chunks, insert_rows, rows_with_bytes
from qaplatform.store.tables import (
    AuditRow,
    ContextVersion,
    ConversationRow,
    CriterionResult,
    FigureDay,
    FigureDayDue,
    FindingRow,
    MessageRow,
    RubricVersion,
    Ruling,
    Shop,
)

_MOST_DAYS = 40_000
"""More than a century of them is a mistake in somebody's clock."""
_AT_ONCE = 2_000


class Due(NamedTuple):
    """A shop's day to be counted, and the notes that say so."""

    shop_id: int
    day: date
    noted_ids: Sequence[int]


class Told(NamedTuple):
    """A conversation as it is counted."""

    id: int
    team_id: int | None
    agent_id: int | None
    topic: str | None
    queue: str | None
    channel: str
    started_at: datetime
    csat: float | None
    score: float | None
    verdict: str | None
    audit_id: int | None
    rubric_version_id: int | None
    context_version_id: int | None


class Judged(NamedTuple):
    """What an audit says of a criterion that applied: passed or failed."""

    conversation_id: int
    criterion: str
    outcome: str
    agent_id: int | None


class Sent(NamedTuple):
    """A message as far as waiting is concerned."""

    conversation_id: int
    number: int
    role: str
    kind: str
    auto: bool
    sent_at: str | None


class Place(NamedTuple):
    """Where a criterion found fault."""

    conversation_id: int
    criterion: str
    code: str
    number: int


class Base(NamedTuple):
    """All that the figures of a day are counted from."""

    conversations: Sequence[Told]
    judged: Sequence[Judged]
    messages: Sequence[Sent]
    places: Sequence[Place]
    upheld: Sequence[tuple[int, str]]
    """Conversations and the criteria of their newest audits that a person says have failed."""


class Stamp(NamedTuple):
    """Tells the figures of a shop's day from all others there were of it."""

    day: date
    shop_id: int
    number: int


class Kept(NamedTuple):
    """The figures of a shop's day."""

    stamp: Stamp
    body: bytes


class Freshness(NamedTuple):
    """How far the figures are behind: days that are due, and when the newest were counted."""

    days_due: int
    counted_at: datetime | None


def note_changed(session: Session, begun: Iterable[tuple[int, datetime]]) -> None:
    """Say that conversations of shops that began at these moments were added, changed, judged or ruled on.

    To be called in the transaction that does so; for one whose beginning changes, with both moments.
    """
    some = list(begun)
    if not some:
        return
    ids = sorted({shop_id for shop_id, _ in some})
    found: Any = session.execute(select(Shop.id, Shop.timezone).where(Shop.id.in_(ids))).all()
    zones: dict[int, str] = dict(found)
    _note_days(session, ((shop_id, zones[shop_id], moment) for shop_id, moment in some))


def note_conversations(session: Session, conversation_ids: Sequence[int]) -> None:
    """The same for conversations that are stored, by their ids."""
    row = ConversationRow
    for ids in chunks(conversation_ids, _AT_ONCE):
        asked = select(row.shop_id, Shop.timezone, row.started_at).join(Shop, Shop.id == row.shop_id)
        begun: Iterable[Any] = session.execute(asked.where(among(session, row.id, ids)))
        _note_days(session, begun)


def _note_days(session: Session, begun: Iterable[tuple[int, str, datetime]]) -> None:
    days = {(shop_id, moment.astimezone(ZoneInfo(zone)).date()) for shop_id, zone, moment in begun}
    insert_rows(session, FigureDayDue, ("shop_id", "day"), sorted(days))


def note_shop(session: Session, shop_id: int) -> None:
    """Say that all days of a shop are to be counted anew, as when it moves to another time zone."""
    row = ConversationRow
    first, last = session.execute(
        select(func.min(row.started_at), func.max(row.started_at)).where(row.shop_id == shop_id)
    ).one()
    known = set(session.scalars(select(FigureDay.day).where(FigureDay.shop_id == shop_id)))
    if first is not None:
        begin, count = first.date() - timedelta(days=1), (last.date() - first.date()).days + 3
        known |= {begin + timedelta(days=n) for n in range(min(count, _MOST_DAYS))}
    insert_rows(session, FigureDayDue, ("shop_id", "day"), [(shop_id, day) for day in sorted(known)])


def due_days(session: Session, *, limit: int) -> list[Due]:
    """Days to be counted, the newest first."""
    row = FigureDayDue
    days = select(row.shop_id, row.day).distinct().order_by(row.day.desc(), row.shop_id).limit(limit).subquery()
    asked = select(row.shop_id, row.day, row.id).join(days, (days.c.shop_id == row.shop_id) & (days.c.day == row.day))
    found: dict[tuple[date, int], list[int]] = {}
    for shop_id, day, id in session.execute(asked):
        found.setdefault((day, -shop_id), []).append(id)
    return [Due(-shop_id, day, ids) for (day, shop_id), ids in sorted(found.items(), reverse=True)]


def freshness(session: Session) -> Freshness:
    """How far the figures are behind."""
    row = FigureDayDue
    days = session.scalar(select(func.count()).select_from(select(row.shop_id, row.day).distinct().subquery()))
    newest = select(FigureDay.counted_at).order_by(FigureDay.day.desc(), FigureDay.shop_id).limit(50).subquery()
    return Freshness(days or 0, session.scalar(select(func.max(newest.c.counted_at))))


def zone_of(session: Session, shop_id: int) -> str:
    """The name of a shop's time zone."""
    return session.scalar(select(Shop.timezone).where(Shop.id == shop_id)) or "UTC"


def base_of(
    session: Session,
    shop_id: int,
    since: datetime,
    until: datetime,
    timing: Collection[str],
    criticals: Collection[str],
) -> Base:
    """What there is of a shop's conversations that began in a span.

    ``timing`` are the criteria whose findings count replies, ``criticals`` those that fail a conversation alone.
    """
    row, result, said, found = ConversationRow, CriterionResult, MessageRow, FindingRow
    here = (row.shop_id == shop_id, row.started_at >= since, row.started_at < until)
    # The machine's own, where a person's stand in the conversation: what was drawn because it looked bad must not count.
    is_ruled = row.review_id.is_not(None)
    score = case((is_ruled, AuditRow.score), else_=row.score)
    verdict = case((is_ruled, AuditRow.verdict), else_=row.verdict)
    told = (
        select(
            row.id, row.team_id, row.agent_id, row.topic, row.queue, row.channel, row.started_at, row.csat, score,
            verdict, row.audit_id, AuditRow.rubric_version_id, AuditRow.context_version_id,
        )
        .outerjoin(AuditRow, AuditRow.id == row.audit_id)
        .where(*here)
        .order_by(row.id)
    )  # fmt: skip
    judged = (
        select(row.id, result.criterion, result.outcome, result.agent_id)
        .join(result, result.audit_id == row.audit_id)
        .where(*here, result.outcome.in_(("pass", "fail")))
    )
    messages = (
        select(said.conversation_id, said.number, said.role, said.kind, said.auto, said.sent_at)
        .join(row, row.id == said.conversation_id)
        .where(*here, said.last_revision.is_(None))
        .order_by(said.conversation_id, said.number)
    )
    places = (
        select(row.id, found.criterion, found.code, found.message_number)
        .join(found, found.audit_id == row.audit_id)
        .where(*here, found.criterion.in_(sorted(timing)))
    )
    upheld = (
        select(row.id, Ruling.criterion, Ruling.to_outcome)
        .join(Ruling, Ruling.audit_id == row.audit_id)
        .where(*here, Ruling.criterion.in_(sorted(criticals)))
        .order_by(Ruling.decided_at, Ruling.id)
    )
    # Rulings append: the newest of a criterion counts.
    last_word = {(id, criterion): outcome for id, criterion, outcome in session.execute(upheld)}
    return Base(
        [Told(*one) for one in cast("Any", session.execute(told))],
        [Judged(*one) for one in session.execute(judged)],
        [Sent(*one) for one in session.execute(messages)],
        [Place(*one) for one in session.execute(places)],
        sorted(key for key, outcome in last_word.items() if outcome == "fail"),
    )


def rubrics_used(session: Session, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Hashes and codes of rubric versions."""
    row = RubricVersion
    asked = select(row.id, row.content_hash, row.code).where(row.id.in_(sorted(ids)))
    return {id: (content_hash, code) for id, content_hash, code in session.execute(asked)}


def rubrics_of_days(session: Session, shop_id: int, since: datetime, until: datetime) -> list[int]:
    """The rubric versions that judged a shop's conversations that began in a span."""
    row = ConversationRow
    asked = (
        select(AuditRow.rubric_version_id)
        .join(row, row.audit_id == AuditRow.id)
        .where(row.shop_id == shop_id, row.started_at >= since, row.started_at < until)
    )
    return list(session.scalars(asked.distinct()))


def context_bodies(session: Session, ids: Collection[int]) -> Mapping[int, dict[str, Any]]:
    """What versions of contexts hold."""
    asked = select(ContextVersion.id, ContextVersion.body).where(ContextVersion.id.in_(sorted(ids)))
    return dict(session.execute(asked).all())


def keep(session: Session, due: Due, body: bytes | None, *, now: datetime) -> None:
    """Put the figures of a day down, or, where nothing is left of it, take them away; the day is due no more.

    What was noted since it was looked for stays due.
    """
    day, noted = FigureDay, FigureDayDue
    own = (day.shop_id == due.shop_id, day.day == due.day)
    if body is None:
        session.execute(delete(day).where(*own))
    else:
        stamp = secrets.randbits(62)
        changed = session.execute(
            update(day)
            .where(*own)
            .values(body=body, counted_at=now, stamp=stamp)
            .execution_options(synchronize_session=False)
        )
        if not changed.rowcount:  # type: ignore[attr-defined]
            session.add(day(shop_id=due.shop_id, day=due.day, body=body, counted_at=now, stamp=stamp))
            session.flush()
    # One by one: a longer transaction may have numbered its note before these and shows it only now.
    for ids in chunks(due.noted_ids):
        session.execute(delete(noted).where(among(session, noted.id, ids)))


def stamps_of_days(session: Session, first: date, last: date, shop_ids: Collection[int] | None) -> tuple[Stamp, ...]:
    """Which figures there are of days (both included), of some shops or of all."""
    row = FigureDay
    asked = _of_days(select(row.day, row.shop_id, row.stamp), first, last, shop_ids)
    return tuple(Stamp(*one) for one in session.execute(asked))


def kept_days(session: Session, first: date, last: date, shop_ids: Collection[int] | None) -> list[Kept]:
    """The figures of days (both included), of some shops or of all."""
    row = FigureDay
    asked = _of_days(select(row.day, row.shop_id, row.stamp, row.body), first, last, shop_ids)
    return [Kept(Stamp(*one[:3]), one[3]) for one in rows_with_bytes(session, asked)]


def _of_days(
    asked: Select[*tuple[Any, ...]], first: date, last: date, shop_ids: Collection[int] | None
) -> Select[*tuple[Any, ...]]:
    row = FigureDay
    asked = asked.where(row.day >= first, row.day <= last)
    if shop_ids is not None:
        asked = asked.where(row.shop_id.in_(sorted(shop_ids)))
    return asked.order_by(row.day, row.shop_id)


def newest_day(session: Session, shop_ids: Collection[int] | None, *, until: date) -> date | None:
    """The newest day that has figures, up to a day."""
    row = FigureDay
    asked = select(func.max(row.day)).where(row.day <= until)
    if shop_ids is not None:
        asked = asked.where(row.shop_id.in_(sorted(shop_ids)))
    return session.scalar(asked)

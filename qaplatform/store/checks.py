"""How often people agreed with the machine, counted from rulings; and the findings they ruled on, with their words.

A conversation counts once: by its newest review of the kind that is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from qaplatform.store.scopes import Scope, within
from qaplatform.store.tables import (
    AddedFinding,
    AuditRow,
    CheckKept,
    ConversationMark,
    ConversationRow,
    FindingRow,
    FindingRuling,
    MessageRow,
    Review,
    RubricVersion,
    Ruling,
)

MOST_FINDINGS = 2000
MOST_STANDING = 5000


class Wanted(msgspec.Struct, frozen=True):
    """Which reviews: given since a moment, in some conversations, of one version of a rubric or of all."""

    scope: Scope
    code: str
    since: datetime
    shop_id: int | None = None
    rubric_hash: str | None = None


class Counted(msgspec.Struct, frozen=True):
    """So many rulings of one kind on one criterion."""

    criterion: str
    kind: str
    from_outcome: str
    to_outcome: str
    count: int


class RuledFinding(msgspec.Struct, frozen=True):
    """A finding that somebody ruled on, in its message."""

    id: int
    conversation_id: int
    message_number: int
    start: int
    end: int
    text: str
    is_right: bool


class Standing(msgspec.Struct, frozen=True):
    """A finding that stands in a conversation which nobody reviewed, in its message."""

    conversation_id: int
    start: int
    end: int
    text: str


class RuledChat(msgspec.Struct, frozen=True):
    """A ruling with the place of its evidence, where there is any."""

    conversation_id: int
    started_at: datetime
    kind: str
    from_outcome: str
    to_outcome: str
    reason: str | None
    draw: str
    message_number: int | None


class Kept(msgspec.Struct, frozen=True):
    """A proposal that was put aside."""

    criterion: str
    reason: str
    decided_at: datetime


def _newest(wanted: Wanted, *, only_random: bool) -> ColumnElement[bool]:
    """Of each conversation the newest review: of random draws, or of those that saw what the machine said."""
    ids = select(func.max(Review.id)).where(
        Review.created_at >= wanted.since, Review.draw == "random" if only_random else Review.was_blind.is_(False)
    )
    return Review.id.in_(ids.group_by(Review.conversation_id))


def _narrowed(statement: Any, wanted: Wanted) -> Any:
    """Narrow a statement over reviews."""
    row = ConversationRow
    if not wanted.scope.everything or wanted.shop_id is not None:
        statement = statement.join(row, row.id == Review.conversation_id)
        statement = within(statement, wanted.scope, shop=row.shop_id, team=row.team_id, agent=row.agent_id)
    if wanted.shop_id is not None:
        statement = statement.where(row.shop_id == wanted.shop_id)
    statement = statement.join(AuditRow, AuditRow.id == Review.audit_id).join(
        RubricVersion, RubricVersion.id == AuditRow.rubric_version_id
    )
    if wanted.rubric_hash is not None:
        return statement.where(RubricVersion.content_hash == wanted.rubric_hash)
    return statement.where(RubricVersion.code == wanted.code)


def counted(session: Session, wanted: Wanted, *, only_random: bool) -> list[Counted]:
    """All rulings of the reviews that count, by criterion and kind."""
    columns = (Ruling.criterion, Ruling.kind, Ruling.from_outcome, Ruling.to_outcome)
    asked = select(*columns, func.count()).select_from(Review).join(Ruling, Ruling.review_id == Review.id)
    asked = _narrowed(asked.where(_newest(wanted, only_random=only_random)), wanted).group_by(*columns)
    return [Counted(*row) for row in session.execute(asked)]


def random_chats(session: Session, wanted: Wanted) -> int:
    """How many randomly drawn conversations were reviewed."""
    asked = select(func.count()).select_from(Review).where(_newest(wanted, only_random=True))
    return session.scalar(_narrowed(asked, wanted)) or 0


def _message_of(finding_audit: Any) -> ColumnElement[bool]:
    message = MessageRow
    return and_(
        message.conversation_id == finding_audit.conversation_id,
        message.number == FindingRow.message_number,
        message.first_revision <= finding_audit.revision,
        or_(message.last_revision.is_(None), message.last_revision >= finding_audit.revision),
    )


def ruled_findings(session: Session, wanted: Wanted, criterion: str) -> list[RuledFinding]:
    """The newest findings of a criterion that people ruled on; at most :data:`MOST_FINDINGS`."""
    asked = (
        select(
            FindingRow.id, Review.conversation_id, FindingRow.message_number, FindingRow.start, FindingRow.end,
            MessageRow.text, FindingRuling.is_right,
        )
        .select_from(Review)
        .join(FindingRuling, FindingRuling.review_id == Review.id)
        .join(FindingRow, FindingRow.id == FindingRuling.finding_id)
        .where(_newest(wanted, only_random=False), FindingRow.criterion == criterion)
    )  # fmt: skip
    asked = _narrowed(asked, wanted).join(MessageRow, _message_of(AuditRow))
    rows: Iterable[Any] = session.execute(asked.order_by(FindingRow.id.desc()).limit(MOST_FINDINGS))
    return [RuledFinding(*row) for row in rows]


def standing_findings(session: Session, wanted: Wanted, criterion: str, words: Collection[str]) -> list[Standing]:
    """Findings of a criterion with these words, as written, in conversations that nobody reviewed; the newest first."""
    row, mark = ConversationRow, ConversationMark
    if not words:
        return []
    quoted = func.substr(MessageRow.text, FindingRow.start + 1, FindingRow.end - FindingRow.start)
    asked = (
        select(row.id, FindingRow.start, FindingRow.end, MessageRow.text)
        .select_from(mark)
        .join(row, row.id == mark.conversation_id)
        .join(FindingRow, and_(FindingRow.audit_id == row.audit_id, FindingRow.criterion == criterion))
        .join(
            MessageRow,
            and_(
                MessageRow.conversation_id == row.id,
                MessageRow.number == FindingRow.message_number,
                MessageRow.last_revision.is_(None),
            ),
        )
        .where(
            mark.kind == "failed", mark.mark == criterion, mark.started_at >= wanted.since, row.review_id.is_(None),
            quoted.in_(sorted(words)),
        )
        .order_by(mark.started_at.desc(), row.id.desc())
        .limit(MOST_STANDING)
    )  # fmt: skip
    asked = within(asked, wanted.scope, shop=row.shop_id, team=row.team_id, agent=row.agent_id)
    if wanted.shop_id is not None:
        asked = asked.where(row.shop_id == wanted.shop_id)
    rows: Iterable[Any] = session.execute(asked)
    return [Standing(*one) for one in rows]


def ruled_chats(
    session: Session, wanted: Wanted, criterion: str, *, only_random: bool, offset: int, limit: int
) -> Sequence[RuledChat]:
    """The rulings on a criterion that may count as a failure, the newest first."""
    row = ConversationRow
    found = select(func.min(FindingRow.message_number)).where(
        FindingRow.audit_id == Ruling.audit_id, FindingRow.criterion == criterion
    )
    added = select(func.min(AddedFinding.message_number)).where(
        AddedFinding.review_id == Review.id, AddedFinding.criterion == criterion
    )
    place = func.coalesce(added.scalar_subquery(), found.scalar_subquery())
    about = select(row.started_at).where(row.id == Review.conversation_id).correlate(Review).scalar_subquery()
    asked = (
        select(
            Review.conversation_id, about, Ruling.kind, Ruling.from_outcome, Ruling.to_outcome, Ruling.reason, Review.draw,
            place,
        )
        .select_from(Review)
        .join(Ruling, Ruling.review_id == Review.id)
        .where(
            _newest(wanted, only_random=only_random),
            Ruling.criterion == criterion,
            or_(
                Ruling.from_outcome == "fail",
                Ruling.to_outcome == "fail",
                and_(Ruling.from_outcome == "unscored", Ruling.to_outcome == "unscored"),
            ),
        )
    )  # fmt: skip
    asked = _narrowed(asked, wanted).order_by(Review.id.desc()).offset(offset).limit(limit)
    return [RuledChat(*one) for one in session.execute(asked)]


def keep(session: Session, code: str, criterion: str, reason: str, *, user_id: int, now: datetime) -> int:
    """Put the proposal to make a criterion a hint aside; its id."""
    row = CheckKept(code=code, criterion=criterion, reason=reason, user_id=user_id, decided_at=now)
    session.add(row)
    session.flush()
    return row.id


def kept(session: Session, code: str) -> dict[str, tuple[Kept, int]]:
    """By criterion the newest proposal put aside, and how many failures were ruled on since."""
    newest = select(func.max(CheckKept.id)).where(CheckKept.code == code).group_by(CheckKept.criterion)
    since = (
        select(func.count())
        .where(
            Ruling.criterion == CheckKept.criterion,
            Ruling.decided_at > CheckKept.decided_at,
            Ruling.from_outcome == "fail",
        )
        .scalar_subquery()
    )
    asked = select(CheckKept.criterion, CheckKept.reason, CheckKept.decided_at, since).where(CheckKept.id.in_(newest))
    return {row[0]: (Kept(*row[:3]), row[3]) for row in session.execute(asked)}

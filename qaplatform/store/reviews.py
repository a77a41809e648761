"""Reviews as they were given: written once, with all that belongs to them; and what of them is official.

The newest review of a conversation's newest revision is official: its score and verdict stand in the conversation's row
instead of the machine's, and its outcomes in the marks by which lists find what failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from qaplatform.store import figure_days, marks
from qaplatform.store.rows import is_sqlite
from qaplatform.store.tables import (
    AddedFinding,
    AgentRow,
    AuditRow,
    Base,
    ConversationRow,
    CriterionResult,
    FindingRow,
    FindingRuling,
    Note,
    Review,
    RubricVersion,
    Ruling,
    User,
)

_C = ConversationRow


class NewRuling(msgspec.Struct, frozen=True):
    """A decision on one criterion."""

    criterion: str
    kind: str
    from_outcome: str
    to_outcome: str
    points: float | None
    cause: str | None = None
    agent_id: int | None = None
    reason: str | None = None


class NewAdded(msgspec.Struct, frozen=True):
    """A finding by a person."""

    criterion: str
    message_number: int
    start: int
    end: int
    comment: str = ""


class NewComment(msgspec.Struct, frozen=True):
    """A comment or a praise that the agent reads."""

    kind: str
    text: str
    message_number: int | None = None


class NewReview(msgspec.Struct, frozen=True):
    """A review with all that belongs to it."""

    conversation_id: int
    revision: int
    audit_id: int
    work_item_id: int | None
    user_id: int
    agent_id: int | None
    draw: str
    was_blind: bool
    score: float | None
    scored_share: float
    verdict: str
    failed_count: int
    machine_score: float | None
    machine_verdict: str
    summary: str
    seconds: int | None
    rulings: tuple[NewRuling, ...]
    finding_rulings: Mapping[int, bool]
    """By the finding's id."""
    added: tuple[NewAdded, ...]
    comments: tuple[NewComment, ...]


class GivenRuling(msgspec.Struct, frozen=True):
    """A decision on one criterion, as it was given."""

    criterion: str
    kind: str
    from_outcome: str
    to_outcome: str
    points: float | None
    cause: str | None
    agent_id: int | None
    agent: str | None
    reason: str | None


class GivenAdded(msgspec.Struct, frozen=True):
    """A finding by a person, as it was given."""

    id: int
    criterion: str
    message_number: int
    start: int
    end: int
    comment: str


class GivenComment(msgspec.Struct, frozen=True):
    """A comment, a praise, or a reply to them."""

    id: int
    kind: str
    message_number: int | None
    text: str
    user_id: int
    user: str
    created_at: datetime


class GivenReview(msgspec.Struct, frozen=True):
    """A review without its parts."""

    id: int
    conversation_id: int
    revision: int
    audit_id: int
    user_id: int
    user: str
    agent_id: int | None
    draw: str
    was_blind: bool
    score: float | None
    scored_share: float
    verdict: str
    machine_score: float | None
    machine_verdict: str
    summary: str
    created_at: datetime
    seen_at: datetime | None
    acknowledged_at: datetime | None


class ReviewParts(msgspec.Struct, frozen=True):
    """What belongs to a review."""

    rulings: tuple[GivenRuling, ...]
    wrong_findings: frozenset[tuple[str, int]]
    """Criterion and place of the machine's findings that are none."""
    added: tuple[GivenAdded, ...]
    comments: tuple[GivenComment, ...]


def write_review(session: Session, new: NewReview, *, now: datetime) -> int:
    """Write a review; if it is of the newest revision, it becomes official. Its id."""
    plain = {name: getattr(new, name) for name in new.__struct_fields__[:16]}
    review = Review(**plain, created_at=now)
    session.add(review)
    session.flush()
    shared = {"conversation_id": new.conversation_id, "user_id": new.user_id}
    about = shared | {"audit_id": new.audit_id, "work_item_id": new.work_item_id, "decided_at": now}
    parts: Mapping[type[Base], list[dict[str, Any]]] = {
        Ruling: [about | msgspec.structs.asdict(one) for one in new.rulings],
        FindingRuling: [{"finding_id": id, "is_right": is_right} for id, is_right in new.finding_rulings.items()],
        AddedFinding: [msgspec.structs.asdict(one) for one in new.added],
        Note: [shared | {"created_at": now} | msgspec.structs.asdict(one) for one in new.comments],
    }
    for table, rows in parts.items():
        if rows:
            session.execute(insert(table), [{"review_id": review.id} | row for row in rows])
    official = session.execute(
        update(_C)
        .where(_C.id == new.conversation_id, _C.revision == new.revision)
        .values(
            review_id=review.id, score=new.score, scored_share=new.scored_share, verdict=new.verdict,
            failed_count=new.failed_count,
        ),
        execution_options={"synchronize_session": False},
    )  # fmt: skip
    if official.rowcount:  # type: ignore[attr-defined]
        marks.follow_review(session, new.conversation_id)
    figure_days.note_conversations(session, [new.conversation_id])
    return review.id


def keep_official(session: Session, conversation_ids: Iterable[int]) -> None:
    """After conversations got the figures of a new audit: reviews of their newest revision stay official, others are over.

    To be called before ``marks.refresh``.
    """
    for ids in _chunks(list(conversation_ids)):
        here = _C.id.in_(ids), _C.review_id.is_not(None)
        is_of_newest = exists().where(Review.id == _C.review_id, Review.revision == _C.revision)
        session.execute(
            update(_C).where(*here, ~is_of_newest).values(review_id=None),
            execution_options={"synchronize_session": False},
        )
        columns = ("score", "scored_share", "verdict", "failed_count")
        official = {
            name: select(getattr(Review, name)).where(Review.id == _C.review_id).scalar_subquery() for name in columns
        }
        session.execute(update(_C).where(*here).values(**official), execution_options={"synchronize_session": False})


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


_GIVEN = (
    select(
        Review.id, Review.conversation_id, Review.revision, Review.audit_id, Review.user_id, User.name, Review.agent_id,
        Review.draw, Review.was_blind, Review.score, Review.scored_share, Review.verdict, Review.machine_score,
        Review.machine_verdict, Review.summary, Review.created_at, Review.seen_at, Review.acknowledged_at,
    )
    .join(User, User.id == Review.user_id)
)  # fmt: skip


def reviews_of(session: Session, conversation_id: int, *, limit: int = 20) -> tuple[GivenReview, ...]:
    """The reviews of a conversation, the newest first."""
    rows: Iterable[Any] = session.execute(
        _GIVEN.where(Review.conversation_id == conversation_id).order_by(Review.id.desc()).limit(limit)
    )
    return tuple(GivenReview(*row) for row in rows)


def latest_review_id(session: Session, conversation_id: int) -> int | None:
    """The newest review of a conversation, of whatever revision, for whoever writes the next one.

    Nobody else writes one before the transaction ends: SQLite has one writer, and on PostgreSQL others who ask wait here.
    """
    if not is_sqlite(session):
        session.execute(select(_C.id).where(_C.id == conversation_id).with_for_update())
    return session.scalar(select(func.max(Review.id)).where(Review.conversation_id == conversation_id))


def review(session: Session, review_id: int) -> GivenReview | None:
    """A review by its id."""
    row: Any = session.execute(_GIVEN.where(Review.id == review_id)).one_or_none()
    return None if row is None else GivenReview(*row)


def parts_of(session: Session, review_id: int) -> ReviewParts:
    """What belongs to a review."""
    rulings: Iterable[Any] = session.execute(
        select(
            Ruling.criterion, Ruling.kind, Ruling.from_outcome, Ruling.to_outcome, Ruling.points, Ruling.cause,
            Ruling.agent_id, AgentRow.name, Ruling.reason,
        )
        .outerjoin(AgentRow, AgentRow.id == Ruling.agent_id)
        .where(Ruling.review_id == review_id)
        .order_by(Ruling.id)
    )  # fmt: skip
    wrong: Iterable[Any] = session.execute(
        select(FindingRow.criterion, FindingRow.place)
        .join(FindingRuling, FindingRuling.finding_id == FindingRow.id)
        .where(FindingRuling.review_id == review_id, FindingRuling.is_right.is_(False))
    )
    added: Iterable[Any] = session.execute(
        select(
            AddedFinding.id, AddedFinding.criterion, AddedFinding.message_number, AddedFinding.start, AddedFinding.end,
            AddedFinding.comment,
        )
        .where(AddedFinding.review_id == review_id)
        .order_by(AddedFinding.message_number, AddedFinding.start, AddedFinding.id)
    )  # fmt: skip
    comments: Iterable[Any] = session.execute(
        select(Note.id, Note.kind, Note.message_number, Note.text, Note.user_id, User.name, Note.created_at)
        .join(User, User.id == Note.user_id)
        .where(Note.review_id == review_id)
        .order_by(Note.id)
    )
    return ReviewParts(
        tuple(GivenRuling(*row) for row in rulings),
        frozenset((criterion, place) for criterion, place in wrong),
        tuple(GivenAdded(*row) for row in added),
        tuple(GivenComment(*row) for row in comments),
    )


class JudgedAudit(msgspec.Struct, frozen=True):
    """What of an audit a review needs to know."""

    score: float | None
    verdict: str
    rubric_version_id: int
    rubric: str
    rubric_hash: str
    results: tuple[tuple[str, str, float, float], ...]
    """Criterion, outcome, points, most points."""
    findings: Mapping[tuple[str, int], int]
    """Ids by criterion and place."""


def judged_audit(session: Session, audit_id: int) -> JudgedAudit | None:
    """An audit by its id."""
    head: Any = session.execute(
        select(
            AuditRow.score, AuditRow.verdict, AuditRow.rubric_version_id, RubricVersion.code, RubricVersion.content_hash
        )
        .join(RubricVersion, RubricVersion.id == AuditRow.rubric_version_id)
        .where(AuditRow.id == audit_id)
    ).one_or_none()
    if head is None:
        return None
    result = CriterionResult
    results: Iterable[Any] = session.execute(
        select(result.criterion, result.outcome, result.points, result.max_points)
        .where(result.audit_id == audit_id)
        .order_by(result.criterion)
    )
    findings: Iterable[Any] = session.execute(
        select(FindingRow.criterion, FindingRow.place, FindingRow.id).where(FindingRow.audit_id == audit_id)
    )
    by_place = {(criterion, place): id for criterion, place, id in findings}
    return JudgedAudit(*(*head, tuple(tuple(row) for row in results), by_place))

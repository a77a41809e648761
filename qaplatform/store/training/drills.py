"""Cards of drills, their answers, and the marks that exams and drills leave."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.rows import insert_new
from qaplatform.store.tables import (
    ConversationRow,
    Customer,
    DrillAnswer,
    DrillCard,
    ExamDialogue,
    ExamMessage,
    ExamSitting,
    MessageRow,
    TrainingMark,
)

_OPEN = DrillCard.retired_at.is_(None)
_GIVEN = DrillCard.given_by.is_not(None) & DrillCard.reviewed_at.is_(None)


class Card(NamedTuple):
    """A card as it stands."""

    id: int
    user_id: int
    code: str
    criterion: str
    origin: str
    situation: Mapping[str, Any]
    scheduled: Mapping[str, Any]
    due_at: datetime
    given_by: int | None
    reviewed_at: datetime | None
    conversation_id: int | None
    dialogue_id: int | None
    retired_at: datetime | None


class Answer(NamedTuple):
    """An answer with its card."""

    id: int
    shown_at: datetime
    deadline_at: datetime
    answered_at: datetime | None
    text: str
    passed: bool | None
    result: Mapping[str, Any] | None
    card: Card


class NewCard(NamedTuple):
    """A card to be made."""

    user_id: int
    code: str
    criterion: str
    origin: str
    situation: Mapping[str, Any]
    conversation_id: int | None = None
    dialogue_id: int | None = None
    point_id: int | None = None
    given_by: int | None = None


class Waiting(NamedTuple):
    """Cards of a criterion: how many there are, how many are due, how many a mentor gave and nobody answered yet."""

    criterion: str
    cards: int
    due: int
    given: int


class Count(NamedTuple):
    """Answers of a criterion that were judged."""

    criterion: str
    passed: int
    answered: int


def add_card(session: Session, new: NewCard, *, now: datetime) -> int:
    """Make a card, or find the one of that code: it is then no longer put aside, and due at once. Its id either way."""
    row = {
        **new._asdict(), "situation": dict(new.situation), "scheduled": {}, "due_at": now, "retired_at": None, "created_at": now,
    }  # fmt: skip
    insert_new(session, DrillCard, [row])
    own = (DrillCard.user_id == new.user_id, DrillCard.code == new.code)
    if new.given_by is not None:
        values = {
            "due_at": now, "retired_at": None, "reviewed_at": None, "situation": row["situation"], "given_by": new.given_by,
        }  # fmt: skip
        if new.point_id is not None:
            values["point_id"] = new.point_id
        _set(session, *own, **values)
    return session.scalars(select(DrillCard.id).where(*own)).one()


def card_of(session: Session, id: int, user_id: int) -> Card | None:
    """A card of somebody's."""
    found = session.execute(_cards().where(DrillCard.id == id, DrillCard.user_id == user_id)).one_or_none()
    return Card(*found) if found else None


def next_due(session: Session, user_id: int, *, now: datetime, criteria: Collection[str]) -> Card | None:
    """The card that is due, of these criteria if any are named: those a mentor gave first, then whatever is due longest."""
    asked = _cards().where(DrillCard.user_id == user_id, _OPEN, DrillCard.due_at <= now)
    if criteria:
        asked = asked.where(DrillCard.criterion.in_(criteria))
    found = session.execute(asked.order_by(_GIVEN.desc(), DrillCard.due_at, DrillCard.id).limit(1)).one_or_none()
    return Card(*found) if found else None


def next_later(session: Session, user_id: int, criteria: Collection[str]) -> Card | None:
    """The card of some criteria that is due next, though not yet."""
    asked = _cards().where(DrillCard.user_id == user_id, _OPEN, DrillCard.criterion.in_(criteria))
    found = session.execute(asked.order_by(DrillCard.due_at, DrillCard.id).limit(1)).one_or_none()
    return Card(*found) if found else None


def codes_of(session: Session, user_id: int) -> frozenset[str]:
    """The codes of all cards somebody has or had."""
    return frozenset(session.scalars(select(DrillCard.code).where(DrillCard.user_id == user_id)))


def new_since(session: Session, user_id: int, since: datetime) -> int:
    """How many shipped drills became cards of somebody's own accord."""
    own = (DrillCard.user_id == user_id, DrillCard.origin == "shipped", DrillCard.given_by.is_(None))
    asked = select(func.count()).select_from(DrillCard).where(*own, DrillCard.created_at >= since)
    return session.scalar(asked) or 0


def schedule(session: Session, card_id: int, scheduled: Mapping[str, Any], due_at: datetime, *, now: datetime) -> None:
    """Keep what the scheduler says after a review."""
    _set(session, DrillCard.id == card_id, scheduled=dict(scheduled), due_at=due_at, reviewed_at=now)


def keep_situation(session: Session, card_id: int, situation: Mapping[str, Any]) -> None:
    """The drill has been written anew, or its reader has another language."""
    _set(session, DrillCard.id == card_id, situation=dict(situation))


def waiting(session: Session, user_id: int, *, now: datetime) -> list[Waiting]:
    """Somebody's cards by criterion."""
    due = func.count().filter(DrillCard.due_at <= now)
    given = func.count().filter(_GIVEN)
    asked = (
        select(DrillCard.criterion, func.count(), due, given)
        .where(DrillCard.user_id == user_id, _OPEN)
        .group_by(DrillCard.criterion)
        .order_by(DrillCard.criterion)
    )
    return [Waiting(*row) for row in session.execute(asked)]


# --------------------------------------------------------------------------------------------------- answers


def add_answer(session: Session, card: Card, *, now: datetime, deadline_at: datetime) -> int:
    """A card is shown; the answer's id."""
    row = DrillAnswer(card_id=card.id, user_id=card.user_id, shown_at=now, deadline_at=deadline_at)
    session.add(row)
    session.flush()
    return row.id


def answer_of(session: Session, id: int, user_id: int) -> Answer | None:
    """An answer of somebody's."""
    return _one(session, DrillAnswer.id == id, DrillAnswer.user_id == user_id)


def open_answer(session: Session, user_id: int) -> Answer | None:
    """What somebody was shown last and has not answered, if they may still."""
    return _one(
        session,
        DrillAnswer.user_id == user_id,
        DrillAnswer.answered_at.is_(None),
        DrillAnswer.passed.is_(None),
        _OPEN,
    )


def settle(
    session: Session,
    answer_id: int,
    *,
    text: str,
    passed: bool | None,
    result: Mapping[str, Any],
    answered_at: datetime | None,
) -> bool:
    """Keep an answer; ``False`` where it was answered already."""
    row = DrillAnswer
    unanswered = (row.id == answer_id, row.answered_at.is_(None), row.passed.is_(None))
    values = {"text": text, "passed": passed, "result": dict(result), "answered_at": answered_at}
    done = session.execute(update(row).where(*unanswered).values(values).execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def was_answered(session: Session, card_id: int) -> bool:
    """Whether somebody has seen the example of a card."""
    asked = select(DrillAnswer.id).where(DrillAnswer.card_id == card_id, DrillAnswer.passed.is_not(None)).limit(1)
    return session.scalar(asked) is not None


def answers(session: Session, user_id: int, *, limit: int, offset: int) -> tuple[list[Answer], int]:
    """What somebody has answered, the newest first, and how much there is."""
    own = (DrillAnswer.user_id == user_id, DrillAnswer.result.is_not(None))
    asked = _answers().where(*own).order_by(DrillAnswer.shown_at.desc(), DrillAnswer.id.desc())
    total = session.scalar(select(func.count()).select_from(DrillAnswer).where(*own)) or 0
    return [_answer(row) for row in session.execute(asked.limit(limit).offset(offset))], total


def counts_since(session: Session, user_id: int, since: datetime) -> list[Count]:
    """Answers of somebody's by criterion."""
    answer, card = DrillAnswer, DrillCard
    asked = (
        select(card.criterion, func.count().filter(answer.passed.is_(True)), func.count())
        .join(card, card.id == answer.card_id)
        .where(answer.user_id == user_id, answer.shown_at >= since, answer.passed.is_not(None))
        .group_by(card.criterion)
        .order_by(card.criterion)
    )
    return [Count(*row) for row in session.execute(asked)]


def moments_since(session: Session, user_id: int, since: datetime) -> Sequence[datetime]:
    """When somebody answered, for days in a row."""
    row = DrillAnswer
    asked = select(row.answered_at).where(row.user_id == user_id, row.answered_at >= since)
    return [moment for moment in session.scalars(asked) if moment is not None]


# ------------------------------------------------------------------------------------------------------ marks


def add_mark(session: Session, *, user_id: int, criterion: str, answer_id: int, passed: bool, at: datetime) -> None:
    """What an answer says of a criterion; once."""
    mark = {"user_id": user_id, "criterion": criterion, "answer_id": answer_id, "passed": passed, "at": at}
    insert_new(session, TrainingMark, [mark])


class Mark(NamedTuple):
    """What an exam or a drill said of a criterion."""

    criterion: str
    at: datetime
    passed: bool
    is_exam: bool


def marks_of(session: Session, user_id: int, since: datetime) -> list[Mark]:
    """Somebody's marks, the oldest first."""
    row = TrainingMark
    asked = (
        select(row.criterion, row.at, row.passed, row.dialogue_id.is_not(None))
        .where(row.user_id == user_id, row.at >= since)
        .order_by(row.at, row.id)
    )
    return [Mark(*one) for one in session.execute(asked)]


# ---------------------------------------------------------------------------------- what cards are made of


class Chat(NamedTuple):
    """A conversation as far as a card needs it."""

    shop_id: int
    team_id: int | None
    agent_id: int | None
    revision: int
    language: str | None
    queue: str | None
    purged: bool
    customer_key: str | None
    """The customer's name in the source, to be masked wherever it stands."""


class Line(NamedTuple):
    """A message of it."""

    number: int
    role: str
    kind: str
    auto: bool
    text: str
    sent_at: str | None
    agent_id: int | None


def chat_of(session: Session, conversation_id: int) -> Chat | None:
    """A conversation."""
    row = ConversationRow
    asked = select(
        row.shop_id, row.team_id, row.agent_id, row.revision, row.language, row.queue, row.text_purged_at.is_not(None),
        Customer.source_key,
    ).outerjoin(Customer, Customer.id == row.customer_id)  # fmt: skip
    found = session.execute(asked.where(row.id == conversation_id)).one_or_none()
    return Chat(*found) if found else None


def lines_of(session: Session, conversation_id: int) -> list[Line]:
    """The messages of its newest revision."""
    row = MessageRow
    asked = select(row.number, row.role, row.kind, row.auto, row.text, row.sent_at, row.agent_id)
    own = (row.conversation_id == conversation_id, row.last_revision.is_(None))
    return [Line(*one) for one in session.execute(asked.where(*own).order_by(row.number))]


def is_candidate(session: Session, dialogue_id: int, user_id: int) -> bool:
    """Whether an exam's dialogue was somebody's."""
    asked = select(ExamDialogue.id).join(ExamSitting, ExamSitting.id == ExamDialogue.sitting_id)
    return session.scalar(asked.where(ExamDialogue.id == dialogue_id, ExamSitting.user_id == user_id)) is not None


def exam_lines(session: Session, dialogue_id: int) -> list[tuple[int, str, str, str, int]]:
    """Messages of an exam's dialogue: number, by whom, text, kind, second."""
    row = ExamMessage
    asked = select(row.number, row.by, row.text, row.kind, row.at_seconds).where(row.dialogue_id == dialogue_id)
    return [tuple(one) for one in session.execute(asked.order_by(row.number))]  # type: ignore[misc]


def first_marks(session: Session, criteria: Collection[str]) -> list[tuple[str, int, datetime]]:
    """When each user was first trained in criteria: criterion, user, moment."""
    row = TrainingMark
    asked = select(row.criterion, row.user_id, func.min(row.at)).where(row.criterion.in_(sorted(criteria)))
    return [
        tuple(one)  # type: ignore[misc]
        for one in session.execute(asked.group_by(row.criterion, row.user_id).order_by(row.criterion, row.user_id))
    ]


def marks_by_criterion(session: Session, since: datetime) -> dict[tuple[str, bool], tuple[int, int]]:
    """Marks of everybody since a moment: passed and all, by criterion and whether of exams."""
    row = TrainingMark
    is_exam = row.dialogue_id.is_not(None)
    asked = (
        select(row.criterion, is_exam, func.count().filter(row.passed.is_(True)), func.count())
        .where(row.at >= since)
        .group_by(row.criterion, is_exam)
    )
    return {(one[0], bool(one[1])): (one[2], one[3]) for one in session.execute(asked)}


# ----------------------------------------------------------------------------------------------------- pieces


def _cards() -> Select[*tuple[Any, ...]]:
    return select(*_card_columns())


def _card_columns() -> list[Any]:
    return [getattr(DrillCard, name) for name in Card._fields]


def _answers() -> Select[*tuple[Any, ...]]:
    own = [getattr(DrillAnswer, name) for name in Answer._fields[:-1]]
    return select(*own, *_card_columns()).join(DrillCard, DrillCard.id == DrillAnswer.card_id)


def _one(session: Session, *where: ColumnElement[bool]) -> Answer | None:
    found = session.execute(_answers().where(*where).order_by(DrillAnswer.id.desc()).limit(1)).one_or_none()
    return None if found is None else _answer(found)


def _answer(row: Any) -> Answer:
    own = len(Answer._fields) - 1
    return Answer._make((*row[:own], Card(*row[own:])))


def _set(session: Session, *where: ColumnElement[bool], **values: Any) -> None:
    session.execute(update(DrillCard).where(*where).values(values).execution_options(synchronize_session=False))

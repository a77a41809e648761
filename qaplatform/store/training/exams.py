"""Sittings and their dialogues as they run: states under a count, messages, drafts, stopped clocks.

Whoever changes a dialogue's state names the count they have seen, and changes nothing where it is another one by now.
Whoever ends one locks its sitting first, so that of two ends at once each sees the other. What a room asks every two seconds is put
into words once (the functions with ``@cache``): making a statement takes SQLAlchemy as long as SQLite takes to answer it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple, cast

import msgspec
from sqlalchemy import CursorResult, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from qaplatform.store.rows import among, insert_new, is_sqlite, new_ids
from qaplatform.store.tables import (
    ExamDialogue,
    ExamDraft,
    ExamMessage,
    ExamPause,
    ExamSitting,
    LearningVersion,
    RubricVersion,
    User,
)

Purpose = Literal["exam", "practice", "trial"]
ExamVerdict = Literal["passed", "failed", "unscored", "void"]


class Sitting(msgspec.Struct, frozen=True):
    """A sitting, and the rubric that judges it."""

    id: int
    user_id: int
    user_name: str
    purpose: Purpose
    step: str | None
    customer: str
    started_at: datetime
    ended_at: datetime | None
    verdict: ExamVerdict | None
    rubric_version_id: int
    rubric: str
    rubric_hash: str
    endpoint_id: int | None = None
    """Of the model that plays the customer."""


class StoredDialogue(msgspec.Struct, frozen=True):
    """A dialogue without its result; ``state`` as JSON values."""

    id: int
    sitting_id: int
    place: int
    version_id: int
    scenario: str
    kind: str
    level: str
    scenario_hash: str
    seed: int
    opens_at: datetime
    deadline_at: datetime
    state: dict[str, Any]
    state_count: int
    paused_seconds: float
    paused_at: datetime | None
    ended_at: datetime | None
    ending: str | None
    void_why: str | None
    machine_verdict: ExamVerdict | None
    verdict: ExamVerdict | None


class NewSitting(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting to begin."""

    user_id: int
    purpose: Purpose
    rubric_version_id: int
    step: str | None = None
    customer: str = "script"
    endpoint_id: int | None = None


class NewDialogue(msgspec.Struct, frozen=True, kw_only=True):
    """A dialogue of it."""

    version_id: int
    scenario: str
    kind: str
    level: str
    seed: int
    opens_at: datetime
    deadline_at: datetime
    state: dict[str, Any]


class Said(NamedTuple):
    """A message as it is kept."""

    number: int
    by: Literal["candidate", "customer"]
    text: str
    kind: str
    at_seconds: int
    received_at: datetime
    sent_key: str | None = None


class Pause(NamedTuple):
    """A clock that stood still; ``until_at`` is ``None`` while it does."""

    from_at: datetime
    until_at: datetime | None


# --- beginning -----------------------------------------------------------------------------------------


def running_sitting_id(session: Session, user_id: int) -> int | None:
    """The sitting somebody is in."""
    asked = select(ExamSitting.id).where(ExamSitting.user_id == user_id, ExamSitting.ended_at.is_(None))
    return session.scalar(asked)


def add_sitting(session: Session, new: NewSitting, dialogues: Sequence[NewDialogue], *, now: datetime) -> int | None:
    """Begin a sitting; ``None`` where the person is in one already, which the unique index decides."""
    id = new_ids(session, ExamSitting, 1)[0]
    row = {"id": id, "started_at": now, "ended_at": None, "verdict": None}
    insert_new(session, ExamSitting, [row | msgspec.structs.asdict(new)])
    if session.scalar(select(ExamSitting.id).where(ExamSitting.id == id)) is None:
        return None
    session.add_all(
        ExamDialogue(sitting_id=id, place=place, **msgspec.structs.asdict(one)) for place, one in enumerate(dialogues)
    )
    session.flush()
    return id


# --- reading -------------------------------------------------------------------------------------------


@cache
def _sitting() -> Select[Any]:
    row = ExamSitting
    asked: Any = select(
        row.id, row.user_id, User.name, row.purpose, row.step, row.customer, row.started_at, row.ended_at, row.verdict,
        row.rubric_version_id, RubricVersion.code, RubricVersion.content_hash, row.endpoint_id,
    )  # fmt: skip
    asked = asked.join(User, User.id == row.user_id).join(RubricVersion, RubricVersion.id == row.rubric_version_id)
    return cast("Select[Any]", asked.where(row.id == bindparam("a_sitting")))


def sitting_of(session: Session, id: int) -> Sitting | None:
    """The sitting of an id."""
    found = session.execute(_sitting(), {"a_sitting": id}).one_or_none()
    return None if found is None else Sitting(*found)


def lock_sitting(session: Session, id: int) -> Sitting | None:
    """The sitting, which nobody else ends or judges until the transaction is over."""
    session.execute(select(ExamSitting.id).where(ExamSitting.id == id).with_for_update())
    return sitting_of(session, id)


def _dialogues() -> Select[*tuple[Any, ...]]:
    row = ExamDialogue
    return select(
        row.id, row.sitting_id, row.place, row.version_id, row.scenario, row.kind, row.level, LearningVersion.content_hash,
        row.seed, row.opens_at, row.deadline_at, row.state, row.state_count, row.paused_seconds, row.paused_at,
        row.ended_at, row.ending, row.void_why, row.machine_verdict, row.verdict,
    ).join(LearningVersion, LearningVersion.id == row.version_id)  # fmt: skip


@cache
def _dialogue() -> Select[Any]:
    return _dialogues().where(ExamDialogue.id == bindparam("a_dialogue"))


@cache
def _dialogues_of_sitting() -> Select[Any]:
    return _dialogues().where(ExamDialogue.sitting_id == bindparam("a_sitting")).order_by(ExamDialogue.place)


def dialogue_of(session: Session, id: int) -> StoredDialogue | None:
    """The dialogue of an id as it stands in the database, whatever the session has read before."""
    found = session.execute(_dialogue(), {"a_dialogue": id}).one_or_none()
    return None if found is None else StoredDialogue(*found)


def dialogues_of(session: Session, sitting_id: int) -> list[StoredDialogue]:
    """A sitting's dialogues by their places."""
    return [StoredDialogue(*row) for row in session.execute(_dialogues_of_sitting(), {"a_sitting": sitting_id})]


@cache
def _ends() -> Select[datetime | None, datetime | None, datetime]:
    row = ExamDialogue
    asked = select(row.ended_at, row.paused_at, row.deadline_at).join(ExamSitting, ExamSitting.id == row.sitting_id)
    return asked.where(row.id == bindparam("a_dialogue"), ExamSitting.user_id == bindparam("a_user"))


def takes_drafts(session: Session, dialogue_id: int, *, user_id: int, now: datetime) -> bool | None:
    """Whether a dialogue of somebody's goes on; ``None`` where it is not theirs. Asked every two seconds, and so asked little."""
    found = session.execute(_ends(), {"a_dialogue": dialogue_id, "a_user": user_id}).one_or_none()
    if found is None:
        return None
    ended_at, paused_at, deadline_at = found
    return ended_at is None and (paused_at is not None or now < deadline_at)


def due_ids(session: Session, *, now: datetime, after_id: int = 0, limit: int = 100) -> list[tuple[int, int]]:
    """(dialogue, sitting) of those whose time has run out and that nobody has ended, by id."""
    row = ExamDialogue
    asked = select(row.id, row.sitting_id).where(
        row.ended_at.is_(None), row.paused_at.is_(None), row.deadline_at <= now, row.id > after_id
    )
    return [(id, sitting_id) for id, sitting_id in session.execute(asked.order_by(row.id).limit(limit))]


def stalled_ids(session: Session, why: str, *, before: datetime, limit: int = 100) -> list[int]:
    """Running dialogues whose clock was stopped for a reason before a moment and still stands."""
    row, pause = ExamDialogue, ExamPause
    asked = (
        select(row.id)
        .join(pause, pause.dialogue_id == row.id)
        .where(
            row.ended_at.is_(None), row.paused_at.is_not(None), row.paused_at < before, pause.until_at.is_(None), pause.why == why
        )
    )  # fmt: skip
    return list(session.scalars(asked.order_by(row.id).limit(limit)))


def pause_total(session: Session, dialogue_id: int, why: str) -> tuple[int, float]:
    """How often a clock stood still for a reason, and for how many seconds."""
    row = ExamPause
    asked = select(row.from_at, row.until_at).where(
        row.dialogue_id == dialogue_id, row.why == why, row.until_at.is_not(None)
    )
    stood = [(until - begun).total_seconds() for begun, until in session.execute(asked) if until is not None]
    return len(stood), sum(stood)


def number_of_key(session: Session, dialogue_id: int, sent_key: str) -> int | None:
    """The place of a message that was sent under a key."""
    row = ExamMessage
    return session.scalar(select(row.number).where(row.dialogue_id == dialogue_id, row.sent_key == sent_key))


def messages_of(session: Session, dialogue_id: int) -> list[Said]:
    """The messages that are kept, in order."""
    row = ExamMessage
    asked: Any = select(row.number, row.by, row.text, row.kind, row.at_seconds, row.received_at, row.sent_key)
    asked = asked.where(row.dialogue_id == dialogue_id).order_by(row.number)
    return [Said(*one) for one in session.execute(asked)]


def message_count(session: Session, dialogue_id: int) -> int:
    """How many are kept: they are numbered from 0 without a gap."""
    asked = select(func.count()).select_from(ExamMessage).where(ExamMessage.dialogue_id == dialogue_id)
    return session.scalar(asked) or 0


@cache
def _drafts() -> Select[int, str]:
    row = ExamDraft
    return select(row.dialogue_id, row.text).where(row.dialogue_id.in_(bindparam("some_dialogues", expanding=True)))


def drafts_of(session: Session, dialogue_ids: Collection[int]) -> dict[int, str]:
    """What stands in the fields of a few dialogues."""
    return dict(session.execute(_drafts(), {"some_dialogues": list(dialogue_ids)}).all())


def pauses_of(session: Session, dialogue_ids: Collection[int]) -> dict[int, list[Pause]]:
    """Stopped clocks by dialogue, in order."""
    row = ExamPause
    asked = select(row.dialogue_id, row.from_at, row.until_at).where(among(session, row.dialogue_id, dialogue_ids))
    found: dict[int, list[Pause]] = {}
    for id, from_at, until_at in session.execute(asked.order_by(row.id)):
        found.setdefault(id, []).append(Pause(from_at, until_at))
    return found


# --- changing ------------------------------------------------------------------------------------------


def change_dialogue(session: Session, id: int, seen: int, **values: Any) -> bool:
    """Change a dialogue that still runs; ``False`` where it ended or somebody else has changed it since it was seen."""
    row = ExamDialogue
    changed = session.execute(
        update(row)
        .where(row.id == id, row.state_count == seen, row.ended_at.is_(None))
        .values(state_count=seen + 1, **values),
        execution_options={"synchronize_session": False},
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def add_messages(session: Session, dialogue_id: int, messages: Sequence[Said]) -> None:
    """Keep messages."""
    if messages:
        session.execute(insert(ExamMessage), [{"dialogue_id": dialogue_id, **one._asdict()} for one in messages])


def keep_draft(session: Session, dialogue_id: int, text: str, *, now: datetime) -> None:
    """Put down what stands in the field; the newest stands."""
    made = (sqlite if is_sqlite(session) else postgresql).insert(ExamDraft)
    kept = made.values(dialogue_id=dialogue_id, text=text, saved_at=now)
    session.execute(
        kept.on_conflict_do_update(index_elements=["dialogue_id"], set_={"text": text, "saved_at": now}),
    )


def drop_draft(session: Session, dialogue_id: int) -> None:
    """Forget what stands in the field."""
    session.execute(delete(ExamDraft).where(ExamDraft.dialogue_id == dialogue_id))


def add_pause(session: Session, dialogue_id: int, why: str, *, now: datetime) -> None:
    """Put down that the clock stands still from now on."""
    session.add(ExamPause(dialogue_id=dialogue_id, why=why, from_at=now))
    session.flush()


def end_pause(session: Session, dialogue_id: int, *, now: datetime) -> None:
    """Put down that it goes on."""
    row = ExamPause
    session.execute(
        update(row).where(row.dialogue_id == dialogue_id, row.until_at.is_(None)).values(until_at=now),
        execution_options={"synchronize_session": False},
    )


def set_dialogue(session: Session, id: int, **values: Any) -> None:
    """Set a dialogue's result, or what stands of it."""
    session.execute(
        update(ExamDialogue).where(ExamDialogue.id == id).values(**values),
        execution_options={"synchronize_session": False},
    )


def set_sitting(session: Session, id: int, **values: Any) -> None:
    """Set a sitting's end and verdict."""
    session.execute(
        update(ExamSitting).where(ExamSitting.id == id).values(**values),
        execution_options={"synchronize_session": False},
    )

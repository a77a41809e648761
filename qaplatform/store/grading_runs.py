"""Runs of the grader over conversations: what is to be asked about, how far it is, and what it has taken so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from qaplatform.store.conversation_filters import within_scope
from qaplatform.store.jobs import ENDED, JobState
from qaplatform.store.rows import insert_rows
from qaplatform.store.scopes import Scope
from qaplatform.store.tables import ConversationRow, GradingItem, GradingRun, Job, LlmEndpoint, Shop, User, WorkItem

RunKind = Literal["one", "list", "plan"]
RunState = Literal["waiting", "running", "done", "stopped", "cancelled"]
LIVE: frozenset[RunState] = frozenset({"waiting", "running"})
_R, _I, _C = GradingRun, GradingItem, ConversationRow


class NewRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be asked of whom."""

    user_id: int
    endpoint_id: int
    model: str
    kind: RunKind
    wanted: Mapping[str, Any]
    questions: Sequence[str]
    caps: Mapping[str, Any]
    currency: str


class ReadRun(msgspec.Struct, frozen=True):
    """A run as it stands."""

    id: int
    job_id: int | None
    user_id: int
    user: str
    endpoint_id: int
    endpoint: str
    model: str
    kind: RunKind
    wanted: dict[str, Any]
    questions: tuple[str, ...]
    caps: dict[str, Any]
    state: RunState
    ended_why: str | None
    total_count: int
    done_count: int
    skipped_count: int
    call_count: int
    token_count: int
    money_micros: int
    currency: str
    created_at: datetime
    ended_at: datetime | None
    job_state: JobState | None
    """How its job stands; ``None``: it was tidied away."""


class Item(msgspec.Struct, frozen=True):
    """A conversation of a run; ``grading_id`` and what it says are found by the conversation."""

    place: int
    conversation_id: int
    state: str
    problem: str | None


class Subject(msgspec.Struct, frozen=True):
    """What must be known of a conversation before anybody is asked about it."""

    id: int
    shop_id: int
    revision: int
    audit_id: int | None
    forbids_llm: bool
    is_purged: bool
    staff: tuple[str, ...]
    """Names of the shop's people who wrote in it."""


def add_run(session: Session, new: NewRun, conversation_ids: Sequence[int], *, now: datetime) -> int:
    """Write a run over some conversations, in that order; its id."""
    row = _R(
        user_id=new.user_id, endpoint_id=new.endpoint_id, model=new.model, kind=new.kind, wanted=dict(new.wanted),
        questions=list(new.questions), caps=dict(new.caps), currency=new.currency, total_count=len(conversation_ids),
        created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    items = [(row.id, place, id, "waiting", None) for place, id in enumerate(conversation_ids)]
    insert_rows(session, _I, ("run_id", "place", "conversation_id", "state", "problem"), items)
    return row.id


def set_job(session: Session, run_id: int, job_id: int) -> None:
    """Say which job does a run."""
    _set(session, run_id, job_id=job_id)


def set_state(session: Session, run_id: int, state: RunState, *, now: datetime, why: str | None = None) -> None:
    """Say how a run stands; ``why`` it ended, where not because all is done."""
    _set(session, run_id, state=state, ended_why=why, ended_at=None if state in LIVE else now)


def set_caps(session: Session, run_id: int, caps: Mapping[str, Any]) -> None:
    """Give a run other caps."""
    _set(session, run_id, caps=dict(caps))


def end_item(session: Session, run_id: int, place: int, *, problem: str | None = None) -> None:
    """A conversation is done, or was skipped for a problem; ending it again changes nothing."""
    ended = session.execute(
        update(_I)
        .where(_I.run_id == run_id, _I.place == place, _I.state == "waiting")
        .values(state="done" if problem is None else "skipped", problem=problem),
        execution_options={"synchronize_session": False},
    )
    if ended.rowcount:  # type: ignore[attr-defined]
        counted = _R.done_count if problem is None else _R.skipped_count
        _set(session, run_id, **{counted.key: counted + 1})


def add_spent(session: Session, run_id: int, *, tokens: int, money_micros: int) -> None:
    """One more call was made, and took so much."""
    _set(
        session, run_id, call_count=_R.call_count + 1, token_count=_R.token_count + tokens,
        money_micros=_R.money_micros + money_micros,
    )  # fmt: skip


def run(session: Session, run_id: int) -> ReadRun | None:
    """A run by its id."""
    row: Any = session.execute(_runs().where(_R.id == run_id)).one_or_none()
    return None if row is None else _read(row)


def runs_page(session: Session, *, user_id: int | None, page: int, page_size: int) -> tuple[tuple[ReadRun, ...], int]:
    """A page of runs, the newest first, and how many there are; of one user, or of all."""
    own = () if user_id is None else (_R.user_id == user_id,)
    total = session.scalar(select(func.count()).select_from(_R).where(*own)) or 0
    asked = _runs().where(*own).order_by(_R.id.desc()).limit(page_size).offset((page - 1) * page_size)
    rows: Iterable[Any] = session.execute(asked)
    return tuple(map(_read, rows)), total


def hold(session: Session, conversation_id: int) -> None:
    """Before the transaction ends nobody else begins to ask about a conversation, or writes what came of it.

    Whoever writes holds it before reading anything of it: two who had both read it would wait for each other.
    """
    session.execute(select(_C.id).where(_C.id == conversation_id).with_for_update())


def newest_run_of(session: Session, conversation_id: int) -> ReadRun | None:
    """The newest run in which a conversation was asked about by itself."""
    asked = (
        _runs()
        .join(_I, _I.run_id == _R.id)
        .where(_I.conversation_id == conversation_id, _R.kind == "one")
        .order_by(_R.id.desc())
        .limit(1)
    )
    row: Any = session.execute(asked).one_or_none()
    return None if row is None else _read(row)


def can_ask_about(session: Session, conversation_id: int) -> tuple[bool, bool]:
    """Whether there is a model that can be asked, and whether one is just being asked about this conversation alone."""
    live = (
        select(_R.id)
        .join(_I, _I.run_id == _R.id)
        # Of a job that was cancelled before it began, or failed for good, nobody was left to say so in the run.
        .join(Job, (Job.id == _R.job_id) & Job.state.not_in(sorted(ENDED)))
        .where(_I.conversation_id == conversation_id, _R.kind == "one", _R.state.in_(sorted(LIVE)))
    )
    row: Any = session.execute(
        select(select(LlmEndpoint.id).where(LlmEndpoint.retired_at.is_(None)).exists(), live.exists())
    )
    there, is_live = row.one()
    return bool(there), bool(is_live)


def waiting_items(session: Session, run_id: int, *, after: int, limit: int) -> list[Item]:
    """The next conversations that are to be asked about, from behind a place."""
    asked = select(_I.place, _I.conversation_id, _I.state, _I.problem).where(
        _I.run_id == run_id, _I.state == "waiting", _I.place > after
    )
    rows: Iterable[Any] = session.execute(asked.order_by(_I.place).limit(limit))
    return [Item(*row) for row in rows]


def items_page(session: Session, run_id: int, scope: Scope, *, page: int, page_size: int) -> tuple[list[Item], int]:
    """A page of a run's conversations that lie in a scope, and how many do."""
    listed = select(_I.place, _I.conversation_id, _I.state, _I.problem).join(_C, _C.id == _I.conversation_id)
    listed = within_scope(listed.where(_I.run_id == run_id), scope)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    rows: Iterable[Any] = session.execute(listed.order_by(_I.place).limit(page_size).offset((page - 1) * page_size))
    return [Item(*row) for row in rows], total


def skipped_by(session: Session, run_id: int) -> dict[str, int]:
    """How many conversations of a run were skipped for which problem."""
    asked = select(_I.problem, func.count()).where(_I.run_id == run_id, _I.state == "skipped").group_by(_I.problem)
    return {problem or "": count for problem, count in session.execute(asked.order_by(_I.problem))}


def subject(session: Session, conversation_id: int) -> Subject | None:
    """A conversation as it stands."""
    row: Any = session.execute(
        select(
            _C.id,
            _C.shop_id,
            _C.revision,
            _C.audit_id,
            Shop.forbids_llm,
            _C.text_purged_at.is_not(None),
            _C.indexed_names,
        )
        .join(Shop, Shop.id == _C.shop_id)
        .where(_C.id == conversation_id)
    ).one_or_none()
    return None if row is None else Subject(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6]))


def drawn_by(session: Session, sample_id: int, scope: Scope) -> list[int]:
    """The conversations of a sample that lie in a scope, in the order of their work."""
    drawn = select(_C.id).join(WorkItem, WorkItem.conversation_id == _C.id).where(WorkItem.sample_id == sample_id)
    return list(session.scalars(within_scope(drawn, scope).group_by(_C.id).order_by(func.min(WorkItem.id))))


def _runs() -> Select[Any]:
    elsewhere = (User.name.label("user"), LlmEndpoint.name.label("endpoint"), Job.state.label("job_state"))
    names = {one.name for one in elsewhere}
    columns = [getattr(_R, name) for name in ReadRun.__struct_fields__ if name not in names]
    return (
        select(*columns, *elsewhere)
        .join(User, User.id == _R.user_id)
        .join(LlmEndpoint, LlmEndpoint.id == _R.endpoint_id)
        .outerjoin(Job, Job.id == _R.job_id)
    )


def _read(row: Any) -> ReadRun:
    values = {name: getattr(row, name) for name in ReadRun.__struct_fields__}
    return ReadRun(**(values | {"questions": tuple(row.questions)}))


def _set(session: Session, run_id: int, **values: Any) -> None:
    statement = update(_R).where(_R.id == run_id).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})

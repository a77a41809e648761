"""Asking a language model about conversations: one, a list, or what a sampling plan drew; and what became of it.

A run is an order; a job does it (``services/grading_job.py``), chat by chat, and goes on where it was interrupted. The audit
never waits for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, ClassVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.access import Viewer
from qaplatform.services.conversation_pages import reached
from qaplatform.services.grader_settings import endpoint_to_ask
from qaplatform.services.grading_subjects import NotAskedError, subject_of
from qaplatform.services.noting import note
from qaplatform.services.sampling import visible_plan
from qaplatform.store import grading_runs, jobs, llm_calls, sampling
from qaplatform.store.conversation_filters import ConversationFilter
from qaplatform.store.grading_runs import LIVE, Item, NewRun, ReadRun, RunKind, RunState
from qaplatform.store.listing import listed_ids

ASK, SEE = "grader.ask", "grader.see"
ASK_KIND = "grader.ask"
RUN_KIND = "grader.run"
MOST_ASKED = 20_000
"""Of a longer list, the newest so many are drawn from."""


class GraderForbiddenError(QAPlatformError):
    """The shop or the rubric of this conversation forbids sending it to a language model."""

    code: ClassVar[str] = "grader.forbidden"


class NoQuestionsError(QAPlatformError):
    """There is nothing to ask: the rubric asks no question that applies, or there is no audit or no text any more."""

    code: ClassVar[str] = "grader.no_questions"


class NothingChosenError(QAPlatformError):
    """No conversation was chosen; widen the choice."""

    code: ClassVar[str] = "grader.nothing_chosen"


class UnknownRunError(QAPlatformError):
    """There is no such run; look at the list of runs."""

    code: ClassVar[str] = "grader.unknown_run"


class RunEndedError(QAPlatformError):
    """The run has ended; there is nothing to stop."""

    code: ClassVar[str] = "grader.run_ended"


class RunNotToGoOnError(QAPlatformError):
    """Only a run that was stopped before its end can go on."""

    code: ClassVar[str] = "grader.run_not_to_go_on"


class RunCaps(msgspec.Struct, frozen=True):
    """The most that one run may take; ``None``: as the settings say."""

    tokens: int | None = None
    money_micros: int | None = None


NO_CAPS = RunCaps()


class Chosen(msgspec.Struct, frozen=True):
    """Which conversations a run is about; in order, each once."""

    kind: RunKind
    ids: tuple[int, ...]
    wanted: dict[str, Any]


class RunView(msgspec.Struct, frozen=True):
    """A run for people."""

    run: ReadRun
    is_live: bool
    is_stopping: bool
    """It was asked to stop, and finishes what it is at."""
    is_own: bool
    skipped_by: Mapping[str, int]
    faults: Mapping[str, int]
    done_ratio: float
    per_second: float | None
    seconds_left: float | None


# --- which conversations ---------------------------------------------------------------------------------


def chosen_of_list(
    session: Session, viewer: Viewer, listed: ConversationFilter, *, most: int, seed: int, query: str = ""
) -> Chosen:
    """Conversations of a filtered list within the viewer's reach; where there are more than ``most``, drawn by a seed.

    Raises:
        AccessError: the viewer may ask about nothing.
    """
    viewer.demand(ASK)
    ids = listed_ids(session, listed, viewer.scope(ASK), limit=MOST_ASKED)
    if len(ids) > most:
        drawn = set(Random(seed).sample(sorted(ids), most))
        ids = [id for id in ids if id in drawn]
    return Chosen("list", tuple(ids), {"query": query, "most": most, "seed": seed})


def chosen_of_plan(session: Session, viewer: Viewer, plan_id: int) -> Chosen:
    """The conversations of a plan's newest sample within the viewer's reach.

    Raises:
        AccessError: the viewer may ask about nothing.
        QAPlatformError: there is no such plan, or they may not see it.
    """
    viewer.demand(ASK)
    visible_plan(session, viewer, plan_id)
    samples, _ = sampling.samples_page(session, plan_id, page=1, page_size=1)
    ids = grading_runs.drawn_by(session, samples[0].id, viewer.scope(ASK)) if samples else []
    return Chosen("plan", tuple(ids), {"plan_id": plan_id, "sample_id": samples[0].id if samples else None})


# --- asking --------------------------------------------------------------------------------------------------


def ask_one(session: Session, viewer: Viewer, conversation_id: int, *, now: datetime) -> int:
    """Have one conversation's questions answered; the run's id. One that is under way is not begun again.

    Raises:
        NotThereError: there is no such conversation, or they may not ask about it.
        NoEndpointError, KeyNotThereError, EndpointError: nobody can be asked.
        GraderForbiddenError: its shop or rubric forbids it.
        NoQuestionsError: there is nothing to ask.
    """
    row = reached(session, viewer, conversation_id, ASK)
    grading_runs.hold(session, conversation_id)
    try:
        subject_of(session, conversation_id, shipped_prompts())
    except NotAskedError as error:
        raise GraderForbiddenError if error.problem == "forbidden" else NoQuestionsError from error
    newest = grading_runs.newest_run_of(session, conversation_id)
    if newest is not None and _standing(newest).state in LIVE:
        return newest.id
    chosen = Chosen("one", (conversation_id,), {})
    return _begin(session, viewer, chosen, (), None, NO_CAPS, now, shop_id=row.shop_id)


def ask_about(
    session: Session,
    viewer: Viewer,
    chosen: Chosen,
    *,
    questions: Sequence[str] = (),
    endpoint_id: int | None = None,
    caps: RunCaps = NO_CAPS,
    now: datetime,
) -> int:
    """Have the questions about chosen conversations answered; the run's id.

    Args:
        session: A writing transaction.
        viewer: Who asks.
        chosen: As :func:`chosen_of_list` or :func:`chosen_of_plan` gave it, in this transaction.
        questions: Prompts to ask beside the rubric's own questions; their answers count for nothing.
        endpoint_id: Who is asked; the one in use otherwise.
        caps: Of this run, below those of the settings.
        now: The moment.

    Raises:
        NothingChosenError: no conversation was chosen.
        NoEndpointError, KeyNotThereError, EndpointError: nobody can be asked.
        UnknownPromptError: a prompt is not there.
    """
    viewer.demand(ASK)
    if not chosen.ids:
        raise NothingChosenError
    for name in questions:
        shipped_prompts().question(name)
    return _begin(session, viewer, chosen, questions, endpoint_id, caps, now)


def _begin(
    session: Session, viewer: Viewer, chosen: Chosen, questions: Sequence[str], endpoint_id: int | None, caps: RunCaps,
    now: datetime, shop_id: int | None = None,
) -> int:  # fmt: skip
    stored, endpoint = endpoint_to_ask(session, endpoint_id)
    new = NewRun(
        user_id=viewer.user_id,
        endpoint_id=stored.id,
        model=endpoint.model,
        kind=chosen.kind,
        wanted=chosen.wanted,
        questions=tuple(dict.fromkeys(questions)),
        caps=msgspec.to_builtins(caps),
        currency=endpoint.currency,
    )
    run_id = grading_runs.add_run(session, new, chosen.ids, now=now)
    _announce(session, viewer, run_id, chosen.kind, len(chosen.ids), now)
    subject = ("conversation", chosen.ids[0]) if chosen.kind == "one" else ("grading_run", run_id)
    note(session, viewer, now, "grader.asked", subject, shop_id=shop_id, run=run_id, count=len(chosen.ids))
    return run_id


def _announce(session: Session, viewer: Viewer, run_id: int, kind: RunKind, total: int, now: datetime) -> None:
    job_id = jobs.announce(
        session, ASK_KIND if kind == "one" else RUN_KIND, {"run_id": run_id}, now=now,
        unique_key=f"{RUN_KIND}:{run_id}", user_id=viewer.user_id, total=total,
    )  # fmt: skip
    grading_runs.set_job(session, run_id, job_id)


# --- steering ------------------------------------------------------------------------------------------------


def stop_run(session: Session, viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """End a run; what was answered stays. Calls that are under way are waited for, and what they say is remembered.

    Raises:
        AccessError: the viewer may not ask.
        UnknownRunError: there is none that they see.
        RunEndedError: it has ended.
    """
    viewer.demand(ASK)
    run = _seen(session, viewer, run_id)
    if run.state not in LIVE or run.job_id is None:
        raise RunEndedError
    if jobs.cancel(session, run.job_id, now=now) != "running":
        grading_runs.set_state(session, run_id, "cancelled", now=now)
    note(session, viewer, now, "grader.stopped", ("grading_run", run_id), run=run_id)


def go_on(session: Session, viewer: Viewer, run_id: int, *, caps: RunCaps | None = None, now: datetime) -> None:
    """Let a run that was stopped before its end go on with what is left, under other caps if given.

    Raises:
        AccessError: the viewer may not ask.
        UnknownRunError: there is none that they see.
        RunNotToGoOnError: it runs, or nothing is left.
        NoEndpointError, KeyNotThereError, EndpointError: nobody can be asked.
    """
    viewer.demand(ASK)
    run = _seen(session, viewer, run_id)
    left = run.total_count - run.done_count - run.skipped_count
    if run.state in LIVE or not left:
        raise RunNotToGoOnError
    endpoint_to_ask(session, run.endpoint_id)
    if caps is not None:
        grading_runs.set_caps(session, run_id, msgspec.to_builtins(caps))
    grading_runs.set_state(session, run_id, "waiting", now=now)
    _announce(session, viewer, run_id, run.kind, run.total_count, now)
    note(session, viewer, now, "grader.went_on", ("grading_run", run_id), run=run_id)


# --- seeing --------------------------------------------------------------------------------------------------


def runs_page(session: Session, viewer: Viewer, *, page: int, page_size: int) -> tuple[tuple[ReadRun, ...], int]:
    """A page of runs, the newest first, and how many there are: all for those who see everything, else one's own.

    Raises:
        AccessError: the viewer may not see what models said.
    """
    viewer.demand(SEE)
    runs, total = grading_runs.runs_page(session, user_id=_only(viewer), page=page, page_size=page_size)
    return tuple(_standing(one) for one in runs), total


def run_seen(session: Session, viewer: Viewer, run_id: int, *, now: datetime) -> RunView:
    """A run with what it met.

    Raises:
        AccessError: the viewer may not see what models said.
        UnknownRunError: there is none that they see.
    """
    viewer.demand(SEE)
    run = _seen(session, viewer, run_id)
    job = None if run.job_id is None else jobs.one(session, run.job_id)
    ended = run.done_count + run.skipped_count
    went = jobs.Pace()
    if job is not None and job[0].state == "running":
        went = jobs.pace(
            done=ended, total=run.total_count, started_at=job[0].started_at, until=now,
            started_count=job[0].started_count,
        )  # fmt: skip
    return RunView(
        run=run,
        is_live=run.state in LIVE,
        is_stopping=run.state in LIVE and job is not None and job[0].cancel_asked,
        is_own=run.user_id == viewer.user_id,
        skipped_by=grading_runs.skipped_by(session, run_id),
        faults=llm_calls.faults_of_run(session, run_id),
        done_ratio=ended / run.total_count if run.total_count else 1.0,
        per_second=went.per_second,
        seconds_left=went.seconds_left,
    )


def items_page(session: Session, viewer: Viewer, run_id: int, *, page: int, page_size: int) -> tuple[list[Item], int]:
    """A page of a run's conversations that the viewer may see, and how many those are.

    Raises:
        AccessError: the viewer may not see what models said.
        UnknownRunError: there is no run that they see.
    """
    viewer.demand(SEE)
    _seen(session, viewer, run_id)
    return grading_runs.items_page(session, run_id, viewer.scope(SEE), page=page, page_size=page_size)


def run_about(session: Session, viewer: Viewer, conversation_id: int) -> ReadRun | None:
    """The newest run in which somebody asked about this one conversation.

    Raises:
        NotThereError: the viewer may not see what models said of it.
    """
    reached(session, viewer, conversation_id, SEE)
    newest = grading_runs.newest_run_of(session, conversation_id)
    return None if newest is None else _standing(newest)


def _seen(session: Session, viewer: Viewer, run_id: int) -> ReadRun:
    run = grading_runs.run(session, run_id)
    if run is None or _only(viewer) not in (None, run.user_id):
        raise UnknownRunError
    return _standing(run)


def _standing(run: ReadRun) -> ReadRun:
    """A run with the state it is really in: where its job has failed for good, nobody was left to say so in the run."""
    if run.state not in LIVE or run.job_state in {"waiting", "running"}:
        return run
    state: RunState = "cancelled" if run.job_state == "cancelled" else "stopped"
    return msgspec.structs.replace(run, state=state, ended_why=run.ended_why or "nobody_answers")


def _only(viewer: Viewer) -> int | None:
    return None if viewer.scope(SEE).everything else viewer.user_id

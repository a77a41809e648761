"""How far people have come on their paths, summed up from what they read, were tested on, practised, and what was noted down.

What counts, for every kind of step:

- **lesson**: a version of it was read since the path's first day, or the version of today at any time;
- **theory_test**: the best attempt at the paper ``path/step`` begun since the first day; one that was passed then stays passed;
- **drill**: drills of the step's criteria (any, where it names none) answered well since the first day;
- **mock_exam**: scenarios passed in exams (not in practice) since the first day, each scenario once a step. An exam counts
  for the step it was begun for; one begun for none counts for the first exam step, in the path's order, that still wants one;
- **accompanied_chats**: the chats in the mentor's daily logs, by day;
- **case_review**, **mentor_talk**: what a mentor noted down for the step. A talk noted down for a step of another kind opens that early.

A critical stands in the way of graduating while it is open: a real chat since the first day that a person confirmed as critical, until a
mentor has gone through it as a case with them; and an exam's dialogue with a critical that stands, until a later one of the
same kind was passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

import msgspec
from sqlalchemy.orm import Session

from qaplatform.services.training.catalogue import lessons_now, paths_now
from qaplatform.services.training.learners import Learner
from qaplatform.services.training.settings import TrainingSettings, training_settings
from qaplatform.store.training import progress as stored
from qaplatform.store.training.enrolments import StoredEnrolment, running_enrolments
from qaplatform.store.training.progress import ConfirmedCritical, LoggedDay, TakenDialogue, TakenPaper
from qaplatform.store.training.step_records import StoredRecord, records_of
from qaplatform.training.lessons import Lessons
from qaplatform.training.paths import Done, Path, Progress, Standing, Step, progress

_NO_STATES = frozenset({"void", "unscored", None})
_ODD_ZONE = timedelta(days=1)
_OfUser = TypeVar("_OfUser", stored.ReadLesson, TakenPaper, stored.SolvedDrill, TakenDialogue)
_OfAgent = TypeVar("_OfAgent", LoggedDay, StoredRecord, ConfirmedCritical)


class Facts(msgspec.Struct, frozen=True):
    """What is known of one person besides the steps."""

    logs: tuple[LoggedDay, ...] = ()
    """Days with a log, the oldest first."""
    records: tuple[StoredRecord, ...] = ()
    """Talks and cases of this enrolment, the newest first."""
    open_chats: tuple[ConfirmedCritical, ...] = ()
    """Criticals in real chats that nobody has gone through with them."""
    open_exams: tuple[TakenDialogue, ...] = ()
    """Criticals in exams that no later exam of the kind has made good."""
    exams_failed: int = 0
    """Exams failed since the last one passed."""
    exams_waiting: int = 0
    """Dialogues a mentor must look at before they stand."""
    papers_waiting: int = 0
    """Tests with a free answer a person must rule on."""


class PersonProgress(msgspec.Struct, frozen=True):
    """Somebody on a path; ``path`` and ``progress`` are ``None`` where the path is not there any more."""

    learner: Learner
    enrolment: StoredEnrolment
    path: Path | None
    progress: Progress | None
    done: Mapping[str, Done] = {}
    facts: Facts = Facts()


class _Found(msgspec.Struct, frozen=True):
    """Everything that was asked of the database, for all people at once."""

    lessons: Lessons
    readings: Mapping[int, list[stored.ReadLesson]]
    papers: Mapping[int, list[TakenPaper]]
    drills: Mapping[int, list[stored.SolvedDrill]]
    dialogues: Mapping[int, list[TakenDialogue]]
    logs: Mapping[int, list[LoggedDay]]
    records: Mapping[int, list[StoredRecord]]
    criticals: Mapping[int, list[ConfirmedCritical]]


def progress_of(session: Session, learner: Learner, *, now: datetime) -> Progress | None:
    """How far somebody has come; ``None`` without a path."""
    found = person_progress(session, learner, now=now)
    return None if found is None else found.progress


def person_progress(
    session: Session, learner: Learner, *, now: datetime, settings: TrainingSettings | None = None
) -> PersonProgress | None:
    """The same with the path and what else is known; ``None`` where no enrolment runs."""
    return people_progress(session, [learner], now=now, settings=settings).get(learner.agent_id or 0)


def people_progress(
    session: Session, learners: Sequence[Learner], *, now: datetime, settings: TrainingSettings | None = None
) -> dict[int, PersonProgress]:
    """Those of some people who are on a path, by agent; the number of statements does not depend on how many they are."""
    agents = {one.agent_id: one for one in learners if one.agent_id is not None}
    if not agents:
        return {}
    running = running_enrolments(session, sorted(agents))
    if not running:
        return {}
    settings = settings or training_settings(session)
    paths, found = paths_now(session), _found(session, [agents[id] for id in running], running)
    out: dict[int, PersonProgress] = {}
    for agent_id, enrolment in running.items():
        path = paths.get(enrolment.path)
        out[agent_id] = _person(agents[agent_id], enrolment, path, found, settings, settings.day_of(now))
    return out


def _found(session: Session, people: Sequence[Learner], running: Mapping[int, StoredEnrolment]) -> _Found:
    agent_ids = sorted(running)
    user_ids = sorted(one.user_id for one in people if one.user_id is not None)
    first = min(one.hired_on for one in running.values())
    # A day early, whatever the zone; every person's own first day is looked at below.
    since = datetime.combine(first, time(), UTC) - _ODD_ZONE
    return _Found(
        lessons=lessons_now(session),
        readings=_by_user(stored.readings(session, user_ids) if user_ids else []),
        papers=_by_user(stored.papers(session, user_ids, since) if user_ids else []),
        drills=_by_user(stored.drills(session, user_ids, since) if user_ids else []),
        dialogues=_by_user(stored.dialogues(session, user_ids, since) if user_ids else []),
        logs=_by_agent(stored.logged_days(session, agent_ids, first)),
        records=_by_agent(records_of(session, agent_ids)),
        criticals=_by_agent(stored.confirmed_criticals(session, agent_ids, since)),
    )


def _person(
    learner: Learner,
    enrolment: StoredEnrolment,
    path: Path | None,
    found: _Found,
    settings: TrainingSettings,
    today: date,
) -> PersonProgress:
    begin = datetime.combine(enrolment.hired_on, time(), settings.zone)
    user_id, agent_id = learner.user_id or 0, enrolment.agent_id
    exams = [one for one in found.dialogues.get(user_id, ()) if one.ended_at is None or one.ended_at >= begin]
    records = found.records.get(agent_id, [])
    talked = {one.conversation_id for one in records if one.kind == "case_review"}
    facts = Facts(
        logs=tuple(one for one in found.logs.get(agent_id, ()) if one.day >= enrolment.hired_on),
        records=tuple(one for one in records if one.enrolment_id == enrolment.id),
        open_chats=tuple(
            one
            for one in found.criticals.get(agent_id, ())
            if one.started_at >= begin and one.conversation_id not in talked
        ),
        open_exams=_open_exams(exams),
        exams_failed=_failed_in_a_row(exams),
        exams_waiting=sum(one.needs_mentor and one.ended_at is not None and one.verdict in _NO_STATES for one in exams),
        papers_waiting=sum(one.standing == "for_a_person" for one in found.papers.get(user_id, ())),
    )
    if path is None:
        return PersonProgress(learner, enrolment, None, None, facts=facts)
    done = _done(path, found, facts, exams, settings, user_id=user_id, begin=begin)
    standing = Standing(len(facts.open_chats) + len(facts.open_exams), enrolment.agreed_at is not None)
    reached = progress(
        path, done, hired_on=enrolment.hired_on, today=today, calendar=settings.calendar, standing=standing,
        opened_early={one.step for one in facts.records if one.kind == "mentor_talk"},
    )  # fmt: skip
    return PersonProgress(learner, enrolment, path, reached, done, facts)


def _done(
    path: Path,
    found: _Found,
    facts: Facts,
    exams: Sequence[TakenDialogue],
    settings: TrainingSettings,
    *,
    user_id: int,
    begin: datetime,
) -> dict[str, Done]:
    """What was done of every step."""
    day_of = settings.day_of
    passed = _exams_by_step(path, [one for one in exams if one.verdict == one.sitting_verdict == "passed"])
    papers = [one for one in found.papers.get(user_id, ()) if one.started_at >= begin]
    out: dict[str, Done] = {}
    for step in path.steps:
        if step.kind == "lesson":
            current = {one.content_hash for one in found.lessons.by_id.get(step.lesson, {}).values()}
            read = [
                one.at
                for one in found.readings.get(user_id, ())
                if one.lesson == step.lesson and (one.at >= begin or one.content_hash in current)
            ]
            out[step.id] = Done(times=min(len(read), 1), last_on=day_of(max(read)) if read else None)
        elif step.kind == "theory_test":
            out[step.id] = _tested(step, [one for one in papers if one.paper == f"{path.id}/{step.id}"], settings)
        elif step.kind == "drill":
            solved = [
                one.at
                for one in found.drills.get(user_id, ())
                if one.at >= begin and (not step.criteria or one.criterion in step.criteria)
            ]
            out[step.id] = Done(times=len(solved), last_on=day_of(max(solved)) if solved else None)
        elif step.kind == "mock_exam":
            mine = passed[step.id]
            ends = [one.ended_at for one in mine if one.ended_at]
            kinds = frozenset(one.kind for one in mine)
            out[step.id] = Done(times=len(mine), kinds=kinds, last_on=day_of(max(ends)) if ends else None)
        elif step.kind == "accompanied_chats":
            by_day = {one.day: one.chats for one in facts.logs}
            out[step.id] = Done(by_day=by_day, last_on=max(by_day, default=None))
        else:
            noted = [one for one in facts.records if one.step == step.id and one.kind == step.kind]
            out[step.id] = Done(times=len(noted), last_on=max((one.done_on for one in noted), default=None))
    return out


def _tested(step: Step, attempts: Sequence[TakenPaper], settings: TrainingSettings) -> Done:
    """The best attempt; one that was passed by the rules of its day counts as passed by those of today."""
    ratios = [
        max(one.least_ratio or 0.0, step.pass_ratio if one.standing == "passed" else 0.0)
        for one in attempts
        if one.standing != "for_a_person"
    ]
    ends = [one.ended_at for one in attempts if one.ended_at]
    last = settings.day_of(max(ends)) if ends else None
    return Done(times=len(ratios), best_ratio=max(ratios, default=None), last_on=last)


def _exams_by_step(path: Path, passed: Sequence[TakenDialogue]) -> dict[str, list[TakenDialogue]]:
    """Which passed dialogues count for which step; each scenario once a step."""
    steps = [one for one in path.steps if one.kind == "mock_exam"]
    out: dict[str, list[TakenDialogue]] = {one.id: [] for one in steps}
    free: list[TakenDialogue] = []
    for one in passed:
        own = (one.step or "").removeprefix(f"{path.id}/")
        if one.step and own in out:
            if one.scenario not in {other.scenario for other in out[own]}:
                out[own].append(one)
        elif not one.step:
            free.append(one)
    for one in free:
        wanting = next((step for step in steps if _wants(step, out[step.id], one)), None)
        if wanting is not None and one.scenario not in {other.scenario for other in out[wanting.id]}:
            out[wanting.id].append(one)
    return out


def _wants(step: Step, mine: Sequence[TakenDialogue], one: TakenDialogue) -> bool:
    """Whether a step is still open for an exam of this scenario."""
    is_full = len(mine) >= step.times and len({other.kind for other in mine}) >= step.scenario_kinds
    return not is_full and (not step.scenarios or one.scenario in step.scenarios)


def _open_exams(exams: Sequence[TakenDialogue]) -> tuple[TakenDialogue, ...]:
    """Dialogues with a critical that stands, and none of their kind passed since."""
    passed_last = {one.kind: one.id for one in exams if one.verdict == "passed" and not one.has_critical}
    return tuple(
        one
        for one in exams
        if one.has_critical and one.verdict not in _NO_STATES and passed_last.get(one.kind, 0) < one.id
    )


def _failed_in_a_row(exams: Sequence[TakenDialogue]) -> int:
    """How many exams failed since the last one that was passed."""
    verdicts = {one.sitting_id: one.sitting_verdict for one in exams}
    count = 0
    for _, verdict in sorted(verdicts.items(), reverse=True):
        if verdict == "passed":
            break
        count += verdict == "failed"
    return count


def _by_user(rows: Sequence[_OfUser]) -> dict[int, list[_OfUser]]:
    out: dict[int, list[_OfUser]] = defaultdict(list)
    for one in rows:
        out[one.user_id].append(one)
    return out


def _by_agent(rows: Sequence[_OfAgent]) -> dict[int, list[_OfAgent]]:
    out: dict[int, list[_OfAgent]] = defaultdict(list)
    for one in rows:
        out[one.agent_id].append(one)
    return out

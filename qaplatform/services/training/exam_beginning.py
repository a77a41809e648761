"""Beginning a mock dialogue: what is wanted, which scenarios that means, and a sitting of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.context import Context
from qaplatform.audit.rubric import ConversationFacts
from qaplatform.audit.rubric_choice import select_rubric
from qaplatform.errors import QAPlatformError
from qaplatform.exam.attempt import conversation_of
from qaplatform.exam.customer import Customer
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.scenario_loading import check_scenarios, shipped_voices
from qaplatform.exam.wording import stable_number
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.noting import note
from qaplatform.services.rubric_books import rubric_book
from qaplatform.services.rubrics import RubricInForce
from qaplatform.services.training.catalogue import paths_now, scenarios_now
from qaplatform.services.training.exam_drawing import NoScenarioError, drawn_for_exam, drawn_for_practice
from qaplatform.services.training.exam_ending import record_ends
from qaplatform.services.training.exam_hearing import listener_of
from qaplatform.services.training.exam_playing import as_kept
from qaplatform.services.training.llm_customer import Player, player_for
from qaplatform.services.training.settings import training_settings
from qaplatform.services.training.step_locks import LockedStepError, locks_of
from qaplatform.store.rubric_releases import version_of
from qaplatform.store.training import exams
from qaplatform.store.training.exam_results import taken_by
from qaplatform.store.training.exams import NewDialogue, NewSitting, Purpose
from qaplatform.store.training.texts import text_of
from qaplatform.store.training.versions import keep_version

MOST_AT_ONCE = 4
_SEEDS = 2**31
_NEXT_OPENS_SECONDS = (8, 25)
"""So long after each other several customers write in, from the shortest to the longest."""


class ExamRunningError(QAPlatformError):
    """You are in an exam already; end it first, or go on with it."""

    code: ClassVar[str] = "exam.running"

    def __init__(self, sitting_id: int | None) -> None:
        super().__init__()
        self.sitting_id = sitting_id


class AtOnceError(QAPlatformError):
    """One to four customers write in at once."""

    code: ClassVar[str] = "exam.at_once"


class NoLlmCustomerError(QAPlatformError):
    """No language model can play the customer; take the scripted one."""

    code: ClassVar[str] = "exam.no_llm"


class NoExamRubricError(QAPlatformError):
    """No rubric applies to this scenario; publish one that does."""

    code: ClassVar[str] = "exam.no_rubric"


class NotToChooseError(QAPlatformError):
    """In an exam the scenario is drawn; choose one to practise with."""

    code: ClassVar[str] = "exam.not_to_choose"


class BadDraftError(QAPlatformError):
    """This draft has mistakes and cannot be tried out; mend them first."""

    code: ClassVar[str] = "exam.draft"


class SittingWanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be examined by."""

    purpose: Literal["exam", "practice"] = "exam"
    scenarios: tuple[str, ...] = ()
    """These and no others: to practise with, or for leads who try an exam."""
    kind: str = ""
    """Of this kind; empty = of any."""
    step: str = ""
    """``path/step``: of the scenarios of that step."""
    at_once: int = 1
    """How many customers."""
    customer: Literal["script", "llm"] = "script"
    """``llm``: a language model finds the words; what is said is the script's."""


def begin(session: Session, viewer: Viewer, wanted: SittingWanted, *, now: datetime, seed: int | None = None) -> int:
    """Begin a sitting; its id. ``seed`` is drawn where none is given.

    Raises:
        AccessError: they may not learn here.
        AtOnceError, NoLlmCustomerError, NoExamRubricError, NotToChooseError: it cannot be so.
        NoScenarioError, TooEarlyError: nothing can be drawn, or not yet.
        ExamRunningError: they are in one.
        LockedStepError: it would count for a step that their path has not opened yet.
        NotThereError: there is no such step.
    """
    viewer.demand("training.learn")
    plays = player_for(session, wanted.purpose, now=now) if wanted.customer == "llm" else None
    if wanted.customer == "llm" and plays is None:
        raise NoLlmCustomerError
    if not 1 <= wanted.at_once <= MOST_AT_ONCE or len(wanted.scenarios) > MOST_AT_ONCE:
        raise AtOnceError
    if wanted.purpose == "exam" and wanted.scenarios and not viewer.may("training.lead"):
        raise NotToChooseError
    _refuse_running(session, viewer, now)
    if wanted.purpose == "exam" and not wanted.scenarios:
        lock = locks_of(session, viewer, now=now).of_exam(wanted.step)
        if lock is not None:
            raise LockedStepError(lock)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    chosen = _chosen(session, viewer, wanted, seed=seed, now=now)
    return _add(session, viewer, wanted.purpose, chosen, step=wanted.step or None, seed=seed, now=now, plays=plays)


def begin_trial(session: Session, viewer: Viewer, text_id: int, *, now: datetime, seed: int | None = None) -> int:
    """Try out a version of a scenario as it was written, draft or not; the sitting's id. It never counts.

    Raises:
        AccessError: they may not write scenarios.
        NotThereError: there is no such text.
        BadDraftError: it has mistakes.
        ExamRunningError, NoExamRubricError: as in :func:`begin`.
    """
    viewer.demand("training.edit")
    text = text_of(session, text_id)
    if text is None or text.kind != "scenario":
        raise NotThereError
    path = f"{text.code}.yaml"
    found, problems = check_scenarios({**shipped_voices(), path: text.text})
    if not found or any(one.severity == "error" for one in problems):
        raise BadDraftError
    _refuse_running(session, viewer, now)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    chosen = tuple(found.values())[:1]
    return _add(session, viewer, "trial", chosen, seed=seed, now=now, conversation_id=text.conversation_id)


def _refuse_running(session: Session, viewer: Viewer, now: datetime) -> None:
    """See that nothing runs; what has ended by itself is recorded first."""
    running = exams.running_sitting_id(session, viewer.user_id)
    if running is not None:
        record_ends(session, viewer, running, now=now)
        if exams.running_sitting_id(session, viewer.user_id) is not None:
            raise ExamRunningError(running)


def _chosen(
    session: Session, viewer: Viewer, wanted: SittingWanted, *, seed: int, now: datetime
) -> tuple[Scenario, ...]:
    all_of_them = scenarios_now(session)
    if wanted.scenarios:
        if not all_of_them.keys() >= set(wanted.scenarios):
            raise NoScenarioError
        return tuple(all_of_them[id] for id in wanted.scenarios)
    allowed = _of_step(session, wanted.step) if wanted.step else ()
    fitting = [
        one
        for one in all_of_them.values()
        if (not wanted.kind or one.kind == wanted.kind) and (not allowed or one.id in allowed)
    ]
    pool = _in_language(fitting, viewer.language)
    if wanted.purpose != "exam":
        return drawn_for_practice(pool, count=wanted.at_once, seed=seed)
    taken = taken_by(session, viewer.user_id)
    hours = training_settings(session).retake_wait_hours
    return drawn_for_exam(pool, taken, count=wanted.at_once, seed=seed, wait_hours=hours, now=now)


def _of_step(session: Session, name: str) -> tuple[str, ...]:
    """The scenarios a step of a path names; none = any."""
    path_id, _, step_id = name.partition("/")
    path = paths_now(session).get(path_id)
    step = next((one for one in path.steps if one.id == step_id), None) if path is not None else None
    if step is None or step.kind != "mock_exam":
        raise NotThereError
    return step.scenarios


def _in_language(scenarios: Sequence[Scenario], language: str) -> list[Scenario]:
    """Those whose customers write somebody's language; where there are none, Chinese ones."""
    own = [one for one in scenarios if one.language == language]
    return own or [one for one in scenarios if one.language == "zh"]


def _add(  # noqa: PLR0913 - each is a choice of its own
    session: Session,
    viewer: Viewer,
    purpose: Purpose,
    chosen: Sequence[Scenario],
    *,
    seed: int,
    now: datetime,
    step: str | None = None,
    conversation_id: int | None = None,
    plays: Player | None = None,
) -> int:
    rubric = _rubric_for(session, chosen, now)
    dialogues = []
    opens_at = now
    for place, scenario in enumerate(chosen):
        own = stable_number(seed, "dialogue", str(place)) % _SEEDS
        customer = Customer(scenario, own, listener_of(rubric.rubric, scenario))
        version_id = keep_version(
            session, "scenario", scenario.id, scenario.content_hash, as_kept(scenario),
            conversation_id=conversation_id, now=now,
        )  # fmt: skip
        dialogues.append(
            NewDialogue(
                version_id=version_id,
                scenario=scenario.id,
                kind=scenario.kind,
                level=scenario.level,
                seed=own,
                opens_at=opens_at,
                deadline_at=opens_at + timedelta(seconds=scenario.clock.ends_after_seconds),
                state=as_kept(customer.begin()),
            )
        )
        least, most = _NEXT_OPENS_SECONDS
        opens_at += timedelta(seconds=least + stable_number(seed, "opens", str(place)) % (most - least + 1))
    rubric_id = version_of(session, rubric.rubric.content_hash, rubric.rubric.id, rubric.files, now=now)
    new = NewSitting(user_id=viewer.user_id, purpose=purpose, rubric_version_id=rubric_id, step=step)
    if plays is not None:
        new = msgspec.structs.replace(new, customer="llm", endpoint_id=plays.endpoint_id)
    id = exams.add_sitting(session, new, dialogues, now=now)
    if id is None:
        raise ExamRunningError(exams.running_sitting_id(session, viewer.user_id))
    note(session, viewer, now, "training.exam_begun", ("exam_sitting", id), purpose=purpose, at_once=len(chosen))
    return id


def _rubric_for(session: Session, chosen: Sequence[Scenario], now: datetime) -> RubricInForce:
    """The rubric that holds now for all of them; it judges the whole sitting."""
    state = rubric_book(session).on(now)
    rubrics = [one.rubric for one in state]
    found = [select_rubric(rubrics, ConversationFacts.of(conversation_of(one, (), Context()))) for one in chosen]
    first = found[0]
    if first is None or any(one is not first for one in found):
        raise NoExamRubricError
    return next(one for one in state if one.rubric is first)

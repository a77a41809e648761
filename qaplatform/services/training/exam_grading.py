"""Results of mock dialogues for people: the dialogue with what was lost where, both scores, moods, rulings; and the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import RuledScore
from qaplatform.exam.dialogue import Line, State
from qaplatform.exam.gaming import Suspicion
from qaplatform.exam.result import Deduction
from qaplatform.exam.scenario import Scenario
from qaplatform.exam.task import TaskScore
from qaplatform.services.access import Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training.catalogue import scenarios_now
from qaplatform.services.training.exam_clock import ASKS_MODEL, moment_of
from qaplatform.services.training.exam_judging import kept_result, settle, standing_of
from qaplatform.services.training.exam_playing import (
    played_of,
    reference_lines,
    rubric_of_sitting,
    scenario_of,
)
from qaplatform.services.training.exam_standing import KeptResult, Standing
from qaplatform.services.training.learners import learner_of_user
from qaplatform.store.training import exam_results, exams
from qaplatform.store.training.exam_results import DialogueRow, ScenarioFigures, SittingRow, StoredRuling
from qaplatform.store.training.exams import ExamVerdict, Purpose, Said, StoredDialogue

__all__ = [
    "ExamResult", "HistoryPage", "ResultDeduction", "ResultLine", "history", "result", "scenario_figures", "settle",
    "titles_of",
]  # fmt: skip


class ResultDeduction(msgspec.Struct, frozen=True):
    """Points taken off at a place of a message; ``stands`` is whether a mentor has left it so."""

    deduction: Deduction
    stands: bool


class ResultLine(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a judged dialogue."""

    number: int
    by: str
    text: str
    kind: str
    at_seconds: int
    at: datetime
    mood: int | None
    """The customer's when it was written, from 0 to 10."""
    deductions: tuple[ResultDeduction, ...]
    is_unread: bool
    """The machine could not read it; it counts for nothing in the task."""
    suspicions: tuple[Suspicion, ...]


class ExamResult(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about a dialogue that has ended; what was judged is ``None`` where it is void."""

    dialogue: DialogueRow
    user_id: int
    user_name: str
    purpose: Purpose
    step: str | None
    sitting_verdict: ExamVerdict | None
    title: Words
    scenario: Scenario | None
    """As it was when the sitting began; ``None`` where it is gone."""
    rubric: Rubric | None
    """The version that judged it; ``None`` where this release cannot read it."""
    lines: tuple[ResultLine, ...]
    void_why: str | None
    kept: KeptResult | None = None
    """What the machine said."""
    service: RuledScore | None = None
    """What stands of the service score, criterion by criterion."""
    task: TaskScore | None = None
    """What stands of the task score, item by item."""
    computed: ExamVerdict | None = None
    """What both scores make, before anybody rules on the verdict."""
    rulings: tuple[StoredRuling, ...] = ()
    """All of them, comments among them, the oldest first."""
    in_force: tuple[StoredRuling, ...] = ()
    """The newest on each thing."""
    customer: str = "script"
    """Who played: ``script`` or ``llm``."""
    waits: tuple[int, float] = (0, 0.0)
    """How often, and for how many seconds, the clock stood because a model was waited for."""
    reference: tuple[Line, ...] = ()
    """The good reference dialogue; only of what was passed, or for who coaches."""

    @property
    def moods(self) -> Sequence[tuple[int, int]]:
        """(seconds, mood from 0 to 10): a step curve from the opening to the end."""
        return self.kept.moods if self.kept is not None else ()


class HistoryPage(msgspec.Struct, frozen=True):
    """A page of somebody's sittings, the newest first; titles by scenario."""

    sittings: tuple[SittingRow, ...]
    total: int
    titles: Mapping[str, Words]


def result(session: Session, viewer: Viewer, dialogue_id: int) -> ExamResult:
    """The result of a dialogue that has ended, for the candidate and for those who see their results.

    Raises:
        NotThereError: there is none, it still runs, or it is not theirs to see.
    """
    dialogue = exams.dialogue_of(session, dialogue_id)
    sitting = None if dialogue is None else exams.sitting_of(session, dialogue.sitting_id)
    found = exam_results.result_of(session, dialogue_id)
    if dialogue is None or sitting is None or found is None or dialogue.ended_at is None:
        raise NotThereError
    learner_of_user(session, viewer, sitting.user_id)
    if sitting.purpose == "trial" and sitting.user_id != viewer.user_id:
        raise NotThereError
    played, kept = played_of(session, sitting, dialogue), kept_result(session, dialogue_id)
    stands = None if played is None or kept is None else standing_of(session, sitting, played, kept)
    scenario, rubric = scenario_of(session, dialogue), rubric_of_sitting(session, sitting)
    is_shown = dialogue.verdict == "passed" or (sitting.user_id != viewer.user_id and viewer.may("training.coach"))
    reference = None if not is_shown or scenario is None or rubric is None else reference_lines(rubric, scenario)
    return ExamResult(
        dialogue=found[0],
        user_id=sitting.user_id,
        user_name=sitting.user_name,
        purpose=sitting.purpose,
        step=sitting.step,
        customer=sitting.customer,
        waits=exams.pause_total(session, dialogue_id, ASKS_MODEL) if sitting.customer == "llm" else (0, 0.0),
        sitting_verdict=sitting.verdict,
        title=scenario.title if scenario is not None else _title(session, dialogue.scenario),
        scenario=scenario,
        rubric=rubric,
        lines=_lines(session, dialogue, played.state if played is not None else None, kept, stands),
        void_why=dialogue.void_why,
        kept=kept,
        service=stands.service if stands is not None else None,
        task=stands.task if stands is not None else None,
        computed=stands.computed if stands is not None else None,
        rulings=tuple(exam_results.rulings_of(session, dialogue_id)),
        in_force=stands.in_force if stands is not None else (),
        reference=reference.lines if reference is not None else (),
    )


def history(
    session: Session,
    viewer: Viewer,
    user_id: int,
    *,
    page: int = 1,
    page_size: int = 20,
    purposes: Collection[Purpose] = ("exam", "practice"),
) -> HistoryPage:
    """What somebody has taken.

    Raises:
        NotThereError: they are not theirs to see.
    """
    learner_of_user(session, viewer, user_id)
    rows, total = exam_results.sittings_of(session, user_id, page=page, page_size=page_size, purposes=purposes)
    names = {one.scenario for row in rows for one in row.dialogues}
    return HistoryPage(tuple(rows), total, titles_of(session, names))


def scenario_figures(session: Session, viewer: Viewer) -> Mapping[str, ScenarioFigures]:
    """How every scenario went in exams, by scenario: for those who write them.

    Raises:
        AccessError: they do not.
    """
    viewer.demand("training.edit")
    return {one.scenario: one for one in exam_results.scenario_figures(session)}


def titles_of(session: Session, scenarios: Collection[str]) -> Mapping[str, Words]:
    """Titles of scenarios; one that is not there any more is called by its id."""
    known = scenarios_now(session)
    return {id: known[id].title if id in known else Words(zh=id, en=id) for id in sorted(scenarios)}


def _title(session: Session, scenario: str) -> Words:
    return titles_of(session, [scenario])[scenario]


def _lines(
    session: Session, dialogue: StoredDialogue, state: State | None, kept: KeptResult | None, stands: Standing | None
) -> tuple[ResultLine, ...]:
    pauses = exams.pauses_of(session, [dialogue.id]).get(dialogue.id, [])
    lost: dict[int, list[ResultDeduction]] = {}
    failed = (
        {one.criterion for one in stands.service.criteria if one.outcome == "fail"} if stands is not None else set()
    )
    for one in kept.deductions if kept is not None else ():
        lost.setdefault(one.finding.message, []).append(ResultDeduction(one, one.criterion in failed))
    signs = dict(kept.suspicions) if kept is not None else {}
    moods = [line.mood for line in state.lines] if state is not None else []

    def line(said: Said) -> ResultLine:
        return ResultLine(
            number=said.number,
            by=said.by,
            text=said.text,
            kind=said.kind,
            at_seconds=said.at_seconds,
            at=moment_of(dialogue, said.at_seconds, pauses),
            mood=moods[said.number] if said.number < len(moods) else None,
            deductions=tuple(lost.get(said.number, ())),
            is_unread=kept is not None and said.number in kept.unread,
            suspicions=signs.get(said.number, ()),
        )

    return tuple(map(line, exams.messages_of(session, dialogue.id)))

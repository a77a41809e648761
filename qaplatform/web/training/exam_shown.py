"""A result as its page shows it: deductions in place, both scores, the mood as a chart, what mentors said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from qaplatform.audit.context import Context
from qaplatform.audit.masking import Masked
from qaplatform.exam.act_words import gaming_word
from qaplatform.exam.dialogue import Line
from qaplatform.exam.scenario import MOST_MOOD
from qaplatform.exam.task import TaskItem
from qaplatform.formats.writing.wording import Wording
from qaplatform.services.training.exam_grading import ExamResult, ResultLine
from qaplatform.store.reading_conversations import ReadFinding, ReadResult
from qaplatform.store.training.exam_results import StoredRuling
from qaplatform.training.lessons import Lessons
from qaplatform.web.conversations.marked_text import Mark, marked
from qaplatform.web.conversations.scorecard import ScorecardShown, Spot, scorecard_of
from qaplatform.web.i18n import Language, _
from qaplatform.web.training import exam_words
from qaplatform.web.training.exam_rulings import RulingShown, acts_of, decision_of, ruling_of

_SHORT_CHARS = 24
_MOST_LESSONS = 2


@dataclass(frozen=True, slots=True)
class Fix:
    """What a criterion found in a message, below its words."""

    criterion: str
    title: str
    spots: Sequence[Spot]
    better: str
    lost: float
    """Of the whole criterion; said where its first finding stands."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A reply that the machine could not read, and what a mentor read in it."""

    ruling: StoredRuling | None
    said: str


@dataclass(frozen=True, slots=True)
class LineShown:
    """A message with all that is said of it."""

    number: int
    side: str
    text: Markup
    clock: str
    is_turn: bool
    is_stand_in: bool
    wait: int | None = None
    """Seconds the customer waited for it."""
    fixes: Sequence[Fix] = ()
    whole: frozenset[int] = frozenset()
    """Numbers of findings on the whole message, which carries no mark of its own."""
    notes: Sequence[tuple[str, str]] = ()
    unread: Unread | None = None


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item of the task."""

    id: str
    kind: str
    title: str
    points: float
    max_points: float
    met: bool
    late: bool
    line: int | None
    is_fatal: bool
    is_ruled: bool


@dataclass(frozen=True, slots=True)
class MoodShown:
    """A change of the mood, and the words before it."""

    clock: str
    mood: int
    line: int | None
    words: str


@dataclass(frozen=True, slots=True)
class ResultShown:
    """All of it; what was judged is missing where the dialogue is void."""

    id: int
    sitting_id: int
    user_id: int
    person: str
    title: str
    verdict: str
    needs_mentor: bool
    is_judged: bool
    is_leading: bool
    """For a mentor, not for whoever took it."""
    service_score: float | None
    service_verdict: str
    service_mark: float | None
    task_score: float | None
    task_mark: float | None
    is_task_short: bool
    failed_by: Sequence[str]
    why_title: str
    why: Sequence[str]
    rubric_title: str
    card: ScorecardShown
    ruled: Mapping[str, str]
    """Criteria a mentor ruled on, with what was decided."""
    lines: Sequence[LineShown]
    items: Sequence[ItemShown]
    moods: Sequence[MoodShown]
    chart: Mapping[str, Any]
    rulings: Sequence[RulingShown]
    unread_left: int
    acts: Sequence[tuple[str, str]]
    """What a mentor may read in a reply: value and words."""
    reference: Sequence[LineShown]
    lessons: Mapping[str, Sequence[tuple[str, str]]]

    @property
    def is_criterion_ruled(self) -> bool:
        """Whether a mentor ruled on any criterion."""
        return bool(self.ruled)


def shown_of(result: ExamResult, lessons: Lessons, language: Language, *, is_leading: bool) -> ResultShown:
    """A result in words."""
    wording = Wording(result.rubric, Context(), language) if result.rubric is not None else None
    card = _card(result, wording)
    row, task = result.dialogue, result.task
    newest = {(one.kind, one.subject): one for one in result.in_force}
    mark = result.scenario.pass_mark if result.scenario else None
    verdict = row.verdict or row.machine_verdict or "unscored"
    lines = tuple(_lines(result, card, wording, newest, language))
    return ResultShown(
        id=row.id,
        sitting_id=row.sitting_id,
        user_id=result.user_id,
        person=result.user_name,
        title=result.title.in_language(language),
        verdict=verdict,
        needs_mentor=row.needs_mentor,
        is_judged=result.kept is not None and task is not None,
        is_leading=is_leading,
        service_score=result.service.score if result.service else None,
        service_verdict=result.service.verdict if result.service else "unscored",
        service_mark=result.rubric.pass_mark if result.rubric else None,
        task_score=task.score if task else None,
        task_mark=mark,
        is_task_short=task is not None and (bool(task.failed_by) or (mark is not None and task.score < mark)),
        failed_by=task.failed_by if task else (),
        why_title=_("没有通过，因为：") if verdict == "failed" and not row.needs_mentor else _("说明："),
        why=_why(result, card, language),
        rubric_title=result.rubric.title.in_language(language) if result.rubric else "",
        card=card,
        ruled={
            subject: _("%(name)s改判：%(decision)s", name=one.user_name, decision=decision_of(one, result, language))
            for (kind, subject), one in newest.items()
            if kind == "criterion"
        },
        lines=lines,
        items=[_item(one, task.failed_by, newest, language) for one in task.items] if task else [],
        moods=_moods(result),
        chart=_chart(result),
        rulings=[ruling_of(one, result, wording, language) for one in reversed(result.rulings)],
        unread_left=sum(1 for one in lines if one.unread is not None and one.unread.ruling is None),
        acts=acts_of(result, language),
        reference=_reference(result.reference),
        lessons={} if wording is None else {one.id: _lessons(one.id, lessons, language) for one in card.failed},
    )


def clock_of(seconds: int) -> str:
    """``3:05`` since the dialogue began."""
    return f"{max(seconds, 0) // 60}:{max(seconds, 0) % 60:02d}"


def _card(result: ExamResult, wording: Wording | None) -> ScorecardShown:
    """The criteria as they stand; only findings that stand have a number."""
    if wording is None or result.kept is None or result.service is None:
        return ScorecardShown((), (), (), (), (), ())
    failed = {one.criterion for one in result.service.criteria if one.outcome == "fail"}
    results = [
        ReadResult(one.criterion, one.outcome, one.reason, one.points, one.max_points, None, None)
        for one in result.service.criteria
        if one.outcome in ("pass", "fail")
    ]
    places = [
        ReadFinding(card.id, place, one.message, one.start, one.end, one.code, one.facts, 0)
        for card in result.kept.service.criteria
        if card.id in failed
        for place, one in enumerate(card.findings)
    ]
    masked = [Masked(one.text, len(one.text)) for one in result.lines]
    return scorecard_of(results, places, masked, {}, wording)


def _lines(
    result: ExamResult,
    card: ScorecardShown,
    wording: Wording | None,
    rulings: Mapping[tuple[Any, str], StoredRuling],
    language: Language,
) -> Iterator[LineShown]:
    spots: dict[int, list[Spot]] = {}
    for spot in card.spots:
        spots.setdefault(spot.message, []).append(spot)
    lost = {one.id: one.max_points - one.points for one in card.failed}
    first = {spots_of.spots[0].number for spots_of in card.failed if spots_of.spots}
    notes = _notes(result, language)
    before: ResultLine | None = None
    for line in result.lines:
        here = spots.get(line.number, ())
        marks = [
            Mark(one.start, one.end, one.kind, one.number, f"{one.title}: {one.sentence}")
            for one in here
            if not _is_whole(one, line)
        ]
        unread = rulings.get(("unread", str(line.number)))
        yield LineShown(
            number=line.number,
            side="customer" if line.by == "customer" else "agent",
            text=marked(line.text, marks, _("扣分点 %%s")),
            clock=clock_of(line.at_seconds),
            is_turn=before is None or before.by != line.by,
            is_stand_in=line.kind != "text",
            wait=line.at_seconds - before.at_seconds if before and (before.by, line.by) == ("customer", "candidate") else None,
            fixes=_fixes(here, lost, first, wording),
            whole=frozenset(one.number for one in here if _is_whole(one, line)),
            notes=[*notes.get(line.number, ()), *_suspicious(line, language)],
            unread=Unread(unread, decision_of(unread, result, language) if unread else "") if line.is_unread else None,
        )  # fmt: skip
        before = line


def _fixes(
    here: Sequence[Spot], lost: Mapping[str, float], first: Collection[int], wording: Wording | None
) -> list[Fix]:
    """Findings of a message by criterion, in the order of their numbers."""
    by_criterion: dict[str, list[Spot]] = {}
    for one in here:
        by_criterion.setdefault(one.criterion, []).append(one)
    return [
        Fix(
            criterion=id,
            title=some[0].title,
            spots=some,
            better=wording.better(id) if wording else "",
            lost=round(lost.get(id, 0.0), 1) if some[0].number in first else 0.0,
        )
        for id, some in by_criterion.items()
    ]


def _is_whole(spot: Spot, line: ResultLine) -> bool:
    return spot.is_whole or not spot.start < spot.end <= len(line.text)


def _notes(result: ExamResult, language: Language) -> dict[int, list[tuple[str, str]]]:
    """What a message did for the task, by its number."""
    notes: dict[int, list[tuple[str, str]]] = {}
    for item in result.task.items if result.task else ():
        if item.line is None:
            continue
        title = item.title.in_language(language)
        if item.kind == "forbidden":
            notes.setdefault(item.line, []).append(("done", _("不该做：%(what)s", what=title)))
        elif item.met:
            notes.setdefault(item.line, []).append(("met", title))
    return notes


def _suspicious(line: ResultLine, language: Language) -> list[tuple[str, str]]:
    kinds = dict.fromkeys(one.kind for one in line.suspicions)
    if not kinds:
        return []
    said = _("、").join(gaming_word(kind, language) for kind in kinds)
    return [("plain", _("像是写给评分看的（%(signs)s），没有计入", signs=said))]


def _why(result: ExamResult, card: ScorecardShown, language: Language) -> list[str]:
    """Why it is as it is, unless it was simply passed."""
    if result.kept is None or result.service is None or result.task is None:
        return []
    said = next((one for one in result.in_force if one.kind == "verdict"), None)
    if said is not None:
        what = exam_words.verdict(said.decision)
        return [_("%(name)s判定：%(what)s。%(reason)s", name=said.user_name, what=what, reason=said.reason)]
    why = []
    if result.dialogue.needs_mentor:
        why.append(_("有机器读不懂的回复，带教看过才有结论。") if result.kept.to_read else _("要带教看过才算数。"))
    if result.kept.is_silent:
        return [*why, _("没有回复客户。")]
    mark = result.rubric.pass_mark if result.rubric else None
    critical = _("、").join(one.title for one in card.failed if one.is_critical)
    if critical:
        why.append(_("一票否决：%(what)s。", what=critical))
    elif result.service.score is not None and mark is not None and result.service.score < mark:
        why.append(_("服务分低于合格线。"))
    titles = {one.id: one.title.in_language(language) for one in result.task.items}
    if result.task.failed_by:
        why.append(_("做了不该做的：%(what)s。", what=_("、").join(titles[id] for id in result.task.failed_by)))
    if result.scenario and result.task.score < result.scenario.pass_mark:
        why.append(_("任务分低于合格线。"))
    return why


def _item(
    item: TaskItem, failed_by: Sequence[str], rulings: Mapping[tuple[Any, str], StoredRuling], language: Language
) -> ItemShown:
    return ItemShown(
        id=item.id,
        kind=item.kind,
        title=item.title.in_language(language),
        points=item.points,
        max_points=item.max_points,
        met=item.met,
        late=item.late,
        line=item.line,
        is_fatal=item.id in failed_by,
        is_ruled=("task", item.id) in rulings,
    )


def _moods(result: ExamResult) -> list[MoodShown]:
    """Each change of the mood, with the candidate's words before it."""
    found = []
    for seconds, mood in result.moods:
        before = [one for one in result.lines if one.by == "candidate" and one.at_seconds <= seconds]
        last = before[-1] if before else None
        words = "" if last is None else last.text[:_SHORT_CHARS] + ("…" if len(last.text) > _SHORT_CHARS else "")
        found.append(MoodShown(clock_of(seconds), mood, last.number if last else None, words))
    return found


def _chart(result: ExamResult) -> dict[str, Any]:
    moods = result.moods
    return {
        "kind": "line",
        "unit": "mood",
        "most": MOST_MOOD,
        "seconds": [seconds for seconds, _mood in moods],
        "labels": [],
        "series": [{"name": _("客户情绪"), "values": [mood for _seconds, mood in moods]}],
    }


def _reference(lines: Sequence[Line]) -> list[LineShown]:
    found, before = [], ""
    for number, line in enumerate(lines):
        side = "customer" if line.by == "customer" else "agent"
        text = marked(line.text, ())
        found.append(LineShown(number, side, text, clock_of(line.at_seconds), side != before, line.kind != "text"))
        before = side
    return found


def _lessons(criterion: str, lessons: Lessons, language: Language) -> list[tuple[str, str]]:
    return [
        (one.id, one.title.in_language(language)) for one in lessons.explaining(criterion, language)[:_MOST_LESSONS]
    ]

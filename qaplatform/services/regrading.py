"""A grading once more, from the replies as they came: without a model, the same verdicts, evidence and score.

This is what makes a score under answers of a model one that can be checked: it rests on bytes that are kept, on the
conversation, the prompts and the rubric, and on which answers were trusted then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.graded import GradedScore
from qaplatform.errors import QAPlatformError
from qaplatform.llm.answers import Answer, parse
from qaplatform.llm.asking import Asked
from qaplatform.llm.grading import Grade
from qaplatform.llm.injection import signs_of_injection
from qaplatform.llm.judged import verified
from qaplatform.llm.merging import merged
from qaplatform.llm.prompt import Prompts
from qaplatform.llm.replies import read_reply
from qaplatform.services.graded_scores import score_with_grades
from qaplatform.services.grading_subjects import subject_of
from qaplatform.services.question_grading import GradedQuestion, graded_question
from qaplatform.store import grades, llm_calls
from qaplatform.store.grades import ReadGrade, ReadGrading
from qaplatform.store.llm_calls import ReadCall


class NotRecomputableError(QAPlatformError):
    """This grading cannot be computed again: nothing was graded, or its audit or its replies are no longer there."""


class Regraded(msgspec.Struct, frozen=True):
    """What the kept replies make of a conversation, beside what was written then."""

    kept: ReadGrading
    questions: Mapping[str, GradedQuestion]
    """By criterion."""
    score: GradedScore

    @property
    def differences(self) -> list[str]:
        """What is not as it was written then: criteria, and ``score``."""
        of = {one.criterion: one for one in self.kept.grades}
        out = [id for id, one in self.questions.items() if _said(one) != _kept(of[id])]
        now, then = self.score, self.kept
        figures = (now.score, now.scored_share, now.verdict, now.failed_count, now.most_change)
        was = (then.score, then.scored_share, then.verdict, then.failed_count, then.most_change)
        return out if figures == was else [*out, "score"]


def regraded(session: Session, conversation_id: int, prompts: Prompts) -> Regraded:
    """The newest grading of a conversation, computed again.

    Raises:
        NotRecomputableError: it cannot be.
        NotAskedError: the conversation can no longer be asked about.
    """
    beside = [one.id for one in prompts.questions.values()]
    subject = subject_of(session, conversation_id, prompts, beside)
    kept = grades.grading_in_force(session, conversation_id, subject.revision)
    if kept is None or kept.audit_id != subject.audit_id:
        raise NotRecomputableError
    asked = {one.criterion_id: one for one in subject.questions}
    if any(one.criterion not in asked for one in kept.grades):
        raise NotRecomputableError
    answers = _answers(llm_calls.calls_of(session, conversation_id), kept, asked)
    signs = signs_of_injection(subject.words.said)
    found: dict[str, GradedQuestion] = {}
    for one in kept.grades:
        question = asked[one.criterion]
        parts = [
            None if said is None else verified(said, question, subject.words.said, not_within=signs)
            for said in (answers.get((text_hash, one.criterion)) for text_hash in kept.text_hashes)
        ]
        read = merged(one.criterion, parts, question.prompt.across) if any(parts) else None
        if (read is None) != (one.verdict is None):
            raise NotRecomputableError
        grade = Grade(one.criterion, read, one.problem or "", one.is_recalled, one.model)
        found[one.criterion] = graded_question(grade, subject.words.masked)
    trusted = {one.criterion: one.is_trusted for one in kept.grades}
    again = [_Again(id, one.verdict, one.problem, trusted[id]) for id, one in found.items()]
    return Regraded(kept, found, score_with_grades(subject.audit, subject.rubric, again))


class _Again(msgspec.Struct, frozen=True):
    criterion: str
    verdict: str | None
    problem: str | None
    is_trusted: bool


def _answers(
    calls: Sequence[ReadCall], kept: ReadGrading, asked: Mapping[str, Asked]
) -> Mapping[tuple[str, str], Answer]:
    """What the model said, by part (the hash of its text) and criterion; the newest reply before the grading counts."""
    found: dict[tuple[str, str], Answer] = {}
    for call in calls:
        questions = [asked[id] for id in call.criteria if id in asked]
        is_of_it = call.run_id <= kept.run_id and call.text_hash in kept.text_hashes
        if call.fault or not call.raw or not is_of_it or len(questions) != len(call.criteria):
            continue
        kind = "application/json" if call.raw.lstrip().startswith(b"{") else "text/event-stream"
        for one in parse(read_reply(call.raw, kind).text, call.mode, questions):  # type: ignore[arg-type]  # as kept
            found[call.text_hash, one.criterion_id] = one
    return found


def _said(one: GradedQuestion) -> tuple[object, ...]:
    spots = tuple((spot.message, spot.start, spot.end) for spot in one.evidence)
    return one.verdict, one.reason, spots, one.parts, one.parts_read, one.dropped_quotes


def _kept(one: ReadGrade) -> tuple[object, ...]:
    return one.verdict, one.reason, one.evidence, one.part_count, one.parts_read, one.dropped_count

"""What the answers of language models do to scores that are kept: little (``audit/graded.py``), and only while they hold.

Of a conversation's newest revision the newest grading with a trusted answer is in force, or else the newest. It never counts
where a person's review is official. After a new audit an answer still counts while its question, in the same words, stands
in the rubric that judges now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from sqlalchemy.orm import Session

from qaplatform.audit.graded import Graded, GradedScore, graded_score
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import OUTSIDE_THE_SHARE, Judged, RuledScore
from qaplatform.llm.asking import asked_of, question_hash
from qaplatform.llm.prompt import Language
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.store import conversation_words, graded_scores, reviews
from qaplatform.store.graded_scores import Figures, InForce
from qaplatform.store.grades import ReadGrade, ReadGrading, grading_in_force, newest_grading
from qaplatform.store.reviews import JudgedAudit


class Answered(Protocol):
    """A verdict on a question: :class:`~qaplatform.store.grades.NewGrade`, or one that was read."""

    @property
    def criterion(self) -> str:
        """The criterion's id."""

    @property
    def verdict(self) -> str | None:
        """``None``: no answer."""

    @property
    def problem(self) -> str | None:
        """Why there is none."""

    @property
    def is_trusted(self) -> bool:
        """Whether it counts."""


def answers_of(grades: Iterable[Answered]) -> dict[str, Graded]:
    """Grades as the score takes them, by criterion."""
    return {
        one.criterion: Graded(one.criterion, one.verdict, one.problem or None, one.is_trusted)  # type: ignore[arg-type]
        for one in grades
    }


def judged_of(audit: JudgedAudit) -> list[Judged]:
    """An audit's criteria as the score takes them."""
    counts: dict[str, int] = {}
    for criterion, _place in audit.findings:
        counts[criterion] = counts.get(criterion, 0) + 1
    return [
        Judged(criterion, outcome, points, most, counts.get(criterion, 0))  # type: ignore[arg-type]
        for criterion, outcome, points, most in audit.results
    ]


def score_with_grades(audit: JudgedAudit, rubric: Rubric, grades: Iterable[Answered]) -> GradedScore:
    """The score of a conversation that no person has reviewed, under some answers."""
    return graded_score(rubric, judged_of(audit), answers_of(grades))


def outcomes_of(ruled: RuledScore, grades: Iterable[Answered]) -> dict[str, str]:
    """What trusted answers count as in a score, by criterion; what counts for nothing, or a person decided, is left out."""
    trusted = {one.criterion for one in grades if one.is_trusted}
    return {
        one.criterion: one.outcome
        for one in ruled.criteria
        if one.criterion in trusted
        and not one.is_confirmed
        and not (one.outcome == "unscored" and one.reason in OUTSIDE_THE_SHARE)
    }


def still_asked(rubric: Rubric, audit_id: int | None, grading: ReadGrading | InForce | None) -> tuple[ReadGrade, ...]:
    """The answers of a grading whose questions an audit's rubric asks, in the same words."""
    if grading is None:
        return ()
    graded_with = grading.graded_audit_id if isinstance(grading, InForce) else grading.audit_id
    if graded_with == audit_id:
        return grading.grades
    hashes = _hashes(rubric, grading.language)
    return tuple(one for one in grading.grades if hashes.get(one.criterion) == one.question_hash)


def grading_to_show(
    session: Session, conversation_id: int, revision: int, *, rubric: Rubric | None, audit_id: int | None
) -> ReadGrading | None:
    """What a model said of a revision: the grading in force; where nothing trusted of it is still asked, the newest."""
    found = grading_in_force(session, conversation_id, revision)
    if found is None or rubric is None or not any(one.is_trusted for one in found.grades):
        return found
    if any(one.is_trusted for one in still_asked(rubric, audit_id, found)):
        return found
    return newest_grading(session, conversation_id, revision)


def _hashes(rubric: Rubric, language: str) -> Mapping[str, str]:
    """What a rubric's questions are known by, in the language that was asked in."""
    prompts = shipped_prompts()
    tongue: Language = "en" if language == "en" else "zh"
    return {
        one.id: question_hash(prompts.frame, asked_of(one, prompts, tongue), tongue)
        for one in rubric.criteria
        if one.question is not None and one.question.prompt in prompts.questions
    }


def official_by_grading(session: Session, conversation_id: int) -> bool:
    """After a grading was written: bring the conversation's score, verdict and marks up to it; whether any answer counts.

    A no-op where a review is official, and where the grading is of an older revision.
    """
    reviews.latest_review_id(session, conversation_id)  # Nobody submits a review of it meanwhile.
    found = graded_scores.in_force(session, [conversation_id])
    return bool(found) and _apply(session, found[0])


def follow_audits(session: Session, conversation_ids: Collection[int]) -> None:
    """After conversations got the figures of a new audit: answers to questions that are still asked count on."""
    for one in graded_scores.in_force(session, conversation_ids):
        _apply(session, one)


def _apply(session: Session, one: InForce) -> bool:
    if not one.is_counted and not any(grade.is_trusted for grade in one.grades):
        return False
    audit = reviews.judged_audit(session, one.audit_id)
    if audit is None:
        return False
    rubric = rubric_of(
        audit.rubric_hash, audit.rubric, lambda: conversation_words.rubric_files(session, audit.rubric_version_id)
    )
    if rubric is None:
        return False
    grades = still_asked(rubric, one.audit_id, one)
    score = score_with_grades(audit, rubric, grades)
    outcomes = outcomes_of(score, grades)
    if outcomes or one.is_counted:
        figures = Figures(score.score, score.scored_share, score.verdict, score.failed_count)
        graded_scores.make_official(session, one, figures, outcomes)
    return bool(outcomes)

"""What answers of models do to a conversation's figures, its marks, reviews and dashboards: nothing without trust, little with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from qaplatform.services.graded_scores import grading_to_show, official_by_grading, score_with_grades
from qaplatform.services.reauditing import audit_anew
from qaplatform.services.review_drafts import Answer
from qaplatform.services.reviewing import rubric_for
from qaplatform.store.engine import Store
from qaplatform.store.reaudits import Wanted
from qaplatform.store.reviews import judged_audit
from qaplatform.store.tables import ConversationMark, ConversationRow, GradeRow, Review, Ruling
from tests.graded_chats import EMPATHY, ROOT, SOLUTION, files, grade, new_grade, publish, rubric, with_questions
from tests.queries import counted_statements
from tests.reviewed import conversation, submitted, taken, viewer, with_answer
from tests.runs import Run
from tests.web.chats import NOW, longer, quarrel, said, take_in


@pytest.fixture
def asked(store: Store) -> Store:
    """Three conversations whose rubric asks two questions."""
    return with_questions(store)


def figures(store: Store, source_id: str) -> tuple[object, ...]:
    row = conversation(store, source_id)
    return row.score, row.scored_share, row.verdict, row.failed_count, row.review_id


def marks(store: Store, source_id: str) -> set[str]:
    mark = ConversationMark
    with store.reading() as session:
        there = mark.conversation_id == conversation(store, source_id).id, mark.kind == "failed"
        return set(session.scalars(select(mark.mark).where(*there)))


def counting(store: Store) -> dict[str, str | None]:
    with store.reading() as session:
        return {one.criterion: one.counts_as for one in session.scalars(select(GradeRow).order_by(GradeRow.id))}


def test_answers_below_trust_move_nothing_anywhere(asked: Store) -> None:
    before = {id: (figures(asked, id), marks(asked, id)) for id in ("quarrel", "good-0")}
    for id in before:
        grade(asked, [new_grade(EMPATHY, "no"), new_grade(SOLUTION, "yes")], id)
    assert {id: (figures(asked, id), marks(asked, id)) for id in before} == before
    assert counting(asked) == {EMPATHY: None, SOLUTION: None}
    lead = viewer(asked, "lead", "qa_lead")
    submitted(asked, lead, taken(asked, lead, "good-0"))
    assert figures(asked, "good-0")[:4] == before["good-0"][0][:4]


def test_trusted_answers_move_a_score_by_no_more_than_their_weight_and_say_what_failed(asked: Store) -> None:
    before = conversation(asked, "good-0")
    grade(asked, [new_grade(EMPATHY, "no", is_trusted=True), new_grade(SOLUTION, "yes")], "good-0")
    after = conversation(asked, "good-0")
    with asked.reading() as session:
        audit = judged_audit(session, after.audit_id or 0)
        assert audit is not None
        score = score_with_grades(audit, rubric(), [new_grade(EMPATHY, "no", is_trusted=True)])
    assert before.score is not None
    assert after.score is not None
    assert 0 < before.score - after.score <= score.most_change + 0.01  # scores have two decimals
    assert (after.score, after.scored_share, after.verdict) == (score.score, score.scored_share, score.verdict)
    assert after.failed_count == (before.failed_count or 0) + 1
    assert EMPATHY in marks(asked, "good-0")
    assert counting(asked) == {EMPATHY: "fail", SOLUTION: None}
    # A newer grading in which nothing is trusted, of another model perhaps, takes nothing out of the score.
    grade(asked, [new_grade(EMPATHY, "yes")], "good-0")
    assert conversation(asked, "good-0").score == after.score
    assert EMPATHY in marks(asked, "good-0")
    grade(asked, [new_grade(EMPATHY, "yes", is_trusted=True)], "good-0")
    assert conversation(asked, "good-0").failed_count == before.failed_count
    assert EMPATHY not in marks(asked, "good-0")


def test_a_critical_stays_whatever_is_answered(asked: Store) -> None:
    before = conversation(asked)
    assert before.verdict == "critical"
    grade(asked, [new_grade(EMPATHY, "yes", is_trusted=True), new_grade(SOLUTION, "yes", is_trusted=True)])
    after = conversation(asked)
    assert after.verdict == "critical"
    assert after.failed_count == before.failed_count


def test_a_person_goes_before_a_trusted_answer_and_that_before_nothing(asked: Store) -> None:
    lead = viewer(asked, "lead", "qa_lead")
    trusted = [new_grade(EMPATHY, "no", is_trusted=True), new_grade(SOLUTION, "no", is_trusted=True)]
    machine = conversation(asked, "good-0")
    grade(asked, trusted, "good-0")
    both = conversation(asked, "good-0")
    submitted(asked, lead, taken(asked, lead, "good-0"), with_answer(Answer(EMPATHY, "answer", "pass")))
    ruled = conversation(asked, "good-0")
    assert machine.score is not None
    assert both.score is not None
    assert ruled.score is not None
    assert both.score < ruled.score < machine.score
    assert marks(asked, "good-0") >= {SOLUTION}
    assert EMPATHY not in marks(asked, "good-0")
    assert counting(asked) == {EMPATHY: None, SOLUTION: "fail"}
    with asked.reading() as session:
        [ruling] = session.scalars(select(Ruling).where(Ruling.criterion == EMPATHY))
        assert (ruling.kind, ruling.from_outcome, ruling.to_outcome) == ("answer", "unscored", "pass")
        assert session.scalars(select(Review.score)).one() == ruled.score
    # What a person made official no later grading moves.
    grade(asked, [new_grade(SOLUTION, "yes", is_trusted=True)], "good-0")
    assert figures(asked, "good-0")[0] == ruled.score
    assert SOLUTION in marks(asked, "good-0")


def test_after_a_new_audit_an_answer_counts_while_its_question_has_the_same_words(asked: Store) -> None:
    grade(asked, [new_grade(EMPATHY, "no", is_trusted=True), new_grade(SOLUTION, "no", is_trusted=True)], "good-0")
    changed = (
        files()[ROOT]
        .replace("title: {zh: 方案合适", "title: {zh: 方案是否合适")
        .replace("pass_mark: 80", "pass_mark: 81")
    )
    publish(asked, {ROOT: changed}, now=NOW - timedelta(days=8))
    before = conversation(asked, "good-0")
    audit_anew(Run(asked, now=NOW), Wanted())
    after = conversation(asked, "good-0")
    assert after.audit_id != before.audit_id
    assert marks(asked, "good-0") & {EMPATHY, SOLUTION} == {EMPATHY}
    assert counting(asked) == {EMPATHY: "fail", SOLUTION: None}
    assert (before.score or 0) < (after.score or 0) < (conversation(asked, "good-1").score or 0)
    # More was said: what was graded is an older revision.
    take_in(asked, longer(quarrel(), said("customer", "还是没收到", 100_000)))
    with asked.writing() as session:
        assert not official_by_grading(session, conversation(asked).id)


def test_what_is_no_longer_asked_hides_no_newer_answer(asked: Store) -> None:
    old = grade(asked, [new_grade(SOLUTION, "no", is_trusted=True)], "good-0")
    publish(
        asked,
        {ROOT: files()[ROOT].replace("title: {zh: 方案合适", "title: {zh: 方案是否合适")},
        now=NOW - timedelta(days=8),
    )
    audit_anew(Run(asked, now=NOW), Wanted())
    new = grade(asked, [new_grade(EMPATHY, "no")], "good-0")
    row = conversation(asked, "good-0")
    with asked.reading() as session:
        assert row.audit_id is not None
        audit = judged_audit(session, row.audit_id)
        assert audit is not None
        for rubric_now, shown in ((rubric_for(session, audit), new), (rubric(), old), (None, old)):
            found = grading_to_show(session, row.id, row.revision, rubric=rubric_now, audit_id=row.audit_id)
            assert found is not None
            assert found.id == shown


def test_what_was_never_graded_costs_a_new_audit_one_statement_a_page(asked: Store) -> None:
    from qaplatform.services.graded_scores import follow_audits  # noqa: PLC0415

    with asked.writing() as session, counted_statements(asked) as seen:
        follow_audits(session, list(session.scalars(select(ConversationRow.id))))
    assert len(seen) == 2

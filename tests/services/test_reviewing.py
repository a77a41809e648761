"""Rulings that append, what follows from them, and the score that counts."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import func, select

from qaplatform.services.review_answers import UnansweredError
from qaplatform.services.review_drafts import Added, Answer, Comment, Draft
from qaplatform.services.reviewing import (
    submit,
)
from qaplatform.store import reviews
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    AuditRow,
    ConversationMark,
    ConversationRow,
    CriterionResult,
    FindingRow,
    FindingRuling,
    Review,
    Ruling,
    WorkItem,
)
from tests.reviewed import confirmed, conversation, opened, submitted, taken, viewer, with_answer, with_chats
from tests.web.chats import NOW, longer, quarrel, said, take_in


@pytest.fixture
def filled(store: Store) -> Store:
    """Three conversations."""
    return with_chats(store)


def test_confirming_everything_makes_the_machines_score_official(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    before = conversation(filled)
    review_id = submitted(filled, lead, taken(filled, lead))
    after = conversation(filled)
    assert (after.score, after.verdict, after.review_id) == (before.score, before.verdict, review_id)
    with filled.reading() as session:
        review = session.get_one(Review, review_id)
        assert (review.machine_score, review.machine_verdict) == (before.score, before.verdict)
        assert review.draw == "chosen"
        assert set(session.scalars(select(Ruling.kind))) == {"confirm"}
        assert set(session.scalars(select(FindingRuling.is_right))) == {True}
        item = session.scalars(select(WorkItem)).one()
        assert (item.state, item.draft, item.done_at) == ("done", {}, NOW)


@pytest.mark.both_databases
def test_an_overruled_criterion_gives_its_points_back_and_leaves_the_machines_rows_alone(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")

    def machine() -> list[tuple[object, ...]]:
        with filled.reading() as session:
            rows = [
                tuple(row)
                for model in (AuditRow, CriterionResult, FindingRow)
                for row in session.execute(select(*model.__table__.columns))
            ]
            return sorted(rows, key=repr)

    before, said_before = conversation(filled), machine()
    answer = Answer("off_platform", "overrule", reason="客户先要的微信")
    submitted(filled, lead, taken(filled, lead), with_answer(answer))
    after = conversation(filled)
    assert machine() == said_before
    assert (after.score or 0) > (before.score or 0)
    assert (before.verdict, after.verdict) == ("critical", "fail")
    assert after.failed_count == (before.failed_count or 0) - 1
    with filled.reading() as session:
        ruling = session.scalars(select(Ruling).where(Ruling.criterion == "off_platform")).one()
        assert (ruling.kind, ruling.from_outcome, ruling.to_outcome, ruling.reason) == (
            "overrule",
            "fail",
            "pass",
            "客户先要的微信",
        )
        marks = set(
            session.scalars(
                select(ConversationMark.mark).where(
                    ConversationMark.kind == "failed", ConversationMark.conversation_id == after.id
                )
            )
        )
        assert "off_platform" not in marks
        assert "response_time" in marks


def test_what_is_left_unanswered_or_overruled_without_a_reason_is_named_and_nothing_is_written(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    work = opened(filled, lead, item_id)
    draft = Draft(answers=(Answer("off_platform", "overrule"), Answer("response_time", "not_the_agent")))
    with pytest.raises(UnansweredError) as caught, filled.writing() as session:
        submit(session, lead, work, draft, version=work.item.version, seen_review_id=None, now=NOW)
    assert "off_platform" not in caught.value.missing
    assert len(caught.value.missing) == len(confirmed(work).answers) - 2
    assert set(caught.value.unreasoned) == {"off_platform", "response_time"}
    with filled.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0
        assert session.get_one(WorkItem, item_id).state == "open"


@pytest.mark.both_databases
def test_a_fault_that_is_not_the_agents_costs_nothing_and_says_whose_it_was(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    before = conversation(filled)
    answer = Answer("response_time", "not_the_agent", cause="system")
    submitted(filled, lead, taken(filled, lead), with_answer(answer))
    assert (conversation(filled).failed_count or 0) == (before.failed_count or 0) - 1
    with filled.reading() as session:
        ruling = session.scalars(select(Ruling).where(Ruling.criterion == "response_time")).one()
        assert (ruling.to_outcome, ruling.cause) == ("not_applicable", "system")
        rights = session.scalars(
            select(FindingRuling.is_right)
            .join(FindingRow, FindingRow.id == FindingRuling.finding_id)
            .where(FindingRow.criterion == "response_time")
        ).all()
        assert set(rights) == {True}


@pytest.mark.both_databases
def test_words_that_a_person_selects_fail_a_criterion_the_machine_passed(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead, "good-0")
    work = opened(filled, lead, item_id)
    passed = next(criterion for criterion, outcome, points, _ in work.audit.results if outcome == "pass" and points)
    added = Added(passed, 1, 0, 2, "招呼太随便")

    def edit(draft: Draft) -> Draft:
        comments = (Comment("下次先报姓名", message=1), Comment("后面很耐心", kind="praise"))
        return msgspec.structs.replace(draft, added=(added,), comments=comments, summary="总体不错")

    review_id = submitted(filled, lead, item_id, edit)
    with filled.reading() as session:
        parts = reviews.parts_of(session, review_id)
        assert [(one.criterion, one.message_number, one.start, one.end, one.comment) for one in parts.added] == [
            (passed, 1, 0, 2, "招呼太随便")
        ]
        ruling = next(one for one in parts.rulings if one.criterion == passed)
        assert (ruling.kind, ruling.from_outcome, ruling.to_outcome, ruling.reason) == (
            "overrule",
            "pass",
            "fail",
            "招呼太随便",
        )
        assert [(one.kind, one.text) for one in parts.comments] == [
            ("comment", "下次先报姓名"),
            ("praise", "后面很耐心"),
        ]
        assert reviews.review(session, review_id).summary == "总体不错"  # type: ignore[union-attr]
    assert (conversation(filled, "good-0").score or 0) < (work.audit.score or 0)


def test_findings_that_are_all_wrong_are_no_fault_and_need_a_reason(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    work = opened(filled, lead, item_id)
    places = tuple(place for criterion, place in work.audit.findings if criterion == "response_time")
    with pytest.raises(UnansweredError) as caught:
        submitted(filled, lead, item_id, with_answer(Answer("response_time", "confirm", wrong=places)))
    assert caught.value.unreasoned == ("response_time",)
    review_id = submitted(
        filled, lead, item_id, with_answer(Answer("response_time", "confirm", wrong=places, reason="是引用"))
    )
    with filled.reading() as session:
        assert reviews.parts_of(session, review_id).wrong_findings == {("response_time", place) for place in places}


def test_a_finding_of_the_inspectors_own_fails_what_the_machine_found_in_the_wrong_places(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    places = tuple(
        place for criterion, place in opened(filled, lead, item_id).audit.findings if criterion == "off_platform"
    )
    right = Added("off_platform", 1, 0, 2, "这里才是")
    answered = with_answer(Answer("off_platform", "confirm", wrong=places))
    review_id = submitted(filled, lead, item_id, lambda draft: msgspec.structs.replace(answered(draft), added=(right,)))
    with filled.reading() as session:
        ruling = session.scalars(select(Ruling).where(Ruling.criterion == "off_platform")).one()
        assert (ruling.kind, ruling.to_outcome) == ("confirm", "fail")
        assert reviews.parts_of(session, review_id).wrong_findings == {("off_platform", place) for place in places}


def test_a_review_stays_official_when_the_rules_change_and_is_over_when_more_was_said(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    submitted(filled, lead, taken(filled, lead), with_answer(Answer("off_platform", "overrule", reason="不是")))
    ruled = conversation(filled)
    with filled.writing() as session:
        row = session.get_one(ConversationRow, ruled.id)
        row.score, row.verdict, row.failed_count = 1.0, "critical", 99  # as a new audit would
        session.flush()
        reviews.keep_official(session, [ruled.id])
    kept = conversation(filled)
    assert (kept.score, kept.verdict, kept.failed_count) == (ruled.score, ruled.verdict, ruled.failed_count)
    take_in(filled, longer(quarrel(), said("customer", "还是没收到", 100_000)))
    newer = conversation(filled)
    assert (newer.revision, newer.review_id, newer.verdict) == (2, None, "critical")


def test_a_review_of_what_was_drawn_counts_for_that_only(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    take_in(filled, longer(quarrel(), said("customer", "还是没收到", 100_000)))
    review_id = submitted(filled, lead, item_id)
    with filled.reading() as session:
        assert session.get_one(Review, review_id).revision == 1
    assert conversation(filled).review_id is None


@pytest.mark.both_databases
@pytest.mark.parametrize("is_marked", [False, True])
def test_a_blind_review_is_held_against_the_machine_afterwards(filled: Store, is_marked: bool) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    with filled.writing() as session:
        session.get_one(WorkItem, item_id).is_blind = True
    work = opened(filled, lead, item_id)
    seen = Answer("off_platform", "answer", "fail")
    draft = Draft(answers=(Answer("greeting", "answer", "fail"), *(() if is_marked else (seen,))))
    if is_marked:
        # Words that the inspector marks fail a criterion, whatever the machine has found there.
        draft = msgspec.structs.replace(draft, added=(Added("off_platform", 1, 0, 2),))
    with filled.writing() as session:
        submit(session, lead, work, draft, version=work.item.version, seen_review_id=None, now=NOW)
    outcomes = {criterion: outcome for criterion, outcome, _, _ in work.audit.results}
    with filled.reading() as session:
        rulings = {one.criterion: one for one in session.scalars(select(Ruling))}
        assert rulings["off_platform"].kind == "confirm"
        assert rulings["response_time"].kind == "overrule"
        assert rulings["response_time"].to_outcome == "pass"
        assert set(rulings) >= {id for id, outcome in outcomes.items() if outcome in ("pass", "fail")}
        assert session.scalars(select(Review.was_blind)).one()
    assert conversation(filled).verdict == "critical"

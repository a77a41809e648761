"""Reviews: the next one, drafts, rulings that append, the score that counts, and two people who do not write over each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import func, select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.review_answers import UnansweredError
from qaplatform.services.review_drafts import Added, Answer, Comment, Draft
from qaplatform.services.reviewing import (
    ItemChangedError,
    OwnChatError,
    ReviewedMeanwhileError,
    Work,
    next_item,
    save,
    submit,
    take,
    work_of,
)
from qaplatform.store import reviews, work_items
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
    User,
    WorkItem,
)
from tests.copies import fill_once
from tests.filled import fill_people
from tests.web.chats import NOW, good, longer, quarrel, said, take_in

Edit = Callable[[Draft], Draft]


@pytest.fixture
def filled(store: Store) -> Store:
    """A quarrel and two good conversations of agents 1 and 2."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    take_in(store, quarrel(), good(0), good(1))


def viewer(store: Store, login: str, role: str = "inspector", *, agent_id: int | None = None) -> Viewer:
    """Somebody who reviews everywhere."""
    with store.reading() as session:
        id = session.scalars(select(User.id).where(User.login == login)).one()
    return Viewer(id, login, agent_id=agent_id, grants=(Grant(role),))  # type: ignore[arg-type]


def conversation(store: Store, source_id: str = "quarrel") -> ConversationRow:
    """A conversation as it stands."""
    with store.reading() as session:
        return session.scalars(select(ConversationRow).where(ConversationRow.source_id == source_id)).one()


def taken(store: Store, who: Viewer, source_id: str = "quarrel") -> int:
    """A conversation that somebody chose to review."""
    with store.writing() as session:
        return take(session, who, conversation(store, source_id).id, now=NOW)


def opened(store: Store, who: Viewer, item_id: int) -> Work:
    """The work as its inspector sees it."""
    with store.reading() as session:
        return work_of(session, who, item_id)


def confirmed(work: Work) -> Draft:
    """Everything the machine failed, confirmed."""
    failed = [criterion for criterion, outcome, _, _ in work.audit.results if outcome == "fail"]
    return Draft(answers=tuple(Answer(id, "confirm") for id in failed))


def submitted(
    store: Store, who: Viewer, item_id: int, edit: Edit = lambda draft: draft, *, seen: int | None = None
) -> int:
    """Submit what the machine said, changed a little."""
    work = opened(store, who, item_id)
    with store.writing() as session:
        return submit(
            session, who, work, edit(confirmed(work)), version=work.item.version, seen_review_id=seen, now=NOW
        )


def with_answer(answer: Answer) -> Edit:
    """The same with one criterion answered otherwise."""

    def edit(draft: Draft) -> Draft:
        others = tuple(one for one in draft.answers if one.criterion != answer.criterion)
        return msgspec.structs.replace(draft, answers=(*others, answer))

    return edit


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


def test_drafts_are_kept_by_version(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    before = opened(filled, lead, item_id)
    draft = Draft(answers=(Answer("response_time", "confirm"),), summary="一半")
    with filled.writing() as session:
        assert save(session, before, draft, version=1, now=NOW) == 2
    with pytest.raises(ItemChangedError), filled.writing() as session:
        save(session, before, Draft(summary="另一个窗口"), version=1, now=NOW)
    work = opened(filled, lead, item_id)
    assert (work.draft, work.item.state, work.item.version) == (draft, "draft", 2)
    with pytest.raises(ItemChangedError), filled.writing() as session:
        submit(session, lead, work, confirmed(work), version=1, seen_review_id=None, now=NOW)
    with filled.reading() as session:
        assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_two_inspectors_do_not_rule_over_each_other_unseen(filled: Store) -> None:
    lead, other = viewer(filled, "lead", "qa_lead"), viewer(filled, "inspector")
    mine, theirs = taken(filled, lead), taken(filled, other)
    first = submitted(filled, other, theirs)
    with pytest.raises(ReviewedMeanwhileError) as caught:
        submitted(filled, lead, mine, with_answer(Answer("response_time", "overrule", reason="不算")))
    assert caught.value.review_id == first
    second = submitted(filled, lead, mine, with_answer(Answer("response_time", "overrule", reason="不算")), seen=first)
    assert conversation(filled).review_id == second
    with filled.reading() as session:
        assert [one.id for one in reviews.reviews_of(session, conversation(filled).id)] == [second, first]
        assert session.scalar(select(func.count()).select_from(Ruling).where(Ruling.review_id == first)) > 0


def test_of_two_who_submit_in_the_same_moment_the_second_hears_of_the_first(filled: Store) -> None:
    lead, other = viewer(filled, "lead", "qa_lead"), viewer(filled, "inspector")
    mine, theirs = taken(filled, lead), taken(filled, other)
    with ThreadPoolExecutor(1) as pool:
        with filled.writing() as session:
            work = work_of(session, other, theirs)
            first = submit(
                session, other, work, confirmed(work), version=work.item.version, seen_review_id=None, now=NOW
            )
            second = pool.submit(submitted, filled, lead, mine)
            with pytest.raises(TimeoutError):
                second.result(0.2)  # waits for the other to end
        with pytest.raises(ReviewedMeanwhileError) as caught:
            second.result()
    assert caught.value.review_id == first


def test_nobody_reviews_their_own_chats_or_those_of_others_reach(filled: Store) -> None:
    own = viewer(filled, "agent", agent_id=2)  # wrote the last answer in the quarrel
    with pytest.raises(OwnChatError):
        taken(filled, own)
    assert taken(filled, own, "good-0")
    elsewhere = Viewer(own.user_id, "x", grants=(Grant("inspector", shop_id=2),))
    with pytest.raises(NotThereError):
        taken(filled, elsewhere)
    agent = Viewer(own.user_id, "x", agent_id=1, grants=(Grant("agent"),))
    with pytest.raises(AccessError), filled.writing() as session:
        next_item(session, agent, now=NOW)
    lead = viewer(filled, "lead", "qa_lead")
    item_id = taken(filled, lead)
    with pytest.raises(NotThereError):
        opened(filled, own, item_id)


def _pool(store: Store, count: int) -> None:
    take_in(store, *(good(number) for number in range(2, count)))
    with store.writing() as session:
        rows = session.scalars(select(ConversationRow).order_by(ConversationRow.id)).all()
        session.add_all(
            WorkItem(
                conversation_id=row.id, revision=1, audit_id=row.audit_id, draw="random", created_at=NOW,
                due_at=NOW + timedelta(days=1 + row.id % 2),
            )
            for row in rows
        )  # fmt: skip


def test_what_is_next_is_ones_own_first_then_what_is_due(filled: Store) -> None:
    _pool(filled, 6)
    lead = viewer(filled, "lead", "qa_lead")
    own = taken(filled, lead, "good-1")
    with filled.writing() as session:
        assert next_item(session, lead, now=NOW) == own
        claimed = next_item(session, lead, now=NOW, but=own)
        assert claimed is not None
        item = work_items.item(session, claimed)
        assert item is not None
        assert (item.user_id, item.due_at) == (lead.user_id, NOW + timedelta(days=1))
        assert work_items.unclaimed(session, lead.user_id, lead.scope("reviews.give"), None) == 5
        # What is due comes before what has no day.
        assert next_item(session, lead, now=NOW) == claimed


def test_eight_who_ask_at_once_get_eight_different_ones(filled: Store) -> None:
    _pool(filled, 40)
    with filled.reading() as session:
        ids = session.scalars(select(User.id).order_by(User.id).limit(8)).all()
    people = [Viewer(id, str(id), grants=(Grant("qa_lead"),)) for id in ids]

    def five(who: Viewer) -> list[int]:
        out = []
        for _ in range(5):
            with filled.writing() as session:
                id = work_items.claim_next(session, who.user_id, who.scope("reviews.give"), None, now=NOW)
                assert id is not None
                out.append(id)
        return out

    with ThreadPoolExecutor(8) as pool:
        given = [id for some in pool.map(five, people) for id in some]
    assert len(given) == len(set(given)) == 40


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

"""Whose work is next, drafts by version, and people who do not write over each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.review_drafts import Answer, Draft
from qaplatform.services.reviewing import (
    ItemChangedError,
    OwnChatError,
    ReviewedMeanwhileError,
    next_item,
    save,
    submit,
    work_of,
)
from qaplatform.store import reviews, work_items
from qaplatform.store.engine import Store
from qaplatform.store.tables import (
    ConversationRow,
    Review,
    Ruling,
    User,
    WorkItem,
)
from tests.reviewed import confirmed, conversation, opened, submitted, taken, viewer, with_answer, with_chats
from tests.web.chats import NOW, good, take_in


@pytest.fixture
def filled(store: Store) -> Store:
    """Three conversations."""
    return with_chats(store)


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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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


@pytest.mark.both_databases
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

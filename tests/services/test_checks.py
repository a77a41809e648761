"""Figures of checks: equal to a slow count over the base tables; hints and exemptions from rulings to the next audit."""

from __future__ import annotations

import random
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.hints import HINT
from qaplatform.services.access import AccessError
from qaplatform.services.check_contexts import ContextGoneError, context_in, exempt, words_and_contexts
from qaplatform.services.checks import (
    Asked,
    CheckFigures,
    CheckReasonError,
    FloorError,
    checks_page,
    is_above,
    is_below,
    keep_scoring,
    one_check,
    propose_hint,
    ruled_chats,
    set_floor,
)
from qaplatform.services.rubric_drafts import draft_seen, publish_draft
from qaplatform.services.rubric_releases import Publication
from qaplatform.services.statistics import share
from qaplatform.store.engine import Store
from qaplatform.store.tables import ConversationRow, CriterionResult, FindingRow, FindingRuling, Review, Ruling, User
from tests.copies import fill_once
from tests.filled import fill_people
from tests.services.test_reviewing import viewer
from tests.web.chats import NOW, take_in

ID = "banned_phrase"
KINDS = (
    ("confirm", "fail"),
    ("overrule", "pass"),
    ("not_applicable", "not_applicable"),
    ("not_the_agent", "not_applicable"),
)


def chat(number: int, *words: str) -> Conversation:
    """A conversation of agent 1 with these replies."""
    said = [("customer", "能不能改下地址"), *(("agent", one) for one in words)]
    return Conversation(
        f"c{number}",
        tuple(
            Message(role, text, agent="a01" if role == "agent" else None, sent_at=f"2026-11-10T02:0{place}:00+00:00")  # type: ignore[arg-type]
            for place, (role, text) in enumerate(said)
        ),
        shop="s1",
        source="test",
    )


def wrote(store: Store, chats: dict[int, tuple[str, str]], *, draw: str = "random", blind: bool = False) -> None:
    """Rulings on a criterion by number of the conversation: kind and outcome; a failure's findings follow."""
    with store.writing() as session:
        user = session.scalars(select(User.id).order_by(User.id)).first()
        rows = {one.source_id: one for one in session.scalars(select(ConversationRow))}
        for number, (kind, outcome) in chats.items():
            row = rows[f"c{number}"]
            result = session.get(CriterionResult, (row.audit_id, ID))
            review = Review(
                conversation_id=row.id, revision=1, audit_id=row.audit_id, user_id=user, draw=draw, was_blind=blind,
                scored_share=1, verdict="pass", failed_count=0, machine_verdict="pass", created_at=NOW,
            )  # fmt: skip
            session.add(review)
            session.flush()
            row.review_id = review.id
            before = result.outcome if result else "not_applicable"
            session.add(
                Ruling(
                    review_id=review.id, conversation_id=row.id, audit_id=row.audit_id, criterion=ID, kind=kind,
                    from_outcome=before, to_outcome=outcome, user_id=user, decided_at=NOW,
                )
            )  # fmt: skip
            for id in session.scalars(
                select(FindingRow.id).where(FindingRow.audit_id == row.audit_id, FindingRow.criterion == ID)
            ):
                right = kind in ("confirm", "not_the_agent")
                session.add(FindingRuling(review_id=review.id, finding_id=id, is_right=right))


@pytest.fixture
def filled(store: Store) -> Store:
    """Sixty chats: of every three, one is blunt in one way, one in another, one not at all."""
    fill_once(store, _fill)
    return store


def _fill(store: Store) -> None:
    with store.writing() as session:
        fill_people(session, NOW)
    texts = ("亲要的话您去投诉吧", "这个我也没办法", "可以的这就帮您改")
    take_in(store, *(chat(number, texts[number % 3]) for number in range(60)))


def test_both_shares_are_those_of_a_slow_count(filled: Store) -> None:
    chance = random.Random(3)
    lead = viewer(filled, "lead", "qa_lead")
    for draw, blind in (("random", False), ("priority", False), ("random", True), ("random", False)):
        some = {}
        for number in chance.sample(range(60), 25):
            some[number] = chance.choice(KINDS if number % 3 < 2 else (("overrule", "fail"), ("confirm", "pass")))
        wrote(filled, some, draw=draw, blind=blind)
    with filled.reading() as session:
        found = next(one for one in checks_page(session, lead, Asked(), now=NOW).checks if one.id == ID)
        reviews = session.scalars(select(Review).order_by(Review.id)).all()
        rulings = {one.review_id: one for one in session.scalars(select(Ruling))}
        seen = {one.conversation_id: rulings[one.id] for one in reviews if not one.was_blind}
        drawn = {one.conversation_id: rulings[one.id] for one in reviews if one.draw == "random"}
        failed = [one for one in seen.values() if one.from_outcome == "fail"]
        stood = [one for one in failed if one.to_outcome == "fail" or one.kind == "not_the_agent"]
        true = [one for one in drawn.values() if one.to_outcome == "fail" or one.kind == "not_the_agent"]
        assert found.precision == share(len(stood), len(failed))
        assert found.recall == share(sum(one.from_outcome == "fail" for one in true), len(true))
        assert 0 < found.recall.count < found.recall.of
        _, criterion, wanted = one_check(session, lead, ID, Asked(), now=NOW)
        for by_recall, of in ((False, found.precision), (True, found.recall)):
            chats = ruled_chats(session, criterion, wanted, by_recall=by_recall, page=1, page_size=200)
            assert sum(side == "hit" for _, side in chats) == of.count
        later = checks_page(session, lead, Asked(days=30), now=NOW + timedelta(days=31))
        assert not any(one.precision.of or one.recall.of for one in later.checks)


def test_a_check_below_the_floor_becomes_a_hint_by_way_of_a_draft(filled: Store) -> None:
    lead, inspector = viewer(filled, "lead", "qa_lead"), viewer(filled, "inspector")
    wrote(filled, {number: ("overrule", "pass") for number in range(60) if number % 3 < 2})
    with filled.writing() as session:
        page = checks_page(session, lead, Asked(), now=NOW)
        assert [one.id for one in page.checks if one.is_proposed] == [ID]
        with pytest.raises(AccessError):
            propose_hint(session, inspector, page.code, ID, now=NOW)
        with pytest.raises(CheckReasonError):
            keep_scoring(session, lead, page.code, ID, " ", now=NOW)
        with pytest.raises(FloorError):
            set_floor(session, lead, 0.2, now=NOW)
        keep_scoring(session, lead, page.code, ID, "下月再看", now=NOW)
        kept = next(one for one in checks_page(session, lead, Asked(), now=NOW).checks if one.id == ID)
        assert (kept.is_proposed, kept.kept_reason) == (False, "下月再看")
        for ruling in session.scalars(select(Ruling)):
            ruling.decided_at = NOW + timedelta(hours=1)
        session.flush()
        assert next(one for one in checks_page(session, lead, Asked(), now=NOW).checks if one.id == ID).is_proposed
        draft = draft_seen(session, lead, propose_hint(session, lead, page.code, ID, now=NOW))
    assert draft.rubric is not None
    assert [one.id for one in draft.rubric.criteria if one.hint] == [ID]
    card = Auditor(draft.rubric, Context()).audit_one(chat(0, "这个我也没办法"))
    result = next(one for one in card.criteria if one.id == ID)
    assert (result.outcome, result.reason, len(result.findings)) == ("unscored", HINT, 1)


@pytest.mark.parametrize(
    ("is_hint", "count", "of", "below", "above"),
    [(False, 5, 30, True, False), (False, 29, 30, False, False), (True, 5, 30, False, False), (True, 29, 30, False, True),
     (True, 19, 19, False, False), (True, 24, 30, False, False)],
)  # fmt: skip
def test_both_ways_are_proposed_where_the_whole_interval_says_so(
    is_hint: bool, count: int, of: int, below: bool, above: bool
) -> None:
    one = CheckFigures("x", "", "", is_hint, share(count, of), share(0, 0))
    assert (is_below(one, 0.7), is_above(one, 0.7)) == (below, above)


def test_a_context_with_spaces_or_marks_in_it_is_proposed_once(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    take_in(filled, *(chat(number, "亲要的话您去 投 诉") for number in range(60, 63)))
    wrote(filled, dict.fromkeys((60, 61), ("overrule", "pass")))
    with filled.writing() as session:
        one, criterion, wanted = one_check(session, lead, ID, Asked(), now=NOW)
        (context,) = words_and_contexts(session, one.rubric, criterion.id, wanted)[1]
        assert not context.context.isalnum()
        assert len(context.standing) == 1
        draft = draft_seen(session, lead, exempt(session, lead, ID, Asked(), context.context, now=NOW))
        assert draft.rubric is not None, draft.problems
        assert words_and_contexts(session, draft.rubric, criterion.id, wanted)[1] == []
    card = Auditor(draft.rubric, Context()).audit_one(chat(60, "亲要的话您去 投 诉"))
    assert next(it.outcome for it in card.criteria if it.id == ID) == "pass"


@pytest.mark.parametrize(
    ("pattern", "context"),
    [
        ("亲要的话", "亲要的话"),
        (r"去\ 投\!诉", "去 投!诉"),
        ("去 投,诉", "去 投,诉"),
        ("去.投", ""),
        (r"\d件", ""),
        ("去(?:投)?诉", ""),
    ],
)
def test_only_an_exception_that_is_one_text_is_a_context(pattern: str, context: str) -> None:
    assert context_in(pattern) == context


def test_a_context_that_is_always_wrong_is_exempted_in_one_step(filled: Store) -> None:
    """Five are called wrong and none confirmed; fifteen more stand. The next audits obey, and nothing else changes."""
    lead = viewer(filled, "lead", "qa_lead")
    wrote(filled, dict.fromkeys((0, 3, 6, 9, 12), ("overrule", "pass")))
    wrote(filled, dict.fromkeys((1, 4), ("confirm", "fail")))
    with filled.writing() as session:
        one, criterion, wanted = one_check(session, lead, ID, Asked(), now=NOW)
        words, contexts = words_and_contexts(session, one.rubric, criterion.id, wanted)
        assert [it.precision.count for it in words] == [0, 2]
        assert len(contexts) == 1
        context = contexts[0]
        assert (len(context.chats), len(context.standing), context.silenced) == (5, 15, 0)
        with pytest.raises(ContextGoneError):
            exempt(session, lead, ID, Asked(), "没有这样的", now=NOW)
        draft = draft_seen(session, lead, exempt(session, lead, ID, Asked(), context.context, now=NOW))
        assert draft.rubric is not None, draft.problems
        changed = {path for path, text in draft.draft.files.items() if text != one.files[path]}
        assert changed
        assert all(path.startswith("phrases/") for path in changed)
        said = Publication(NOW.date(), ZoneInfo("Asia/Shanghai"), one.rubric.content_hash)
        publish_draft(session, lead, draft.draft.id, said, seen_version=draft.draft.version, now=NOW)
        after, criterion, wanted = one_check(session, lead, ID, Asked(), now=NOW)
        assert after.rubric.content_hash == draft.rubric.content_hash
        assert words_and_contexts(session, after.rubric, criterion.id, wanted)[1] == []
    cards = Auditor(draft.rubric, Context()).audit([chat(0, "亲要的话您去投诉吧"), chat(1, "这个我也没办法")])
    outcomes = [next(it.outcome for it in card.criteria if it.id == ID) for card in cards.scorecards()]
    assert outcomes == ["pass", "fail"]

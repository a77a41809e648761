"""Trust that is earned by people's rulings, lost by them, held back by a lead; and scores that follow."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from qaplatform.audit.trust import Bar
from qaplatform.services.access import AccessError, Grant, Viewer
from qaplatform.services.grader_settings import GraderSettings, keep_settings
from qaplatform.services.grader_trust import (
    UnknownTrustError,
    cell_chats,
    figures,
    hold_back,
    run_trust,
    settle_trust,
    trust_page,
    trusted,
)
from qaplatform.services.review_drafts import Answer
from qaplatform.services.trust_asking import TRUST_KIND, ask_settling
from qaplatform.services.trust_wording import title_of, words_asked
from qaplatform.store import llm_trust
from qaplatform.store import trust as rows
from qaplatform.store.engine import Store
from qaplatform.store.llm_trust import Asked
from qaplatform.store.tables import Activity, ConversationRow, GradeRow, Job, WorkItem
from tests.graded_chats import EMPATHY, MODEL, grade, new_grade, with_questions
from tests.plain_run import LostError, PlainRun
from tests.queries import counted_statements
from tests.reviewed import conversation, submitted, taken, viewer, with_answer
from tests.trusted import (
    ASKED,
    HASH,
    MANY,
    OLD_HASH,
    OTHER_MODEL,
    PROMPT,
    graded,
    model_says,
    people_say,
    ruled,
    with_trust,
)
from tests.web.chats import NOW

LATER = NOW + timedelta(days=1)
QUESTION = (PROMPT, HASH)


@pytest.fixture
def filled(store: Store) -> Store:
    return with_trust(store)


def settled(store: Store) -> list[Asked]:
    with store.writing() as session:
        return settle_trust(session, now=LATER)


def counting(store: Store, model: str = MODEL) -> set[tuple[str, str]]:
    with store.reading() as session:
        return trusted(session, [QUESTION, (PROMPT, OLD_HASH), ("tone", HASH)], model)


def said_in_the_log(store: Store) -> list[str]:
    with store.reading() as session:
        wanted = Activity.action.startswith("grader.trust")
        return list(session.scalars(select(Activity.action).where(wanted).order_by(Activity.id)))


def test_figures_are_those_of_a_count_by_hand_and_cells_lead_to_chats_in_reach(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    with filled.reading() as session, counted_statements(filled) as seen:
        found = figures(session, lead, PROMPT, HASH, MODEL)
    assert len(seen) <= 9
    trust = found.measured.trust
    slow = Counter((model_says(n), people_say(n)) for n in range(MANY))
    # The inspector ruled on the first 25 as well; of those the lead saw the answer on, the lead's is newer.
    ordinary = {n for n in range(MANY) if n % 3} | set(range(25))
    slow += Counter((model_says(n), "yes" if n < 2 else people_say(n)) for n in range(25) if n % 3 == 0)
    table = trust.every.confusion
    assert {(a, b): table[["yes", "no"].index(a)][b == "no"] for a, b in slow} == slow
    assert (trust.blind.n, trust.ordinary.n) == (MANY // 3, len(ordinary))
    assert trust.every.n == trust.blind.n + trust.ordinary.n == sum(slow.values())
    assert (trust.people.n, trust.people.agreement.value) == (25, 24 / 25)
    assert [(one.name, one.n) for one in trust.weeks] == [("2026-W46", 120 + 9), ("2026-W47", 120)]
    assert [one.least_confidence for one in trust.curve] == [1.0, 0.5]
    assert (found.row, found.missing) == (None, ())
    with filled.reading() as session:
        other = figures(session, lead, PROMPT, HASH, OTHER_MODEL)
        assert (other.measured.trust.every.n, other.measured.trust.every.unsure_count) == (25, 14)
        assert [one.what for one in other.missing] == ["n", "rare"]
        few = figures(session, lead, PROMPT, OLD_HASH, MODEL).measured
        assert few.trust.every.kappa.value is None
        chats, total = cell_chats(session, lead, found.measured, said="no", ruled="yes", page=1, page_size=5)
        assert (len(chats), total) == (5, slow["no", "yes"])
        assert [one.ruled_at for one in chats] == sorted((one.ruled_at for one in chats), reverse=True)
        elsewhere = Viewer(6, "manager", grants=(Grant("store_manager", shop_id=2),))
        assert figures(session, elsewhere, PROMPT, HASH, MODEL).measured.trust == trust
        assert cell_chats(session, elsewhere, found.measured, said="no", ruled="yes", page=1, page_size=5) == ([], 0)
        hidden = chats[0].conversation_id
        row = session.get_one(ConversationRow, hidden)
        blind = WorkItem(
            conversation_id=hidden, revision=row.revision, audit_id=row.audit_id, user_id=lead.user_id, draw="random",
            is_blind=True, created_at=NOW,
        )  # fmt: skip
    with filled.writing() as session:
        session.add(blind)
    with filled.reading() as session:
        chats, total = cell_chats(session, lead, found.measured, said="no", ruled="yes", page=1, page_size=99)
        assert total == slow["no", "yes"] - 1
        assert hidden not in {one.conversation_id for one in chats}
        words, old = words_asked(session, found.measured), words_asked(session, few)
        assert words is not None
        assert (words.language, old) == ("zh", None)
        assert [title_of("gone", "en"), title_of(PROMPT, "zh") != title_of(PROMPT, "en")] == ["gone", True]
        with pytest.raises(UnknownTrustError):
            figures(session, lead, PROMPT, HASH, "nobody")
        with pytest.raises(AccessError):
            figures(session, Viewer(7, "agent", agent_id=1, grants=(Grant("agent"),)), PROMPT, HASH, MODEL)


def test_trust_is_earned_at_the_bar_and_lost_by_rulings_that_disagree(filled: Store) -> None:
    assert counting(filled) == set()
    assert settled(filled) == [ASKED]
    assert settled(filled) == []
    assert counting(filled) == {QUESTION}
    # A model of another name, and a question in other words, begin anew.
    assert counting(filled, OTHER_MODEL) == set()
    with filled.reading() as session:
        lines = trust_page(session, viewer(filled, "lead", "qa_lead"), prompt=None, model=None, page=1, page_size=50)
        kept = [(one.row.asked, one.row.counts, one.settled.every.n) for one in lines.lines]
        assert kept == [
            (Asked(PROMPT, HASH, OTHER_MODEL), False, 25),
            (Asked(PROMPT, OLD_HASH, MODEL), False, 7),
            (ASKED, True, 249),
        ]
        assert (lines.prompts, lines.models) == ((PROMPT,), (OTHER_MODEL, MODEL))
        only = trust_page(session, viewer(filled, "lead", "qa_lead"), prompt=None, model=MODEL, page=2, page_size=1)
        assert (len(only.lines), only.total) == (1, 2)
    # People think otherwise of sixty, newer than before.
    ruled(filled, dict.fromkeys(range(60, 120), "no"), at=LATER, login="inspector")
    assert settled(filled) == [ASKED]
    assert counting(filled) == set()
    assert said_in_the_log(filled) == ["grader.trust_earned", "grader.trust_lost"]
    # The bar is the workplace's own.
    with filled.writing() as session:
        low = Bar(least_n=20, least_rare=5, least_agreement=0.5, least_kappa=0.1)
        keep_settings(session, GraderSettings(bar=low))
    assert settled(filled) == [Asked(PROMPT, HASH, OTHER_MODEL), ASKED]


@pytest.mark.both_databases
def test_what_a_lead_holds_back_does_not_count_until_the_lead_lets_it(filled: Store) -> None:
    lead = viewer(filled, "lead", "qa_lead")
    settled(filled)
    for is_held, counts in ((True, set()), (True, set()), (False, {QUESTION})):
        with filled.writing() as session:
            hold_back(session, lead, ASKED, is_held_back=is_held, now=LATER)
        assert counting(filled) == counts
        settled(filled)
        assert counting(filled) == counts
    assert said_in_the_log(filled) == ["grader.trust_earned", "grader.trust_held_back", "grader.trust_released"]
    with filled.writing() as session:
        # Before anything was settled, too: then it never counts.
        hold_back(session, lead, Asked(PROMPT, OLD_HASH, MODEL), is_held_back=True, now=LATER)
        row = llm_trust.trust_row(session, ASKED)
        assert row is not None
        assert (row.is_earned, row.is_held_back, row.changed_by_name) == (True, False, "梁书瑶")
        with pytest.raises(UnknownTrustError):
            hold_back(session, lead, Asked("tone", HASH, MODEL), is_held_back=True, now=LATER)
        with pytest.raises(AccessError):
            hold_back(session, viewer(filled, "inspector"), ASKED, is_held_back=True, now=LATER)
        jobs = session.scalars(select(Job.unique_key).where(Job.kind == TRUST_KIND)).all()
        assert jobs == [f"{TRUST_KIND}:{PROMPT}!"]


def test_scores_follow_trust_also_after_a_job_that_was_killed(filled: Store) -> None:
    def marked() -> Counter[tuple[str, bool]]:
        with filled.reading() as session:
            found = session.execute(select(GradeRow.question_hash, GradeRow.model, GradeRow.is_trusted))
            return Counter((model if wording == HASH else "old", is_trusted) for wording, model, is_trusted in found)

    # Two that nobody reviewed: of the second the model says no.
    graded(filled, {MANY: "yes", MANY + 1: "no"}, at=NOW + timedelta(hours=3))
    before = conversation(filled, f"t-{MANY + 1}")
    assert (before.review_id, before.score is not None) == (None, True)
    with pytest.raises(LostError):
        run_trust(PlainRun(filled, {"prompt": PROMPT}, LATER, lost_at=4))
    assert 0 < marked()[MODEL, True] < MANY + 4
    run_trust(PlainRun(filled, {}, LATER))
    # All of them, also those graded twice: what is in force depends on the marks of all.
    assert marked()[MODEL, True] == MANY + 4
    assert sum(n for (model, is_trusted), n in marked().items() if is_trusted and model != MODEL) == 0
    after = conversation(filled, f"t-{MANY + 1}")
    assert (after.score or 0) < (before.score or 0)
    assert after.failed_count == (before.failed_count or 0) + 1
    with counted_statements(filled) as seen:
        run_trust(PlainRun(filled, {}, LATER))
    assert not [one for one in seen if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    with filled.writing() as session:
        hold_back(session, viewer(filled, "lead", "qa_lead"), ASKED, is_held_back=True, now=LATER)
    run_trust(PlainRun(filled, {"prompt": "another"}, LATER))
    assert marked()[MODEL, True] > 0
    run_trust(PlainRun(filled, {"prompt": PROMPT}, LATER))
    assert marked()[MODEL, True] == 0
    again = conversation(filled, f"t-{MANY + 1}")
    assert (again.score, again.failed_count) == (before.score, before.failed_count)


@pytest.mark.both_databases
def test_a_review_that_rules_on_a_question_has_its_trust_settled_and_others_do_not(store: Store) -> None:
    asked = with_questions(store)
    grade(asked, [new_grade(EMPATHY, "no")], "good-0")
    lead = viewer(asked, "lead", "qa_lead")
    submitted(asked, lead, taken(asked, lead, "good-1"))
    with asked.reading() as session:
        assert session.scalars(select(Job).where(Job.kind == TRUST_KIND)).all() == []
    submitted(asked, lead, taken(asked, lead, "good-0"), with_answer(Answer(EMPATHY, "answer", "fail")))
    with asked.writing() as session:
        job = session.scalars(select(Job).where(Job.kind == TRUST_KIND)).one()
        assert (job.payload, job.run_after) == ({"prompt": PROMPT}, NOW + timedelta(minutes=1))
        assert ask_settling(session, PROMPT, now=NOW) == job.id
        assert ask_settling(session, now=NOW, at_once=True) != job.id
        job.state = "running"
        hold_back(session, lead, ASKED, is_held_back=True, now=NOW)
        again = session.scalars(select(Job).where(Job.kind == TRUST_KIND).order_by(Job.id)).all()[-1]
        assert (again.payload, again.run_after) == ({"prompt": PROMPT}, NOW), "one under way may be past it already"
    with asked.reading() as session:
        found = figures(session, lead, PROMPT, HASH, MODEL).measured
        assert [(one.grade.verdict, one.ruled.verdict, one.is_blind) for one in found.pairs] == [("no", "no", False)]
        assert list(rows.asked_keys(session)) == [ASKED]
        assert list(rows.asked_keys(session, prompt="tone")) == []

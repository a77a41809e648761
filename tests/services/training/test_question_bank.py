"""The question bank: looking through it, writing questions, files in and out, and how good the questions are."""

from __future__ import annotations

import io
from typing import Any

import pytest

from qaplatform.errors import QAPlatformError
from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import papers as authoring
from qaplatform.services.training import question_bank as bank
from qaplatform.services.training import question_figures as figures
from qaplatform.services.training import question_imports as imports
from qaplatform.services.training.catalogue import papers_now, questions_now
from qaplatform.services.training.draft_dropping import DraftMovedOnError
from qaplatform.services.training.paper_answers import Given
from qaplatform.services.training.question_bank import BankFilter
from qaplatform.services.training.text_editing import FaultyTextError, TextMovedOnError
from qaplatform.store.engine import Store
from qaplatform.store.tables import LearningText, User
from qaplatform.training.drawing import TooFewQuestionsError
from qaplatform.training.gift import to_gift
from qaplatform.training.question_sheets import write_questions_xlsx
from qaplatform.training.questions import AnyQuestion
from tests.copies import fill_once
from tests.services.training.taking import AUTHOR, LEAD, NEW, NOW, answered, begun, fill, handed_in, publish
from tests.stores import ONLY_SQLITE, count

OWN = (
    "topic: ours\ntitle: {zh: 我们的}\nquestions:\n  - {id: own-001, type: true_false, difficulty: 3, domain: D5,\n"
    "     text: {zh: 水壶能进洗碗机吗？}, answer: true, explanation: {zh: 能。}}\n"
)


@pytest.fixture
def written(store: Store) -> Store:
    fill_once(store, fill)
    return store


def save(
    store: Store, text: str, *, by: Viewer = LEAD, base_id: int = 0, publish: bool = True, code: str = "own-001"
) -> int:
    with store.writing() as session:
        return bank.save_question(session, by, code, text, base_id=base_id, publish=publish, now=NOW)


@ONLY_SQLITE
@pytest.mark.parametrize(
    ("wanted", "has", "has_not"),
    [
        (BankFilter(), "empathy-01", ""),
        (BankFilter(text="急死人了"), "empathy-01", "empathy-02"),
        (BankFilter(text="OWN-0"), "own-001", "empathy-01"),
        (BankFilter(topic="privacy", kind="multiple"), "privacy-07", "empathy-07"),
        (BankFilter(difficulty=3, criterion="off_platform"), "judging-06", "judging-07"),
        (BankFilter(language="en"), "empathy-01", "empathy-06"),
        (BankFilter(origin="own"), "own-001", "wording-02"),
        (BankFilter(origin="draft"), "wording-02", "own-001"),
    ],
)
def test_filters_find_what_they_say(written: Store, wanted: BankFilter, has: str, has_not: str) -> None:
    save(written, OWN)
    save(written, "half: [", publish=False, code="wording-02", by=AUTHOR)
    with written.reading() as session:
        found = bank.bank_page(session, LEAD, wanted, page=1, page_size=1000)
        with pytest.raises(AccessError):
            bank.bank_page(session, NEW, wanted, page=1, page_size=9)
    ids = [one.question.id for one in found.lines]
    assert has in ids
    assert has_not not in ids
    assert len(ids) == found.total


def test_a_question_is_drafted_published_changed_and_taken_back(written: Store) -> None:
    draft = save(written, OWN.replace("answer: true", "answer: maybe"), publish=False, by=AUTHOR)
    refused: list[tuple[dict[str, Any], type[QAPlatformError]]] = [
        ({"text": OWN, "base_id": draft, "by": AUTHOR}, AccessError),
        ({"text": OWN, "base_id": 0}, TextMovedOnError),
        ({"text": OWN.replace("true_false", "yes_no"), "base_id": draft}, FaultyTextError),
        ({"text": OWN, "base_id": 0, "code": "own-002"}, FaultyTextError),
    ]
    for values, error in refused:
        with pytest.raises(error):
            save(written, **values)
    with written.reading() as session:
        seen = bank.question_seen(session, LEAD, "own-001", now=NOW)
        assert seen.question is None
        assert [str(one).startswith("own-001.yaml:5:") for one in seen.problems] == [True]
    save(written, OWN, base_id=draft)
    with written.writing() as session:
        seen = bank.question_seen(session, LEAD, "own-001", now=NOW)
        assert (seen.question is not None, seen.origin, seen.topic_title) == (True, "own", "我们的")
        assert [one.state for one in seen.text.versions] == ["published", "draft"]
        bank.withdraw_question(session, LEAD, "own-001", now=NOW)
        assert "own-001" not in questions_now(session).questions
        with pytest.raises(NotThereError):
            bank.withdraw_question(session, LEAD, "own-001", now=NOW)
        assert bank.question_seen(session, LEAD, "empathy-01", now=NOW).text.text.startswith("topic: empathy\n")
        stale = bank.question_seen(session, LEAD, "judging-01", now=NOW).text.text.replace(
            "greeting: pass", "greeting: fail"
        )
        [said] = bank.check_question_text(session, "judging-01", stale, now=NOW)
        assert (said.severity, said.message) == ("warning", "greeting is pass by the rubric, not fail")


def test_a_draft_is_put_aside_and_what_stands_stays(written: Store) -> None:
    first = save(written, OWN, publish=False, by=AUTHOR)
    with written.writing() as session:
        assert bank.question_seen(session, AUTHOR, "own-001", now=NOW).is_unborn
        with pytest.raises(AccessError):
            bank.drop_draft(session, NEW, "own-001", seen_id=first, now=NOW)
        with pytest.raises(DraftMovedOnError):
            bank.drop_draft(session, AUTHOR, "own-001", seen_id=0, now=NOW)
        assert not bank.drop_draft(session, AUTHOR, "own-001", seen_id=first, now=NOW)
        with pytest.raises(NotThereError):
            bank.question_seen(session, AUTHOR, "own-001", now=NOW)
        with pytest.raises(NotThereError):
            bank.drop_draft(session, AUTHOR, "empathy-01", seen_id=0, now=NOW)
    shipped = save(written, "half: [", publish=False, by=AUTHOR, code="empathy-01")
    stands = save(written, OWN)
    draft = save(written, "half: [", base_id=stands, publish=False, by=AUTHOR)
    with written.writing() as session:
        for code, base in (("empathy-01", shipped), ("own-001", draft)):
            assert not bank.question_seen(session, AUTHOR, code, now=NOW).is_unborn
            assert bank.drop_draft(session, AUTHOR, code, seen_id=base, now=NOW)
        seen = bank.question_seen(session, AUTHOR, "own-001", now=NOW).text
        assert (seen.text, seen.base_id, seen.is_draft) == (OWN, stands, False)


def test_a_file_is_first_looked_at_then_taken_whole_or_not_at_all(written: Store) -> None:
    save(written, OWN)
    with written.reading() as session:
        known = questions_now(session).questions
        found = [known[id] for id in ("own-001", "empathy-01", "judging-01", "empathy-08")]
        file = io.BytesIO()
        write_questions_xlsx(found, file)
        assert imports.plan_import(session, AUTHOR, "a.xlsx", file.getvalue(), now=NOW).same_count == len(found)
        gift = to_gift(found).text.replace("水壶", "水杯").replace("[id:empathy-01]", "[id:empathy-99]")
        gift = gift.replace("::empathy-01::", "::empathy-99::") + "\nno braces here\n"
        plan = imports.plan_import(session, AUTHOR, "a.gift.txt", gift.encode(), now=NOW)
        assert [one.question.id for one in plan.changed] == ["own-001"]
        assert [one.question.id for one in plan.new] == ["empathy-99"]
        (english,) = imports.plan_import(
            session,
            AUTHOR,
            "b.txt",
            to_gift([known["empathy-01"]]).text.replace("急死人了", "急死了").encode(),
            now=NOW,
        ).changed
        assert (english.loses_english, plan.changed[0].loses_english) == (True, False)
        whole = imports.plan_import(session, AUTHOR, "c.txt", to_gift(known.values()).text.encode(), now=NOW)
        assert not whole.changed, "GIFT holds one language; what comes back unchanged keeps its English"
        assert whole.same_count > 100
        assert [(one.line > 9, one.reason) for one in plan.refused] == [(True, "there is no answer in braces { … }")]
        for name, data in (("a.xlsx", b"PK\x03\x04nonsense"), ("a.txt", "中文".encode("gb18030")), ("a.txt", b"")):
            with pytest.raises(imports.QuestionFileError):
                imports.plan_import(session, LEAD, name, data, now=NOW)
    before = count(written, LearningText)
    questions: list[AnyQuestion] = imports.unpacked(plan.parcel)
    with pytest.raises(imports.QuestionFileError):
        imports.unpacked(plan.parcel[:-9])
    with written.writing() as session, pytest.raises(AccessError):
        imports.import_questions(session, AUTHOR, questions, publish=True, now=NOW)
    assert count(written, LearningText) == before
    with written.writing() as session:
        assert imports.import_questions(session, LEAD, questions, publish=True, now=NOW) == 2
        assert questions_now(session).questions["empathy-99"].explanation.zh
        assert questions_now(session).questions["own-001"].text.zh == "水杯能进洗碗机吗？"
        with pytest.raises(imports.NothingToImportError):
            imports.import_questions(session, LEAD, questions, publish=True, now=NOW)


def test_figures_come_of_first_answers_to_the_present_wording_once_there_are_enough(written: Store) -> None:
    publish(written, "one", sections=["{count: 1, questions: [empathy-01]}"], wait_hours=0)
    viewers = [Viewer(user_id=100 + n, name="", grants=NEW.grants) for n in range(10)]
    with written.writing() as session:
        session.add_all(
            User(id=one.user_id, login=f"c{one.user_id}", name="", password_hash="", created_at=NOW) for one in viewers
        )

    def wrong(_: AnyQuestion, given: Given) -> Given:
        return Given(places=(given.places[0] % 4 + 1,))

    for n, viewer in enumerate(viewers):
        with written.reading() as session:
            question = questions_now(session).questions["empathy-01"]
            assert figures.figures_of(session, question).difficulty is None
        for change in (wrong, lambda _, given: given) if n % 2 else (lambda _, given: given,):
            attempt_id = begun(written, viewer, "one")
            answered(written, viewer, attempt_id, change)
            handed_in(written, viewer, attempt_id)
    with written.reading() as session:
        found = figures.figures_of(session, question)
        assert (found.candidates, found.difficulty, found.discrimination, found.too_few) == (10, 0.5, None, True)
        assert sum(one.count for one in found.options) == 10
        assert [one.question for one in figures.all_figures(session, AUTHOR)] == ["empathy-01"]
        seen = bank.question_seen(session, LEAD, "empathy-01", now=NOW)
    save(written, seen.text.text.replace("着急", "急"), code="empathy-01")
    with written.reading() as session:
        assert figures.figures_of(session, questions_now(session).questions["empathy-01"]).candidates == 0


@ONLY_SQLITE
def test_a_paper_is_written_with_what_it_could_draw_and_never_one_that_cannot_be_filled(written: Store) -> None:
    with written.reading() as session:
        papers, drafts = authoring.authored_papers(session, AUTHOR)
        seen = authoring.new_paper(session, AUTHOR, now=NOW)
        assert not seen.problems
        assert seen.paper is not None
        assert seen.paper.can_be_drawn
        text = seen.text.text.replace("count: 8", "count: 180")
        short = authoring.written_paper(session, AUTHOR, seen, text, now=NOW).paper
    assert drafts == []
    assert {one.rules.id: one.origin for one in papers} | {
        "red-lines": "shipped",
        "new-hire/theory_values": "path",
        "all": "own",
    } == {one.rules.id: one.origin for one in papers}
    assert short is not None
    assert not short.can_be_drawn
    assert short.sections[0].zh_count < 180

    def keep(text: str, *, publish: bool = True, by: Viewer = LEAD) -> None:
        with written.writing() as session:
            authoring.save_paper(session, by, seen.code, text, base_id=0, publish=publish, now=NOW)

    with pytest.raises(TooFewQuestionsError):
        keep(text)
    with pytest.raises(FaultyTextError):
        keep(text.replace("empathy, ", "empathie, "))
    with pytest.raises(AccessError):
        keep(seen.text.text, by=AUTHOR)
    keep(seen.text.text)
    with written.writing() as session:
        assert seen.code in papers_now(session)
        authoring.withdraw_paper(session, LEAD, seen.code, now=NOW)
        assert seen.code not in papers_now(session)
        with pytest.raises(NotThereError):
            authoring.withdraw_paper(session, LEAD, "new-hire/theory_values", now=NOW)

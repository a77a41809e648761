"""Rulings as answers to a question, and which of them make pairs with what a model said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qaplatform.audit.trust import DoubleReview
from qaplatform.services.rubric_books import rubric_in
from qaplatform.services.trust_pairs import RuledVerdict, as_pairs, doubles_of, pairs_of, sureness, verdicts_of
from qaplatform.store.trust import GradeOf, RuledOn
from tests.graded_chats import CODE, EMPATHY, ROOT, files

DAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
GOOD_NO = rubric_in(
    CODE, {**files(), ROOT: files()[ROOT].replace("{prompt: empathy_sincere}", "{prompt: empathy_sincere, good: no}")}
)
GOOD_YES = rubric_in(CODE, files())


def ruling(kind: str = "answer", outcome: str = "pass", **more: object) -> RuledOn:
    values = {
        "conversation_id": 1, "revision": 1, "review_id": 1, "user_id": 1, "was_blind": False, "kind": kind,
        "to_outcome": outcome, "decided_at": DAY, "rubric_version_id": 1, "rubric": CODE, "rubric_hash": "a test's own",
    }  # fmt: skip
    return RuledOn(**{**values, **more})  # type: ignore[arg-type]


CASES = [
    ("answer", "pass", "yes", "no"), ("answer", "fail", "no", "yes"), ("overrule", "pass", "yes", "no"),
    ("confirm", "fail", "no", "yes"), ("confirm", "unscored", None, None), ("answer", "unscored", None, None),
    ("not_applicable", "not_applicable", "not_applicable", "not_applicable"),
    ("answer", "not_applicable", "not_applicable", "not_applicable"),
    # Whose fault it was is another question than what was said.
    ("not_the_agent", "not_applicable", "no", "yes"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome", "with_yes", "with_no"), CASES)
def test_a_ruling_answers_the_question_by_what_is_good(
    kind: str, outcome: str, with_yes: str | None, with_no: str | None
) -> None:
    for name, rubric, wanted in (("good is yes", GOOD_YES, with_yes), ("good is no", GOOD_NO, with_no)):
        one = ruling(kind, outcome, rubric_hash=name)
        found = verdicts_of([one], EMPATHY, "empathy_sincere", lambda _one, rubric=rubric: rubric)  # type: ignore[misc]
        assert [it.verdict for it in found] == ([] if wanted is None else [wanted])


def test_rulings_under_another_question_or_a_lost_rubric_answer_nothing() -> None:
    asked: list[RuledOn] = []

    def rubric(one: RuledOn) -> None:
        asked.append(one)

    assert verdicts_of([ruling(rubric_hash="good is yes")], EMPATHY, "tone", lambda _one: GOOD_YES) == []
    lost = [ruling(rubric_hash="lost"), ruling(rubric_hash="lost", review_id=2)]
    assert verdicts_of(lost, EMPATHY, "empathy_sincere", rubric) == []
    assert len(asked) == 1


def grade_of(id: int = 1, verdict: str = "yes", **more: object) -> GradeOf:
    values = {
        "conversation_id": 1, "revision": 1, "quote_count": 1, "dropped_count": 0, "part_count": 1, "parts_read": 1,
        "created_at": DAY,
    }  # fmt: skip
    return GradeOf(id, verdict=verdict, **{**values, **more})  # type: ignore[arg-type]


def ruled(verdict: str = "yes", user: int = 1, *, blind: bool = False, hours: int = 1, **more: object) -> RuledVerdict:
    values = {"conversation_id": 1, "revision": 1, **more}
    return RuledVerdict(
        values["conversation_id"], values["revision"], user, verdict, blind, DAY + timedelta(hours=hours)  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_conversation_gives_one_blind_pair_and_one_other_of_the_newest() -> None:
    first = {1: DAY}
    grades = [grade_of(3, "no", revision=2), grade_of(2, "yes"), grade_of(1, "no")]
    rulings = [ruled("no", blind=True, hours=4), ruled("yes", hours=3), ruled("no", hours=2), ruled("yes", blind=True)]
    pairs = pairs_of(grades, rulings, first)
    assert [(one.grade.id, one.ruled.verdict, one.is_blind) for one in pairs] == [(2, "no", True), (2, "yes", False)]
    # Nobody had seen an answer that was not there yet.
    early = pairs_of(grades, [ruled("no", hours=-1)], first)
    assert [one.is_blind for one in early] == [True]
    # What another model had said before may have been seen.
    assert [one.is_blind for one in pairs_of([grade_of(created_at=DAY + timedelta(hours=9))], [ruled()], first)] == [
        False
    ]
    assert pairs_of(grades, [ruled(revision=3)], first) == []
    made = as_pairs(pairs, lambda moment: moment.strftime("%d"))
    assert [(one.grader, one.person, one.conversation, one.week, one.is_blind) for one in made] == [
        ("yes", "no", 1, "16", True), ("yes", "yes", 1, "16", False),
    ]  # fmt: skip


def test_double_reviews_are_the_newest_rulings_of_two_people_on_one_revision() -> None:
    some = [ruled("no", 2), ruled("yes", 1), ruled("yes", 2), ruled("no", 3), ruled("yes", 4, conversation_id=2)]
    assert doubles_of(some) == [DoubleReview("no", "yes", 1)]
    assert doubles_of([ruled("no", 1), ruled("yes", 2, revision=2)]) == []


def test_sureness_is_counted_and_never_asked() -> None:
    for one, sure in (
        (grade_of(), 1.0),
        (grade_of(quote_count=1, dropped_count=1), 0.5),
        (grade_of(part_count=3, parts_read=2), 0.6667),
        (grade_of(quote_count=0, dropped_count=2), 0.0),
        (grade_of(quote_count=0), None),
        (grade_of(part_count=0, parts_read=0), None),
    ):
        assert sureness(one) == sure

"""What answers of a language model do to a score: within their bound, and never to what is not theirs."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import Outcome
from qaplatform.audit.graded import Graded, GradedScore, graded_score
from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion, CriterionKind, Question, Rubric, Section
from qaplatform.audit.ruling import Decision, Judged, ruled_score

A_WORD = Words("词", "word")


def criterion(id: str, kind: CriterionKind = "check", good: str = "yes", **values: object) -> Criterion:
    question = Question("tone", good) if kind == "question" else None
    return Criterion(id=id, title=A_WORD, kind=kind, question=question, **values)  # type: ignore[arg-type]


def rubric_of(*criteria: Criterion, pass_mark: float = 80.0, floor: float = 0.5) -> Rubric:
    section = Section("s", A_WORD, criteria)
    return Rubric("r", "1", A_WORD, (section,), pass_mark=pass_mark, scored_share_floor=floor)


RUBRIC = rubric_of(
    criterion("empathy", weight=30.0),
    criterion("speed", weight=50.0),
    criterion("red_line", critical=True),
    criterion("by_hand", "manual", weight=10.0),
    criterion("rude", "question", good="no", weight=20.0),
    criterion("solved", "question", weight=10.0, deduction=4.0, max_deduction=8.0),
    criterion("promise", "question", deduction=3.0, max_deduction=6.0),
)
QUESTIONS = {
    "rude": Judged("rude", "unscored", 0.0, 20.0),
    "solved": Judged("solved", "unscored", 0.0, 10.0, reason="not_asked"),
    "promise": Judged("promise", "unscored", 0.0, 0.0),
}
PASSED = {"empathy": Judged("empathy", "pass", 30.0, 30.0), "speed": Judged("speed", "pass", 50.0, 50.0)}
FAILED = PASSED | {"empathy": Judged("empathy", "fail", 0.0, 30.0, 1)}
CRITICAL = PASSED | {"red_line": Judged("red_line", "fail", 0.0, 0.0, 1)}
THIN = {"empathy": PASSED["empathy"], "speed": Judged("speed", "unscored", 0.0, 50.0)}


def said(trusted: bool = True, **verdicts: str) -> dict[str, Graded]:
    """Answers; a word that is no verdict is the reason why there is none."""
    known = ("yes", "no", "not_applicable", "unsure")
    return {
        id: Graded(id, word, None, trusted) if word in known else Graded(id, None, word, trusted)  # type: ignore[arg-type]
        for id, word in verdicts.items()
    }


def outcomes_of(score: GradedScore) -> dict[str, tuple[Outcome, str | None]]:
    return {one.criterion: (one.outcome, one.reason) for one in score.criteria}


CASES = [
    ("nobody asked", PASSED, {}, 100.0, 1.0, "pass", 0.0),
    ("all good", PASSED, said(rude="no", solved="yes", promise="yes"), 100.0, 1.0, "pass", 100 * 30 / 110 + 3),
    ("one bad", PASSED, said(rude="yes"), 80.0, 1.0, "pass", 20.0),
    ("a weight and its deduction", PASSED, said(solved="no"), 95.56, 1.0, "pass", 100 * 10 / 90),
    ("a deduction off the whole", PASSED, said(promise="no"), 97.0, 1.0, "pass", 3.0),
    ("trusted answers fail a chat", PASSED, said(rude="yes", promise="no"), 77.0, 1.0, "fail", 23.0),
    ("it does not apply", PASSED, said(rude="not_applicable"), 100.0, 1.0, "pass", 0.0),
    ("unsure lowers the share", PASSED, said(rude="unsure"), 100.0, 0.8, "pass", 0.0),
    ("so does a failed call", PASSED, said(rude="deadline"), 100.0, 0.8, "pass", 0.0),
    ("a suggestion does nothing", PASSED, said(False, rude="yes", solved="unsure"), 100.0, 1.0, "pass", 0.0),
    ("a failing chat rises", FAILED, said(rude="no"), 70.0, 1.0, "fail", 20.0),
    ("a critical stays one", CRITICAL, said(rude="no"), 100.0, 1.0, "critical", 20.0),
    ("too little scored stays so", THIN, said(rude="no", solved="yes"), 100.0, 0.5455, "unscored", 50.0),
    ("an unknown criterion", PASSED, said(speed="no", by_hand="yes", red_line="no", other="no"), 100.0, 1.0, "pass", 0.0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[one[0] for one in CASES])
def test_answers_make_the_score(
    case: tuple[str, dict[str, Judged], dict[str, Graded], float, float, str, float],
) -> None:
    _, judged, answers, score, share, verdict, most = case
    decisions = {"red_line": Decision("confirm", right_count=1)} if "red_line" in judged else {}
    assert graded_score(RUBRIC, (judged | QUESTIONS).values(), answers).verdict == verdict
    graded = graded_score(RUBRIC, (judged | QUESTIONS).values(), answers, decisions)
    assert (graded.score, graded.scored_share, graded.verdict) == (score, share, verdict)
    assert graded.most_change == pytest.approx(most)
    assert graded.without == ruled_score(RUBRIC, (judged | QUESTIONS).values(), decisions)
    assert not graded.is_held


def test_a_critical_of_the_machine_counts_until_a_review_leaves_it_out() -> None:
    judged = list((CRITICAL | QUESTIONS).values())
    machine = graded_score(RUBRIC, judged, said(rude="yes"))
    assert (machine.without.verdict, machine.verdict, machine.score, machine.failed_count) == (
        "critical",
        "critical",
        80.0,
        2,
    )
    assert not any(one.is_confirmed for one in machine.criteria)
    reviewed = graded_score(RUBRIC, judged, said(rude="yes"), {})
    assert (reviewed.without.verdict, reviewed.verdict, reviewed.score, reviewed.failed_count) == (
        "pass",
        "pass",
        80.0,
        1,
    )


def test_each_answer_is_an_outcome_with_its_reason() -> None:
    answers = said(rude="yes", solved="empty", promise="no") | said(trusted=False, promise="no")
    graded = graded_score(RUBRIC, (PASSED | QUESTIONS).values(), answers)
    assert outcomes_of(graded) == {
        "empathy": ("pass", None), "speed": ("pass", None), "rude": ("fail", None),
        "solved": ("unscored", "empty"), "promise": ("unscored", "suggestion"),
    }  # fmt: skip
    assert graded.failed_count == 1
    no_reason = graded_score(RUBRIC, (PASSED | QUESTIONS).values(), {"rude": Graded("rude", None, is_trusted=True)})
    assert outcomes_of(no_reason)["rude"] == ("unscored", "no_answer")


@pytest.mark.parametrize(("pass_mark", "held"), [(80.0, 79.99), (82.125, 82.12), (84.61, 84.6)])
def test_a_chat_that_fails_is_not_lifted_to_a_pass(pass_mark: float, held: float) -> None:
    rubric = rubric_of(criterion("c", weight=10.0), criterion("d", weight=3.0), criterion("q", "question", weight=100.0),
                       pass_mark=pass_mark)  # fmt: skip
    judged = [Judged("c", "pass", 10.0, 10.0), Judged("d", "fail", 0.0, 3.0), Judged("q", "unscored", 0.0, 100.0)]
    graded = graded_score(rubric, judged, said(q="yes"))
    assert (graded.without.score, graded.without.verdict) == (76.92, "fail")
    assert (graded.score, graded.verdict, graded.is_held) == (held, "fail", True)
    # A person who says that the check is wrong lifts it, and the answer goes with it.
    person = graded_score(rubric, judged, said(q="yes"), {"d": Decision("overrule", "pass")})
    assert (person.score, person.verdict, person.is_held) == (100.0, "pass", False)


def test_answers_alone_make_no_score() -> None:
    nothing = graded_score(RUBRIC, QUESTIONS.values(), said(rude="no", promise="no"))
    assert (nothing.score, nothing.scored_share, nothing.verdict, nothing.most_change) == (None, 0.0, "unscored", 0.0)
    assert outcomes_of(nothing)["rude"] == outcomes_of(nothing)["promise"] == ("unscored", "alone")
    # Beside nothing but deductions a weight would be the whole score; a deduction is one more.
    rubric = rubric_of(criterion("banned", deduction=5.0), *RUBRIC.criteria[4:])
    judged = [Judged("banned", "fail", -5.0, 0.0, 1), *QUESTIONS.values()]
    deducted = graded_score(rubric, judged, said(rude="yes", promise="no"))
    assert (deducted.score, deducted.scored_share, deducted.most_change) == (92.0, 1.0, 3.0)
    assert outcomes_of(deducted)["rude"] == ("unscored", "alone")


def test_a_critical_question_of_an_old_rubric_is_left_to_people() -> None:
    rubric = rubric_of(criterion("c", weight=10.0), criterion("q", "question", weight=10.0, critical=True))
    judged = [Judged("c", "pass", 10.0, 10.0), Judged("q", "unscored", 0.0, 10.0)]
    for verdict in ("yes", "no"):
        graded = graded_score(rubric, judged, said(q=verdict))
        assert (graded.score, graded.verdict, graded.criteria) == (100.0, "pass", graded.without.criteria)
    person = graded_score(rubric, judged, said(q="yes"), {"q": Decision("answer", "fail")})
    assert person.verdict == "critical"


def test_a_person_goes_before_an_answer_and_an_answer_before_the_machine() -> None:
    judged = list((PASSED | QUESTIONS).values())
    bad = said(rude="yes")
    for decision, outcome in (
        (Decision("answer", "pass"), "pass"),
        (Decision("answer", "fail"), "fail"),
        (Decision("overrule", "pass"), "pass"),
        (Decision("not_applicable"), "not_applicable"),
        (Decision("not_the_agent"), "not_applicable"),
    ):
        ruled = graded_score(RUBRIC, judged, bad, {"rude": decision})
        assert outcomes_of(ruled)["rude"] == (outcome, None)
        assert (ruled.score, ruled.most_change) == (ruled.without.score, 0.0)
        unlike = graded_score(RUBRIC, judged, said(rude="no"), {"rude": decision})
        assert (unlike.score, unlike.criteria) == (ruled.score, ruled.criteria)
    confirmed = graded_score(RUBRIC, judged, bad, {"rude": Decision("confirm")})
    assert (confirmed.score, confirmed.without.score, confirmed.most_change) == (80.0, 100.0, 20.0)
    assert next(one for one in confirmed.criteria if one.criterion == "rude").is_confirmed
    suggested = graded_score(RUBRIC, judged, said(trusted=False, rude="yes"), {"rude": Decision("confirm")})
    assert (suggested.score, suggested.scored_share) == (100.0, 1.0)


def test_questions_that_nobody_asked_take_nothing_from_the_scored_share() -> None:
    one = criterion("greeting", weight=1.0)
    asking = rubric_of(one, criterion("q", "question", weight=99.0), criterion("hand", "manual", weight=1.0))
    chat = Conversation("c", (Message("customer", "在吗"), Message("agent", "您好,在的", agent="a")))
    card = Auditor(asking, Context()).audit_one(chat)
    assert [(it.outcome, it.reason, it.max_points) for it in card.criteria[1:]] == [
        ("unscored", "not_asked", 99.0), ("unscored", "needs_a_person", 1.0),
    ]  # fmt: skip
    assert card.scored_share == 0.5
    judged = [Judged(it.id, it.outcome, it.points, it.max_points, reason=it.reason) for it in card.criteria]
    for known in (judged, [msgspec.structs.replace(it, reason=None) for it in judged]):
        ruled = ruled_score(asking, known, {})
        assert (ruled.score, ruled.scored_share, ruled.verdict) == (card.score, card.scored_share, card.verdict)


OUTCOMES = st.sampled_from(("pass", "fail", "unscored", "not_applicable"))
POINTS = st.sampled_from((0.0, 0.3, 1.0, 5.0, 7.7, 20.0, 100.0))
VERDICTS = st.sampled_from(("yes", "no", "not_applicable", "unsure", None))


Situation = tuple[Rubric, list[Judged], dict[str, Graded], dict[str, Decision] | None]


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A random rubric, what the machine made of it, answers to anything, and some rulings."""
    criteria, judged = [], []
    for number in range(draw(st.integers(1, 7))):
        kind: CriterionKind = draw(st.sampled_from(("check", "check", "question", "question", "manual")))
        weight, deduction = draw(POINTS), 0.0
        if draw(st.booleans()):
            deduction = draw(POINTS)
            deduction = min(deduction, weight) if weight else deduction
        critical = kind != "question" and draw(st.integers(0, 9)) == 0
        most = deduction * draw(st.sampled_from((1, 2, 3))) if kind == "question" or draw(st.booleans()) else None
        one = criterion(
            f"c{number}", kind, draw(st.sampled_from(("yes", "no"))), weight=weight, deduction=deduction,
            max_deduction=most if deduction else None, critical=critical,
        )  # fmt: skip
        outcome: Outcome = draw(OUTCOMES)
        if kind != "check" and outcome in ("pass", "fail"):
            outcome = "unscored"
        found = draw(st.integers(1, 4))
        lost = min(found * deduction, most if most is not None else (weight or 1e9)) if deduction else weight
        points = weight if outcome == "pass" else weight - lost if outcome == "fail" else 0.0
        criteria.append(one)
        judged.append(Judged(one.id, outcome, points, weight, found if outcome == "fail" else 0))
    ids = st.sampled_from([one.id for one in criteria])
    answers = {
        id: Graded(id, draw(VERDICTS), draw(st.sampled_from((None, "deadline"))), draw(st.integers(0, 3)) > 0)
        for id in draw(st.sets(ids))
    }
    decisions: dict[str, Decision] | None = {
        id: draw(
            st.builds(Decision, st.sampled_from(("confirm", "overrule", "not_applicable", "answer")),
                      st.sampled_from(("pass", "fail")), st.integers(0, 3))
        )
        for id in draw(st.sets(ids, max_size=2))
    }  # fmt: skip
    if not decisions and draw(st.booleans()):
        decisions = None
    pass_mark, floor = draw(st.sampled_from((0.0, 60.0, 80.0, 99.99, 66.667))), draw(st.sampled_from((0.0, 0.5, 1.0)))
    return rubric_of(*criteria, pass_mark=pass_mark, floor=floor), judged, answers, decisions


@settings(max_examples=200)
@given(situations())
def test_answers_stay_within_their_bound(
    made: Situation,
) -> None:
    rubric, judged, answers, decisions = made
    known = {one.id: one for one in rubric.criteria}
    plain = ruled_score(rubric, judged, decisions or {}, is_reviewed=decisions is not None)
    graded = graded_score(rubric, judged, answers, decisions)
    assert graded.without == plain
    assert (graded.score is None) == (plain.score is None)
    before = {one.criterion: one for one in plain.criteria}
    changed = [one for one in graded.criteria if one.outcome != before[one.criterion].outcome]
    for one in changed:
        assert known[one.criterion].kind == "question"
        assert not known[one.criterion].critical
        assert answers[one.criterion].is_trusted
    # The bound, from the rubric's own figures.
    answered = [known[one.criterion] for one in changed if one.outcome in ("pass", "fail")]
    counted = [
        one
        for one in graded.criteria
        if decisions is None or one.is_confirmed or one.outcome != "fail" or not known[one.criterion].critical
    ]
    scored = sum(one.max_points for one in counted if one.outcome in ("pass", "fail"))
    weight = sum(one.weight for one in answered)
    bound = (100 * weight / scored if weight else 0) + sum(
        one.max_deduction or 0.0 for one in answered if not one.weight
    )
    assert graded.most_change <= bound + 1e-9
    if graded.score is not None and plain.score is not None:
        # Both scores are rounded to two decimals.
        assert abs(graded.score - plain.score) <= graded.most_change + 0.01 + 1e-9
    # Verdicts that are no matter of points stay, and no failing chat passes.
    assert (graded.verdict in ("critical", "unscored")) == (plain.verdict in ("critical", "unscored"))
    if plain.verdict != "pass":
        assert graded.verdict == plain.verdict
    if graded.verdict in ("pass", "fail"):
        assert graded.score is not None
        assert (graded.verdict == "pass") == (graded.score >= rubric.pass_mark)


@given(situations())
def test_untrusted_answers_change_nothing(
    made: Situation,
) -> None:
    rubric, judged, answers, decisions = made
    untrusted = {id: msgspec.structs.replace(one, is_trusted=False) for id, one in answers.items()}
    trusted = {id: one for id, one in answers.items() if one.is_trusted}

    def figures(score: GradedScore) -> GradedScore:
        """Without the reasons of what is unscored: a suggestion is named as one."""
        return msgspec.structs.replace(
            score, criteria=tuple(msgspec.structs.replace(one, reason=None) for one in score.criteria)
        )

    nothing = figures(graded_score(rubric, judged, {}, decisions))
    assert figures(graded_score(rubric, judged, untrusted, decisions)) == nothing
    assert figures(graded_score(rubric, judged, answers, decisions)) == figures(
        graded_score(rubric, judged, trusted, decisions)
    )
    plain = ruled_score(rubric, judged, decisions or {}, is_reviewed=decisions is not None)
    assert (nothing.score, nothing.scored_share, nothing.verdict) == (plain.score, plain.scored_share, plain.verdict)
    assert nothing.most_change == 0.0

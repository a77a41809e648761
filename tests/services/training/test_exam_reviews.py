"""Mentors rule on exams: rulings append, and what stands is the machine's result with the newest of them put in."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qaplatform.services.access import AccessError, Viewer
from qaplatform.services.browsing import NotThereError
from qaplatform.services.training import exam_grading, exam_reviews
from qaplatform.services.training.exam_grading import ExamResult
from qaplatform.services.training.exam_hearing import listener_of
from qaplatform.services.training.exam_judging import kept_result
from qaplatform.services.training.exam_reviews import NewRuling
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.services.training.exam_standing import act_of, service_of
from qaplatform.services.training.settings import TrainingSettings, keep_training_settings
from qaplatform.store.engine import Store
from qaplatform.store.tables import Activity, ExamRuling, TrainingMark
from tests.exam.standing import shipped_auditor
from tests.services.training.examined import (
    BANNED,
    GOOD,
    KIND,
    LEAD,
    LURE,
    MENTOR,
    NEW_HIRE,
    NOW,
    TEAM_LEAD,
    UNREAD,
    VAGUE,
    at,
    held,
    instead,
    row,
    scenario,
    sitting_row,
    with_people,
)
from tests.stores import ONLY_SQLITE, count


@pytest.fixture
def opened(store: Store) -> Store:
    return with_people(store)


def rule(store: Store, dialogue_id: int, *, viewer: Viewer = TEAM_LEAD, **ruling: str) -> int:
    new = NewRuling(**{"reason": "听过录音", **ruling})  # type: ignore[arg-type]
    with store.writing() as session:
        return exam_reviews.rule(session, viewer, dialogue_id, new, now=at(900))


def result(store: Store, dialogue_id: int, viewer: Viewer = NEW_HIRE) -> ExamResult:
    with store.reading() as session:
        return exam_grading.result(session, viewer, dialogue_id)


def marks(store: Store, dialogue_id: int) -> dict[str, bool]:
    with store.reading() as session:
        found = session.scalars(select(TrainingMark).where(TrainingMark.dialogue_id == dialogue_id))
        return {one.criterion: one.passed for one in found}


def waiting(store: Store, viewer: Viewer = TEAM_LEAD, queue: str = "waiting") -> list[int]:
    with store.reading() as session:
        page = exam_reviews.waiting(session, viewer, queue=queue)  # type: ignore[arg-type]
    assert page.total == len(page.rows)
    return [one.dialogue.id for one in page.rows]


def test_a_criterion_overruled_changes_score_verdict_and_mark(opened: Store) -> None:
    dialogue_id = held(opened, instead(3, LURE))
    lured = row(opened, dialogue_id)
    assert (lured.verdict, lured.has_critical, lured.needs_mentor) == ("failed", True, False)
    shown = result(opened, dialogue_id)
    lost = [one for line in shown.lines for one in line.deductions]
    assert [(one.deduction.criterion, one.stands) for one in lost] == [("off_platform", True)]
    assert lost[0].deduction.better is not None
    assert marks(opened, dialogue_id)["off_platform"] is False
    rule(opened, dialogue_id, kind="criterion", subject="off_platform", decision="pass")
    after = row(opened, dialogue_id)
    assert (after.has_critical, after.service_score, after.machine_verdict) == (False, 100, "failed")
    assert lured.service_score is not None
    assert lured.service_score < 100
    assert marks(opened, dialogue_id)["off_platform"] is True
    shown = result(opened, dialogue_id)
    assert [one.stands for line in shown.lines for one in line.deductions] == [False]
    missed = [one.id for one in shown.task.items if not one.met] if shown.task else []
    assert missed, "what the scenario wanted was not done"
    for id in missed:
        rule(opened, dialogue_id, kind="task", subject=id, decision="met")
    passed = row(opened, dialogue_id)
    assert (passed.verdict, passed.task_score) == ("passed", 100)
    assert sitting_row(opened, passed.sitting_id).verdict == "passed"
    rule(opened, dialogue_id, kind="criterion", subject="off_platform", decision="machine")
    back = row(opened, dialogue_id)
    assert (back.verdict, back.service_score, back.has_critical) == ("failed", lured.service_score, True)
    rule(opened, dialogue_id, kind="verdict", decision="void")
    void = row(opened, dialogue_id)
    assert (void.verdict, void.machine_verdict, marks(opened, dialogue_id)) == ("void", "failed", {})
    assert count(opened, ExamRuling) == 3 + len(missed)
    assert [one.kind for one in result(opened, dialogue_id).in_force] == ["task"] * len(missed) + ["verdict"]
    with opened.reading() as session:
        actions = session.scalars(select(Activity.action)).all()
    assert actions.count("training.exam_ruled") == 3 + len(missed)


@pytest.mark.both_databases
def test_an_unread_reply_waits_for_a_mentor_and_counts_once_it_is_read(opened: Store) -> None:
    dialogue_id = held(opened, instead(1, UNREAD))
    unread = row(opened, dialogue_id)
    assert (unread.machine_verdict, unread.verdict, unread.needs_mentor) == ("passed", None, True)
    assert sitting_row(opened, unread.sitting_id).verdict is None
    number = next(line.number for line in result(opened, dialogue_id).lines if line.is_unread)
    assert (waiting(opened), waiting(opened, LEAD), waiting(opened, MENTOR)) == ([dialogue_id], [dialogue_id], [])
    rule(opened, dialogue_id, kind="unread", subject=str(number), decision="promises refund due", reason="")
    rule(opened, dialogue_id, kind="unread", subject=str(number), decision="nothing", reason="")
    read = row(opened, dialogue_id)
    assert (read.verdict, read.needs_mentor, read.task_score) == ("passed", False, unread.task_score)
    rule(opened, dialogue_id, kind="unread", subject=str(number), decision="rebuffs")
    rude = row(opened, dialogue_id)
    assert (rude.verdict, rude.task_score) == ("failed", (unread.task_score or 0) - 30)
    assert (waiting(opened), waiting(opened, queue="ruled")) == ([], [dialogue_id])


@ONLY_SQLITE
def test_a_mentor_may_have_to_agree_to_every_pass(opened: Store) -> None:
    with opened.writing() as session:
        keep_training_settings(session, TrainingSettings(mentor_must_agree=True), by=LEAD, now=NOW)
    dialogue_id = held(opened)
    assert (row(opened, dialogue_id).verdict, waiting(opened)) == (None, [dialogue_id])
    rule(opened, dialogue_id, kind="verdict", decision="passed", reason="")
    assert (row(opened, dialogue_id).verdict, waiting(opened)) == ("passed", [])
    practice = held(opened, wanted=SittingWanted(purpose="practice", kind=KIND), begins=1000)
    assert (row(opened, practice).verdict, waiting(opened)) == ("passed", [])


@ONLY_SQLITE
def test_only_what_is_there_can_be_ruled_and_only_by_those_who_coach(opened: Store) -> None:
    dialogue_id = held(opened, instead(2, VAGUE))
    own = held(opened, viewer=LEAD, wanted=SittingWanted(kind=KIND), begins=500)
    with opened.reading() as session:
        with pytest.raises(NotThereError):
            exam_grading.result(session, MENTOR, dialogue_id)
        assert exam_grading.result(session, TEAM_LEAD, dialogue_id).reference, "who coaches may read how it is done"
        assert not exam_grading.result(session, NEW_HIRE, dialogue_id).reference, "not before a pass"
        assert exam_grading.result(session, LEAD, own).reference
        history = exam_grading.history(session, TEAM_LEAD, NEW_HIRE.user_id)
        assert [[one.id for one in sitting.dialogues] for sitting in history.sittings] == [[dialogue_id]]
        assert history.titles["wrong-parcel"] == scenario().title
        figures = exam_grading.scenario_figures(session, LEAD)["wrong-parcel"]
        assert (figures.count, figures.passed_count) == (2, 1)
        with pytest.raises(NotThereError):
            exam_grading.history(session, MENTOR, NEW_HIRE.user_id)
        with pytest.raises(AccessError):
            exam_reviews.waiting(session, NEW_HIRE)
    cases = [
        (exam_reviews.OwnExamError, own, LEAD, {"kind": "verdict", "decision": "passed"}),
        (NotThereError, dialogue_id, MENTOR, {"kind": "verdict", "decision": "passed"}),
        (AccessError, dialogue_id, NEW_HIRE, {"kind": "verdict", "decision": "passed"}),
        (NotThereError, 999, LEAD, {"kind": "verdict", "decision": "passed"}),
        (exam_reviews.BadRulingError, dialogue_id, LEAD, {"kind": "verdict", "decision": "great"}),
        (exam_reviews.BadRulingError, dialogue_id, LEAD, {"kind": "criterion", "subject": "none", "decision": "pass"}),
        (exam_reviews.BadRulingError, dialogue_id, LEAD, {"kind": "task", "subject": "none", "decision": "met"}),
        (exam_reviews.BadRulingError, dialogue_id, LEAD, {"kind": "unread", "subject": "0", "decision": "nothing"}),
        (exam_reviews.RulingReasonError, dialogue_id, LEAD, {"kind": "verdict", "decision": "passed", "reason": " "}),
        (exam_reviews.RulingReasonError, dialogue_id, LEAD, {"kind": "comment", "reason": ""}),
        (exam_reviews.RulingReasonError, dialogue_id, LEAD, {"kind": "comment", "reason": "好" * 2001}),
    ]
    for error, id, viewer, ruling in cases:
        with pytest.raises(error):
            rule(opened, id, viewer=viewer, **ruling)
    assert count(opened, ExamRuling) == 0
    rule(opened, dialogue_id, kind="comment", reason="承诺要有时间")
    assert row(opened, dialogue_id).verdict == "failed"
    assert [one.reason for one in result(opened, dialogue_id).rulings] == ["承诺要有时间"]


@ONLY_SQLITE
def test_pasted_reference_replies_earn_nothing_and_are_shown_to_the_mentor(opened: Store) -> None:
    references = scenario().references
    assert references is not None
    pasted = tuple((second, reply.says) for (second, _), reply in zip(GOOD, references.good.replies, strict=True))
    dialogue_id = held(opened, pasted)
    shown = result(opened, dialogue_id, TEAM_LEAD)
    assert (shown.dialogue.machine_verdict, shown.dialogue.needs_mentor) == ("failed", True)
    kinds = {sign.kind for line in shown.lines for sign in line.suspicions}
    assert "pasted" in kinds
    assert shown.dialogue.task_score is not None
    assert shown.dialogue.task_score < 50


@ONLY_SQLITE
def test_without_rulings_the_review_arithmetic_gives_the_machines_own_score(opened: Store) -> None:
    rubric = shipped_auditor().rubric
    assert listener_of(rubric, scenario()) is listener_of(rubric, scenario())
    several = (((22, BANNED),), instead(2, VAGUE), instead(3, LURE), instead(4, UNREAD))
    for place, texts in enumerate(several):
        dialogue_id = held(opened, texts, begins=100_000 * place, until=max(30, texts[-1][0] + 5))
        with opened.reading() as session:
            kept = kept_result(session, dialogue_id)
        assert kept is not None
        plain, card = service_of(rubric, kept.service, {}), kept.service
        some = next(one for one in card.criteria if one.outcome == "pass")
        confirmed = service_of(rubric, card, {some.id: "pass"})
        for score in (plain, confirmed):
            assert (score.score, score.verdict, score.scored_share) == (card.score, card.verdict, card.scored_share)


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("soothes", ("soothes", None, False)),
        ("offers refund", ("offers", "refund", False)),
        ("promises refund due", ("promises", "refund", True)),
        ("unread", None),
        ("", None),
        ("offers nonsense", None),
        ("offers refund exchange", None),
        ("promises due due", None),
    ],
)
def test_what_a_reply_was_is_said_in_the_words_of_scenarios(said: str, act: object) -> None:
    assert act_of(said) == act

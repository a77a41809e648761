"""Scores after rulings: without any they are the machine's; with them the same arithmetic holds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.phrases import Words
from qaplatform.audit.rubric import Criterion, Rubric, Section
from qaplatform.audit.ruling import Decision, Judged, ruled_score
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubrics import context_named
from tests.shipped import shipped_rubric


def _rubric() -> Rubric:
    def one(id: str, **values: object) -> Criterion:
        return Criterion(id=id, title=Words("词", "word"), **values)  # type: ignore[arg-type]

    criteria = (
        one("empathy", weight=30.0),
        one("promises", weight=20.0, deduction=5.0),
        one("banned", deduction=10.0, max_deduction=25.0),
        one("speed", weight=50.0),
        one("red_line", critical=True, weight=10.0),
    )
    return Rubric(
        id="r", version="1", title=Words("词", "word"), sections=(Section("s", Words("词", "word"), criteria),),
        pass_mark=80.0, scored_share_floor=0.5,
    )  # fmt: skip


def _judged(**changed: Judged) -> list[Judged]:
    known = {
        "empathy": Judged("empathy", "fail", 0.0, 30.0, 1),
        "promises": Judged("promises", "fail", 10.0, 20.0, 2),
        "banned": Judged("banned", "pass", 0.0, 0.0),
        "speed": Judged("speed", "pass", 50.0, 50.0),
    }
    return list((known | changed).values())


CASES = [
    ("nothing ruled", {}, 60.0, "fail", 2),
    ("all confirmed", {"empathy": Decision("confirm"), "promises": Decision("confirm", right_count=2)}, 60.0, "fail", 2),
    ("one is no fault", {"empathy": Decision("overrule", "pass")}, 90.0, "pass", 1),
    ("one does not apply", {"empathy": Decision("not_applicable")}, 85.71, "pass", 1),
    ("the warehouse's fault", {"empathy": Decision("not_the_agent")}, 85.71, "pass", 1),
    ("one of two findings is none", {"promises": Decision("confirm", right_count=1)}, 65.0, "fail", 2),
    ("a fault the machine missed", {"speed": Decision("overrule", "fail", right_count=1)}, 10.0, "fail", 3),
    ("a phrase the machine missed", {"banned": Decision("overrule", "fail", right_count=1)}, 50.0, "fail", 3),
    ("phrases up to the most", {"banned": Decision("overrule", "fail", right_count=4)}, 35.0, "fail", 3),
    ("a red line the machine missed", {"red_line": Decision("answer", "fail", right_count=1)}, 54.55, "critical", 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("decisions", "score", "verdict", "failed"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_rulings_make_the_score(decisions: dict[str, Decision], score: float, verdict: str, failed: int) -> None:
    ruled = ruled_score(_rubric(), _judged(), decisions)
    assert (ruled.score, ruled.verdict, ruled.failed_count) == (score, verdict, failed)


def test_a_critical_failure_counts_for_nothing_until_a_person_confirms_it() -> None:
    judged = _judged(red_line=Judged("red_line", "fail", 0.0, 10.0, 1))
    alone = ruled_score(_rubric(), judged, {})
    assert (alone.score, alone.verdict, alone.failed_count) == (60.0, "fail", 2)
    confirmed = ruled_score(_rubric(), judged, {"red_line": Decision("confirm", right_count=1)})
    assert (confirmed.score, confirmed.verdict, confirmed.failed_count) == (54.55, "critical", 3)


def test_too_little_scored_is_no_verdict_and_nothing_scored_is_no_score() -> None:
    unscored = [Judged("empathy", "pass", 30.0, 30.0), Judged("speed", "unscored", 0.0, 50.0)]
    ruled = ruled_score(_rubric(), unscored, {})
    assert (ruled.score, ruled.scored_share, ruled.verdict) == (100.0, 0.375, "unscored")
    answered = ruled_score(_rubric(), unscored, {"speed": Decision("answer", "pass")})
    assert (answered.score, answered.scored_share, answered.verdict) == (100.0, 1.0, "pass")
    nothing = ruled_score(_rubric(), unscored[:1], {"empathy": Decision("not_applicable")})
    assert (nothing.score, nothing.scored_share, nothing.verdict) == (None, 0.0, "unscored")


def test_without_rulings_the_score_of_every_sample_is_the_machines(repository: Path) -> None:
    rubric = shipped_rubric()
    critical = {one.id for one in rubric.criteria if one.critical}
    samples = (repository / "samples" / "conversations.jsonl").read_bytes()
    conversations = msgspec.json.Decoder(Conversation).decode_lines(samples)
    auditor = compiled_auditor(rubric, context_named(repository / "samples" / "context.yaml"))
    for card in auditor.audit(conversations[::3]).scorecards():
        judged = [
            Judged(one.id, one.outcome, one.points, one.max_points, len(one.findings))
            for one in card.criteria
            if one.outcome != "not_applicable"
        ]
        seen = {one.criterion: Decision("confirm", right_count=one.finding_count) for one in judged}
        confirmed = {id: decision for id, decision in seen.items() if id in critical}
        ruled = ruled_score(rubric, judged, confirmed)
        assert (ruled.score, ruled.scored_share, ruled.verdict) == (card.score, card.scored_share, card.verdict)
        assert ruled_score(rubric, judged, seen).score == card.score
        machine = ruled_score(rubric, judged, {}, is_reviewed=False)
        assert (machine.score, machine.scored_share, machine.verdict) == (card.score, card.scored_share, card.verdict)
    assert len(conversations) >= 400

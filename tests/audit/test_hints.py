"""Hints: shown, and counted for nothing."""

import msgspec
import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.hints import HINT, without_hints
from qaplatform.audit.rubric import Rubric, sealed
from qaplatform.audit.ruling import Decision, Judged, ruled_score
from qaplatform.services.replay_plans import replay_plan
from qaplatform.services.rubrics import rubrics_in_force


def hinted(rubric: Rubric, *ids: str) -> Rubric:
    """The rubric with some criteria made hints."""
    sections = tuple(
        msgspec.structs.replace(
            one, criteria=tuple(msgspec.structs.replace(it, hint=it.id in ids) for it in one.criteria)
        )
        for one in rubric.sections
    )
    return sealed(msgspec.structs.replace(rubric, sections=sections))


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return rubrics_in_force()[0].rubric


def chat(words: str) -> Conversation:
    return Conversation(
        "c",
        (
            Message("customer", "能不能改下地址", sent_at="2026-11-11T10:00:00+08:00"),
            Message("agent", words, agent="a1", sent_at="2026-11-11T10:00:20+08:00"),
        ),
    )


def test_a_hint_shows_its_findings_and_counts_for_nothing(rubric: Rubric) -> None:
    chats = [chat("这个我也没办法"), chat("你是不是有病啊"), chat("可以的,这就帮您改")]
    plain = list(Auditor(rubric, Context()).audit(chats).scorecards())
    cards = list(Auditor(hinted(rubric, "banned_phrase", "insult"), Context()).audit(chats).scorecards())
    assert [plain[1].verdict, cards[1].verdict] != ["critical", "critical"]
    for before, after in zip(plain, cards, strict=True):
        was, now = ({one.id: one for one in card.criteria} for card in (before, after))
        for id in ("banned_phrase", "insult"):
            assert (now[id].outcome, now[id].reason, now[id].points, now[id].max_points) == ("unscored", HINT, 0, 0)
            assert now[id].findings == was[id].findings
        rest = [one for id, one in was.items() if id not in ("banned_phrase", "insult")]
        assert rest == [one for id, one in now.items() if id not in ("banned_phrase", "insult")]
        possible = sum(one.max_points for one in rest if one.outcome in ("pass", "fail"))
        unscored = sum(one.max_points for one in rest if one.outcome == "unscored")
        assert after.scored_share == pytest.approx(possible / (possible + unscored), abs=1e-4)
    assert any(one.findings for card in cards for one in card.criteria if one.reason == HINT)


def test_a_rubric_without_hints_keeps_its_hash_and_one_with_hints_has_another(rubric: Rubric) -> None:
    assert hinted(rubric).content_hash == rubric.content_hash
    changed = hinted(rubric, "banned_phrase")
    assert changed.content_hash != rubric.content_hash
    assert sealed(without_hints(changed)).content_hash == rubric.content_hash
    plan = replay_plan(rubric, changed)
    assert plan.judged == ("banned_phrase",)
    assert plan.rescores_all


def test_what_people_say_of_a_hint_changes_no_score(rubric: Rubric) -> None:
    changed = hinted(rubric, "banned_phrase")
    judged = [Judged("banned_phrase", "unscored", 0, 0, 1), Judged("curt_reply", "pass", 5, 5)]
    scores = {
        ruled_score(changed, judged, decisions)
        for decisions in (
            {},
            {"banned_phrase": Decision("confirm")},
            {"banned_phrase": Decision("overrule", "fail", 1)},
        )
    }
    assert {(one.score, one.verdict, one.failed_count) for one in scores} == {(100.0, "pass", 0)}

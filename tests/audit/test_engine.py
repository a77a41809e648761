"""The audit of a batch: criteria, gates, findings and whose they are; checks and observers found by their folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import FAIL, NOT_APPLICABLE, PASS, UNSCORED, Spot, checks, judge, whole
from qaplatform.audit.conversation import Conversation, Customer
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import CriterionResult, Scorecard
from qaplatform.audit.observing import KINDS, observers
from qaplatform.audit.rubric import Effective, Gate, Rubric, sealed
from tests.audit.small import batch_of, chat, small_matcher, small_rubric
from tests.conftest import FULL
from tests.shipped import shipped_auditor

RUDE = chat(
    "rude", "customer 10:00:00 能退吗", "agent 10:00:05 没办法", "agent:a2 10:00:09 不可能", "customer 10:01:00 算了"
)
KIND = chat("kind", "customer 10:00:00 有货吗", "agent 10:00:05 您好,有的", "customer 10:00:30 谢谢")
SILENT = chat("silent", "customer 10:00:00 有人吗")
EMPTY = Conversation(id="empty", messages=())


def auditor(rubric: Rubric | None = None) -> Auditor:
    return Auditor(rubric or small_rubric(), matcher=small_matcher())


def result(card: Scorecard, criterion: str) -> CriterionResult:
    return next(one for one in card.criteria if one.id == criterion)


def gated(**changes: object) -> Rubric:
    """The small rubric with the criterion ``phrases`` changed."""
    section = small_rubric().sections[0]
    criteria = tuple(
        msgspec.structs.replace(one, **changes) if one.id == "phrases" else one for one in section.criteria
    )
    section = msgspec.structs.replace(section, criteria=criteria)
    return sealed(msgspec.structs.replace(small_rubric(), sections=(section,)))


def test_a_finding_points_at_the_words_and_at_who_wrote_them() -> None:
    card = auditor().audit_one(RUDE)
    found = result(card, "phrases")
    assert (found.outcome, found.points, found.max_points, found.agent) == ("fail", 2, 10, "a1")
    assert [(one.message, one.quote, one.start, one.end, one.agent) for one in found.findings] == [
        (1, "没办法", 0, 3, "a1"),
        (2, "不可能", 0, 3, "a2"),
    ]
    assert (card.score, card.verdict) == (14.29, "fail")


def test_where_one_agent_wrote_a_finding_names_nobody() -> None:
    card = auditor().audit_one(chat(1, "customer 能退吗", "agent 没办法"))
    assert result(card, "phrases").findings[0].agent is msgspec.UNSET


def test_a_finding_on_the_customers_message_belongs_to_who_should_have_answered() -> None:
    lines = ("customer 10:00:00 到哪了", "agent:a3 10:09:00 在途")
    one = msgspec.structs.replace(chat(1, *lines), queue="after_sale")
    late = result(auditor().audit_one(one), "response_time")
    assert (late.outcome, late.agent) == ("fail", "a3")


@pytest.mark.parametrize(
    ("conversation", "criterion", "outcome", "reason"),
    [
        (KIND, "greeting", "pass", None),
        (KIND, "phrases", "pass", None),
        (KIND, "response_time", "not_applicable", "gate:queue"),
        (KIND, "tone", "unscored", "needs_a_person"),
        (SILENT, "greeting", "not_applicable", None),
        (SILENT, "phrases", "not_applicable", None),
        (EMPTY, "greeting", "not_applicable", None),
    ],
)
def test_an_outcome_has_its_reason(
    conversation: Conversation, criterion: str, outcome: str, reason: str | None
) -> None:
    found = result(auditor().audit_one(conversation), criterion)
    assert (found.outcome, found.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("gate", "refused"),
    [
        (Gate(queue=("after_sale",)), "gate:queue"),
        (Gate(queue=("pre_sale",)), None),
        (Gate(tier=("vip",)), None),
        (Gate(tier=("gold",)), "gate:tier"),
        (Gate(min_order_value=100.0), None),
        (Gate(min_order_value=100.01), "gate:min_order_value"),
        (Gate(tags=("x", "y")), None),
        (Gate(tags=("y",)), "gate:tags"),
        (Gate(topic=("logistics",)), None),
        (Gate(topic=("order",)), "gate:topic"),
    ],
)
def test_a_shut_gate_takes_the_findings_away_and_says_which(gate: Gate, refused: str | None) -> None:
    one = msgspec.structs.replace(
        chat(1, "customer 物流怎么不动", "agent 没办法"),
        queue="pre_sale", tags=("x",), customer=Customer(tier="vip", order_value=100.0),
    )  # fmt: skip
    found = result(auditor(gated(when=gate)).audit_one(one), "phrases")
    assert (found.outcome, found.reason, len(found.findings)) == (
        ("fail", None, 1) if refused is None else ("not_applicable", refused, 0)
    )


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [
        (None, None, True),
        (date(2026, 9, 1), None, True),
        (date(2026, 9, 2), None, False),
        (None, date(2026, 9, 1), False),
        (None, date(2026, 9, 2), True),
    ],
)
def test_a_criterion_holds_on_its_local_days(since: date | None, until: date | None, holds: bool) -> None:
    rubric = gated(effective=Effective(since, until))
    one = chat(1, "customer 00:30:00 能退吗", "agent 00:30:10 没办法")
    found = result(auditor(rubric).audit_one(one), "phrases")
    assert (found.outcome, found.reason) == (("fail", None) if holds else ("not_applicable", "gate:effective"))


def test_without_times_a_criterion_with_days_holds() -> None:
    rubric = gated(effective=Effective(date(2030, 1, 1), None))
    assert result(auditor(rubric).audit_one(chat(1, "customer 能退吗", "agent 没办法")), "phrases").outcome == "fail"


def test_a_batch_gives_every_conversation_what_it_gets_alone() -> None:
    conversations = [RUDE, EMPTY, KIND, SILENT, EMPTY]
    together = list(auditor().audit(conversations).scorecards())
    assert together == [auditor().audit_one(one) for one in conversations]
    assert [card.id for card in together] == [one.id for one in conversations]


def test_no_conversation_is_an_audit_of_none() -> None:
    assert list(auditor().audit([]).scorecards()) == []


def test_a_scorecard_names_the_version_it_was_scored_by() -> None:
    assert auditor().audit_one(KIND).rubric == small_rubric().name
    assert gated(weight=11.0).name != small_rubric().name


@pytest.mark.parametrize(
    ("findings", "applies", "unscored", "outcome", "reason"),
    [
        (0, None, None, PASS, None),
        (0, False, None, NOT_APPLICABLE, None),
        (0, True, True, UNSCORED, "no_times"),
        (0, False, True, UNSCORED, "no_times"),
        (1, True, True, FAIL, None),
        (1, False, None, FAIL, None),
    ],
)
def test_findings_win_then_what_is_unknown_then_what_does_not_apply(
    findings: int, applies: bool | None, unscored: bool | None, outcome: int, reason: str | None
) -> None:
    batch = batch_of(KIND)
    judged = judge(
        batch,
        [whole(batch, 1, "x")] * findings,
        applies=None if applies is None else np.asarray([applies]),
        unscored=None if unscored is None else np.asarray([unscored]),
        reason="no_times",
    )
    assert (int(judged.outcome[0]), judged.reasons.get(0)) == (outcome, reason)


def test_findings_come_in_the_order_of_the_chat() -> None:
    batch = batch_of(KIND, RUDE)
    spots = [Spot(5, 2, 3, "c"), Spot(4, 1, 2, "b"), Spot(4, 0, 1, "a"), Spot(1, 0, 1, "d")]
    judged = judge(batch, spots)
    assert [spot.code for spot in judged.findings[1]] == ["a", "b", "c"]
    assert [spot.code for spot in judged.findings[0]] == ["d"]


def test_a_whole_message_is_marked_from_end_to_end() -> None:
    batch: Batch = batch_of(KIND)
    assert whole(batch, 1, "x", seconds=3) == Spot(1, 0, 5, "x", {"seconds": 3})


def test_checks_and_observers_are_found_by_their_folder() -> None:
    assert {"greeting", "phrases", "response_time"} <= checks().keys()
    assert all(name == one.id and one.codes for name, one in checks().items())
    assert observers().keys() == KINDS.keys()


def test_what_a_chat_gets_does_not_hang_on_its_neighbours(repository: Path) -> None:
    """Observers look at columns of many chats: no reach may cross from one chat into another."""
    lines = (repository / "samples" / "conversations.jsonl").read_bytes().splitlines()
    some = [msgspec.json.decode(line, type=Conversation) for line in lines[:: 3 if FULL else 8]]
    auditor = shipped_auditor()
    cards = {card.id: card for card in auditor.audit(some).scorecards()}
    for few in (some[::-1][start : start + 5] for start in range(0, len(some), 5)):
        for card in auditor.audit(few).scorecards():
            assert card == cards[card.id]

"""The check empathy_first."""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks.empathy_first import Params, check
from tests.audit.build import batch_of

UPSET = "customer 锅底全是锈,气死我了\n"


@pytest.mark.parametrize(
    ("transcript", "outcome", "codes"),
    [
        (UPSET + "agent 这确实气人,真对不起,马上给您换", "pass", []),
        (UPSET + "agent 请提供订单号\nagent 给您添麻烦了", "fail", ["empathy_late"]),
        (UPSET + "agent 请提供订单号", "fail", ["empathy_missing"]),
        (UPSET, "not_applicable", []),
        ("customer 有蓝色吗\nagent 有", "not_applicable", []),
    ],
)
def test_the_feeling_comes_before_the_solution(transcript: str, outcome: str, codes: list[str]) -> None:
    outcomes = check(batch_of(transcript), Params())
    assert OUTCOMES[outcomes.outcome[0]] == outcome
    assert [spot.code for spot in outcomes.findings.get(0, [])] == codes


def test_silence_fails_where_the_rubric_says_so() -> None:
    outcomes = check(batch_of(UPSET), Params(no_reply_fails=True))
    assert [spot.code for spot in outcomes.findings[0]] == ["no_reply"]


def test_the_finding_stands_on_the_reply_and_names_the_words() -> None:
    (spot,) = check(batch_of(UPSET + "agent 请提供订单号"), Params()).findings[0]
    assert (spot.row, spot.facts["feeling"], spot.facts["customer_message"]) == (1, "displeased", 0)
    assert spot.facts["words"] in UPSET

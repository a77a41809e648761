"""The check closing_check."""

from __future__ import annotations

import pytest

from qaplatform.audit.checking import OUTCOMES
from qaplatform.audit.checks.closing_check import Params, check
from tests.audit.build import batch_of

HANDLED = "customer 能换蓝色吗\nagent 已经给您换成蓝色了\ncustomer 好\n"


@pytest.mark.parametrize(
    ("transcript", "outcome"),
    [
        (HANDLED + "agent 请问还有其他可以帮您的吗", "pass"),
        (HANDLED + "agent 祝您生活愉快,再见", "fail"),
        (HANDLED + "agent 您还要再拍一件吗", "fail"),
        (HANDLED + "customer 收到了,很满意\nagent 不客气,应该的", "pass"),
        (HANDLED + "agent 还有其他问题吗\ncustomer 有的,发票没开\nagent 开好发您邮箱了", "fail"),
        ("customer 能换蓝色吗\nagent 您好\ncustomer 哦看到了", "not_applicable"),
        ("customer 能换蓝色吗\nagent 我在核实,请稍等", "not_applicable"),
        ("customer 能换蓝色吗", "not_applicable"),
    ],
)
def test_a_handled_chat_ends_with_a_question_or_a_confirmation(transcript: str, outcome: str) -> None:
    assert OUTCOMES[check(batch_of(transcript), Params()).outcome[0]] == outcome

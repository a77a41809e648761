"""Of an answer only what was found counts; without a proof there is no verdict; parts of a chat become one verdict."""

from __future__ import annotations

import msgspec
import pytest

from qaplatform.llm.answers import Answer, Quote
from qaplatform.llm.asking import Asked
from qaplatform.llm.evidence import Span
from qaplatform.llm.judged import Judged, verified
from qaplatform.llm.merging import merged
from qaplatform.llm.prompts import shipped_prompts
from qaplatform.llm.transcript import Said

EMPATHY = Asked("empathy", "共情", shipped_prompts().question("empathy_sincere"))
SAID = (
    Said(0, "agent", "您好,欢迎光临小店", auto=True),
    Said(1, "customer", "等了一周还没到,孩子急哭了"),
    Said(2, "agent", "让孩子等了一周,换谁都心疼,我现在就催"),
    Said(3, "agent", "今晚八点前给您结果"),
)
TRUE, FALSE = Quote(2, "让孩子等了一周,换谁都心疼"), Quote(2, "非常理解您着急的心情")


def judged(verdict: str, *quotes: Quote, evidence: str = "required", reason: str = "") -> Judged:
    asked = msgspec.structs.replace(EMPATHY, evidence=evidence)
    return verified(Answer("empathy", verdict, reason, quotes), asked, SAID)


@pytest.mark.parametrize(
    ("verdict", "quotes", "evidence", "kept", "spans", "dropped"),
    [
        ("yes", [TRUE], "required", "yes", 1, 0),
        ("yes", [TRUE, TRUE, FALSE], "required", "yes", 1, 1),
        ("yes", [FALSE], "required", "unsure", 0, 1),
        ("yes", [], "required", "unsure", 0, 0),
        ("no", [], "required", "unsure", 0, 0),
        ("yes", [Quote(1, "孩子急哭了")], "required", "unsure", 0, 1),  # The customer's words prove no empathy,
        ("no", [Quote(1, "孩子急哭了")], "required", "no", 1, 0),  # but that there was an occasion for it.
        ("yes", [Quote(0, "欢迎光临小店")], "required", "unsure", 0, 1),
        ("yes", [], "optional", "yes", 0, 0),
        ("yes", [FALSE], "optional", "yes", 0, 1),
        ("yes", [TRUE, FALSE], "none", "yes", 0, 0),
        ("not_applicable", [], "required", "not_applicable", 0, 0),
        ("unsure", [FALSE], "required", "unsure", 0, 1),
    ],
)
def test_a_verdict_stands_on_what_was_found(
    verdict: str, quotes: list[Quote], evidence: str, kept: str, spans: int, dropped: int
) -> None:
    found = judged(verdict, *quotes, evidence=evidence)
    assert (found.verdict, len(found.spans), found.dropped) == (kept, spans, dropped)
    assert found.said == verdict


def test_no_more_than_three_quotes_are_kept() -> None:
    quotes = [TRUE, Quote(2, "换谁都心疼,我现在就催"), Quote(3, "今晚八点前给您结果"), Quote(2, "我现在就催")]
    assert judged("yes", *quotes).spans == (Span(2, 0, 13), Span(2, 8, 19), Span(3, 0, 9))


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("客服说“换谁都心疼”,很具体", "客服说“换谁都心疼”,很具体"),
        ("客服说“我非常能体会您”,很具体", "客服说“[…]”,很具体"),
        ('客户说"孩子急哭了",客服说"抱歉抱歉"', '客户说"孩子急哭了",客服说"[…]"'),
        ("没有“亲”字", "没有“亲”字"),
        ("It doesn't matter that they've waited", "It doesn't matter that they've waited"),
    ],
)
def test_a_reason_quotes_only_what_was_written(reason: str, shown: str) -> None:
    assert judged("yes", TRUE, reason=reason).reason == shown


Y, N, X, U = "yes", "no", "not_applicable", "unsure"


@pytest.mark.parametrize(
    ("across", "parts", "verdict"),
    [
        ("any_yes", [N, Y, N], Y), ("any_yes", [N, U, Y], Y), ("any_yes", [None, Y], Y), ("any_yes", [N, N], N),
        ("any_yes", [N, X, N], N), ("any_yes", [N, U], U), ("any_yes", [N, None], U), ("any_yes", [X, X], X), ("any_yes", [X, None], U),
        ("any_no", [Y, N, Y], N), ("any_no", [U, N], N), ("any_no", [None, N], N), ("any_no", [Y, Y], Y), ("any_no", [X, Y], Y),
        ("any_no", [Y, U], U), ("any_no", [Y, None], U), ("any_no", [X, X], X),
        ("latest", [N, Y], Y), ("latest", [Y, N], N), ("latest", [Y, X], Y), ("latest", [Y, U], U), ("latest", [Y, None], U),
        ("latest", [None, Y], Y), ("latest", [X], X), ("latest", [U, N, X], N),
        ("any_yes", [], U), ("latest", [None], U), ("any_no", [None, None], U), ("any_no", [Y], Y),
    ],
)  # fmt: skip
def test_parts_become_one_verdict_by_the_rule_of_the_question(
    across: str, parts: list[str | None], verdict: str
) -> None:
    answers = [Judged("q", one, one, f"{n}", (Span(n, 0, 5),)) if one else None for n, one in enumerate(parts)]
    found = merged("q", answers, across)
    assert found.verdict == verdict
    assert found.partly_read == (None in parts)
    assert (found.parts, found.parts_read) == (len(parts), len(parts) - parts.count(None))
    # Only parts that carry the verdict explain it.
    assert all(parts[span.message] == verdict for span in found.spans)


def test_the_later_part_explains_what_the_end_decides() -> None:
    answers = [Judged("q", Y, Y, "早", (Span(1, 0, 4),)), Judged("q", Y, Y, "晚", (Span(9, 0, 4),), dropped=2)]
    found = merged("q", answers, "latest")
    assert (found.reason, found.spans, found.dropped) == ("晚", (Span(9, 0, 4),), 2)
    assert merged("q", answers, "any_yes").spans == (Span(1, 0, 4), Span(9, 0, 4))

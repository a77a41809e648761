"""Audit lines straight from the columns are the scorecards, key by key, byte by byte."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from qaplatform.audit.conversation import Conversation, Message
from qaplatform.audit.engine import Auditor
from qaplatform.audit.finding import CriterionResult, Observations, Scorecard
from qaplatform.audit.lines import LineWriter, without_surrogates
from tests.audit.small import chat, small_matcher, small_rubric

AUDITOR = Auditor(small_rubric(), matcher=small_matcher())
TOP = [
    "id", "rubric", "score", "scored_share", "verdict", "risk", "priority", "reasons", "criteria", "observations",
]  # fmt: skip
CRITERION = ["id", "outcome", "reason", "points", "max_points", "agent", "findings"]
OBSERVED = [
    "episodes", "blunt", "review_requests", "off_platform", "absolute", "promises", "transfers", "closing_check",
    "unanswered", "closed", "topic",
]  # fmt: skip
_MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["customer", "agent", "bot", "system"]),
    text=st.sampled_from(
        ["有货吗", "没办法", "您好", "谢谢", "还有其他问题吗", "物流怎么不动", '"\\\n\u2028', "👍", ""]
    ),
    agent=st.sampled_from([None, "a1", 'a"2\\', "小王"]),
    sent_at=st.sampled_from([None, "2026-09-01T10:00:00+08:00", "2026-09-01T10:20:00+08:00", "never"]),
    auto=st.booleans(),
    kind=st.sampled_from(["text", "text", "note", "transfer"]),
)
_CHATS = st.lists(
    st.builds(
        Conversation,
        id=st.sampled_from(["1", "二", 'a"b\\', ""]),
        messages=st.lists(_MESSAGES, max_size=6).map(tuple),
        queue=st.sampled_from([None, "after_sale"]),
    ),
    max_size=6,
)


def encoded(conversations: Sequence[Conversation]) -> bytes:
    return msgspec.json.Encoder().encode_lines(list(AUDITOR.audit(conversations).scorecards()))


@given(_CHATS)
@example([])
@example([Conversation(id="", messages=())])
@example([chat(1, "customer 有货吗", "agent:a1 没办法", "agent:a2 不可能", "customer 谢谢", "agent 还有其他问题吗")])
def test_lines_are_the_scorecards_byte_by_byte(conversations: list[Conversation]) -> None:
    assert LineWriter().lines(AUDITOR.audit(conversations)) == encoded(conversations)


@given(_CHATS)
def test_a_batch_of_many_gives_the_lines_of_batches_of_one(conversations: list[Conversation]) -> None:
    """And a writer that has written before writes no other lines than a new one."""
    together, one_by_one = LineWriter(), LineWriter()
    assert together.lines(AUDITOR.audit(conversations)) == b"".join(
        one_by_one.lines(AUDITOR.audit([one])) for one in conversations
    )
    assert together.lines(AUDITOR.audit(conversations)) == LineWriter().lines(AUDITOR.audit(conversations))


def test_keys_come_in_the_order_of_the_form() -> None:
    lines = LineWriter().lines(AUDITOR.audit([chat(1, "customer 有货吗", "agent 没办法"), chat(2, "customer 好")]))
    for line in lines.splitlines():
        card = msgspec.json.decode(line)
        assert list(card) == TOP
        assert all(list(one) == CRITERION for one in card["criteria"])
        assert list(card["observations"]) == OBSERVED
    assert list(Scorecard.__struct_fields__) == TOP
    assert list(CriterionResult.__struct_fields__) == CRITERION
    assert list(Observations.__struct_fields__) == OBSERVED


def test_a_finding_names_an_agent_only_where_several_wrote() -> None:
    lines = LineWriter().lines(
        AUDITOR.audit(
            [chat(1, "customer 能退吗", "agent 没办法"), chat(2, "customer 退", "agent:a1 没办法", "agent:a2 好")]
        )
    )
    alone, several = (msgspec.json.decode(line)["criteria"][1]["findings"][0] for line in lines.splitlines())
    assert list(alone) == ["message", "start", "end", "quote", "code", "facts"]
    assert several["agent"] == "a1"


def test_half_characters_become_signs_of_what_is_lost_and_stop_nothing() -> None:
    half = "\ud800"
    messages = (Message("customer", f"能退吗{half}"), Message("agent", f"没{half}办法", agent=f"a{half}"))
    conversations = [Conversation(id=f"x{half}", messages=messages), chat("y", "customer 有货吗", "agent 您好")]
    lines = LineWriter().lines(AUDITOR.audit(conversations)).splitlines()
    cards = [msgspec.json.decode(line, type=Scorecard) for line in lines]
    assert [card.id for card in cards] == ["x\ufffd", "y"]
    wanted = [without_surrogates(msgspec.to_builtins(card)) for card in AUDITOR.audit(conversations).scorecards()]
    assert [msgspec.json.decode(line) for line in lines] == wanted
    [finding] = cards[0].criteria[1].findings
    assert (finding.quote, finding.start, finding.end) == ("没\ufffd办法", 0, 4)
    assert cards[0].criteria[1].agent == "a\ufffd"


def test_two_halves_that_belong_together_are_put_together() -> None:
    assert without_surrogates({"a\ud83d\udc4d": ["\ud83d\udc4d", "x\ud83d", 1, None, ("\udc4d",)]}) == {
        "a👍": ["👍", "x\ufffd", 1, None, ["\ufffd"]]
    }

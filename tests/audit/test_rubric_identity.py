"""What a rubric's hash depends on, and which rubric is chosen."""

from __future__ import annotations

import pytest

from qaplatform.audit.rubric import ConversationFacts, Rubric
from qaplatform.audit.rubric_choice import lint_set, select_rubric
from qaplatform.audit.rubric_loading import load_rubric
from qaplatform.audit.rubric_text import describe_rubric
from tests.audit.rubric_texts import (
    CHECKS,
    FILES,
    OBSERVERS,
    PHRASES,
    RUBRIC,
    loaded,
)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "# a comment\n" + text,
        lambda text: text.replace("mode: first", "mode: 'first'"),
        lambda text: text.replace("weight: 15\n        severity: severe", "severity: severe\n        weight: 15.0"),
        lambda text: text.replace("20:00:10 在的", "20:00:11 在的,您说"),
    ],
    ids=["comment", "quotes", "key order", "example"],
)
def test_the_hash_does_not_change_with_what_changes_no_result(change) -> None:  # type: ignore[no-untyped-def]
    assert change(RUBRIC) != RUBRIC
    assert loaded(change(RUBRIC)).name == loaded().name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight: 15\n", "weight: 16\n"),
        ("limit_seconds: 30", "limit_seconds: 31"),
        ("moods: {limit_seconds: 5}", "moods: {limit_seconds: 6}"),
        ("一分钟内回复", "两分钟内回复"),
        ("tier: [vip]", "tier: [svip]"),
        ("2027-01-01", "2027-01-02"),
        ("waited {seconds", "waiting {seconds"),
    ],
)
def test_the_hash_changes_with_everything_a_score_or_its_words_depend_on(old: str, new: str) -> None:
    assert old in RUBRIC
    assert loaded(RUBRIC.replace(old, new)).content_hash != loaded().content_hash


def test_the_hash_covers_the_phrase_groups_and_is_twelve_hex_digits() -> None:
    texts = {**FILES, "house/phrases/words.yaml": PHRASES.replace("[抱歉]", "[抱歉, 对不起]")}
    other = load_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)
    assert other.content_hash != loaded().content_hash
    assert len(other.content_hash) == 12
    assert int(other.content_hash, 16) >= 0
    assert other.name == f"shop@{other.content_hash}"


def _with_applies(id: str, applies: str) -> Rubric:
    text = RUBRIC.replace("id: shop\n", f"id: {id}\n").replace("{channel: [chat], queue: [no]}", applies)
    return loaded(text)


def test_the_most_specific_rubric_that_applies_is_chosen() -> None:
    general = _with_applies("general", "{}")
    sale = _with_applies("sale", "{queue: [pre_sale]}")
    refund = _with_applies("refund", "{queue: [after_sale], topic: [return_refund]}")
    rubrics = [general, sale, refund]
    assert select_rubric(rubrics, ConversationFacts(queue="pre_sale")) is sale
    assert select_rubric(rubrics, ConversationFacts(queue="after_sale")) is general
    assert select_rubric(rubrics, ConversationFacts(queue="after_sale", topic=("return_refund", "x"))) is refund
    assert select_rubric([sale], ConversationFacts(queue="after_sale")) is None
    assert lint_set(rubrics) == ()


def test_a_tie_is_a_lint_error_and_still_decided_the_same_way_every_time() -> None:
    one, two = _with_applies("one", "{topic: [order]}"), _with_applies("two", "{tags: [gift]}")
    assert [problem.message for problem in lint_set([two, one])] == [
        "tie: 'one' and 'two' can apply to the same conversation and are equally specific"
    ]
    facts = ConversationFacts(topic=("order",), tags=("gift",))
    assert select_rubric([two, one], facts) is one
    assert select_rubric([one, two], facts) is one


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        (ConversationFacts(queue="after_sale", tier="vip", order_value=99.5), None),
        (ConversationFacts(queue="pre_sale", tier="vip", order_value=500), "queue"),
        (ConversationFacts(queue="after_sale", order_value=500), "tier"),
        (ConversationFacts(queue="after_sale", tier="vip", order_value=99.4), "min_order_value"),
        (ConversationFacts(queue="after_sale", tier="vip"), "min_order_value"),
    ],
)
def test_a_gate_names_the_first_condition_that_is_not_met(facts: ConversationFacts, refusal: str | None) -> None:
    assert loaded().criterion("slow_reply").when.refusal(facts) == refusal


def test_a_rubric_is_described_in_both_languages() -> None:
    rubric = loaded()
    chinese, english = describe_rubric(rubric, "zh"), describe_rubric(rubric, "en")
    for piece in (
        rubric.name,
        "slow_reply · 响应时效 [15 分 · 严重 · 自动检查]",
        "一分钟内回复",
        "limit_seconds: 30",
        "一票否决",
    ):
        assert piece in chinese
    for piece in (rubric.name, "−2 points each, at most 6", "order_value ≥ 99.5", "full: good (15)", "critical"):
        assert piece in english

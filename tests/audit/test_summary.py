import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import CriterionResult, Episode, Finding, Observations, Promise, Scorecard, Transfer
from qaplatform.audit.notation import parse_conversation, parse_messages
from qaplatform.audit.summary import Summary, agents_of, blamed, reply_gaps, summarise
from qaplatform.audit.tallies import Foremost, GapTally, wilson

ZONE = ZoneInfo("Asia/Shanghai")
NOTHING = Observations((), (), (), (), (), (), (), None, (), "unclear", ("order", "payment"))


def card(id="c1", *, score=80.0, verdict="pass", priority=0.5, criteria=(), seen=NOTHING) -> Scorecard:
    return Scorecard(id, "r@1", score, 0.9, verdict, 0.4, priority, (), tuple(criteria), seen)


def result(id="greeting", outcome="pass", agent="a1", findings=(), reason=None) -> CriterionResult:
    return CriterionResult(id, outcome, reason, 0.0, 10.0, agent, tuple(findings))


def talk(id="c1", transcript="customer 10:00:00 在吗\nagent 10:00:20 在的") -> Conversation:
    return Conversation(id=id, messages=parse_messages(transcript))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_wilson_interval_has_the_published_values(hits, total, low, high):
    assert wilson(hits, total) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_has_no_interval():
    assert wilson(0, 0) is None


def test_the_foremost_are_kept_whatever_the_order_they_come_in():
    kept = Foremost[int](3, lambda number: (-number,))
    for number in [(n * 7919) % 1000 for n in range(1000)]:
        kept.add(number)
    assert kept.items() == [999, 998, 997]


def test_quantiles_of_reply_times_are_exact_seconds():
    gaps = GapTally()
    for seconds in [5, 10, 10, 20, 9_999_999]:
        gaps.add(seconds)
    assert (gaps.quantile(0.5), gaps.quantile(0.8), gaps.quantile(1.0), gaps.between(10, 21)) == (10, 20, 3600, 3)
    assert GapTally().quantile(0.5) is None


@pytest.mark.parametrize(
    ("transcript", "gaps"),
    [
        ("customer 10:00:00 在吗\ncustomer 10:00:30 人呢\nagent 10:00:40 在", [("a1", 10.0)]),
        ("customer 10:00:00 在吗\nauto 10:00:01 稍等\nnote 10:00:02 忙\nagent 10:01:00 在", [("a1", 60.0)]),
        ("agent 10:00:00 您好\nagent 10:05:00 在吗", []),
        ("customer 10:00:00 在吗\nagent 10:00:09 在\nagent 10:09:00 还在吗", [("a1", 9.0)]),
        ("customer 在吗\nagent 10:00:09 在", []),
        ("customer 23:59:50 在吗\nagent:a2 00:00:10 在", [("a2", 20.0)]),
    ],
)
def test_a_reply_is_timed_from_the_last_message_of_the_customers_turn(transcript, gaps):
    assert list(reply_gaps(parse_conversation(transcript), ZONE)) == gaps


def test_agents_are_ordered_by_how_much_they_wrote_and_machines_are_none():
    conversation = parse_conversation("auto:a9 自动\nagent:a2 好\nagent:a1 在\nagent:a1 看到了\nnote:a3 内部\nbot 你好")
    assert agents_of(conversation) == ("a1", "a2")


@pytest.mark.parametrize(
    ("outcome", "agent", "named", "people", "blame"),
    [
        ("fail", "a1", ["a2", "a3", "a2"], ("a1",), ("a2", "a3")),
        ("fail", "a1", [], ("a9",), ("a1",)),
        ("pass", None, [], ("a9", "a8"), ("a9",)),
        ("fail", None, [], (), ()),
    ],
)
def test_a_result_counts_for_whom_it_names(outcome, agent, named, people, blame):
    findings = [Finding(0, 0, 1, "x", "c", {}, agent=name) for name in named]
    assert blamed(result(outcome=outcome, agent=agent, findings=findings), people) == blame


def test_outcomes_scores_and_agents_are_counted():
    summary = summarise(
        [
            (talk(), card(criteria=[result(), result("tone", "unscored", reason="no_times")])),
            (
                talk("c2"),
                card("c2", score=30.0, verdict="critical", priority=0.9, criteria=[result("greeting", "fail")]),
            ),
            (talk("c3"), card("c3", score=None, verdict="unscored", criteria=[result("greeting", "not_applicable")])),
        ]
    )
    greeting, agent = summary.criteria["greeting"], summary.agents["a1"]
    assert (greeting.failed, greeting.applicable, greeting.outcomes["not_applicable"]) == (1, 2, 1)
    assert summary.criteria["tone"].reasons == {"no_times": 1}
    assert [mention.conversation for mention in greeting.mentions.items()] == ["c2"]
    assert (summary.scores.mean, summary.scores.judged, summary.scores.passed) == (55.0, 2, 1)
    assert (agent.took_part, agent.led.scored, agent.applicable["greeting"], agent.failed["greeting"]) == (3, 2, 2, 1)
    assert [case.scorecard.id for case in summary.worst] == ["c2", "c1", "c3"]
    assert summary.topics["order",].conversations == summary.topics["order", "payment"].conversations == 3


@pytest.mark.parametrize(("score", "place"), [(0.0, 0), (4.99, 0), (5.0, 1), (99.9, 19), (100.0, 19)])
def test_every_score_falls_in_one_class(score, place):
    summary = summarise([(talk(), card(score=score))])
    assert [index for index, count in enumerate(summary.histogram) if count] == [place]


def test_a_day_begins_at_local_midnight():
    at = datetime(2026, 10, 31, 16, 30, tzinfo=UTC)
    message = parse_messages("customer 在吗")[0]
    conversation = Conversation(
        id="c1", messages=(type(message)(role="customer", text="在吗", sent_at=at.isoformat()),)
    )
    assert list(summarise([(conversation, card())]).days) == ["2026-11-01"]
    assert list(summarise([(conversation, card())], zone=ZoneInfo("UTC")).days) == ["2026-10-31"]


def test_conversations_without_times_are_counted_apart():
    summary = summarise([(talk(transcript="customer 在吗"), card())])
    assert (summary.without_times, summary.days, summary.started_at) == (1, {}, None)


def many(count: int) -> Iterator[tuple[Conversation, Scorecard]]:
    seen = Observations(
        (Episode(0, "hurried", "late", 1),),
        (),
        (),
        (),
        (),
        (Promise(1, 0, 1, True, None, True),),
        (Transfer(1, "handover", True, False, True),),
        1,
        (0,),
        "pending",
        ("delivery",),
    )
    for number in range(count):
        start = datetime(2026, 10, 1, 9, tzinfo=ZONE) + timedelta(hours=7 * number)
        words = f"customer {start:%H:%M:%S} 在吗\nagent:a{number % 3} {start:%H:%M:%S} 在"
        outcome = "fail" if number % 4 == 0 else "pass"
        fails = [Finding(1, 0, 1, "在", "code", {})] if number % 4 == 0 else []
        yield (
            Conversation(id=f"c{number}", messages=parse_messages(words, day=start.date())),
            card(
                f"c{number}",
                score=float(number % 101),
                verdict=["pass", "fail", "critical", "unscored"][number % 4],
                priority=(number * 37 % 100) / 100,
                criteria=[result(outcome=outcome, agent=f"a{number % 3}", findings=fails)],
                seen=seen if number % 2 else NOTHING,
            ),
        )


def state(summary: Summary) -> object:
    return {
        "numbers": (summary.messages, summary.share_total, summary.scores, summary.histogram, summary.rubrics),
        "criteria": {
            name: (tally.outcomes, tally.findings, tally.codes, tally.reasons, tally.mentions.items())
            for name, tally in summary.criteria.items()
        },
        "agents": {
            name: (tally.took_part, tally.led, tally.applicable, tally.failed, tally.gaps.seconds)
            for name, tally in summary.agents.items()
        },
        "rest": (summary.days, summary.topics, summary.gaps.seconds, summary.observations),
        "range": (summary.started_at, summary.ended_at, summary.without_times),
        "worst": summary.worst,
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_parts_put_together_in_any_order_equal_the_whole(order):
    pairs = list(many(400))
    parts = [summarise(pairs[:130], keep=10), summarise(pairs[130:131], keep=10), summarise(pairs[131:], keep=10)]
    merged = Summary(keep=10)
    for part in order:
        merged.merge(pickle.loads(pickle.dumps(parts[part])))  # noqa: S301 -- our own bytes, as between processes
    whole = summarise(pairs, keep=10)
    assert merged.share_total == pytest.approx(whole.share_total)
    merged.share_total = whole.share_total
    assert state(merged) == state(whole)

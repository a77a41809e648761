"""Rubric files: what loads, and where each mistake is shown."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform import resources
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import Gate
from qaplatform.audit.rubric_loading import RubricError, load_rubric
from tests.audit.rubric_texts import (
    CHECKS,
    FILES,
    OBSERVERS,
    RUBRIC,
    SlowParams,
    loaded,
    problems_of,
)


def test_a_rubric_without_mistakes_loads_whole_and_without_warnings() -> None:
    assert problems_of(RUBRIC) == []
    rubric = loaded()
    assert [section.id for section in rubric.sections] == ["red_lines", "speed"]
    assert [criterion.id for criterion in rubric.criteria] == [
        "manners", "slow_reply", "tone", "rude", "minor_slips",
    ]  # fmt: skip
    assert (rubric.id, rubric.version, rubric.pass_mark, rubric.scored_share_floor) == ("shop", "1.0", 85.0, 0.4)
    assert rubric.applies.queue == ("no",)
    assert tuple(rubric.phrases) == ("apology",)
    assert rubric.observe["moods"] == SlowParams(limit_seconds=5)


def test_a_rubric_may_forbid_sending_and_keeps_its_hash_where_it_does_not() -> None:
    plain, allowed, forbidden = (loaded(RUBRIC + line) for line in ("", "forbids_llm: false\n", "forbids_llm: true\n"))
    assert [one.forbids_llm for one in (plain, allowed, forbidden)] == [False, False, True]
    assert plain.content_hash == allowed.content_hash != forbidden.content_hash


def test_a_criterion_carries_everything_that_was_written() -> None:
    slow = loaded().criterion("slow_reply")
    assert (slow.kind, slow.check, slow.weight, slow.severity, slow.critical) == (
        "check", "slow_reply", 15.0, "severe", False,
    )  # fmt: skip
    assert slow.params == SlowParams(
        limit_seconds=30, mode="first", since=date(2026, 2, 3), limits={"complaint": 300.0}
    )
    assert slow.when == Gate(queue=("after_sale",), tier=("vip",), min_order_value=99.5)
    assert slow.effective.holds_on(date(2026, 12, 31))
    assert not slow.effective.holds_on(date(2027, 1, 1))
    assert slow.wording["slow"].in_language("zh-CN").format(seconds=61.0) == "等了61秒"
    example = slow.examples[0]
    assert (example.outcome, example.code, example.conversation.queue) == ("fail", "slow", "after_sale")
    assert example.as_of == datetime(2026, 11, 12, 2, tzinfo=UTC)
    assert example.as_of.utcoffset() == timedelta(hours=8)
    assert example.conversation.messages[0].sent_at == "2026-11-11T20:00:00+08:00"
    assert example.conversation.customer is not None
    assert example.conversation.customer.order_value == 399.0
    assert example.conversation.meta == {"return_addresses": ["某市某路1号"]}


def test_options_give_a_criterion_its_weight_and_no_stays_a_word() -> None:
    tone = loaded().criterion("tone")
    assert tone.weight == 15.0
    assert tone.question is not None
    assert tone.question.good == "no"


def test_an_observer_that_is_not_written_has_its_defaults() -> None:
    rubric = loaded(RUBRIC.replace("observe:\n  moods: {limit_seconds: 5}\n", ""))
    assert rubric.observe["moods"] == SlowParams()


def test_a_rubric_survives_pickling() -> None:
    rubric = loaded()
    assert pickle.loads(pickle.dumps(rubric)) == rubric  # noqa: S301 (our own bytes)


_JUNK = st.text(alphabet=":-[]{}'\"|>&*!#%@,? \t\nabid中文0.～\x85\u2028\ufeff\x00😀\ud800", max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_rubric_raises_nothing_but_our_error(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(FILES)))
    text = FILES[path]
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(text)))
        end = min(len(text), begin + data.draw(st.integers(0, 8)))
        text = text[:begin] + data.draw(_JUNK) + text[end:]
    problems: tuple[Problem, ...] = ()
    try:
        rubric = load_rubric("house/shop.yaml", {**FILES, path: text}.__getitem__, CHECKS, OBSERVERS)
        assert rubric.content_hash
    except RubricError as error:
        problems = error.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_raises_nothing_but_our_error(text: str) -> None:
    with pytest.raises(RubricError):
        load_rubric("x.yaml", {"x.yaml": text}.__getitem__, CHECKS)


def test_a_rubric_of_ones_own_may_include_the_shipped_word_lists(tmp_path) -> None:  # type: ignore[no-untyped-def]
    own = tmp_path / "mine.yaml"
    own.write_text("id: mine\n", encoding="utf-8")
    path, read = resources.rubric_source(str(own))
    assert read(path) == "id: mine\n"
    shipped = next(resources.shipped_folder("rubrics").glob("phrases/*.yaml"))
    assert read(f"{tmp_path.as_posix()}/phrases/{shipped.name}") == shipped.read_text(encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        read(f"{tmp_path.as_posix()}/phrases/no_such_list.yaml")


def test_an_unknown_shipped_name_is_our_own_error() -> None:
    with pytest.raises(resources.MissingResourceError, match="there is no rubric 'no-such-rubric'"):
        resources.rubric_source("no-such-rubric")
    with pytest.raises(resources.MissingResourceError, match=r"packs/no-such-file\.yaml"):
        resources.shipped_file("packs", "no-such-file.yaml")

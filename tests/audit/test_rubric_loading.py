"""Rubric files: what loads, and where each mistake is shown."""

from __future__ import annotations

import errno
import pickle
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform import resources
from qaplatform.audit.problem import Problem
from qaplatform.audit.rubric import CheckSpec, ConversationFacts, Gate, Rubric
from qaplatform.audit.rubric_choice import lint_set, select_rubric
from qaplatform.audit.rubric_loading import RubricError, check_rubric, load_rubric
from qaplatform.audit.rubric_text import describe_rubric

CARET = "‸"


class SlowParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit_seconds: float = 60.0
    near_chars: int = 20
    slow_ratio: float = 0.5
    grace_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    mode: Literal["first", "every"] = "every"
    strict: bool = False
    soothing_groups: tuple[str, ...] = ("apology",)
    since: date | None = None
    limits: dict[str, float] = {}

    def __post_init__(self) -> None:
        if self.grace_seconds > self.limit_seconds:
            raise ValueError("grace_seconds must not exceed limit_seconds")


class NeedyParams(msgspec.Struct, frozen=True, kw_only=True):
    words: tuple[str, ...]


CHECKS = {
    "slow_reply": CheckSpec("slow_reply", SlowParams, ("slow", "none")),
    "needy": CheckSpec("needy", NeedyParams),
}
OBSERVERS = {"moods": SlowParams}

PHRASES = """\
groups:
  apology: {who: agent, phrases: [抱歉], hits: [很抱歉], misses: [道歉信]}
"""
SECTION = """\
id: red_lines
title: {zh: 红线, en: Red lines}
criteria:
  - {id: manners, kind: manual, title: {zh: 礼貌, en: Manners}, weight: 10}
"""
RUBRIC = """\
id: shop
version: "1.0"
title: {zh: 店铺, en: Shop}
applies: {channel: [chat], queue: [no]}
pass_mark: 85
scored_share_floor: 0.4
phrases: [phrases/words.yaml]
observe:
  moods: {limit_seconds: 5}
sections:
  - include: sections/red.yaml
  - id: speed
    title: {zh: 速度, en: Speed}
    criteria:
      - id: slow_reply
        title: {zh: 响应时效, en: Response time}
        weight: 15
        severity: severe
        when: {queue: [after_sale], tier: [vip], min_order_value: 99.5}
        effective: {from: 2026-01-01, until: 2027-01-01}
        params:
          limit_seconds: 30
          mode: first
          since: 2026-02-03
          limits: {complaint: 300}
        wording:
          zh: {slow: "等了{seconds:.0f}秒", none: 无人回复}
          en: {slow: "waited {seconds:.0f} s", none: no reply}
        policy: {zh: 一分钟内回复, en: Answer within a minute}
        better: {zh: "您好,马上为您看", en: "Hello, let me look"}
        examples:
          - outcome: fail
            code: slow
            day: 2026-11-11
            as_of: 2026-11-12T10:00:00
            conversation: {queue: after_sale, tier: vip, order_value: 399, return_addresses: [某市某路1号]}
            chat: |
              customer 20:00:00 在吗
              agent    20:03:00 在的
          - outcome: pass
            chat: |
              customer 20:00:00 在吗
              agent    20:00:10 在的
      - id: tone
        kind: question
        title: {zh: 语气, en: Tone}
        question: {prompt: tone, good: no, evidence: optional}
        options:
          - {id: full, title: {zh: 好, en: good}, points: 15}
          - {id: none, title: {zh: 差, en: poor}, points: 0}
      - {id: rude, kind: manual, title: {zh: 辱骂, en: Rude}, critical: true}
      - {id: minor_slips, kind: manual, title: {zh: 小错, en: Slips}, deduction: 2, max_deduction: 6}
"""
FILES = {"house/shop.yaml": RUBRIC, "house/phrases/words.yaml": PHRASES, "house/sections/red.yaml": SECTION}


def loaded(rubric: str = RUBRIC, **files: str) -> Rubric:
    texts = {**FILES, "house/shop.yaml": rubric, **{f"house/{name}.yaml": text for name, text in files.items()}}
    return load_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)


def problems_of(rubric: str, path: str = "house/shop.yaml") -> list[str]:
    texts = {**FILES, path: rubric}
    return [str(problem) for problem in check_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)[1]]


def marked(text: str, path: str) -> tuple[str, str]:
    """A text without its caret, and the ``path:line:column`` where the caret stood."""
    before = text[: text.index(CARET)]
    return text.replace(CARET, ""), f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


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


HEAD = 'id: shop\nversion: "1"\ntitle: {zh: 店, en: S}\n'
ONE = HEAD + "sections:\n  - id: s\n    title: {zh: 一, en: one}\n    criteria:\n      - "
MANUAL = ONE + "{id: m, kind: manual, title: {zh: 人, en: M}, "
CHECK = ONE + "{id: slow_reply, title: {zh: 快, en: fast}, weight: 1, "
GROUPED = HEAD + "phrases: [phrases/words.yaml]\n" + CHECK[len(HEAD) :]

MISTAKES = [
    ("", "the file is empty", ":1:1"),
    ("# only a comment\n", "the file is empty", ":1:1"),
    ("‸- a\n", "a rubric must be a mapping, not a list"),
    ("‸id: shop\n", "a rubric needs 'version'"),
    (
        "id: shop\nversion: 1\ntitle: {zh: a, en: b}\n‸seccions: []\nsections: []\n",
        "unknown key 'seccions' in a rubric; did you mean 'sections'?",
    ),
    ("id: shop\n‸id: two\n", "key 'id' is given twice, first in line 1"),
    ("id: a\nversion: ‸&x 1\n", "the anchor &x is not allowed"),
    ("id: a\nversion: ‸*x\n", "the alias *x is not allowed; write the value out"),
    ("id: a\nversion: ‸!!int 3\n", "the tag tag:yaml.org,2002:int is not allowed"),
    ("id: a\n---\nid: b\n", "a second document; one file holds one document", ":2:1"),
    (
        "id: a\nversion: [1\n",
        "this is no YAML: while parsing a flow sequence, did not find expected ',' or ']'",
        ":3:1",
    ),
    ("id: a\n‸\tversion: 1\n", "this is no YAML: "),
    ("id: a\nversion: x‸\x07\n", "character U+0007 cannot stand in YAML"),
    ("? ‸[a]\n: b\n", "a key must be a word, not a list"),
    ("id: " + "[" * 24 + "‸[" + "]" * 25 + "\n", "nested deeper than 24 levels"),
    (HEAD + "sections: ‸[]\n", "a rubric needs at least one section"),
    (HEAD + "pass_mark: ‸120\nsections: []\n", "pass_mark must be from 0 to 100, not 120"),
    (HEAD + "pass_mark: ‸'80'\nsections: []\n", "pass_mark must be a number, not '80'"),
    (HEAD + "scored_share_floor: ‸50\nsections: []\n", "scored_share_floor must be from 0 to 1, not 50"),
    (HEAD + "applies: {queue: ‸pre_sale}\nsections: []\n", "queue must be a list, not 'pre_sale'"),
    (HEAD + "applies: {queue: [a, ‸a]}\nsections: []\n", "'a' stands twice in queue"),
    (HEAD + "phrases: [‸gone.yaml]\nsections: []\n", "cannot read 'house/gone.yaml': "),
    (
        HEAD + "phrases: [‸../x.yaml]\nsections: []\n",
        "a phrase file must lie in the rubric's own folder, written with '/', not '../x.yaml'",
    ),
    (HEAD + "phrases: [‸/etc/passwd]\nsections: []\n", "a phrase file must lie in the rubric's own"),
    (HEAD + "phrases: [phrases/words.yaml, ‸./phrases/words.yaml]\nsections: []\n", "is listed twice"),
    (HEAD + "observe: {‸mood: {}}\nsections: []\n", "there is no observer 'mood'; did you mean 'moods'?"),
    (HEAD + "observe: {moods: {near_chars: ‸0}}\nsections: []\n", "near_chars must be above 0, not 0"),
    (
        HEAD + "phrases: [phrases/words.yaml]\nobserve: {moods: {soothing_groups: [‸appology]}}\nsections: []\n",
        "soothing_groups names 'appology', which no phrase file defines; did you mean 'apology'?",
    ),
    (HEAD + "sections:\n  - ‸include: sections/lost.yaml\n", "cannot read 'house/sections/lost.yaml'"),
    (HEAD + "sections:\n  - include: sections/red.yaml\n    ‸id: x\n", "unknown key 'id' in an include"),
    (
        HEAD + "sections:\n  - include: sections/red.yaml\n  - ‸include: sections/red.yaml\n",
        "section 'red_lines' is also at house/sections/red.yaml:1:1",
    ),
    (ONE + "‸{kind: manual, title: {zh: 人, en: M}, weight: 1}", "a criterion needs 'id'"),
    (
        ONE + "{id: ‸Big Id, kind: manual, title: {zh: 人, en: M}, weight: 1}",
        "id must be of lower-case letters, digits, '_' and '-', a letter first, not 'Big Id'",
    ),
    (
        ONE + "{id: ‸slow_replay, title: {zh: 人, en: M}, weight: 1}",
        "there is no check 'slow_replay'; did you mean 'slow_reply'?",
    ),
    (ONE + "{id: other, check: ‸slw, title: {zh: 人, en: M}, weight: 1}", "there is no check 'slw'"),
    (ONE + "{id: ‸needy, title: {zh: 人, en: M}, weight: 1}", "check 'needy' needs params: words"),
    (
        MANUAL + "weight: 1}\n      - {id: ‸m, kind: manual, title: {zh: 人, en: M}, weight: 1}",
        "criterion 'm' is also at house/shop.yaml:8:14",
    ),
    (
        ONE + "{id: ‸m, kind: manual, title: {zh: 人, en: M}}",
        "criterion 'm' needs a weight or a deduction (or 'critical: true')",
    ),
    (MANUAL + "weight: ‸-5}", "weight must be at least 0, not -5"),
    (MANUAL + "weight: ‸.inf}", "weight must be a number, not '.inf'"),
    (MANUAL + "weight: 0}", "nothing can be scored: no criterion has a weight or deduction above 0", ":5:3"),
    (MANUAL + "weight: 1, deduction: ‸2}", "a finding cannot cost more than the weight, 1"),
    (MANUAL + "weight: 1, max_deduction: ‸1}", "max_deduction needs a deduction"),
    (MANUAL + "deduction: 5, max_deduction: ‸3}", "max_deduction must be at least the deduction, 5"),
    (
        MANUAL + "weight: 1, severity: ‸sever}",
        "severity must be minor, major or severe, not 'sever'; did you mean 'severe'?",
    ),
    (MANUAL + "weight: 1, critical: ‸yes}", "critical must be true or false, not 'yes'"),
    (MANUAL + "weight: 1, params: ‸{}}", "'params' is only for kind check, not for manual"),
    (MANUAL + "weight: 1, when: {‸tiers: [vip]}}", "unknown key 'tiers' in when; did you mean 'tier'?"),
    (MANUAL + "weight: 1, effective: {from: ‸2026-02-30}}", "from must be a day such as 2026-11-11, not '2026-02-30'"),
    (MANUAL + "weight: 1, effective: {from: 2026-02-01, until: ‸2026-02-01}}", "until must lie after from"),
    (MANUAL + "options: ‸[{id: a, title: {zh: 好, en: g}, points: 1}]}", "options must be at least two"),
    (
        MANUAL + "weight: ‸3, options: [{id: a, title: {zh: 好, en: g}, points: 1},"
        " {id: b, title: {zh: 差, en: b}, points: 0}]}",
        "the weight must be the points of the best option, 1",
    ),
    (
        MANUAL + "options: [{id: a, title: {zh: 好, en: g}, points: 1}, {id: ‸a, title: {zh: 差, en: b}, points: 0}]}",
        "option 'a' is given twice",
    ),
    (
        ONE + "{id: ‸q, kind: question, title: {zh: 问, en: q}, weight: 1}",
        "a criterion of kind question needs 'question'",
    ),
    (
        ONE + "{id: q, kind: question, title: {zh: 问, en: q}, weight: 1, question: ‸{good: yes}}",
        "question needs 'prompt'",
    ),
    (
        MANUAL + "weight: 1, policy: {zh: 您好,‸在的, en: Hello}}",
        "unknown key '在的' in policy; inside {…} a text with a comma must stand in quotes",
    ),
    (GROUPED + "params: {‸limit_second: 3}}", "unknown key 'limit_second' in params; did you mean 'limit_seconds'?"),
    (GROUPED + "params: {limit_seconds: ‸-3}}", "limit_seconds must be above 0, not -3"),
    (GROUPED + "params: {limit_seconds: ‸'30'}}", "limit_seconds must be a number, not '30'"),
    (GROUPED + "params: {near_chars: ‸2.5}}", "near_chars must be a whole number, not '2.5'"),
    (GROUPED + "params: {slow_ratio: ‸50}}", "slow_ratio must be from 0 to 1, not 50"),
    (GROUPED + "params: {grace_seconds: ‸-1}}", "grace_seconds is wrong: expected `float` >= 0.0"),
    (GROUPED + "params: {mode: ‸frist}}", "mode must be every, first, not 'frist'; did you mean 'first'?"),
    (GROUPED + "params: {strict: ‸on}}", "strict must be true or false, not 'on'"),
    (GROUPED + "params: {since: ‸2026-13-01}}", "since "),
    (GROUPED + "params: {limits: {complaint: ‸soon}}}", "limits must be a number, not 'soon'"),
    (GROUPED + "params: ‸{grace_seconds: 90}}", "params: grace_seconds must not exceed limit_seconds"),
    (GROUPED + "params: ‸[1]}", "params must be a mapping, not a list"),
    (
        GROUPED + "params: {soothing_groups: [apology, ‸sorry]}}",
        "soothing_groups names 'sorry', which no phrase file defines",
    ),
    (
        ONE + "{id: ‸slow_reply, title: {zh: 快, en: fast}, weight: 1}",
        "soothing_groups names 'apology', which no phrase file defines",
    ),
    (GROUPED + "wording: {‸fr: {slow: lent}}}", "wording is by language, zh and en, not 'fr'"),
    (GROUPED + "wording: {zh: {‸slwo: 慢}}}", "check 'slow_reply' has no code 'slwo'; did you mean 'slow'?"),
    (GROUPED + "wording: {zh: {slow: ‸" + '"等{"}}}', "braces in the wording do not pair"),
    (
        GROUPED + "wording: {zh: {slow: ‸" + '"等{a.__class__}"}}}',
        "{a.__class__} in the wording must be the name of a fact",
    ),
    (GROUPED + "examples: [‸{outcome: pass}]}", "an example needs 'chat'"),
    (
        GROUPED + "examples: [{outcome: ‸failed, chat: 'agent 好'}]}",
        "outcome must be pass, fail, not_applicable or unscored, not 'failed'; did you mean 'fail'?",
    ),
    (GROUPED + "examples: [{outcome: pass, code: ‸slow, chat: 'agent 好'}]}", "only an example that fails has"),
    (
        GROUPED + "examples: [{outcome: fail, code: ‸slo, chat: 'agent 好'}]}",
        "the check has no code 'slo'; did you mean 'slow'?",
    ),
    (GROUPED + "examples: [{outcome: pass, chat: ‸'# nothing'}]}", "the transcript has no message"),
    (GROUPED + "examples: [{outcome: pass, chat: 'agent 好', as_of: ‸tomorrow}]}", "as_of must be a moment"),
    (
        GROUPED.replace(
            "{id: slow_reply, title: {zh: 快, en: fast}, weight: 1, ",
            "id: slow_reply\n        title: {zh: 快, en: fast}\n        weight: 1\n        ",
        )
        + "examples:\n          - outcome: pass\n            chat: |\n"
        + "              customer 你好\n\n              ‸agnet 您好\n",
        "expected 'customer|agent|bot|auto|note|system [HH:MM[:SS]] text', got 'agnet 您好'",
    ),
]


@pytest.mark.parametrize("case", MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_an_error_at_its_own_line_and_column(case: tuple[str, ...]) -> None:
    path = "house/shop.yaml"
    message = case[1]
    text, where = marked(case[0], path) if CARET in case[0] else (case[0], path + case[2])
    said = problems_of(text)
    expected = f"{where}: error: {message}"
    assert any(line.startswith(expected) or (line.startswith(where + ": ") and message in line) for line in said), said
    with pytest.raises(RubricError):
        loaded(text)


def test_all_mistakes_are_shown_at_once_in_the_order_of_the_files() -> None:
    text = RUBRIC.replace("pass_mark: 85", "pass_mark: 850").replace("severity: severe", "severity: bad")
    texts = {**FILES, "house/shop.yaml": text, "house/sections/red.yaml": SECTION.replace("weight: 10", "weight: ten")}
    with pytest.raises(RubricError) as caught:
        load_rubric("house/shop.yaml", texts.__getitem__, CHECKS, OBSERVERS)
    assert str(caught.value).splitlines() == [
        "house/shop.yaml:5:12: error: pass_mark must be from 0 to 100, not 850",
        "house/shop.yaml:18:19: error: severity must be minor, major or severe, not 'bad'",
        "house/sections/red.yaml:4:71: error: weight must be a number, not 'ten'",
    ]
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems  # noqa: S301 (our own bytes)


WARNINGS = [
    (
        RUBRIC.replace('en: {slow: "waited {seconds:.0f} s", none: no reply}', "en: {slow: slow}"),
        "house/shop.yaml:27:11: warning: no 'en' wording for none",
    ),
    (
        RUBRIC.replace("title: {zh: 速度, en: Speed}", "title: {zh: 速度}"),
        "house/shop.yaml:13:12: warning: title has no 'en' text",
    ),
    (
        RUBRIC.replace("outcome: pass", "outcome: unscored"),
        "house/shop.yaml:15:13: warning: no example with outcome pass",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WARNINGS, ids=range(len(WARNINGS)))
def test_a_warning_is_shown_and_the_rubric_still_loads(text: str, expected: str) -> None:
    assert problems_of(text) == [expected]
    assert loaded(text).id == "shop"


def test_a_file_that_cannot_be_opened_is_a_problem_at_its_own_first_character() -> None:
    def read(path: str) -> str:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)

    rubric, problems = check_rubric("gone.yaml", read, CHECKS)
    assert rubric is None
    assert [str(one) for one in problems] == [
        "gone.yaml:1:1: error: cannot read 'gone.yaml': No such file or directory"
    ]


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

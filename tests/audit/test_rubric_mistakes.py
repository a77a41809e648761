"""Mistakes in a rubric are shown where they stand, and nothing but our own error comes of damage."""

from __future__ import annotations

import errno
import pickle

import pytest

from qaplatform.audit.rubric_loading import RubricError, check_rubric, load_rubric
from tests.audit.rubric_texts import (
    CHECKS,
    FILES,
    OBSERVERS,
    RUBRIC,
    SECTION,
    loaded,
    problems_of,
)

CARET = "‸"


def marked(text: str, path: str) -> tuple[str, str]:
    """A text without its caret, and the ``path:line:column`` where the caret stood."""
    before = text[: text.index(CARET)]
    return text.replace(CARET, ""), f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


HEAD = 'id: shop\nversion: "1"\ntitle: {zh: 店, en: S}\n'


ONE = HEAD + "sections:\n  - id: s\n    title: {zh: 一, en: one}\n    criteria:\n      - "


MANUAL = ONE + "{id: m, kind: manual, title: {zh: 人, en: M}, "


QUESTION = ONE + "{id: q, kind: question, title: {zh: 问, en: q}, question: {prompt: tone}, "


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
    (QUESTION + "weight: 1, critical: ‸true}", "a question cannot be critical; a language model fails no chat alone"),
    (QUESTION + "deduction: ‸2}", "the deduction of a question needs a max_deduction"),
    (
        ONE + "{id: q, kind: question, title: {zh: 问, en: q}, weight: 1, question: {prompt: tone, good: ‸maybe}}",
        "good must be yes or no, not 'maybe'",
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

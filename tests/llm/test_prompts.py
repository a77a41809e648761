"""Prompts are whole in both languages, and a mistake in one is shown where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from qaplatform.audit.rubric_loading import check_rubric
from qaplatform.llm.prompt import FRAME_WORDS, LANGUAGES, UnknownPromptError, filled
from qaplatform.llm.prompts import PromptError, check_prompts, load_prompts, shipped_prompts
from qaplatform.resources import shipped_folder
from qaplatform.resources import shipped_prompts as shipped_names

CARET = "‸"
FRAME = "prompts/frame.yaml"
TEXTS = {f"prompts/{path.name}": path.read_text(encoding="utf-8") for path in shipped_folder("prompts").glob("*.yaml")}
QUESTION = """\
id: kind
purpose: question
title: {zh: 友善, en: Kind}
variables: [policy]
across: any_yes
verdicts: [yes, no, unsure]
speakers: {yes: agent, no: any}
question: {zh: "客服友善吗?{{policy}}", en: "Is the agent kind? {{policy}}"}
means:
  yes: {zh: 友善, en: kind}
  no: {zh: 不友善, en: unkind}
  unsure: {zh: 看不出, en: cannot be told}
evidence: {zh: 客服的话, en: the agent's words}
examples:
  - verdict: yes
    zh: {chat: "agent 您慢慢看", reason: 友善, quote: {message: 0, text: 您慢慢看}}
    en: {chat: "agent Take your time", reason: kind, quote: {message: 0, text: Take your time}}
  - verdict: no
    zh:
      chat: |
        customer 在吗
        agent 干嘛
      reason: 不友善
      quote: {message: 0, text: 在吗}
    en: {chat: "agent What", reason: unkind, quote: {message: 0, text: What}}
"""


def problems_of(text: str, path: str = "prompts/kind.yaml") -> list[str]:
    files = {**{name: one for name, one in TEXTS.items() if "/frame" in name or "/repair" in name}, path: text}
    return [str(one) for one in check_prompts(files)[1]]


def test_the_small_prompt_of_these_tests_is_good() -> None:
    assert problems_of(QUESTION) == []


MISTAKES = [
    ("purpose: question", "purpose: ‸qestion", "purpose must be frame, repair or question, not 'qestion'; did you mean 'question'?"),
    ("id: kind", "id: ‸kindly", "id must be the name of the file, 'kind', not 'kindly'"),
    ("across: any_yes", "across: ‸some", "across must be any_yes, any_no or latest, not 'some'"),
    ("across: any_yes\n", "", "a prompt of purpose question needs 'across'"),
    ("across:", "‸accross:", "unknown key 'accross' in a prompt; did you mean 'across'?"),
    ("across: any_yes", "across: any_yes\n‸across: latest", "key 'across' is given twice, first in line 5"),
    ("across: any_yes", "across: any_yes\nsystem: ‸{zh: 甲, en: a}", "a prompt of purpose question has no 'system'"),
    ("variables: [policy]", "variables: [policy, ‸polcy]", "the program fills in no variable 'polcy'; did you mean 'policy'?"),
    ("variables: [policy]\n", "", "{{policy}} is not among the variables"),
    ("吗?{{policy}}", "吗?", "the variable 'policy' is not used in zh"),
    ("吗?{{policy}}", "吗?{{policy}}‸{{shop}}", "{{shop}} is not among the variables"),
    ("吗?{{policy}}", "吗?{{policy}}‸{{ policy }}", "a variable is written {{name}}, in lower-case letters"),
    ("{zh: 友善, en: Kind}", "‸{zh: 友善}", "title has no 'en' text"),
    ("{zh: 友善, en: Kind}", "{zh: 友善, en: Kind, ‸fr: Bon}", "title is by language, zh and en, not 'fr'"),
    ("{zh: 友善, en: Kind}", "{zh: ‸'', en: Kind}", "title in zh must be a text"),
    ("verdicts: [yes, no, unsure]", "verdicts: [yes, no, ‸maybe]", "a verdict is one of yes, no, not_applicable, unsure, not 'maybe'"),
    ("verdicts: [yes, no, unsure]", "verdicts: ‸[yes, no]", "verdicts must hold unsure"),
    ("verdicts: [yes, no, unsure]", "verdicts: [yes, no, unsure, ‸no]", "'no' stands twice in verdicts"),
    ("  unsure: {zh: 看不出, en: cannot be told}\n", "", "means does not explain 'unsure'"),
    ("  unsure: {zh", "  ‸not_applicable: {zh: 无, en: no}\n  unsure: {zh", "means explains 'not_applicable', which is none of"),
    ("{yes: agent, no: any}", "{yes: ‸agnet, no: any}", "yes must be agent, customer or any, not 'agnet'; did you mean 'agent'?"),
    ("{yes: agent, no: any}", "‸{yes: agent}", "speakers needs 'no'"),
    ("text: 您慢慢看", "text: ‸您快快看", "this quote does not stand in message 0 of the agent"),
    ("message: 0, text: 在吗", "message: 1, text: ‸在吗", "this quote does not stand in message 1"),
    ("agent 干嘛", "‸agnet 干嘛", "expected 'customer|agent|bot|system|note text', got 'agnet 干嘛'"),
    (", quote: {message: 0, text: What}", "", "an example answered 'no' needs a quote"),
    ("  - verdict: no", "  - verdict: ‸nope", "verdict must be yes, no or unsure, not 'nope'"),
    ("evidence: {zh: 客服的话, en: the agent's words}", "evidence: ‸客服的话", "evidence must be a mapping, not '客服的话'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_each_mistake_is_an_error_at_its_own_line_and_column(old: str, new: str, message: str) -> None:
    text = QUESTION.replace(old, new, 1)
    assert text != QUESTION
    where = ""
    if CARET in text:
        before = text[: text.index(CARET)]
        where = f"prompts/kind.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: error: "
    said = problems_of(text.replace(CARET, ""))
    assert any(line.startswith(where) and message in line for line in said), said


def test_all_mistakes_of_all_files_are_shown_at_once() -> None:
    files = {
        **TEXTS,
        "prompts/kind.yaml": QUESTION.replace("any_yes", "some").replace("verdicts: [yes", "verdicts: [yess"),
    }
    files[FRAME] = files[FRAME].replace("{{fence}}", "{{fense}}").replace("customer: 客户", "custommer: 客户")
    prompts, problems = check_prompts(files)
    assert prompts is None
    said = "\n".join(map(str, problems))
    for part in ("{{fense}} is not among the variables; did you mean 'fence'?", "the variable 'fence' is not used in en",
                 "unknown key 'custommer' in words in zh; did you mean 'customer'?", "'yess'", "not 'some'"):  # fmt: skip
        assert part in said


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("分成 {{count}} 段", "分成几段", "missing variable {{count}} in part"),
        ("whole: 以下是", "whole: 以下{{count}}是", "unknown variable {{count}} in whole"),
        ("variables: [fence, questions,", "variables: [questions,", "variables must hold 'fence'"),
        ("    auto: 自动\n", "", "words in zh needs 'auto'"),
    ],
)
def test_the_frame_has_all_the_words_and_variables_it_needs(old: str, new: str, message: str) -> None:
    said = [str(one) for one in check_prompts({**TEXTS, FRAME: TEXTS[FRAME].replace(old, new)})[1]]
    assert any(message in line for line in said), said


def test_without_a_frame_or_with_two_nothing_can_be_asked() -> None:
    without = {name: text for name, text in TEXTS.items() if "frame" not in name}
    assert [str(one) for one in check_prompts(without)[1]] == [
        "prompts:1:1: error: there is no prompt of purpose frame"
    ]
    twice = {**TEXTS, "prompts/other.yaml": TEXTS[FRAME].replace("id: frame", "id: other")}
    assert "there is a second prompt of purpose frame" in str(check_prompts(twice)[1][0])


def test_prompts_are_read_from_a_folder_and_bad_ones_raise(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        (tmp_path / Path(name).name).write_text(text, encoding="utf-8")
    assert load_prompts(tmp_path) == shipped_prompts()
    (tmp_path / "tone.yaml").write_bytes("id: tone\ntitle: 语气".encode("gbk"))
    with pytest.raises(PromptError, match=r"tone\.yaml:2:1: error: the file is not written in UTF-8"):
        load_prompts(tmp_path)


def test_the_shipped_questions_are_whole() -> None:
    prompts = shipped_prompts()
    assert shipped_names() == tuple(sorted(prompts.questions)) == (
        "advice_by_use_case", "empathy_sincere", "need_understood", "promise_realistic", "really_closed", "refusal_explained",
        "root_cause_found", "solution_fits", "tone",
    )  # fmt: skip
    for prompt in prompts.questions.values():
        for language in LANGUAGES:
            assert 2 <= len(prompt.examples[language]) <= 4
            assert {one.verdict for one in prompt.examples[language]} >= {"yes", "no"}
            assert set(prompt.means[language]) == set(prompt.verdicts)
            assert prompt.borderline[language]
            assert not any("\u4e00" <= char <= "\u9fff" for char in prompt.question["en"])
    assert set(prompts.frame.words["zh"]) == set(FRAME_WORDS)
    hashes = {one.content_hash for one in (prompts.frame, prompts.repair, *prompts.questions.values())}
    assert len(hashes) == 11
    assert all(len(one) == 12 for one in hashes)
    with pytest.raises(UnknownPromptError, match="there is no prompt 'mood'"):
        prompts.question("mood")


def test_the_hash_is_that_of_the_words_and_not_of_the_files_form() -> None:
    def hash_of(text: str) -> str:
        prompts, problems = check_prompts({**TEXTS, "prompts/kind.yaml": text})
        assert prompts is not None, problems
        return prompts.questions["kind"].content_hash

    first = hash_of(QUESTION)
    assert hash_of("# a remark\n" + QUESTION.replace("{zh: 友善, en: Kind}", "\n  en: Kind\n  zh: 友善")) == first
    assert hash_of(QUESTION.replace("看不出", "看不清")) != first
    assert hash_of(QUESTION.replace("any_yes", "any_no")) != first


def test_a_value_is_never_taken_for_a_variable() -> None:
    assert filled("{{a}}-{{b}}", {"a": "{{b}}", "b": "2"}) == "{{b}}-2"


RUBRIC = """\
id: shop
version: "1"
title: {zh: 店, en: S}
sections:
  - id: s
    title: {zh: 一, en: one}
    criteria:
      - {id: q, kind: question, title: {zh: 问, en: q}, weight: 1, question: {prompt: tone, good: yes}}
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("tone", "tone", None),
        ("tone", "tune", "shop.yaml:8:86: error: there is no prompt 'tune'; did you mean 'tone'?"),
        ("good: yes", "good: nice", "shop.yaml:8:98: error: good must be yes or no, not 'nice'"),
    ],
)
def test_a_rubric_can_only_ask_what_there_is_a_prompt_for(old: str, new: str, problem: str | None) -> None:
    text = RUBRIC.replace(old, new)
    rubric, problems = check_rubric("shop.yaml", {"shop.yaml": text}.__getitem__, {}, prompts=shipped_names())
    assert [str(one) for one in problems] == ([problem] if problem else [])
    assert (rubric is None) == bool(problem)
    if new == "tune":
        assert check_rubric("shop.yaml", {"shop.yaml": text}.__getitem__, {})[0] is not None

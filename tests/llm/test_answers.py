"""Whatever a model writes becomes checked answers or one plain sentence that says what is wrong."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qaplatform.llm.answers import Answer, BadReplyError, Quote, parse
from qaplatform.llm.asking import Asked
from qaplatform.llm.prompts import shipped_prompts

TONE = Asked("tone", "语气", shipped_prompts().question("tone"))
FITS = Asked("fits", "方案", shipped_prompts().question("solution_fits"))
GOOD = {
    "answers": [
        {"id": "fits", "reason": "补发对应", "evidence": [{"message": 3, "quote": "今天补发"}], "verdict": "yes"},
        {"id": "tone", "reason": "", "evidence": [], "verdict": "unsure"},
    ]
}
ANSWERS = [Answer("tone", "unsure"), Answer("fits", "yes", "补发对应", (Quote(3, "今天补发"),))]
TEXT = json.dumps(GOOD, ensure_ascii=False)
ONE = {"id": "tone", "verdict": "no", "reason": "冷淡", "evidence": [{"message": "[2]", "quote": "自己看"}]}


@pytest.mark.parametrize("mode", ["json_schema", "json_object", "text"])
@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"```json\n{TEXT}\n```",
        f"好的,以下是结果:\n{TEXT}\n希望有帮助 [1] {{}}",
        f'<think>先想 {{"answers": []}} 再说</think>\n{TEXT}',
        f"{TEXT}\n{TEXT}",
        json.dumps(GOOD["answers"]),
        json.dumps({**GOOD, "note": 1}, indent=2),
        TEXT.replace('"yes"', '" YES "'),
        TEXT.replace('"evidence": []', '"evidence": null'),
    ],
)  # fmt: skip
def test_answers_are_found_wherever_the_json_stands_in_the_order_of_the_questions(mode: str, text: str) -> None:
    assert parse(text, mode, [TONE, FITS]) == ANSWERS


def test_one_bare_answer_will_do_for_one_question() -> None:
    assert parse(json.dumps(ONE), "json_object", [TONE]) == [Answer("tone", "no", "冷淡", (Quote(2, "自己看"),))]


def changed(**changes: object) -> str:
    return json.dumps({"answers": [{**ONE, **changes}]})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the answer is empty"),
        ("  \n ", "the answer is empty"),
        ("<think>endless", "the answer is empty"),
        ("x" * 200_001, "the answer is longer than 200000 characters"),
        ("yes", "the answer is no JSON object with a list of answers"),
        ("tone: yes", "the answer is no JSON object with a list of answers"),
        ('{"answers": [{"id": "tone", "verd', "the answer is no JSON object with a list of answers"),
        ("[]", "the answer is no JSON object with a list of answers"),
        ('{"answers": {}}', "'answers' must be a list, not an object"),
        ('{"answers": []}', "there is no answer to tone"),
        ('{"answers": ["tone"]}', "an answer must be a JSON object, not a text"),
        ('{"answers": [{"verdict": "yes"}]}', "an answer has no 'id'"),
        (changed(id=7), "'id' must be a text, not a number"),
        (changed(id="mood"), "there is no question 'mood'; the questions are tone"),
        (json.dumps({"answers": [ONE, ONE]}), "question tone is answered twice"),
        (changed(verdict="maybe"), "the verdict of tone must be one of yes, no, unsure, not 'maybe'"),
        (changed(verdict="not_applicable"), "the verdict of tone must be one of yes, no, unsure, not 'not_applicable'"),
        (changed(verdict="yes and no"), "the verdict of tone must be one of yes, no, unsure, not 'yes and no'"),
        (changed(verdict=True), "the verdict of tone must be a text"),
        (changed(verdict=None), "tone has no verdict"),
        (changed(verdict=""), "the verdict of tone must be one of yes, no, unsure, not ''"),
        (changed(reason=["a"]), "the reason of tone must be a text, not a list"),
        (changed(reason="长" * 2_001), "the reason of tone is longer than 2000 characters"),
        (changed(evidence="自己看"), "the evidence of tone must be a list, not a text"),
        (changed(evidence=["自己看"]), "each evidence of tone must be an object with 'message' and 'quote'"),
        (changed(evidence=[{"message": True, "quote": "x"}]), "must be a whole number, not true or false"),
        (changed(evidence=[{"message": 1.5, "quote": "x"}]), "must be a whole number, not a number"),
        (changed(evidence=[{"message": 1, "quote": None}]), "the quote of an evidence of tone must be a text, not nothing"),
        (changed(evidence=[{"message": 1, "quote": "x" * 1_001}]), "a quote of tone is longer than 1000 characters"),
        (changed(evidence=[{"message": 1, "quote": "x"}] * 13), "tone has more than 12 pieces of evidence"),
        ('{"answers": [{"id": "tone", "verdict": "yes", "verdict": "no"}]}', "a key stands twice in one JSON object"),
        ('{"answers": [{"id": "tone", "verdict": NaN}]}', "NaN is no number"),
        (changed() + changed(verdict="yes"), "there are several different answers; give one JSON object only"),
        ("[" * 100_000, "the "),
        ('{"a":' * 5_000 + "1" + "}" * 5_000, "the "),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["json_schema", "json_object"])
def test_a_reply_that_cannot_be_used_is_said_to_be_so_in_one_sentence(text: str, problem: str, mode: str) -> None:
    with pytest.raises(BadReplyError) as caught:
        parse(text, mode, [TONE])
    assert problem in caught.value.problem
    assert "\n" not in caught.value.problem
    assert pickle.loads(pickle.dumps(caught.value)).problem == caught.value.problem  # noqa: S301 (our own bytes)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("客服很冷淡。\n> 2: 自己看\ntone: no", Answer("tone", "no", "客服很冷淡。", (Quote(2, "自己看"),))),
        ("## tone\n冷淡\n> [2]: “自己看”\n\n**tone**: `no`.\n", Answer("tone", "no", "冷淡", (Quote(2, "“自己看”"),))),
        ("结论:unsure", Answer("tone", "unsure")),
        ("Verdict: Yes.", Answer("tone", "yes")),
        ("平和\nyes", Answer("tone", "yes", "平和")),
        ("tone: yes\n更正\ntone: no", Answer("tone", "no", "tone: yes 更正")),
        ("tone：是", Answer("tone", "yes")),
    ],
)
def test_in_plain_text_the_last_line_is_the_verdict(text: str, answer: Answer) -> None:
    assert parse(text, "text", [TONE]) == [answer]


def test_in_plain_text_every_question_has_a_part_and_a_last_line() -> None:
    text = "先看看\n> 1: 谁的?\n## fits\n补发对应\n> 3: 今天补发\n## tone\n平和\n---\nfits: yes\ntone: unsure"
    assert parse(text, "text", [TONE, FITS]) == [
        Answer("tone", "unsure", "平和"),
        Answer("fits", "yes", "补发对应", (Quote(3, "今天补发"),)),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("我觉得是 yes 吧", "the last lines do not say 'tone: verdict' and 'fits: verdict'"),
        ("tone: yes", "the last lines do not say 'fits: verdict'"),
        ("tone: yes\nfits: yes\n以上", "the last lines do not say"),
        ("tone: yes\ntone: no\nfits: no", "question tone is answered twice"),
        ("tone: good\nfits: yes", "the verdict of tone must be one of yes, no, unsure, not 'good'"),
        ("tone: not_applicable\nfits: yes", "the verdict of tone must be one of"),
        ("yes\nno", "the last lines do not say"),
    ],
)
def test_in_plain_text_a_verdict_that_lacks_is_never_made_up(text: str, problem: str) -> None:
    with pytest.raises(BadReplyError) as caught:
        parse(text, "text", [TONE, FITS])
    assert problem in caught.value.problem


PIECES = st.sampled_from(
    [
        '{"answers": [',
        "]}",
        TEXT,
        '{"id": "tone",',
        '"verdict": "yes"}',
        "tone: yes",
        "\n",
        "> 3: x",
        "```",
        "[",
        "{",
        "\ud800",
        "<think>",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=8).map("".join), st.sampled_from(["json_object", "text"])
)
def test_any_text_gives_allowed_verdicts_for_all_questions_or_a_sentence(text: str, mode: str) -> None:
    try:
        answers = parse(text, mode, [TONE])
    except BadReplyError:
        return
    assert [one.criterion_id for one in answers] == ["tone"]
    assert answers[0].verdict in TONE.verdicts

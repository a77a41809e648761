"""Finding rubrics and contexts, trying a rubric, measuring it, explaining a score."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.context import Context
from qaplatform.audit.context_loading import ContextError
from qaplatform.audit.conversation import Conversation
from qaplatform.audit.engine import Auditor
from qaplatform.audit.rubric_loading import RubricError
from qaplatform.errors import InputError
from qaplatform.resources import MissingResourceError
from qaplatform.services.explaining import explained
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.measuring import measure_case_file, measure_labels, measure_risk
from qaplatform.services.rubric_testing import try_rubric
from qaplatform.services.rubrics import context_named, problems_of, rubric_named
from tests.audit.small import RUBRIC, WORDS, chat, small_matcher, small_rubric, write_rubric

RUDE = chat("r", "customer 10:00:00 能退吗", "agent 10:00:05 没办法")
KIND = chat("k", "customer 10:00:00 有货吗", "agent 10:00:05 您好,有的", "customer 10:00:20 谢谢")


def write(path: Path, *lines: object) -> str:
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines) + b"\n")
    return str(path)


# --- rubrics and contexts ------------------------------------------------------------------------------------


def test_a_rubric_is_found_by_its_path(tmp_path: Path) -> None:
    assert rubric_named(str(write_rubric(tmp_path))).name == small_rubric().name


def test_a_rubric_that_does_not_ship_is_named_with_those_that_do() -> None:
    with pytest.raises(MissingResourceError, match="ecommerce-service"):
        rubric_named("no-such-rubric")


def test_a_rubrics_mistake_is_shown_where_it_is(tmp_path: Path) -> None:
    path = write_rubric(tmp_path, small=RUBRIC.replace("groups: [bad]", "groups: [baad]"))
    with pytest.raises(RubricError, match=r"small\.yaml:\d+:\d+: error: .*baad"):
        rubric_named(str(path))
    rubric, problems = problems_of(str(path))
    assert rubric is None
    assert any("baad" in str(problem) for problem in problems)


def test_no_context_is_the_defaults_and_a_file_is_read(tmp_path: Path) -> None:
    assert context_named(None) == Context()
    path = tmp_path / "context.yaml"
    path.write_text("timezone: Asia/Tokyo\n", encoding="utf-8-sig")
    assert context_named(path).timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(None, InputError), (b"\xff\xfe\xff", InputError), (b"timezone: Nowhere/At-all\n", ContextError)],
)
def test_a_context_that_cannot_be_used_is_said(tmp_path: Path, content: bytes | None, kind: type[Exception]) -> None:
    path = tmp_path / "context.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind, match=r"context\.yaml"):
        context_named(path)


def test_a_rubric_is_compiled_once_in_a_process() -> None:
    first, again = (compiled_auditor(small_rubric(), Context()) for _ in range(2))
    assert first.matcher is again.matcher
    assert first.audit_one(RUDE) == Auditor(small_rubric(), matcher=small_matcher()).audit_one(RUDE)


# --- trying ------------------------------------------------------------------------------------------------------


def test_every_example_hit_and_miss_is_tried() -> None:
    trials = list(try_rubric(small_rubric(), Context()))
    groups = small_rubric().phrases.values()
    wanted = sum(len(one.examples) for one in small_rubric().criteria)
    assert len(trials) == wanted + sum(len(group.hits) + len(group.misses) for group in groups)
    assert [trial.fault for trial in trials if trial.fault] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("words", "hits: [这个我也没办法]", "hits: [有办法]", "bad should stand in '有办法' but does not"),
        (
            "words",
            "misses: [办法总会有]",
            "misses: [真没办法]",
            "bad should not stand in '真没办法' but finds '没办法'",
        ),
        ("small", "agent 有货", "agent 您好", "greeting: expected fail, got pass"),
        ("small", "能退吗\\nagent 可以", "能退吗\\nagent 不可能", "phrases: expected pass, got fail (forbidden_words)"),
        ("small", "code: late\n", "code: unanswered\n", "response_time: expected the code unanswered, got late"),
    ],
)
def test_an_example_that_does_not_hold_is_said(tmp_path: Path, file: str, old: str, new: str, fault: str) -> None:
    whole = {"small": RUBRIC, "words": WORDS}[file]
    assert whole.count(old) == 1
    rubric = rubric_named(str(write_rubric(tmp_path, **{file: whole.replace(old, new)})))
    [failed] = [trial for trial in try_rubric(rubric, Context()) if trial.fault]
    assert failed.fault == fault
    assert f"{file}.yaml:" in str(failed.mark)


def test_groups_looked_for_only_where_asked_are_tried_as_well(tmp_path: Path) -> None:
    words = WORDS.replace("    phrases: [没办法, 不可能]\n", "    asked: true\n    phrases: [没办法, 不可能]\n")
    assert words != WORDS
    rubric = rubric_named(str(write_rubric(tmp_path, words=words)))
    assert [trial.fault for trial in try_rubric(rubric, Context()) if trial.fault] == []


def test_an_example_may_be_judged_at_its_own_moment(tmp_path: Path) -> None:
    judged_later = "            code: late\n            as_of: 2026-09-02T10:00:00\n"
    changed = RUBRIC.replace("            code: late\n", judged_later)
    rubric = rubric_named(str(write_rubric(tmp_path, small=changed)))
    assert [example.as_of for one in rubric.criteria for example in one.examples if example.as_of]
    assert [trial.fault for trial in try_rubric(rubric, Context()) if trial.fault] == []


# --- measuring -----------------------------------------------------------------------------------------------------


def test_labels_are_measured(tmp_path: Path) -> None:
    chats = write(tmp_path / "c.jsonl", RUDE, KIND)
    labels = write(
        tmp_path / "l.jsonl",
        {"id": "r", "closed": "unclear", "topic": "other"},
        {"id": "k", "closed": "pending", "topic": "order"},
    )
    measured = measure_labels(small_rubric(), Context(), chats, labels)
    figures = {one.name: one for one in measured.figures}
    assert figures["topic right"].value == 0.5
    assert figures["closing_check right"].value == 1.0
    wrong = [(one.id, one.observation, one.labelled) for one, _ in measured.wrong]
    assert ("k", "topic", "order") in wrong
    assert not [one for one in wrong if one[:2] == ("r", "topic")]


def test_what_differs_from_the_labels_is_named_with_its_words(tmp_path: Path) -> None:
    chats = write(tmp_path / "c.jsonl", RUDE)
    spans = {"promises": [{"m": 1, "quote": "没办法", "concrete": False}], "unanswered": [0]}
    labels = write(tmp_path / "l.jsonl", {"id": "r", "closed": "unclear", "topic": "other", **spans})
    wrong = {
        one.observation: (one.message, one.observed, text)
        for one, text in measure_labels(small_rubric(), Context(), chats, labels).wrong
    }
    assert wrong["promises"] == (1, "", "没办法")
    assert wrong["unanswered"] == (0, "", "能退吗")


def test_a_label_without_its_conversation_is_said(tmp_path: Path) -> None:
    labels = write(tmp_path / "l.jsonl", {"id": "lost", "closed": "open", "topic": "order"})
    with pytest.raises(InputError, match=r"l\.jsonl: conversation 'lost'"):
        measure_labels(small_rubric(), Context(), write(tmp_path / "c.jsonl", RUDE), labels)


def test_cases_are_measured(tmp_path: Path) -> None:
    cases = write(
        tmp_path / "cases.jsonl",
        {"id": "1", "family": "phrases", "expect": "fail", "conversation": RUDE},
        {"id": "2", "family": "phrases", "expect": "fail", "conversation": KIND},
        {"id": "3", "family": "tone", "expect": "not_applicable", "conversation": KIND},
    )
    phrases, tone, everything = measure_case_file(small_rubric(), Context(), cases)
    assert (phrases.right, phrases.n, phrases.wrong) == (1, 2, (("2", "fail", "pass"),))
    assert (tone.right, everything.right) == (1, 2)


def test_a_case_of_a_criterion_the_rubric_has_not_is_said(tmp_path: Path) -> None:
    case = {"id": "1", "family": "charm", "expect": "fail", "conversation": RUDE}
    with pytest.raises(InputError, match="small has no criterion 'charm'"):
        measure_case_file(small_rubric(), Context(), write(tmp_path / "cases.jsonl", case))


def rated(conversation: Conversation, **labels: object) -> object:
    return {**msgspec.to_builtins(conversation), "labels": labels}


def test_risk_is_measured_against_means_and_against_thirds(tmp_path: Path) -> None:
    means = write(tmp_path / "m.jsonl", rated(RUDE, quality_mean={"S": -1.0}), rated(KIND, quality_mean={"S": 1.5}))
    seen = measure_risk(small_rubric(), Context(), means)
    assert (seen.conversations, seen.dissatisfied) == (2, 1)
    assert seen.spearman is not None
    thirds = write(tmp_path / "t.jsonl", rated(RUDE, overall_sat3=0), rated(KIND, overall_sat3=2))
    assert measure_risk(small_rubric(), Context(), thirds).spearman is None


@pytest.mark.parametrize("labels", [{}, {"other": 1}])
def test_risk_without_satisfaction_is_said(tmp_path: Path, labels: dict[str, object]) -> None:
    with pytest.raises(InputError, match="neither"):
        measure_risk(small_rubric(), Context(), write(tmp_path / "m.jsonl", rated(RUDE, **labels)))


@pytest.mark.parametrize(
    ("content", "place"), [(b'{"id": "1"\n', r"x\.jsonl:1"), (b"\n\n[1]\n", r"x\.jsonl:3"), (None, r"x\.jsonl")]
)
def test_a_file_that_cannot_be_measured_by_is_said_with_its_line(
    tmp_path: Path, content: bytes | None, place: str
) -> None:
    path = tmp_path / "x.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=place):
        measure_case_file(small_rubric(), Context(), str(path))


# --- explaining ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ["禁语", "没办法", "说了禁语", "我帮您想想办法", "不适用"]),
        ("en", ["Forbidden words", "没办法", "forbidden words", "message 1"]),
    ],
)
def test_an_explanation_names_words_groups_limits_and_gates(language: str, said: list[str]) -> None:
    text = explained(Auditor(small_rubric(), matcher=small_matcher()), RUDE, language)  # type: ignore[arg-type]
    for words in [*said, small_rubric().name, "bad", "within_chars = 0", "queue = after_sale", "gate:queue"]:
        assert words in text, words


def test_the_arithmetic_of_an_explanation_is_that_of_the_score() -> None:
    auditor = Auditor(small_rubric(), matcher=small_matcher())
    assert "6 ÷ 14 × 100 = 42.86" in explained(auditor, RUDE, "en")
    assert auditor.audit_one(RUDE).score == 42.86

"""The shipped questions in a rubric: taken in, given back, and nobody's score is another for it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from qaplatform.audit.conversation import Conversation
from qaplatform.audit.finding import Scorecard
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.ruling import NOT_ASKED
from qaplatform.resources import shipped_file, shipped_prompts
from qaplatform.services.matcher_cache import compiled_auditor
from qaplatform.services.rubric_checking import checked
from qaplatform.services.rubric_questions import (
    SECTION_PATH,
    has_questions,
    rubric_with_questions,
    with_questions,
    without_questions,
)
from qaplatform.services.rubrics import DEFAULT_RUBRIC, context_named, rubrics_in_force
from qaplatform.services.yaml_edits import UneditableYamlError
from tests.conftest import FULL
from tests.shipped import shipped_rubric

ROOT = f"{DEFAULT_RUBRIC}.yaml"


@pytest.fixture(scope="module")
def asking() -> Rubric:
    """The shipped rubric with the section."""
    return rubric_with_questions(DEFAULT_RUBRIC)


def test_a_rubric_takes_the_section_in_and_gives_it_back_byte_for_byte(asking: Rubric) -> None:
    shipped = next(one for one in rubrics_in_force() if one.rubric.id == DEFAULT_RUBRIC)
    assert not has_questions(DEFAULT_RUBRIC, shipped.files)
    files = with_questions(DEFAULT_RUBRIC, shipped.files)
    assert files[ROOT] == shipped.files[ROOT] + "  - include: sections/questions.yaml\n"
    found = checked(DEFAULT_RUBRIC, files, shipped.rubric)
    assert not [one for one in found.problems if one.path == SECTION_PATH], "no mistake, and nothing to better"
    assert found.rubric is not None
    assert found.rubric.content_hash == asking.content_hash
    assert has_questions(DEFAULT_RUBRIC, files)
    assert with_questions(DEFAULT_RUBRIC, files) == files
    assert without_questions(DEFAULT_RUBRIC, files) == shipped.files
    assert without_questions(DEFAULT_RUBRIC, shipped.files) == shipped.files
    with pytest.raises(UneditableYamlError):
        with_questions("x", {"x.yaml": "sections: [{include: a.yaml}]"})


def test_every_shipped_prompt_is_asked_once_with_words_in_both_languages(asking: Rubric) -> None:
    questions = [one for one in asking.criteria if one.question is not None]
    assert sorted(one.question.prompt for one in questions if one.question) == sorted(shipped_prompts())
    for one in questions:
        assert (one.kind, one.critical, one.deduction) == ("question", False, 0)
        for said in (one.title, one.policy, one.better):
            assert said is not None
            assert said.zh
            assert said.en
    own = sum(one.weight for one in questions)
    assert own < sum(one.weight for one in asking.criteria) / 4, "judgement weighs less than what code can prove"


def test_a_users_rubric_that_has_the_section_or_none_is_asked_alike(tmp_path: Path, asking: Rubric) -> None:
    files = dict(rubrics_in_force()[0].files)
    for name in ("with.yaml", "without.yaml"):
        (tmp_path / name).write_text(files[ROOT], encoding="utf-8")
    with (tmp_path / "with.yaml").open("a", encoding="utf-8") as out:
        out.write("  - include: sections/questions.yaml\n")
    hashes = {rubric_with_questions(str(tmp_path / name)).content_hash for name in ("with.yaml", "without.yaml")}
    assert hashes == {asking.content_hash}


def test_audits_with_unasked_questions_score_as_before(asking: Rubric) -> None:
    context = context_named(Path(shipped_file("samples", "context.yaml")))
    lines = shipped_file("samples", "conversations.jsonl").read_bytes()
    conversations = msgspec.json.Decoder(Conversation).decode_lines(lines)[:: 1 if FULL else 4]
    assert len(conversations) >= 100
    asked = {one.id for one in asking.criteria if one.kind == "question"}

    def scores(rubric: Rubric) -> list[tuple[object, ...]]:
        cards: list[Scorecard] = list(compiled_auditor(rubric, context).audit(conversations).scorecards())
        if rubric is asking:
            mine = [one for card in cards for one in card.criteria if one.id in asked]
            assert len(mine) == len(conversations) * len(asked)
            assert {(one.outcome, one.reason) for one in mine if one.outcome == "unscored"} == {("unscored", NOT_ASKED)}
            assert {one.outcome for one in mine} == {"unscored", "not_applicable"}, "gates keep calls from being made"
        rest = [tuple(one for one in card.criteria if one.id not in asked) for card in cards]
        return [
            (card.score, card.scored_share, card.verdict, own)
            for card, own in zip(cards, rest, strict=True)
        ]  # fmt: skip

    assert scores(asking) == scores(shipped_rubric())

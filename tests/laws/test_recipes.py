"""The recipes in CONTRIBUTING.md work: the check, the criterion and the phrase groups they show, put together."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import FAIL, PASS, Check
from qaplatform.audit.context import Context
from qaplatform.audit.engine import Auditor
from qaplatform.audit.matching import Matcher
from qaplatform.audit.notation import parse_conversation
from qaplatform.audit.observing import ObserverSet
from qaplatform.audit.rubric import Rubric
from qaplatform.audit.rubric_loading import check_rubric
from qaplatform.resources import shipped_prompts

NAME = "tracking_number"
RUBRIC = """\
id: recipe
version: "1"
title: {zh: 配方, en: Recipe}
phrases: [phrases.yaml]
sections:
  - id: only
    title: {zh: 唯一, en: Only}
    criteria:
"""


@pytest.fixture(scope="module")
def blocks(repository: Path) -> dict[str, str]:
    """The recipes' code blocks: the check, the criterion, the phrase groups (tests/web/test_recipe.py has the page)."""
    text = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    check, _page = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    criterion, groups = re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    [question] = re.findall(r"^   ```yaml\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    return {"check": check, "criterion": criterion, "groups": groups, "question": question}


@pytest.fixture(scope="module")
def check(blocks: dict[str, str]) -> Check:
    """The recipe's check, as the folder of checks would find it."""
    module = ModuleType(NAME)
    exec(compile(blocks["check"], NAME, "exec"), module.__dict__)  # noqa: S102 - a block of our own document
    return Check(NAME, module.Params, module.CODES, module.check)


@pytest.fixture(scope="module")
def rubric(blocks: dict[str, str], check: Check) -> Rubric:
    """A rubric of the recipe's criterion and groups; it must load without a word of complaint."""
    texts = {
        "rubric.yaml": RUBRIC + textwrap.indent(textwrap.dedent(blocks["criterion"]), " " * 6),
        "phrases.yaml": blocks["groups"],
    }
    rubric, problems = check_rubric("rubric.yaml", texts.__getitem__, {NAME: check}, thorough=True)
    assert rubric is not None, problems
    return rubric


def test_the_recipes_check_fires_and_is_silent_where_it_says_so(
    check: Check, rubric: Rubric, blocks: dict[str, str]
) -> None:
    shown = re.search(r"^Fires:\n(.*?)^Silent:\n(.*?)^\"\"\"", blocks["check"], re.MULTILINE | re.DOTALL)
    assert shown
    conversations = [parse_conversation(shown[1]), parse_conversation(shown[2])]
    batch = Batch(conversations, Auditor(rubric).matcher, Context(), ObserverSet())
    assert check.check(batch, rubric.criteria[0].params).outcome.tolist() == [FAIL, PASS]


def test_the_recipes_example_has_the_outcome_it_names(check: Check, rubric: Rubric) -> None:
    [criterion] = rubric.criteria
    [example] = criterion.examples
    batch = Batch([example.conversation], Auditor(rubric).matcher, Context(), ObserverSet())
    found = check.check(batch, criterion.params).findings[0]
    assert [spot.code for spot in found] == [example.code]


def test_the_recipes_groups_hit_and_miss_as_they_say(rubric: Rubric) -> None:
    matcher = Matcher(rubric.phrases)
    for name, group in rubric.phrases.items():
        samples = [*group.hits, *group.misses]
        found = set(matcher.look("shop", [sample.text for sample in samples]).messages(name).tolist())
        assert found == set(range(len(group.hits))), name


def test_the_recipes_question_asks_what_there_is_a_prompt_for(blocks: dict[str, str]) -> None:
    text = RUBRIC.replace("phrases: [phrases.yaml]\n", "") + textwrap.indent(
        textwrap.dedent(blocks["question"]), " " * 4
    )
    rubric, problems = check_rubric("rubric.yaml", {"rubric.yaml": text}.__getitem__, {}, prompts=shipped_prompts())
    assert rubric is not None, problems
    assert [one.kind for one in rubric.criteria] == ["question"]

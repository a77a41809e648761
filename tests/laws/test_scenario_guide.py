"""The scenarios that both guides build step by step are whole: no mistakes, and their reference dialogues score as they must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qaplatform.exam.acts import recognise
from qaplatform.exam.references import references_played
from qaplatform.exam.scenario_loading import check_scenarios, shipped_voices
from tests.exam.standing import shipped_auditor


@pytest.mark.parametrize("guide", ["scenarios/README.md", "scenarios/guide-en.md"])
def test_the_pieces_of_a_guide_are_a_scenario_that_could_be_published(guide: str, repository: Path) -> None:
    pieces = re.findall(
        r"^```yaml\n(.*?)^```$", (repository / guide).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    text = "".join(pieces)
    id = re.match(r"id: (\S+)", text)
    assert id is not None
    scenarios, problems = check_scenarios({**shipped_voices(), f"{id[1]}.yaml": text})
    assert [str(one) for one in problems] == []
    played = references_played(scenarios[id[1]], shipped_auditor(), recognise)
    assert played is not None
    for one in (played.good, played.bad):
        assert one.fits, (one.result.service.score, one.result.task, one.result.deductions, one.state.lines)

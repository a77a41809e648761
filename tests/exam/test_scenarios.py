"""The scenarios that ship: no mistakes, and their reference dialogues score as they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from qaplatform.exam.acts import recognise
from qaplatform.exam.customer import Customer, listener_for
from qaplatform.exam.playing import reference_played
from qaplatform.exam.result import Result, result_of
from qaplatform.exam.scenario_loading import check_scenarios, folder_files, shipped_scenarios
from qaplatform.resources import shipped_folder
from tests.exam.standing import shipped_auditor, stand_in

IDS = sorted(path.stem for path in Path(shipped_folder("scenarios")).glob("*.yaml"))

SOME = [pytest.param(id, marks=[pytest.mark.full] if n % 3 else []) for n, id in enumerate(IDS)]
"""Of what each scenario's good dialogue already tells for the most part, every third one, and all of them in full."""


def reference(id: str, name: str, seed: int | None = None, *, as_marked: bool = False) -> Result:
    """A reference dialogue as it is played; ``as_marked``: what each line does is taken from its marks, not from its words."""
    scenario = shipped_scenarios()[id]
    assert scenario.references is not None
    dialogue = getattr(scenario.references, name)
    chosen = dialogue.seed if seed is None else seed
    hears = stand_in(scenario) if as_marked else recognise
    one = Customer(scenario, chosen, listener_for(scenario, shipped_auditor(), hears))
    return result_of(scenario, reference_played(one, dialogue), one.auditor)


def test_nothing_is_wrong_with_what_ships() -> None:
    scenarios, problems = check_scenarios(folder_files(shipped_folder("scenarios")))
    assert [str(one) for one in problems] == []
    assert len(scenarios) >= 24
    assert {one.level for one in scenarios.values()} == {"easy", "medium", "hard"}


@pytest.mark.parametrize(
    ("id", "as_marked"),
    [pytest.param(id, False, id=f"{id}-by its words") for id in IDS]
    + [pytest.param(one.values[0], True, id=f"{one.values[0]}-by its marks", marks=one.marks) for one in SOME],
)
def test_the_good_dialogue_passes(id: str, as_marked: bool) -> None:
    done = reference(id, "good", as_marked=as_marked)
    assert done.verdict == "passed", [item.id for item in done.task.items if not item.met]
    assert done.service.score is not None
    assert min(done.service.score, done.task.score) >= 90
    assert done.ended == "solved"


@pytest.mark.parametrize("id", SOME)
def test_it_does_not_hang_on_the_seed(id: str) -> None:
    assert reference(id, "good", 5).passed


@pytest.mark.parametrize("id", IDS)
def test_the_bad_dialogue_fails(id: str) -> None:
    done = reference(id, "bad")
    assert done.verdict == "failed"
    assert done.service.score is not None
    assert max(done.service.score, done.task.score) <= 40

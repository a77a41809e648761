"""A real small model in the customer's part: whatever it writes, the dialogue is the script's. Only under ``./test --real-model``.

What is asserted holds for any model. How many of its messages could be used is printed (``-s``); docs/llm.md has it.
"""

from __future__ import annotations

import sys

import pytest

from qaplatform.exam.figures_said import numbers_said
from qaplatform.services.training import exam_wording, llm_customer
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamCall
from tests.real_model import real_model
from tests.services.training.examined import SCENARIO, held, row, with_people
from tests.services.training.test_exam_wording import LINE, everything, open_to_models, played, said
from tests.stores import ONLY_SQLITE

pytestmark = [pytest.mark.loopback, pytest.mark.real_model]


@ONLY_SQLITE
@pytest.mark.parametrize("seconds", [llm_customer.LONGEST_SECONDS, 900.0], ids=["as shipped", "patient"])
def test_a_real_models_words_are_the_scripts_or_are_not_used(
    store: Store, real_model_url: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm_customer, "LONGEST_SECONDS", seconds)
    monkeypatch.setattr(exam_wording, "_breakers", {})  # What was too slow before is asked afresh.
    with_people(store)
    by_script = held(store, wanted=SittingWanted(purpose="practice", scenarios=(SCENARIO,)))
    open_to_models(
        store, real_model_url,
        options={"deadline_seconds": seconds, "context_tokens": 16_384, "abilities": {"json_schema": True}},
    )  # fmt: skip
    by_model = played(store)
    script, model = row(store, by_script), row(store, by_model)
    assert (model.verdict, model.task_score, model.ending) == (script.verdict, script.task_score, script.ending)
    assert model.paused_at is None, "the clock of a dialogue that has ended stands for nobody"
    calls = everything(store, ExamCall)
    for one in calls:
        lines = LINE.findall(one.prompt.rpartition("接下来")[2])
        sys.stdout.write(f"{one.seconds:.1f} s  {one.fault or 'used'}  {lines} → {one.reply}\n")
    assert calls
    assert {one.model for one in calls if one.reply} <= {real_model().MODEL_NAME}
    for one in calls:
        assert one.fault.startswith(("call:", "words:")) or (not one.fault and one.reply), one.fault
        assert not one.reply or one.prompt_tokens > 0
    original, spoken = "\n".join(said(store, by_script)), "\n".join(said(store, by_model))
    assert numbers_said(spoken, "zh") <= numbers_said(original, "zh"), "nothing invented"
    if all(one.fault for one in calls):
        assert spoken == original

"""Mistakes in scenario files, each at its place, all of them at once."""

from __future__ import annotations

import pytest

from qaplatform.audit.saying import Saying
from qaplatform.exam.scenario_loading import ScenarioError, check_scenarios, load_scenarios, shipped_voices
from qaplatform.resources import shipped_folder
from tests.exam.small import SMALL


def problems_of(text: str) -> list[str]:
    _, problems = check_scenarios({**shipped_voices(), "scenarios/small.yaml": text})
    return [str(one) for one in problems]


def test_a_scenario_without_references_is_usable_with_a_warning() -> None:
    scenarios, problems = check_scenarios({**shipped_voices(), "scenarios/small.yaml": SMALL})
    assert list(scenarios) == ["small"]
    assert [(one.severity, "reference" in one.message) for one in problems] == [("warning", True)]


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("act: offers, about: refund}]", "act: offer, about: refund}]", "22:23", "when must be apologises, asks,"),
        ("act: offers, about: refund}]", "act: offers, about: refunds}]", "22:38", "there is no topic 'refunds'; did you mean"),
        ("told: order_id", "told: order", "26:56", "there is no fact 'order'; did you mean 'order_id'"),
        ("goto: done}", "goto: end}", "22:77", "there is no step 'end'"),
        (", goto: done}", "}", "23:10", "no way leads to the step 'done'"),
        (", settled: true", "", "20:3", "no step is settled"),
        (", asks: second}", "}", "26:5", "needs 'asks'"),
        ("mood_at_least: 3,", "mood_at_least: 11,", "18:58", "is never told"),
        ("step: done}", "mood_at_least: 12}", "29:72", "this goal cannot be met"),
        ("step: done}", "step: dune}", "29:63", "there is no step 'dune'; did you mean 'done'"),
        ("fact: photo, before", "fact: foto, before", "30:66", "there is no fact 'foto'; did you mean 'photo'"),
        ("answered_by: [{act: offers}]", "answered_by: []", "14:63", "a condition is needed"),
        ("opening_asks: what_now\n", "", "13:5", "nothing ever asks the question 'what_now'"),
        ("[{thing: 杯子}, {thing: 盘子}]", "[{thing: 杯子}, {think: 盘子}]", "10:25", "every variant must fill thing"),
        ("收到的{thing}", "收到的{what}", "11:32", "no variant fills {what}"),
        ("voice: plain", "voice: plane", "7:10", "there is no voice 'plane'; did you mean 'plain'"),
        ("mood: {start: 4}", "mood: {start: 0}", "9:7", "must start above leaves_at"),
        ("{mood_at_most: 3}", "{mood_at_most: 3, mood_at_least: 5}", "25:39", "can never hold"),
        ("kind: threat, when: [{mood_at_most: 3}], says: [我要投诉]", "kind: threat, when: [{mood_at_most: 3}]", "25:5", "needs 'says'"),
        ("act: asks_for_review, fails", "fails", "34:5", "say what is forbidden"),
        ("points: 30, act: soothes", "points: 0, act: soothes", "32:57", "points must be above 0"),
        ("id: small\n", "id: tiny\n", "1:5", "id must be the name of the file"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_where_it_stands(old: str, new: str, place: str, message: str) -> None:
    assert old in SMALL
    problems = [one for one in problems_of(SMALL.replace(old, new, 1)) if message in one]
    assert problems, problems_of(SMALL.replace(old, new, 1))
    assert problems[0].startswith(f"scenarios/small.yaml:{place}: error:"), problems[0]


def test_what_is_missing_is_named_in_words_that_are_translated() -> None:
    text = SMALL.replace("step: done}", "step: dune}", 1).replace(
        "before: {act: offers}}\nrequired", "before: {fact: foto, step: dune}}\nrequired", 1
    )
    _, problems = check_scenarios({**shipped_voices(), "scenarios/small.yaml": text})
    missing = [one.message for one in problems if "there is no" in one.message]
    assert len(missing) == 3
    assert all(isinstance(one, Saying) and isinstance(one.values["what"], Saying) for one in missing)


def test_a_reaction_behind_one_that_always_comes_first_is_a_mistake() -> None:
    twice = SMALL.replace(
        "goto: done}\n", "goto: done}\n      - {when: [{act: offers, about: refund}], says: [好]}\n", 1
    )
    assert any("23:9: error: this is never reached" in one for one in problems_of(twice))


def test_all_mistakes_are_shown_at_once() -> None:
    text = SMALL.replace("about: refund}]", "about: refunds}]", 1).replace("told: order_id", "told: order", 1)
    assert len([one for one in problems_of(text) if ": error:" in one]) == 2


def test_a_folder_with_a_mistake_is_not_loaded(tmp_path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(ScenarioError, match="there is no voice 'plain'"):
        load_scenarios(tmp_path)


def test_the_guides_own_scenario_is_a_scenario() -> None:
    guide = (shipped_folder("scenarios") / "README.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in guide.split("```yaml\n")[1:]]
    scenarios, problems = check_scenarios({**shipped_voices(), "scenarios/missing-part.yaml": "".join(blocks)})
    assert [str(one) for one in problems] == []
    assert list(scenarios) == ["missing-part"]

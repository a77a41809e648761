"""Mistakes in the files the samples are built from are said with their place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qaplatform.audit.problem import SourceError
from qaplatform.samples import World, build_samples, load_world, load_written
from qaplatform.samples.building import TooFewError

FOLDER = Path(__file__).resolve().parents[1] / "samples"

DIALOGUE = """
- id: one
  story: 催发货
  shop: s1
  queue: after_sale
  day: 2026-10-13
  agents: [a01]
  customer: {tier: null, order_value: 20}
  language: zh
  slots: {product: [枕头, 被子]}
  chat: |
    customer 15:00:01 {product}发了没
    agent    15:00:20 您好，发了
"""


def text_of(path: Path) -> tuple[str, str]:
    return path.name, path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def world() -> World:
    return load_world(text_of(FOLDER / "world.yaml"), text_of(FOLDER / "context.yaml"))


def test_one_dialogue_cannot_become_four_hundred(world):
    with pytest.raises(TooFewError, match="conversations so far"):
        build_samples(load_written([("x.yaml", DIALOGUE)]), world, seed=1)


@pytest.mark.parametrize(
    ("old", "new", "place", "reason"),
    [
        ("queue: after_sale", "queue: nowhere", "x.yaml:5:10", "queue must be"),
        ("  story", "  sotry", "x.yaml:3:3", "unknown key 'sotry'"),
        ("{product}发", "{goods}发", "x.yaml:2:3", "differ"),
        ("language: zh", "language: zh\n  csat: 6", "x.yaml:2:3", "csat must be from 1 to 5"),
        ("agents: [a01]", "agents: []", "x.yaml:2:3", "agents is empty"),
    ],
)
def test_a_mistake_in_a_written_file_is_said_with_its_place(old, new, place, reason):
    assert old in DIALOGUE
    with pytest.raises(SourceError) as caught:
        load_written([("x.yaml", DIALOGUE.replace(old, new))])
    assert f"{place}: error:" in str(caught.value)
    assert reason in str(caught.value)


def test_an_id_that_stands_in_two_files_is_refused():
    with pytest.raises(SourceError, match=r"y\.yaml:2:3: error: id 'one' stands twice"):
        load_written([("x.yaml", DIALOGUE), ("y.yaml", DIALOGUE)])


def test_agents_without_habits_are_refused():
    name, text = text_of(FOLDER / "world.yaml")
    without = re.sub(r"  a01: .*\n", "", text)
    with pytest.raises(SourceError, match="agents differ from the context's: \\['a01'\\]"):
        load_world((name, without), text_of(FOLDER / "context.yaml"))

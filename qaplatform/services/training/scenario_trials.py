"""Trying a scenario out, move by move, with nothing stored; and writing what was played down as its reference dialogue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

import msgspec
from sqlalchemy.orm import Session

from qaplatform.errors import QAPlatformError
from qaplatform.exam.dialogue import Done, Line, Seen
from qaplatform.exam.result import Result, result_of
from qaplatform.exam.scenario import Panel, PanelEntry, Reference, Scenario
from qaplatform.exam.turns import Move, Turn, as_reference, stopped, turned
from qaplatform.exam.wording import filled, variant
from qaplatform.services.training.scenario_checking import live_customer
from qaplatform.services.yaml_edits import UneditableYamlError, YamlText

MOST_MOVES = 60
MOST_CHARS = 1000
Which = Literal["good", "bad"]


class TrialTooLongError(QAPlatformError):
    """A trial has 60 moves of 1,000 characters at most; begin anew."""

    code: ClassVar[str] = "scenarios.trial_too_long"


class TrialUnjudgedError(QAPlatformError):
    """No rubric in force judges conversations such as this scenario's; change its queue or the rubric's scope."""

    code: ClassVar[str] = "scenarios.unjudged"


class TriedLine(msgspec.Struct, frozen=True):
    """A message of a trial, with what the customer read in it."""

    line: Line
    acts: tuple[Done, ...] = ()
    signs: tuple[Seen, ...] = ()
    is_unread: bool = False
    is_heard: bool = True


class Trial(msgspec.Struct, frozen=True):
    """A trial as far as it has come."""

    turn: Turn
    lines: tuple[TriedLine, ...]
    panel: Panel
    result: Result | None
    """Once it has ended."""

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self.turn.state.ended is not None


def tried(
    session: Session, scenario: Scenario, moves: Sequence[Move], *, seed: int, is_over: bool, now: datetime
) -> Trial:
    """Play all moves from the beginning; ``is_over``: the candidate ends it after them.

    Raises:
        TrialTooLongError: these are too many, or too long.
        TrialUnjudgedError: no rubric applies.
    """
    if len(moves) > MOST_MOVES or any(len(one.text) > MOST_CHARS for one in moves):
        raise TrialTooLongError
    customer = live_customer(session, scenario, seed, now)
    if customer is None:
        raise TrialUnjudgedError
    turn = turned(customer, moves)
    if is_over:
        turn = stopped(customer, turn)
    state = turn.state
    lines = tuple(
        TriedLine(
            line,
            tuple(one for one in state.acts if one.line == number),
            tuple(one for one in state.signs if one.line == number),
            is_unread=number in state.unread,
            is_heard=number not in state.unheard,
        )
        for number, line in enumerate(state.lines)
    )
    result = None if state.ended is None else result_of(scenario, state, customer.auditor)
    return Trial(turn, lines, panel_of(scenario, seed), result)


def panel_of(scenario: Scenario, seed: int) -> Panel:
    """The side panel with this seed's names and figures."""
    slots = variant(scenario, seed)

    def told(entries: tuple[PanelEntry, ...]) -> tuple[PanelEntry, ...]:
        return tuple(PanelEntry(one.title, filled(one.text, slots)) for one in entries)

    panel = scenario.panel
    return Panel(told(panel.order), told(panel.logistics), told(panel.policy))


def with_reference(text: str, which: Which, moves: Sequence[Move], turn: Turn) -> str:
    """A scenario's text with what was played as its good or bad reference dialogue; the rest stays as it was.

    Raises:
        UneditableYamlError: the references are written in a way that cannot be changed without disturbing the rest.
    """
    block = _written(which, as_reference(moves, turn))
    yaml = YamlText(text)
    lines = text.splitlines()
    if yaml.find(["references"]) is None:
        other = "bad" if which == "good" else "good"
        return "\n".join([*lines, "references:", *block, f"  {other}: {{replies: []}}", ""])
    if yaml.find(["references", which]) is None:
        raise UneditableYamlError
    first, last = yaml.lines_of(["references", which])
    key = next((at for at in range(first, 0, -1) if lines[at - 1].strip().startswith(f"{which}:")), None)
    if key is None or not lines[key - 1].startswith("  "):
        raise UneditableYamlError
    return "\n".join([*lines[: key - 1], *block, *lines[last:], ""])


def _written(which: Which, reference: Reference) -> list[str]:
    """A reference dialogue as lines of YAML, two spaces in."""
    out = [f"  {which}:"]
    if reference.seed != 1:
        out.append(f"    seed: {reference.seed}")
    out.append("    replies:" + ("" if reference.replies else " []"))
    for reply in reference.replies:
        acts = f", acts: [{', '.join(reply.acts)}]" if reply.acts else ""
        says = json.dumps(reply.says, ensure_ascii=False)
        out.append(f"      - {{after_seconds: {reply.after_seconds}, says: {says}{acts}}}")
    return out

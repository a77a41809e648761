"""A stored dialogue, ready to be played on: its scenario as it was kept, its customer, its state.

The state is a pure function of scenario, seed and the candidate's messages with their seconds. What the database holds of
it is a cache; what this process keeps of it is another: looking at a dialogue goes on from the last look.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from qaplatform.audit.rubric import Rubric
from qaplatform.exam.customer import Customer
from qaplatform.exam.dialogue import State
from qaplatform.exam.playing import played, reference_played
from qaplatform.exam.scenario import Scenario
from qaplatform.services.newest import Newest
from qaplatform.services.rubric_versions import rubric_of
from qaplatform.services.training.exam_hearing import listener_of
from qaplatform.store.rubric_releases import files_of_versions
from qaplatform.store.training.exams import Said, Sitting, StoredDialogue, messages_of
from qaplatform.store.training.versions import kept_version

_log = logging.getLogger(__name__)
_scenarios: Newest[Scenario] = Newest(128)
_looked: Newest[tuple[int, State]] = Newest(1024)


class Played:
    """A dialogue that can be looked at and gone on with."""

    def __init__(self, dialogue: StoredDialogue, customer: Customer, state: State, rubric: Rubric) -> None:
        self.dialogue, self.customer, self.state, self.rubric = dialogue, customer, state, rubric
        self._key = (rubric.content_hash, customer.scenario.content_hash, state)

    @property
    def scenario(self) -> Scenario:
        """Its scenario, as it was when the sitting began."""
        return self.customer.scenario

    def until(self, second: int) -> State:
        """The dialogue at a second."""
        known = _looked.get(self._key)
        begun = known[1] if known is not None and known[0] <= second else self.state
        state = self.customer.until(begun, second)
        if state is not begun:
            _looked.put(self._key, (second, state))
        return state

    def write(self, text: str, second: int) -> State:
        """The dialogue once the candidate has sent something."""
        return self.customer.write(self.until(second), text, second)

    def stop(self, second: int) -> State:
        """The dialogue once the candidate has hung up."""
        state = self.until(second)
        last = state.lines[-1].at_seconds if state.lines else 0
        return self.customer.stop(state, max(second, last))


def played_of(session: Session, sitting: Sitting, dialogue: StoredDialogue) -> Played | None:
    """A dialogue as it was stored last; ``None`` where its scenario or rubric is gone, or this release cannot read it."""
    scenario, rubric = scenario_of(session, dialogue), rubric_of_sitting(session, sitting)
    if scenario is None or rubric is None:
        return None
    customer = Customer(scenario, dialogue.seed, listener_of(rubric, scenario))
    try:
        state = msgspec.convert(dialogue.state, State)
    except msgspec.ValidationError:
        _log.warning("dialogue %d: its state is of another release and is played again", dialogue.id)
        again = _played_again(session, sitting, dialogue, customer)
        if again is None:
            return None
        state = again
    return Played(dialogue, customer, state, rubric)


def _played_again(session: Session, sitting: Sitting, dialogue: StoredDialogue, customer: Customer) -> State | None:
    """The dialogue played from what the candidate wrote, with the words a model gave the customer as they are kept.

    ``None`` where that is another dialogue than the one that was held.
    """
    kept = messages_of(session, dialogue.id)
    said = [(one.at_seconds, one.text) for one in kept if one.by == "candidate"]
    if sitting.customer == "llm":
        words = {one.number: one.text for one in kept if one.by == "customer"}
        listener = listener_of(customer.auditor.rubric, customer.scenario)
        customer = Customer(customer.scenario, customer.seed, listener, worded=words)
    state = customer.until(played(customer, said), max((one.at_seconds for one in kept), default=0))
    if sitting.customer == "llm" and not agrees(state, kept):
        return None
    return state


def agrees(state: State, kept: Sequence[Said]) -> bool:
    """Whether the messages that are kept are the beginning of a state's dialogue, word for word."""
    held = [(one.by, one.text, one.kind) for one in kept]
    return held == [(one.by, one.text, one.kind) for one in state.lines[: len(held)]]


def as_kept(value: msgspec.Struct) -> dict[str, Any]:
    """A struct as the database keeps it."""
    kept: dict[str, Any] = msgspec.to_builtins(value)
    return kept


def scenario_of(session: Session, dialogue: StoredDialogue) -> Scenario | None:
    """The scenario a dialogue is played by."""
    key = (dialogue.version_id, dialogue.scenario_hash)
    known = _scenarios.get(key)
    if known is not None:
        return known
    version = kept_version(session, dialogue.version_id)
    if version is None or not version.content:
        return None
    try:
        return _scenarios.put(key, msgspec.convert(version.content, Scenario))
    except msgspec.ValidationError:
        _log.warning("the kept scenario %s cannot be read by this release", dialogue.scenario, exc_info=True)
        return None


def rubric_of_sitting(session: Session, sitting: Sitting) -> Rubric | None:
    """The rubric that judges a sitting."""

    def files() -> Mapping[str, str] | None:
        return files_of_versions(session, [sitting.rubric_hash]).get(sitting.rubric_hash)

    return rubric_of(sitting.rubric_hash, sitting.rubric, files)


def reference_lines(rubric: Rubric, scenario: Scenario) -> State | None:
    """The good reference dialogue, played; ``None`` where the scenario has none."""
    if scenario.references is None:
        return None
    good = scenario.references.good
    customer = Customer(scenario, good.seed, listener_of(rubric, scenario, knows_references=False))
    key = ("reference", rubric.content_hash, scenario.content_hash)
    known = _looked.get(key)
    if known is None:
        known = _looked.put(key, (0, reference_played(customer, good)))
    return known[1]

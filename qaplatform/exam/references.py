"""A scenario's reference dialogues, played and judged: the good one must reach 90 points, the bad one at most 40."""

from __future__ import annotations

import msgspec

from qaplatform.audit.engine import Auditor
from qaplatform.exam.customer import Customer, listener_for
from qaplatform.exam.dialogue import State
from qaplatform.exam.hearing import Recognise
from qaplatform.exam.playing import reference_played
from qaplatform.exam.result import Result, result_of
from qaplatform.exam.scenario import Scenario

GOOD_AT_LEAST = 90.0
BAD_AT_MOST = 40.0


class PlayedReference(msgspec.Struct, frozen=True):
    """A reference dialogue as it went."""

    state: State
    result: Result
    fits: bool
    """Whether service and task score are where this one's must be, and the verdict is."""


class PlayedReferences(msgspec.Struct, frozen=True):
    """Both of them."""

    good: PlayedReference
    bad: PlayedReference

    @property
    def fit(self) -> bool:
        """Whether both do what they are for."""
        return self.good.fits and self.bad.fits


def references_played(scenario: Scenario, auditor: Auditor, recognise: Recognise) -> PlayedReferences | None:
    """Play and judge both; ``None`` where the scenario has none or one of them says nothing."""
    if scenario.references is None or not (scenario.references.good.replies and scenario.references.bad.replies):
        return None
    listener = listener_for(scenario, auditor, recognise)
    played = []
    for is_good, reference in ((True, scenario.references.good), (False, scenario.references.bad)):
        customer = Customer(scenario, reference.seed, listener)
        state = reference_played(customer, reference)
        result = result_of(scenario, state, customer.auditor)
        played.append(PlayedReference(state, result, _fits(result, is_good=is_good)))
    return PlayedReferences(*played)


def _fits(result: Result, *, is_good: bool) -> bool:
    service, task = result.service.score, result.task.score
    if service is None:
        return False
    if is_good:
        return result.passed and min(service, task) >= GOOD_AT_LEAST
    return result.verdict == "failed" and max(service, task) <= BAD_AT_MOST

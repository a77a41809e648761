"""Plays reference dialogues and prints a hash of every byte said: run by many processes, all must print the same."""

from __future__ import annotations

import hashlib
import sys

import msgspec

from qaplatform.exam.customer import Customer, listener_for
from qaplatform.exam.playing import reference_played
from qaplatform.exam.scenario_loading import shipped_scenarios
from tests.exam.standing import shipped_auditor, stand_in


def main(count: int) -> None:
    digest = hashlib.sha256()
    scenarios = [one for _, one in sorted(shipped_scenarios().items())]
    for number in range(count):
        scenario = scenarios[number % len(scenarios)]
        assert scenario.references is not None
        dialogue = scenario.references.good if number % 3 else scenario.references.bad
        one = Customer(scenario, number, listener_for(scenario, shipped_auditor(), stand_in(scenario)))
        digest.update(msgspec.json.encode(reference_played(one, dialogue)))
    sys.stdout.write(digest.hexdigest())


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""A program that hears a reply in a process beside it: says that process's number, then does nothing until it is killed."""

from __future__ import annotations

import multiprocessing
import sys
import time

from qaplatform.exam.customer import Customer
from qaplatform.exam.playing import played
from qaplatform.services.rubric_versions import in_force
from qaplatform.services.training.exam_hearing import hear_beside, listener_of
from tests.services.training.examined import GOOD, scenario


def main() -> None:
    hear_beside()
    played(Customer(scenario(), 1, listener_of(in_force()[0], scenario())), GOOD[:1], until_seconds=60)
    (beside,) = multiprocessing.active_children()
    sys.stdout.write(f"{beside.pid}\n")
    sys.stdout.flush()
    time.sleep(600)

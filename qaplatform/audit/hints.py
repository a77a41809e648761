"""Hints: criteria whose findings are shown and count for nothing, because they are wrong too often to take points off.

Where a hint applies its outcome is ``unscored`` with the reason ``hint``, with findings or without: so it is no failure in
any list or figure, fails no conversation, and has no points (:mod:`qaplatform.audit.scoring`) that the scored share could
miss.
"""

from __future__ import annotations

import msgspec
import numpy as np

from qaplatform.audit.checking import FAIL, PASS, UNSCORED, Outcomes
from qaplatform.audit.rubric import Rubric

HINT = "hint"
"""The reason of a hint's outcome."""


def made_hint(outcomes: Outcomes) -> None:
    """Take a check's answer for a hint: neither passed nor failed."""
    judged = (outcomes.outcome == PASS) | (outcomes.outcome == FAIL)
    outcomes.reasons.update(dict.fromkeys(np.flatnonzero(judged).tolist(), HINT))
    outcomes.outcome[judged] = UNSCORED


def without_hints(rubric: Rubric) -> Rubric:
    """The rubric with hints that judge, to try what a check says: examples, labelled cases."""
    if not any(one.hint for one in rubric.criteria):
        return rubric
    sections = tuple(
        msgspec.structs.replace(
            section, criteria=tuple(msgspec.structs.replace(one, hint=False) for one in section.criteria)
        )
        for section in rubric.sections
    )
    return msgspec.structs.replace(rubric, sections=sections)

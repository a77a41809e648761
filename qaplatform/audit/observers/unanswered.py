"""Which of the customer's questions or requests did nobody of the shop ever respond to?

Why: a chat that ends with an open question is not closed, whatever was said before. Source: D6 [H2], the labelling
guideline: a wrong or evasive answer is still a response, so only messages after the shop's last human word qualify.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Ints
from qaplatform.audit.observing import ObserverParams


class Params(ObserverParams, frozen=True):
    """What a real question or request looks like."""

    questions: tuple[str, ...] = ("ask/question",)
    farewells: tuple[str, ...] = ("end/thanks", "end/no_more", "end/ok")
    min_letters: int = 3
    """Letters and digits below which a message is no question of its own (a lone ?)."""


def observe(batch: Batch, params: Params) -> Ints:
    """Rows of unanswered customer messages, ascending."""
    after_last = batch.is_customer & (batch.next_human >= batch.end_of)
    asked = after_last & batch.has(*params.questions) & (batch.letters >= params.min_letters)
    rows: Ints = np.flatnonzero(asked & ~batch.has(*params.farewells)).astype(np.int64)
    return rows

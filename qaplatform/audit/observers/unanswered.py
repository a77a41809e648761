"""Which of the customer's questions or requests did nobody of the shop ever respond to?

Why: a chat that ends with an open question is not closed, whatever was said before. Source: D6 [H2], the labelling
guideline: a wrong or evasive answer is still a response, so only messages after the shop's last human word qualify.

A question that reproaches (有用吗, 你就不能…吗) wants no answer, and one the customer goes on from to tell what the
shop had asked for (我的型号吗?我的是…) is part of an answer. Thanks and farewells are none unless they ask outright.
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch, Ints
from qaplatform.audit.observing import ObserverParams


class Params(ObserverParams, frozen=True):
    """What a real question or request looks like."""

    questions: tuple[str, ...] = ("ask/real",)
    outright: tuple[str, ...] = ("ask/outright",)
    reproaches: tuple[str, ...] = ("ask/reproach",)
    tells: tuple[str, ...] = ("ask/then_tells",)
    farewells: tuple[str, ...] = ("end/thanks", "end/no_more", "end/ok")
    min_letters: int = 3
    """Letters and digits below which a message is no question of its own (a lone ?)."""


def observe(batch: Batch, params: Params) -> Ints:
    """Rows of unanswered customer messages, ascending."""
    late = batch.is_customer & (batch.next_human >= batch.end_of) & (batch.letters >= params.min_letters)
    batch.has(*params.questions, *params.outright, *params.reproaches, *params.tells, within=late)
    late &= batch.has(*params.questions, *params.outright, within=late)
    late &= ~batch.has(*params.reproaches, *params.tells, within=late)
    late &= ~batch.has(*params.farewells) | batch.has(*params.outright, within=late)
    rows: Ints = np.flatnonzero(late).astype(np.int64)
    return rows

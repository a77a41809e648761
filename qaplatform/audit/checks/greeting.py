"""Does the first human turn greet the customer or introduce the agent?

Why: whoever is greeted knows that a person is there and who it is; a bot's greeting says neither.
Source: D9 [H4] (greet and introduce oneself).

Not applicable where no human answered, where the shop opened the conversation, and where it begins with a
transfer (the greeting was the first agent's).

Fires:
    customer 10:00:00 这款还有货吗
    agent    10:00:12 有
Silent:
    customer 10:00:00 这款还有货吗
    agent    10:00:12 您好,有的呢
"""

from __future__ import annotations

import numpy as np

from qaplatform.audit.batch import Batch
from qaplatform.audit.checking import CheckParams, Outcomes, judge, whole

CODES = ("no_greeting",)


class Params(CheckParams, frozen=True):
    """Phrase groups that greet or introduce."""

    greeting_groups: tuple[str, ...] = ("greeting",)


def check(batch: Batch, params: Params) -> Outcomes:
    """Fail with ``no_greeting`` on the first human message where no message of its turn greets.

    The turn ends with the customer's next message or a transfer.
    """
    first = batch.first_in_conversation(batch.is_human)
    customer = batch.first_in_conversation(batch.is_customer)
    transfer = batch.first_in_conversation(batch.is_transfer)
    applies = (first >= 0) & (customer >= 0) & (customer < first) & ~((transfer >= 0) & (transfer < customer))
    begin = first[np.flatnonzero(applies)]
    end = batch.next_of(batch.is_customer | batch.is_transfer)[begin]
    # Each turn adds one at its first message and takes it back at its end.
    turns = np.zeros(len(batch.messages) + 1, np.int64)
    turns[begin] = 1
    turns[end] -= 1
    turn = (np.cumsum(turns[:-1]) > 0) & batch.is_human
    greets = np.concatenate([[0], np.cumsum(batch.has(*params.greeting_groups, within=turn))])
    missing = greets[end] == greets[begin]
    return judge(batch, [whole(batch, row, "no_greeting") for row in begin[missing].tolist()], applies=applies)

"""What is the conversation about? The tag of the three-level tree whose words weigh most.

Why: complaints are counted by topic, gates of criteria depend on it, and people are compared on the same
topics only. Source: D11 [H2]; the weights are ours [o].

Every message in which a tag's words stand counts once for the tag. The customer's words count more than the
shop's, and the first messages about anything at all most: what a person comes with, comes first. A first level's own
words are general (快递 also stands in a cancellation), those below it name what is wanted, so they weigh more. The
first level is chosen by the sum over its subtree, then the deepest and heaviest tag below it with words here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Bools
from qaplatform.audit.observing import ObserverParams, SeenTopics

_FALLBACK = "other"


class Params(ObserverParams, frozen=True):
    """How much a message counts for the tags whose words stand in it."""

    prefix: str = "topic/"
    customer_weight: float = 1.0
    shop_weight: float = 0.25
    opening_weight: float = 2.0
    """The customer's first message about anything counts this many times more; each further one less."""
    general_share: float = 0.4
    """What a first level's own words add, as a share of those below it."""
    first_level_weight: Mapping[str, float] = {}
    """Multipliers by first level, 1 where absent."""


def observe(batch: Batch, params: Params) -> SeenTopics:
    """The topic of each conversation; ``("other",)`` where no tag's words stand in it."""
    names = [name for name in batch.matcher.names if name.startswith(params.prefix)]
    paths = [tuple(name[len(params.prefix) :].split("/")) for name in names]
    weight = _weights(batch, params, batch.has(*names))
    scores = np.zeros((len(batch), len(names)))
    for column, name in enumerate(names):
        rows = np.flatnonzero(batch.has(name))
        if rows.size:
            scores[:, column] = np.bincount(batch.conversation[rows], weight[rows], minlength=len(batch))
    firsts = list(dict.fromkeys(path[0] for path in paths))
    totals = np.zeros((len(batch), max(len(firsts), 1)))
    for column, path in enumerate(paths):
        share = (params.general_share if len(path) == 1 else 1.0) * params.first_level_weight.get(path[0], 1.0)
        totals[:, firsts.index(path[0])] += scores[:, column] * share
    best = totals.argmax(axis=1)
    nothing = totals.max(axis=1) <= 0
    # Within the first level the deepest tag wins among those with words here; then the heaviest.
    depth = np.asarray([len(path) for path in paths], np.float64)
    first_of = np.asarray([firsts.index(path[0]) for path in paths], np.int64)
    inside = (first_of[None, :] == best[:, None]) & (scores > 0)
    leaf = np.where(inside, depth * 1e6 + scores, -1.0).argmax(axis=1) if names else np.zeros(len(batch), np.int64)
    topic = np.where(nothing, len(paths), leaf)
    return SeenTopics(topic, (*paths, (_FALLBACK,)))


def _weights(batch: Batch, params: Params, topical: Bools) -> NDArray[np.float64]:
    """By message: the customer's opening most, then the customer's, then the shop's; notes and bots nothing."""
    telling = batch.is_customer & topical
    count = np.cumsum(telling)
    before = np.concatenate([[0], count])[batch.begin[batch.conversation]]
    weight = np.where(telling, params.customer_weight + params.opening_weight / np.maximum(count - before, 1), 0.0)
    weight[batch.is_human] = params.shop_weight
    return weight

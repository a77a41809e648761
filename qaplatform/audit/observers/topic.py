"""What is the conversation about? The tag of the three-level tree whose words weigh most.

Why: complaints are counted by topic, gates of criteria depend on it, and people are compared on the same
topics only. Source: D11 [H2]; the weights are ours [o].

What a person comes with comes first: a customer's message in which a tag's words stand counts for the tag, the first
message about anything most, each further one less. A first level's own words pass by in many chats (快递 also stands in
a cancellation), the second level names the matter and the third says what is wanted of it, so depth weighs. The
first level is chosen by the sum over its subtree; within it the deepest tag that carries a good share of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Ints
from qaplatform.audit.observing import ObserverParams, SeenTopics

_FALLBACK = "other"
Floats = NDArray[np.float64]


class Params(ObserverParams, frozen=True):
    """How much a message counts for the tags whose words stand in it."""

    prefix: str = "topic/"
    later_weight: float = 0.3
    """What any message of the customer counts."""
    opening_weight: float = 1.8
    """What the customer's first message about anything counts more; the n-th gets an n-th of it."""
    depth_weights: tuple[float, ...] = (0.4, 1.0, 1.2)
    """By a tag's depth in the tree, from the first level; deeper ones weigh like the last."""
    first_level_weights: Mapping[str, float] = msgspec.field(
        default_factory=lambda: {"complaint": 0.8, "product": 0.85}
    )
    """Multipliers by first level, 1 where absent: anger and names of things stand in chats about anything."""


def observe(batch: Batch, params: Params) -> SeenTopics:
    """The topic of each conversation; ``("other",)`` where no tag's words stand in it."""
    names, columns, rows = batch.family(params.prefix)
    paths = [tuple(name[len(params.prefix) :].split("/")) for name in names]
    if not paths:
        return SeenTopics(np.zeros(len(batch), np.int64), ((_FALLBACK,),))
    said = batch.is_customer[rows]
    columns, rows = columns[said], rows[said]
    depth = np.minimum(np.asarray([len(path) for path in paths]), len(params.depth_weights))
    share = np.asarray(params.depth_weights, np.float64)[depth - 1]
    share *= [params.first_level_weights.get(path[0], 1.0) for path in paths]
    firsts = list(dict.fromkeys(path[0] for path in paths))
    first_of = np.asarray([firsts.index(path[0]) for path in paths])
    counts = _turns(batch, params, rows)
    totals = _totals(batch, rows, first_of[columns], counts[rows] * share[columns], len(firsts))
    scores = _summed(batch.conversation[rows], columns, counts[rows] * share[columns], (len(batch), len(paths)))
    inside = np.where(first_of == totals.argmax(axis=1)[:, None], scores, 0.0)
    topic = np.where(totals.max(axis=1) > 0, inside.argmax(axis=1), len(paths))
    return SeenTopics(topic, (*paths, (_FALLBACK,)))


def _summed(first: Ints, second: Ints, weight: Floats, shape: tuple[int, int]) -> Floats:
    """Sums of ``weight`` by two indices."""
    total = np.bincount(first * shape[1] + second, weight, minlength=shape[0] * shape[1])
    return np.asarray(total.reshape(shape), np.float64)


def _totals(batch: Batch, rows: Ints, firsts: Ints, weight: Floats, width: int) -> Floats:
    """By conversation and first level: the heaviest word of each message, summed over the messages."""
    order = np.lexsort((weight, rows * width + firsts))
    key = (rows * width + firsts)[order]
    heaviest = np.flatnonzero(np.diff(key, append=-1))
    place, weight = key[heaviest], weight[order][heaviest]
    return _summed(batch.conversation[place // width], place % width, weight, (len(batch), width))


def _turns(batch: Batch, params: Params, rows: Ints) -> Floats:
    """By message what it counts: the customer's first message about anything most."""
    telling = np.zeros(len(batch.texts), np.bool_)
    telling[rows] = True
    count = np.cumsum(telling)
    before = np.concatenate([[0], count])[batch.begin[batch.conversation]]
    weight: Floats = params.later_weight + params.opening_weight / np.maximum(count - before, 1)
    return weight

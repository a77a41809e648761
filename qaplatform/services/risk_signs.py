"""What in a model is most telling, in words a page may show.

An n-gram is shown only in a spelling that stands in five conversations of five customers at least, without digits: nothing that
one customer alone wrote can be read from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from qaplatform.audit.batch import Batch, Ints
from qaplatform.services.risk_features import BLOCKS, LONGEST_GRAM, SLOT_BITS, Features, Floats, Looking, slots_of
from qaplatform.services.risk_models import RiskModel, Sign

MOST_SIGNS = 12
"""So many are told that raise the risk, and as many that lower it."""
MIN_CUSTOMERS = 5
_CANDIDATES = 150
"""So many slots of a block are looked at for n-grams that may be shown."""

Spellings = dict[tuple[str, int], dict[str, tuple[set[int], set[int]]]]
"""By block and slot: each spelling with the conversations and the customers that have it."""


def telling_signs(
    model: RiskModel, features: Features, batches: Sequence[tuple[Ints, Batch]], customer: Ints
) -> tuple[Sign, ...]:
    """The most telling features, strongest first.

    ``batches`` are those the features come from, each with the places of its conversations among the features.
    """
    pulls = {block: _pulls(model, block, features) for block in BLOCKS}
    wanted = {
        block: model.words[block].slot[np.sort(np.argsort(-np.abs(pull), kind="stable")[:_CANDIDATES])]
        for block, pull in pulls.items()
    }
    spellings = _spellings(batches, wanted, customer)
    signs = [*_words(model, pulls, spellings), *_numbers(model, features)]
    signs.sort(key=lambda one: (-abs(one.weight), one.where, one.what))
    raising = _without_repeats(one for one in signs if one.weight > 0)
    lowering = _without_repeats(one for one in signs if one.weight < 0)
    return (*raising, *lowering)


def _pulls(model: RiskModel, block: str, features: Features) -> Floats:
    """By how much points vary by each n-gram: its weight times the spread of its value."""
    words, grams = model.words[block], features.grams[block]
    place = model.tables[block][grams.slot]
    share = np.bincount(place[place >= 0], minlength=words.slot.size) / max(features.count, 1)
    length = np.sqrt(max(np.count_nonzero(place >= 0) / max(features.count, 1), 1.0))
    return np.asarray(words.weight * words.rarity * np.sqrt(share * (1 - share)) / length)


def _spellings(
    batches: Sequence[tuple[Ints, Batch]], wanted: Mapping[str, NDArray[np.int32]], customer: Ints
) -> Spellings:
    out: Spellings = {}
    masks = {block: np.zeros(1 << SLOT_BITS, np.bool_) for block in BLOCKS}
    for block, slots in wanted.items():
        masks[block][slots] = True
    for places, batch in batches:
        looking = Looking(batch)
        for size in range(2, LONGEST_GRAM + 1):
            begins = looking.places(size)
            hashes, message = looking.hashes(size, begins), looking.message[begins]
            for block, mask in looking.blocks.items():
                found = slots_of(block, hashes)
                for number in np.flatnonzero(mask[message] & masks[block][found]).tolist():
                    text = looking.text(int(begins[number]), size)
                    spelt = out.setdefault((block, int(found[number])), {}).setdefault(text, (set(), set()))
                    place = int(places[batch.conversation[message[number]]])
                    spelt[0].add(place)
                    spelt[1].add(int(customer[place]))
    return out


def _words(model: RiskModel, pulls: Mapping[str, Floats], spellings: Spellings) -> Iterator[Sign]:
    for (block, slot), spelt in spellings.items():
        # Of several n-grams in one slot the most frequent one speaks for it.
        text, (conversations, customers) = max(spelt.items(), key=lambda item: (len(item[1][0]), item[0]))
        if min(len(conversations), len(customers)) >= MIN_CUSTOMERS and _may_be_shown(text):
            weight = float(pulls[block][model.tables[block][slot]])
            yield Sign(block, text, round(weight, 5), len(conversations))


def _may_be_shown(text: str) -> bool:
    return text == text.strip() and all(one.isalpha() for one in text)


def _numbers(model: RiskModel, features: Features) -> Iterator[Sign]:
    numbers = model.numbers
    for name, factor, weight in zip(numbers.names, numbers.factor, numbers.weight, strict=True):
        column = features.numbers[name]
        pull = float(factor) * float(weight) * float(column.std())
        yield Sign("number", name, round(pull, 5), int(np.count_nonzero(column)))


def _without_repeats(signs: Iterator[Sign]) -> list[Sign]:
    """The first of them; n-grams that are part of one another are told once."""
    out: list[Sign] = []
    for one in signs:
        if one.where != "number" and any(
            other.where != "number" and (one.what in other.what or other.what in one.what) for other in out
        ):
            continue
        out.append(one)
        if len(out) == MOST_SIGNS:
            break
    return out
